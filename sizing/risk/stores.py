"""What datastores hold in a block of scenarios, month by month.

Here a delta is as large as what is written while its snapshot is held, whatever the stack's policy foresees: `worst` is the bound that no
scenario exceeds but for what consolidation adds. A block that is written again is in the delta once: of a disk that is written at random,
long-held deltas grow ever slower than the plan's straight line, and so much less is needed. Backup does not know of a snapshot that it
forgot, so one that is found later than backup would have removed it comes on top of those that the policy allows at a time.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from config.platform import Platform
from sizing import datastore, rules
from sizing.model import DatastoreNeed, DiskNeed, total
from sizing.risk.draws import Events, Floats
from sizing.risk.futures import Futures
from sizing.risk.lines import Key
from sizing.units import HOURS_PER_DAY, gib_from_mib

_VMFS = "VMFS"


class Vm(NamedTuple):
    """One VM as its snapshots see it."""

    name: str
    disks_gib: dict[Key, float]
    """Size of each disk: the most that can be in its delta."""
    at_once_gib: float
    """What snapshots take as soon as they are made: the first step of each delta, and memory."""


class Store(NamedTuple):
    """One datastore: what is always on it, and the VMs whose snapshots come and go."""

    planned: DatastoreNeed
    """Its need if everything happens as planned, without the free fraction."""
    usable_gib: float
    """What there is, GiB; a thin LUN is full when the array is."""
    room_gib: float
    """What of it VMFS leaves, GiB."""
    static_gib: float
    vms: tuple[Vm, ...]


class _Concurrent:
    """The routine snapshots of as many VMs as may have one at a time: the largest, scenario by scenario."""

    def __init__(self, sizes: list[Floats], at_a_time: int) -> None:
        self._all = len(sizes) <= at_a_time
        if self._all:
            self.gib: Floats = np.asarray(sum(sizes, np.zeros(1)))
            return
        ordered = np.sort(np.stack(np.broadcast_arrays(*sizes)), axis=0)[::-1]
        self.gib = ordered[:at_a_time].sum(axis=0)
        self._next = ordered[at_a_time]

    def given_up(self, size: Floats) -> Floats:
        """What goes when the VM of this size has a forgotten snapshot in place of a routine one, and another VM takes its turn."""
        return size if self._all else np.maximum(size - self._next, 0)


def of(platform: Platform, needs: tuple[DiskNeed, ...]) -> tuple[Store, ...]:
    """Every datastore, sorted by the key of its LUN."""
    filling = platform.model_copy(update={"storage": platform.storage.model_copy(update={"free_fraction": 0.0})})
    static = filling.model_copy(update={"snapshots": platform.snapshots.model_copy(update={"concurrent_vms": 0})})
    pairs = zip(datastore.of(filling, needs), datastore.of(static, needs), strict=True)
    return tuple(_store(platform, planned, always, needs) for planned, always in pairs)


def held(platform: Platform, store: Store, futures: Futures, written: Mapping[Key, Floats]) -> Floats:
    """What a datastore holds but VMFS itself, GiB; `written` is what is written to each disk in a day."""
    policy = platform.snapshots
    busy = futures.draws.busy_hour_share
    sizes = [_snapshots(platform, vm, written, policy.hold_hours, busy) for vm in store.vms]
    routine = _Concurrent(sizes, policy.concurrent_vms)
    need = np.empty(futures.shape)
    need[:] = store.static_gib + routine.gib
    for vm, size in zip(store.vms, sizes, strict=True):
        cells, hours = _overdue(futures.draws.forgotten[vm.name], policy.hold_hours)
        then = {key: futures.of(written[key], cells) for key in vm.disks_gib}
        forgotten = _snapshots(platform, vm, then, hours, futures.of(busy, cells))
        need.reshape(-1)[cells] += forgotten - futures.of(routine.given_up(size), cells)
    return need


def _overdue(forgotten: Events, hold_hours: float) -> Events:
    """Of the forgotten snapshots those that are found too late: what is found while backup would hold it anyway is one of backup's."""
    late = forgotten.size > hold_hours
    return Events(forgotten.cells[late], forgotten.size[late])


def lun(platform: Platform, need_gib: Floats) -> Floats:
    """The smallest LUN that holds so much beside VMFS's own data, GiB."""
    overheads = platform.storage.overheads
    return np.maximum(need_gib + overheads.vmfs_fixed_gib, need_gib / (1 - overheads.vmfs_fraction))


def _store(platform: Platform, planned: DatastoreNeed, always: DatastoreNeed, needs: tuple[DiskNeed, ...]) -> Store:
    overheads = platform.storage.overheads
    usable = min(planned.declared_gib, planned.physical_gib or planned.declared_gib)
    servers = sorted((s for s in platform.servers if s.node.lun == planned.lun), key=lambda server: server.name)
    return Store(
        planned=planned,
        usable_gib=usable,
        room_gib=usable - max(overheads.vmfs_fixed_gib, overheads.vmfs_fraction * planned.declared_gib),
        static_gib=total(tuple(t for t in always.terms if t.name != _VMFS)),
        vms=tuple(_vm(platform, s.name, s.node.memory_gib, needs) for s in servers),
    )


def _vm(platform: Platform, name: str, memory_gib: float, needs: tuple[DiskNeed, ...]) -> Vm:
    policy, overheads = platform.snapshots, platform.storage.overheads
    disks = {(need.vm, need.label): float(need.gib) for need in needs if need.vm == name}
    memory = memory_gib + gib_from_mib(rules.MEMORY_SNAPSHOT_EXTRA_MIB) if policy.memory else 0.0
    return Vm(name, disks, policy.per_disk * (len(disks) * overheads.delta_quantum_gib + memory))


def _snapshots(platform: Platform, vm: Vm, written: Mapping[Key, Floats], hours: float | Floats, busy: Floats) -> Floats:
    """What snapshots take that are held for `hours`, and then consolidation, GiB; `busy` is the busy hour's share of a day."""
    policy, metadata = platform.snapshots, 1 + platform.storage.overheads.delta_fraction
    taken, merging = _days(hours, busy), _days(hours + policy.consolidate_hours, busy)
    size: Floats = np.full(1, vm.at_once_gib)
    for key, disk_gib in vm.disks_gib.items():
        size = size + policy.per_disk * _delta(disk_gib, metadata, written[key], taken, _busiest(hours, busy))
        size = size + _delta(disk_gib, metadata, written[key], merging - taken, _busiest(policy.consolidate_hours, busy))
    return size


def _days(hours: float | Floats, busy: Floats) -> Floats:
    """How many days' writes come within `hours` of backup, which is at night: by the clock, or more where they reach into the busy hours.

    Twelve hours after backup is the middle of the busy ones; of these there are as many as would bring a day's mail.
    """
    days, rest = np.divmod(hours, HOURS_PER_DAY)
    most = np.maximum(busy, 1 / HOURS_PER_DAY)
    by_day = most * rest - (HOURS_PER_DAY * most - 1) / 2
    found: Floats = days + np.maximum(rest / HOURS_PER_DAY, np.minimum(1, by_day))
    return found


def _busiest(hours: float | Floats, busy: Floats) -> Floats:
    """How many days' writes come within the busiest of such hours."""
    days, rest = np.divmod(hours, HOURS_PER_DAY)
    found: Floats = days + np.minimum(1, busy * rest)
    return found


def _delta(disk_gib: float, metadata: float, per_day: Floats, days: Floats, busiest: Floats) -> Floats:
    """A delta after so many days' writes, GiB: a straight line, or what random writes hit in the busiest of such hours, if that is less."""
    line = np.minimum(disk_gib * metadata, per_day * days)
    size: Floats = np.minimum(line, disk_gib * metadata * -np.expm1(-per_day * busiest / disk_gib))
    return size
