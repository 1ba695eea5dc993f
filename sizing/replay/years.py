"""The years that are lived through: what is drawn once for each, and what happens in it when."""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from config.platform import Platform
from config.risk import Inputs, Occasional

Floats = NDArray[np.float64]

HOURS = 8760
"""Hours of a year."""
_HOURS_PER_MONTH = HOURS // 12
_ABOVE_MEDIAN = NormalDist().inv_cdf(0.95)  # standard deviations


class Happening(NamedTuple):
    """Something that begins in an hour of one of the years."""

    year: int
    hour: int
    size: float


class Years(NamedTuple):
    """What is drawn once for each year; arrays over years."""

    growth: Floats
    busy_hour_share: Floats
    message_size: Floats
    """Factor on the size of a message that is not spam."""
    write_rate: Floats
    """Factor on what is written to each disk."""


def drawn(rng: Generator, platform: Platform, inputs: Inputs, count: int) -> Years:
    """So many years."""
    flow, spread = platform.flow, inputs.busy_hour_spread
    share = flow.busy_hour_share * (1 + spread * rng.triangular(-1, 0, 1, count))
    return Years(
        growth=np.maximum(rng.normal(flow.growth_per_year, inputs.growth_sd, count), -0.9),
        busy_hour_share=np.minimum(share, 1.0),
        message_size=rng.lognormal(0.0, _spread(1.0, inputs.message_size_p95), count),
        write_rate=rng.lognormal(0.0, _spread(1.0, inputs.write_rate_p95), count),
    )


def happenings(rng: Generator, what: Occasional, count: int) -> Iterator[Happening]:
    """What happens in some months of each year, each beginning in some hour of its month."""
    for year, month in zip(*np.nonzero(rng.random((count, 12)) < what.per_month), strict=True):
        size = min(float(rng.lognormal(math.log(what.median), _spread(what.median, what.p95))), what.most)
        yield Happening(int(year), int(month) * _HOURS_PER_MONTH + int(rng.integers(_HOURS_PER_MONTH)), size)


def _spread(median: float, p95: float) -> float:
    """Standard deviation of the logarithm, if 5 in 100 are above `p95`."""
    return math.log(p95 / median) / _ABOVE_MEDIAN
