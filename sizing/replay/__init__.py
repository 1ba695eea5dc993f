"""What happens, hour by hour: the same platform lived through for many possible years from today.

Mail arrives at random, spam storms come, what mail is delivered to goes down and the queue fills and drains, backup takes snapshots, holds
them, forgets some and consolidates. It is what `sizing` and `sizing.risk` are checked against, so it shares their inputs and constants and
nothing of their arithmetic. Deliberately slow and without quantiles: it tells the peaks of each year.
"""

from sizing.replay.lived import Replay, replay

__all__ = ["Replay", "replay"]
