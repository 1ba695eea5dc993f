"""What is kept of a need in many scenarios: how large it was until the end of each year, and when it filled what there is."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from sizing.risk.draws import Floats, Ints


class Peaks:
    """One need over all scenarios, block after block."""

    def __init__(self, limit_gib: float, ends: Sequence[int]) -> None:
        self._limit_gib = limit_gib
        self._years = [slice(*year) for year in pairwise([0, *ends])]
        self._largest: list[Floats] = []
        self._filled_in: list[Ints] = []

    def add(self, need: Floats) -> None:
        """The need in a block: months × scenarios, or the same in every month."""
        if need.ndim == 1:
            self._largest.append(np.broadcast_to(need, (len(self._years), need.size)))
            self._filled_in.append((need > self._limit_gib).astype(np.int64))
            return
        largest = np.maximum.accumulate([need[year].max(axis=0) for year in self._years], axis=0)
        filled_in = np.zeros(need.shape[1], np.int64)
        filled = np.flatnonzero(largest[-1] > self._limit_gib)
        filled_in[filled] = (need[:, filled] > self._limit_gib).argmax(axis=0) + 1
        self._largest.append(largest)
        self._filled_in.append(filled_in)

    @property
    def gib(self) -> Floats:
        """The largest need until the end of each year, years × scenarios."""
        return np.concatenate(self._largest, axis=1)

    @property
    def filled_in(self) -> Ints:
        """The month in which it fills, by scenario; 0 where it never does."""
        return np.concatenate(self._filled_in)
