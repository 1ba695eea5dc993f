"""Which terms each disk of each server has."""

from collections.abc import Callable

from config.platform import Platform
from config.roles import DISK_LABELS, SYSTEM, Role
from config.servers import Server
from sizing import gateway, rules, spool
from sizing.archive import archive
from sizing.common import logs, with_file_system
from sizing.flow import Flow
from sizing.logs import per_day as logs_per_day
from sizing.model import DiskNeed, Term, term

_DATA: dict[Role, Callable[[Platform, Flow], tuple[Term, ...]]] = {
    Role.CONTROL_CENTER: gateway.quarantine,
    Role.SCANNER: gateway.queue,
    Role.MTA: spool.queue,
    Role.MAILBOX: spool.mail,
    Role.DIRECTORY: spool.directory,
    Role.LOG_ARCHIVE: archive,
}


def of(platform: Platform, flow: Flow) -> tuple[DiskNeed, ...]:
    """Every disk of every server, sorted by server and label."""
    data = {role: with_file_system(terms(platform, flow)) for role, terms in _DATA.items()}
    needs = (
        _need(platform, server, label, role, data[role] if label != SYSTEM else _system(platform, flow, server))
        for server in platform.servers
        for label, role in _labels(server).items()
    )
    return tuple(sorted(needs, key=lambda need: (need.vm, need.label)))


def _labels(server: Server) -> dict[str, Role]:
    """The server's disks with the role whose data each carries."""
    owners = {label: role for role in reversed(server.roles) for label in DISK_LABELS[role]}
    return {label: owners[label] for label in server.labels}


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
        terms.append(logs("logs", logs_per_day(platform, flow)[Role.BALANCER], platform.gateway.log_days, 1))
    return with_file_system(tuple(terms))


def _need(platform: Platform, server: Server, label: str, role: Role, terms: tuple[Term, ...]) -> DiskNeed:
    lun = server.node.lun
    return DiskNeed(
        vm=server.name,
        role=role,
        label=label,
        lun=lun,
        datastore=platform.storage.luns[lun].datastore or lun,
        terms=terms,
        declared_gib=server.node.disks_gib.get(label),
    )
