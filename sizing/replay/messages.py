"""How large messages are, one by one: most are small, and a few are hundreds of times as large as the mean."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sizing.replay.years import Floats

_DRAWN = 2**20  # messages; no hour has more of them that are all different
_LARGEST = 471.0  # × the mean: 25 MiB, the usual limit of a mail server, ÷ 54.3 KiB
_WIDEST = 4.0  # standard deviation of the logarithm; wider ones, cut at the largest, vary no more


class Messages:
    """Many messages in a row, of whose sizes any number that follow one another are as good as drawn anew."""

    def __init__(self, rng: Generator, variation: float) -> None:
        """`variation` is the standard deviation of a size ÷ the mean."""
        sizes = _sizes(rng.standard_normal(_DRAWN), variation)
        self._before = np.cumsum(sizes) - sizes  # size of all that come before each

    def together(self, rng: Generator, messages: NDArray[np.int64]) -> Floats:
        """The size of so many messages, as a multiple of the mean."""
        first = rng.integers(0, _DRAWN, messages.shape)
        return self._until(first + messages) - self._until(first)

    def _until(self, at: NDArray[np.int64]) -> Floats:
        rounds, left = np.divmod(at, _DRAWN)
        return np.asarray(rounds * float(_DRAWN) + self._before[left], np.float64)


def _sizes(normal: Floats, variation: float) -> Floats:
    """Lognormal sizes with mean 1, the largest cut, that vary as widely as they should: the width is found by halving."""
    narrow, wide = 0.0, _WIDEST
    for _ in range(14):
        middle = (narrow + wide) / 2
        if float(_cut(normal, middle).std()) < variation:
            narrow = middle
        else:
            wide = middle
    return _cut(normal, narrow)


def _cut(normal: Floats, width: float) -> Floats:
    sizes = np.exp(width * normal - width**2 / 2)
    cut = np.minimum(sizes, _LARGEST)
    return np.asarray(cut / cut.mean(), np.float64)
