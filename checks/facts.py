"""Turns vCenter's untyped answers into values."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

from checks.inventory import Cluster, Datastore, Guest, Host, Named, Template
from checks.session import Found
from checks.untyped import vim
from sizing.units import GIB, KIB_PER_GIB

TEMPLATE_PROPERTIES = ["name", "config.uuid", "config.guestId", "config.firmware", "config.hardware.device"]

_SCSI_TYPES = {
    "vim.vm.device.ParaVirtualSCSIController": "pvscsi",
    "vim.vm.device.VirtualLsiLogicController": "lsilogic",
    "vim.vm.device.VirtualLsiLogicSASController": "lsilogic-sas",
}
"""The provider's names of the controllers that it can make."""

_N = TypeVar("_N", bound=Named)


def ordered(found: Iterable[_N]) -> tuple[_N, ...]:
    """The values by name, and by id where names are equal."""
    return tuple(sorted(found, key=lambda n: (n.name, n.id)))


def name(found: Found) -> str:
    """The object's name as clients show it: vCenter escapes `/`, `\\` and `%`."""
    return unquote(str(found.get("name", "")))


def named(found: Found) -> Named:
    """Any object with a name."""
    return Named(id=found.id, name=name(found))


def cluster(found: Found) -> Cluster:
    """A compute cluster."""
    return Cluster(id=found.id, name=name(found), resource_pool_id=found.get("resourcePool")._GetMoId())


def host(found: Found, clusters: Sequence[Cluster]) -> Host:
    """A host, in one of the clusters or in none."""
    parent = found.get("parent")._GetMoId()
    return Host(
        id=found.id,
        name=name(found),
        cluster=next((c.name for c in clusters if c.id == parent), ""),
        connected=found.get("runtime.connectionState") == "connected",
    )


def datastore(found: Found, guests: tuple[Guest, ...]) -> Datastore:
    """A datastore, with its LUNs if it is VMFS."""
    vmfs = getattr(found.get("info"), "vmfs", None)
    return Datastore(
        id=found.id,
        name=name(found),
        capacity_gib=(found.get("summary.capacity") or 0) / GIB,
        free_gib=(found.get("summary.freeSpace") or 0) / GIB,
        naas=tuple(extent.diskName.lower() for extent in vmfs.extent) if vmfs else (),
        accessible=bool(found.get("summary.accessible")),
        guests=guests,
    )


def guests(used: Iterable[Found], datastore_id: str) -> tuple[Guest, ...]:
    """The VMs that take room on a datastore, with what they may take: a thin disk counts as if it were full."""
    sizes = [
        Guest(name=name(vm), size_gib=(u.committed + u.uncommitted) / GIB)
        for vm in used
        for u in vm.get("storage.perDatastoreUsage") or []
        if u.datastore._GetMoId() == datastore_id
    ]
    return tuple(sorted(sizes, key=lambda g: g.name))


def template(found: Found) -> Template:
    """A template with its disks in the order of its devices."""
    devices = found.get("config.hardware.device") or []
    disks = [d for d in devices if isinstance(d, vim.vm.device.VirtualDisk)]
    controllers = {d.key: type(d).__name__ for d in devices}
    return Template(
        id=found.id,
        name=name(found),
        uuid=found.get("config.uuid") or "",
        guest_id=found.get("config.guestId") or "",
        firmware=found.get("config.firmware") or "bios",
        scsi_type=_SCSI_TYPES.get(controllers.get(disks[0].controllerKey, "")) if disks else None,
        disks_gib=tuple(_size_gib(d) for d in disks),
    )


def _size_gib(disk: Any) -> float:
    """vCenter before 5.5 has no capacity in bytes, and the simulator not for every disk."""
    return float(disk.capacityInBytes / GIB if disk.capacityInBytes else disk.capacityInKB / KIB_PER_GIB)
