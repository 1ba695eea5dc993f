"""What `size` offers beside tables on a terminal: scenarios side by side, a page for people, files for a spreadsheet.

A file is written whole or not at all: each is made beside its place and moved there when it is complete.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import typer
from rich.table import Table as Shown
from rich.text import Text

import config
import plan as planning
from cli import show
from sizing import Comparison, Sizing, compare, filling, notes, scanning, what_if
from sizing.report.inputs import given, sized_for
from sizing.report.model import Answer, Report, month_of
from sizing.report.tables import Cell, compared, csv, scenarios, tables
from sizing.risk import NeedAtRisk, Risk, risk
from sizing.scenarios import each_and_all
from sizing.units import short

_NEAREST = 3  # sizes that are told where all of them last


def imagined(platform: config.Platform, names: Sequence[str]) -> config.Platform:
    """The platform under the scenarios that were named; a usage error if the stack has no such scenario, exit 1 if they contradict."""
    for name in names:
        if name not in platform.scenarios:
            known = ", ".join(platform.scenarios)
            remedy = f"is not one of {known}" if known else "is not a scenario: the stack has none (mailstead:scenarios)"
            raise typer.BadParameter(f"{name} {remedy}", param_hint="--what-if")
    try:
        return what_if(platform, *names)
    except config.Refused as refused:
        show.problems(refused.problems)
        raise typer.Exit(1) from None


def side_by_side(platform: config.Platform, names: Sequence[str]) -> Comparison:
    """The platform as described, under each of the named scenarios (or all that it has), and under all of the named."""
    return compare(platform, *each_and_all(names))


class Sure(NamedTuple):
    """What risk says of a platform, and the day that its months are counted from."""

    risk: Risk | None
    """None where the stack states no risk."""
    today: date


def sure(platform: config.Platform, as_of: datetime | None) -> Sure:
    """How sure the sizes of a platform are, counted from a day that is given or else from today."""
    return Sure(risk(platform) if platform.risk is not None else None, (as_of or datetime.now(UTC)).date())


def report(  # noqa: PLR0913, PLR0917 - one a part of it
    described: config.Platform, draft: planning.Plan, path: Path, names: Sequence[str], certainty: Sure, found: Sequence[config.Problem]
) -> Report:
    """All that a report says of a platform, drafted under the named scenarios."""
    platform = what_if(described, *names)
    return Report(
        stack=path.stem.removeprefix("Pulumi."),
        today=certainty.today,
        scenarios=tuple(names),
        hold_hours=platform.snapshots.hold_hours,
        sized_for=sized_for(platform),
        inputs=given(platform),
        sizing=draft.sizing,
        scanning=scanning(platform),
        notes=notes(platform, draft.sizing),
        risk=certainty.risk or risk(platform),
        risk_stated=certainty.risk is not None,
        comparison=side_by_side(described, names),
        problems=tuple(found),
    )


def answer(
    draft: planning.Plan,
    platform: config.Platform,
    sizes: Sizing | Comparison,
    certainty: Sure,
    found: Sequence[config.Problem],
) -> Answer:
    """What `size` answers about a platform: how sure too, where its stack states a risk, of those sizes that are asked for."""
    at_risk = certainty.risk
    if at_risk and isinstance(sizes, Sizing):
        names = {f"{disk.vm} {disk.label}" for disk in sizes.disks}
        stores = {store.name for store in sizes.datastores}
        asked = {
            "disks": tuple(need for need in at_risk.disks if need.name in names),
            "datastores": tuple(need for need in at_risk.datastores if need.name in stores),
        }
        at_risk = at_risk.model_copy(update=asked)
    told = notes(platform, draft.sizing)
    return Answer(
        today=certainty.today,
        sizes=sizes,
        scanning=scanning(platform),
        filling=filling(platform),
        notes=told,
        risk=at_risk,
        problems=tuple(found),
    )


def show_answer(value: Answer, whole: bool) -> None:
    """The tables, then what a person should know of them if all of the platform is asked for, and how sure the sizes are."""
    if isinstance(value.sizes, Sizing):
        show.sizing(value.sizes)
        if whole:
            show.memory(value.sizes)
    else:
        _show_compared(value.sizes)
    if whole:
        show.line("\n".join(value.notes))
    if value.risk:
        show.line("\n".join(how_sure(value.risk, value.today)))


def how_sure(found: Risk, today: date) -> Iterator[str]:
    """In a line each: how likely anything fills, and what does not last, or else what comes nearest to that."""
    yield (
        f"How sure: any disk or datastore of the platform fills within {found.horizon_months} months in "
        f"{100 * found.fill_probability:.1f} of 100 futures; each must last in {100 * found.quantile:g} of 100."
    )
    needs = sorted((*found.datastores, *found.disks), key=lambda need: -need.need_gib / need.provisioned_gib)
    short = [need for need in needs if need.need_gib > need.provisioned_gib]
    nearest = [need for need in needs if need.sensitivity][:_NEAREST]  # what is certain has no part in it
    if not short:
        yield "All that is shown here lasts." + (" Nearest to its size:" if nearest else "")
    for need in short or nearest:
        yield f"  {_sure(need, today)}"


def _sure(need: NeedAtRisk, today: date) -> str:
    when = f", too often from {month_of(today, need.months_left)}, in {need.months_left} months" if need.months_left else ""
    first = f"; measure first: {need.sensitivity[0].input}" if need.sensitivity else ""
    size = f"needs {need.need_gib:,.1f} ± {need.error_gib:.1f} GiB of {need.provisioned_gib:,.0f}"
    return f"{need.name}: {size}, fills in {need.fill_probability:.2%} of the futures{when}{first}"


def _show_compared(value: Comparison) -> None:
    """Outcomes side by side on the terminal."""
    for table in (scenarios(value), compared(value)):
        shown = Shown(title=table.title, title_justify="left", title_style="bold", header_style="dim")
        for at in table.told:
            shown.add_column(table.columns[at], justify="right" if table.numeric(at) else "left", overflow="fold")
        for row in table.rows:
            shown.add_row(*(_shown(row[at], table.bad(row, at)) for at in table.told))
        show.console().print(shown)


def _shown(cell: Cell, bad: bool) -> Text:
    text = "–" if cell is None else cell if isinstance(cell, str) else short(cell, 1) if isinstance(cell, float) else f"{cell:,}"
    return Text(f"{text} !", style="bold red") if bad else Text(text)


def write(value: Report, html: Path | None, folder: Path | None) -> list[Path]:
    """Write the page and the tables, each where it was asked for; which files there are now. Exit 1 if one can't be written."""
    text = _page(value) if html else ""
    files = {f"{table.name}.csv": csv(table) for table in tables(value)} if folder else {}
    for path in filter(None, (html, folder)):
        try:
            if path is html:
                with _made_beside(path) as made:
                    made.write_text(text, encoding="utf-8")
            else:
                _write_folder(path, files)
        except OSError as error:
            show.failure(f"{path} can't be written: {error.strerror}")
            raise typer.Exit(1) from None
    return [*([html] if html else []), *(folder / name for name in files if folder)]


def _page(value: Report) -> str:
    from sizing.report.page import page  # noqa: PLC0415 - the chart library takes a third of a second, and only pages need it

    return page(value)


def _write_folder(folder: Path, files: dict[str, str]) -> None:
    with _made_beside(folder) as made:
        made.mkdir()
        for name, text in files.items():
            (made / name).write_text(text, encoding="utf-8", newline="")
        if folder.is_dir():
            for name in files:
                (made / name).replace(folder / name)
            made.rmdir()


@contextmanager
def _made_beside(path: Path) -> Iterator[Path]:
    """Where to make what shall stand at a path. It is moved there at the end; if anything fails, nothing of it is left."""
    place = path.resolve()
    if place.exists() and not (place.is_file() or place.is_dir()):  # a device or a pipe would be replaced by a file
        raise OSError(errno.EINVAL, "it is neither a file nor a folder", str(path))
    made = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        yield made
        if made.exists():
            made.replace(place)
    finally:
        if made.is_dir():
            shutil.rmtree(made)
        made.unlink(missing_ok=True)
