"""A workspace's calls, with a stand-in for the engine: what each gets, what comes back, and that nothing outlives it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import workspace
from tools.workspace import Call, EngineFailed, Workspace

SAYS = "#!/bin/sh\nprintf '%s' '{out}'; echo complaint >&2; exit {code}\n"
# Starts two children as the engine starts plugins, the second in a process group of its own; on an interrupt it saves.
STAYS = """#!{python}
import signal, subprocess, sys, time
def saved(*_):
    print("saved", flush=True)
    sys.exit(1)
signal.signal(signal.SIGINT, {handler})
wait = [sys.executable, "-c", "import time; time.sleep(600)"]
children = [subprocess.Popen(wait), subprocess.Popen(wait, process_group=0)]
print(*[child.pid for child in children], flush=True)
time.sleep(600)
"""


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    """A workspace whose `pulumi` is whatever the test writes."""
    (tmp_path / "calls").mkdir()
    (tmp_path / "bin").mkdir()
    return Workspace(tmp_path, "campus", {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}", "VSPHERE_PASSWORD": "s3cret"})


def engine(folder: Path, script: str) -> None:
    """Writes the stand-in."""
    program = folder / "bin" / "pulumi"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)


def test_a_call_is_what_a_person_would_type_and_its_outputs_stay_apart(work: Workspace) -> None:
    """The code and both outputs come back as they were, for the caller to judge."""
    engine(work.folder, '#!/bin/sh\necho "$@"; pwd; echo complaint >&2; exit 3\n')
    done = work.run("up", "--yes")
    assert (done.returncode, done.stderr) == (3, "complaint\n")
    assert done.stdout == f"up --yes --stack campus --non-interactive\n{work.folder}\n"


def test_what_has_to_work_and_does_not_says_all_that_was_said(work: Workspace) -> None:
    """The error has the command, the code and both outputs."""
    engine(work.folder, SAYS.format(out="so far", code=255))
    with pytest.raises(EngineFailed, match=r"pulumi destroy --stack campus --non-interactive: exit code 255\nso far.*complaint"):
        work.must("destroy")


@pytest.mark.parametrize(
    ("summary", "changes"), [({"same": 3}, {}), ({"same": 3, "update": 1, "delete": 2}, {"update": 1, "delete": 2}), (None, {})]
)
def test_changes_are_what_does_not_stay(work: Workspace, summary: dict[str, int] | None, changes: dict[str, int]) -> None:
    """An empty preview has no changes."""
    engine(work.folder, SAYS.format(out=json.dumps({"changeSummary": summary}), code=0))
    assert work.changes() == changes


@pytest.mark.parametrize(
    ("out", "said"), [('{"steps": [], "diagnostics": [{"message": "no room"}]}', "^no room$"), ("no such stack", "^no such stackcomplaint")]
)
def test_a_preview_that_fails_says_why_and_not_what_it_saw(work: Workspace, out: str, said: str) -> None:
    """The diagnostics alone, or all that was said where the engine got no further."""
    engine(work.folder, SAYS.format(out=out, code=1))
    with pytest.raises(EngineFailed, match=said):
        work.preview()


def alive(pids: list[int]) -> list[int]:
    """Those of the processes that still run; one that was killed and not yet collected does not."""
    states = {pid: Path(f"/proc/{pid}/stat") for pid in pids}
    return [pid for pid, stat in states.items() if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"]


def children(call: Call) -> list[int]:
    """The stand-in's children, once it has started them."""
    while "\n" not in call.stdout:
        assert call.process.poll() is None, call.stderr
    return [int(pid) for pid in call.stdout.splitlines()[0].split()]


def test_a_call_that_is_left_early_may_save_and_leaves_no_process(work: Workspace) -> None:
    """It is interrupted as by Ctrl+C; its children are ended by their ids, whatever group they are in."""
    engine(work.folder, STAYS.format(python=sys.executable, handler="saved"))
    calls: list[Call] = []
    with pytest.raises(KeyboardInterrupt):
        leave_early(work, calls)
    assert calls[0].stdout.endswith("saved\n")
    assert alive([*children(calls[0]), calls[0].process.pid]) == []


def leave_early(work: Workspace, calls: list[Call]) -> None:
    """As a person who presses Ctrl+C."""
    with work.started("up") as call:
        calls.append(call)
        pids = children(call)
        assert alive(pids) == pids
        raise KeyboardInterrupt


def test_a_call_that_takes_too_long_is_ended(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed, if it does not heed the interrupt."""
    monkeypatch.setattr(workspace, "GRACE_SECONDS", 0.1)
    engine(work.folder, STAYS.format(python=sys.executable, handler="signal.SIG_IGN"))
    with pytest.raises(subprocess.TimeoutExpired):
        work.run("up", timeout_seconds=1)
    (said,) = (work.folder / "calls").glob("*/stdout")
    assert alive([int(pid) for pid in said.read_text().split()]) == []


def test_a_new_workspace_is_a_copy_with_a_state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is told to keep all in the folder, gets the login, and none of the caller's own engine settings."""
    (tmp_path / "bin").mkdir()
    engine(tmp_path, "#!/bin/sh\nexport -p >init\necho 'encryptionsalt: x' >>stacks/Pulumi.demo.yaml\n")
    monkeypatch.setattr(workspace, "BIN", tmp_path / "bin")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "callers-own")
    for name in ("VSPHERE_SERVER", "VSPHERE_USER", "VSPHERE_VIM_KEEP_ALIVE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.setenv(name, "callers-own")
    checkout = Path("stacks", "Pulumi.demo.yaml").read_text(encoding="utf-8")
    work = workspace.create(tmp_path / "a b", "demo", {"VSPHERE_SERVER": "vcenter", "VSPHERE_PASSWORD": "s3cret"})
    told = (tmp_path / "a b" / "init").read_text(encoding="utf-8")
    assert f"PULUMI_BACKEND_URL='{(tmp_path / 'a b' / 'state').as_uri()}?metadata=skip'\n" in told
    assert f"PULUMI_HOME='{tmp_path / 'a b' / 'home'}'\n" in told
    assert "VSPHERE_SERVER='vcenter'\n" in told
    assert "callers-own" not in told
    assert work.stack_file.read_text(encoding="utf-8") == f"{checkout}encryptionsalt: x\n"
    assert Path("stacks", "Pulumi.demo.yaml").read_text(encoding="utf-8") == checkout
    assert "s3cret" not in repr(work)


def test_a_workspace_never_takes_over_a_folder(tmp_path: Path) -> None:
    """A state that is there already belongs to something."""
    (tmp_path / "stacks").mkdir()
    with pytest.raises(FileExistsError):
        workspace.create(tmp_path, "demo", {})
