"""`doctor`: which tools this machine has, where each came from, and what is missing."""

from typing import Annotated

import typer

from cli import show
from tools import doctor as tools_doctor


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print data instead of text.")] = False) -> None:
    """Say which tools were chosen, and why; exit 1 if one is missing."""
    report = tools_doctor.inspect()
    if as_json:
        show.data(report.as_dict())
    else:
        tools_doctor.render(report, show.console())
    raise typer.Exit(1 if report.missing else 0)
