"""What is kept of a need in many scenarios: how large it was until the end of each year, and when it filled what there is."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sizing.risk.draws import Floats, Ints


class Followed(NamedTuple):
    """One need in a block of scenarios."""

    largest: Floats
    """The largest need until the end of each year, years × scenarios."""
    filled_in: Ints
    """The month in which it fills, by scenario; 0 where it never does."""


class Peaks:
    """One need over all scenarios."""

    def __init__(self, limit_gib: float, ends: Sequence[int]) -> None:
        self._limit_gib = limit_gib
        self._years = [slice(*year) for year in pairwise([0, *ends])]
        self._blocks: list[Followed] = []

    def of(self, need: Floats) -> Followed:
        """What is kept of the need in a block: months × scenarios, or the same in every month."""
        if need.ndim == 1:
            return Followed(np.broadcast_to(need, (len(self._years), need.size)), (need > self._limit_gib).astype(np.int64))
        largest = np.empty((len(self._years), need.shape[1]))
        for number, year in enumerate(self._years):
            np.max(need[year], axis=0, out=largest[number])
            if number:
                np.maximum(largest[number], largest[number - 1], out=largest[number])
        filled_in = np.zeros(need.shape[1], np.int64)
        filled = np.flatnonzero(largest[-1] > self._limit_gib)
        filled_in[filled] = (need[:, filled] > self._limit_gib).argmax(axis=0) + 1
        return Followed(largest, filled_in)

    def add(self, block: Followed) -> None:
        """The next block."""
        self._blocks.append(block)

    @property
    def gib(self) -> Floats:
        """The largest need until the end of each year, years × scenarios."""
        return np.concatenate([block.largest for block in self._blocks], axis=1)

    @property
    def filled_in(self) -> Ints:
        """The month in which it fills, by scenario; 0 where it never does."""
        return np.concatenate([block.filled_in for block in self._blocks])
