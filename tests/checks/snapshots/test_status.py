"""What snapshots there are, how fast they grow, and when they fill a datastore."""

from datetime import timedelta

import pytest

from checks.snapshots.gate import Verdict
from checks.snapshots.status import Status, status
from checks.snapshots.world import World
from checks.vcenter.look import look
from tests.checks.conftest import Start
from tests.checks.looks import NOW, STEP_GIB, held, platform, world
from tests.checks.stand import physics, standing

PLAN = world().plan


def rules(found: Status) -> list[str]:
    return [f.rule for f in found.findings]


def later(there: World, hours: float) -> World:
    return there._replace(look=there.look.model_copy(update={"at": NOW + timedelta(hours=hours)}))


def test_a_platform_without_snapshots_has_nothing_to_show() -> None:
    found = status(world())
    assert (found.snapshots, found.deltas, found.findings, found.verdict) == ((), (), (), Verdict.YES)
    assert {s.datastore: s.hours_to_full for s in found.stores} == {d.name: None for d in PLAN.datastores}


def test_a_snapshot_and_its_deltas() -> None:
    found = status(world(scanner_1=held(PLAN, "scanner-1", 3.0, deltas_gib=2.0)))
    (made,) = found.snapshots
    assert (made.vm, made.snapshot, made.age_hours, made.size_gib) == ("campus-scanner-1", "backup-0", 3.0, 2.0)
    assert [(d.disk, d.files, d.size_gib, d.measured) for d in found.deltas] == [("system", 1, 2.0, False), ("queue", 1, 2.0, False)]
    assert found.deltas[1].gib_per_hour == pytest.approx(0.15 * 70 / 24)
    assert found.deltas[1].bound_gib == pytest.approx(70 * 1.01 - 2)
    (store,) = (s for s in found.stores if s.datastore == "mail-iscsi")
    assert store.vms_with_snapshots == 1
    assert store.gib_per_hour == pytest.approx(0.15 * 90 / 24)


def test_hours_to_full_is_what_is_free_by_what_is_written() -> None:
    full = 24 + 4 + 1.0
    there = world(scanner_2=held(PLAN, "scanner-2", 1.0), free={"mail_fc": 0.15 * 90 / 24 * full})
    (store,) = (s for s in status(there).stores if s.datastore == "mail-fc")
    assert store.hours_to_full == pytest.approx(full)


@pytest.mark.parametrize(("hours", "verdict"), [(28.0, Verdict.YES), (27.9, Verdict.NO)])
def test_a_datastore_that_fills_before_a_snapshot_is_found_and_consolidated_is_unsafe(hours: float, verdict: Verdict) -> None:
    there = world(scanner_2=held(PLAN, "scanner-2", 1.0), free={"mail_fc": 0.5625 * hours})  # 0.15 × 90 ÷ 24, which is exact
    found = status(there)
    assert found.verdict is verdict
    assert rules(found) == ([] if verdict is Verdict.YES else ["filling"])


@pytest.mark.parametrize(("age", "expected"), [(24.0, []), (72.0, ["overdue"]), (72.1, ["too-old", "overdue"])])
def test_age(age: float, expected: list[str]) -> None:
    assert rules(status(world(scanner_1=held(PLAN, "scanner-1", age)))) == expected


def test_deltas_without_a_snapshot_are_shown_though_vcenter_s_list_of_snapshots_does_not() -> None:
    found = status(world(scanner_1=held(PLAN, "scanner-1", 1.0) | {"snapshots": ()}))
    assert (found.snapshots, found.unconsolidated, rules(found)) == ((), ("campus-scanner-1",), ["unconsolidated"])
    assert found.verdict is Verdict.NO


def test_growth_is_measured_between_two_looks() -> None:
    before = status(world(scanner_1=held(PLAN, "scanner-1", 1.0, deltas_gib=2.0)))
    there = later(world(scanner_1=held(PLAN, "scanner-1", 1.0, deltas_gib=3.0)), 4)
    found = status(there, before)
    assert [(d.measured, d.gib_per_hour) for d in found.deltas] == [(True, 0.25), (True, 0.25)]
    assert status(there, Status.model_validate_json(before.model_dump_json())) == found


def test_on_a_site_where_time_passes_the_forecast_comes_true(start: Start) -> None:
    """Snapshots of two VMs for 30 h: sizes, measured growth and hours to full agree with what is written and what is free."""
    described = platform()
    with standing(start, PLAN, **physics(PLAN)) as stand:
        stand.start("scanner-1", "scanner-2")
        stand.snapshot("scanner-1")
        stand.snapshot("scanner-2")
        first = status(World(described, PLAN, look(stand.login, PLAN)))
        stand.pass_time(30)
        second = status(World(described, PLAN, look(stand.login, PLAN)), first)
        stand.pass_time(6)
        third = status(World(described, PLAN, look(stand.login, PLAN)), second)
    assert [(s.vm, round(s.age_hours)) for s in second.snapshots] == [("campus-scanner-1", 30), ("campus-scanner-2", 30)]
    assert [f.rule for f in second.findings] == ["overdue", "overdue", "clock-skew"], "the site's clock went on, and this machine's did not"
    for row in third.deltas:
        size_gib = {"system": 20, "queue": 70}[row.disk]
        assert row.measured
        assert row.gib_per_hour == pytest.approx(0.15 * size_gib / 24, rel=0.1)
        assert row.size_gib == pytest.approx(0.15 * size_gib / 24 * 36, abs=0.02)
    before, after = (next(s for s in found.stores if s.datastore == "mail-fc") for found in (second, third))
    assert before.hours_to_full
    assert before.hours_to_full == pytest.approx(before.free_gib / (0.15 * 90 / 24), rel=0.01)
    assert before.free_gib - after.free_gib == pytest.approx(6 * 0.15 * 90 / 24, abs=0.05)


@pytest.mark.parametrize("hours", [0.0, -1.0, 1 / 61])
def test_looks_too_near_or_in_the_wrong_order_measure_nothing(hours: float) -> None:
    before = status(world(scanner_1=held(PLAN, "scanner-1", 1.0)))
    assert not any(d.measured for d in status(later(world(scanner_1=held(PLAN, "scanner-1", 1.0)), hours), before).deltas)


def test_a_new_snapshot_s_delta_is_not_measured_against_the_one_before() -> None:
    before = status(world(scanner_1=held(PLAN, "scanner-1", 9.0, deltas_gib=9.0)))
    found = status(later(world(scanner_1=held(PLAN, "scanner-1", 9.0, 0.0)), 4), before)
    assert [(d.files, d.measured, d.active_gib) for d in found.deltas] == [(2, False, STEP_GIB), (2, False, STEP_GIB)]


def test_a_look_of_another_vcenter_measures_nothing() -> None:
    before = status(world(scanner_1=held(PLAN, "scanner-1", 1.0))).model_copy(update={"server": "another"})
    assert not any(d.measured for d in status(later(world(scanner_1=held(PLAN, "scanner-1", 1.0)), 4), before).deltas)


def test_a_vm_that_went_away_is_named() -> None:
    there = world()
    found = status(there._replace(look=there.look.model_copy(update={"vanished": ("campus-x",)})))
    assert (rules(found), found.verdict) == (["vanished"], Verdict.YES)
