"""A throw-away copy of one stack with a state of its own, on which the real engine runs.

The engine writes into the stack file (its encryption salt) and into the state, so the demo, the tests and the
benchmarks never run it on the checkout itself. Deliberately a thin layer over the `pulumi` command: what runs here is
what a person would type. Deliberately no isolation either: it reaches whatever vCenter its environment names.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.paths import BIN, ROOT, VENV

VCSIM = BIN / "vcsim"
PROJECT = "mailstead"
GRACE_SECONDS = 30  # for an interrupted engine to finish the calls that are under way and to write its state


class EngineFailed(Exception):
    """A `pulumi` command that had to work did not; the text is all that it said."""


@dataclass(frozen=True)
class Call:
    """A `pulumi` command, under way or over; its output is in files, so that it never waits for a reader."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def stdout(self) -> str:
        """All that it has printed so far."""
        return (self.folder / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """All that it has complained about so far."""
        return (self.folder / "stderr").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Workspace:
    """One stack in one folder; `environment` is what the engine runs with, secrets included."""

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
        return self.folder / "state" / ".pulumi" / "stacks" / PROJECT / f"{self.stack}.json"

    def command(self, *arguments: str) -> list[str]:
        """The command line of a `pulumi` call on this stack."""
        return ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"]

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator[Call]:
        """A `pulumi` call that is under way, for reading along or interrupting; it has ended when the block has.

        It runs in a session of its own: a Ctrl+C at the terminal reaches it as one interrupt from here, not as one
        for each of its processes, which is what lets it write its state.
        """
        folder = Path(tempfile.mkdtemp(dir=self.folder / "calls"))
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            process = subprocess.Popen(
                self.command(*arguments),
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        try:
            yield Call(process, folder)
            process.wait()
        except BaseException:
            _interrupt(process)
            raise
        finally:
            _end_session(process.pid)

    def run(self, *arguments: str, timeout_seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """Run `pulumi` on this stack to its end; its exit code and output are the caller's to judge.

        Raises:
            subprocess.TimeoutExpired: it was still running after the time given, and was ended.
        """
        with self.started(*arguments) as call:
            code = call.process.wait(timeout_seconds)
        return subprocess.CompletedProcess(self.command(*arguments), code, call.stdout, call.stderr)

    def must(self, *arguments: str) -> str:
        """What a `pulumi` call that has to work prints.

        Raises:
            EngineFailed: it did not work.
        """
        done = self.run(*arguments)
        if done.returncode:
            raise EngineFailed(f"{' '.join(done.args)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def state(self) -> dict[str, Any]:
        """What the engine believes that it has made, secrets encrypted.

        Raises:
            EngineFailed: the state can't be read.
        """
        kept: dict[str, Any] = json.loads(self.must("stack", "export"))
        return kept

    def preview(self) -> dict[str, Any]:
        """The machine-readable preview.

        Raises:
            EngineFailed: the preview failed; the text is what it complained about, without the megabytes around it.
        """
        done = self.run("preview", "--json")
        try:
            shown: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise EngineFailed(done.stdout + done.stderr) from None
        if done.returncode:
            raise EngineFailed("".join(entry["message"] for entry in shown["diagnostics"]))
        return shown

    def changes(self) -> dict[str, int]:
        """How many resources a preview would create, update, replace or delete, without those that stay.

        Raises:
            EngineFailed: the preview failed.
        """
        summary = self.preview().get("changeSummary") or {}
        return {kind: count for kind, count in summary.items() if kind != "same"}


def create(folder: Path, stack: str, vsphere: Mapping[str, str], *, program: Path = ROOT, stack_file: Path | None = None) -> Workspace:
    """A new workspace in `folder`, which is made, for a copy of a stack's file.

    `vsphere` are the provider's environment variables; `stack_file` is the checkout's one of that name unless given.

    Raises:
        EngineFailed: the engine could not make the stack.
        OSError: the folder is there already or can't be made, or the stack has no file.
    """
    workspace = Workspace(folder.absolute(), stack, _environment(folder.absolute(), vsphere))
    for part in ("stacks", "state", "calls"):
        (folder / part).mkdir(parents=True)
    options = {"virtualenv": str(VENV)}
    project = {"name": PROJECT, "runtime": {"name": "python", "options": options}, "main": str(program), "stackConfigDir": "stacks"}
    (folder / "Pulumi.yaml").write_text(json.dumps(project, indent=2), encoding="utf-8")  # JSON is YAML
    shutil.copy(stack_file or ROOT / "stacks" / workspace.stack_file.name, workspace.stack_file)
    workspace.must("stack", "init")
    return workspace


def search_path() -> str:
    """Where the engine's tools are looked for: this checkout's own first."""
    return f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def _environment(folder: Path, vsphere: Mapping[str, str]) -> dict[str, str]:
    """The environment of an engine that keeps everything in `folder` and finds this checkout's tools first."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "VSPHERE_"))}
    return own | {
        "PATH": search_path(),
        "PULUMI_HOME": str(folder / "home"),
        # Without side files: the engine writes those in place, and a kill at that moment leaves a state that can't be loaded.
        "PULUMI_BACKEND_URL": f"{(folder / 'state').as_uri()}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "throw-away",  # the state ends with the folder
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "MAILSTEAD_LEDGERS": str(folder / "ledgers"),  # never those of the checkout
        **vsphere,
    }


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """End the engine as a Ctrl+C would, so that it writes what it has made; kill it if that takes too long."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_session(session: int) -> None:
    """Kill what an engine that was killed left running: its plugins and the program, each by its process id."""
    while members := _members(session):
        for member in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        time.sleep(0.01)  # they are no children of this process, so that it can't wait for their end


def _members(session: int) -> list[int]:
    """The processes of a session that still run; none where the system has no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            state, _, _, its_session, *_ = entry.read_text().rpartition(")")[2].split()
            if int(its_session) == session and state not in "ZX":
                found.append(int(entry.parent.name))
    return found
