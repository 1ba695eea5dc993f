"""An `up` that is interrupted, killed, or not alone: what docs/interrupted.md says a person types is enough."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.engine.conftest import Staged
from tests.engine.looking import delete
from tests.engine.stage import RULE, VM, Stage
from tools.interrupted import under_way
from tools.workspace import Call

LOCKED = (
    "the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`"
)


@pytest.fixture
def stage(staged: Staged) -> Stage:
    """The demo, with nothing applied."""
    return staged("demo")


@pytest.mark.hazard("H25", "engine", "the lock holds a second apply off; an interrupted one goes on")
def test_an_interrupted_up_is_continued_by_the_next_one_which_is_alone(stage: Stage) -> None:
    """Ctrl+C: what is under way is finished and recorded. A second `up` at the same time is refused and disturbs nothing."""
    with stage.work.started("up", "--yes", "--skip-preview") as first:
        printed(first, "VirtualMachine demo-mta-1 creating")
        first.process.send_signal(signal.SIGINT)
        first.process.wait()
    assert first.process.returncode != 0
    assert "^C received; cancelling" in first.stdout + first.stderr, first.stdout + first.stderr
    assert under_way(stage.work.state()) == []
    assert recorded(stage) == made(stage) != set()

    with stage.work.started("up", "--yes") as next_one:
        printed(next_one, "Previewing update")
        beside = stage.work.run("up", "--yes")
        next_one.process.wait()
    assert beside.returncode != 0
    assert LOCKED in beside.stdout + beside.stderr
    assert next_one.process.returncode == 0, next_one.stdout + next_one.stderr
    assert recorded(stage) == made(stage)
    assert stage.work.changes() == {}


@pytest.mark.hazard("H25", "operation", "docs/interrupted.md, step by step")
def test_a_killed_up_is_repaired_by_what_the_page_says(stage: Stage) -> None:
    """The lock stays and says how to remove it; what was made and not recorded is found and deleted by hand."""
    with stage.work.started("up", "--yes", "--skip-preview") as call:
        for lun in ("mail-iscsi", "mail-fc"):
            printed(call, f"VmfsDatastore demo-{lun} created")
        while not stage.look().vms:
            assert call.process.poll() is None, call.stdout
        call.process.kill()
        call.process.wait()
    settle(stage)
    refused = stage.work.run("up", "--yes")
    assert refused.returncode != 0
    assert LOCKED in refused.stdout + refused.stderr
    stage.work.must("cancel", "--yes")

    shown = subprocess.run([sys.executable, "tools/interrupted.py"], input=json.dumps(stage.work.state()),
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert shown.returncode == 1, "`make preview` and `make up` end"
    listed = set(re.findall(r"(\S+), interrupted while creating", shown.stderr))
    for orphan in sorted(made(stage) - recorded(stage)):
        assert orphan in listed, "what was made and not recorded is on the engine's list"
        delete(stage.server, orphan)
    stage.work.must("refresh", "--yes", "--clear-pending-creates")
    stage.work.must("up", "--yes")
    assert recorded(stage) == made(stage)
    assert under_way(stage.work.state()) == []
    assert stage.work.changes() == {}


def test_an_empty_side_file_of_the_state_is_the_cause_that_the_page_names(stage: Stage) -> None:
    """What a kill can leave of a state in plain files; without the side file the state is whole."""
    side = stage.work.state_file.with_name(f"{stage.work.state_file.name}.attrs")
    assert not side.exists(), "a workspace has none"
    whole = stage.work.state()
    side.touch()
    done = stage.work.run("stack", "export")
    assert (done.returncode, done.stderr) == (1, "error: failed to load checkpoint: EOF\n")
    side.unlink()
    assert stage.work.state() == whole


def printed(call: Call, text: str) -> None:
    """Waits until a call that is under way has printed something."""
    while text not in call.stdout:
        assert call.process.poll() is None, call.stdout + call.stderr
        time.sleep(0.01)


def settle(stage: Stage) -> None:
    """Waits until vCenter has finished what nobody waits for any more."""
    before = None
    while before != (now := stage.look()):
        before = now
        time.sleep(0.3)


def made(stage: Stage) -> set[str]:
    """The VMs and rules that vCenter has."""
    seen = stage.look()
    return {*seen.vms, *seen.rules}


def recorded(stage: Stage) -> set[str]:
    """Those that the state has."""
    return {name for name, resource in stage.resources().items() if resource["type"] in (VM, RULE)}
