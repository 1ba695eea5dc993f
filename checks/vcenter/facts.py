"""Turns vCenter's untyped answers into values."""

from collections.abc import Container, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

from checks.vcenter.inventory import Cluster, Datastore, Guest, Host, LiveDisk, Machine, Named, Template, canonical
from checks.vcenter.session import Found
from checks.vcenter.untyped import vim
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


def rules(found: Found) -> list[str]:
    """The names of a cluster's DRS rules."""
    return [rule.name for rule in getattr(found.get("configurationEx"), "rule", None) or []]


def host(found: Found, clusters: Sequence[Cluster]) -> Host:
    """A host, in one of the clusters or in none."""
    parent = found.get("parent")._GetMoId()
    return Host(
        id=found.id,
        name=name(found),
        cluster=next((c.name for c in clusters if c.id == parent), ""),
        connected=found.get("runtime.connectionState") == "connected",
        maintenance=bool(found.get("runtime.inMaintenanceMode")),
    )


def datastore(found: Found, used: Iterable[Found] = (), own: Container[str] = ()) -> Datastore:
    """A datastore, with its LUNs if it is VMFS, and what the given VMs take there; those with own names are no guests."""
    usages = _usages(used, found.id)
    vmfs = getattr(found.get("info"), "vmfs", None)
    return Datastore(
        id=found.id,
        name=name(found),
        capacity_gib=(found.get("summary.capacity") or 0) / GIB,
        free_gib=(found.get("summary.freeSpace") or 0) / GIB,
        naas=tuple(canonical(extent.diskName) for extent in vmfs.extent) if vmfs else (),
        accessible=bool(found.get("summary.accessible")),
        guests=tuple(Guest(name=n, size_gib=(u.committed + u.uncommitted) / GIB) for n, u in usages if n not in own),
        vms_gib=sum(u.committed for _, u in usages) / GIB,
    )


def _usages(used: Iterable[Found], datastore_id: str) -> list[tuple[str, Any]]:
    """What each VM takes on a datastore, by name."""
    listed = [(name(vm), u) for vm in used for u in vm.get("storage.perDatastoreUsage") or [] if u.datastore._GetMoId() == datastore_id]
    return sorted(listed, key=lambda usage: usage[0])


def folders(found: Iterable[Found], root: Any) -> dict[str, str]:
    """The path below a folder of every folder in it, by id; the folder itself has the empty one."""
    parents = {f.id: (f.get("parent"), name(f)) for f in found if f.get("parent")}
    paths = {root._GetMoId(): ""}

    def path(identity: str) -> str | None:
        if identity not in paths and identity in parents:
            parent, own = parents[identity]
            above = path(parent._GetMoId())
            if above is not None:
                paths[identity] = f"{above}/{own}".lstrip("/")
        return paths.get(identity)

    for identity in parents:
        path(identity)
    return paths


def machine(found: Found, folder: str) -> Machine:
    """A VM with the disks of its first SCSI controller."""
    devices = found.get("config.hardware.device") or []
    first = {d.key for d in devices if isinstance(d, vim.vm.device.VirtualSCSIController) and d.busNumber == 0}
    disks = [d for d in devices if isinstance(d, vim.vm.device.VirtualDisk) and d.controllerKey in first]
    live = [LiveDisk(unit=d.unitNumber, size_gib=_size_gib(d), file=d.backing.fileName) for d in disks]
    return Machine(id=found.id, name=name(found), folder=folder, disks=tuple(sorted(live, key=lambda disk: disk.unit)))


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
