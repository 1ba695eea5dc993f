"""Gathers events into batches of Arrow, column by column."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sizing.flow import columns as c
from sizing.flow.compiled import Table, compiled
from sizing.flow.events import SCHEMA, strings

_PLACES = (c.HOST, c.TIME, c.KIND, c.QUEUE_ID, c.SIZE, c.RECIPIENTS, *range(c.DELAY, c.SENDING + 1), c.STATUS, c.DIRECTION, c.CODE, c.FIRST)
"""The columns of a table in the order of the schema's."""
Column = NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8]


class Gathered:
    """Room for so many events."""

    def __init__(self, capacity: int) -> None:
        self.rows, self._capacity = 0, capacity
        self._columns = [np.zeros(capacity, _number(field.type)) for field in SCHEMA]
        self._known = [np.zeros(capacity // 8 + 1, np.uint8) for _ in SCHEMA]

    @property
    def full(self) -> bool:
        """Whether there is no more room."""
        return self.rows == self._capacity

    def add(self, table: Table) -> int:
        """Take the first events of a table; returns how many there was room for."""
        count = min(len(table), self._capacity - self.rows)
        for field, place, column, known in zip(SCHEMA, _PLACES, self._columns, self._known, strict=True):
            _take(table[:count], place, column, self.rows)
            if field.nullable or place == c.FIRST:
                _tell(table[:count], place, known, self.rows)
        self.rows += count
        return count

    def batch(self, hosts: list[str]) -> pa.RecordBatch:
        """What was gathered, without a copy; `hosts` are named by their numbers."""
        arrays = []
        for field, place, column, known in zip(SCHEMA, _PLACES, self._columns, self._known, strict=True):
            if place == c.FIRST:
                arrays.append(pa.Array.from_buffers(field.type, self.rows, [None, pa.py_buffer(known)]))
            elif place == c.HOST:
                numbers = pa.Array.from_buffers(pa.int32(), self.rows, [None, pa.py_buffer(column)])
                arrays.append(pa.DictionaryArray.from_arrays(numbers, strings(hosts)))
            else:
                bits = pa.py_buffer(known) if field.nullable else None
                arrays.append(pa.Array.from_buffers(field.type, self.rows, [bits, pa.py_buffer(column)]))
        return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)

    def clear(self) -> None:
        """Make room again."""
        self.rows = 0


def _number(of: pa.DataType) -> str:
    """The name in numpy of what Arrow holds a type as; of truth, which Arrow holds in bits, some type."""
    return f"i{max(8, (of.index_type if pa.types.is_dictionary(of) else of).bit_width) // 8}"


@compiled
def _take(table: Table, place: int, column: Column, at: int) -> None:
    for i in range(len(table)):
        column[at + i] = table[i, place]


@compiled
def _tell(table: Table, place: int, known: NDArray[np.uint8], at: int) -> None:
    """Set the bits of the rows whose number is known; of a queue id and of what is true or not, 0 is the unknown one."""
    least = 1 if place in (c.QUEUE_ID, c.FIRST) else 0
    eight, place_of = int(known[at >> 3]) & ((1 << (at & 7)) - 1), at & 7
    for i in range(len(table)):
        eight |= int(table[i, place] >= least) << place_of
        place_of += 1
        if place_of == 8:
            known[(at + i) >> 3] = eight
            eight, place_of = 0, 0
    if place_of:
        known[(at + len(table)) >> 3] = eight
