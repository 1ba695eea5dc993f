"""Takes and removes snapshots: the only part of Mailstead that changes something in vCenter beside the engine's provider.

A snapshot is an operation and no resource of a stack, since the provider replaces snapshots when a text is edited, and gives up after five
minutes. What was begun is waited for as long as it takes, over lost connections, and is told if this program ends before it.
Deliberately cancels nothing: a consolidation that is broken off leaves deltas that no snapshot has.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from checks import look as looking
from checks.chains import LiveSnapshot, LiveVm, Look
from checks.credentials import Credentials
from checks.room import World, consolidating
from checks.session import session
from checks.snapshots import Gate, Verdict, crowded, gate, is_snapshot_work, named, no_room
from checks.untyped import vim, vmodl
from config import Platform, Refused
from config.findings import Finding, Level, ordered
from plan import Plan

TAKING = frozenset({"CreateSnapshot_Task"})
"""What taking calls beside a look."""
REMOVING = frozenset({"RemoveSnapshot_Task"})
"""What removing calls beside a look."""
POLL_SECONDS = 2.0  # s; between two looks at a task
RETRIES = 10  # connections that may fail one after the other before a task is given up on
RETRY_SECONDS = 30.0  # s; between two of them: a vCenter that restarts needs some minutes


@dataclass
class UnderWay:
    """What was begun and has not ended; empty before."""

    what: str = ""
    vm: str = ""
    task: str = ""
    percent: int | None = None
    begun: float = 0.0

    @property
    def minutes(self) -> float:
        """For how long it has run."""
        return (time.monotonic() - self.begun) / 60

    def __str__(self) -> str:
        done = "" if self.percent is None else f", {self.percent} %"
        return f"{self.what} of {self.vm} ({self.task or 'perhaps begun'}{done}, {self.minutes:,.1f} min)"


class Kind(NamedTuple):
    """Which kind of snapshot."""

    hold_hours: float
    memory: bool
    quiesce: bool
    """Whether VMware Tools are to make the file systems rest."""


@dataclass(frozen=True)
class Asked:
    """Who asks for what, of which stack."""

    login: Credentials
    platform: Platform
    plan: Plan
    told: Callable[[UnderWay], None]
    """Called whenever something is known anew of what is under way."""

    def world(self) -> World:
        """What there is now."""
        return World(self.platform, self.plan, looking.look(self.login, self.plan))


@dataclass(frozen=True)
class Done:
    """How it ended."""

    vm: str
    error: str
    """Why vCenter did not do it; empty if it did."""
    findings: tuple[Finding, ...]
    """What is to be known of the VM's disks and snapshots afterwards; if nothing was begun, why."""
    begun: bool = True

    @property
    def verdict(self) -> Verdict:
        """Yes if it was done and nothing unsafe is left; can't be told if the names mean nothing."""
        if not self.begun and any(f.rule == "unseen" for f in self.findings):
            return Verdict.UNKNOWN
        return Verdict.NO if self.error else Verdict.of(self.findings)


def take(asked: Asked, vm: str, name: str, under: UnderWay, kind: Kind) -> Gate | Done:
    """Take a snapshot if the gate allows it, and wait for it; what the gate says if it does not.

    Raises:
        Refused: vCenter can't be asked; `under` says what it was doing.
    """
    world = asked.world()
    answer, live = gate(world, vm, kind.hold_hours, memory=kind.memory), named(world, vm)
    if isinstance(live, Finding) or answer.verdict is not Verdict.YES:
        return answer
    end = (world.look.at + timedelta(hours=kind.hold_hours)).isoformat(timespec="minutes")
    words = name, f"Mailstead: to be removed by {end}", kind.memory, kind.quiesce
    error = _run(asked, TAKING, live, under, lambda ref: ref(vim.VirtualMachine, live.id).CreateSnapshot_Task(*words))
    after = asked.world()
    found = [*_left(live, after.look), *_expected(live, after.look, name, there=not error), *([] if error else _met(after, live))]
    return Done(live.name, error, ordered(found))


def _met(world: World, vm: LiveVm) -> Iterator[Finding]:
    """That another snapshot was taken meanwhile which the gate could not see: two people or programs were let through at once."""
    for store in world.look.stores:
        if any(disk.datastore == store.name and not disk.independent for disk in vm.disks):
            for found in crowded(world, store, vm):
                step = f"Remove one of them soon, this one by: mailstead snapshot remove STACK --vm {vm.name} --name NAME"
                yield found.noted(f"It was taken while another was. {step}", Level.UNSAFE)


def removable(world: World, vm: LiveVm) -> tuple[Finding, ...]:
    """Why no snapshot of the VM may be removed now; nothing if one may."""
    found = [
        Finding(
            Level.UNSAFE,
            "busy",
            vm.name,
            f"{work.what} is {work.state}{f' for {work.who}' if work.who else ''}",
            "no task",
            "They may meet, and one of them break off half way",
            "Wait for it to end",
            (vm.name,),
        )
        for work in vm.work
        if is_snapshot_work(work)
    ]
    for store in sorted({disk.datastore for disk in vm.disks if disk.deltas_gib}):
        there = world.look.store(store)
        room = consolidating(world, there, vm) if there else None
        if room and room.left_gib < 0:
            found.append(no_room(room, "to consolidate", "Shut the VM down first, which then writes nothing, or have the LUN grown"))
    return ordered(found)


def remove(asked: Asked, vm: str, name: str, under: UnderWay, wait_hours: float) -> Done:
    """Remove one snapshot, by its name or id, but none of its children, and wait until its deltas are merged, at most for so long.

    Raises:
        Refused: vCenter can't be asked; `under` says what it was doing.
    """
    world = asked.world()
    live, made = _meant(world, vm, name)
    if isinstance(live, Finding) or isinstance(made, Finding):
        called = vm if isinstance(live, Finding) else live.name
        return Done(called, "", ordered([f for f in (live, made) if isinstance(f, Finding)]), begun=False)
    against = removable(world, live)
    if against:
        return Done(live.name, "", against, begun=False)
    error = _run(asked, REMOVING, live, under, lambda ref: ref(vim.vm.Snapshot, made.id).RemoveSnapshot_Task(removeChildren=False))
    after = asked.world().look
    while not error and _merging(live, after) and under.minutes < wait_hours * 60:
        under.what, under.percent = "consolidation", None
        asked.told(under)
        time.sleep(POLL_SECONDS)
        after = asked.world().look
    return Done(live.name, error, ordered([*_left(live, after), *([] if error else _expected(live, after, made.id, there=False))]))


def _meant(world: World, vm: str, name: str) -> tuple[LiveVm | Finding, LiveSnapshot | Finding]:
    """The VM and its snapshot that names mean, else why it can't be told."""
    live = named(world, vm)
    if isinstance(live, Finding):
        return live, live
    meant = [made for made in live.snapshots if name in (made.name, made.id)]
    if len(meant) == 1:
        return live, meant[0]
    known = ", ".join(f"{made.name} ({made.id})" for made in live.snapshots) or "it has none"
    found = f"{len(meant)} of its snapshots have the name {name}" if meant else f"has no snapshot {name}"
    said = f"{found}: {known}", "one", "Nothing was removed", "Name one of them by its id" if meant else "Name one of them"
    return live, Finding(Level.UNSAFE, "unseen", live.name, *said, names=(live.name,))


def _merging(vm: LiveVm, look: Look) -> bool:
    return any(live.unconsolidated or live.orphaned for live in look.vms if live.id == vm.id)


def _run(asked: Asked, more: frozenset[str], vm: LiveVm, under: UnderWay, begin: Callable[[Any], Any]) -> str:
    """Begin a task and wait for it; why it failed, or nothing."""
    with session(asked.login, more) as live:
        under.begun, under.vm, under.what = time.monotonic(), vm.name, next(iter(more))
        under.task = begin(lambda kind, identity: kind(identity, live.content.rootFolder._stub))._GetMoId()
    asked.told(under)
    failures = 0
    while True:
        try:
            with session(asked.login) as live:
                return _waited(asked, live, under)
        except Refused:
            failures += 1
            if failures > RETRIES:
                raise
            time.sleep(RETRY_SECONDS)


def _waited(asked: Asked, live: Any, under: UnderWay) -> str:
    reference = vim.Task(under.task, None)
    while True:
        try:
            (found,) = live.of([(reference, ["info"])])
        except vmodl.fault.ManagedObjectNotFound:
            return "vCenter knows of the task no more: it may have ended, or vCenter was started anew"
        info = found.get("info")
        if info.state == "success":
            return ""
        if info.state == "error":
            return str(getattr(info.error, "localizedMessage", "") or getattr(info.error, "msg", "") or "it does not say why")
        under.percent = info.progress
        asked.told(under)
        time.sleep(POLL_SECONDS)


def _left(vm: LiveVm, look: Look) -> list[Finding]:
    """What is left of the VM's chain that should not be."""
    live = next((other for other in look.vms if other.id == vm.id), None)
    if live is None:
        said = "went away meanwhile", "there", "Nobody knows how its disks are", "See it in vCenter"
        return [Finding(Level.UNSAFE, "vanished", vm.name, *said, names=(vm.name,))]
    if not live.unconsolidated and not live.orphaned:
        return []
    return [
        Finding(
            Level.UNSAFE,
            "unconsolidated",
            live.name,
            f"has {live.deltas_gib:,.2f} GiB of deltas that are not merged",
            "none",
            "They grow, and the list of snapshots does not show them",
            "See in vCenter whether its consolidation still runs; if not, have the disks consolidated there",
            (live.name,),
        )
    ]


def _expected(vm: LiveVm, look: Look, name: str, *, there: bool) -> list[Finding]:
    """That the snapshot of a name or id is there, or is not, whatever the task has said."""
    is_there = any(name in (made.name, made.id) for live in look.vms if live.id == vm.id for made in live.snapshots)
    if is_there == there:
        return []
    found, expected = ("is there", "gone") if is_there else ("is not there", "there")
    said = f"its snapshot {name} {found}", expected, "What vCenter said and what it shows do not agree", "See the VM's snapshots in vCenter"
    return [Finding(Level.UNSAFE, "not-as-said", vm.name, *said, names=(vm.name, f"{vm.name}/{name}"))]
