"""`ledger write|check`, and preflight with a ledger, on a simulated vCenter whose disks somebody changes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from checks.vcenter.untyped import vim
from tests.checks.conftest import Start, site, start
from tests.checks.stand import Stand, log_in, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

__all__ = ["start"]


@pytest.fixture
def stand(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stand]:
    """A campus of its own with a recorded ledger, and the login in the environment."""
    with standing(start, PLAN) as made:
        log_in(made.login, monkeypatch)
        monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
        assert ledger("write").exit_code == 0
        yield made


def ledger(command: str, *arguments: str) -> Result:
    return mailstead("ledger", command, "campus", *arguments)


def rules(*arguments: str) -> tuple[int, set[str]]:
    result = ledger("check", "--json", *arguments)
    return result.exit_code, {f["rule"] for f in json.loads(result.stdout)["findings"] if f["level"] == "unsafe"}


def preflight() -> tuple[int, set[str]]:
    result = mailstead("preflight", "campus", "--json")
    return result.exit_code, {f["rule"] for f in json.loads(result.stdout)["findings"] if f["level"] == "unsafe"}


def disks(stand: Stand, server: str) -> list[Any]:
    return [d for d in stand.vm(server).config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)]


def change(operation: str, disk: Any, **more: Any) -> Any:
    return vim.vm.device.VirtualDeviceSpec(operation=operation, device=disk, **more)


def test_what_was_recorded_is_as_recorded(stand: Stand, tmp_path: Path) -> None:
    result = ledger("check")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"campus: disks are as recorded ({tmp_path / 'campus.json'}, number 1 of ")
    assert "password" not in (tmp_path / "campus.json").read_text(encoding="utf-8")
    assert stand.login.password.get_secret_value() not in (tmp_path / "campus.json").read_text(encoding="utf-8")
    assert preflight() == (0, set())
    assert ledger("write").exit_code == 0
    assert json.loads(ledger("check", "--json").stdout)["ledger"]["serial"] == 2


def test_disks_that_somebody_swaps_are_found_not_recorded_and_accepted_only_by_word(stand: Stand) -> None:
    system, queue = disks(stand, "scanner-1")
    stand.reconfigure("scanner-1", change("remove", system), change("remove", queue))
    system.unitNumber, queue.unitNumber = queue.unitNumber, system.unitNumber
    stand.reconfigure("scanner-1", change("add", system), change("add", queue))
    assert rules() == (3, {"disk-swapped"})
    assert preflight()[0] == 3
    assert "disk-swapped" in preflight()[1]
    refused = ledger("write")
    assert refused.exit_code == 3
    assert refused.stdout.startswith("campus: nothing was written")
    assert ledger("write", "--accept").exit_code == 0
    assert rules() == (0, set())


def test_a_blank_disk_in_the_place_of_one_with_mail(stand: Stand) -> None:
    queue = disks(stand, "scanner-1")[1]
    stand.reconfigure("scanner-1", change("remove", queue))
    assert rules() == (3, {"disk-missing"})
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(diskMode="persistent", fileName="[mail-iscsi]")
    blank = vim.vm.device.VirtualDisk(
        key=-1, controllerKey=queue.controllerKey, unitNumber=queue.unitNumber, capacityInKB=queue.capacityInKB, backing=backing
    )
    stand.reconfigure("scanner-1", change("add", blank, fileOperation="create"))
    assert rules() == (3, {"disk-exchanged"})


def test_a_copy_with_the_same_bios_uuid_wherever_it_is(stand: Stand) -> None:
    own = next(v for v in PLAN.vms if v.server == "scanner-1")
    copies = stand.datacenter.vmFolder.CreateFolder("copies")
    other = own.model_copy(update={"name": "old-scanner", "disks": own.disks[:1]})
    stand.make(other, copies, uuid=stand.vm("scanner-1").config.uuid)
    assert rules() == (3, {"same-bios-uuid"})


def test_a_vm_that_is_gone(stand: Stand) -> None:
    task = stand.vm("scanner-2").Destroy_Task()
    while task.info.state not in ("success", "error"):
        pass
    assert rules() == (3, {"vm-gone"})


def test_ledgers_in_conflict_and_ledgers_that_are_none(stand: Stand, tmp_path: Path) -> None:
    own = tmp_path / "campus.json"
    copy = tmp_path / "elsewhere" / "copy.json"
    copy.parent.mkdir()
    text = own.read_text(encoding="utf-8")
    uuid = json.loads(text)["vms"][0]["disks"][0]["uuid"]
    copy.write_text(text.replace(uuid, "another"), encoding="utf-8")
    assert rules("--also", str(copy)) == (3, {"ledgers-conflict"})
    assert ledger("check", "--also", str(tmp_path / "none.json")).exit_code == 1
    (tmp_path / "lab.json").write_text("{", encoding="utf-8")
    result = ledger("check")
    assert result.exit_code == 0
    assert "lab.json: is no ledger" in result.stdout
    own.write_text("{", encoding="utf-8")
    for command in (("ledger", "check"), ("ledger", "write"), ("preflight",)):
        assert mailstead(*command, "campus").exit_code == 1
    assert own.read_text(encoding="utf-8") == "{"


def test_what_is_there_and_nothing_has_recorded_forbids_an_apply_until_it_is_written(stand: Stand, tmp_path: Path) -> None:
    new = tmp_path / "campus.json"
    new.unlink()
    result = ledger("check")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (3, f"campus: nothing is recorded yet ({new})")
    assert f"the stack: has {len(PLAN.vms)} VMs and no ledger ({new})" in result.stdout
    assert preflight() == (3, {"unrecorded"})
    assert ledger("write").exit_code == 0
    assert preflight() == (0, set())
    whole = json.loads(new.read_text(encoding="utf-8"))
    whole["vms"] = [vm for vm in whole["vms"] if vm["server"] != "mta-1"]
    new.write_text(json.dumps(whole), encoding="utf-8")
    assert preflight() == (3, {"unrecorded"})
    assert ledger("write").exit_code == 0
    assert preflight() == (0, set())


def test_a_first_ledger_is_no_way_around_what_can_be_told_without_one(stand: Stand, tmp_path: Path) -> None:
    (tmp_path / "campus.json").unlink()
    queue = disks(stand, "scanner-1")[1]
    queue.backing.diskMode = "independent_nonpersistent"
    stand.reconfigure("scanner-1", change("edit", queue))
    assert rules() == (3, {"disk-mode", "unrecorded"})
    assert ledger("write").exit_code == 3
    assert not (tmp_path / "campus.json").exists()
    assert ledger("write", "--accept").exit_code == 0


def test_before_a_first_apply_there_is_nothing_to_record(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log_in(start(site("campus")), monkeypatch)
    monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
    result = ledger("check")
    assert (result.exit_code, result.stdout) == (0, f"campus: nothing is recorded yet ({tmp_path / 'campus.json'})\n")
