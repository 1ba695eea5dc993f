"""Where disks live: fabrics, LUNs with the datastore on each, and what is kept free for snapshots."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from config.base import Model
from config.roles import Role
from config.types import MAX_LUN_GIB, Count, Flag, Fraction, Hours, LunGib, Naa, Name, Number, PositiveCount, RoomGib, Text, Whole

MAX_HOLD_HOURS = 72  # h; no single snapshot should be older; VMware KB 318825
MIN_HOLD_HOURS = 1  # h; meanwhile a backup reads whole disks, and nobody looks for forgotten snapshots more often; figure
MIN_CONSOLIDATE_HOURS = 0.5  # h; merging reads and writes all that was written while the snapshot was held; figure
MIN_FREE_FRACTION = 0.05  # of a LUN; NetApp's default snapshot reserve for VMware volumes; Veeam and IBM advise 0.10 to 0.20
MIN_CHANGE = 0.001  # of a disk rewritten in a day; a system that runs writes its logs and its journal; figure
VMDK_PARTS = r"-flat|-delta|-sesparse|-ctk|-rdmp?|-\d{6}"  # ends of a disk's other files: extents, deltas, changed blocks, mappings
LOSING_MODES = (
    "nonpersistent",
    "independent_nonpersistent",
    "undoable",
    "append",
)  # what is written goes when the VM is off; VirtualDiskMode
MAX_CHAIN = 31  # snapshots of one disk; a chain holds at most 32 files with its base; VMware KB 318825


def _held(value: float) -> float:
    if value < MIN_HOLD_HOURS:
        raise ValueError(f"is shorter than any snapshot lives, even if none is planned; write {MIN_HOLD_HOURS} or more")
    if value > MAX_HOLD_HOURS:
        raise ValueError(f"is longer than any snapshot should live; write {MAX_HOLD_HOURS} or less (VMware KB 318825)")
    return value


def _consolidated(value: float) -> float:
    if value < MIN_CONSOLIDATE_HOURS:
        raise ValueError(f"is shorter than any consolidation takes, and the VM writes meanwhile; write {MIN_CONSOLIDATE_HOURS} or more")
    return value


def _chain(value: int) -> int:
    if not 1 <= value <= MAX_CHAIN:
        raise ValueError(f"is outside a snapshot chain's 1 to {MAX_CHAIN}; write 1, or 2 to 3 at most (VMware KB 318825)")
    return value


def _kept_free(value: float) -> float:
    if value < MIN_FREE_FRACTION:
        raise ValueError(f"leaves less than any LUN needs free; write {MIN_FREE_FRACTION:g} or more, 0.2 as a rule")
    return value


def _changing(value: float) -> float:
    if value < MIN_CHANGE:
        raise ValueError(f"is less than a running system rewrites in a day; write {MIN_CHANGE:g} or more, as measured")
    return value


ChangePerDay = Annotated[Number, AfterValidator(_changing)]


class Fabric(StrEnum):
    """The storage network that carries a LUN; not to be confused with the mail network."""

    ISCSI = "iscsi"
    FC = "fc"


class Growth(StrEnum):
    """How a delta's size is foreseen: from the write rate and the hold, or its whole bound."""

    RATE = "rate"
    WORST = "worst"


class Lun(Model):
    """A LUN that the array presents, and the one VMFS datastore on it."""

    naa: Naa
    """Canonical name of the device, as the hosts see it."""
    size_gib: LunGib
    """What the array presents, in GiB."""
    fabric: Fabric
    """The storage network it is reached by."""
    site: Name | None = None
    """The room or building of its array, if hosts and LUNs are in several; its VMs then run on hosts there while they can."""
    datastore: Text | None = None
    """Name of a VMFS datastore that is already on the LUN and is taken over; without it one is created."""
    physical_gib: LunGib | None = None
    """Of a LUN that is thin on the array: what the array keeps for it physically, GiB; without it all of `size_gib`."""


class Overheads(Model):
    """What a datastore holds beside disks and deltas. Sources of the defaults: `docs/sizing.md`."""

    vmfs_fixed_gib: RoomGib = 2.0
    """VMFS metadata, GiB: at least this much …"""
    vmfs_fraction: Fraction = 0.005
    """… and at least this fraction of the LUN."""
    vm_logs_gib: RoomGib = 0.5
    """Logs and NVRAM of each VM, GiB."""
    vmx_swap_gib: RoomGib = 0.15
    """Swap file of the VM's own process, GiB."""
    delta_fraction: Fraction = 0.01
    """Metadata of a delta, as a fraction of its base disk."""
    delta_quantum_gib: RoomGib = 16 / 1024
    """The step in which a delta grows, GiB."""


class Storage(Model):
    """The LUNs, and the room kept on each."""

    luns: dict[Name, Lun]
    """By the short name that the rest of the stack uses; also the created datastore's name."""
    free_fraction: Annotated[Fraction, AfterValidator(_kept_free)] = 0.20
    """Kept free of the whole LUN (0.20 means ÷ 0.80), after all that is foreseen."""
    granularity_gib: Annotated[Whole, Field(ge=1, le=MAX_LUN_GIB)] = 1
    """The step in which the array cuts LUNs, GiB: what to ask for is rounded up to it."""
    lost_fabric: Fabric | None = None
    """The fabric whose loss redundant servers are sized for; without it the loss of any one server."""
    overheads: Overheads = Overheads()
    """What a datastore holds beside disks and deltas."""


class SnapshotPolicy(Model):
    """The snapshots that backup takes, and how long they may stay.

    It can be made small, but not nothing: where backup takes no snapshot, an upgrade or a person does (2013: the first one stopped mail).
    """

    growth: Growth = Growth.RATE
    """`rate`: as much as is written while the snapshot is held; `worst`: the whole disk."""
    hold_hours: Annotated[Hours, AfterValidator(_held)] = 24.0
    """How long a snapshot may stay, hours; also the time until a forgotten one is found."""
    per_disk: Annotated[Count, AfterValidator(_chain)] = 1
    """Snapshots that may exist of one disk at a time."""
    concurrent_vms: PositiveCount = 4
    """VMs of one datastore that may have a snapshot at a time (Veeam's default limit is 4 a datastore)."""
    consolidate_hours: Annotated[Hours, AfterValidator(_consolidated)] = 4.0
    """How long consolidation takes, hours; what is written meanwhile needs room too."""
    memory: Flag = False
    """Whether snapshots include memory: each then adds a file of the VM's memory size."""
    change_per_day: dict[Role, ChangePerDay] = {}
    """Overrides, by role: the share of a disk that is rewritten in a day."""
