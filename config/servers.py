"""The servers that a description names, one by one, whatever section they stand in."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from config.roles import DISK_LABELS, SYSTEM, Directory, Gateway, LogArchive, Node, Role, Spool
from config.services import Balancers
from config.vsphere import Source


@dataclass(frozen=True)
class Server:
    """One server of the stack: its short name, its roles, where the stack describes it."""

    name: str
    roles: tuple[Role, ...]
    node: Node
    source: Source
    path: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its disks, the system disk first."""
        data = {label for role in self.roles for label in DISK_LABELS[role]} - {SYSTEM}
        return (SYSTEM, *sorted(data))


def servers(
    gateway: Gateway | None, spool: Spool | None, directory: Directory | None, balancers: Balancers | None, archive: LogArchive | None
) -> Iterator[Server]:
    """Every server of the sections given, in the order of the sections and of their names."""
    if gateway:
        control_center = gateway.control_center
        yield Server("control-center", (Role.CONTROL_CENTER,), control_center, gateway.source, "gateway.control_center")
        yield from _group(gateway.scanners, Role.SCANNER, gateway.source, "gateway.scanners")
    if spool:
        members = {directory.master, *directory.replicas} if directory else set()
        yield from _group(spool.mtas, Role.MTA, spool.source, "spool.mtas", members)
        yield from _group(spool.mailboxes, Role.MAILBOX, spool.source, "spool.mailboxes", members)
    if balancers:
        yield from _group(balancers.nodes, Role.BALANCER, balancers.source, "balancers.nodes")
    if archive:
        yield Server("log-archive", (Role.LOG_ARCHIVE,), archive.node, archive.source, "log_archive.node")


def _group(nodes: Mapping[str, Node], role: Role, source: Source, path: str, directory: Collection[str] = ()) -> Iterator[Server]:
    for name, node in sorted(nodes.items()):
        roles = (role, Role.DIRECTORY) if name in directory else (role,)
        yield Server(name, roles, node, source, f"{path}.{name}")
