"""The `mailstead` command with its subcommands."""

import typer

from cli import demo, ledger, machine, operate, sim, stacks
from cli.flow import backtest, flow
from cli.preflight import preflight
from cli.privileges import privileges
from cli.review import review

app = typer.Typer(
    help="Size, plan and check a mail platform on VMware vSphere. Exit codes: 0 fine, 1 problems, 2 usage, where a command says no other.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(stacks.check)
app.command()(stacks.plan)
app.command()(stacks.size)
app.command()(preflight)
app.command()(privileges)
app.command()(review)
app.command()(flow)
app.command()(backtest)
app.command()(machine.doctor)
app.add_typer(demo.app, name="demo")
app.add_typer(operate.app, name="snapshot")
app.add_typer(ledger.app, name="ledger")
app.add_typer(sim.app, name="sim")
