"""The last line of defence against a simulated vCenter: what changes after preflight, sessions that end, and vCenters that don't answer."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyVim.task import WaitForTask

from checks import Credentials
from checks.ledger.file import store
from checks.ledger.identity import record
from checks.ledger.last_line import LastLine
from checks.site import settings
from checks.snapshots.world import World
from checks.vcenter.look import look
from checks.vcenter.session import Found, Session
from checks.vcenter.untyped import vim
from config.findings import Level
from config.review import Review, Waiver
from tests.checks.conftest import Start, called, start
from tests.checks.looks import platform
from tests.checks.stand import Stand, standing
from tests.checks.worlds import PLAN

__all__ = ["called", "start"]

OWN = next(v for v in PLAN.vms if v.server == "scanner-1")
DISKS = {disk.label: disk.unit for disk in OWN.disks}
STATED = dict.fromkeys(DISKS, "")
"""A state that has every disk by its label, and of none the UUID."""
CAMPUS = platform()


@pytest.fixture(scope="module")
def stand(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with standing(start, PLAN) as made:
        yield made


@pytest.fixture
def ledger(stand: Stand, tmp_path: Path) -> Path:
    """What is there now, recorded."""
    path = tmp_path / "campus.json"
    store(path, record(World(CAMPUS, PLAN, look(stand.login, PLAN)), settings(stand.login, PLAN).vcenter_uuid, None), None)
    return path


def line(stand: Stand, ledger: Path, *waivers: Waiver, login: Credentials | None = None) -> LastLine:
    return LastLine(CAMPUS.model_copy(update={"review": Review(waivers=list(waivers))}), PLAN, login or stand.login, ledger)


def disks(stand: Stand) -> list[object]:
    return [d for d in stand.vm("scanner-1").config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)]


def change(stand: Stand, operation: str, disk: object) -> None:
    stand.reconfigure("scanner-1", vim.vm.device.VirtualDeviceSpec(operation=operation, device=disk))


def test_what_is_as_recorded_may_be_changed(stand: Stand, ledger: Path) -> None:
    assert line(stand, ledger).before_update(OWN.name, DISKS, STATED) == ()
    assert line(stand, ledger).before_update(OWN.name, DISKS | {"new": 9}, STATED) == ()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"system": 0}, "would take it off"),
        ({"system": 0, "mail": 1}, "would take it off"),
        ({"system": 0, "queue": 2}, "would put it at unit 2"),
        (None, "does not say which disks"),
    ],
)
@pytest.mark.hazard("H1", "engine", "a hook refuses a step that would take a recorded disk off its VM, or relabel it")
def test_a_step_that_drops_relabels_or_moves_a_recorded_disk_is_refused(
    stand: Stand, ledger: Path, wanted: dict[str, int | None] | None, said: str
) -> None:
    found = line(stand, ledger).before_update(OWN.name, wanted, STATED)
    assert {f.rule for f in found} == {"disk-dropped"}
    assert said in found[-1].found
    assert all(f.level is Level.UNSAFE for f in found)


def test_what_changes_between_two_steps_of_one_run_is_seen_by_one_session(stand: Stand, ledger: Path, called: set[str]) -> None:
    last_line = line(stand, ledger)
    assert last_line.before_update(OWN.name, DISKS, STATED) == ()
    assert "Login" in called
    called.clear()
    queue = disks(stand)[1]
    change(stand, "remove", queue)
    called.clear()
    assert [f.rule for f in last_line.before_update(OWN.name, DISKS, STATED)] == ["disk-missing"]
    assert "Login" not in called
    change(stand, "add", queue)
    assert last_line.before_update(OWN.name, DISKS, STATED) == ()


def test_a_waiver_of_the_stack_lets_a_step_pass_until_its_day(stand: Stand, ledger: Path) -> None:
    today = look(stand.login, PLAN).at.date()
    for until, level in ((today, Level.NOTE), (today - timedelta(days=1), Level.UNSAFE)):
        waiver = Waiver(what=OWN.name, why="renamed today", who="Ada Lovelace", until=until, rule="vm-exists")
        assert [f.level for f in line(stand, ledger, waiver).before_create(OWN.name)] == [level]


def test_a_name_is_taken_only_in_the_stack_s_folder(stand: Stand, ledger: Path) -> None:
    (taken,) = line(stand, ledger).before_create(OWN.name)
    assert (taken.rule, taken.level) == ("vm-exists", Level.UNSAFE)
    assert line(stand, ledger).before_create("another") == ()
    elsewhere = PLAN.model_copy(update={"place": PLAN.place.model_copy(update={"folder": "another"})})
    assert LastLine(CAMPUS, elsewhere, stand.login, ledger.with_name("none.json")).before_create(OWN.name) == ()


@pytest.mark.hazard("H5", "engine", "a hook refuses to change a VM with mail data that no ledger knows")
def test_a_vm_with_mail_data_that_no_ledger_knows_is_not_changed(stand: Stand, tmp_path: Path) -> None:
    last_line = line(stand, tmp_path / "none.json")
    for name in (OWN.name, OWN.name, "what no plan knows"):
        (found,) = last_line.before_update(name, DISKS, STATED)
        assert (found.rule, found.level, found.subject) == ("unrecorded", Level.UNSAFE, name)
        assert "then: mailstead ledger write STACK" in found.next_step
        assert f"what: {name} and rule: unrecorded" in found.next_step


def test_one_without_mail_data_is_changed_and_it_is_said_once(stand: Stand, tmp_path: Path) -> None:
    last_line = line(stand, tmp_path / "none.json")
    balancers = [v.name for v in PLAN.vms if v.server.startswith("balancer")]
    assert [[f.level for f in last_line.before_update(name, None, STATED)] for name in balancers] == [[Level.WARNING], []]


def test_a_new_vm_has_nothing_to_be_compared_with(stand: Stand, tmp_path: Path) -> None:
    assert line(stand, tmp_path / "none.json").before_create("campus-new") == ()


def test_a_waiver_lets_one_vm_pass_that_no_ledger_knows(stand: Stand, tmp_path: Path) -> None:
    until = look(stand.login, PLAN).at.date()
    waiver = Waiver(what=OWN.name, why="its ledger burnt", who="Ada Lovelace", until=until, rule="unrecorded")
    assert [f.level for f in line(stand, tmp_path / "none.json", waiver).before_update(OWN.name, DISKS, STATED)] == [Level.NOTE]


def edited(ledger: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """A ledger that somebody has written in."""
    whole = json.loads(ledger.read_text(encoding="utf-8"))
    edit(whole)
    ledger.write_text(json.dumps(whole), encoding="utf-8")


def scanner(whole: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = next(vm for vm in whole["vms"] if vm["name"] == OWN.name)
    return known


def test_what_the_ledger_does_not_have_is_said(stand: Stand, ledger: Path) -> None:
    edited(ledger, lambda whole: scanner(whole).update(disks=[]))
    found = line(stand, ledger).before_update(OWN.name, DISKS, STATED)
    assert [(f.rule, f.level) for f in found] == [("unrecorded", Level.UNSAFE), ("unrecorded", Level.WARNING)], "the queue, the system"
    edited(ledger, lambda whole: whole.update(vms=[]))
    assert [(f.rule, f.level) for f in line(stand, ledger).before_update(OWN.name, DISKS, STATED)] == [("unrecorded", Level.UNSAFE)]


def test_what_is_no_more_than_a_warning_stops_no_step(stand: Stand, ledger: Path) -> None:
    edited(ledger, lambda whole: scanner(whole)["disks"][1].update(file="[elsewhere] queue.vmdk"))
    assert line(stand, ledger).before_update(OWN.name, DISKS, STATED) == ()


def test_a_ledger_of_another_site_refuses_the_step(stand: Stand, ledger: Path) -> None:
    edited(ledger, lambda whole: whole.update(site="lab"))
    (found,) = line(stand, ledger).before_update(OWN.name, DISKS, STATED)
    assert (found.rule, found.level) == ("unasked", Level.UNSAFE)
    assert "is the ledger of lab, not of campus" in found.found


@pytest.mark.parametrize(
    ("what", "privilege"),
    [
        ("VirtualMachine.config.hardware.device", "System.Read"),
        ("FindAllByUuid", "System.View"),
        ("FindChild", "System.View"),
        ("Datacenter.vmFolder", "System.Read"),
        ("CurrentTime", "System.View"),
    ],
)
def test_a_privilege_that_is_missing_refuses_the_step_and_is_named(stand: Stand, ledger: Path, what: str, privilege: str) -> None:
    last_line = line(stand, ledger)
    assert last_line.before_update(OWN.name, DISKS, STATED) == ()
    stand.sim(f"deny?what={what}&privilege={privilege}")
    try:
        (found,) = last_line.before_update(OWN.name, DISKS, STATED)
    finally:
        stand.sim(f"deny?what={what}")
    assert (found.rule, found.level) == ("unasked", Level.UNSAFE)
    assert f"privilege {privilege}" in found.found
    assert last_line.before_update(OWN.name, DISKS, STATED) == ()


def test_a_session_that_vcenter_has_ended_is_opened_again(stand: Stand, ledger: Path, called: set[str]) -> None:
    last_line = line(stand, ledger)
    last_line.before_update(OWN.name, DISKS, STATED)
    for session in stand.content.sessionManager.sessionList:
        if session.key != stand.content.sessionManager.currentSession.key:
            stand.content.sessionManager.TerminateSession([session.key])
    called.clear()
    assert last_line.before_update(OWN.name, DISKS, STATED) == ()
    assert "Login" in called


def test_where_vcenter_can_t_be_asked_the_step_is_refused(stand: Stand, ledger: Path) -> None:
    away = Credentials("127.0.0.1:1", stand.login.user, stand.login.password, allow_unverified_ssl=True)
    last_line = line(stand, ledger, login=away)
    for found in (last_line.before_create("x"), last_line.before_update(OWN.name, DISKS, STATED)):
        assert [(f.rule, f.level) for f in found] == [("unasked", Level.UNSAFE)]
        assert "refuses connections" in found[0].found


def test_an_answer_of_an_odd_form_is_a_refusal(stand: Stand, ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.vcenter.chain_facts.vm", lambda *_: 1 + "1")  # type: ignore[operator]
    (found,) = line(stand, ledger).before_update(OWN.name, DISKS, STATED)
    assert found.rule == "unasked"
    assert "not as a vCenter does" in found.found


def test_steps_side_by_side_get_their_own_answers(stand: Stand, ledger: Path) -> None:
    last_line = line(stand, ledger)
    answers: dict[str, list[str]] = {}

    def ask(name: str) -> None:
        answers[name] = [f.rule for f in last_line.before_create(name)]

    there = {vm.name for vm in look(stand.login, PLAN).vms}
    names = [*sorted(there), "another", "one-more"]
    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(there) > 1
    assert answers == {name: ["vm-exists"] if name in there else [] for name in names}


def test_a_preview_loads_nothing_of_it() -> None:
    asked = (
        "import sys, checks; print(*{'checks.ledger.last_line', 'checks.ledger.identity', 'checks.snapshots.room'} & sys.modules.keys())"
    )
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_no_step_lists_the_vms_of_the_site(stand: Stand, ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a large one that would take longer than the steps: vCenter's index finds the one that is meant."""
    listed: list[type[Any]] = []
    real = Session.below

    def noted(live: Session, container: Any, properties: Any) -> list[Found]:
        listed.extend(properties)
        return real(live, container, properties)

    monkeypatch.setattr(Session, "below", noted)
    last_line = line(stand, ledger)
    assert last_line.before_update(OWN.name, DISKS, STATED) == ()
    assert [f.rule for f in last_line.before_create(OWN.name)] == ["vm-exists"]
    assert vim.Folder in listed
    assert vim.VirtualMachine not in listed


def test_a_vm_that_was_moved_and_renamed_is_found_by_its_uuid(stand: Stand, ledger: Path) -> None:
    moved, elsewhere = stand.vm("scanner-1"), stand.datacenter.vmFolder.CreateFolder("elsewhere")
    _await(elsewhere.MoveIntoFolder_Task([moved]))
    try:
        assert line(stand, ledger).before_update(OWN.name, DISKS, STATED) == ()
        (found,) = line(stand, ledger).before_create(OWN.name)
        assert (found.rule, found.level) == ("vm-gone", Level.UNSAFE)
        assert f"is elsewhere/{OWN.name} now" in found.found
    finally:
        _await(stand.folder.MoveIntoFolder_Task([moved]))


def _await(task: Any) -> None:
    WaitForTask(task)  # type: ignore[no-untyped-call]
