"""Every snapshot and delta on the stack's datastores: how old, how large, how fast it grows, and when it fills what is free.

How fast is foreseen from the plan's write rates; between two looks it is measured. Deliberately changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime

from checks.snapshots.ends import age_hours
from checks.snapshots.gate import Verdict, overdue
from checks.snapshots.modes import modes
from checks.snapshots.room import usable_gib
from checks.snapshots.world import World, label
from checks.vcenter.chains import Chain, LiveVm, Look, Store
from config.base import Model
from config.findings import Finding, Level, ordered
from config.storage import MAX_HOLD_HOURS
from sizing.snapshots import Growing, hours_to_fill
from sizing.units import SECONDS_PER_HOUR, show

SHORTEST_HOURS = 1 / 60  # h; two looks that are nearer measure nothing: deltas grow in steps


class SnapshotRow(Model):
    """A snapshot."""

    vm: str
    snapshot: str
    id: str = ""
    """Managed object id: two snapshots may have one name; empty in a look that an older version has kept."""
    created: datetime
    age_hours: float
    size_gib: float
    """What was written since, until the next one."""
    memory: bool


class DeltaRow(Model):
    """The deltas of one disk."""

    vm: str
    disk: str
    """The plan's label, else the device's key."""
    file: str
    """The one that grows."""
    datastore: str
    files: int
    size_gib: float
    """All deltas of the disk."""
    active_gib: float
    """The one that grows."""
    gib_per_hour: float
    measured: bool
    """Whether that is what was seen since the last look; else it is what the plan foresees."""
    bound_gib: float
    """The most that it may still grow."""


class StoreRow(Model):
    """A datastore."""

    datastore: str
    capacity_gib: float
    free_gib: float
    gib_per_hour: float
    """How fast its deltas grow together."""
    hours_to_full: float | None
    """None: never, their bounds fit or nothing grows."""
    vms_with_snapshots: int


class Status(Model):
    """All of it, at one time."""

    server: str
    at: datetime
    """By vCenter's clock."""
    stores: tuple[StoreRow, ...]
    snapshots: tuple[SnapshotRow, ...]
    deltas: tuple[DeltaRow, ...]
    unconsolidated: tuple[str, ...]
    """VMs with deltas that no snapshot has."""
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """No if something is unsafe."""
        return Verdict.of(self.findings)


def status(world: World, last: "Status | None" = None) -> Status:
    """All snapshots and deltas; how fast deltas grow is measured where the last look, of the same vCenter, had them too."""
    look = world.look
    last = last if last and last.server == look.server and _apart_hours(last, look) >= SHORTEST_HOURS else None
    deltas = tuple(_delta(world, vm, disk, last) for vm in look.vms for disk in vm.disks if disk.deltas_gib)
    stores = tuple(_store(world, store, deltas) for store in look.stores)
    return Status(
        server=look.server,
        at=look.at,
        stores=stores,
        snapshots=tuple(_snapshots(look)),
        deltas=deltas,
        unconsolidated=tuple(vm.name for vm in look.vms if vm.unconsolidated or vm.orphaned),
        findings=ordered([*overdue(world), *_too_old(look), *_filling(world, stores), *_left(look), *_vanished(look), *_modes(world)]),
    )


def _apart_hours(last: Status, look: Look) -> float:
    return (look.at - last.at).total_seconds() / SECONDS_PER_HOUR


def _snapshots(look: Look) -> Iterator[SnapshotRow]:
    for vm in look.vms:
        for made in vm.snapshots:
            yield SnapshotRow(
                vm=vm.name,
                snapshot=made.name,
                id=made.id,
                created=made.created,
                age_hours=round(age_hours(made.created, look.at), 3),
                size_gib=made.size_gib,
                memory=made.memory,
            )


def _delta(world: World, vm: LiveVm, disk: Chain, last: Status | None) -> DeltaRow:
    growing = world.growing(vm, disk)
    before = next((row for row in last.deltas if (row.vm, row.file) == (vm.name, disk.top)), None) if last else None
    seen = (disk.active_gib - before.active_gib) / _apart_hours(last, world.look) if last and before else None
    return DeltaRow(
        vm=vm.name,
        disk=label(world, vm, disk),
        file=disk.top,
        datastore=disk.datastore,
        files=len(disk.deltas_gib),
        size_gib=sum(disk.deltas_gib),
        active_gib=disk.active_gib,
        gib_per_hour=growing.gib_per_hour if seen is None else max(0.0, seen),
        measured=seen is not None,
        bound_gib=growing.bound_gib,
    )


def _store(world: World, store: Store, deltas: tuple[DeltaRow, ...]) -> StoreRow:
    own = [delta for delta in deltas if delta.datastore == store.name]
    free_gib = usable_gib(world, store)
    return StoreRow(
        datastore=store.name,
        capacity_gib=store.capacity_gib,
        free_gib=free_gib,
        gib_per_hour=sum(delta.gib_per_hour for delta in own if delta.bound_gib),
        hours_to_full=hours_to_fill(free_gib, (Growing(delta.gib_per_hour, delta.bound_gib) for delta in own)),
        vms_with_snapshots=sum(1 for vm in world.look.on(store.name) if vm.snapshots or vm.orphaned),
    )


def _too_old(look: Look) -> Iterator[Finding]:
    """Beyond the age that no snapshot should reach, it is no longer a matter of policy."""
    for vm in look.vms:
        for made in vm.snapshots:
            age = age_hours(made.created, look.at)
            if age > MAX_HOLD_HOURS:
                yield Finding(
                    Level.UNSAFE,
                    "too-old",
                    f"{vm.name}, snapshot {made.name}",
                    f"is {age:,.1f} h old, {made.size_gib:,.2f} GiB",
                    f"{MAX_HOLD_HOURS} h at most (VMware KB 318825)",
                    "The longer it is kept, the longer its removal takes, and the more room that needs",
                    f"Remove it: mailstead snapshot remove STACK --vm {vm.name} --name {made.name}",
                    (vm.name, f"{vm.name}/{made.name}"),
                )


def _filling(world: World, stores: tuple[StoreRow, ...]) -> Iterator[Finding]:
    """A datastore that would be full before a snapshot that is taken now would be found, and removed."""
    policy = world.platform.snapshots
    least = policy.hold_hours + policy.consolidate_hours
    for store in stores:
        if store.hours_to_full is not None and store.hours_to_full < least:
            yield Finding(
                Level.UNSAFE,
                "filling",
                f"datastore {store.datastore}",
                f"{store.free_gib:,.2f} GiB free, full in {store.hours_to_full:,.1f} h as its deltas grow",
                f"{show(least)} h at least, to find a snapshot and to consolidate it",
                "When it is full, every VM on it that writes stops",
                "Remove snapshots now, the largest first",
                (store.datastore,),
            )


def _left(look: Look) -> Iterator[Finding]:
    for vm in look.vms:
        if vm.unconsolidated or vm.orphaned:
            gib, doing = vm.deltas_gib, [work for work in vm.work if "snapshot" in work.what.lower() or "consolidate" in work.what.lower()]
            yield Finding(
                Level.WARNING if doing else Level.UNSAFE,
                "unconsolidated",
                vm.name,
                f"has {gib:,.2f} GiB of deltas that " + ("are being removed" if doing else "no snapshot has"),
                "none",
                "They grow, and the list of snapshots does not show them",
                "Wait for it to end" if doing else "Consolidate its disks in vCenter (Snapshots, Consolidate)",
                (vm.name,),
            )


def _modes(world: World) -> Iterator[Finding]:
    for vm in world.look.vms:
        if world.own(vm):
            yield from modes(world, vm)


def _vanished(look: Look) -> Iterator[Finding]:
    for name in look.vanished:
        said = "went away while vCenter was being asked", "there to the end", "It is not in this list", "Ask again if that was not meant"
        yield Finding(Level.NOTE, "vanished", name, *said, (name,))
