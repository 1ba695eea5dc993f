"""How much is written to a disk in a day: what its snapshots grow by."""

from config.platform import Platform
from config.roles import SYSTEM, Role
from sizing import rules
from sizing.archive import written as archive_written
from sizing.growth import Flow
from sizing.model import Term, term
from sizing.units import show

_CHANGE_PER_DAY = {
    Role.CONTROL_CENTER: rules.CONTROL_CENTER_CHANGE_PER_DAY,
    Role.SCANNER: rules.SCANNER_CHANGE_PER_DAY,
    Role.MTA: rules.MTA_CHANGE_PER_DAY,
    Role.MAILBOX: rules.MAILBOX_CHANGE_PER_DAY,
    Role.DIRECTORY: rules.DIRECTORY_CHANGE_PER_DAY,
    Role.BALANCER: rules.BALANCER_CHANGE_PER_DAY,
    Role.LOG_ARCHIVE: rules.LOG_ARCHIVE_CHANGE_PER_DAY,
}


def per_day(platform: Platform, flow: Flow, role: Role, label: str, gib: float) -> Term:
    """What is written in a day to a disk of `gib` GiB: the stack's share of it, or the role's, or what the log archive takes in.

    A system disk is taken to change as the data of its server does.
    """
    measured = platform.snapshots.change_per_day.get(role)
    if measured is None and role is Role.LOG_ARCHIVE and label != SYSTEM:
        return archive_written(platform, flow)
    change = _CHANGE_PER_DAY[role] if measured is None else measured
    source = f"share of a disk that a {role} rewrites in a day: {'figure' if measured is None else 'snapshots.change_per_day'}"
    return term("written in a day", change * gib, f"{show(change)} × {show(gib)} GiB", source)
