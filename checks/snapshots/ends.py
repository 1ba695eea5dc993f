"""When the snapshots of a VM end: how long room must be kept for what they still grow, however small they are yet."""

import math
from datetime import datetime

from checks.vcenter.chains import LiveSnapshot, LiveVm
from sizing.units import SECONDS_PER_HOUR

PROMISE = "Mailstead: to be removed by "  # before the time, in the description of a snapshot that Mailstead takes
SNAPSHOT_BEGUN = ("snapshot", "consolidate", "backup", "clone")  # in the names of tasks that a VM has, or soon has, a delta by


def age_hours(created: datetime, now: datetime) -> float:
    """Hours since a snapshot was made; 0 where the clocks say that it has yet to be."""
    return max(0.0, (now - created).total_seconds() / SECONDS_PER_HOUR)


def begun(vm: LiveVm) -> bool:
    """Whether a task is at a VM that gives it a delta, or takes one away."""
    return any(word in work.what.lower() for work in vm.work for word in SNAPSHOT_BEGUN)


def remaining_hours(vm: LiveVm, hold_hours: float, now: datetime) -> float:
    """How long a VM's snapshots still go on, h: until the policy's hold is over, or until whoever took them has said, if that is later.

    Infinite where one is older than that, or has no snapshot any more: nobody can say when its delta ends.
    """
    if not vm.snapshots:
        return math.inf if vm.orphaned else hold_hours
    left = [_left_hours(made, hold_hours, now) for made in vm.snapshots]
    return math.inf if min(left) < 0 else max(left)


def _left_hours(made: LiveSnapshot, hold_hours: float, now: datetime) -> float:
    planned, said = hold_hours - age_hours(made.created, now), promised(made)
    return planned if said is None else max(planned, (said - now).total_seconds() / SECONDS_PER_HOUR)


def promised(made: LiveSnapshot) -> datetime | None:
    """Until when a snapshot is to stay, as its description has it from Mailstead; None where it does not say."""
    if not made.description.startswith(PROMISE):
        return None
    try:
        said = datetime.fromisoformat(made.description.removeprefix(PROMISE))
    except ValueError:
        return None
    return said if said.tzinfo else None
