"""`python -m sizing STACK` does what `mailstead size STACK` does."""

import typer

from cli.stacks import size

command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
command.command()(size)

if __name__ == "__main__":
    command()
