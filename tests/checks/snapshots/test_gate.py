"""The gate before a snapshot: yes, no or can't be told, with every reason at once."""

from datetime import timedelta
from typing import Any

import pytest

from checks.snapshots.gate import Gate, Verdict, gate
from checks.snapshots.world import World
from checks.vcenter.chains import Work
from config.findings import Level
from config.risk import RiskTarget
from tests.checks.looks import NOW, held, live, platform, world

PLAN = world().plan


def asked(there: World, name: str = "scanner-1", hours: float = 24.0, *, memory: bool = False) -> Gate:
    return gate(there, name, hours, memory=memory)


def rules(answer: Gate, level: Level = Level.UNSAFE) -> list[str]:
    return [finding.rule for finding in answer.findings if finding.level is level]


def busy(what: str) -> dict[str, Any]:
    return {"work": (Work(what=what, state="running", who="CAMPUS\\backup", percent=40, started=NOW),)}


@pytest.mark.parametrize("server", [vm.server for vm in PLAN.vms])
def test_a_platform_as_planned_may_have_a_snapshot_of_any_vm(server: str) -> None:
    answer = asked(world(), server)
    assert (answer.verdict, answer.findings, answer.fits_hours) == (Verdict.YES, (), None)
    assert [r.datastore for r in answer.rooms] == [PLAN.datastore(next(v.lun for v in PLAN.vms if v.server == server)).name]


def test_a_vm_may_be_named_as_vcenter_or_as_the_stack_does() -> None:
    assert asked(world(), "scanner-1") == asked(world(), "campus-scanner-1")


@pytest.mark.parametrize(("more", "verdict"), [(0.001, Verdict.YES), (-0.001, Verdict.NO)])
def test_one_mib_too_little_is_no(more: float, verdict: Verdict) -> None:
    (room,) = asked(world(), "mta-1").rooms
    answer = asked(world(free={"spool_iscsi": room.free_gib - room.left_gib + more}), "mta-1")
    assert answer.verdict is verdict
    assert rules(answer) == ([] if verdict is Verdict.YES else ["no-room"])


def test_a_full_datastore_says_what_is_missing_when_it_fills_and_for_how_long_it_fits() -> None:
    need = asked(world(), "scanner-2", 10).rooms[0]
    answer = asked(world(free={"mail_fc": need.need_gib + need.kept_gib + 0.01}), "scanner-2", 24)
    (finding,) = answer.findings
    assert answer.fits_hours == 10
    assert "deltas of campus-scanner-2 13.53 + consolidation of campus-scanner-2 2.25" in finding.expected
    assert "7.87 GiB are missing; if none is removed, it is full after" in finding.consequence
    assert finding.next_step.startswith("Hold it for 10 h at most (--hold 10h), or remove other snapshots")


def test_where_it_never_fits_no_hold_is_advised() -> None:
    answer = asked(world(free={"mail_fc": 40.0}), "scanner-2")
    assert (answer.fits_hours, answer.findings[0].next_step.startswith("Remove other snapshots")) == (0, True)


@pytest.mark.parametrize(("quantile", "verdict"), [(0.5, Verdict.YES), (0.99, Verdict.NO)])
def test_the_stack_s_risk_counts_beside_the_plan(quantile: float, verdict: Verdict) -> None:
    """Room for the plan's writes and its free fraction, which at 0.99 more than 2.6 times as much is written fills."""
    described = platform().model_copy(update={"risk": RiskTarget(quantile=quantile)})
    small = {"snapshots": {"hold_hours": 72.0}, "storage": {"free_fraction": 0.05}}
    described = described.model_copy(update={key: getattr(described, key).model_copy(update=v) for key, v in small.items()})
    answer = asked(world(described, free={"mail_fc": 60.0}), "scanner-2", 72)
    assert (answer.verdict, answer.quantile) == (verdict, quantile)
    assert answer.rooms[0].left_gib >= 0
    assert (answer.at_risk[0].left_gib >= 0) is (verdict is Verdict.YES)
    assert answer.at_risk[0].kept_gib == 0


def test_without_a_risk_none_is_counted() -> None:
    assert (asked(world()).at_risk, asked(world()).quantile) == ((), None)


@pytest.mark.parametrize(
    ("allowed", "has", "rule"), [(1, 0, None), (1, 1, "too-many"), (3, 2, None), (3, 3, "too-many"), (31, 31, "chain-full")]
)
def test_no_more_snapshots_than_room_was_planned_for(allowed: int, has: int, rule: str | None) -> None:
    described = platform(snapshots={"per_disk": allowed})
    there = world(described, scanner_1=held(PLAN, "scanner-1", *[1.0] * has)) if has else world(described)
    assert rules(asked(there)) == ([rule] if rule else [])


@pytest.mark.parametrize(("others", "rule"), [(3, None), (4, "too-many-at-once")])
def test_no_more_vms_at_a_time_than_room_was_planned_for(others: int, rule: str | None) -> None:
    plan = world().plan
    own = next(v for v in plan.vms if v.server == "balancer-1")
    small = held(plan, "balancer-1", 1.0)
    guests = [live(plan, own, id=f"vm-{i}", name=f"theirs-{i}", folder="theirs", **small) for i in range(others)]
    answer = asked(world(None, *guests, free={"mail_iscsi": 600.0}), "scanner-1")
    assert rules(answer) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("what", "verdict"),
    [
        ("CreateSnapshot_Task", Verdict.NO),
        ("RemoveSnapshot_Task", Verdict.NO),
        ("com.x.Backup", Verdict.NO),
        ("ReconfigVM_Task", Verdict.YES),
    ],
)
def test_another_vm_whose_snapshot_has_begun_counts_as_one_that_has_it(what: str, verdict: Verdict) -> None:
    answer = asked(world(platform(snapshots={"concurrent_vms": 1}), balancer_1=busy(what)))
    assert (answer.verdict, rules(answer)) == (verdict, ["too-many-at-once"] if verdict is Verdict.NO else [])


def test_a_vm_s_own_snapshots_are_not_those_of_others() -> None:
    described = platform(snapshots={"concurrent_vms": 1, "per_disk": 2})
    assert rules(asked(world(described, scanner_1=held(PLAN, "scanner-1", 1.0)))) == []


@pytest.mark.parametrize(("deltas", "rule"), [(30, "unconsolidated"), (31, "chain-full")])
def test_deltas_that_no_snapshot_has_make_a_chain_longer_too(deltas: int, rule: str) -> None:
    long = held(PLAN, "scanner-1", *[1.0] * deltas) | {"snapshots": ()}
    assert set(rules(asked(world(scanner_1=long)))) == {"unconsolidated", rule}


def test_one_hour_is_advised_where_just_that_fits() -> None:
    need = asked(world(), "scanner-2", 1).rooms[0]
    there = world(free={"mail_fc": need.need_gib + need.kept_gib + 0.01})
    assert (asked(there, "scanner-2", 1).fits_hours, asked(there, "scanner-2", 24).fits_hours) == (None, 1)


@pytest.mark.parametrize("changes", [{"unconsolidated": True}, held(PLAN, "scanner-1", 1) | {"snapshots": ()}])
def test_what_a_removal_has_left_is_consolidated_first(changes: dict[str, Any]) -> None:
    answer = asked(world(scanner_1=changes))
    assert rules(answer) == ["unconsolidated"]
    assert answer.findings[0].next_step == "Consolidate first"


WORK = {"CreateSnapshot_Task": Verdict.NO, "RelocateVM_Task": Verdict.NO, "com.x.Backup": Verdict.NO, "AcquireTicket": Verdict.YES}


@pytest.mark.parametrize(("what", "verdict"), WORK.items())
def test_a_vm_that_is_being_worked_on_is_left_alone(what: str, verdict: Verdict) -> None:
    answer = asked(world(scanner_1=busy(what)))
    assert answer.verdict is verdict
    (finding,) = answer.findings
    assert finding.rule == "busy"
    assert finding.found == f"{what} is running, 40 % for CAMPUS\\backup"


def test_work_on_another_vm_does_not_matter() -> None:
    assert asked(world(balancer_1=busy("CreateSnapshot_Task"))).verdict is Verdict.YES


@pytest.mark.parametrize("changes", [{"accessible": False}, {"in_maintenance": True}])
def test_a_datastore_that_is_not_in_use_takes_no_snapshot(changes: dict[str, Any]) -> None:
    there = world()
    stores = tuple(s.model_copy(update=changes) if s.name == "mail-iscsi" else s for s in there.look.stores)
    assert rules(asked(there._replace(look=there.look.model_copy(update={"stores": stores})))) == ["inaccessible"]


def unknown(answer: Gate) -> str:
    assert answer.verdict is Verdict.UNKNOWN
    (finding,) = answer.findings
    assert finding.rule == "unseen"
    return finding.found


def test_what_is_not_there_can_t_be_told() -> None:
    answer = asked(world(), "scaner-1")
    assert unknown(answer) == "is no VM on the stack's datastores of vcenter.example"
    assert "scanner-1" in answer.findings[0].next_step


def test_a_vm_that_goes_away_meanwhile_can_t_be_told() -> None:
    there = world()
    look = there.look.model_copy(
        update={"vms": tuple(v for v in there.look.vms if v.name != "campus-scanner-1"), "vanished": ("campus-scanner-1",)}
    )
    assert unknown(asked(there._replace(look=look))) == "went away while vCenter was being asked"


def test_two_vms_of_one_name_can_t_be_told_apart_unless_one_is_in_the_plan_s_folder() -> None:
    own = next(v for v in PLAN.vms if v.server == "scanner-1")
    other = live(PLAN, own, id="vm-x", folder="theirs")
    assert asked(world(None, other)).vm == "campus-scanner-1"
    assert unknown(asked(world(None, other, scanner_1={"folder": "moved"}))) == "2 VMs have the name (moved, theirs)"


def test_a_vm_whose_host_is_gone_can_t_be_told() -> None:
    assert "can't reach it" in unknown(asked(world(scanner_1={"connected": False})))


def test_a_datastore_that_could_not_be_seen_can_t_be_told() -> None:
    there = world()
    gone = there.look.model_copy(update={"stores": tuple(s for s in there.look.stores if s.name != "mail-iscsi")})
    assert "mail-iscsi" in unknown(asked(there._replace(look=gone)))


def test_no_is_said_even_where_something_else_can_t_be_told() -> None:
    answer = asked(world(scanner_1={"connected": False, "unconsolidated": True}))
    assert answer.verdict is Verdict.NO
    assert {f.rule for f in answer.findings} == {"unseen", "unconsolidated"}


@pytest.mark.parametrize(("age", "overdue"), [(24.0, False), (24.1, True)])
def test_overdue_snapshots_of_any_vm_are_named(age: float, overdue: bool) -> None:
    answer = asked(world(balancer_1=held(PLAN, "balancer-1", age)))
    assert rules(answer, Level.WARNING) == (["overdue"] if overdue else [])
    assert answer.verdict is Verdict.YES


@pytest.mark.parametrize(("minutes", "skewed"), [(5, False), (6, True)])
def test_a_snapshot_from_the_future_is_a_clock_that_is_wrong(minutes: int, skewed: bool) -> None:
    ahead = held(PLAN, "balancer-1", 0)
    made = ahead["snapshots"][0].model_copy(update={"created": NOW + timedelta(minutes=minutes)})
    answer = asked(world(balancer_1=ahead | {"snapshots": (made,)}))
    assert rules(answer, Level.WARNING) == (["clock-skew"] if skewed else [])
    assert answer.verdict is Verdict.YES
