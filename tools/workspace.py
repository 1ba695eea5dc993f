"""A throw-away copy of the project's stacks with a state of its own, on which the real engine runs.

The engine writes into the stack file (its encryption salt) and into the state, so the demo, the tests and the
benchmarks never run it on the checkout itself. Deliberately a thin layer over the `pulumi` command: what runs here is
what a person would type.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROJECT = """\
name: mailstead
runtime:
  name: python
  options:
    virtualenv: {venv}
main: {program}
stackConfigDir: stacks
"""


@dataclass(frozen=True)
class Workspace:
    """One stack in one folder; `environment` is what the engine runs with."""

    folder: Path
    stack: str
    environment: Mapping[str, str] = field(repr=False)

    @property
    def stack_file(self) -> Path:
        """The copy of the stack's file: edit it to edit the stack."""
        return self.folder / "stacks" / f"Pulumi.{self.stack}.yaml"

    @property
    def state_file(self) -> Path:
        """Where the engine keeps what it has made."""
        return self.folder / "state" / ".pulumi" / "stacks" / "mailstead" / f"{self.stack}.json"

    def command(self, *arguments: str) -> list[str]:
        """The command line of a `pulumi` call on this stack."""
        return ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"]

    def run(self, *arguments: str, timeout_seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """Run `pulumi` on this stack to its end; its exit code and output are the caller's to judge.

        Raises:
            subprocess.TimeoutExpired: it was still running after the time given, and was ended.
        """
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )

    def preview(self) -> dict[str, Any]:
        """The machine-readable preview.

        Raises:
            RuntimeError: the preview failed; the message is what the engine said.
        """
        done = self.run("preview", "--json")
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def changes(self) -> dict[str, int]:
        """How many resources a preview would create, update, replace or delete, without those that stay."""
        summary = self.preview().get("changeSummary") or {}
        return {kind: count for kind, count in summary.items() if kind != "same"}


def create(folder: Path, stack: str, vsphere: Mapping[str, str], program: Path = ROOT) -> Workspace:
    """A new workspace in `folder` for a copy of a stack's file; `vsphere` are the provider's environment variables.

    Raises:
        RuntimeError: the engine could not make the stack; the message is what it said.
    """
    (folder / "stacks").mkdir(parents=True)
    (folder / "state").mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT.format(venv=ROOT / ".venv", program=program))
    source = ROOT / "stacks" / f"Pulumi.{stack}.yaml"
    if source.is_file():
        shutil.copy(source, folder / "stacks")
    workspace = Workspace(folder, stack, environment(folder, vsphere))
    done = subprocess.run(
        ["pulumi", "stack", "init", stack], cwd=folder, env=dict(workspace.environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return workspace


def environment(folder: Path, vsphere: Mapping[str, str]) -> dict[str, str]:
    """The environment of an engine that keeps everything in `folder` and finds this checkout's tools first."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "VSPHERE_"))}
    own["PATH"] = f"{ROOT / '.tools' / 'bin'}{os.pathsep}{own.get('PATH', '')}"
    return own | {
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "throw-away",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **vsphere,
    }
