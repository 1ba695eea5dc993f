"""What risk says is enough is enough in years that are lived through hour by hour, and not much too much."""

import math
from typing import Any

import numpy as np
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from config import Platform, load, locate
from config.risk import Inputs, Occasional
from sizing.replay import Replay, replay
from sizing.risk import NeedAtRisk, risk
from tests.sizing.platforms import UNTIMED, on_one_lun, platform
from tests.sizing.uncertainty import NEVER, at_risk, needs, sized

YEARS = 150
LIVED = settings(UNTIMED, max_examples=12, derandomize=True, phases=[Phase.explicit, Phase.generate])  # an example takes seconds
QUANTILES = (0.5, 0.8, 0.95)
COUNTED = 1.01
"""Of a disk on a site of 20,000 messages a day: their number is chance too, √20,000 ÷ 20,000 is 0.7 %, and no part of risk."""
OCCASIONS = st.builds(
    lambda often, median, longest: Occasional(per_month=often, median=median, p95=median * longest, most=median * longest * 3),
    st.floats(0, 0.3),
    st.floats(2, 48),
    st.floats(1, 8),
)
INPUTS = st.builds(
    Inputs,
    growth_sd=st.floats(0, 0.2),
    busy_hour_spread=st.floats(0, 0.5),
    message_size_p95=st.floats(1, 2),
    write_rate_p95=st.floats(1, 3),
    outage=OCCASIONS,
    spam_storm=OCCASIONS,
    storm_days=st.integers(1, 7),
    forgotten_snapshot=OCCASIONS,
)
FLOWS = st.fixed_dictionaries(
    {
        "flow.messages_per_day": st.sampled_from([20_000, 500_000]),
        "flow.mean_message_kib": st.floats(5, 200),
        "flow.spam_share": st.floats(0.1, 0.9),
        "flow.busy_hour_share": st.floats(0.06, 0.25),
        "flow.growth_per_year": st.floats(0, 0.5),
        "flow.planning_years": st.integers(0, 3),
        "log_archive.retention_days": st.integers(10, 60),
        "flow.backlog_hours": st.sampled_from([8, 24, 72]),  # which makes disks small or large for what arrives on them
        "snapshots.hold_hours": st.just(1) | st.integers(1, 72),
        "snapshots.consolidate_hours": st.integers(1, 12),
        "snapshots.concurrent_vms": st.integers(1, 4),
        "snapshots.memory": st.booleans(),
        "snapshots.change_per_day": st.fixed_dictionaries({}, optional={"scanner": st.floats(0.01, 1)}),
    }
)


def filled(peaks: np.ndarray[Any, np.dtype[np.float64]], gib: float) -> int:
    """In how many of the years something of this size fills, to a few KiB."""
    return int(np.count_nonzero(peaks > gib + 1e-5))


def most(quantile: float, deviations: float) -> float:
    """Years that may fill at a quantile, so many standard deviations more than the mean included."""
    return YEARS * (1 - quantile) + deviations * math.sqrt(YEARS * quantile * (1 - quantile))


def lived(given_platform: Platform) -> Replay:
    """The years."""
    return replay(given_platform, sized(given_platform), YEARS, seed=7)


def at(given_platform: Platform, quantile: float) -> dict[str, NeedAtRisk]:
    """What risk says of the first."""
    found = risk(given_platform, quantile)
    assert found.horizon_months == 12
    return {need.name: need for need in needs(found)}


TARGET: dict[str, Any] = {"scenarios": 20_000, "horizon_months": 12}


def enlarged(changes: dict[str, Any], inputs: Inputs) -> dict[str, int]:
    """The disks that are too small at the largest quantile, as large as they are asked to be, so that both sides know the same disks."""
    found = risk(at_risk(platform(changes), inputs, **TARGET), QUANTILES[-1]).disks
    return {need.path: need.smallest_gib for need in found if need.provisioned_gib < need.need_gib}


USUAL = {
    "flow.messages_per_day": 20_000,
    "flow.mean_message_kib": 50,
    "flow.spam_share": 0.5,
    "flow.busy_hour_share": 0.15,
    "flow.growth_per_year": 0.1,
    "flow.planning_years": 0,
    "log_archive.retention_days": 30,
    "snapshots.hold_hours": 24,
    "snapshots.consolidate_hours": 4,
    "snapshots.concurrent_vms": 1,
    "snapshots.memory": False,
}
SURE = Inputs(
    growth_sd=0, busy_hour_spread=0, message_size_p95=1, write_rate_p95=1, outage=NEVER, spam_storm=NEVER, forgotten_snapshot=NEVER
)
BY_DAY = {**USUAL, "flow.busy_hour_share": 0.25, "snapshots.hold_hours": 10, "snapshots.concurrent_vms": 3}
"""Consolidation falls into the busy hours."""
TURNS = {**USUAL, "snapshots.hold_hours": 63, "snapshots.memory": True}
BUSY = {**USUAL, "flow.messages_per_day": 500_000, "flow.mean_message_kib": 100, "snapshots.hold_hours": 48, "snapshots.concurrent_vms": 3}
"""More arrives in a day than the share of a queue's disk that is rewritten."""
IN_TIME = SURE.model_copy(update={"forgotten_snapshot": Occasional(per_month=0.3, median=40, p95=60, most=62)})
"""Of VMs that take turns one is forgotten, and found while backup would hold it anyway."""


BRIEF = SURE.model_copy(update={"spam_storm": Occasional(per_month=0.15, median=40, p95=200, most=600), "storm_days": 1})
"""Storms that bring more than disks hold, and are over before a snapshot is."""
OFTEN = SURE.model_copy(update={"forgotten_snapshot": Occasional(per_month=0.3, median=6, p95=7, most=20)})
"""Many are forgotten in the same month, and few in the same night."""
HELD = {**BUSY, "snapshots.hold_hours": 46, "snapshots.consolidate_hours": 10}
SMALL = {**BUSY, "flow.backlog_hours": 24, "snapshots.hold_hours": 34}
BY_NIGHT = {**BUSY, "flow.spam_share": 0.8, "flow.busy_hour_share": 0.21, "snapshots.hold_hours": 1, "snapshots.consolidate_hours": 8}


BY_EVENING = {**USUAL, "snapshots.hold_hours": 64, "snapshots.consolidate_hours": 8, "snapshots.change_per_day": {"scanner": 1}}
"""A hold that ends in the afternoon, of disks that are written to all the time."""


@LIVED
@example(BY_DAY, SURE)
@example(BY_EVENING, SURE)
@example({**BY_EVENING, "snapshots.hold_hours": 65.4, "snapshots.change_per_day": {"scanner": 3}}, SURE)
@example(BUSY, SURE)
@example(BUSY, Inputs())
@example(SMALL, Inputs())
@example(HELD, BRIEF)
@example(BY_NIGHT, BRIEF)
@example(BY_NIGHT, OFTEN)
@example(TURNS, IN_TIME)
@given(FLOWS, INPUTS)
def test_what_is_sized_at_a_quantile_fills_no_more_often_and_is_little_too_large(flow: dict[str, Any], inputs: Inputs) -> None:
    shared = on_one_lun("scanner-1", "mta-1", "log-archive", size_gib=500)
    given_platform = at_risk(platform({**flow, **shared, **enlarged({**flow, **shared}, inputs)}), inputs, **TARGET)
    years = lived(given_platform)

    for quantile in QUANTILES:
        enough = at(given_platform, quantile)
        for name, peaks in years.datastores.items():
            assert filled(peaks, enough[name].need_gib) <= most(quantile, 3), (quantile, name)
            assert enough[name].need_gib <= 1.3 * np.quantile(peaks, quantile), (quantile, name)
        for name, peaks in years.disks.items():
            assert filled(peaks, enough[name].need_gib * COUNTED) <= most(quantile, 4), (quantile, name)


def test_the_campus() -> None:
    given_platform = at_risk(load(locate("campus")), scenarios=100_000, horizon_months=12)
    years = lived(given_platform)

    assert len(years.disks) >= 8
    for quantile in (0.8, 0.95):
        enough = at(given_platform, quantile)
        assert set(years.datastores) | set(years.disks) <= set(enough)
        for name, peaks in (years.datastores | years.disks).items():
            assert filled(peaks, enough[name].need_gib) <= most(quantile, 3), (quantile, name)
        for name, peaks in years.datastores.items():
            assert enough[name].need_gib <= 1.3 * np.quantile(peaks, quantile), (quantile, name)
        for name, peaks in years.disks.items():  # few of the years decide on a quantile of outages, so it is known less well
            surely = np.quantile(peaks, min(1, quantile + 2 * math.sqrt(quantile * (1 - quantile) / YEARS)))
            assert enough[name].need_gib <= 1.3 * surely, (quantile, name)


def test_a_size_that_is_a_little_too_small_would_be_found() -> None:
    """The property above can fail: what is sized for one year in two fills in far more than one in twenty."""
    given_platform = at_risk(load(locate("campus")), scenarios=20_000, horizon_months=12)
    enough = at(given_platform, 0.5)

    for name, peaks in lived(given_platform).datastores.items():
        assert filled(peaks, enough[name].need_gib) > most(0.95, 3), name


def test_the_same_seed_lives_the_same_years_and_another_seed_others() -> None:
    given_platform = at_risk(platform())
    first, again, other = (replay(given_platform, sized(given_platform), 3, seed) for seed in (1, 1, 2))

    for name, peaks in (first.datastores | first.disks).items():
        assert (peaks == (again.datastores | again.disks)[name]).all()
    assert (first.disks["scanner-1 queue"] != other.disks["scanner-1 queue"]).any()
