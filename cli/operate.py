"""`snapshot take|remove`: gated, waited for as long as it takes, and never left without a word."""

import signal
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

import config
from checks.ledger.file import names
from checks.snapshots.gate import Gate
from checks.snapshots.operations import Asked, Done, Kind, UnderWay, remove, take
from cli import ledger as ledgers
from cli import live, show
from cli.snapshot import Hold, Memory, Vm, app, gate_text, held_hours
from cli.stacks import Stack as Name
from config.findings import as_text

__all__ = ["app"]

Called = Annotated[str, typer.Option("--name", metavar="TEXT", help="What the snapshot is called.")]
_Answer = TypeVar("_Answer")
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, a job that is stopped or out of time, a terminal that is closed


class Ended(BaseException):
    """Somebody ends this program, but not what vCenter is at."""

    def __init__(self, number: int) -> None:
        self.code = 128 + number  # exit code, as shells count


@app.command("take")
def take_one(  # noqa: PLR0913, PLR0917 - one parameter an option
    stack: Name,
    vm: Vm,
    name: Called,
    hold: Hold = None,
    memory: Memory = None,
    quiesce: Annotated[bool, typer.Option("--quiesce", help="Have VMware Tools make the file systems rest.")] = False,
) -> None:
    """Take a snapshot if `check` says yes, and wait for it. Exit 0: taken, 3: not allowed or failed, 1: it can't be told."""
    described = live.Stack(stack)
    kept = described.platform.snapshots.memory if memory is None else memory
    kind = Kind(held_hours(hold, described), kept, quiesce)
    answer = _run(described, lambda asked, under: take(asked, vm, name, under, kind))
    if isinstance(answer, Gate):
        show.raw(gate_text(answer))
        raise typer.Exit(answer.verdict)
    _tell(answer, f"the snapshot {name} was taken", f"the snapshot {name} was NOT safely taken")


@app.command("remove")
def remove_one(
    stack: Name,
    vm: Vm,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="The snapshot's name, or its id such as snapshot-79.")],
    wait: Annotated[
        str, typer.Option(metavar="72h", help="How long to wait for deltas to be merged after vCenter has said that it is done.")
    ] = "72h",
) -> None:
    """Remove one snapshot, none of its children, and wait until its deltas are merged. Exit 0: gone, 3: not, 1: it can't be told."""
    described, hours = live.Stack(stack), live.hours(wait)
    answer = _run(described, lambda asked, under: remove(asked, vm, name, under, hours))
    _tell(answer, f"the snapshot {name} is removed", f"the snapshot {name} is NOT cleanly removed")


def _run(stack: live.Stack, act: Callable[[Asked, UnderWay], _Answer]) -> _Answer:
    """Act; whatever ends it, what is under way is said."""
    under = UnderWay()
    before = {number: signal.signal(number, _end) for number in ENDING}
    try:
        known, folder = names(ledgers.loaded(stack)), ledgers.place(stack).parent
        return act(Asked(stack.login(), stack.platform, stack.plan, _Progress(), folder, known), under)
    except config.Refused as refused:
        _under_way(under)
        raise live.refused(stack, refused.problems, as_json=False) from None
    except Ended as ended:
        _under_way(under)
        raise typer.Exit(ended.code) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _: object) -> None:
    raise Ended(number)


class _Progress:
    """Says how far it is, when that changes, and once a minute."""

    def __init__(self) -> None:
        self._said: tuple[str, int | None, int] | None = None

    def __call__(self, under: UnderWay) -> None:
        now = (under.what, under.percent, int(under.minutes))
        if now != self._said:
            typer.echo(str(under), err=True)
        self._said = now


def _under_way(under: UnderWay) -> None:
    if under.what:
        show.failure(f"vCenter goes on with it: {under}. Nothing was cancelled; see how it ended with: mailstead snapshot status")


def _tell(done: Done, good: str, bad: str) -> None:
    why = f": vCenter says: {done.error}" if done.error else "" if done.begun else ": nothing was begun"
    show.line(f"{done.vm}: {bad}{why}" if done.verdict else f"{done.vm}: {good}")
    show.raw(as_text(done.findings))
    raise typer.Exit(done.verdict)
