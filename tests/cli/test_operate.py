"""`snapshot take|remove` as they are typed."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import checks.snapshots.operations as acting
from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, log_in, physics, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead
from tools.paths import VENV

__all__ = ["start"]


@pytest.fixture(scope="module")
def campus(start: Start) -> Iterator[Stand]:
    with standing(start, PLAN) as made:
        yield made


@pytest.fixture(autouse=True)
def stand(campus: Stand, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """The campus without any snapshot, and the login in the environment."""
    log_in(campus.login, monkeypatch)
    monkeypatch.setattr(acting, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(acting, "RETRY_SECONDS", 0.01)
    campus.clear("mta-1")
    return campus


def snapshot(command: str, name: str, *more: str) -> Any:
    return mailstead("snapshot", command, "campus", "--vm", "mta-1", "--name", name, *more)


def test_taken_then_refused_then_removed() -> None:
    taken = snapshot("take", "nightly")
    assert (taken.exit_code, taken.stdout) == (0, "campus-mta-1: the snapshot nightly was taken\n")
    assert taken.stderr.startswith("CreateSnapshot_Task of campus-mta-1 (task-")
    refused = snapshot("take", "again")
    assert refused.exit_code == 3
    assert refused.stdout.startswith("NO: no snapshot of campus-mta-1 may be taken now")
    unknown = snapshot("remove", "again")
    assert unknown.exit_code == 1
    assert unknown.stdout.startswith("campus-mta-1: the snapshot again is NOT cleanly removed: nothing was begun\n")
    removed = snapshot("remove", "nightly")
    assert (removed.exit_code, removed.stdout) == (0, "campus-mta-1: the snapshot nightly is removed\n")


ENDINGS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.mark.parametrize(("number", "code"), ENDINGS)
def test_whoever_ends_it_is_told_what_goes_on(monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> None:
    before = signal.getsignal(number)

    def ended(*_: Any) -> str:
        os.kill(os.getpid(), number)
        time.sleep(10)
        return "nobody has ended it"

    monkeypatch.setattr(acting, "_waited", ended)
    result = snapshot("take", "nightly")
    assert result.exit_code == code
    assert "vCenter goes on with it: CreateSnapshot_Task of campus-mta-1 (task-" in result.stderr
    assert "Nothing was cancelled" in result.stderr
    assert signal.getsignal(number) == before


def test_ended_before_anything_was_begun_it_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: Any, **__: Any) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
        return "nobody has ended it"

    monkeypatch.setattr(acting, "gate", ended)
    result = snapshot("take", "nightly")
    assert (result.exit_code, result.stderr) == (130, "")


class Living(NamedTuple):
    """A campus on which time passes, whose consolidations therefore take until somebody lets it."""

    stand: Stand

    def begun(self, command: str, *more: str) -> subprocess.Popen[str]:
        """The command as a program of its own, that has told what vCenter is at."""
        line = [str(VENV / "bin" / "mailstead"), "snapshot", command, "campus", "--vm", "mta-1", "--name", "nightly", *more]
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stderr
        assert process.stderr.readline().partition(" of ")[0] in {"CreateSnapshot_Task", "RemoveSnapshot_Task"}
        return process

    def status(self) -> tuple[int, Any]:
        """What is said of snapshots next time."""
        result = mailstead("snapshot", "status", "campus", "--json")
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def living(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Living]:
    with standing(start, PLAN, **physics(PLAN)) as made:
        log_in(made.login, monkeypatch)
        monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
        made.start("mta-1")
        yield Living(made)


@pytest.mark.hazard(
    "H9", "operation", "`mailstead snapshot remove` that is killed half way leaves nothing that the next status does not say"
)
def test_a_removal_that_is_killed_in_the_middle_is_told_by_the_next_status_until_it_is_over(living: Living) -> None:
    assert snapshot("take", "nightly").exit_code == 0
    living.stand.pass_time(12)
    process = living.begun("remove")
    time.sleep(1)
    assert process.poll() is None, "it waits for the deltas to be merged, which takes time that does not pass"
    process.kill()
    process.communicate()
    code, said = living.status()
    assert (code, said["snapshots"], said["unconsolidated"]) == (3, [], ["campus-mta-1"])
    assert "unconsolidated" in {f["rule"] for f in said["findings"] if f["level"] == "unsafe"}
    assert mailstead("snapshot", "check", "campus", "--vm", "mta-1").exit_code == 3
    living.stand.pass_time(12)
    assert living.status()[0] == 0


def test_a_removal_that_is_stopped_in_the_middle_says_itself_what_goes_on(living: Living) -> None:
    assert snapshot("take", "nightly").exit_code == 0
    living.stand.pass_time(12)
    process = living.begun("remove")
    time.sleep(1)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143
    assert re.search("^vCenter goes on with it: (RemoveSnapshot_Task|consolidation) of campus-mta-1", said, re.MULTILINE), said
    assert living.status()[0] == 3


def test_a_snapshot_whose_taking_is_killed_in_the_middle_is_there_for_the_next_status(living: Living) -> None:
    process = living.begun("take")
    process.kill()
    process.communicate()
    code, said = living.status()
    assert (code, [(made["vm"], made["snapshot"]) for made in said["snapshots"]]) == (0, [("campus-mta-1", "nightly")])
    assert snapshot("take", "again").exit_code == 3
    living.stand.pass_time(73)
    code, said = living.status()
    assert code == 3
    assert {"too-old", "overdue"} <= {f["rule"] for f in said["findings"]}


def test_a_vcenter_that_is_lost_on_the_way_says_what_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> str:
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(acting, "_waited", lost)
    result = snapshot("take", "nightly")
    assert result.exit_code == 1
    assert "vCenter goes on with it: CreateSnapshot_Task" in result.stderr
    assert "Connection reset by peer" in result.stderr


@pytest.mark.parametrize("arguments", [("--hold", "73h"), ("--hold", "soon")])
def test_a_hold_that_no_snapshot_should_have_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert snapshot("take", "nightly", *arguments).exit_code == 2
