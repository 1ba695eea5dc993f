"""What a person should know of sizes that stand: sentences that refuse nothing."""

from collections.abc import Iterator

from config.platform import Platform
from sizing import memory, queues, snapshots
from sizing.filling import filling
from sizing.filling import told as filling_told
from sizing.model import Sizing
from sizing.queueing import scanning
from sizing.queueing import told as scanning_told
from sizing.units import HOURS_PER_DAY, show


def notes(platform: Platform, sizing: Sizing) -> tuple[str, ...]:
    """Whether scanners keep up, both needs of mailboxes, how long queues last, what would not fit beside ClamAV, what a short hold leaves
    out, and deltas that are taken as smaller than they can be.
    """
    told = scanning_told(scanning(platform)), filling_told(filling(platform))
    return (
        *told,
        *queues.told(platform, sizing),
        *memory.told(sizing.memory),
        *_short_hold(platform, sizing),
        *snapshots.told(platform.storage.overheads, sizing.disks),
    )


def _short_hold(platform: Platform, sizing: Sizing) -> Iterator[str]:
    """A hold of less than a day has no room for a snapshot that nobody finds before the next day (2013: one was forgotten)."""
    hours = platform.snapshots.hold_hours
    if hours >= HOURS_PER_DAY:
        return
    yield f"Snapshots are planned to be gone after {show(hours)} h: one that is found a day later is not planned for. " + _within_a_day(
        sizing
    )


def _within_a_day(sizing: Sizing) -> str:
    full = [s for s in sizing.datastores if s.hours_to_full is not None and s.hours_to_full < HOURS_PER_DAY]
    if not full:
        return f"No LUN would be full within {HOURS_PER_DAY} h."
    return "Forgotten, snapshots fill " + ", ".join(f"{s.name} after {s.hours_to_full:.1f} h" for s in full) + "."
