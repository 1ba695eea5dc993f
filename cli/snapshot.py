"""`snapshot check|status`: may a snapshot be taken, and what snapshots there are."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

import config
from checks.snapshots.gate import Gate, Verdict, gate
from checks.snapshots.room import Room
from checks.snapshots.status import Status
from checks.snapshots.status import status as status_of
from cli import ledger as ledgers
from cli import live, prometheus, show
from cli.stacks import Json
from cli.stacks import Stack as Name
from config.findings import as_text
from config.storage import MAX_HOLD_HOURS, MIN_HOLD_HOURS
from sizing.units import show as number

app = typer.Typer(help="Snapshots: may one be taken, and which are there. Exit codes: 0 yes, 3 no, 1 can't be told.", no_args_is_help=True)

Vm = Annotated[str, typer.Option("--vm", metavar="NAME", help="A VM as vCenter shows it, or a server of the stack.")]
Hold = Annotated[str | None, typer.Option(metavar="24h", help="How long it is to stay; without it the stack's snapshots.hold_hours.")]
Memory = Annotated[bool | None, typer.Option("--memory/--no-memory", help="With the VM's memory; without it as the stack says.")]
_SAID = {
    Verdict.YES: "YES: a snapshot of {vm} may be taken now",
    Verdict.NO: "NO: no snapshot of {vm} may be taken now",
    Verdict.UNKNOWN: "CAN'T BE TOLD: whether a snapshot of {vm} may be taken now",
}


@app.command()
def check(stack: Name, vm: Vm, hold: Hold = None, memory: Memory = None, as_json: Json = False) -> None:
    """Say whether a snapshot of a VM may be taken now. Exit 0: yes, 3: no, 1: it can't be told."""
    described = live.Stack(stack)
    held = held_hours(hold, described)
    try:
        world = ledgers.world(described, ledgers.loaded(described))
    except config.Refused as refused:
        raise live.refused(described, refused.problems, as_json=as_json) from None
    answer = gate(world, vm, held, memory=described.platform.snapshots.memory if memory is None else memory)
    if as_json:
        show.data(gate_data(answer))
    else:
        show.raw(gate_text(answer))
    raise typer.Exit(answer.verdict)


def held_hours(hold: str | None, stack: live.Stack) -> float:
    """How long a snapshot is to be held; a usage error where none should be."""
    if hold is None:
        return stack.platform.snapshots.hold_hours
    held = live.hours(hold)
    if not MIN_HOLD_HOURS <= held <= MAX_HOLD_HOURS:
        least = f"{MIN_HOLD_HOURS} to {MAX_HOLD_HOURS} h"
        raise typer.BadParameter(f"{hold} is outside the {least} that a snapshot may stay (VMware KB 318825)", param_hint="--hold")
    return held


def gate_data(answer: Gate) -> dict[str, Any]:
    """The answer as data."""
    data = answer.model_dump(mode="json")
    return {**data, "verdict": answer.verdict.name.lower(), "findings": [finding.as_dict() for finding in answer.findings]}


def gate_text(answer: Gate) -> str:
    """The answer as lines of text: yes or no first."""
    held = f"and held for {number(answer.hold_hours)} h ({answer.asked_at})"
    lines = [f"{_SAID[answer.verdict].format(vm=answer.vm)} {held}"]
    for room in answer.rooms:
        lines += _room(room, "")
    for room in answer.at_risk:
        lines += _room(room, f" at the stack's risk ({answer.quantile:g})")
    return "".join(f"{line}\n" for line in lines) + as_text(answer.findings)


def _room(room: Room, how: str) -> list[str]:
    kept = f", {room.kept_gib:,.2f} GiB stay free" if room.kept_gib else ""
    left = f"{room.left_gib:,.2f} GiB left" if room.left_gib >= 0 else f"{-room.left_gib:,.2f} GiB missing"
    lines = [f"datastore {room.datastore}{how}: {room.free_gib:,.2f} GiB free, {room.need_gib:,.2f} GiB needed{kept}: {left}"]
    lines += [f"  {term.gib:>10,.2f} GiB {term.name}: {term.formula}" for term in room.terms]
    full = "never" if room.hours_to_full is None else f"after {room.hours_to_full:,.1f} h"
    return [*lines, f"  if it is forgotten, the datastore is full: {full}"]


@app.command()
def status(
    stack: Name,
    as_json: Json = False,
    as_prometheus: Annotated[bool, typer.Option("--prometheus", help="Print metrics for a textfile collector.")] = False,
    last: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The last look: growth since then is measured, and this one kept there.", dir_okay=False),
    ] = None,
) -> None:
    """Show every snapshot and delta, and when they fill their datastore. Exit 0: nothing unsafe, 3: something is, 1: it can't be told."""
    if as_json and as_prometheus:
        raise typer.BadParameter("give one of --json and --prometheus", param_hint="--prometheus")
    described = live.Stack(stack)
    try:
        world = ledgers.world(described, ledgers.loaded(described))
    except config.Refused as refused:
        raise live.refused(described, refused.problems, as_json=as_json) from None
    found = status_of(world, _last(last))
    if last:
        _keep(last, found)
    if as_json:
        show.data({**found.model_dump(mode="json"), "verdict": found.verdict.name.lower()})
    else:
        show.raw(prometheus.text(found) if as_prometheus else _status_text(found))
    raise typer.Exit(found.verdict)


def _last(file: Path | None) -> Status | None:
    """The status that a file has; none where there is none yet. One that is no status is a usage error: it is not ours to replace."""
    if file is None or not file.exists():
        return None
    try:
        return Status.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError, OSError):
        raise typer.BadParameter(f"{file} is not what a status kept; delete it, or name another", param_hint="--last") from None


def _keep(file: Path, found: Status) -> None:
    """Whole or not at all."""
    fresh = file.with_name(f"{file.name}.new")
    try:
        fresh.write_text(found.model_dump_json(indent=2), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        show.failure(f"{file}: {error.strerror or error}: this look was not kept")


def _status_text(found: Status) -> str:
    counted = f"{len(found.snapshots)} snapshots, {len(found.deltas)} disks with deltas"
    lines = [f"{found.server} at {found.at.isoformat(timespec='seconds')}: {counted}"]
    for store in found.stores:
        full = "never" if store.hours_to_full is None else f"after {store.hours_to_full:,.1f} h"
        grows = f"deltas grow by {store.gib_per_hour:,.2f} GiB/h" if store.gib_per_hour else "no delta grows"
        lines.append(f"datastore {store.datastore}: {store.free_gib:,.2f} of {store.capacity_gib:,.2f} GiB free; {grows}; full: {full}")
    for made in found.snapshots:
        memory = ", with memory" if made.memory else ""
        lines.append(f"snapshot {made.snapshot} of {made.vm}: {made.age_hours:,.1f} h old, {made.size_gib:,.2f} GiB{memory}")
    for delta in found.deltas:
        how = "measured" if delta.measured else "foreseen"
        more = f"{delta.gib_per_hour:,.3f} GiB/h ({how}), {delta.bound_gib:,.1f} GiB more at most"
        lines.append(f"delta of {delta.vm}/{delta.disk}: {delta.size_gib:,.2f} GiB in {delta.files} on {delta.datastore}, {more}")
    return "".join(f"{line}\n" for line in lines) + as_text(found.findings)
