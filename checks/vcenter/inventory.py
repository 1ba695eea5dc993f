"""What a look at vCenter found: a frozen snapshot of the part that a plan names."""

from collections.abc import Iterable

from config.base import Model
from plan import Plan


class Named(Model):
    """An object of vCenter."""

    id: str
    """Managed object id."""
    name: str


class Cluster(Named):
    """A compute cluster."""

    resource_pool_id: str
    """Its root resource pool."""


class Host(Named):
    """An ESXi host."""

    cluster: str
    """Name of its cluster; empty where it is in none."""
    connected: bool
    """Whether vCenter manages it right now."""
    maintenance: bool = False
    """Whether it is in maintenance mode, where no VM starts."""


class Guest(Model):
    """A VM on a datastore of the plan that is not the plan's."""

    name: str
    size_gib: float
    """What it may take there: its files, and its disks when they are full."""


class LiveDisk(Model):
    """A disk that a VM has."""

    unit: int
    """Unit on its first SCSI controller."""
    size_gib: float
    file: str
    """Its VMDK, as vCenter writes it: `[datastore] folder/file.vmdk`."""


class Machine(Named):
    """A VM that has the name of one of the plan's."""

    folder: str
    """Path of its folder, below the datacenter."""
    disks: tuple[LiveDisk, ...]
    """Those on its first SCSI controller, where all of the plan's disks are."""


class Datastore(Named):
    """A datastore of any kind."""

    capacity_gib: float
    free_gib: float
    """What is left, as vCenter counts it."""
    naas: tuple[str, ...]
    """The LUNs that its VMFS is on; none where it is not VMFS."""
    accessible: bool
    guests: tuple[Guest, ...] = ()
    """VMs on it that are not the plan's; looked for only where the plan names the datastore."""
    vms_gib: float = 0.0
    """What the files of all VMs take there now, the plan's own too; looked for likewise."""


class Lun(Model):
    """A LUN as the plan's hosts see it."""

    naa: str
    """Canonical name of the device."""
    device_path: str
    size_gib: float
    fabrics: tuple[str, ...]
    """`iscsi`, `fc`, or `other` for what is neither, such as a host's own disk."""
    paths: int
    """The fewest paths from a host that sees it."""
    hosts: tuple[str, ...]
    """The plan's hosts that see it."""
    datastore: str | None
    """The VMFS on it, mounted or not."""
    partitions: tuple[str, ...] = ()
    """Partitions, if there is no VMFS; looked for only where the plan would make a datastore."""


class Template(Named):
    """A template that the plan names."""

    uuid: str
    """BIOS UUID."""
    guest_id: str
    firmware: str
    scsi_type: str | None
    """The provider's name for the SCSI controller of the first disk; None where the disk is on none that it knows."""
    disks_gib: tuple[float, ...]


class Inventory(Model):
    """The snapshot. Everything below `datacenters` is of the plan's datacenter, and empty where that was not found."""

    server: str
    """The vCenter that was asked."""
    looked_in: str = ""
    """The datacenter that all below is of, where the plan's was not found: the one that has the plan's hosts; else empty."""
    datacenters: tuple[Named, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    hosts: tuple[Host, ...] = ()
    networks: tuple[Named, ...] = ()
    datastores: tuple[Datastore, ...] = ()
    template_names: tuple[str, ...] = ()
    """Every template there is."""
    templates: tuple[Template, ...] = ()
    """Those that the plan names."""
    luns: tuple[Lun, ...] = ()
    """Every LUN that a host of the plan sees."""
    folders: tuple[str, ...] = ()
    """The path of every VM folder, below the datacenter."""
    rules: tuple[str, ...] = ()
    """Names of the DRS rules of the plan's cluster."""
    machines: tuple[Machine, ...] = ()
    """VMs with the names of the plan's, in whatever folder."""


def canonical(naa: str) -> str:
    """A device's name as hosts compare it: hexadecimal digits have no case, the text of a vendor's `t10.` name has."""
    return naa if naa.startswith("t10.") else naa.lower()


def free(luns: Iterable[Lun]) -> list[Lun]:
    """The LUNs of a fabric that nothing is known to be on."""
    return [lun for lun in luns if lun.datastore is None and not lun.partitions and lun.fabrics != ("other",)]


def planned_hosts(plan: Plan, hosts: Iterable[Host]) -> tuple[Host, ...]:
    """The plan's hosts that are in its cluster and connected, in the plan's order.

    Where no host is in a cluster of that name, as where the name is misspelt, those of their names: what else is wrong is then said too.
    """
    known_hosts = tuple(hosts)
    in_cluster = [h for h in known_hosts if h.cluster == plan.place.cluster]
    known = {h.name: h for h in in_cluster or known_hosts if h.connected}
    return tuple(known[name] for name in plan.place.hosts if name in known)
