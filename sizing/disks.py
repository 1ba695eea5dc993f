"""Which terms each disk of each server has."""

from collections.abc import Callable, Mapping

from config.platform import Platform
from config.roles import DISK_LABELS, SYSTEM, Role
from config.servers import Server
from sizing import gateway, rules, spool, writes
from sizing.archive import archive
from sizing.growth import Flow
from sizing.logs import per_day as logs_per_day
from sizing.model import DiskNeed, Key, Term, smallest, term
from sizing.terms import ALONE, logs, with_file_system

_DATA: dict[Role, Callable[[Platform, Flow], tuple[Term, ...]]] = {
    Role.CONTROL_CENTER: gateway.quarantine,
    Role.SCANNER: gateway.queue,
    Role.MTA: spool.queue,
    Role.MAILBOX: spool.mail,
    Role.DIRECTORY: spool.directory,
    Role.LOG_ARCHIVE: archive,
}


def of(platform: Platform, flow: Flow, asked_gib: Mapping[Key, int] | None = None) -> tuple[DiskNeed, ...]:
    """Every disk of every server, sorted by server and label; `asked_gib` is what disks that are too small at a risk are asked to have."""
    data = {role: with_file_system(terms(platform, flow)) for role, terms in _DATA.items()}
    arrivals = writes.arriving(platform, flow)
    needs = [
        _need(platform, arrivals, server, label, _system(platform, flow, server) if label == SYSTEM else data[_owner(server, label)])
        for server in platform.servers
        for label in server.labels
    ]
    asked = asked_gib or {}
    return tuple(_asked(platform, arrivals, need, asked.get(need.key)) for need in sorted(needs, key=lambda need: need.key))


def _asked(platform: Platform, arrivals: Mapping[Role, Term], need: DiskNeed, asked_gib: int | None) -> DiskNeed:
    if asked_gib is None or asked_gib <= need.counted.value:
        return need
    written = writes.per_day(platform, arrivals, need.role, need.label, asked_gib)
    return need.model_copy(update={"asked_gib": asked_gib, "written_per_day": written})


def _owner(server: Server, label: str) -> Role:
    """The role whose data a disk carries; of the system disk, the server's first."""
    return next(role for role in server.roles if label in DISK_LABELS[role])


def _system(platform: Platform, flow: Flow, server: Server) -> tuple[Term, ...]:
    """What a system disk holds. Logs go to a role's data disk, so that they never stop the system, where there is one."""
    terms = [
        term("operating system", rules.OPERATING_SYSTEM_GIB, f"{rules.OPERATING_SYSTEM_GIB} GiB", "Ubuntu Server: 5 GB at least"),
        term("system journal", rules.JOURNAL_GIB, f"{rules.JOURNAL_GIB} GiB", "journald.conf(5): SystemMaxUse"),
    ]
    if Role.SCANNER in server.roles:
        terms += gateway.software()
    if Role.MTA in server.roles or Role.MAILBOX in server.roles:
        terms += spool.software()
    if Role.BALANCER in server.roles:  # one balancer holds all service addresses, so each is sized for all of them
        terms.append(logs("logs", logs_per_day(platform, flow)[Role.BALANCER], platform.gateway.log_days, ALONE))
    return with_file_system(tuple(terms))


def _need(platform: Platform, arrivals: Mapping[Role, Term], server: Server, label: str, terms: tuple[Term, ...]) -> DiskNeed:
    role, lun, declared = _owner(server, label), server.node.lun, server.node.disks_gib.get(label)
    return DiskNeed(
        vm=server.name,
        role=role,
        label=label,
        lun=lun,
        datastore=platform.storage.luns[lun].datastore or lun,
        terms=terms,
        declared_gib=declared,
        written_per_day=writes.per_day(platform, arrivals, role, label, max(declared or 0, smallest(terms))),
    )
