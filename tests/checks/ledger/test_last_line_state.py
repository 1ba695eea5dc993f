"""The last line where the ledger knows more than the engine's state: disks that it calls otherwise, and VMs that it has lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from checks.ledger.last_line import LastLine
from checks.vcenter.look import look
from config.findings import Level
from config.review import Waiver
from tests.checks.conftest import start
from tests.checks.ledger.test_last_line import CAMPUS, DISKS, OWN, _await, edited, ledger, line, scanner, stand
from tests.checks.stand import Stand
from tests.checks.worlds import PLAN

__all__ = ["ledger", "stand", "start"]


def recorded(ledger: Path) -> dict[str, str]:
    """The recorded disks as the state has them when all is well."""
    return {disk["label"]: disk["uuid"] for disk in scanner(json.loads(ledger.read_text(encoding="utf-8")))["disks"]}


def test_a_state_that_knows_the_recorded_disks_by_label_and_uuid_is_right(stand: Stand, ledger: Path) -> None:
    known = recorded(ledger)
    assert all(known.values())
    assert line(stand, ledger).before_update(OWN.name, DISKS, known) == ()
    assert line(stand, ledger).before_update(OWN.name, DISKS, known | {"queue": "", "orphaned_disk_0": "another"}) == ()


@pytest.mark.hazard("H1", "engine", "a hook refuses a step where the engine's state does not know a recorded disk by its label")
def test_a_recorded_disk_that_the_state_calls_otherwise_is_refused(stand: Stand, ledger: Path) -> None:
    """As after a refresh while it was off: the provider goes by the state's labels."""
    known = recorded(ledger)
    system, queue = {"system": known["system"]}, known["queue"]
    renamed = "Export the state, write queue for orphaned_disk_0 in this VM's disks, and import it (docs/ledger.md, When it says no)"
    for state, found, step in (
        (system | {"orphaned_disk_0": queue}, "the engine's state calls it orphaned_disk_0", renamed),
        (system | {"orphaned_disk_0": queue, "queue": "another"}, "the engine's state calls it orphaned_disk_0", renamed),
        (system | {"queue": "another"}, "the engine's state does not have it", "Refresh the state"),
        (system, "the engine's state does not have it", "Refresh the state"),
    ):
        (said,) = line(stand, ledger).before_update(OWN.name, DISKS, state)
        assert (said.rule, said.level, said.subject) == ("disk-dropped", Level.UNSAFE, f"{OWN.name}/queue")
        assert found in said.found
        assert "put a blank disk in its place" in said.found
        assert said.next_step.startswith(step)
    assert [f.subject for f in line(stand, ledger).before_update(OWN.name, DISKS, None)] == [f"{OWN.name}/queue", f"{OWN.name}/system"]


def forgotten(whole: dict[str, Any], name: str, server: str) -> None:
    """In a ledger, a server's VM as one that is in no inventory any more, under a name that no VM has."""
    known = next(vm for vm in whole["vms"] if vm["server"] == server)
    known.update(name=name, instance_uuid="50-gone", bios_uuid="42-gone")


@pytest.mark.hazard("H5", "engine", "a hook refuses to make a VM whose mail data the ledger has")
def test_a_vm_whose_mail_data_the_ledger_has_is_not_made_anew(stand: Stand, ledger: Path) -> None:
    edited(ledger, lambda whole: forgotten(whole, "campus-gone", "scanner-1"))
    (found,) = line(stand, ledger).before_create("campus-gone")
    assert (found.rule, found.level, found.subject) == ("vm-gone", Level.UNSAFE, "campus-gone")
    assert "is not in the inventory" in found.found
    assert "scanner-1_1.vmdk" in found.found
    assert "Register it again from its .vmx" in found.next_step
    assert "mailstead ledger write STACK --accept" in found.next_step
    assert line(stand, ledger).before_create("campus-new") == ()
    waiver = Waiver(what="campus-gone", why="lost for good", who="Ada Lovelace", until=look(stand.login, PLAN).at.date(), rule="vm-gone")
    assert [f.level for f in line(stand, ledger, waiver).before_create("campus-gone")] == [Level.NOTE]
    disposable = PLAN.model_copy(update={"disposable": True})
    assert LastLine(CAMPUS, disposable, stand.login, ledger).before_create("campus-gone") == ()


def test_one_without_mail_data_is_made_anew(stand: Stand, ledger: Path) -> None:
    balancer = next(v for v in PLAN.vms if v.server.startswith("balancer"))
    folder = stand.vm(balancer.server)
    elsewhere = stand.datacenter.vmFolder.CreateFolder("aside")
    _await(elsewhere.MoveIntoFolder_Task([folder]))
    try:
        assert line(stand, ledger).before_create(balancer.name) == ()
    finally:
        _await(stand.folder.MoveIntoFolder_Task([folder]))
