"""`sim start|stop|status`: a simulated vCenter to try a stack on."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

import config
from cli import show
from config.problems import shown
from tools import paths, simulator, workspace

FOLDER = paths.ROOT / ".mailstead" / "sim"

app = typer.Typer(help="Start and stop a simulated vCenter.", no_args_is_help=True)


@app.command()
def start(
    site: Annotated[str, typer.Argument(metavar="SITE", help="A name in stacks/sites/, or a path to an inventory file.")] = "demo",
) -> None:
    """Start it, and say how the engine finds it."""
    path = _located(site)
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


def _located(site: str) -> Path:
    sites = {file.stem: file for file in (config.STACKS / "sites").glob("*.yaml")}
    path = sites.get(site, Path(site))
    with suppress(OSError):  # a name too long, a folder that may not be read
        if path.is_file():
            return path
    known = ", ".join(sorted(sites))
    raise typer.BadParameter(f"there is no site or file named {shown(site)}; the sites are: {known}", param_hint="SITE")
