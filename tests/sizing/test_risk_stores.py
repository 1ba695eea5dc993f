"""Datastores in many futures: what storms and forgotten snapshots write, by hand, and when it fills one."""

from math import ceil
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from config import Platform, Role, load, locate
from config.risk import Inputs, Occasional
from sizing import writes
from sizing.growth import grown
from sizing.risk import NeedAtRisk, risk
from sizing.risk.draws import draw
from sizing.risk.futures import Futures
from sizing.risk.stores import _together
from tests.sizing.platforms import SERVERS, UNTIMED, on_one_lun, platform
from tests.sizing.uncertainty import NEVER, always, at_risk, certain, need, needs

GIB = 3_000  # of a queue's disk: so little of it is written that no block is written twice
STEADY = {
    "flow.messages_per_day": 500_000,
    "flow.growth_per_year": 0,
    "flow.planning_years": 1,
    "storage.overheads": {"vmfs_fraction": 0},
}
MERGING = 4 / 24  # days
CALM: dict[str, Any] = {}


def lun(share: float = 0.001) -> Platform:
    """Scanner-1 with a large disk on a LUN of its own; of the disks this share is rewritten in a day."""
    disks = {"gateway.scanners.scanner-1.disks_gib": {"system": 40, "queue": GIB}, "snapshots.change_per_day": {"scanner": share}}
    return platform({**STEADY, **on_one_lun("scanner-1", size_gib=2 * GIB), **disks})


def arriving(given: Platform, spam: float) -> float:
    """What arrives on a scanner's disk on a day with so many times its spam, GiB."""
    flow = grown(given.flow)
    more = {
        "offered_per_day": flow.clean_per_day + spam * given.flow.spam_share * flow.offered_per_day,
        "spam_per_day": spam * flow.spam_per_day,
    }
    return writes.arriving(given, flow.model_copy(update=more))[Role.SCANNER].gib


def shared(given: Platform, months: int = 1, quantile: float = 0.95, **uncertain: Any) -> NeedAtRisk:
    """The LUN when only these inputs are uncertain."""
    made = at_risk(given, certain(given, **uncertain), quantile=quantile, scenarios=10_000, horizon_months=months)
    return need(risk(made), "shared")


def test_without_uncertainty_a_need_is_the_plan_s_but_for_the_free_fraction() -> None:
    """Where so little is written that no block is written twice; at 24 hours consolidation is at night."""
    little = {role.value: 0.005 for role in Role}
    given = platform({**on_one_lun(*list(SERVERS)[:5]), "flow.messages_per_day": 1_000, "snapshots.change_per_day": little})

    found = needs(risk(at_risk(given, certain(given))))

    assert given.storage.free_fraction > 0
    assert [n.need_gib for n in found] == pytest.approx([n.planned_gib for n in found], rel=1e-5)


@pytest.mark.parametrize(("storm_days", "days"), [(3, 1 + MERGING), (1.1, 1.1), (1, 1)])
def test_a_storm_is_written_for_its_days_while_a_snapshot_is_there(storm_days: float, days: float) -> None:
    given = lun()
    calm, stormy = shared(given), shared(given, spam_storm=always(5), storm_days=storm_days)

    assert stormy.need_gib - calm.need_gib == pytest.approx((arriving(given, 5) - arriving(given, 1)) * days, abs=1e-3)


def test_a_storm_that_is_more_than_a_disk_fills_what_is_held_and_what_is_consolidated() -> None:
    """It lasts for a day, as long as the snapshot is held, and falls into the end of that: each delta is then as large as the disk."""
    small = {"gateway.scanners.scanner-1.disks_gib": {"system": 40, "queue": 100}}
    given = platform({**STEADY, **on_one_lun("scanner-1", size_gib=900), **small, "flow.backlog_hours": 1})

    assert shared(given, spam_storm=always(5_000), storm_days=1).need_gib > 40 + 100 + 2 * 1.01 * 100
    assert shared(given).need_gib < 40 + 100 + 1.01 * 100


@pytest.mark.parametrize("part", [0.3, 0.999, 1.001])
def test_what_a_storm_brings_takes_the_place_of_what_is_rewritten(part: float) -> None:
    """What is rewritten on the data disk lies between an ordinary day's mail and a stormy one's, or just above that."""
    ordinary, stormy = (arriving(lun(), spam) for spam in (1, 5))
    rewritten = ordinary + part * (stormy - ordinary)
    given = lun(rewritten / GIB)

    more = shared(given, spam_storm=always(5)).need_gib - shared(given).need_gib

    assert more == pytest.approx(max(0, stormy - rewritten) * (1 + MERGING), abs=1e-3)


def test_a_forgotten_snapshot_sees_the_storm_for_as_long_as_it_is_there() -> None:
    given = lun()
    calm, stormy = (shared(given, forgotten_snapshot=always(48), **more) for more in (CALM, {"spam_storm": always(5), "storm_days": 28}))

    assert stormy.need_gib - calm.need_gib == pytest.approx((arriving(given, 5) - arriving(given, 1)) * (2 + MERGING), abs=1e-3)


def test_a_snapshot_that_is_forgotten_for_long_sees_the_next_month_s_storm_too() -> None:
    given = lun()
    storm: dict[str, Any] = {"spam_storm": always(5), "storm_days": 3}
    calm, stormy = (shared(given, 2, forgotten_snapshot=always(28 * 24), **more) for more in (CALM, storm))

    assert stormy.need_gib - calm.need_gib == pytest.approx(
        (arriving(given, 5) - arriving(given, 1)) * 6, rel=0.2
    )  # the same blocks now and then


@pytest.mark.parametrize(("hours", "together"), [(30, False), (31 * 24, True)])
def test_snapshots_forgotten_in_one_month_are_together_when_both_are_there(hours: float, together: bool) -> None:
    """In every month both scanners' are; within 30 of its days two that last for a day and a bit rarely meet, long ones always."""
    given = platform({**STEADY, **on_one_lun("scanner-1", "scanner-2", size_gib=900), "snapshots.concurrent_vms": 2})
    usual, found = shared(given), shared(given, quantile=0.8, forgotten_snapshot=always(hours))
    alone = platform({**STEADY, **on_one_lun("scanner-1", size_gib=900)})
    grown_by = shared(alone, forgotten_snapshot=always(hours)).need_gib - shared(alone).need_gib

    assert found.need_gib - usual.need_gib == pytest.approx(grown_by * (2 if together else 1), rel=1e-6)


@UNTIMED
@hypothesis.given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 9), st.integers(0, 9), st.floats(0, 9)), max_size=12),
)
def test_snapshots_are_together_with_those_that_are_there_when_they_are_taken(made: list[tuple[int, int, int, int, float]]) -> None:
    """Whatever month that was in: in each night the largest of each VM, and the most of all nights."""
    scenarios, vms, since, days = (np.array([row[i] for row in made], np.int64) for i in range(4))
    until, gib = (since + days).astype(float), np.array([row[4] for row in made])

    found = _together(scenarios, vms, (since.astype(float), until), gib)

    for scenario in set(scenarios.tolist()):
        of = scenarios == scenario
        nights = [of & (since <= night) & (night <= until) for night in range(20)]
        together = [sum(max(gib[there & (vms == vm)], default=0.0) for vm in range(3)) for there in nights]
        assert found[of].max() <= max(together) + 1e-9
        assert found[of].max() >= max(sum(gib[there]) for there in nights if len(set(vms[there])) == there.sum()) - 1e-9


def test_a_snapshot_forgotten_last_month_is_there_with_this_month_s() -> None:
    """Each scanner's is forgotten in one month of three for 60 days, so that in most years two that begin in different months meet."""
    given = platform({**STEADY, **on_one_lun("scanner-1", "scanner-2", size_gib=900), "snapshots.concurrent_vms": 2})
    forgotten = always(60 * 24)
    both = shared(given, 2, quantile=0.5, forgotten_snapshot=forgotten).need_gib

    found = shared(given, 6, quantile=0.5, forgotten_snapshot=forgotten.model_copy(update={"per_month": 1 / 3}))

    assert found.need_gib == pytest.approx(both, rel=1e-3)


@UNTIMED
@hypothesis.given(
    st.sampled_from(["hold_hours", "consolidate_hours", "change_per_day"]),
    st.floats(1.01, 2),
    st.fixed_dictionaries({"hold_hours": st.floats(1, 36), "consolidate_hours": st.floats(0.5, 12), "change_per_day": st.floats(0.01, 3)}),
    st.integers(1, 3),
    st.sampled_from([NEVER, always(5)]),
)
def test_more_is_never_less(key: str, factor: float, policy: dict[str, float], times: int, storm: Occasional) -> None:
    """Held for longer, consolidated for longer, written to more: whatever the hour in which that ends."""

    def gib(of: dict[str, float]) -> float:
        changes = {f"snapshots.{key}": {"scanner": value} if key == "change_per_day" else value for key, value in of.items()}
        made = platform({**STEADY, **on_one_lun("scanner-1", size_gib=900), **changes, "snapshots.per_disk": times})
        return shared(made, spam_storm=storm).need_gib

    assert gib(policy) <= gib({**policy, key: policy[key] * factor}) + 1e-6


def test_a_datastore_is_asked_when_mail_brings_most() -> None:
    """That is at the end of each year where mail grows, and in the first month where it shrinks."""
    given = platform(STEADY)
    drawn = draw(np.random.default_rng(1), Inputs(growth_sd=0.3), (0.0, 0.15), (), (24, 500))
    futures = Futures(grown(given.flow), Inputs(), drawn, [12, 24])
    every = futures.months(np.arange(500)).flow

    assert (drawn.growth < 0).sum() > 100 < (drawn.growth > 0).sum()
    assert futures.fullest.flow.tolist() == [every[:12].max(axis=0).tolist(), every.max(axis=0).tolist()]


def test_a_datastore_fills_in_the_month_in_which_mail_outgrows_it() -> None:
    growing = {"flow.messages_per_day": 2_000_000, "flow.growth_per_year": 0.8, "flow.planning_years": 1, "snapshots.hold_hours": 48}
    disks = {"log_archive.node.disks_gib": {"archive": GIB}}

    def archive(months: int, size_gib: int) -> NeedAtRisk:
        return shared(platform({**growing, **disks, **on_one_lun("log-archive", size_gib=size_gib)}), months)

    by_month = [archive(months, 2 * GIB).need_gib for months in range(1, 13)]
    full_in = next(month for month, gib in enumerate(by_month, 1) if gib > ceil(by_month[5]))
    found = archive(12, ceil(by_month[5]))

    assert by_month == sorted(set(by_month))
    assert (found.months_left, found.months_until_full, found.fill_probability) == (full_in, full_in, 1)
    assert archive(full_in - 1, ceil(by_month[5])).fill_probability == 0


def test_the_number_of_processors_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    campus, found = at_risk(load(locate("campus")), scenarios=20_000), set()
    for processors in (1, 2, 7):
        monkeypatch.setattr("sizing.risk.assess.os.cpu_count", lambda count=processors: count)
        found.add(risk(campus).model_dump_json())

    assert len(found) == 1
