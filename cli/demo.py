"""`demo`: the whole way of a stack, from its file to a running platform on a simulated vCenter, and away again."""

import subprocess
import tempfile
from pathlib import Path

import typer

import checks
import config
import plan as planning
from cli import show
from cli.incident import incident
from tools import doctor, simulator, workspace

STACK = "demo"
WARNING = "campus-2013"
QUIET = ("--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress")
NEXT = """
The same program on your vCenter (docs/vcenter.md says what that needs):
  1. copy stacks/Pulumi.campus.yaml to stacks/Pulumi.NAME.yaml and describe your site (docs/stack.md has every key)
  2. .venv/bin/mailstead check NAME
  3. make preview STACK=NAME, and when the preview is what you want: make up STACK=NAME"""


app = typer.Typer(help="Size, plan, apply and remove the demo stack on a simulated vCenter; exit 1 if any of it fails.")
app.command()(incident)


@app.callback(invoke_without_command=True)
def demo(context: typer.Context) -> None:
    """Size, plan, apply and remove the demo stack on a simulated vCenter; exit 1 if any of it fails."""
    if context.invoked_subcommand is None:
        _demo()


def _demo() -> None:
    show.title(f"1. What the stack {STACK} comes to (stacks/Pulumi.{STACK}.yaml)")
    plan = planning.build(config.load(config.locate(STACK)))
    show.plan(plan)
    show.reasons(plan.sizing)
    show.title(f"2. What is refused: the platform of 2013 (stacks/Pulumi.{WARNING}.yaml)")
    refused = _refused(WARNING)
    show.problems(refused)
    report = doctor.inspect()
    if report.missing:
        show.title("3. Applying it needs tools that this machine lacks")
        doctor.render(report, show.console())
        raise typer.Exit(1)
    try:
        applied = _apply(plan)
    except (simulator.SimulatorError, workspace.EngineFailed, config.Refused) as error:
        show.failure(str(error))
        raise typer.Exit(1) from None
    show.line(NEXT)
    raise typer.Exit(0 if applied and refused else 1)


def _refused(stack: str) -> tuple[config.Problem, ...]:
    path = config.locate(stack)
    platform = config.load(path)
    found = planning.problems(platform, planning.draft(platform))
    return config.Refused(config.located(found, config.read(path))).problems


def _apply(plan: planning.Plan) -> bool:
    site = config.STACKS / "sites" / f"{STACK}.yaml"
    with tempfile.TemporaryDirectory(prefix="mailstead-demo-") as folder, simulator.running(site, workspace.VCSIM) as server:
        work = workspace.create(Path(folder, "work"), STACK, server.environment)
        show.title(f"3. pulumi up, by the real engine and provider, on a simulated vCenter at {server.address}")
        if not _engine(work, "up"):
            return False
        show.title("4. What exists now, asked of the vCenter")
        show.live(plan, checks.read(checks.credentials({}, server.environment), plan))
        show.title("5. A second preview, which must be empty")
        changes = work.changes()
        show.line(f"changes: {changes or 'none'}")
        show.title("6. pulumi destroy (the stack declares its data disposable by name)")
        return _engine(work, "destroy", "--remove") and not changes  # else the engine advises to remove the stack, file and all


def _engine(work: workspace.Workspace, *command: str) -> bool:
    """Run the engine with its output going straight to the terminal."""
    line = work.command(*command, *QUIET)
    show.line(" ".join(["$", *line]), style="dim")
    return subprocess.run(line, cwd=work.folder, env=dict(work.environment), check=False).returncode == 0
