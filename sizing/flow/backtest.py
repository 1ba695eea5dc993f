"""Fits a flow to the first part of a log and predicts the rest: how often is the truth where the prediction says it is?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.problems import Problem, Refused
from sizing.flow import fit
from sizing.flow.profile import Profile

FITTED = 2 / 3  # of the full days
FEWEST_PREDICTED = 7  # days
LEVELS = {0.5: 0.6745, 0.8: 1.2816, 0.9: 1.6449, 0.95: 1.96}
"""Share of days that an interval is to hold, and its half-width in standard deviations of a normal distribution."""


class Coverage(NamedTuple):
    """How often an interval held."""

    level: float
    """Share of the days that it says it holds."""
    held: float
    """Share of the days that it held."""


class Backtest(NamedTuple):
    """What came of predicting the end of a log from its beginning."""

    fitted_days: int
    predicted_days: int
    coverage: tuple[Coverage, ...]
    error: float
    """Predicted messages of all days, relative to the true ones: 0.1 is 10 % too many."""


def backtested(profile: Profile) -> Backtest:
    """Fit on the first two thirds of the full days, predict the messages of each day of the rest.

    Raises:
        Refused: there are too few full days.
    """
    by_day = sorted(profile.messages_by_day.items())
    days = np.array([day for day, _ in by_day], "datetime64[D]").astype(np.int64)
    messages = np.array([of_day for _, of_day in by_day], np.float64)
    fitted = int(len(days) * FITTED)
    model = fit.trend(days[:fitted], messages[:fitted])
    if model is None or len(days) - fitted < FEWEST_PREDICTED:
        needed = int(fit.SHORTEST_TREND_DAYS / FITTED)
        raise Refused([Problem("the logs", f"{len(days)} full days", f"are too few: {needed} are needed", "name older logs too")])
    predicted = [model.predict(int(day), 0.0)[0] for day in days[fitted:]]
    truth = messages[fitted:]
    coverage = tuple(Coverage(level, _held(model, days[fitted:], truth, normal)) for level, normal in LEVELS.items())
    return Backtest(fitted, len(truth), coverage, float(sum(predicted) / max(1.0, truth.sum()) - 1))


def _held(model: fit.Trend, days: NDArray[np.int64], messages: fit.Floats, normal: float) -> float:
    intervals = (model.predict(int(day), normal) for day in days)
    return float(np.mean([low <= value <= high for (low, high), value in zip(intervals, messages.tolist(), strict=True)]))
