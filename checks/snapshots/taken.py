"""Whether a snapshot that was just taken may stay: two machines may have been let through at once, or a datastore filled meanwhile.

Each of two has its own snapshot when it looks again, so that one of them at least sees the other's.
"""

from typing import NamedTuple

from checks.snapshots.headroom import crowded, unproven
from checks.snapshots.room import Snapshot
from checks.snapshots.world import World
from checks.vcenter.chains import LiveSnapshot, LiveVm, Store
from config.findings import Finding, Level


class Taken(NamedTuple):
    """A snapshot, and its VM as it is with it."""

    vm: LiveVm
    made: LiveSnapshot


class Judged(NamedTuple):
    """What there is against it."""

    findings: tuple[Finding, ...]
    stays: bool


def found(world: World, before: LiveVm, name: str) -> Taken | None:
    """The snapshot of a name that a VM did not have before; None where none or more than one is new."""
    known = {made.id for made in before.snapshots}
    new = [Taken(vm, made) for vm in world.look.vms if vm.id == before.id for made in vm.snapshots if made.id not in known]
    return new[0] if len(new) == 1 and new[0].made.name == name else None


def judged(world: World, taken: Taken, hold_hours: float) -> Judged:
    """A snapshot stays if the room is there with all that has begun beside it, and no more VMs than planned for got theirs before it."""
    vm = taken.vm
    included = {disk.datastore for disk in vm.disks if not disk.independent}
    stores = [store for store in world.look.stores if store.name in included]
    short = unproven(world, stores, Snapshot(vm, hold_hours, memory=False, taken=True), "Ask again when there is room")
    late = any(_earlier(world, store, taken) >= world.platform.snapshots.concurrent_vms for store in stores)
    level, step = (Level.UNSAFE, "Ask again when one is removed") if late else (Level.WARNING, "It was the first: remove the other soon")
    many = [one.noted(f"Another was taken in the same moment. {step}", level) for store in stores for one in crowded(world, store, vm)]
    return Judged((*short, *many), stays=not short and not late)


def _earlier(world: World, store: Store, taken: Taken) -> int:
    """How many other VMs on a datastore had a snapshot before this one was made; of two in one moment one is first for both."""
    own = taken.made.created, taken.vm.id
    others = [vm for vm in world.look.on(store.name) if vm.id != taken.vm.id]
    return sum(1 for vm in others if vm.orphaned or any((made.created, vm.id) < own for made in vm.snapshots))
