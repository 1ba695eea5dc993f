"""What a look at disks, snapshots and running tasks found: frozen values, for the datastores that a plan names.

A disk's chain is its base and the deltas on top of it, one for each snapshot; only the last file of a chain grows.
"""

from datetime import datetime

from config.base import Model


class Chain(Model):
    """A disk of a VM with its files."""

    key: int
    """The device's key, which stays the same as long as the VM has the disk."""
    unit: int | None
    """Unit on the VM's first SCSI controller; None where it is elsewhere."""
    uuid: str
    """The disk's own UUID, which its base keeps whatever is on top; empty where the disk has none."""
    base: str
    """The VMDK at the bottom of the chain: `[datastore] folder/file.vmdk`."""
    top: str
    """The VMDK that is written to."""
    capacity_gib: float
    deltas_gib: tuple[float, ...] = ()
    """Size of each delta, the oldest first; the last one grows."""
    mode: str = "persistent"
    """vSphere's mode of the disk, such as `independent_nonpersistent`."""
    unallocated_gib: float = 0.0
    """What a thin base may still take."""

    @property
    def independent(self) -> bool:
        """Whether snapshots leave it out."""
        return self.mode.startswith("independent")

    @property
    def datastore(self) -> str:
        """The datastore of the file that is written to; a new delta lies beside it."""
        return self.top.removeprefix("[").partition("]")[0]

    @property
    def active_gib(self) -> float:
        """Size of the delta that grows; 0 where the base itself is written to."""
        return self.deltas_gib[-1] if self.deltas_gib else 0.0


class LiveSnapshot(Model):
    """A snapshot of a VM."""

    id: str
    """Managed object id."""
    name: str
    description: str
    created: datetime
    """By the host's clock."""
    depth: int
    """Snapshots below it; 0 for the first."""
    size_gib: float
    """What was written since, until the next snapshot, with its state file and memory."""
    memory: bool
    """Whether it holds the VM's memory."""


class Work(Model):
    """A task of a VM that has not ended."""

    what: str
    """The method that was called, such as `CreateSnapshot_Task`, or what the server calls the task."""
    state: str
    who: str
    percent: int | None
    started: datetime | None


class LiveVm(Model):
    """A VM that has a file on a datastore of the plan, or the name or the BIOS UUID of one of its VMs."""

    id: str
    name: str
    folder: str
    """Path of its folder, below the datacenter."""
    bios_uuid: str
    instance_uuid: str
    host: str = ""
    """The host that it is on, also while it is off; empty where vCenter does not say."""
    on: bool
    connected: bool
    """Whether vCenter can say how it is."""
    swap_gib: float
    """Memory that is not reserved: what it takes on its datastore when it is on."""
    memory_gib: float
    home: str
    """The datastore of its folder: memory of snapshots and swap lie there."""
    disks: tuple[Chain, ...]
    snapshots: tuple[LiveSnapshot, ...] = ()
    """Parents before children."""
    unconsolidated: bool = False
    """Whether vCenter says that deltas are left that no snapshot has."""
    work: tuple[Work, ...] = ()
    queue: str = ""
    """What its guest says of its mail queue, as it says it."""
    locked: bool = False
    """Whether somebody has forbidden vCenter to move it: what backup programs do while they read its disks, and may forget to undo."""

    @property
    def deltas_gib(self) -> float:
        """What all its deltas take."""
        return sum(gib for disk in self.disks for gib in disk.deltas_gib)

    @property
    def orphaned(self) -> bool:
        """Whether there are deltas and no snapshot: what a removal that failed or a backup that broke off leaves."""
        return not self.snapshots and any(disk.deltas_gib for disk in self.disks)


class Store(Model):
    """A datastore of the plan."""

    id: str
    name: str
    capacity_gib: float
    free_gib: float
    accessible: bool
    in_maintenance: bool
    vmfs: str
    """Version of its VMFS; empty where it is none."""


class Look(Model):
    """What there is at one time."""

    server: str
    at: datetime
    """By vCenter's clock."""
    here: datetime | None = None
    """The same moment by this machine's."""
    stores: tuple[Store, ...] = ()
    """Those of the plan's datastores that exist, by name, and what else its VMs are on."""
    vms: tuple[LiveVm, ...] = ()
    """By name."""
    vanished: tuple[str, ...] = ()
    """VMs that went away while vCenter was being asked."""

    def store(self, name: str) -> Store | None:
        """A datastore by its name."""
        return next((store for store in self.stores if store.name == name), None)

    def on(self, store: str) -> tuple[LiveVm, ...]:
        """The VMs that have a disk or their home on a datastore."""
        return tuple(vm for vm in self.vms if store == vm.home or any(disk.datastore == store for disk in vm.disks))
