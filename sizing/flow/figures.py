"""The figures of a log as arrays, picked by what they count."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sizing.flow.events import Direction, Kind, Status
from sizing.flow.views import AMOUNTS, CODES, HOURS

Numbers = NDArray[np.float64]
ONCE = frozenset({Direction.INBOUND, Direction.OUTBOUND, Direction.LOCAL, Direction.LOOPBACK})
"""Directions of messages that are new to the host: not those back from a filter, nor those from before the log began."""
_POLICY = range(50_700, 50_800)  # enhanced status codes 5.7.x: security or policy (RFC 3463), for good


class Figures:
    """What the question on the events was answered."""

    def __init__(self, answer: pa.Table) -> None:
        self._columns = {name: np.array(answer[name].to_pylist()) for name in answer.column_names}  # to_numpy would load pandas

    def pick(self, view: str, kind: Kind, status: Status | None = None, directions: frozenset[Direction] | None = None) -> "Picked":
        """The rows of a view that count a kind of event, of one status, and of some directions."""
        fits = (self._columns["view"] == view) & (self._columns["kind"] == kind)
        if status is not None:
            fits &= self._columns["status"] == status
        if directions is not None:
            fits &= np.isin(self._columns["direction"], [int(direction) for direction in directions])
        return Picked({name: column[fits] for name, column in self._columns.items()})

    def queued(self, view: str) -> "Picked":
        """The messages that came to the queue, less those that came back from a filter: their `firsts`, and the amounts of these."""
        came = self.pick(view, Kind.QUEUED, directions=ONCE)
        back = self.pick(view, Kind.DELIVERY, Status.HANDED)
        return Picked({name: np.concatenate([came[name], np.negative(back[name]) if name in AMOUNTS else back[name]]) for name in came})

    def hosts(self) -> dict[str, tuple[Numbers, Numbers]]:
        """The hours in which each host logged something, ascending, and how many events."""
        rows = self._columns["view"] == HOURS
        names, hours, events = (self._columns[name][rows] for name in ("host", "hour", "events"))
        return {str(name): _summed(hours[names == name], events[names == name]) for name in np.unique(names.astype(str))}

    def spam_refusals(self) -> "Picked":
        """Rejections for good by policy (5.7.x), by hour."""
        codes = self.pick(CODES, Kind.REJECTED)
        policy = np.isin(codes["bin"], _POLICY)
        return Picked({name: column[policy] for name, column in codes.items()})


class Picked(dict[str, NDArray[np.generic]]):
    """Rows of figures by column."""

    def beside(self, others: "Picked", column: str) -> "Picked":
        """These rows and others, of which a column counts what `firsts` counts here; by hour."""
        return Picked({"hour": np.concatenate([self["hour"], others["hour"]]), "firsts": np.concatenate([self["firsts"], others[column]])})

    def total(self, column: str) -> float:
        """The sum of a column."""
        return float(self[column].sum())

    def by(self, key: str, column: str) -> tuple[Numbers, Numbers]:
        """The values of a key, ascending, and the sum of a column for each."""
        return _summed(self[key], self[column])


def _summed(keys: NDArray[np.generic], amounts: NDArray[np.generic]) -> tuple[Numbers, Numbers]:
    values, places = np.unique(keys, return_inverse=True)
    return values.astype(np.float64), np.bincount(places, amounts, len(values)).astype(np.float64)
