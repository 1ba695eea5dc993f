"""Whether a datastore has room for what snapshots will take of it: the arithmetic of sizing, from what is there now.

Sizing asks how large a LUN must be; here the same is asked of the free space of this hour. As there, a delta grows by what is written,
to its disk's size at most. What others hold keeps its room until it ends, however small it is yet: when the policy says so, or whoever took
it, if that is later. One that is older is taken to stay, and keeps the room of its whole disks.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pydantic import computed_field

from checks.snapshots.ends import begun
from checks.snapshots.world import World
from checks.vcenter.chains import Chain, LiveVm, Store
from config import Growth
from config.base import Model
from sizing import rules
from sizing.model import Term, term, total
from sizing.snapshots import Growing, hours_to_fill
from sizing.units import HOURS_PER_DAY, gib_from_mib, show


class Room(Model):
    """What a datastore has, and what will be taken of it."""

    datastore: str
    capacity_gib: float
    free_gib: float
    """Now; of a thin LUN no more than the array still has."""
    kept_gib: float
    """What is to stay free of it, by the stack's `free_fraction`; 0 where the stack's risk is what is counted with."""
    terms: tuple[Term, ...]
    """What will be taken."""
    hours_to_full: float | None
    """Hours until it is full if every snapshot is forgotten; None: never."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def need_gib(self) -> float:
        """Sum of the terms."""
        return total(self.terms)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def left_gib(self) -> float:
        """What is left beyond what is to stay free; less than 0 is what is missing."""
        return round(self.free_gib - self.kept_gib - self.need_gib, 6)


class Snapshot(NamedTuple):
    """A snapshot that is asked for."""

    vm: LiveVm
    hold_hours: float
    memory: bool
    taken: bool = False
    """Whether it is there already: its deltas have what they have."""


def room(world: World, store: Store, asked: Snapshot) -> Room:
    """What a snapshot takes of a datastore while it is held, beside all else that grows there."""
    storage = world.platform.storage
    new = _snapshotted(asked.vm, store)
    others = [vm for vm in world.look.on(store.name) if vm.id != asked.vm.id]
    growing = [Growing(world.written_gib(asked.vm, disk, 1), world.bound_gib(disk)) for disk in new]
    growing += [world.growing(vm, disk) for vm in others for disk in open_disks(vm, store)]
    memory = _memory(store, asked)
    free_gib = usable_gib(world, store)
    at_once_gib = storage.overheads.delta_quantum_gib * len(new) + sum(t.gib for t in memory)
    return Room(
        datastore=store.name,
        capacity_gib=store.capacity_gib,
        free_gib=free_gib,
        kept_gib=storage.free_fraction * store.capacity_gib if world.keeps_free else 0.0,
        terms=(
            *_own(world, new, asked),
            *memory,
            *_others(world, store, others, world.remaining_hours),
            *_rest(world, store, asked),
        ),
        hours_to_full=hours_to_fill(free_gib - at_once_gib, growing),
    )


def consolidating(world: World, store: Store, vm: LiveVm) -> Room:
    """What the removal of a VM's snapshots takes of a datastore until it ends: a VM that is off writes nothing meanwhile.

    What others write counts, whoever is removed first; their own consolidation does not, since it is not under way: counted, two VMs
    would forbid each other's removal, and nothing would ever get room back.
    """
    hours = world.platform.snapshots.consolidate_hours
    own = open_disks(vm, store)
    thin_gib = sum(min(disk.unallocated_gib, sum(disk.deltas_gib)) for disk in own)
    others = [other for other in world.look.on(store.name) if other.id != vm.id]
    growing = [world.growing(v, disk) for v in (vm, *others) for disk in open_disks(v, store)]
    free_gib = usable_gib(world, store)
    return Room(
        datastore=store.name,
        capacity_gib=store.capacity_gib,
        free_gib=free_gib,
        kept_gib=0.0,  # it gives room back
        terms=(
            *([_consolidation(world, vm, own)] if own and vm.on else ()),
            *([_thin(vm, thin_gib)] if thin_gib else ()),
            *_others(world, store, others, lambda other: min(hours, world.remaining_hours(other)), then=False),
        ),
        hours_to_full=hours_to_fill(free_gib, growing),
    )


def usable_gib(world: World, store: Store) -> float:
    """What is free of a datastore; a thin LUN is full when the array is."""
    lun = next((d.lun for d in world.plan.datastores if d.name == store.name), None)
    physical = world.platform.storage.luns[lun].physical_gib if lun else None
    used_gib = store.capacity_gib - store.free_gib
    return store.free_gib if physical is None else max(0.0, min(store.free_gib, physical - used_gib))


def _snapshotted(vm: LiveVm, store: Store) -> list[Chain]:
    return [disk for disk in vm.disks if disk.datastore == store.name and not disk.independent]


def open_disks(vm: LiveVm, store: Store) -> list[Chain]:
    """Disks of a VM on a datastore with a delta; where a snapshot has only just begun and none shows yet, all that it includes."""
    if (vm.snapshots or begun(vm)) and not any(disk.deltas_gib for disk in vm.disks):
        return _snapshotted(vm, store)
    return [disk for disk in vm.disks if disk.datastore == store.name and disk.deltas_gib]


def _own(world: World, new: list[Chain], asked: Snapshot) -> Iterator[Term]:
    policy, step = world.platform.snapshots, world.platform.storage.overheads.delta_quantum_gib
    if not new:
        return
    sizes = [_least(world, asked.vm, disk, asked.hold_hours) for disk in new]
    there_gib = [disk.active_gib if asked.taken else 0.0 for disk in new]
    yield term(
        f"deltas of {asked.vm.name}",
        sum(max(0.0, gib + step - there) for (gib, _), there in zip(sizes, there_gib, strict=True)),
        f"{' + '.join(f'{text} + {show(step)}' for _, text in sizes)} GiB",
        "vSphere: a delta lies beside its disk and grows by what is written, to its size at most",
    )
    if policy.growth is Growth.RATE:
        yield _consolidation(world, asked.vm, new)


def _least(world: World, vm: LiveVm, disk: Chain, hours: float) -> tuple[float, str]:
    """The size of a delta of some hours, and its arithmetic."""
    bound = world.bound_gib(disk)
    bounded = f"{show(disk.capacity_gib)} × (1 + {show(world.platform.storage.overheads.delta_fraction)})"
    if world.platform.snapshots.growth is Growth.WORST:
        return bound, bounded
    faster = f" × {show(world.factor)}" if world.factor != 1 else ""
    text = f"min({bounded}, {world.rate(vm, disk).text}{faster} × {show(hours)} ÷ {HOURS_PER_DAY})"
    return min(bound, world.written_gib(vm, disk, hours)), text


def _consolidation(world: World, vm: LiveVm, disks: list[Chain]) -> Term:
    sizes = [_least(world, vm, disk, world.platform.snapshots.consolidate_hours) for disk in disks]
    size, formula = sum(gib for gib, _ in sizes), f"{' + '.join(text for _, text in sizes)} GiB"
    return term(f"consolidation of {vm.name}", size, formula, "VMware: consolidation needs room for what is written meanwhile")


def _memory(store: Store, asked: Snapshot) -> tuple[Term, ...]:
    if not asked.memory or asked.vm.home != store.name or not asked.vm.on:
        return ()
    extra = rules.MEMORY_SNAPSHOT_EXTRA_MIB
    formula = f"{show(asked.vm.memory_gib)} GiB + {extra} MiB ÷ 1,024"
    size = asked.vm.memory_gib + gib_from_mib(extra)
    return (term(f"memory of {asked.vm.name}", size, formula, "measured: a .vmsn is the memory and 1.3 MiB"),)


def _thin(vm: LiveVm, gib: float) -> Term:
    formula = "for each disk min(not allocated, its deltas) GiB"
    return term(f"thin disks of {vm.name}", gib, formula, "vSphere: merging allocates blocks of a thin disk before its deltas are gone")


def _others(
    world: World, store: Store, others: Iterable[LiveVm], hours_of: Callable[[LiveVm], float], *, then: bool = True
) -> Iterator[Term]:
    """What other VMs' snapshots still grow, for as long as each goes on, and `then` their consolidation."""
    for vm in others:
        disks = open_disks(vm, store)
        if not disks:
            continue
        hours = hours_of(vm)
        grown = [_still_gib(world, vm, disk, hours) for disk in disks]
        rest = "the rest of its disks: nobody says when it ends"
        more = rest if math.isinf(hours) else f"{show(round(hours, 1))} h more of what is written"
        held = f"{show(round(sum(d.active_gib for d in disks), 3))} GiB now, and {more}"
        yield term(f"growth of {vm.name}'s deltas", sum(grown), held, "vSphere: only the last delta of a chain grows")
        if then and world.platform.snapshots.growth is Growth.RATE:
            yield _consolidation(world, vm, disks)


def _still_gib(world: World, vm: LiveVm, disk: Chain, hours: float) -> float:
    bound_gib = world.growing(vm, disk).bound_gib
    return bound_gib if math.isinf(hours) else min(bound_gib, _least(world, vm, disk, hours)[0])


def _rest(world: World, store: Store, asked: Snapshot) -> Iterator[Term]:
    """What fills beside deltas: thin disks, and the swap files of the plan's VMs that are to start again."""
    hours = asked.hold_hours + world.platform.snapshots.consolidate_hours
    here = world.look.on(store.name)
    thin = [
        min(disk.unallocated_gib, world.written_gib(vm, disk, hours) + sum(disk.deltas_gib))
        for vm in here
        for disk in vm.disks
        if disk.unallocated_gib and disk.base.startswith(f"[{store.name}]")
    ]
    if thin:
        formula = f"{len(thin)} disks: min(not allocated, written in {show(hours)} h + deltas to come)"
        source = "vSphere: a thin disk takes blocks as they are written, also by consolidation"
        yield term("thin disks that fill", sum(thin), formula, source)
    off = [vm for vm in here if vm.home == store.name and not vm.on and world.starts_again(vm)]
    if off:
        formula = " + ".join(f"{show(vm.swap_gib)} {vm.name}" for vm in off) + " GiB"
        source = "Broadcom KB 318856: memory − reservation, or the VM can't power on"
        yield term("swap of VMs that are off", sum(vm.swap_gib for vm in off), formula, source)
