"""Fits distributions and trends to counts. Pure arithmetic; every formula is named."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizing.flow.profile import Estimate
from sizing.flow.views import BINS_PER_DOUBLING

Floats = NDArray[np.float64]
NORMAL_95 = 1.6449  # standard normal quantile: 5 % are above
DAYS_PER_YEAR = 365.25
SHORTEST_TREND_DAYS = 28  # four of each day of the week


def quantile(bins: Floats, counts: Floats, share: float) -> float:
    """The quantile of values that were counted in bins, interpolated within its bin on the logarithm."""
    below = np.cumsum(counts)
    at = int(np.searchsorted(below, share * below[-1]))
    inside = 1 - (below[at] - share * below[-1]) / counts[at]
    return float(2 ** ((bins[at] + inside) / BINS_PER_DOUBLING))


class Lognormal(NamedTuple):
    """A lognormal distribution: mean and standard deviation of the natural logarithm; and how ill it fits."""

    mu: float
    sigma: float
    misfit: float
    """Kolmogorov–Smirnov distance."""


def lognormal(bins: Floats, counts: Floats) -> Lognormal:
    """The lognormal distribution of greatest likelihood: mean and deviation of the logarithms, with Sheppard's correction for bins."""
    width = math.log(2) / BINS_PER_DOUBLING
    logs, shares = (bins + 0.5) * width, counts / counts.sum()
    mu = float(logs @ shares)
    sigma = math.sqrt(max(float((logs - mu) ** 2 @ shares) - width**2 / 12, 0.0))
    edges = (bins + 1) * width
    fitted = [0.5 * math.erfc((mu - edge) / (sigma * math.sqrt(2))) if sigma else float(edge >= mu) for edge in edges]
    return Lognormal(mu, sigma, float(np.abs(np.cumsum(shares) - fitted).max()))


def mean(values: Floats) -> Estimate:
    """The mean of days, and its interval; of neighbouring days that resemble each other, fewer count as independent."""
    centre = float(values.mean())
    if len(values) < 3:
        return Estimate(value=centre, low=0.0, high=2 * centre)
    error = float(values.std(ddof=1)) / math.sqrt(len(values) * (1 - _alike(values)) / (1 + _alike(values)))
    return Estimate(value=centre, low=max(0.0, centre - NORMAL_95 * error), high=centre + NORMAL_95 * error)


def _alike(values: Floats) -> float:
    """Autocorrelation from one to the next, 0 to 0.9."""
    around = values - values.mean()
    spread = float(around @ around)
    return min(0.9, max(0.0, float(around[1:] @ around[:-1]) / spread)) if spread else 0.0


class Trend(NamedTuple):
    """A model of the messages of a day: ln(messages) = weekday's level + slope × days, with residual deviation."""

    levels: Floats
    slope: float
    slope_error: float
    """Standard error, widened where neighbouring days resemble each other."""
    deviation: float
    centre: float
    days: int

    @property
    def growth_per_year(self) -> Estimate:
        """Growth in a year as a share."""
        low, value, high = (math.expm1(min(7.0, (self.slope + k * self.slope_error) * DAYS_PER_YEAR)) for k in (-NORMAL_95, 0, NORMAL_95))
        return Estimate(value=value, low=low, high=high)

    @property
    def grows(self) -> bool:
        """Whether the slope is told from none."""
        return abs(self.slope) > NORMAL_95 * self.slope_error

    def predict(self, day: int, normal: float) -> tuple[float, float]:
        """The interval of the messages of a day, `normal` standard deviations to each side."""
        trend, error = (self.slope, self.slope_error) if self.grows else (0.0, 0.0)
        ahead = day - self.centre
        spread = math.sqrt(self.deviation**2 * (1 + 7 / self.days) + (ahead * error) ** 2)
        middle = self.levels[weekday(day)] + trend * ahead
        return math.exp(middle - normal * spread), math.exp(middle + normal * spread)


def weekday(day: int) -> int:
    """Day of the week of a day since 1970-01-01, Monday 0."""
    return (day + 3) % 7


def trend(days: NDArray[np.int64], messages: Floats) -> Trend | None:
    """The trend by least squares on the logarithm, with a level for each day of the week; none of less than four weeks."""
    if len(days) < SHORTEST_TREND_DAYS:
        return None
    centre = float(days.mean())
    logs = np.log(np.maximum(messages, 0.5))
    weekdays = np.array([[weekday(int(day)) == w for w in range(7)] for day in days], np.float64)
    model = np.column_stack([weekdays, days - centre])
    solved = np.linalg.lstsq(model, logs, rcond=None)[0]
    residuals = logs - model @ solved
    deviation = math.sqrt(float(residuals @ residuals) / max(1, len(days) - 8))
    alike = _alike(residuals)
    error = deviation / math.sqrt(float(((days - centre) ** 2).sum())) * math.sqrt((1 + alike) / (1 - alike))
    levels = np.where(weekdays.any(axis=0), solved[:7], logs.mean())
    return Trend(levels, float(solved[7]), error, deviation, centre, len(days))
