"""The gate before a snapshot: may one be taken of a VM now? Deliberately takes none, and knows no way to."""

import math
from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import IntEnum

from pydantic import computed_field

from checks.snapshots.ends import age_hours
from checks.snapshots.headroom import at_risk_of, crowded, quantile, unproven
from checks.snapshots.modes import modes
from checks.snapshots.room import Room, Snapshot, room
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm, Store, Work
from config.base import Model
from config.findings import Finding, Level, ordered, unsafe
from config.references import nearest
from config.storage import MAX_CHAIN
from sizing.units import show

CLOCK_SKEW = timedelta(minutes=5)  # by which the clocks of vCenter and hosts may differ before it matters; as Kerberos allows, RFC 4120
SNAPSHOT_WORK = ("snapshot", "consolidate", "backup", "clone", "relocate", "reconfig")  # in the names of tasks that a snapshot may not meet


class Verdict(IntEnum):
    """May a snapshot be taken? The number is the exit code."""

    YES = 0
    UNKNOWN = 1
    NO = 3

    @classmethod
    def of(cls, found: Iterable[Finding]) -> "Verdict":
        """No if anything is unsafe."""
        return cls.NO if unsafe(found) else cls.YES


class Gate(Model):
    """The answer for one VM."""

    vm: str
    """As vCenter shows it; as it was asked for where vCenter has none."""
    hold_hours: float
    asked_at: str
    """By vCenter's clock."""
    rooms: tuple[Room, ...] = ()
    """The datastores that it would lie on, as planned …"""
    at_risk: tuple[Room, ...] = ()
    """… and at the stack's risk, where it states one."""
    quantile: float | None = None
    unknown: bool = False
    """Whether something that decides could not be seen."""
    findings: tuple[Finding, ...] = ()
    fits_hours: int | None = None
    """If it does not fit for as long as asked: for how many hours it does; 0 for none."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Verdict:
        """No if anything is unsafe; can't be told if something that decides was not seen."""
        verdict = Verdict.of(self.findings)
        return Verdict.UNKNOWN if self.unknown and verdict is Verdict.YES else verdict


def gate(world: World, name: str, hold_hours: float, *, memory: bool) -> Gate:
    """May a snapshot of the VM be taken now and held for so long; `name` is vCenter's, or the stack's for a server."""
    found = named(world, name)
    asked_at = world.look.at.isoformat(timespec="seconds")
    if isinstance(found, Finding):
        return Gate(vm=name, hold_hours=hold_hours, asked_at=asked_at, unknown=True, findings=(found,))
    asked = Snapshot(found, hold_hours, memory)
    stores = {disk.datastore for disk in found.disks if not disk.independent} | ({found.home} if memory else set())
    seen = [store for name in sorted(stores) if (store := world.look.store(name))]
    rooms = tuple(room(world, store, asked) for store in seen)
    risky = at_risk_of(world)
    at_risk = tuple(room(risky, store, asked) for store in seen) if risky else ()
    fits = _fits_hours(world, seen, asked) if any(r.left_gib < 0 for r in (*rooms, *at_risk)) else None
    step = "emove other snapshots, or have the LUN grown"
    step = f"Hold it for {fits} h at most (--hold {fits}h), or r{step}" if fits else f"R{step}"
    findings = [
        *_unseen(found, sorted(stores - {s.name for s in seen})),
        *_state(world, found),
        *(f for store in seen for f in _store(world, store, found)),
        *unproven(world, seen, asked, step),
        *modes(world, found),
        *_notes(world, found),
    ]
    return Gate(
        vm=found.name,
        hold_hours=hold_hours,
        asked_at=asked_at,
        rooms=rooms,
        at_risk=at_risk,
        quantile=quantile(world) if risky else None,
        unknown=any(f.rule == "unseen" for f in findings),
        findings=ordered(findings),
        fits_hours=fits,
    )


def named(world: World, name: str) -> LiveVm | Finding:
    """The VM that a name means, else why it can't be told."""
    plan, look = world.plan, world.look
    called = next((vm.name for vm in plan.vms if vm.server == name), name)
    meant = [vm for vm in look.vms if vm.name in (name, called)]
    ours = [vm for vm in meant if vm.folder == plan.place.folder]
    meant = ours or meant
    if len(meant) == 1:
        return meant[0]
    if not meant:
        gone = called in look.vanished
        known = {vm.name for vm in look.vms} | {vm.server for vm in plan.vms}
        found = "went away while vCenter was being asked" if gone else f"is no VM on the stack's datastores of {look.server}"
        step = "Ask again" if gone else f"{nearest(name, known)[:1].upper()}{nearest(name, known)[1:]}"
        return _finding(Level.WARNING, "unseen", name, (found, "a VM of this name", "It can't be told", step))
    where = ", ".join(vm.folder or "(no folder)" for vm in meant)
    found = f"{len(meant)} VMs have the name ({where})"
    return _finding(Level.WARNING, "unseen", name, (found, "one", "It can't be told which is meant", "Rename all but one in vCenter"))


def _finding(level: Level, rule: str, subject: str, said: tuple[str, str, str, str], names: tuple[str, ...] = ()) -> Finding:
    return Finding(level, rule, subject, *said, names=names or (subject,))


def _fits_hours(world: World, stores: list[Store], asked: Snapshot) -> int:
    """The most whole hours for which it fits."""
    shorter = (asked._replace(hold_hours=float(hours)) for hours in range(math.floor(asked.hold_hours), 0, -1))
    return next((round(one.hold_hours) for one in shorter if not unproven(world, stores, one, "")), 0)


def _unseen(vm: LiveVm, stores: list[str]) -> Iterator[Finding]:
    for store in stores:
        said = (
            f"is on datastore {store}, which could not be seen",
            "a datastore of the datacenter",
            "It can't be told",
            "See it in vCenter",
        )
        yield _finding(Level.WARNING, "unseen", vm.name, said)
    if not vm.connected:
        said = (
            "vCenter can't reach it (disconnected, inaccessible or orphaned)",
            "connected",
            "It can't be told",
            "See its host in vCenter",
        )
        yield _finding(Level.WARNING, "unseen", vm.name, said)


def _state(world: World, vm: LiveVm) -> Iterator[Finding]:
    """What the VM itself has against a snapshot."""
    policy, count = world.platform.snapshots, len(vm.snapshots)
    chain = max((len(disk.deltas_gib) for disk in vm.disks), default=0)
    if max(count, chain) >= MAX_CHAIN:
        said = (f"has {max(count, chain)} snapshots", f"fewer than {MAX_CHAIN}", "vSphere makes no longer chain", "Remove snapshots first")
        yield _finding(Level.UNSAFE, "chain-full", vm.name, said)
    elif count >= policy.per_disk:
        names = ", ".join(s.name for s in vm.snapshots)
        consequence = "Room was planned for no more: each further one may grow to the whole disk"
        said = (
            f"has {count} snapshot{'s' if count > 1 else ''} ({names})",
            f"fewer than snapshots.per_disk, {policy.per_disk}",
            consequence,
            "Remove what is not needed",
        )
        yield _finding(Level.UNSAFE, "too-many", vm.name, said)
    if vm.unconsolidated or vm.orphaned:
        found = "vCenter says that its disks need consolidation" if vm.unconsolidated else "has deltas, and no snapshot"
        said = (
            found,
            "none",
            "A removal broke off: its deltas grow unseen, and a new snapshot makes the chain longer",
            "Consolidate first",
        )
        yield _finding(Level.UNSAFE, "unconsolidated", vm.name, said)
    for work in vm.work:
        level = Level.UNSAFE if is_snapshot_work(work) else Level.NOTE
        done = "" if work.percent is None else f", {work.percent} %"
        said = (
            f"{work.what} is {work.state}{done}{f' for {work.who}' if work.who else ''}",
            "no task",
            "They may meet",
            "Wait for it to end",
        )
        yield _finding(level, "busy", vm.name, said)


def is_snapshot_work(work: Work) -> bool:
    """Whether a task makes, removes or relies on snapshots, or changes what they are of."""
    return any(word in work.what.lower() for word in SNAPSHOT_WORK)


def _store(world: World, store: Store, vm: LiveVm) -> Iterator[Finding]:
    """What a datastore has against one more snapshot."""
    subject = f"datastore {store.name}"
    if not store.accessible or store.in_maintenance:
        found = "is in maintenance mode" if store.accessible else "is not accessible"
        yield _finding(Level.UNSAFE, "inaccessible", subject, (found, "in use", "No delta can be made on it", "See its paths in vCenter"))
    yield from crowded(world, store, vm)


def _notes(world: World, vm: LiveVm) -> Iterator[Finding]:
    """What does not decide, but is to be known."""
    yield from overdue(world)
    unknown = [disk for disk in vm.disks if not disk.independent and not world.rate(vm, disk).known]
    if unknown:
        found = f"{len(unknown)} of its disks are not in the stack"
        step = "Write into the stack what is known of them, or take the answer as cautious"
        yield _finding(
            Level.NOTE, "rate-assumed", vm.name, (found, "disks of the plan", "Their write rate is taken to be the highest", step)
        )


def _apart(world: World) -> Iterator[Finding]:
    """That this machine's clock and vCenter's differ: ages and ends are by vCenter's, waivers of previews and people's plans are not."""
    look = world.look
    ahead = look.at - look.here if look.here else timedelta()
    if abs(ahead) > CLOCK_SKEW:
        said = (
            f"its clock is {abs(ahead).total_seconds() / 60:,.0f} min {'ahead of' if ahead > timedelta() else 'behind'} this machine's",
            f"{CLOCK_SKEW.total_seconds() / 60:,.0f} min apart at most",
            "Ages of snapshots and the times until which they may stay are by vCenter's clock: to people here they are wrong by as much",
            "Set both clocks by NTP",
        )
        yield _finding(Level.WARNING, "clock-skew", f"vCenter {look.server}", said)


def overdue(world: World) -> Iterator[Finding]:
    """Snapshots that are older than the policy lets them be, and those that are yet to come by vCenter's clock."""
    policy = world.platform.snapshots.hold_hours
    yield from _apart(world)
    for vm in world.look.vms:
        for snapshot in vm.snapshots:
            subject, names = f"{vm.name}, snapshot {snapshot.name}", (vm.name, f"{vm.name}/{snapshot.name}")
            age = age_hours(snapshot.created, world.look.at)
            if snapshot.created - world.look.at > CLOCK_SKEW:
                ahead = (snapshot.created - world.look.at).total_seconds() / 60
                said = (
                    f"was made {ahead:,.0f} min from now, by its host's clock",
                    "a time in the past",
                    "Its age is taken as 0, so that it may be overdue unnoticed",
                    "Set the clocks of hosts and vCenter by NTP",
                )
                yield _finding(Level.WARNING, "clock-skew", subject, said, names)
            if age > policy:
                step = "Remove it, or ask who needs it"
                said = (f"is {age:,.1f} h old", f"{show(policy)} h at most", "It is taken to stay and to grow on", step)
                yield _finding(Level.WARNING, "overdue", subject, said, names)
