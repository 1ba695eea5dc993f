"""`ledger write|check`: which disk is which, recorded after an apply and compared before the next."""

from pathlib import Path
from typing import Annotated, Any

import typer

import config
from checks import waivers
from checks.ledger import file as ledger_file
from checks.ledger.conflicts import conflicts
from checks.ledger.file import load, names, others, store
from checks.ledger.identity import Ledger, differences, record, unguarded
from checks.site import settings
from checks.snapshots.gate import Verdict
from checks.snapshots.world import World
from checks.vcenter.look import look
from cli import live, show
from cli.stacks import Json
from cli.stacks import Stack as Name
from config.findings import Finding, Level, as_text, ordered, unsafe
from plan import Plan
from tools.paths import ROOT

app = typer.Typer(
    help="The ledger of a stack's disks: which is which. Exit codes: 0 as recorded, 3 not, 1 can't be told.", no_args_is_help=True
)

File = Annotated[
    Path | None, typer.Option("--ledger", metavar="FILE", help="The ledger, where it is not in its usual place.", dir_okay=False)
]
Also = Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Compare with another ledger too; again for more.", dir_okay=False)]
Accept = Annotated[bool, typer.Option("--accept", help="Record what is there even where it is not what was recorded.")]


@app.command()
def check(stack: Name, file: File = None, also: Also = None, as_json: Json = False) -> None:
    """Compare what is there with what was recorded. Exit 0: as recorded, 3: not, 1: it can't be told."""
    described = live.Stack(stack)
    path = file or place(described)
    try:
        ledger = load(path, described.platform.site.name)
        found = judged(described, path, ledger, also or [])
    except config.Refused as refused:
        raise live.refused(described, refused.problems, as_json=as_json) from None
    verdict = Verdict.of(found)
    if as_json:
        show.data({"verdict": verdict.name.lower(), "ledger": _summary(path, ledger), "findings": [f.as_dict() for f in found]})
    else:
        said = "disks are as recorded" if verdict is Verdict.YES else "disks are NOT as recorded"
        show.line(f"{stack}: {said if ledger else 'nothing is recorded yet'} ({_named(path, ledger)})")
        show.raw(as_text(found))
    raise typer.Exit(verdict)


@app.command()
def write(stack: Name, file: File = None, accept: Accept = False, as_json: Json = False) -> None:
    """Record which disk is which. Exit 0: recorded, 3: something is not as it was recorded, so nothing was written, 1: it can't be told."""
    described = live.Stack(stack)
    path = file or place(described)
    try:
        last = load(path, described.platform.site.name)
        world, vcenter = _asked(described, last)
        now = record(world, vcenter, last)
        found = () if accept else differences(last or now, world, vcenter)
        wrong = tuple(f for f in unsafe(found) if f.rule != "unrecorded")  # that is what it is written for
        fresh = last if wrong else now
        if fresh and not wrong:
            store(path, fresh, last)
    except config.Refused as refused:
        raise live.refused(described, refused.problems, as_json=as_json) from None
    verdict = Verdict.of(wrong)
    if as_json:
        show.data({"verdict": verdict.name.lower(), "ledger": _summary(path, fresh), "findings": [f.as_dict() for f in wrong]})
    else:
        show.line(f"{stack}: {'nothing was written' if wrong else 'recorded'} ({_named(path, fresh)})")
        show.raw(as_text(wrong))
    raise typer.Exit(verdict)


def place(stack: live.Stack) -> Path:
    """Where the ledger of a stack is."""
    return ledger_file.place(stack.path, ROOT)


def judged(stack: live.Stack, path: Path, ledger: Ledger | None, also: list[Path]) -> tuple[Finding, ...]:
    """What is not as recorded, and where other ledgers say otherwise; what the stack waives by name is a note.

    Raises:
        Refused: vCenter or another ledger that was named can't be read.
    """
    world, vcenter = _asked(stack, ledger)
    review, today = stack.platform.review, world.look.at.date()
    return ordered([waivers.judged(one, review, today) for one in against(world, vcenter, path, ledger, also)])


def against(world: World, vcenter: str, path: Path, ledger: Ledger | None, also: list[Path]) -> tuple[Finding, ...]:
    """The same where vCenter was asked already; without a ledger what can be told of disks without one."""
    if ledger is None:
        return unguarded(world, path, vcenter)
    beside, wrong = others(path)
    named = {str(other): load(other) for other in also}
    missing = [config.Problem("(ledger)", name, "is not there", "name a ledger") for name, other in named.items() if other is None]
    if missing:
        raise config.Refused(missing)
    known = beside | {name: other for name, other in named.items() if other}
    return ordered([*differences(ledger, world, vcenter), *conflicts(ledger, known), *map(_unreadable, wrong)])


def _unreadable(problem: config.Problem) -> Finding:
    said = (problem.rule, "a ledger", "It was not compared with this one", problem.remedy)
    return Finding(Level.WARNING, "ledger-unreadable", problem.value, *said, names=(problem.value,))


def loaded(stack: live.Stack) -> Ledger | None:
    """The ledger of a stack in its usual place; None where there is none.

    Raises:
        Refused: it can't be read.
    """
    return load(place(stack), stack.platform.site.name)


def world(stack: live.Stack, ledger: Ledger | None, plan: Plan | None = None) -> World:
    """What there is now, with what the ledger knows the stack's VMs by; `plan` where that of another datacenter is meant.

    Raises:
        Refused: vCenter can't be asked.
    """
    wanted = plan or stack.plan
    return World(stack.platform, wanted, look(stack.login(), wanted), recorded=names(ledger))


def _asked(stack: live.Stack, ledger: Ledger | None) -> tuple[World, str]:
    return world(stack, ledger), settings(stack.login(), stack.plan).vcenter_uuid


def _named(path: Path, ledger: Ledger | None) -> str:
    at = f", number {ledger.serial} of {ledger.written.isoformat(timespec='seconds')}" if ledger else ""
    return f"{path}{at}"


def _summary(path: Path, ledger: Ledger | None) -> dict[str, Any]:
    known = {"serial": ledger.serial, "written": ledger.written.isoformat()} if ledger else {"serial": None, "written": None}
    return {"file": str(path), **known}
