"""`check`, `plan` and `size`: what a stack says, what it comes to, and what is wrong with it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

import config
import plan as planning
from cli import losses as lost_with
from cli import report as reporting
from cli import show
from config.problems import shown
from config.review import untimely
from sizing import Sizing
from sizing.scenarios import stopped
from sizing.spool import overpromised

Stack = Annotated[str, typer.Argument(metavar="STACK", help="A name in stacks/, or a path to a stack file.")]
Json = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]
WhatIf = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Under a scenario of the stack; again for more at once.")]


def check(stack: Stack, as_json: Json = False) -> None:
    """Say everything that is wrong with a stack; exit 1 if anything is."""
    found = _found(located(stack))
    if as_json:
        show.data([problem.as_dict() for problem in found])
    elif found:
        show.problems(found)
    else:
        show.line(f"{stack}: no problems")
    raise typer.Exit(1 if found else 0)


def plan(
    stack: Stack,
    as_json: Json = False,
    file: Annotated[str | None, typer.Option(help="Print one generated file, such as haproxy.cfg.")] = None,
    losses: Annotated[bool, typer.Option("--losses", help="Show only what goes on when one thing is lost.")] = False,
) -> None:
    """Show what will exist, and what goes on without any one host, datastore, fabric or site. Exit 1 if the plan may not stand."""
    platform = load(located(stack))
    draft = planning.draft(platform)
    if file is not None:
        if file not in draft.files:
            raise typer.BadParameter(f"{shown(file)} is not one of {', '.join(sorted(draft.files))}", param_hint="--file")
        show.raw(draft.files[file])
    elif as_json:
        lost = {"losses": [loss.model_dump(mode="json") for loss in planning.losses(draft)]}
        show.data(lost if losses else draft.model_dump(mode="json") | lost)
    else:
        if not losses:
            show.plan(draft)
        lost_with.table(planning.losses(draft))
    _refuse(planning.problems(platform, draft), stack)


def size(  # noqa: PLR0913, PLR0917 - one parameter an option
    stack: Stack,
    as_json: Json = False,
    disk: Annotated[str | None, typer.Option(metavar="SERVER/LABEL", help="Show one disk, such as scanner-1/queue.")] = None,
    datastore: Annotated[str | None, typer.Option(metavar="NAME", help="Show one datastore.")] = None,
    what_if: WhatIf = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with charts.", dir_okay=False)] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write each table as a file.", file_okay=False)] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Count months from this day, not today.")] = None,
) -> None:
    """Show how large every disk and datastore must be, and the arithmetic. Exit 1 where `check` does, or if a role stops."""
    path, names, whole = located(stack), what_if or [], disk is None and datastore is None
    described = load(path)
    platform = reporting.imagined(described, names)
    certainty = reporting.sure(platform, as_of)
    draft = planning.draft(platform)
    draft = planning.as_asked(platform, draft, certainty.risk) if certainty.risk else draft
    found = (*planning.problems(platform, draft, certainty.risk), *(stopped(described, *names) if names else ()))
    if report or csv:
        _refuse_to_write(described, found, stack)
    sizing = draft.sizing if whole else _only(draft.sizing, disk, datastore)
    written = reporting.write(reporting.report(described, draft, path, names, certainty, found), report, csv) if report or csv else []
    if written and not as_json:
        show.line("\n".join(f"wrote {file}" for file in written))
    else:
        sizes = reporting.side_by_side(described, names) if names and whole else sizing
        answer = reporting.answer(draft, platform, sizes, certainty, _in_file(found, path))
        if as_json:
            show.data(answer.as_data())
        else:
            reporting.show_answer(answer, whole)
    _refuse(found, stack)


def _refuse_to_write(described: config.Platform, found: tuple[config.Problem, ...], stack: str) -> None:
    """Exit 1 with all that is wrong where the stack contradicts itself: sizes that turn out too small are worth a page, these are not."""
    contradictions = tuple(overpromised(described))
    if contradictions:
        paths = {problem.path for problem in contradictions}
        _refuse((*contradictions, *(problem for problem in found if problem.path not in paths)), stack)


def _only(sizing: Sizing, disk: str | None, datastore: str | None) -> Sizing:
    """The one disk and the one datastore that were asked for."""
    disks = {f"{need.vm}/{need.label}": need for need in sizing.disks}
    stores = {need.name: need for need in sizing.datastores}
    for wanted, known, option in ((disk, disks, "--disk"), (datastore, stores, "--datastore")):
        if wanted is not None and wanted not in known:
            raise typer.BadParameter(f"{shown(wanted)} is not one of {', '.join(known)}", param_hint=option)
    found = {
        "disks": tuple(need for name, need in disks.items() if name == disk),
        "datastores": tuple(need for name, need in stores.items() if name == datastore),
    }
    return sizing.model_copy(update=found)


def located(stack: str) -> Path:
    """The file of a stack; a usage error if there is none."""
    try:
        return config.locate(stack)
    except FileNotFoundError as error:
        raise typer.BadParameter(str(error), param_hint="STACK") from None


def load(path: Path) -> config.Platform:
    """What a stack file says; its problems and exit 1 if it can't stand."""
    try:
        return config.load(path)
    except config.Refused as refused:
        show.problems(refused.problems)
        raise typer.Exit(1) from None


def _found(path: Path) -> tuple[config.Problem, ...]:
    try:
        platform = config.load(path)
    except config.Refused as refused:
        return refused.problems
    waivers = untimely(platform.review, datetime.now(UTC).date())
    return _in_file((*planning.problems(platform, planning.draft(platform)), *waivers), path)


def _in_file(found: tuple[config.Problem, ...], path: Path) -> tuple[config.Problem, ...]:
    return config.Refused(config.located(found, config.read(path))).problems


def _refuse(found: tuple[config.Problem, ...], stack: str) -> None:
    if found:
        show.problems(_in_file(found, config.locate(stack)))
        raise typer.Exit(1)
