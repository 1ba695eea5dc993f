"""The chosen engine with its language host: a small program applied, one that fails, and one that is interrupted."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

BIN = Path(__file__).parents[2] / ".tools" / "bin"
PROJECT = f"name: tiny\nruntime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
pytestmark = pytest.mark.skipif(not (BIN / "pulumi").exists(), reason="no engine here: run python3 tools/bootstrap.py")


@dataclass(frozen=True)
class Project:
    """A Pulumi project with a state of its own."""

    folder: Path
    environment: dict[str, str]

    def write(self, program: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(program, encoding="utf-8")

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the engine to its end."""
        command = ["pulumi", *words, "--non-interactive"]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "state").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    own |= {
        "PATH": f"{BIN}{os.pathsep}{own['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "throw-away",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    project = Project(tmp_path, own)
    assert project.pulumi("stack", "init", "s").returncode == 0
    return project


def test_a_program_is_applied_and_heard_and_then_nothing_changes(project: Project) -> None:
    project.write(
        "import sys, pulumi\n"
        "print('to stdout')\nprint('to stderr', file=sys.stderr)\n"
        "pulumi.export('answer', pulumi.Config().require_int('n') + 1)\n"
    )
    assert project.pulumi("config", "set", "n", "41").returncode == 0
    up = project.pulumi("up", "--yes", "--skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "to stdout" in up.stdout
    assert "to stderr" in up.stdout
    assert json.loads(project.pulumi("stack", "output", "--json").stdout) == {"answer": 42}
    assert project.pulumi("preview", "--expect-no-changes").returncode == 0


def test_a_program_that_fails_shows_its_own_traceback_alone(project: Project) -> None:
    project.write("import pulumi\n\ndef plan():\n    raise ValueError('the stack is wrong')\n\nplan()\n")
    up = project.pulumi("up", "--yes", "--skip-preview")
    assert up.returncode != 0
    said = up.stdout + up.stderr
    assert "ValueError: the stack is wrong" in said
    assert said.count("Traceback (most recent call last)") == 1
    assert "pulumi-language-python" not in said.split("Traceback", 1)[1]
    assert "host.py" not in said


def test_a_dynamic_provider_in_python_works(project: Project) -> None:
    project.write(
        "import pulumi\nfrom pulumi.dynamic import CreateResult, Resource, ResourceProvider\n\n"
        "class Provider(ResourceProvider):\n    def create(self, props):\n        return CreateResult('id-1', props)\n\n"
        "class Thing(Resource):\n    def __init__(self, name):\n        super().__init__(Provider(), name, {'size': 3})\n\n"
        "pulumi.export('id', Thing('thing').id)\n"
    )
    up = project.pulumi("up", "--yes", "--skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    assert json.loads(project.pulumi("stack", "output", "--json").stdout) == {"id": "id-1"}


@pytest.mark.parametrize("kill", [os.killpg, os.kill], ids=["the terminal's whole group", "the engine alone"])
def test_an_interrupted_engine_leaves_no_process(project: Project, kill: Callable[[int, int], None]) -> None:
    project.write("import os, time\nprint('pid', os.getpid(), os.getppid(), flush=True)\ntime.sleep(600)\n")
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    with subprocess.Popen(
        command, cwd=project.folder, env=project.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as engine:
        assert engine.stdout
        said = next(line for line in engine.stdout if " pid " in line)
        pids = [int(word) for word in said.split() if word.isdigit()]
        assert len(pids) == 2
        kill(engine.pid, signal.SIGINT)
        rest = engine.stdout.read()
        assert engine.wait(60) != 0
    assert "Traceback" not in rest
    deadline = time.monotonic() + 60
    while alive := [pid for pid in pids if _runs(pid)]:
        assert time.monotonic() < deadline, f"{alive} still run a minute after the engine"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie, which only waits for its parent to look."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
