"""`review`: what a preview would destroy, restart and change, before anyone applies it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

import review as reviewing
from cli import show
from cli.stacks import Json, load, located
from config.review import Review


def review(
    preview: Annotated[
        Path, typer.Argument(metavar="PREVIEW.json", help="What `pulumi preview --json --show-sames` printed.", dir_okay=False)
    ],
    stack: Annotated[str | None, typer.Option(help="The stack with the waivers: a name in stacks/, or a path.")] = None,
    as_json: Json = False,
) -> None:
    """Say what a preview would do to mail. Exit 0: nothing, 2: changes, 3: unsafe, 1: it can't be told, or was typed wrongly."""
    platform = load(located(stack)) if stack is not None else None
    waivers = platform.review if platform else Review()
    disposable = platform is not None and platform.data.disposable == platform.site.name
    try:
        reviewed = reviewing.judge(reviewing.read(preview), waivers, datetime.now(UTC).date(), disposable=disposable)
    except (reviewing.Unreadable, RecursionError) as error:
        show.failure(str(error) if isinstance(error, reviewing.Unreadable) else f"{preview} is no preview: it is nested too deeply")
        raise typer.Exit(reviewing.Verdict.FAILED) from None
    if as_json:
        show.data(reviewed.as_dict())
    else:
        show.raw(reviewing.text(reviewed))
    raise typer.Exit(reviewed.verdict)
