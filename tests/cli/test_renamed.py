"""VMs of the stack that somebody has renamed or put elsewhere in vCenter: a snapshot is counted with them all the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyVim.task import WaitForTask

from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, log_in, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

__all__ = ["start"]


@pytest.fixture(scope="module")
def campus(start: Start) -> Iterator[Stand]:
    """Every VM is off, and must have room for its swap file to start again."""
    with standing(start, PLAN) as made:
        yield made


@pytest.fixture(autouse=True)
def stand(campus: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stand:
    log_in(campus.login, monkeypatch)
    monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
    return campus


def needed(vm: str = "campus-scanner-1") -> list[float]:
    """What a snapshot needs on each datastore; there is an answer."""
    data = json.loads(mailstead("snapshot", "check", "campus", "--vm", vm, "--json").stdout)
    assert data["verdict"] != "unknown", data
    return [room["need_gib"] for room in data["rooms"]]


def named(what: Any, name: str) -> None:
    WaitForTask(what.Rename_Task(name))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("recorded", [True, False])
def test_a_folder_that_was_renamed_hides_no_vm_that_is_off(stand: Stand, recorded: bool) -> None:
    if recorded:
        assert mailstead("ledger", "write", "campus").exit_code == 0
    before = needed()
    named(stand.folder, "mail-old")
    try:
        after = needed()
    finally:
        named(stand.folder, PLAN.place.folder)
    assert after == before


def test_a_vm_that_was_renamed_is_known_by_the_ledger(stand: Stand) -> None:
    """Its need to start again, and how fast it is written to."""
    assert mailstead("ledger", "write", "campus").exit_code == 0
    before, own = needed(), stand.vm("scanner-1")
    neighbours = [v.server for v in PLAN.vms if v.lun == "mail-iscsi" and v.server != "scanner-1"]
    renamed = [stand.vm(server) for server in neighbours]
    for vm in (*renamed, own):
        named(vm, f"{vm.name}-x")
    try:
        after = needed("campus-scanner-1-x")
    finally:
        for vm in (*renamed, own):
            named(vm, vm.name.removesuffix("-x"))
    assert after == before


def test_a_ledger_that_is_none_is_no_answer(stand: Stand, tmp_path: Path) -> None:
    (tmp_path / "campus.json").write_text("{", encoding="utf-8")
    result = mailstead("snapshot", "check", "campus", "--vm", "scanner-1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is no ledger" in result.stderr
