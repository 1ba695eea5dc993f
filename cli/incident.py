"""`demo incident`: the incident of 2013 and what became of it, replayed on a simulated vCenter."""

import typer
from rich.table import Table as Shown

import config
import incident as replayed
from cli import show
from incident import telling
from incident.vcenter import Impossible
from tools import simulator


def incident() -> None:
    """Replay the incident of 2013 on a simulated vCenter, and the same as Mailstead sizes it; exit 1 if it does not come as foretold."""
    try:
        story = replayed.story()
    except (simulator.SimulatorError, Impossible, config.Refused) as error:
        show.failure(str(error))
        raise typer.Exit(1) from None
    for part in telling.parts(story):
        show.title(part.title)
        show.line(part.text)
        for table in part.tables:
            show.console().print(_shown(table))
    show.title("What it shows")
    claims = tuple(telling.claims(story))
    for claim in claims:
        show.line(f"{'yes' if claim.holds else 'NO '}  {claim.text}")
    raise typer.Exit(0 if all(claim.holds for claim in claims) else 1)


def _shown(table: telling.Table) -> Shown:
    shown = Shown(header_style="dim")
    for number, column in enumerate(table.columns):
        words = number == 0 or column == "what happens"
        shown.add_column(column, justify="left" if words else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*row)
    return shown
