"""What is drawn for a block of scenarios: each input of each scenario, and the events of each month."""

import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from config.risk import Inputs, Occasional

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_Z95 = NormalDist().inv_cdf(0.95)  # standard deviations from the median to the 95th percentile
_DAYS_PER_YEAR = 365
_LEAST_GROWTH = -0.9  # a year; the flow never vanishes


class Events(NamedTuple):
    """What happened in which cells: a cell is a month of a scenario, `month × scenarios + scenario`."""

    cells: Ints
    size: Floats


class Draws(NamedTuple):
    """One block of scenarios. What a scenario has once is an array over scenarios."""

    growth: Floats
    """Growth of the flow in a year."""
    busy_hour_share: Floats
    message_size: Floats
    """Factor on the size of a message that is not spam."""
    write_rate: Floats
    """Factor on what is written to each disk."""
    outages: Events
    """Hours."""
    outage_chance: Floats
    """How much more mail than usual each outage meets, in standard deviations."""
    worst_days: Events
    """The day of each year that brings most mail, in standard deviations above the mean."""
    storms: Events
    """Spam as a multiple of ordinary spam, 1 or more."""
    storm_ends: Floats
    """When in its month each storm ends, as a fraction of the month."""
    forgotten: dict[str, Events]
    """Hours, by VM."""
    forgotten_from: dict[str, Floats]
    """When in its month each of them was taken, as a fraction of the month."""


def draw(rng: Generator, inputs: Inputs, plan: tuple[float, float], vms: Iterable[str], shape: tuple[int, int]) -> Draws:
    """`shape` is (months, scenarios); `plan` is what the stack says of growth and of the busy hour's share."""
    scenarios, spread = shape[1], inputs.busy_hour_spread
    growth, busy_hour_share = plan
    outages = _events(rng, inputs.outage, shape)
    storms = _at_least(_events(rng, inputs.spam_storm, shape), 1.0)
    found = Draws(
        growth=np.maximum(growth + inputs.growth_sd * rng.standard_normal(scenarios), _LEAST_GROWTH),
        busy_hour_share=np.minimum(busy_hour_share * (1 + spread * (rng.random(scenarios) - rng.random(scenarios))), 1.0),
        message_size=lognormal(rng, 1.0, inputs.message_size_p95, scenarios),
        write_rate=lognormal(rng, 1.0, inputs.write_rate_p95, scenarios),
        outages=outages,
        outage_chance=rng.standard_normal(outages.size.size),
        worst_days=_worst_days(rng, shape),
        storms=storms,
        storm_ends=rng.random(storms.size.size),
        forgotten={vm: _events(rng, inputs.forgotten_snapshot, shape) for vm in vms},
        forgotten_from={},
    )
    return found._replace(forgotten_from={vm: rng.random(events.size.size) for vm, events in found.forgotten.items()})


def lognormal(rng: Generator, median: float, p95: float, count: int) -> Floats:
    """Positive numbers whose logarithm is normal, by their median and 95th percentile."""
    return median * np.exp(math.log(p95 / median) / _Z95 * rng.standard_normal(count))


def _events(rng: Generator, what: Occasional, shape: tuple[int, int]) -> Events:
    cells = _occurrences(rng, what.per_month, shape[0] * shape[1])
    with np.errstate(over="ignore"):  # what is more than any number is more than `most`
        drawn = lognormal(rng, what.median, what.p95, cells.size)
    return Events(cells, np.minimum(drawn, what.most))


def _occurrences(rng: Generator, probability: float, cells: int) -> Ints:
    """The cells in which something of this probability happens, each by itself: drawn by the gaps between them, since they are few."""
    if probability <= 0:
        return np.empty(0, np.int64)
    found, last = [np.empty(0, np.int64)], -1
    while last < cells:
        gaps = np.minimum(rng.geometric(probability, max(16, math.ceil(cells * probability))), cells + 1)  # a sum of huge gaps overflows
        found.append(last + np.cumsum(gaps))
        last = int(found[-1][-1])
    occurred = np.concatenate(found)
    return occurred[occurred < cells]


def _worst_days(rng: Generator, shape: tuple[int, int]) -> Events:
    """In each year one: of the largest of so many normal numbers the distribution is nearly Gumbel's (Fisher and Tippett 1928)."""
    months, scenarios = shape
    first = np.arange(0, months, 12)
    month = rng.integers(first[:, np.newaxis], np.minimum(first + 12, months)[:, np.newaxis], (first.size, scenarios))
    normal = NormalDist()
    usual = normal.inv_cdf(1 - 1 / _DAYS_PER_YEAR)
    size = rng.gumbel(usual, 1 / (_DAYS_PER_YEAR * normal.pdf(usual)), month.size)
    return Events((month * scenarios + np.arange(scenarios)).ravel(), size)


def _at_least(events: Events, least: float) -> Events:
    return Events(events.cells, np.maximum(events.size, least))
