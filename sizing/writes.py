"""How much is written to a disk in a day: what its snapshots grow by.

A server rewrites a share of its disks in a day, mail or no mail. What arrives must be written too, and counts where it is more.
"""

import math
from collections.abc import Mapping

from config.platform import Platform
from config.roles import DISK_LABELS, SYSTEM, Role
from sizing import archive, gateway, keeping, rules, spool
from sizing.growth import Flow
from sizing.logs import per_day as logs_per_day
from sizing.model import Term, term
from sizing.terms import ALONE, Group, group, logs
from sizing.units import gib_from_kib, show

_CHANGE_PER_DAY = {
    Role.CONTROL_CENTER: rules.CONTROL_CENTER_CHANGE_PER_DAY,
    Role.SCANNER: rules.SCANNER_CHANGE_PER_DAY,
    Role.MTA: rules.MTA_CHANGE_PER_DAY,
    Role.MAILBOX: rules.MAILBOX_CHANGE_PER_DAY,
    Role.DIRECTORY: rules.DIRECTORY_CHANGE_PER_DAY,
    Role.BALANCER: rules.BALANCER_CHANGE_PER_DAY,
    Role.LOG_ARCHIVE: rules.LOG_ARCHIVE_CHANGE_PER_DAY,
}


def per_day(platform: Platform, arrivals: Mapping[Role, Term], role: Role, label: str, gib: float) -> Term:
    """What is written in a day to a disk of `gib` GiB: what is rewritten or what arrives, whichever is more."""
    return max(rewritten(platform, role, label, gib), on_disk(arrivals, role, label), key=lambda written: written.gib)


def rewritten(platform: Platform, role: Role, label: str, gib: float) -> Term:
    """The share of a disk of `gib` GiB that its role rewrites in a day, as measured by the stack or else a figure.

    A system disk is taken to change as the data of its server does. The log archive adds to its disk and rewrites nothing.
    """
    measured = platform.snapshots.change_per_day.get(role)
    adds_only = role is Role.LOG_ARCHIVE and label != SYSTEM
    change = (0.0 if adds_only else _CHANGE_PER_DAY[role]) if measured is None else measured
    source = f"share of a disk that a {role} rewrites in a day: {'figure' if measured is None else 'snapshots.change_per_day'}"
    return term("rewritten in a day", change * gib, f"{show(change)} × {show(gib)} GiB", source)


def on_disk(arrivals: Mapping[Role, Term], role: Role, label: str) -> Term:
    """What arrives in a day on a disk, of what `arriving` says of all roles: nothing on one that carries no data of its role."""
    return (
        arrivals[role] if label == DISK_LABELS[role][-1] else term("arriving in a day", 0.0, "0 GiB", "no data of the role is on this disk")
    )


def arriving(platform: Platform, flow: Flow) -> dict[Role, Term]:
    """What arrives in a day on the data disk of each role: mail that is stored and lines that are logged."""
    found = {role: _together(terms) for role, terms in _of_a_day(platform, flow).items()}
    return {**found, Role.LOG_ARCHIVE: archive.written(platform, flow)}


def _together(terms: tuple[Term, ...]) -> Term:
    text = " + ".join(f"{one.name} {show(one.gib)}" for one in terms if one.gib)
    gib = math.fsum(one.gib for one in terms)
    return term("arriving in a day", gib, f"({text}) GiB", "what arrives is written; the day's part of each term of the disk")


def _of_a_day(platform: Platform, flow: Flow) -> dict[Role, tuple[Term, ...]]:
    """What a day adds to the data disk of each role: its mail, and of the other terms of the disk what a day adds."""
    day = keeping.nothing_back(keeping.at_most(platform, 1))
    logged, gateways, mtas = logs_per_day(platform, flow), platform.gateway.scanners, platform.spool.mtas
    return {
        Role.SCANNER: (_mail(flow, group(platform.storage, gateways.values())), *gateway.queue(day, flow)),
        Role.CONTROL_CENTER: gateway.quarantine(day, flow),
        Role.MTA: (_mail(flow, group(platform.storage, mtas.values())), *spool.queue(day, flow)),
        Role.MAILBOX: spool.stored(platform, flow),
        Role.DIRECTORY: spool.directory(day, flow)[1:],  # the map is there already
        Role.BALANCER: (logs("logs", logged[Role.BALANCER], 1, ALONE),),
    }


def _mail(flow: Flow, servers: Group) -> Term:
    written, carried = flow.written_kib_per_day, servers.carried_by
    formula = f"{written.text} ÷ {carried.text} ÷ 2^20"
    return term("mail", gib_from_kib(written.value / carried.value), formula, "a file for each message")
