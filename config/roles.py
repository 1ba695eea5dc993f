"""The servers: gateway, spool, directory, balancers and log archive."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from config.base import Model
from config.problems import Problem
from config.types import (
    Address,
    Days,
    DiskGib,
    KeptDays,
    MemoryGib,
    Name,
    Positive,
    PositiveCount,
    QuotaGib,
    ReservationGib,
    RoomGib,
    Share,
    Text,
    VmMemoryGib,
    Whole,
)
from config.vsphere import Source


class Role(StrEnum):
    """What a VM does in the platform; a VM may have more than one."""

    CONTROL_CENTER = "control-center"
    SCANNER = "scanner"
    MTA = "mta"
    MAILBOX = "mailbox"
    DIRECTORY = "directory"
    BALANCER = "balancer"
    LOG_ARCHIVE = "log-archive"


SYSTEM = "system"
DISK_LABELS = {
    Role.CONTROL_CENTER: (SYSTEM, "quarantine"),
    Role.SCANNER: (SYSTEM, "queue"),
    Role.MTA: (SYSTEM, "queue"),
    Role.MAILBOX: (SYSTEM, "mail"),
    Role.DIRECTORY: (SYSTEM, "directory"),
    Role.BALANCER: (SYSTEM,),
    Role.LOG_ARCHIVE: (SYSTEM, "archive"),
}
"""The disks of a role by label: a label is a contract with the disk that carries it and never changes."""


class Node(Model):
    """One VM: its address, its LUN, its CPUs and memory, and disks that must not be smaller than declared."""

    address: Address
    """Its address on `network`."""
    network: Name = "mail"
    """Key of `networks`."""
    lun: Name
    """Key of `storage.luns`: the datastore of the VM and of its disks. `mailstead place STACK --write` chooses one where none is given."""
    host: Text | None = None
    """A host of `vsphere.hosts`: where the VM is first powered on. The same command chooses one; needed where `vsphere.drs` is false."""
    cpus: Annotated[Whole, Field(ge=1, le=768)] = 4
    """Virtual CPUs (the gateway vendor's appliance model has 4)."""
    memory_gib: VmMemoryGib = 4.0
    """Memory, GiB, in steps of 4 MiB (the gateway vendor's appliance model has 4)."""
    memory_reservation_gib: ReservationGib = 0.0
    """Memory that the host keeps for it, GiB; only the rest needs a swap file on the datastore."""
    disks_gib: dict[Name, DiskGib] = {}
    """Sizes by disk label, GiB: floors such as "the old system had 90". What is left out is sized."""


class Gateway(Model):
    """One control center (configuration, quarantine, reports) and the scanners it manages."""

    source: Source
    """What the gateway's VMs are made from."""
    control_center: Node
    scanners: Annotated[dict[Name, Node], Field(min_length=1)]
    """Scanners by name; two or more on different fabrics survive a storage network's failure."""
    scan_memory_gib: MemoryGib = 3.0
    """What scanning needs beside the system, GiB (3: ClamAV's minimum; 2.4 of it while signatures reload)."""
    scan_seconds_per_message: Positive
    """How long one core scans a message, seconds, mean: measure the processor seconds that all scanners use on a working day, and \
divide them by the messages offered to them that day."""
    quarantine_days: KeptDays = 7.0
    """How long the spam quarantine keeps a message."""
    junk_share: Share | None = None
    """Share of the accepted spam that is delivered to Junk; the rest is quarantined. Without it both have room for all of it."""
    audit_log_days: KeptDays = 30.0
    """How long a scanner keeps its message audit log."""
    log_days: KeptDays = 30.0
    """How long a server keeps its own logs."""
    hold_share: Share = 0.02
    """Share of accepted messages held for a second virus scan."""


class SizedBy(StrEnum):
    """What mailboxes are taken to hold."""

    QUOTA = "quota"
    """Each is full."""
    FILL = "fill"
    """As much as they are found to hold, and what arrives until the end of the planning time and is kept: less than they may."""


class Spool(Model):
    """The mail store: MTAs that receive for users, and servers for POP, IMAP and webmail."""

    source: Source
    """What the spool's VMs are made from."""
    mtas: Annotated[dict[Name, Node], Field(min_length=1)]
    """MTAs by name."""
    mailboxes: Annotated[dict[Name, Node], Field(min_length=1)]
    """Mailbox servers by name; users are spread over them, so one does not stand in for another."""
    users: PositiveCount
    """Mailboxes."""
    quota_gib: QuotaGib
    """Quota of a mailbox, GiB."""
    sized_by: SizedBy = SizedBy.QUOTA
    """Whether every mailbox is taken to be full, or as full as they are found to be; `size` says both."""
    mean_mailbox_gib: RoomGib | None = None
    """What a mailbox holds today without its Junk, GiB, mean: measure the sum of all mailboxes ÷ their number; needed to size by fill."""
    kept_share: Share = 1.0
    """Share of the arriving mail but spam that users keep (1: nobody deletes anything; measure growth of the mailboxes ÷ arrived)."""
    junk_days: KeptDays = 30.0
    """How long Junk keeps a message; it counts against the quota (Zimbra: 30)."""
    deleted_days: Days = 14.0
    """How long deleted messages can be recovered."""
    redo_log_days: Days = 1.0
    """How long the mailbox server's redo log is kept."""
    index_share: Share = 0.20
    """Search index, as a share of the mailboxes (Exchange: 20 %; not published for Zimbra)."""
    database_share: Share = 0.05
    """Metadata database, as a share of the mailboxes (not published: a parameter)."""


def mailboxes_fit_their_quota(spool: Spool) -> Iterator[Problem]:
    """A problem where mailboxes are sized by a fill that is not given, or hold more than they may."""
    mean, quota = spool.mean_mailbox_gib, spool.quota_gib
    if mean is None and spool.sized_by is SizedBy.FILL:
        remedy = "add the sum of all mailboxes ÷ their number, in GiB, or write spool.sized_by: quota"
        yield Problem("spool.mean_mailbox_gib", "nothing", "is given, and mailboxes are sized by fill", remedy)
    if mean is not None and mean > quota:
        rule = f"is more than the quota of {quota:.10g} GiB, which no mailbox exceeds"
        yield Problem("spool.mean_mailbox_gib", f"{mean:.10g}", rule, "write the mean of all mailboxes, or the quota that they have")


class Directory(Model):
    """OpenLDAP master and replicas, on servers of the spool."""

    master: Name
    """Key of `spool.mtas` or `spool.mailboxes`."""
    replicas: list[Name] = []
    """Further keys of them."""
    entries: PositiveCount
    """Entries: users, aliases, lists."""
    bytes_per_entry: Positive = 8192.0
    """Size of an entry with its indexes, bytes (a parameter: measure with slapcat and mdb_stat)."""


class LogArchive(Model):
    """The separate storage that all logs also reach."""

    source: Source
    """What the archive's VM is made from."""
    node: Node
    retention_days: KeptDays = 365.0
    """How long logs are kept."""
    compression_ratio: Annotated[Positive, Field(ge=1)] = 8.0
    """Plain size over stored size (a parameter: measure)."""
