"""`flow` and `backtest`: measure the mail flow that logs show, and how well its future can be told from its past."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from cli import settle, show
from config import Refused
from sizing import flow as flows
from sizing.flow import Accept, Engine
from sizing.flow.profile import FEWEST_TO_FIT, LARGEST_MISFIT

if TYPE_CHECKING:
    from sizing.flow import Backtest, Estimate, Flow, Profile

LONG_BYTES = 64 * 2**20  # from here on a progress bar is worth its place

Logs = Annotated[list[str], typer.Argument(metavar="LOG…", help="Log files or patterns; plain, .gz or .zst.")]
Year = Annotated[int | None, typer.Option(min=1970, max=2200, help="Year of the first stamp without one; name the files oldest first.")]
Asked = Annotated[Engine, typer.Option(help="What reads the logs; spark reads sets of files on a cluster.")]
Accepted = Annotated[
    list[Accept],
    typer.Option(
        "--accept",
        default_factory=list,
        show_default=False,
        help="Accept a kind of problem with the logs; a note in the flow file says so.",
    ),
]
Scratch = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, help="With --engine spark: folder for events meanwhile, shared by the workers.")
]


def flow(  # noqa: PLR0913, PLR0917 - one parameter an option
    logs: Logs,
    accept: Accepted,
    out: Annotated[Path | None, typer.Option("--output", "-o", dir_okay=False, help="Write the flow file here.")] = None,
    year: Year = None,
    engine: Asked = Engine.DUCKDB,
    scratch: Scratch = None,
) -> None:
    """Measure the mail flow that logs show: messages, deliveries, busy hour, sizes, shares, queue, growth. Exit 1 if they show none."""
    if out is not None:
        with _refusals():
            flows.check_output(out, logs)
    measured = _measured(logs, year, accept, engine, scratch)
    if out is not None:
        with _refusals():
            measured.save(out)
    _tell(measured)
    if out is not None:
        show.line(f"written: {out}; what is under its `flow:` goes under `mailstead:flow:` of a stack")


def backtest(logs: Logs, accept: Accepted, year: Year = None, engine: Asked = Engine.DUCKDB, scratch: Scratch = None) -> None:
    """Fit the flow to the first two thirds of a log, predict the rest, and show how often the truth was inside the prediction.

    A flow file, FILE.yaml, stands for the logs that it was measured from.
    """
    with _refusals():
        is_measured = len(logs) == 1 and Path(logs[0]).suffix == ".yaml"
        measured = flows.Flow.load(Path(logs[0])) if is_measured else _measured(logs, year, accept, engine, scratch)
        _tell_backtest(flows.backtested(measured.profile))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        show.problems(refused.problems)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        show.line("stopped; nothing was written")
        raise typer.Exit(130) from None


def _measured(logs: list[str], year: int | None, accept: list[Accept], engine: Engine, scratch: Path | None) -> "Flow":
    if scratch is not None and engine is not Engine.SPARK:
        raise typer.BadParameter("only --engine spark keeps events in a folder", param_hint="--scratch")
    terminal = Console(stderr=True)
    if terminal.is_terminal and not flows.compiled_before():
        terminal.print("compiling the readers of logs, once after an installation, which takes up to a minute …")
    with _refusals(), _progress() as told:
        measure = flows.Flow.from_logs
        settle()
        return measure(logs, year=year, accept=accept, engine=engine, scratch=scratch, progress=told)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, for logs that take a while."""
    console = Console(stderr=True)
    columns = TextColumn("reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", visible=False)
        yield lambda read, total: bar.update(task, advance=read, total=total, visible=total >= LONG_BYTES)


def _tell(measured: "Flow") -> None:
    profile = measured.profile
    table = Table("", "", title="Mail flow", title_justify="left", title_style="bold", show_header=False)
    for name, text in (*_counted(profile), *_rated(profile)):
        table.add_row(name, text)
    show.console().print(table)
    show.title("For a stack (mailstead:flow:)")
    for key, value in measured.flow.items():
        show.line(f"  {key}: {value:g}")
    show.title("Lines")
    for outcome, lines in profile.lines.items():
        if lines:
            show.line(f"  {lines:>14,} {'that tell of mail' if outcome == 'events' else outcome}")
    for note in profile.notes:
        show.line(f"note: {note}", style="yellow")


def _counted(profile: "Profile") -> Iterator[tuple[str, str]]:
    for name, host in profile.hosts.items():
        yield f"host {name}", f"{host.first} to {host.last}"
    yield "days covered by all hosts", str(profile.full_days)
    for name, count in profile.counts.model_dump().items():
        yield name.replace("_", " "), f"{count:,}"


def _rated(profile: "Profile") -> Iterator[tuple[str, str]]:
    yield "messages per working day", _estimate(profile.messages_per_day, ",.0f")
    yield "busiest hour's share of a day", _estimate(profile.busy_hour_share, ".1%")
    yield "growth per year", _estimate(profile.growth_per_year, "+.1%")
    yield "recipients per message", _number(profile.recipients_per_message, ".2f")
    for name, share in profile.shares.model_dump().items():
        yield f"share {name.replace('_', ' ')}", _number(share, ".1%")
    if sizes := profile.sizes:
        yield "size, KiB", f"mean {sizes.mean_kib:,.1f}; {_quantiles(sizes.quantiles_kib)}"
        yield (
            "fitted lognormal, ln(bytes)",
            f"μ {sizes.lognormal_mu:.3f}, σ {sizes.lognormal_sigma:.3f}; {_fits(sizes.lognormal_misfit, profile.counts.messages)}",
        )
    yield "delay, s", _quantiles(profile.delay_seconds)
    yield "of that in the queue, s", _quantiles(profile.queue_seconds)
    backlog = profile.backlog
    yield (
        "in the queue at the end of an hour",
        f"mean {backlog.mean_messages:,.0f}, at most {backlog.largest_messages:,} messages, {backlog.largest_gib:.2f} GiB",
    )


def _fits(misfit: float, messages: int) -> str:
    if messages < FEWEST_TO_FIT:
        return f"of {messages:,} messages, too few to rely on it"
    verdict = "too much to rely on it" if misfit > LARGEST_MISFIT else "good enough"
    return f"shares of messages up to a size are off by {misfit:.1%} at most, {verdict}"


def _estimate(estimate: "Estimate | None", form: str) -> str:
    if estimate is None:
        return "not known"
    return f"{estimate.value:{form}} ({estimate.low:{form}} to {estimate.high:{form}})"


def _number(value: float | None, form: str) -> str:
    return "not known" if value is None else f"{value:{form}}"


def _quantiles(quantiles: dict[str, float]) -> str:
    return ", ".join(f"{float(share):.4g} → {value:,.4g}" for share, value in quantiles.items()) or "not known"


def _tell_backtest(result: "Backtest") -> None:
    show.line(f"fitted on {result.fitted_days} full days, predicted the {result.predicted_days} after them")
    table = Table("interval", "days inside", title="Coverage", title_justify="left", title_style="bold")
    for row in result.coverage:
        table.add_row(f"{row.level:.0%}", f"{row.held:.0%}")
    show.console().print(table)
    show.line(f"messages of all predicted days: {result.error:+.1%} of the true ones")
