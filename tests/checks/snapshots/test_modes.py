"""Disks whose mode somebody has set behind the stack's back, in every look that could see it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.ledger.file import store
from checks.ledger.identity import differences, record
from checks.ledger.last_line import LastLine
from checks.site import settings
from checks.snapshots.gate import Verdict, gate
from checks.snapshots.status import status
from checks.snapshots.world import World
from checks.vcenter.look import look
from checks.vcenter.untyped import vim
from config.findings import Level
from config.storage import LOSING_MODES
from tests.checks.conftest import Start
from tests.checks.looks import platform, vm, world
from tests.checks.stand import Stand, log_in, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

LEDGER = record(world(), "vcenter-1", None)
SYSTEM, QUEUE = vm(PLAN, "scanner-1").disks
SUBJECT = "campus-scanner-1/queue"
LEVELS = dict.fromkeys(LOSING_MODES, Level.UNSAFE) | {"independent_persistent": Level.WARNING, "persistent": None, "": None}


def set_to(mode: str) -> World:
    return world(scanner_1={"disks": (SYSTEM, QUEUE.model_copy(update={"mode": mode}))})


@pytest.mark.parametrize(("mode", "level"), LEVELS.items())
@pytest.mark.hazard("H27", "live", "ledger, preflight and hook read the mode of each disk")
def test_a_disk_that_forgets_what_is_written_is_unsafe_and_one_that_snapshots_leave_out_a_warning(mode: str, level: Level | None) -> None:
    expected = [("disk-mode", SUBJECT, level)] if level else []
    for found in (differences(LEDGER, set_to(mode), "vcenter-1"), status(set_to(mode)).findings):
        assert [(f.rule, f.subject, f.level) for f in found] == expected


def test_of_disposable_data_and_of_vms_of_others_less_is_said() -> None:
    there = set_to("nonpersistent")
    disposable = there._replace(plan=PLAN.model_copy(update={"disposable": True}))
    assert [f.level for f in status(disposable).findings] == [Level.WARNING]
    theirs = there.look.model_copy(
        update={"vms": tuple(v.model_copy(update={"folder": "theirs", "name": f"their-{v.name}"}) for v in there.look.vms)}
    )
    assert status(there._replace(look=theirs)).findings == ()
    asked = gate(there._replace(look=theirs), "their-campus-scanner-1", 24, memory=False)
    assert [f.level for f in asked.findings if f.rule == "disk-mode"] == [Level.WARNING]


@pytest.mark.parametrize(("mode", "level"), LEVELS.items())
def test_who_asks_for_a_snapshot_is_told_what_it_would_not_hold(mode: str, level: Level | None) -> None:
    """A disk that only snapshots leave out is no reason for a no: the others can be had."""
    answer = gate(set_to(mode), "scanner-1", 24, memory=False)
    assert [(f.subject, f.level) for f in answer.findings] == ([(SUBJECT, level)] if level else [])
    assert answer.verdict is (Verdict.NO if level is Level.UNSAFE else Verdict.YES)


@pytest.fixture
def stand(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stand]:
    with standing(start, PLAN) as made:
        log_in(made.login, monkeypatch)
        monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
        yield made


def rules(*command: str) -> tuple[int, list[str]]:
    result = mailstead(*command, "campus", "--json")
    return result.exit_code, [f["rule"] for f in json.loads(result.stdout)["findings"] if f["level"] == "unsafe"]


def test_a_mode_that_is_set_in_vcenter_stops_preflight_ledger_status_and_the_hook(stand: Stand, tmp_path: Path) -> None:
    path = tmp_path / "campus.json"
    there = World(platform(), PLAN, look(stand.login, PLAN))
    store(path, record(there, settings(stand.login, PLAN).vcenter_uuid, None), None)
    commands = ("preflight",), ("ledger", "check"), ("ledger", "write"), ("snapshot", "status")
    assert [rules(*command) for command in commands] == [(0, [])] * len(commands)
    queue: Any = [d for d in stand.vm("scanner-1").config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)][1]
    queue.backing.diskMode = "independent_nonpersistent"
    stand.reconfigure("scanner-1", vim.vm.device.VirtualDeviceSpec(operation="edit", device=queue))
    assert [rules(*command) for command in commands] == [(3, ["disk-mode"])] * len(commands)
    wanted = {disk.label: disk.unit for disk in next(v for v in PLAN.vms if v.server == "scanner-1").disks}
    found = LastLine(platform(), PLAN, stand.login, path).before_update("campus-scanner-1", wanted, dict.fromkeys(wanted, ""))
    assert [(f.rule, f.subject, f.level) for f in found] == [("disk-mode", SUBJECT, Level.UNSAFE)]
