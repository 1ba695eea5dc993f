"""What is kept of a need in many scenarios: how large it was until the end of each year, and when it filled what there is."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sizing.risk.draws import Events, Floats, Ints


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
        self._year_of = np.repeat(np.arange(len(ends)), np.diff([0, *ends]))  # of each month
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

    def of_events(self, usual: Floats, events: Sequence[Events], in_months: Callable[[Ints], Floats]) -> Followed:
        """The same of a need that events raise now and then above its usual size.

        `usual` is the largest of these until the end of each year, years × scenarios; `in_months` says it for each month of some scenarios.
        """
        scenarios, largest = usual.shape[1], usual.copy()
        filled_in = np.zeros(scenarios, np.int64)
        filled = np.flatnonzero(usual[-1] > self._limit_gib)
        if filled.size:
            filled_in[filled] = (in_months(filled) > self._limit_gib).argmax(axis=0) + 1
        for cells, gib in events:
            months, of = np.divmod(cells, scenarios)
            np.maximum.at(largest.reshape(-1), self._year_of[months] * scenarios + of, gib)
            full = gib > self._limit_gib
            first = np.full(scenarios, self._year_of.size + 1)
            np.minimum.at(first, of[full], months[full] + 1)
            np.copyto(filled_in, first, where=(first <= self._year_of.size) & ((filled_in == 0) | (first < filled_in)))
        return Followed(np.maximum.accumulate(largest, axis=0, out=largest), filled_in)

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
