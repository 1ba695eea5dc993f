"""Takes and removes snapshots: the only part of Mailstead that changes something in vCenter beside the engine's provider.

A snapshot is an operation and no resource of a stack, since the provider replaces snapshots when a text is edited, and gives up after five
minutes. What was begun is waited for as long as it takes, over lost connections, and is told if this program ends before it.
Deliberately cancels nothing: a consolidation that is broken off leaves deltas that no snapshot has.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from checks.snapshots import taken
from checks.snapshots.ends import PROMISE
from checks.snapshots.gate import Gate, Verdict, gate, named
from checks.snapshots.locks import alone
from checks.snapshots.removal import removable
from checks.snapshots.world import World
from checks.vcenter import look as looking
from checks.vcenter.chains import LiveSnapshot, LiveVm, Look
from checks.vcenter.credentials import Credentials
from checks.vcenter.session import session
from checks.vcenter.untyped import vim, vmodl
from config import Platform, Refused
from config.findings import Finding, Level, ordered, unsafe
from plan import Plan

TAKING = frozenset({"CreateSnapshot_Task"})
"""What taking calls beside a look."""
REMOVING = frozenset({"RemoveSnapshot_Task"})
"""What removing calls beside a look."""
POLL_SECONDS = 2.0  # s; between two looks at a task
RETRIES = 10  # connections that may fail one after the other before a task is given up on
BACK_HOURS = 1.0  # h; to wait for the deltas of a snapshot that is taken back: they have what was written in minutes; figure
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
    locks: Path
    """The folder of the locks by which those that share it take one snapshot at a time of a datastore."""
    recorded: Mapping[str, str] = field(default_factory=dict)
    """The names of the ledger's VMs, by instance UUID."""

    def world(self) -> World:
        """What there is now."""
        return World(self.platform, self.plan, looking.look(self.login, self.plan), recorded=self.recorded)


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

    One that may not stay, since others have taken its room meanwhile, is taken back: nothing was written to it yet.

    Raises:
        Refused: vCenter can't be asked, or the folder of the locks not be written to; `under` says what it was doing.
    """
    world = asked.world()
    answer, live = gate(world, vm, kind.hold_hours, memory=kind.memory), named(world, vm)
    if isinstance(live, Finding) or answer.verdict is not Verdict.YES:
        return answer
    with alone(asked.locks, {disk.datastore for disk in live.disks} | {live.home}) as busy:
        if busy is not None:
            return answer.model_copy(update={"findings": ordered([*answer.findings, _other(busy)])})
        world = asked.world()  # whoever had the lock before may have taken one
        answer, live = gate(world, vm, kind.hold_hours, memory=kind.memory), named(world, vm)
        if isinstance(live, Finding) or answer.verdict is not Verdict.YES:
            return answer
        end = (world.look.at + timedelta(hours=kind.hold_hours)).isoformat(timespec="minutes")
        return _take(asked, live, (name, f"{PROMISE}{end}"), under, kind)


def _other(store: str) -> Finding:
    said = "another `snapshot take` of this machine is under way", "none", "Both would be told that there is room"
    subject = f"datastore {store}"
    return Finding(Level.UNSAFE, "busy", subject, *said, "Ask again when it has ended", names=(subject,))


def _take(asked: Asked, live: LiveVm, words: tuple[str, str], under: UnderWay, kind: Kind) -> Done:
    name, how = words[0], (*words, kind.memory, kind.quiesce)
    error = _run(asked, TAKING, live, under, lambda ref: ref(vim.VirtualMachine, live.id).CreateSnapshot_Task(*how))
    after = asked.world()
    new = taken.found(after, live, name)
    said = [*_left(live, after.look), *_expected(live, after.look, name, there=not error)]
    if new and not error:
        answer = taken.judged(after, new, kind.hold_hours)
        said += answer.findings if answer.stays else _taken_back(asked, new, answer, under)
    return Done(live.name, error, ordered(said))


def _taken_back(asked: Asked, new: taken.Taken, answer: taken.Judged, under: UnderWay) -> list[Finding]:
    """Removes a snapshot that may not stay, and says so with what is against it."""
    back = remove(asked, new.vm.name, new.made.id, under, BACK_HOURS)
    how = "It was taken back" if back.verdict is Verdict.YES else f"It could NOT be taken back{f' ({back.error})' if back.error else ''}"
    step = "" if back.verdict is Verdict.YES else f": mailstead snapshot remove STACK --vm {new.vm.name} --name {new.made.id}"
    return [*(one.noted(f"{how}{step}. {one.next_step}", one.level) for one in answer.findings), *back.findings]


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
    if unsafe(against):
        return Done(live.name, "", against, begun=False)
    error = _run(asked, REMOVING, live, under, lambda ref: ref(vim.vm.Snapshot, made.id).RemoveSnapshot_Task(removeChildren=False))
    after = asked.world().look
    while not error and _merging(live, after) and under.minutes < wait_hours * 60:
        under.what, under.percent = "consolidation", None
        asked.told(under)
        time.sleep(POLL_SECONDS)
        after = asked.world().look
    said = [] if error else _expected(live, after, made.id, there=False)
    return Done(live.name, error, ordered([*against, *_left(live, after), *said]))


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
