"""Gathers events into batches of Arrow, column by column.

Within a batch the events of some thousand lines stand in the order of their kinds: columns that only some kinds have are then known, or
not known, in long runs, which takes half the time to write and two thirds of the room.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sizing.flow import columns as c
from sizing.flow.compiled import Table, compiled
from sizing.flow.events import DIRECTIONS, KINDS, SCHEMA, STATUSES, strings

_PLACES = (c.HOST, c.TIME, c.KIND, c.QUEUE_ID, c.SIZE, c.RECIPIENTS, *range(c.DELAY, c.SENDING + 1), c.STATUS, c.DIRECTION, c.CODE, c.FIRST)
"""The columns of a table in the order of the schema's."""
_TOGETHER = 8192  # events that are put in the order of their kinds, few enough for a processor's cache
Column = NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8]


class Gathered:
    """Room for so many events."""

    def __init__(self, capacity: int) -> None:
        self.rows, self._capacity = 0, capacity
        self._order, self._starts = np.zeros(_TOGETHER, np.int32), np.zeros(c.OPENED + 1, np.int64)
        self._columns = [np.zeros(capacity, _number(field.type)) for field in SCHEMA]
        self._known = [np.zeros(capacity // 8 + 1, np.uint8) for _ in SCHEMA]

    @property
    def full(self) -> bool:
        """Whether there is no more room."""
        return self.rows == self._capacity

    def add(self, table: Table) -> int:
        """Take the first events of a table; returns how many there was room for."""
        count = min(len(table), self._capacity - self.rows)
        for start in range(0, count, _TOGETHER):
            some = table[start : min(start + _TOGETHER, count)]
            _by_kind(some, self._order, self._starts)
            for field, place, column, known in zip(SCHEMA, _PLACES, self._columns, self._known, strict=True):
                _take(some, self._order, place, column, self.rows)
                if field.nullable or place == c.FIRST:
                    _tell(some, self._order, place, known, self.rows)
            self.rows += len(some)
        return count

    def batch(self, hosts: list[str]) -> pa.RecordBatch:
        """What was gathered, without a copy; `hosts` are named by their numbers."""
        names = {c.HOST: strings(hosts), c.KIND: KINDS, c.STATUS: STATUSES, c.DIRECTION: DIRECTIONS}
        arrays = []
        for field, place, column, known in zip(SCHEMA, _PLACES, self._columns, self._known, strict=True):
            if place == c.FIRST:
                arrays.append(pa.Array.from_buffers(field.type, self.rows, [None, pa.py_buffer(known)]))
                continue
            bits = pa.py_buffer(known) if field.nullable else None
            kind = field.type.index_type if place in names else field.type
            numbers = pa.Array.from_buffers(kind, self.rows, [bits, pa.py_buffer(column)])
            arrays.append(pa.DictionaryArray.from_arrays(numbers, names[place]) if place in names else numbers)
        return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)

    def clear(self) -> None:
        """Make room again."""
        self.rows = 0


def _number(of: pa.DataType) -> str:
    """The name in numpy of what Arrow holds a type as; of truth, which Arrow holds in bits, some type."""
    return f"i{max(8, (of.index_type if pa.types.is_dictionary(of) else of).bit_width) // 8}"


@compiled
def _by_kind(table: Table, order: NDArray[np.int32], starts: Table) -> None:
    """The places of the rows in the order of their kinds, as they were within each; sorted by counting."""
    starts[:] = 0
    for row in range(len(table)):
        starts[table[row, c.KIND] + 1] += 1
    for kind in range(1, c.OPENED):
        starts[kind] += starts[kind - 1]
    for row in range(len(table)):
        order[starts[table[row, c.KIND]]] = row
        starts[table[row, c.KIND]] += 1


@compiled
def _take(table: Table, order: NDArray[np.int32], place: int, column: Column, at: int) -> None:
    for i in range(len(table)):
        column[at + i] = table[order[i], place]


@compiled
def _tell(table: Table, order: NDArray[np.int32], place: int, known: NDArray[np.uint8], at: int) -> None:
    """Set the bits of the rows whose number is known; of a queue id and of what is true or not, 0 is the unknown one."""
    least = 1 if place in (c.QUEUE_ID, c.FIRST) else 0
    eight, place_of = int(known[at >> 3]) & ((1 << (at & 7)) - 1), at & 7
    for i in range(len(table)):
        eight |= int(table[order[i], place] >= least) << place_of
        place_of += 1
        if place_of == 8:
            known[(at + i) >> 3] = eight
            eight, place_of = 0, 0
    if place_of:
        known[(at + len(table)) >> 3] = eight
