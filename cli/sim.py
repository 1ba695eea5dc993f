"""`sim start|stop|status`: a simulated vCenter to try a stack on."""

from pathlib import Path
from typing import Annotated

import typer

import config
from cli import show
from tools import paths, simulator, workspace

FOLDER = paths.ROOT / ".mailstead" / "sim"

app = typer.Typer(help="Start and stop a simulated vCenter.", no_args_is_help=True)


@app.command()
def start(
    site: Annotated[str, typer.Argument(metavar="SITE", help="A name in stacks/sites/, or a path to an inventory file.")] = "demo",
) -> None:
    """Start it, and say how the engine finds it."""
    named = config.STACKS / "sites" / f"{site}.yaml"
    path = named if named.is_file() else Path(site)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in named.parent.glob("*.yaml")))
        raise typer.BadParameter(f"there is no site or file named {site}; the sites are: {known}", param_hint="SITE")
    try:
        running = simulator.start(path, workspace.VCSIM, FOLDER)
    except simulator.SimulatorError as error:
        show.failure("\n".join([str(error), *error.details]))
        raise typer.Exit(1) from None
    show.line(f"# the simulated vCenter of {path.stem} runs as process {running.pid}; for the engine:")
    for key, value in running.environment.items():
        show.line(f"export {key}={value}")


@app.command()
def stop() -> None:
    """Stop it."""
    try:
        stopped = simulator.stop(FOLDER)
    except simulator.SimulatorError as error:
        show.failure(str(error))
        raise typer.Exit(1) from None
    show.line("stopped" if stopped else "none was running")


@app.command()
def status() -> None:
    """Say whether one runs, and where; exit 1 if none does."""
    running = simulator.status(FOLDER)
    show.line(f"{running.address} (process {running.pid}, site {running.site})" if running else "none is running")
    raise typer.Exit(0 if running else 1)
