"""`privileges`: the rights of the role that Mailstead's user needs in vCenter."""

from typing import Annotated

import typer

from checks import privileges as rights
from cli import show
from cli.stacks import Json


def privileges(
    apply: Annotated[bool, typer.Option("--apply", help="For make up too: all that the provider calls.")] = False,
    snapshots: Annotated[bool, typer.Option("--snapshots", help="For snapshot take and remove too.")] = False,
    disposable: Annotated[bool, typer.Option("--disposable", help="With --apply: the rights to delete, too.")] = False,
    as_json: Json = False,
) -> None:
    """List the least rights for what Mailstead does: by itself for looks alone: Read-only, and to browse."""
    if disposable and not apply:
        raise typer.BadParameter("is for --apply: nothing else deletes", param_hint="--disposable")
    needed = {*(rights.applying(disposable=disposable) if apply else rights.looking()), *(rights.snapshots() if snapshots else ())}
    if as_json:
        show.data([right._asdict() for right in sorted(needed)])
        return
    for right in sorted(needed):
        show.line(f"{right.privilege:<48} on {right.on}: {right.purpose}")
    name = "mailstead-apply" if apply else "mailstead-snapshots" if snapshots else "mailstead-check"
    show.line(f"\ngovc role.create {name} {' '.join(sorted({right.privilege for right in needed}))}")
