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
from sizing.risk.draws import Events, Floats, Ints
from sizing.risk.futures import Futures
from sizing.risk.lines import DiskLine, Key
from sizing.units import HOURS_PER_DAY, gib_from_mib

_VMFS = "VMFS"
_DIGITS = 12  # decimals of a share: those that differ by less are the same


Rate = float | tuple[float, DiskLine]
"""How much is written for each GiB of a disk: a share of it in a day, whatever mail does, or what a disk of so many GiB has."""


class Vm(NamedTuple):
    """One VM as its snapshots see it."""

    name: str
    rewritten_gib: dict[Rate, float]
    """Size of its disks, those together of which as much is rewritten in a day for each GiB: the most that can be in their deltas."""
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


def of(platform: Platform, needs: tuple[DiskNeed, ...], lines: Mapping[Key, DiskLine]) -> tuple[Store, ...]:
    """Every datastore, sorted by the key of its LUN."""
    filling = platform.model_copy(update={"storage": platform.storage.model_copy(update={"free_fraction": 0.0})})
    static = filling.model_copy(update={"snapshots": platform.snapshots.model_copy(update={"concurrent_vms": 0})})
    pairs = zip(datastore.of(filling, needs), datastore.of(static, needs), strict=True)
    return tuple(_store(platform, planned, always, [(need, _rate(need, lines)) for need in needs]) for planned, always in pairs)


def _rate(need: DiskNeed, lines: Mapping[Key, DiskLine]) -> Rate:
    line = lines[need.vm, need.label]
    if line.arriving.certain:
        return round(max(line.rewritten, line.arriving.fixed) / need.gib, _DIGITS)
    return float(need.gib), line


class Written:
    """What is written in a block of scenarios, and how large deltas grow by it, for each GiB of a disk."""

    def __init__(self, platform: Platform, stores: tuple[Store, ...], futures: Futures) -> None:
        self._policy, self._metadata = platform.snapshots, 1 + platform.storage.overheads.delta_fraction
        self._futures, self._busy = futures, futures.draws.busy_hour_share
        rates = {rate for store in stores for vm in store.vms for rate in vm.rewritten_gib}
        self._per_day = {rate: self._of_each_gib(rate) for rate in rates}
        hold = self._policy.hold_hours
        self._routine = {rate: self._snapshot(per_day, hold, self._busy) for rate, per_day in self._per_day.items()}

    def routine(self, vm: Vm) -> Floats:
        """What the snapshots of a VM take that are held as long as the policy says, GiB."""
        return self._sum(vm, self._routine)

    def forgotten(self, vm: Vm, cells: Ints, hours: Floats) -> Floats:
        """What they take in these cells, held for so many hours."""
        busy = self._futures.of(self._busy, cells)
        by_rate = {rate: self._snapshot(self._futures.of(self._per_day[rate], cells), hours, busy) for rate in vm.rewritten_gib}
        return self._sum(vm, by_rate)

    def _of_each_gib(self, rate: Rate) -> Floats:
        if isinstance(rate, float):
            return self._futures.draws.write_rate * rate
        gib, line = rate
        return self._futures.written(line) / gib

    def _sum(self, vm: Vm, by_rate: Mapping[Rate, Floats]) -> Floats:
        size: Floats = np.full(1, vm.at_once_gib)
        for rate, gib in vm.rewritten_gib.items():
            size = size + gib * by_rate[rate]
        return size

    def _snapshot(self, per_day: Floats, hours: float | Floats, busy: Floats) -> Floats:
        """What each GiB of a disk has in deltas that are held for `hours`, and then consolidated."""
        merge = self._policy.consolidate_hours
        taken, merging = _days(hours, busy), _days(hours + merge, busy)
        size: Floats = self._policy.per_disk * _delta(self._metadata, per_day, taken, _busiest(hours, busy))
        return size + _delta(self._metadata, per_day, merging - taken, _busiest(merge, busy))


def held(platform: Platform, store: Store, futures: Futures, written: Written) -> Floats:
    """What a datastore holds but VMFS itself, GiB."""
    policy = platform.snapshots
    sizes = [written.routine(vm) for vm in store.vms]
    routine = _Concurrent(sizes, policy.concurrent_vms)
    need = np.empty(futures.shape)
    need[:] = store.static_gib + routine.gib
    for vm, size in zip(store.vms, sizes, strict=True):
        cells, hours = _overdue(futures.draws.forgotten[vm.name], policy.hold_hours)
        need.reshape(-1)[cells] += written.forgotten(vm, cells, hours) - futures.of(routine.given_up(size), cells)
    return need


def _overdue(forgotten: Events, hold_hours: float) -> Events:
    """Of the forgotten snapshots those that are found too late: what is found while backup would hold it anyway is one of backup's."""
    late = forgotten.size > hold_hours
    return Events(forgotten.cells[late], forgotten.size[late])


def lun(platform: Platform, need_gib: Floats) -> Floats:
    """The smallest LUN that holds so much beside VMFS's own data, GiB."""
    overheads = platform.storage.overheads
    return np.maximum(need_gib + overheads.vmfs_fixed_gib, need_gib / (1 - overheads.vmfs_fraction))


def _store(platform: Platform, planned: DatastoreNeed, always: DatastoreNeed, rates: list[tuple[DiskNeed, Rate]]) -> Store:
    overheads = platform.storage.overheads
    usable = min(planned.declared_gib, planned.physical_gib or planned.declared_gib)
    servers = sorted((s for s in platform.servers if s.node.lun == planned.lun), key=lambda server: server.name)
    return Store(
        planned=planned,
        usable_gib=usable,
        room_gib=usable - max(overheads.vmfs_fixed_gib, overheads.vmfs_fraction * planned.declared_gib),
        static_gib=total(tuple(t for t in always.terms if t.name != _VMFS)),
        vms=tuple(_vm(platform, s.name, s.node.memory_gib, rates) for s in servers),
    )


def _vm(platform: Platform, name: str, memory_gib: float, rates: list[tuple[DiskNeed, Rate]]) -> Vm:
    policy, overheads = platform.snapshots, platform.storage.overheads
    own = [(need, rate) for need, rate in rates if need.vm == name]
    gib: dict[Rate, float] = {}
    for need, rate in own:
        gib[rate] = gib.get(rate, 0.0) + need.gib
    memory = memory_gib + gib_from_mib(rules.MEMORY_SNAPSHOT_EXTRA_MIB) if policy.memory else 0.0
    return Vm(name, gib, policy.per_disk * (len(own) * overheads.delta_quantum_gib + memory))


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


def _delta(most: float, per_day: Floats, days: Floats, busiest: Floats) -> Floats:
    """A delta for each GiB of its disk: a straight line, or what random writes hit in the busiest hours, whichever is less.

    In place, since most of the time of all is spent here.
    """
    size: Floats = per_day * -busiest
    np.expm1(size, out=size)
    size *= -most
    np.minimum(size, per_day * days, out=size)
    return np.minimum(size, most, out=size)
