"""Turns vCenter's untyped answers about disks, snapshots and tasks into values."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote

from checks.vcenter import facts
from checks.vcenter.chains import Chain, LiveSnapshot, LiveVm, Store, Work
from checks.vcenter.queue_variable import PROPERTY as QUEUE_PROPERTY
from checks.vcenter.session import Found
from checks.vcenter.untyped import vim
from sizing.units import GIB, KIB_PER_GIB, MIB_PER_GIB

_MOVING = "RelocateVM_Task"  # disabled on a VM by AuthorizationManager.DisableMethods, by which backup programs keep it where it is


class _File(NamedTuple):
    """One step of a disk's chain: all its files together, and the name of one."""

    gib: float
    name: str


def store(found: Found) -> Store:
    """A datastore."""
    vmfs = getattr(found.get("info"), "vmfs", None)
    return Store(
        id=found.id,
        name=facts.name(found),
        capacity_gib=(found.get("summary.capacity") or 0) / GIB,
        free_gib=(found.get("summary.freeSpace") or 0) / GIB,
        accessible=bool(found.get("summary.accessible")),
        in_maintenance=(found.get("summary.maintenanceMode") or "normal") != "normal",
        vmfs=str(vmfs.version) if vmfs else "",
    )


def vm(found: Found, folders: dict[str, str], work: tuple[Work, ...], hosts: Mapping[str, str] = MappingProxyType({})) -> LiveVm:
    """A VM with its disks and snapshots, and what runs on it; `hosts` are names by id."""
    memory_gib = (found.get("config.hardware.memoryMB") or 0) / MIB_PER_GIB
    reserved_gib = (found.get("config.memoryAllocation.reservation") or 0) / MIB_PER_GIB
    sizes = _sizes(found.get("layoutEx"))
    parent, host = found.get("parent"), found.get("runtime.host")
    return LiveVm(
        id=found.id,
        name=facts.name(found),
        folder=folders.get(parent._GetMoId(), "") if parent else "",
        bios_uuid=found.get("config.uuid") or "",
        instance_uuid=found.get("config.instanceUuid") or "",
        host=hosts.get(host._GetMoId(), "") if host else "",
        on=found.get("runtime.powerState") == "poweredOn",
        connected=found.get("runtime.connectionState", "connected") == "connected",
        swap_gib=max(0.0, memory_gib - reserved_gib),
        memory_gib=memory_gib,
        home=str(found.get("config.files.vmPathName") or "").removeprefix("[").partition("]")[0],
        disks=_disks(found, sizes),
        snapshots=_snapshots(found, sizes),
        unconsolidated=bool(found.get("runtime.consolidationNeeded")),
        work=work,
        queue=str(getattr(found.get(QUEUE_PROPERTY), "value", None) or ""),
        locked=_MOVING in (found.get("disabledMethod") or ()),
    )


def _sizes(layout: Any) -> dict[int, float]:
    """The size of each file, GiB, by its key in the layout."""
    return {file.key: (file.size or 0) / GIB for file in layout.file} if layout else {}


def _disks(found: Found, sizes: dict[int, float]) -> tuple[Chain, ...]:
    devices = found.get("config.hardware.device") or []
    first = {d.key for d in devices if isinstance(d, vim.vm.device.VirtualSCSIController) and d.busNumber == 0}
    layout = found.get("layoutEx")
    names = {file.key: file.name for file in layout.file} if layout else {}
    chains = {d.key: [_File(_sum(sizes, u.fileKey), names.get(max(u.fileKey), "")) for u in d.chain] for d in layout.disk} if layout else {}
    left = {u.datastore._GetMoId(): u.uncommitted / GIB for u in found.get("storage.perDatastoreUsage") or []}
    disks = [d for d in devices if isinstance(d, vim.vm.device.VirtualDisk)]
    return tuple(_disk(d, d.controllerKey in first, chains.get(d.key, []), left) for d in sorted(disks, key=lambda d: d.key))


def _disk(device: Any, on_first: bool, chain: list[_File], left: dict[str, float]) -> Chain:
    backings = [device.backing]
    while getattr(backings[-1], "parent", None):
        backings.append(backings[-1].parent)
    base, capacity_gib = backings[-1], (device.capacityInBytes or 0) / GIB or (device.capacityInKB or 0) / KIB_PER_GIB
    store = getattr(base, "datastore", None)
    thin_gib = min(capacity_gib - (chain[0].gib if chain else 0.0), left.get(store._GetMoId(), 0.0)) if store else 0.0
    deltas = [file.gib for file in chain[1:]] or [0.0] * (len(backings) - 1)
    top = getattr(device.backing, "fileName", "")
    return Chain(
        key=device.key,
        unit=device.unitNumber if on_first else None,
        uuid=getattr(base, "uuid", None) or getattr(device.backing, "uuid", None) or "",
        base=getattr(base, "fileName", ""),
        top=chain[-1].name if len(backings) == 1 and chain[1:] else top,
        capacity_gib=capacity_gib,
        deltas_gib=tuple(deltas),
        mode=str(getattr(device.backing, "diskMode", "") or ""),
        unallocated_gib=max(0.0, thin_gib) if getattr(base, "thinProvisioned", False) else 0.0,
    )


def _sum(sizes: dict[int, float], keys: Iterable[int]) -> float:
    return sum(sizes.get(key, 0.0) for key in keys)


def _snapshots(found: Found, sizes: dict[int, float]) -> tuple[LiveSnapshot, ...]:
    info = found.get("snapshot")
    if not info:
        return ()
    files = _Files(found.get("layoutEx"), sizes, getattr(info, "currentSnapshot", None))
    return tuple(_walked(info.rootSnapshotList, 0, files))


class _Files:
    """Which files each snapshot's disks are on, and what was written after it."""

    def __init__(self, layout: Any, sizes: dict[int, float], current: Any) -> None:
        own = list(layout.snapshot) if layout else []
        self._sizes = sizes
        self._chains = {s.key._GetMoId(): _keys(s.disk) for s in own}
        self._state = {s.key._GetMoId(): [key for key in (s.dataKey, s.memoryKey) if key is not None and key >= 0] for s in own}
        self._now = _keys(layout.disk) if layout else frozenset()
        self._current = current._GetMoId() if current else ""

    def size_gib(self, identity: str, children: Iterable[str]) -> float:
        """What was written since the snapshot until those that follow it, with what it keeps itself."""
        after = [self._chains.get(child, frozenset()) for child in children]
        after += [self._now] if identity == self._current else []
        written = frozenset().union(*after) - self._chains.get(identity, frozenset()) if after else frozenset()
        return _sum(self._sizes, {*written, *self._state.get(identity, ())})


def _keys(disks: Iterable[Any]) -> frozenset[int]:
    return frozenset(key for disk in disks for unit in disk.chain for key in unit.fileKey)


def _walked(trees: Iterable[Any], depth: int, files: _Files) -> list[LiveSnapshot]:
    walked: list[LiveSnapshot] = []
    for tree in trees:
        identity, children = tree.snapshot._GetMoId(), list(tree.childSnapshotList or [])
        walked.append(
            LiveSnapshot(
                id=identity,
                name=unquote(tree.name),
                description=tree.description or "",
                created=tree.createTime,
                depth=depth,
                size_gib=files.size_gib(identity, [child.snapshot._GetMoId() for child in children]),
                memory=tree.state == "poweredOn",
            )
        )
        walked += _walked(children, depth + 1, files)
    return walked


def task(info: Any) -> Work:
    """A task that has not ended."""
    method = getattr(info.name, "info", None)  # pyVmomi makes a method of the task's name, and nothing of one that it does not know
    return Work(
        what=getattr(method, "wsdlName", None) or info.descriptionId or str(info.name or "a task"),
        state=str(info.state),
        who=str(getattr(info.reason, "userName", "") or ""),
        percent=info.progress,
        started=info.startTime,
    )
