"""Fits find what the data were drawn from, and say how surely."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizing.flow import fit
from sizing.flow.views import BINS_PER_DOUBLING


def bins_of(values: fit.Floats) -> tuple[fit.Floats, fit.Floats]:
    bins, counts = np.unique(np.floor(np.log2(values) * BINS_PER_DOUBLING), return_counts=True)
    return bins, counts.astype(np.float64)


def test_lognormal_of_mail_is_found() -> None:
    """The public size distribution of sizing: median 4.5 KiB, 90 % below 81.5 KiB."""
    sizes = np.random.default_rng(1).lognormal(8.441, 2.256, 200_000)
    fitted = fit.lognormal(*bins_of(sizes))
    assert fitted.mu == pytest.approx(8.441, abs=0.02)
    assert fitted.sigma == pytest.approx(2.256, abs=0.02)
    assert fitted.misfit < 0.01
    assert fit.quantile(*bins_of(sizes), 0.5) / 1024 == pytest.approx(4.5, rel=0.03)
    assert fit.quantile(*bins_of(sizes), 0.9) / 1024 == pytest.approx(81.5, rel=0.03)


def test_what_is_not_lognormal_misfits() -> None:
    two = np.concatenate([np.full(1000, 1000.0), np.full(1000, 10_000_000.0)])
    assert fit.lognormal(*bins_of(two)).misfit > 0.3


@given(st.lists(st.floats(1, 1e12), min_size=1, max_size=50), st.floats(0.01, 1))
def test_quantile_is_within_a_bin_of_the_true_one(values: list[float], share: float) -> None:
    ordered = np.sort(np.array(values))
    true = ordered[int(np.ceil(share * len(values))) - 1]
    assert fit.quantile(*bins_of(ordered), share) == pytest.approx(true, rel=2 ** (1 / BINS_PER_DOUBLING) - 1 + 1e-9)


def year(growth: float, days: int, noise: float, seed: int = 1) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], fit.Floats]:
    day = np.arange(20_000, 20_000 + days)
    weekly = np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.3, 0.3])[(day + 3) % 7]
    messages = 50_000 * weekly * (1 + growth) ** ((day - 20_000) / 365.25)
    return day, messages * np.exp(np.random.default_rng(seed).normal(0, noise, days))


@settings(max_examples=25, deadline=None)
@given(st.floats(-0.3, 0.8), st.integers(0, 10**6))
def test_growth_is_in_an_interval_around_the_true_one(growth: float, seed: int) -> None:
    """Three times the 90 % interval's half-width is 4.9 standard errors: only a wrong error is missed by so much."""
    found = fit.trend(*year(growth, 730, 0.1, seed))
    assert found
    estimate = found.growth_per_year
    assert estimate.value - 3 * (estimate.value - estimate.low) < growth < estimate.value + 3 * (estimate.high - estimate.value)
    assert estimate.high - estimate.low < 0.1


def test_intervals_hold_as_often_as_they_say() -> None:
    inside = [low <= growth <= high for growth, low, high in growths(200)]
    assert 0.80 <= np.mean(inside) <= 0.97


def growths(times: int) -> list[tuple[float, float, float]]:
    estimates = [found.growth_per_year for seed in range(times) if (found := fit.trend(*year(0.1, 365, 0.1, seed)))]
    assert len(estimates) == times
    return [(0.1, estimate.low, estimate.high) for estimate in estimates]


def test_short_log_has_no_trend() -> None:
    assert fit.trend(*year(0.1, 27, 0.1)) is None
    assert fit.trend(*year(0.1, 28, 0.1)) is not None


@pytest.mark.parametrize(("days", "wider"), [(28, 1.25), (70, 1.1)])
def test_prediction_is_less_sure_of_a_level_for_each_weekday_that_few_days_tell_of(days: int, wider: float) -> None:
    """On the day in the middle the slope says nothing: the variance is that of a day, and of a level that 1 in 7 days tell of."""
    found = fit.Trend(np.zeros(7), 0.01, 0.001, 0.2, 20_000.0, days)
    low, high = found.predict(20_000, 1.0)
    assert np.log(high) == pytest.approx(0.2 * np.sqrt(wider)) == -np.log(low)


def test_mean_of_days_that_resemble_each_other_is_less_sure() -> None:
    rng = np.random.default_rng(1)
    apart = rng.normal(100, 10, 60)
    alike = np.repeat(rng.normal(100, 10, 12), 5)
    assert fit.mean(alike).high - fit.mean(alike).low > 1.5 * (fit.mean(apart).high - fit.mean(apart).low)


def test_weekday() -> None:
    assert fit.weekday(20_514) == 0  # 2026-03-02, a Monday
