"""Whether what an apply would put on a datastore fits what is free of it now, counting what the same apply takes away.

The plan's own arithmetic (`plan/invariants.py`) says that a datastore is large enough for what it is to hold in the end. It does not know
what fills it today: a forgotten snapshot, or what an array has left of a thin LUN. Pure; a new disk counts in full, since it may fill.
"""

from collections.abc import Iterator
from typing import NamedTuple

from checks.snapshots.room import usable_gib
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm, Store
from config.findings import Finding, Level
from plan import Disk, Vm
from sizing import datastore
from sizing.units import show


class Change(NamedTuple):
    """What an apply does to a datastore, GiB by what it is of."""

    coming: tuple[tuple[str, float], ...]
    leaving: tuple[tuple[str, float], ...]

    @property
    def more_gib(self) -> float:
        """What it takes in the end."""
        return self.coming_gib - sum(gib for _, gib in self.leaving)

    @property
    def coming_gib(self) -> float:
        """What it takes if nothing has left yet."""
        return sum(gib for _, gib in self.coming)


def changes(world: World, store: Store) -> Change:
    """The disks and swap files that come to a datastore and leave it."""
    coming: list[tuple[str, float]] = []
    leaving: list[tuple[str, float]] = []
    for own in world.plan.vms:
        live = world.in_place(own.name)
        if world.plan.datastore(own.lun).name == store.name:
            coming += _coming(world, store, own, live)
        elif live:
            leaving += _leaving(store, own, live)
    return Change(tuple((what, gib) for what, gib in coming if gib > 0), tuple((what, gib) for what, gib in leaving if gib > 0))


def _coming(world: World, store: Store, own: Vm, live: LiveVm | None) -> Iterator[tuple[str, float]]:
    for disk in own.disks:
        yield f"{own.name}/{disk.label}", disk.size_gib - _there_gib(store, live, disk)
    if live is None or live.home != store.name:
        overheads = world.platform.storage.overheads
        yield f"swap and logs of {own.name}", datastore.beside_disks_gib(own.memory_gib, own.memory_reservation_gib, overheads)


def _there_gib(store: Store, live: LiveVm | None, disk: Disk) -> float:
    """What a disk has on the datastore already."""
    return next((d.capacity_gib for d in live.disks if d.unit == disk.unit and d.datastore == store.name), 0.0) if live else 0.0


def _leaving(store: Store, own: Vm, live: LiveVm) -> Iterator[tuple[str, float]]:
    units = {disk.unit for disk in own.disks}
    for disk in live.disks:
        if disk.datastore == store.name and disk.unit in units:
            yield f"{own.name}/{disk.key}", disk.capacity_gib - disk.unallocated_gib + sum(disk.deltas_gib)
    if live.on and live.home == store.name:
        yield f"swap of {own.name}", live.swap_gib


def change_room(world: World) -> Iterator[Finding]:
    """Each datastore on which the change does not fit, or fits only when something has left it first."""
    for store in world.look.stores:
        if store.name not in {d.name for d in world.plan.datastores}:
            continue
        change, free_gib = changes(world, store), usable_gib(world, store)
        if change.coming_gib <= free_gib:
            continue
        listed = " + ".join(f"{what} {show(round(gib, 2))}" for what, gib in change.coming)
        gone = " + ".join(f"{what} {show(round(gib, 2))}" for what, gib in change.leaving)
        of_array = " (what the array has left of the thin LUN)" if free_gib < store.free_gib else ""
        found = f"{free_gib:,.2f} GiB free{of_array}"
        expected = f"{change.coming_gib:,.2f} GiB for what comes ({listed})" + (f", and what leaves ({gone}) first" if gone else "")
        subject, rule = f"datastore {store.name}", "array-thin" if of_array else "no-room-now"
        if change.more_gib > free_gib:
            consequence = f"{change.more_gib - free_gib:,.2f} GiB are missing: up stops half way, or fills the datastore and its VMs stop"
            step = "Remove snapshots (mailstead snapshot status STACK) or what else fills it; or have the array grow"
            yield Finding(Level.UNSAFE, rule, subject, found, expected, consequence, step, (subject, store.name))
        else:
            consequence = "It fits only once that has left, and the engine promises no order: up may stop half way"
            step = "Apply in two steps: what leaves first"
            yield Finding(Level.WARNING, rule, subject, found, expected, consequence, step, (subject, store.name))
