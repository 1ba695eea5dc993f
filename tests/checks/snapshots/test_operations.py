"""Snapshots that are taken and removed on a simulated vCenter where time passes; and what is said when something goes wrong on the way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

import checks.snapshots.operations as acting
import checks.vcenter.session as edge
from checks.snapshots import taken
from checks.snapshots.gate import Gate, Verdict, gate
from checks.snapshots.locks import alone
from checks.snapshots.operations import REMOVING, TAKING, Asked, Done, Kind, UnderWay, remove, take
from checks.snapshots.taken import Taken, judged
from checks.vcenter.untyped import vim
from config import Refused
from tests.checks.conftest import Start
from tests.checks.looks import held, platform, world
from tests.checks.stand import Stand, physics, standing
from tests.checks.worlds import PLAN

DAY = Kind(24.0, memory=False, quiesce=False)
MADE = held(PLAN, "scanner-1", 0.0)["snapshots"][0]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(acting, "RETRY_SECONDS", 0.01)


@pytest.fixture
def stand(start: Start) -> Iterator[Stand]:
    """A campus of its own whose first scanner runs."""
    with standing(start, PLAN, **physics(PLAN)) as made:
        made.start("scanner-1")
        yield made


def asked(stand: Stand, told: Any = lambda _: None, locks: Path | None = None) -> Asked:
    """As if asked on a machine whose locks nobody else has, unless they are given."""
    return Asked(stand.login, platform(), PLAN, told, locks or Path(mkdtemp()))


def rules(answer: Gate | Done) -> list[str]:
    return [f.rule for f in answer.findings]


def test_the_two_lists_hold_one_call_each() -> None:
    """A new entry is a decision: these are the only calls of Mailstead's own that change something."""
    assert sorted(TAKING | REMOVING) == ["CreateSnapshot_Task", "RemoveSnapshot_Task"]
    assert not TAKING & REMOVING


@pytest.mark.hazard("H9", "operation", "`mailstead snapshot remove` waits for as long as a merge takes")
def test_a_snapshot_is_taken_says_until_when_and_is_removed_with_its_deltas(stand: Stand) -> None:
    under, said = UnderWay(), list[str]()
    taken = take(asked(stand, lambda u: said.append(u.what)), "scanner-1", "before patching", under, DAY)
    assert taken == Done("campus-scanner-1", "", ())
    assert taken.verdict is Verdict.YES
    assert (under.what, under.task[:5], said[0]) == ("CreateSnapshot_Task", "task-", "CreateSnapshot_Task")
    (made,) = stand.vm("scanner-1").snapshot.rootSnapshotList
    assert made.description.startswith("Mailstead: to be removed by 20")
    stand.pass_time(6)
    removed = remove(asked(stand, merging(stand)), "scanner-1", "before patching", UnderWay(), wait_hours=1)
    assert removed == Done("campus-scanner-1", "", ())
    (after,) = (vm for vm in asked(stand).world().look.vms if vm.name == "campus-scanner-1")
    assert (after.snapshots, after.deltas_gib, after.unconsolidated) == ((), 0, False)


def test_what_the_gate_does_not_allow_is_not_taken(stand: Stand) -> None:
    assert isinstance(take(asked(stand), "scanner-1", "one", UnderWay(), DAY), Done)
    under = UnderWay()
    answer = take(asked(stand), "scanner-1", "two", under, DAY)
    assert isinstance(answer, Gate)
    assert (answer.verdict, rules(answer), under.what) == (Verdict.NO, ["too-many"], "")
    unknown = take(asked(stand), "scanner-9", "two", under, DAY)
    assert isinstance(unknown, Gate)
    assert unknown.verdict is Verdict.UNKNOWN
    assert len(stand.vm("scanner-1").snapshot.rootSnapshotList) == 1


def merging(stand: Stand) -> Any:
    """Lets time pass where deltas are being merged."""
    return lambda under: stand.pass_time(1) if under.what == "consolidation" else None


def test_of_two_that_two_machines_let_through_at_once_the_later_goes_back(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both gates answer before either snapshot begins, and no lock is shared."""
    real, met = gate, threading.Barrier(2)

    def together(*arguments: Any, **more: Any) -> Gate:
        answer = real(*arguments, **more)
        met.wait(timeout=60)
        return answer

    monkeypatch.setattr(acting, "gate", together)
    one_at_a_time = platform(snapshots={"concurrent_vms": 1})
    machines = [Asked(stand.login, one_at_a_time, PLAN, merging(stand), tmp_path / name) for name in ("first", "second")]
    with ThreadPoolExecutor() as threads:
        pairs = zip(machines, ("scanner-1", "balancer-1"), strict=True)
        begun = [threads.submit(take, asked_, vm, "backup", UnderWay(), DAY) for asked_, vm in pairs]
        ended = {each.vm: each for each in (one.result() for one in begun)}
    (back,) = (each for each in ended.values() if each.verdict is Verdict.NO)
    assert rules(back) == ["too-many-at-once"]
    assert "It was taken back" in back.findings[0].next_step
    left = {vm.name for vm in asked(stand).world().look.vms if vm.snapshots or vm.deltas_gib}
    assert left == ended.keys() - {back.vm}


def test_on_one_machine_only_one_is_taken_of_a_datastore_at_a_time(stand: Stand, tmp_path: Path) -> None:
    under = UnderWay()
    with alone(tmp_path, [PLAN.datastore("mail-iscsi").name]):
        answer = take(asked(stand, locks=tmp_path), "scanner-1", "one", under, DAY)
    assert isinstance(answer, Gate)
    assert (answer.verdict, rules(answer), under.what) == (Verdict.NO, ["busy"], "")
    with alone(tmp_path, [PLAN.datastore("mail-fc").name]):
        assert take(asked(stand, locks=tmp_path), "scanner-1", "one", under, DAY).verdict is Verdict.YES


def test_what_was_taken_while_somebody_had_the_lock_is_judged_once_it_is_free(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate is asked again under the lock."""

    def meanwhile(folder: Path, stores: set[str]) -> Any:
        stand.snapshot("balancer-1")
        return alone(folder, stores)

    monkeypatch.setattr(acting, "alone", meanwhile)
    one = Asked(stand.login, platform(snapshots={"concurrent_vms": 1}), PLAN, lambda _: None, Path(mkdtemp()))
    answer = take(one, "scanner-1", "one", UnderWay(), DAY)
    assert isinstance(answer, Gate)
    assert rules(answer) == ["too-many-at-once"]


@pytest.mark.hazard("H8", "operation", "`mailstead snapshot take` judges the room again when the snapshot is there, and takes it back")
def test_a_snapshot_whose_room_is_no_longer_proven_is_taken_back(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    short = judged(world(free={"mail_iscsi": 1.0}), Taken(next(v for v in world().look.vms if v.name == "campus-scanner-1"), MADE), 24)
    monkeypatch.setattr(taken, "judged", lambda *_: short)
    answer = take(asked(stand, merging(stand)), "scanner-1", "one", UnderWay(), DAY)
    assert isinstance(answer, Done)
    assert (answer.verdict, rules(answer)) == (Verdict.NO, ["no-room"])
    assert answer.findings[0].next_step.startswith("It was taken back. Ask again")
    (after,) = (vm for vm in asked(stand).world().look.vms if vm.name == "campus-scanner-1")
    assert (after.snapshots, after.deltas_gib) == ((), 0)


def test_one_that_can_t_be_taken_back_is_said(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    short = judged(world(free={"mail_iscsi": 1.0}), Taken(next(v for v in world().look.vms if v.name == "campus-scanner-1"), MADE), 24)
    monkeypatch.setattr(taken, "judged", lambda *_: short)
    monkeypatch.setattr(acting, "remove", lambda *_: Done("campus-scanner-1", "the host is busy", ()))
    answer = take(asked(stand), "scanner-1", "one", UnderWay(), DAY)
    assert "It could NOT be taken back (the host is busy): mailstead snapshot remove STACK --vm" in answer.findings[0].next_step


def test_a_removal_that_fails_is_not_said_to_be_a_contradiction(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.snapshot("scanner-1", "one")
    monkeypatch.setattr(acting, "_run", lambda *_: "the host is busy")
    answer = remove(asked(stand), "scanner-1", "one", UnderWay(), wait_hours=0)
    assert (answer.error, answer.verdict, answer.findings) == ("the host is busy", Verdict.NO, ())


def test_a_removal_that_vcenter_says_it_did_and_did_not_do_is_told(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.snapshot("scanner-1", "one")
    monkeypatch.setattr(acting, "_run", lambda *_: "")
    answer = remove(asked(stand), "scanner-1", "one", UnderWay(), wait_hours=0)
    assert (answer.error, answer.verdict, rules(answer)) == ("", Verdict.NO, ["not-as-said"])


@pytest.mark.hazard("H9", "operation", "`mailstead snapshot remove` says what is left of a merge that has not ended")
def test_a_consolidation_that_has_not_ended_is_not_passed_over(stand: Stand) -> None:
    take(asked(stand), "scanner-1", "one", UnderWay(), DAY)
    stand.pass_time(20)
    answer = remove(asked(stand), "scanner-1", "one", UnderWay(), wait_hours=0)
    assert (answer.verdict, rules(answer)) == (Verdict.NO, ["unconsolidated"])
    assert answer.findings[0].found.endswith("GiB of deltas that are not merged")


def test_a_task_that_fails_says_why_and_what_is_left(stand: Stand) -> None:
    answer = take(asked(stand), "scanner-1", "one", UnderWay(), DAY._replace(memory=True))
    assert isinstance(answer, Done)
    assert "NotSupported" in answer.error or "not supported" in answer.error.lower()
    assert (answer.verdict, answer.findings) == (Verdict.NO, ())


def test_which_snapshot_is_meant_must_be_clear(stand: Stand) -> None:
    stand.snapshot("scanner-1", "twice")
    stand.snapshot("scanner-1", "twice")
    for name, found in (("none", "has no snapshot none"), ("twice", "2 of its snapshots have the name twice")):
        answer = remove(asked(stand), "scanner-1", name, UnderWay(), wait_hours=0)
        assert (answer.begun, answer.verdict) == (False, Verdict.UNKNOWN)
        assert answer.findings[0].found.startswith(found)
    first = stand.vm("scanner-1").snapshot.rootSnapshotList[0]
    by_id = remove(asked(stand, lambda _: stand.pass_time(1)), "scanner-1", first.snapshot._GetMoId(), UnderWay(), wait_hours=1)
    assert by_id.verdict is Verdict.YES
    (left,) = stand.vm("scanner-1").snapshot.rootSnapshotList
    assert left.name == "twice"
    assert remove(asked(stand), "scanner-9", "twice", UnderWay(), wait_hours=0).begun is False


def test_lost_connections_are_made_anew_while_vcenter_works(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failed = acting._waited, list[int]()

    def flaky(*arguments: Any) -> str:
        if len(failed) < acting.RETRIES:
            failed.append(1)
            raise ConnectionResetError(104, "Connection reset by peer")
        return real(*arguments)

    monkeypatch.setattr(acting, "_waited", flaky)
    assert take(asked(stand), "scanner-1", "one", UnderWay(), DAY) == Done("campus-scanner-1", "", ())
    assert len(failed) == acting.RETRIES


def test_a_vcenter_that_stays_away_is_said_with_what_is_under_way(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> str:
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(acting, "_waited", never)
    under = UnderWay()
    with pytest.raises(Refused):
        take(asked(stand), "scanner-1", "one", under, DAY)
    assert str(under).startswith("CreateSnapshot_Task of campus-scanner-1 (task-")


def test_a_right_that_is_missing_is_named(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    real = edge.ReadOnlyStub.InvokeMethod

    def refused(stub: Any, mo: Any, info: Any, args: Any, outer: Any = None) -> Any:
        if info.wsdlName == "CreateSnapshot_Task":
            raise vim.fault.NoPermission(privilegeId=info.privId, object=mo)
        return real(stub, mo, info, args, outer)

    monkeypatch.setattr(edge.ReadOnlyStub, "InvokeMethod", refused)
    with pytest.raises(Refused, match=r"needs the privilege VirtualMachine.State.CreateSnapshot on vm-"):
        take(asked(stand), "scanner-1", "one", UnderWay(), DAY)
