"""Whether the snapshots of a VM may be removed now, and which VM's go first where a datastore is nearly full.

Waiting gains no room: what a VM writes goes to its delta, or to the helper of its consolidation. So a removal is refused for room only
where another should go first, or where it could not even begin while its VM runs. All datastores are seen in one order, so that whoever is
first in it is refused nowhere: there is always a way out.
"""

from collections.abc import Iterator
from typing import NamedTuple

from checks.snapshots.gate import is_snapshot_work
from checks.snapshots.headroom import no_room
from checks.snapshots.room import Room, consolidating, open_disks, usable_gib
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm, Store
from config.findings import Finding, Level, ordered


class Removal(NamedTuple):
    """The removal of all snapshots of a VM, in the order in which removals should be made: the first is the least."""

    stuck: bool
    """Whether not even the first step of its helper fits."""
    short: bool
    """Whether it does not fit somewhere as a whole."""
    need_gib: float
    """What it takes itself, on all datastores together."""
    gives_gib: float
    """What it gives back; the smallest deltas are merged the soonest."""
    name: str
    vm: LiveVm


def removable(world: World, vm: LiveVm) -> tuple[Finding, ...]:
    """What there is to say against a removal of the VM's snapshots now: one of it unsafe forbids it."""
    return ordered([*_busy(vm), *(found for store in _stores(world, vm) if (found := _room(world, store, vm)))])


def _busy(vm: LiveVm) -> Iterator[Finding]:
    for work in vm.work:
        if is_snapshot_work(work):
            said = f"{work.what} is {work.state}{f' for {work.who}' if work.who else ''}", "no task"
            consequence = "They may meet, and one of them break off half way"
            yield Finding(Level.UNSAFE, "busy", vm.name, *said, consequence, "Wait for it to end", (vm.name,))


def _room(world: World, store: Store, vm: LiveVm) -> Finding | None:
    room = consolidating(world, store, vm)
    if room.left_gib >= 0:
        return None
    own, first = removal(world, vm), removals(world, store)[0]
    if first.vm.id != vm.id:
        return no_room(room, "to consolidate", f"{_first(first)}; then this one")
    if own.stuck:
        return no_room(
            room, "to consolidate", f"Shut {vm.name} down first: while it is off it writes nothing, and its removal needs no room"
        )
    step = f"Nothing is gained by waiting, and no other removal should go first. Lower its load, or shut {vm.name} down for the time"
    return no_room(room, "to consolidate", step).noted(step, Level.WARNING)


def _first(first: Removal) -> str:
    vm = first.vm
    if not vm.snapshots:
        how = f"Have the disks of {vm.name} consolidated first, in vCenter (Snapshots, Consolidate)"
    else:
        how = f"Remove first: mailstead snapshot remove STACK --vm {vm.name} --name {vm.snapshots[0].id}"
    off = f", after {vm.name} is shut down" if first.stuck else ""
    return f"{how}{off} (it takes {first.need_gib:,.2f} GiB and gives {first.gives_gib:,.2f} back)"


def removals(world: World, store: Store) -> list[Removal]:
    """The removals that could be made of a datastore's VMs, the one first that should go first; those under way are none."""
    having = (vm for vm in world.look.on(store.name) if open_disks(vm, store) and not any(map(is_snapshot_work, vm.work)))
    return sorted((removal(world, vm) for vm in having), key=lambda one: one[:-1])


def removal(world: World, vm: LiveVm) -> Removal:
    """What the removal of a VM's snapshots takes and gives, over all its datastores."""
    stores = _stores(world, vm)
    rooms = [consolidating(world, store, vm) for store in stores]
    return Removal(
        stuck=vm.on and any(usable_gib(world, store) < _step_gib(world, vm, store) for store in stores),
        short=any(room.left_gib < 0 for room in rooms),
        need_gib=round(sum(_own_gib(room, vm) for room in rooms), 6),
        gives_gib=round(vm.deltas_gib, 6),
        name=vm.name,
        vm=vm,
    )


def _step_gib(world: World, vm: LiveVm, store: Store) -> float:
    """The first step of a consolidation's helpers."""
    return world.platform.storage.overheads.delta_quantum_gib * len(open_disks(vm, store))


def _own_gib(room: Room, vm: LiveVm) -> float:
    return sum(t.gib for t in room.terms if t.name in (f"consolidation of {vm.name}", f"thin disks of {vm.name}"))


def _stores(world: World, vm: LiveVm) -> list[Store]:
    names = sorted({disk.datastore for disk in vm.disks if disk.deltas_gib})
    return [store for name in names if (store := world.look.store(name))]
