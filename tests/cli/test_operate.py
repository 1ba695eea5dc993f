"""`snapshot take|remove` as they are typed."""

from collections.abc import Iterator
from typing import Any

import pytest

import checks.operations as acting
from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, log_in, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

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


def test_ctrl_c_says_what_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(acting, "_waited", interrupted)
    result = snapshot("take", "nightly")
    assert result.exit_code == 130
    assert "vCenter goes on with it: CreateSnapshot_Task of campus-mta-1 (task-" in result.stderr
    assert "Nothing was cancelled" in result.stderr


def test_ctrl_c_before_anything_was_begun_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(acting, "gate", interrupted)
    result = snapshot("take", "nightly")
    assert (result.exit_code, result.stderr) == (130, "")


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
