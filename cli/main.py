"""The `mailstead` command with its subcommands, of which only the one that is typed is loaded: together they take most of a second."""

import errno
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import typer
from typer.core import TyperGroup

from cli import settle, show

HOMES = {
    "check": "stacks:check",
    "plan": "stacks:plan",
    "size": "stacks:size",
    "place": "place:place",
    "preflight": "preflight:preflight",
    "privileges": "privileges:privileges",
    "review": "review:review",
    "flow": "flow:flow",
    "backtest": "flow:backtest",
    "doctor": "machine:doctor",
    "demo": "demo:app",
    "snapshot": "operate:app",
    "ledger": "ledger:app",
    "sim": "sim:app",
}
"""Each subcommand's module in `cli`, and its name there: a function, or an app with subcommands of its own."""


SAYS_2 = frozenset({"review"})
"""Subcommands whose exit code 2 lets an apply go on: typed wrongly, as whatever stands before a subcommand, they end with 1."""


class _Subcommands(TyperGroup):
    """Subcommands that are loaded when they are asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is typed before the subcommand."""
        try:
            return list(super().parse_args(ctx, args))
        except typer.TyperException as wrong:
            wrong.exit_code = 1
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as wrong:
            if ctx.invoked_subcommand is None or ctx.invoked_subcommand in SAYS_2:
                wrong.exit_code = 1
            raise

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Say in one line that what a command says can't be written; a reader who goes away is the library's to handle."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a "?" where an encoding has no "≥", and not the end
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except OSError as error:
            if error.filename is not None or error.errno == errno.EPIPE:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left to be written at the end
            show.failure(f"the output can't be written: {error.strerror}")
            sys.exit(1)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(HOMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in HOMES:
            return None
        module, _, name = HOMES[cmd_name].partition(":")
        found = getattr(import_module(f"cli.{module}"), name)
        settle()
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
            command.name = cmd_name
            return command
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    cls=_Subcommands,
    help="Size, plan and check a mail platform on VMware vSphere. Exit codes: 0 fine, 1 problems or no such command, 2 usage of a command, "
    "where it says no other.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _main() -> None:
    """Nothing is done before a subcommand."""
