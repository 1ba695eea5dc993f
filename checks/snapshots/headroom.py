"""What datastores have against one more snapshot: too little room, and others that hold one; asked before one is taken, and after."""

import math
from collections.abc import Iterable, Iterator
from statistics import NormalDist

from checks.snapshots.ends import begun
from checks.snapshots.room import Room, Snapshot, room
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm, Store
from config.findings import Finding, Level
from sizing.units import show

_Z95 = NormalDist().inv_cdf(0.95)  # standard deviations to the 95 % quantile, in which the stack states its spread


def quantile(world: World) -> float:
    """The stack's quantile; a half where it states no risk."""
    return world.platform.risk.quantile if world.platform.risk else 0.5


def at_risk_of(world: World) -> World | None:
    """The world in which as much more is written as the stack's quantile foresees; None where it states no risk."""
    risk = world.platform.risk
    if risk is None:
        return None
    factor = math.exp(math.log(risk.inputs.write_rate_p95) / _Z95 * NormalDist().inv_cdf(risk.quantile))
    return world._replace(factor=factor, keeps_free=False)


def unproven(world: World, stores: Iterable[Store], asked: Snapshot, step: str) -> list[Finding]:
    """Each datastore that has too little room for a snapshot, as planned or at the stack's risk."""
    stores, risky, what = tuple(stores), at_risk_of(world), f"for {show(asked.hold_hours)} h"
    planned = [(room(world, store, asked), f"{what} as planned") for store in stores]
    worse = [(room(risky, store, asked), f"{what} at the stack's risk ({quantile(world):g})") for store in stores] if risky else []
    return [no_room(one, how, step) for one, how in (*planned, *worse) if one.left_gib < 0]


def no_room(short: Room, what: str, step: str) -> Finding:
    """That a datastore has too little room for what is to be done."""
    terms = " + ".join(f"{t.name} {t.gib:,.2f}" for t in short.terms)
    full = (
        " of what is to stay free"
        if short.hours_to_full is None
        else f"; if none is removed, it is full after {short.hours_to_full:,.1f} h, and every VM on it stops"
    )
    kept = f" and {show(round(short.kept_gib, 2))} GiB that stay free" if short.kept_gib else ""
    expected = f"{short.need_gib:,.2f} GiB {what} ({terms}){kept}"
    said = (f"{short.free_gib:,.2f} GiB free", expected, f"{-short.left_gib:,.2f} GiB are missing{full}", step)
    subject = f"datastore {short.datastore}"
    return Finding(Level.UNSAFE, "no-room", subject, *said, names=(subject,))


def holds(vm: LiveVm) -> bool:
    """Whether a VM has a snapshot, or is about to."""
    return bool(vm.snapshots) or vm.orphaned or begun(vm)


def crowded(world: World, store: Store, vm: LiveVm) -> Iterator[Finding]:
    """That as many other VMs on a datastore hold snapshots as are planned for, or have tasks that make or remove one."""
    most = world.platform.snapshots.concurrent_vms
    holding = [other.name for other in world.look.on(store.name) if other.id != vm.id and holds(other)]
    if len(holding) >= most:
        said = (
            f"{len(holding)} other VMs have snapshots, or are about to ({', '.join(holding)})",
            f"fewer than snapshots.concurrent_vms, {most}",
            "Room was planned for no more at a time",
            "Wait until one is removed",
        )
        subject = f"datastore {store.name}"
        yield Finding(Level.UNSAFE, "too-many-at-once", subject, *said, names=(subject,))
