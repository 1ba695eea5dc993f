"""Each uncertain input alone does to the needs what the plan says of a platform that has that value."""

import warnings
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from config import Platform, Role
from config.risk import Inputs, Occasional
from config.storage import SnapshotPolicy
from sizing import Sizing, size
from sizing.risk import Input, risk
from sizing.risk.draws import draw
from sizing.units import gib_from_kib
from tests.sizing.platforms import datastore, disk, on_one_lun, platform
from tests.sizing.uncertainty import NEVER, always, at_risk, certain, deltas, need, needs

Q = 0.9
Z = NormalDist().inv_cdf(Q) / NormalDist().inv_cdf(0.95)  # in units of what leads from the median to the 95th percentile
MANY = 10_000
BASE = {"flow.messages_per_day": 200_000, "storage.overheads": {"vmfs_fraction": 0}}
QUIET = {**BASE, "flow.messages_per_day": 2_000}
"""Disks are rewritten by more than arrives."""


def found(given: Platform, name: str, months: int | None = None, **uncertain: Any) -> float:
    """The need of a disk or datastore when only these inputs are uncertain, GiB."""
    made = at_risk(given, certain(given, **uncertain), quantile=Q, scenarios=MANY, horizon_months=months)
    return need(risk(made), name).need_gib


def held_for(hours: float) -> SnapshotPolicy:
    """Snapshots that may stay for so long; they are consolidated for 4 hours."""
    return platform().snapshots.model_copy(update={"hold_hours": hours})


def beside(planned: Sizing, per_day: float, hold_hours: float) -> float:
    """What deltas have beside the plan's straight line, GiB: busy hours, less blocks that are written again."""
    line = per_day * (hold_hours + 4) / 24
    return sum(deltas(d.gib, d.gib * per_day, 0.15, held_for(hold_hours)) - d.gib * line for d in planned.disks)


def only(planned: Sizing, *servers: str) -> Sizing:
    """The sizing of some servers."""
    return planned.model_copy(update={"disks": tuple(disk for disk in planned.disks if disk.vm in servers)})


def test_growth() -> None:
    growth = 0.07 + 0.05 * NormalDist().inv_cdf(Q)
    planned = size(platform({**BASE, "flow.growth_per_year": growth}))

    assert found(platform(BASE), "control-center quarantine", growth_sd=0.05) == pytest.approx(
        disk(planned, "control-center", "quarantine").need_gib, rel=0.005
    )


def test_size_of_messages() -> None:
    planned = size(platform({**BASE, "flow.mean_message_kib": 54.3 * 1.65**Z}))

    assert found(platform(BASE), "scanner-1 queue", message_size_p95=1.65) == pytest.approx(
        disk(planned, "scanner-1", "queue").need_gib, rel=0.005
    )


def test_the_busy_hour_counts_for_what_is_left_over_whole_days() -> None:
    changes = {**BASE, "flow.backlog_hours": 4, "flow.busy_hour_share": 0.15}
    share = 0.15 * (1 + 0.33 * (1 - (2 * (1 - Q)) ** 0.5))  # 1 − Q of a symmetric triangle of half width 1 lies above 1 − √(2 × (1 − Q))
    planned = size(platform({**changes, "flow.busy_hour_share": share}))

    assert found(platform(changes), "mta-1 queue", busy_hour_spread=0.33) == pytest.approx(
        disk(planned, "mta-1", "queue").need_gib, rel=0.002
    )


def test_length_of_an_outage() -> None:
    outage = Occasional(per_month=1, median=8, p95=72, most=1000)
    planned = size(platform({**BASE, "flow.backlog_hours": 8 * (72 / 8) ** Z, "flow.planning_years": 0}))

    after_a_month = found(platform({**BASE, "flow.growth_per_year": 0}), "mta-1 queue", months=1, outage=outage)

    assert after_a_month == pytest.approx(disk(planned, "mta-1", "queue").need_gib, rel=0.01)


def test_an_outage_is_cut_off() -> None:
    capped = found(platform(BASE), "mta-1 queue", outage=Occasional(per_month=1, median=100, p95=120, most=120))

    assert capped == pytest.approx(disk(size(platform({**BASE, "flow.backlog_hours": 120})), "mta-1", "queue").need_gib, abs=1e-4)


def logless(given: Platform) -> Platform:
    """The platform on which mail leaves no lines, as no stack may say, so that a storm shows in nothing else."""
    return given.model_copy(update={"gateway": given.gateway.model_copy(update={"audit_log_days": 0.0, "log_days": 0.0})})


def test_a_storm_brings_its_days_of_spam_and_no_more() -> None:
    given = logless(platform({**BASE, "flow.growth_per_year": 0}))
    spam_kib = 200_000 * 0.6 * 0.2 * 16  # the files of a day: a message of 8 KiB takes an inode's 16
    database, file_system = 1.2, 1 / (1 - 0.07)

    quiet, stormy = (found(given, "control-center quarantine", months=1, spam_storm=always(m), storm_days=3) for m in (1, 5))

    assert stormy - quiet == pytest.approx(gib_from_kib(spam_kib * (5 - 1) * 3) * database * file_system, abs=1e-3)


def test_a_storm_fills_a_quarantine_that_is_shorter_than_itself_once() -> None:
    given = logless(platform({**BASE, "flow.growth_per_year": 0, "gateway.quarantine_days": 1}))
    stormy = found(given, "control-center quarantine", months=1, spam_storm=always(5), storm_days=10)
    quiet = found(given, "control-center quarantine", months=1)

    assert stormy == pytest.approx(5 * quiet, abs=1e-3)  # its two days hold nothing but the storm


def test_a_storm_may_fall_into_the_outage() -> None:
    given = logless(platform({**BASE, "flow.growth_per_year": 0, "flow.mean_spam_kib": 20}))
    spam_kib = 200_000 * 0.6 * 0.2 * (20 + 4)

    quiet, stormy = (found(given, "mta-1 queue", months=1, spam_storm=always(m), storm_days=2) for m in (1, 5))

    assert stormy - quiet == pytest.approx(gib_from_kib(spam_kib * (5 - 1) * 2) / (1 - 0.07), abs=1e-3)


def test_a_storm_that_is_none_changes_nothing() -> None:
    weaker = Occasional(per_month=1, median=0.2, p95=0.5, most=0.9)

    assert found(platform(BASE), "scanner-1 queue", spam_storm=weaker) == found(platform(BASE), "scanner-1 queue")


def test_a_forgotten_snapshot_is_one_that_is_held_longer() -> None:
    given = platform({**QUIET, **on_one_lun("scanner-1")})
    planned = size(platform({**QUIET, **on_one_lun("scanner-1"), "snapshots.hold_hours": 48}))

    held = found(given, "shared", forgotten_snapshot=always(48))

    assert held == pytest.approx(datastore(planned).need_gib + beside(only(planned, "scanner-1"), 0.15, 48), abs=1e-4)
    assert found(given, "shared", forgotten_snapshot=always(6)) == found(given, "shared")  # found sooner than routine ones are removed


def test_what_is_found_by_day_is_consolidated_in_the_busy_hours() -> None:
    """After 64 hours it is afternoon: three days' writes, of which the busiest four hours bring 4 × 0.15, not 4 ÷ 24."""
    planned = size(platform({**QUIET, **on_one_lun("scanner-1"), "snapshots.hold_hours": 60}))
    gib = sum(d.gib for d in only(planned, "scanner-1").disks)
    written = 1.01 * -np.expm1(-0.15 * 2.4) + 1.01 * -np.expm1(-0.15 * 0.6) - 0.15 * (60 + 4) / 24

    held = found(platform({**QUIET, **on_one_lun("scanner-1")}), "shared", forgotten_snapshot=always(60))

    assert held == pytest.approx(datastore(planned).need_gib + gib * written, abs=1e-4)


def test_a_forgotten_snapshot_comes_on_top_of_those_allowed() -> None:
    """Two VMs of one kind, one routine snapshot at a time: while one VM's is forgotten, backup takes the other's."""
    changes = {**QUIET, **on_one_lun("scanner-1", "scanner-2")}
    routine, longer = (size(platform({**changes, "snapshots.concurrent_vms": 2, "snapshots.hold_hours": hours})) for hours in (24, 48))
    expected = (datastore(routine).need_gib + datastore(longer).need_gib) / 2
    expected += beside(only(routine, "scanner-1"), 0.15, 24) + beside(only(longer, "scanner-2"), 0.15, 48)

    now_and_then = always(48).model_copy(update={"per_month": 0.08})  # either's in 15 of 100 months, both in fewer than 1
    one_at_a_time = platform({**changes, "snapshots.concurrent_vms": 1})
    assert found(one_at_a_time, "shared", months=1, forgotten_snapshot=now_and_then) == pytest.approx(expected, abs=1e-4)


def test_what_is_written() -> None:
    given = platform({**QUIET, **on_one_lun("scanner-1")})
    planned = size(platform({**QUIET, **on_one_lun("scanner-1"), "snapshots.change_per_day": {Role.SCANNER: 0.15 * 2**Z}}))

    more = beside(only(planned, "scanner-1"), 0.15 * 2**Z, 24)

    assert found(given, "shared", write_rate_p95=2) == pytest.approx(datastore(planned).need_gib + more, rel=0.002)


def test_deltas_never_outgrow_what_the_worst_policy_allows_but_for_consolidation() -> None:
    changes = {**QUIET, **on_one_lun("scanner-1", "mta-1", "log-archive"), "flow.growth_per_year": 0}
    rate, worst = (platform({**changes, "snapshots.growth": growth}) for growth in ("rate", "worst"))
    own = only(size(rate), "scanner-1", "mta-1", "log-archive").disks
    consolidation = sum(deltas(d.gib, d.written_per_day.gib, 0.15, held_for(96_000)) - 1.01 * d.gib for d in own)

    flooded = found(rate, "shared", forgotten_snapshot=always(96_000))

    assert flooded == pytest.approx(datastore(size(worst)).need_gib + consolidation, abs=1e-4)
    assert flooded == found(worst, "shared", forgotten_snapshot=always(96_000))  # what happens does not ask for the policy


@pytest.mark.parametrize(
    ("uncertain", "name", "first"),
    [
        ({"growth_sd": 0.05}, "scanner-1 queue", Input.GROWTH),
        ({"message_size_p95": 1.5}, "mta-1 queue", Input.MESSAGE_SIZE),
        ({"outage": Occasional(per_month=1, median=8, p95=72, most=200)}, "mta-1 queue", Input.OUTAGE),
        ({"spam_storm": Occasional(per_month=0.02, median=3, p95=5, most=9)}, "control-center quarantine", Input.SPAM_STORM),
        ({"write_rate_p95": 2.0}, "shared", Input.WRITE_RATE),
        ({"forgotten_snapshot": Occasional(per_month=0.1, median=30, p95=60, most=90)}, "shared", Input.FORGOTTEN_SNAPSHOT),
    ],
)
def test_the_only_uncertain_input_is_the_one_to_measure(uncertain: dict[str, Any], name: str, first: Input) -> None:
    given = platform({**BASE, **on_one_lun("scanner-1"), "flow.growth_per_year": 0})

    ranked = need(risk(at_risk(given, certain(given, **uncertain))), name).sensitivity

    assert ranked[0].input is first
    assert ranked[0].share > 0.8
    assert ranked[0].low_gib < ranked[0].high_gib
    assert all(s.share < 0.05 for s in ranked[1:])


@pytest.mark.parametrize("written", [0.01, 0.9])
def test_every_input_that_moves_a_need_is_ranked_and_the_first_is_the_one_that_narrows_it_most(written: float) -> None:
    """Of a scanner on which what arrives is what is written, and of one that is written to all the time."""
    heavy = {"flow.mean_message_kib": 300, "flow.planning_years": 1, "snapshots.change_per_day": {"scanner": written}}
    given = platform({**BASE, **heavy, **on_one_lun("scanner-1", size_gib=900), "snapshots.hold_hours": 60})
    uncertain = Inputs(message_size_p95=3, forgotten_snapshot=Occasional(per_month=0.05, median=80, p95=300, most=900))
    surely = certain(given, outage=NEVER)
    fields = dict(zip(Input, ("growth_sd", "busy_hour_spread", "message_size_p95", "write_rate_p95", "outage"), strict=False))
    fields |= {Input.SPAM_STORM: "spam_storm", Input.FORGOTTEN_SNAPSHOT: "forgotten_snapshot"}

    def wide(inputs: Inputs) -> dict[str, float]:
        return {n.name: n.need_gib - n.years[-1].half_gib for n in needs(risk(at_risk(given, inputs, scenarios=MANY)))}

    every = risk(at_risk(given, uncertain, scenarios=MANY))
    fixed = {of: wide(uncertain.model_copy(update={key: getattr(surely, key)})) for of, key in fields.items()}
    alone = {of: wide(surely.model_copy(update={key: getattr(uncertain, key)})) for of, key in fields.items()}
    for n in (need(every, "shared"), need(every, "scanner-1 queue")):
        ranked = [s.input for s in n.sensitivity]
        assert {of for of in Input if alone[of][n.name] > 1e-3} <= set(ranked), n.name
        assert ranked[0] is min(Input, key=lambda of, name=n.name: fixed[of][name]), n.name  # type: ignore[misc]


def test_what_overflows_is_as_large_as_may_be() -> None:
    wild = Occasional(per_month=0.5, median=1e-300, p95=336, most=2160)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hours = draw(np.random.default_rng(1), Inputs(forgotten_snapshot=wild), (0.07, 0.15), ("scanner-1",), (12, MANY)).forgotten

    assert hours["scanner-1"].size.max() == 2160
    assert hours["scanner-1"].size.min() < 1


def test_where_nothing_is_uncertain_nothing_is_to_be_measured() -> None:
    given = platform(BASE)

    assert need(risk(at_risk(given, certain(given))), "scanner-1 queue").sensitivity == ()
    assert need(risk(at_risk(given)), "scanner-1 system").sensitivity == ()


@pytest.mark.parametrize("per_month", [5e-324, 1e-300, 1e-18, 1e-9])
def test_what_hardly_ever_happens_does_not(per_month: float) -> None:
    hardly = always(1000).model_copy(update={"per_month": per_month})

    assert found(platform(BASE), "mta-1 queue", outage=hardly) == found(platform(BASE), "mta-1 queue", outage=NEVER)


def test_the_worst_day_of_a_year_is_the_largest_of_365() -> None:
    """Half of the years have none above the standard deviation that 365 days stay below with probability 0.5."""
    shape = (24, MANY)
    drawn = draw(np.random.default_rng(1), Inputs(), (0.07, 0.15), (), shape).worst_days

    assert drawn.size.size == 2 * MANY  # one in each year of each scenario
    assert float(np.median(drawn.size)) == pytest.approx(NormalDist().inv_cdf(0.5 ** (1 / 365)), abs=0.03)
