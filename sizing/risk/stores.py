"""What datastores hold in a block of scenarios.

Backup does not know of a snapshot that it forgot, so one that is found later than backup would have removed it comes on top of those that
the policy allows at a time. What a datastore holds beside events grows with the mail, so it is asked only when there is most of it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from config.platform import Platform
from config.storage import SnapshotPolicy
from sizing import datastore, memory, rules
from sizing.model import VMFS, DatastoreNeed, DiskNeed, Key, total
from sizing.risk.deltas import Rate, Snapshots, Storms, Vm
from sizing.risk.draws import Events, Floats, Ints
from sizing.risk.futures import DAYS_PER_MONTH, Futures, Moments, Spam
from sizing.risk.lines import DiskLine
from sizing.risk.peaks import Followed, Peaks
from sizing.units import HOURS_PER_DAY, gib_from_mib

_DIGITS = 12  # decimals of a share: those that differ by less are the same


class Store(NamedTuple):
    """One datastore: what is always on it, and the VMs whose snapshots come and go."""

    planned: DatastoreNeed
    """Its need if everything happens as planned, without the free fraction."""
    usable_gib: float
    """What there is, GiB; a thin LUN is full when the array is."""
    room_gib: float
    """What of it VMFS leaves, GiB."""
    vmfs_gib: float
    """What VMFS takes of the LUN as it shows itself, or as it must where that is more, GiB."""
    static_gib: float
    vms: tuple[Vm, ...]

    @property
    def thin(self) -> bool:
        """Whether the stack says what the array keeps for the LUN."""
        return self.planned.physical_gib is not None


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
    told = zip(datastore.of(filling, needs), datastore.of(static, needs), datastore.of(platform, needs), strict=True)
    rates, memories = [(need, _rate(need, lines)) for need in needs], memory.counted(platform)

    def vms(lun: str) -> tuple[Vm, ...]:
        names = sorted(server.name for server in platform.servers if server.node.lun == lun)
        return tuple(_vm(platform, name, memories[name].value, rates) for name in names)

    return tuple(_store(platform, planned, always, kept.vmfs_gib, vms(planned.lun)) for planned, always, kept in told)


def _rate(need: DiskNeed, lines: Mapping[Key, DiskLine]) -> Rate:
    line = lines[need.vm, need.label]
    if line.arriving.certain:
        return round(max(line.rewritten, line.arriving.fixed) / need.counted.value, _DIGITS)
    return need.counted.value, line


def followed(store: Store, policy: SnapshotPolicy, snapshots: Snapshots, futures: Futures, peaks: Peaks) -> Followed:
    """What a datastore holds but VMFS itself: how it grows with the mail, and more in storms and while a snapshot is forgotten."""

    def usual(at: Moments, sizes: list[Floats]) -> Floats:
        return np.asarray(np.broadcast_to(store.static_gib + _Concurrent(sizes, policy.concurrent_vms).gib, at.flow.shape))

    fullest = usual(futures.fullest, [snapshots.fullest(vm) for vm in store.vms])
    events = [_forgotten(store, policy, snapshots, futures)]
    if snapshots.see_mail(store.vms):
        at = futures.moments(futures.draws.storms.cells)
        routine = _Concurrent([snapshots.routine(vm, at, futures.storming) for vm in store.vms], policy.concurrent_vms)
        events.append(Events(futures.draws.storms.cells, store.static_gib + routine.gib))

    def in_months(scenarios: Ints) -> Floats:
        at = futures.months(scenarios)
        return usual(at, [snapshots.routine(vm, at) for vm in store.vms])

    return peaks.of_events(fullest, events, in_months)


class _Late(NamedTuple):
    """The forgotten snapshots of one VM that are found too late: what is found while backup would hold it anyway is one of backup's."""

    vm: Vm
    cells: Ints
    hours: Floats
    taken: Floats
    """When it was, days from now …"""
    merged: Floats
    """… and so when it is consolidated."""
    storms: Storms | None
    """None where mail does not matter to the datastore."""


def _late(vm: Vm, policy: SnapshotPolicy, futures: Futures, sees_mail: bool) -> _Late:
    forgotten = futures.draws.forgotten[vm.name]
    late = forgotten.size > policy.hold_hours
    cells, hours = forgotten.cells[late], forgotten.size[late]
    taken = np.floor(futures.draws.forgotten_from[vm.name][late] * DAYS_PER_MONTH)  # backup comes once a night
    found, merged = taken + hours / HOURS_PER_DAY, taken + (hours + policy.consolidate_hours) / HOURS_PER_DAY
    storms = None
    if sees_mail:
        held, merging = futures.storms_within(cells, taken, found), futures.storms_within(cells, found, merged)
        storms = Storms(held, merging, Spam(held.days + merging.days, held.extra + merging.extra))
    month = np.asarray(cells // futures.shape[1] * DAYS_PER_MONTH, np.float64)
    return _Late(vm, cells, hours, month + taken, month + merged, storms)


def _forgotten(store: Store, policy: SnapshotPolicy, snapshots: Snapshots, futures: Futures) -> Events:
    """What it holds when each forgotten snapshot is there, in the storms that it sees, with the others that are there when it is taken."""
    if not store.vms:
        return Events(np.empty(0, np.int64), np.empty(0))
    late = [_late(vm, policy, futures, snapshots.see_mail(store.vms)) for vm in store.vms]
    cells = np.concatenate([of.cells for of in late])
    storming = np.concatenate([of.storms.held.intensity if of.storms else np.zeros(of.cells.size) for of in late])
    moments = futures.moments(cells)
    sizes = [snapshots.routine(vm, moments, storming) for vm in store.vms]
    routine, first, beside = _Concurrent(sizes, policy.concurrent_vms), 0, np.empty(cells.size)
    for of, size in zip(late, sizes, strict=True):
        own = slice(first, first := first + of.cells.size)
        held = snapshots.forgotten(of.vm, futures.moments(of.cells), of.hours, of.storms)
        beside[own] = held - routine.given_up(size)[own]
    spans = np.concatenate([of.taken for of in late]), np.concatenate([of.merged for of in late])
    vms = np.repeat(np.arange(len(late)), [of.cells.size for of in late])
    return Events(cells, store.static_gib + routine.gib + _together(cells % futures.shape[1], vms, spans, beside))


def _together(scenarios: Ints, vms: Ints, spans: tuple[Floats, Floats], gib: Floats) -> Floats:
    """Of each snapshot its size and that of those that are there in its scenario when it is taken: of each other VM one, the largest."""
    since, until = spans
    order = np.argsort(scenarios * (since.max(initial=0) + 1) + since, kind="stable")
    of, vm, each, since, until = scenarios[order], vms[order], gib[order], since[order], until[order]
    there = np.zeros((of.size, vms.max(initial=0) + 1))
    there[np.arange(of.size), vm] = each
    near = np.arange(of.size)
    for apart in range(1, of.size):
        near = near[: np.searchsorted(near, of.size - apart)]
        near = near[(of[near] == of[near + apart]) & (since[near + apart] <= until[near])]  # what is gone then is gone for those after it
        if not near.size:
            break
        other = near[vm[near] != vm[near + apart]]
        place = other + apart, vm[other]
        there[place] = np.maximum(there[place], each[other])
    found = np.empty(of.size)
    found[order] = there.sum(axis=1)
    return found


def lun(platform: Platform, store: Store, need_gib: Floats) -> Floats:
    """The smallest LUN that holds so much beside VMFS's own data, GiB; of a thin one what the array must keep for it as it shows itself."""
    overheads = platform.storage.overheads
    smallest = np.maximum(need_gib + overheads.vmfs_fixed_gib, need_gib / (1 - overheads.vmfs_fraction))
    return np.maximum(smallest, need_gib + store.vmfs_gib) if store.thin else smallest


def _store(platform: Platform, planned: DatastoreNeed, always: DatastoreNeed, vmfs_gib: float, vms: tuple[Vm, ...]) -> Store:
    usable = min(planned.declared_gib, planned.physical_gib or planned.declared_gib)
    return Store(
        planned=planned,
        usable_gib=usable,
        room_gib=usable - datastore.vmfs_gib(planned.declared_gib, platform.storage.overheads),
        vmfs_gib=vmfs_gib,
        static_gib=total(tuple(t for t in always.terms if t.name != VMFS)),
        vms=vms,
    )


def _vm(platform: Platform, name: str, memory_gib: float, rates: list[tuple[DiskNeed, Rate]]) -> Vm:
    policy, overheads = platform.snapshots, platform.storage.overheads
    own = [(need, rate) for need, rate in rates if need.vm == name]
    gib: dict[Rate, float] = {}
    for need, rate in own:
        gib[rate] = gib.get(rate, 0.0) + need.counted.value
    saved = memory_gib + gib_from_mib(rules.MEMORY_SNAPSHOT_EXTRA_MIB) if policy.memory else 0.0
    return Vm(name, gib, policy.per_disk * (len(own) * overheads.delta_quantum_gib + saved))
