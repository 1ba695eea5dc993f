"""`place`: a LUN for each server whose stack names none."""

from pathlib import Path
from typing import Annotated

import typer

import config
from cli import show
from cli.stacks import Json, Stack, located
from config import placing
from plan import choosing


def place(
    stack: Stack,
    write: Annotated[bool, typer.Option("--write", help="Write what is chosen into the stack file; the rest of it stays.")] = False,
    as_json: Json = False,
) -> None:
    """Choose a LUN for each server that names none, with room for its snapshots, apart from others of its role. Exit 1 if none has room."""
    path = located(stack)
    file = config.read(path)
    try:
        if file.problems:
            raise config.Refused(file.problems)
        chosen = choosing.choose(file.sections)
        if chosen.problems:
            raise config.Refused(config.located(chosen.problems, file))
        if write and chosen.luns:
            _write(path, file, chosen.luns)
    except config.Refused as refused:
        show.problems(config.Refused(config.located(refused.problems, file)).problems)
        raise typer.Exit(1) from None
    if as_json:
        show.data(chosen.luns)
    elif not chosen.luns:
        show.line(f"{stack}: every server names its LUN")
    else:
        _show(chosen)
        show.line(f"written into {file.name}" if write else "nothing is written: add --write to put this into the stack file")
        for problem in chosen.others:
            show.line(f"mailstead check will still refuse: {problem}", style="yellow")


def _write(path: Path, file: config.StackFile, luns: dict[str, str]) -> None:
    """The file anew, in one step: as it was with the LUNs, or not at all.

    Raises:
        Refused: the file is laid out in a way that no line can be added to; it is as it was.
    """
    text = path.read_bytes().decode("utf-8")
    target = path.resolve()
    new = target.with_name(f".{target.name}.new")
    new.write_bytes(placing.written(text, luns).encode("utf-8"))
    if dict(config.read(new).sections) != placing.placed(file.sections, luns):
        new.unlink()
        remedy = "write the key yourself"
        raise config.Refused(
            [
                config.Problem(f"{server}.lun", lun, "can't be written beside keys that are laid out so", remedy)
                for server, lun in luns.items()
            ]
        )
    new.chmod(target.stat().st_mode & 0o777)
    new.replace(target)


def _show(chosen: choosing.Chosen) -> None:
    """The LUN of each server that named none, and what each LUN then needs."""
    servers = show.empty_table("Chosen", "server", "LUN", "fabric")
    for path, lun in chosen.luns.items():
        servers.add_row(path, lun, chosen.plan.datastore(lun).fabric)
    show.console().print(servers)
    luns = show.empty_table("LUNs with these servers", "LUN", "GiB", "needed GiB")
    for need in chosen.plan.sizing.datastores:
        luns.add_row(need.lun, f"{need.declared_gib:g}", f"{need.required_gib:.1f}")
    show.console().print(luns)
