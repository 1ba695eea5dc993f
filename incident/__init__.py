"""The incident of 2013, replayed on the simulated vCenter: the same VMs on LUNs cut as they were then, and as Mailstead sizes them.

Time is the simulator's own and only moves when told to, so days pass in seconds and every replay ends the same. Deliberately
knows nothing of a real vCenter: it takes snapshots until a datastore is full, and breaks storage networks.
"""

from incident.model import Fabrics, Forgotten, Moment, Replay, Stop, Story
from incident.replays import story

__all__ = ["Fabrics", "Forgotten", "Moment", "Replay", "Stop", "Story", "story"]
