"""What a planner reads off many scenarios: a quantile with its sampling error, when something fills, and what it depends on."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sizing.risk.draws import Floats, Ints
from sizing.risk.model import Input, Sensitivity, YearNeed

_DIGITS = 6  # decimals of a size in GiB, about a KiB, as in `sizing.model`
_BINS = 20  # of an input, each with 5 in 100 of the scenarios where none are the same
_CONFIDENCE = 1.96  # standard errors on either side, 95 %


class Estimate(NamedTuple):
    """A number with its standard error."""

    value: float
    error: float


def _rank(count: int, level: float) -> int:
    """Rank of a quantile among `count` ascending numbers: the smallest that this share of them does not exceed."""
    return math.ceil(level * count - 1e-9) - 1


def _around(count: int, level: float) -> tuple[int, int]:
    """Ranks of its confidence interval (binomial, taken as normal)."""
    middle, away = _rank(count, level), _CONFIDENCE * math.sqrt(count * level * (1 - level))
    return max(0, math.floor(middle - away)), min(count - 1, math.ceil(middle + away))


def share(happened: int, count: int) -> Estimate:
    """A probability from how often something happened."""
    probability = happened / count
    return Estimate(probability, math.sqrt(probability * (1 - probability) / count))


def months_left(filled_in: Ints, of: float) -> int | None:
    """The first month by which more than 1 − `of` of the scenarios have filled; `filled_in` is 0 where one never does."""
    by_month = np.cumsum(np.bincount(filled_in[filled_in > 0]))
    over = np.flatnonzero(by_month > (1 - of) * filled_in.size + 1e-9)
    return int(over[0]) if over.size else None


def months_until_full(filled_in: Ints) -> int | None:
    """The month by which half of the scenarios that fill have filled."""
    filled = filled_in[filled_in > 0]
    return int(np.quantile(filled, 0.5, method="inverted_cdf")) if filled.size else None


def years(peaks: Floats, ends: Sequence[int], level: float, told: Callable[[Floats], Floats] = lambda gib: gib) -> tuple[YearNeed, ...]:
    """How the need grows: quantiles of the peaks until each of the months `ends`, the error of one from the order statistics around it.

    `peaks` is ends × scenarios; `told` makes what is said of what is needed, and keeps their order.
    """
    count = peaks.shape[1]
    ranks = [_rank(count, 0.5), _rank(count, 0.9), _rank(count, level), *_around(count, level)]
    found = []
    for months, needs in zip(ends, peaks, strict=True):
        ordered = needs if needs.min() == needs.max() else np.partition(needs, sorted(set(ranks)))
        half, most, need, low, high = (float(gib) for gib in told(ordered[ranks]))
        error = (high - low) / (2 * _CONFIDENCE)
        sizes = {"half_gib": half, "most_gib": most, "need_gib": need}
        found.append(YearNeed(months=months, error_gib=error, **{name: round(gib, _DIGITS) for name, gib in sizes.items()}))
    return tuple(found)


class Bins(NamedTuple):
    """Scenarios in bins by one input, lowest first; those with the same input are in the same bin."""

    of: Ints
    """The bin of each scenario."""
    scenarios: Ints
    """How many are in each bin, none in some."""


def binned(values: Floats) -> Bins:
    """Scenarios in as many bins as are wanted, each with as many of them, but for those that are the same."""
    ranks = [number * values.size // _BINS for number in range(1, _BINS)]
    edges = np.partition(values, ranks)[ranks]
    of = np.searchsorted(edges, values, side="right")
    return Bins(of, np.bincount(of, minlength=_BINS))


def sensitivity(needs: Floats, bins: Mapping[Input, Bins]) -> tuple[Sensitivity, ...]:
    """Each input's share of the needs' variance, largest first.

    First-order Sobol indices from given data: scenarios are put into bins by one input, and what the means of the bins vary by is what
    that input explains (Plischke 2010), less what bins of so many scenarios would vary by chance.
    """
    variance = float(needs.var())
    if variance <= 10**-_DIGITS:
        return ()
    found = [_explained(needs, variance, of, by) for of, by in bins.items()]
    return tuple(sorted(found, key=lambda s: -s.share))


def _explained(needs: Floats, variance: float, of: Input, bins: Bins) -> Sensitivity:
    filled = bins.scenarios > 0
    scenarios = bins.scenarios[filled]
    means = np.bincount(bins.of, weights=needs, minlength=_BINS)[filled] / scenarios
    by_chance = (scenarios.size - 1) / needs.size
    between = float(scenarios @ (means - needs.mean()) ** 2) / needs.size
    explained = (between / variance - by_chance) / (1 - by_chance)
    return Sensitivity(input=of, share=min(1.0, max(0.0, explained)), low_gib=float(means[0]), high_gib=float(means[-1]))
