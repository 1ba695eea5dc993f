"""The LUNs that hosts see, from what each reports of its devices, adapters, paths and file systems."""

from collections.abc import Iterable, Mapping
from typing import Any

from checks.vcenter.inventory import Lun, canonical
from checks.vcenter.session import Found
from checks.vcenter.untyped import vim
from config import Fabric
from sizing.units import GIB

LUN_PROPERTIES = [
    "name",
    "config.storageDevice.scsiLun",
    "config.storageDevice.hostBusAdapter",
    "config.storageDevice.scsiTopology",
    "config.fileSystemVolume.mountInfo",
    "configManager.storageSystem",
]
"""The topology has every path once, at a third of the size of the multipath information."""

OTHER = "other"
SECTOR = 512  # B; what HostDiskPartitionAttributes counts in; vSphere Web Services API


def luns(hosts: Mapping[str, Found]) -> tuple[Lun, ...]:
    """Every disk that a host sees, by its canonical name; of its paths the fewest that a host has, else as the first host sees it."""
    first: dict[str, Lun] = {}
    for name, found in hosts.items():
        for lun in _seen(name, found):
            known = first.setdefault(lun.naa, lun)
            if known is not lun:
                both: dict[str, Any] = {"hosts": (*known.hosts, name), "datastore": known.datastore or lun.datastore}
                both |= {"fabrics": tuple(sorted({*known.fabrics, *lun.fabrics})), "paths": min(known.paths, lun.paths)}
                first[lun.naa] = known.model_copy(update=both)
    return tuple(first[naa] for naa in sorted(first))


def partitioned(seen: Iterable[Lun], tables: Mapping[str, Any]) -> tuple[Lun, ...]:
    """The LUNs, with their partitions where the table of their device path is given."""
    return tuple(
        lun.model_copy(update={"partitions": _partitions(tables[lun.device_path])}) if lun.device_path in tables else lun for lun in seen
    )


def _partitions(table: Any) -> tuple[str, ...]:
    return tuple(f"{p.type} of {(p.endSector - p.startSector + 1) * SECTOR / GIB:.4g} GiB" for p in table.spec.partition)


def _seen(host: str, found: Found) -> list[Lun]:
    fabrics = {a.key: _fabric(a) for a in found.get("config.storageDevice.hostBusAdapter") or []}
    paths = _paths(found)
    volumes = _volumes(found)
    disks = [d for d in found.get("config.storageDevice.scsiLun") or [] if isinstance(d, vim.host.ScsiDisk)]
    return [
        Lun(
            naa=canonical(disk.canonicalName),
            device_path=disk.devicePath,
            size_gib=disk.capacity.block * disk.capacity.blockSize / GIB,
            fabrics=tuple(sorted({fabrics.get(adapter, OTHER) for adapter in paths.get(disk.key, [])})),
            paths=len(paths.get(disk.key, [])),
            hosts=(host,),
            datastore=volumes.get(canonical(disk.canonicalName)),
        )
        for disk in disks
    ]


def _fabric(adapter: Any) -> str:
    """FCoE adapters are FC adapters to vSphere, and so they are here: the LUN is reached through FC zones."""
    if isinstance(adapter, vim.host.InternetScsiHba):
        return Fabric.ISCSI
    return Fabric.FC if isinstance(adapter, vim.host.FibreChannelHba) else OTHER


def _paths(found: Found) -> dict[str, list[str]]:
    """The adapter of every path, by the key of the disk that it leads to."""
    paths: dict[str, list[str]] = {}
    topology = found.get("config.storageDevice.scsiTopology")
    for interface in topology.adapter if topology else []:
        for target in interface.target:
            for lun in target.lun:
                paths.setdefault(lun.scsiLun, []).append(interface.adapter)
    return paths


def _volumes(found: Found) -> dict[str, str]:
    """The name of the VMFS on each device, whether or not it is mounted."""
    mounts = found.get("config.fileSystemVolume.mountInfo") or []
    volumes = [m.volume for m in mounts if isinstance(m.volume, vim.host.VmfsVolume)]
    return {canonical(extent.diskName): volume.name for volume in volumes for extent in volume.extent}
