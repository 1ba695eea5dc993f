"""Joins the events of one message, in the order in which its host logged them, over all blocks and files of that host.

A queue id names a message from the line that opens it until `removed`; after that, another message may have it. Only open messages
are remembered, so memory doesn't grow with the log. Of a message whose first lines aren't in the log, the direction stays unknown,
and its size line counts as a repeat: it was received before.

What comes from the loopback is a message, until a delivery to a filter there names its id: then it is one that came back. Mostly it
was in the queue before, and removed perhaps; so the delivery, with `first`, takes it back at the hour and with the size it came with.
Of a filter on another address, what comes back is known by that address too, and after its removal once the filter is known.
"""

import numpy as np

from sizing.flow import columns as c
from sizing.flow.compiled import Table, compiled
from sizing.flow.fields import DAY_MS, LEAP_DAY, days_since_epoch, is_leap

FORGOTTEN_MS = 10 * DAY_MS  # twice Postfix's maximal_queue_lifetime of 5 d: no message is in the queue longer
HANDED_WITHIN_MS = DAY_MS // 24  # after a removal; the filter answers within Postfix's smtp_data_done_timeout of 10 min
HALF_YEAR_MS = 183 * DAY_MS
STEP_MS = DAY_MS // 12  # back from a host's latest stamp; summer time ends with a step of an hour
_SMALLEST = 1 << 12  # slots for open messages at first
_KEY, _DIRECTION, _SIZE, _SEEN, _LAST, _QUEUED, _RECIPIENTS, _CLIENT, _SLOT = range(9)  # the fields of a slot; a key of 0 is a free slot
_OPENED, _SIZED, _GONE = 1 << 20, 1 << 21, 1 << 22  # in _SEEN; below them a bit for each status
_USED, _HOSTS, _YEAR, _FILTER, _PREVIOUS, _FORTH, _BACK, _BEHIND, _EVENTS, _NO_DAY = range(
    10
)  # the counters; from _PREVIOUS on, of the file
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Stitcher:
    """The open messages of a set of hosts, and the year that stamps without one are in."""

    def __init__(self) -> None:
        self._open = np.zeros((_SMALLEST, _SLOT), np.int64)
        self._counts = np.zeros(10, np.int64)
        self._known, self._latest = np.zeros(64, np.int64), np.zeros(64, np.int64)
        self.hosts: list[str] = []
        self.first: int | None = None
        """The first stamp of the file, ms since 1970."""

    def begin(self, year: int | None) -> None:
        """The next file's first stamp without a year is of this year; without one, years go on from the file before."""
        if year is not None:
            self._counts[_YEAR], self._counts[_PREVIOUS] = year, -1
        self._counts[_FORTH:], self._latest[:], self.first = 0, 0, None

    @property
    def latest(self) -> int:
        """The latest stamp of the file, ms since 1970."""
        return int(self._latest.max())

    @property
    def behind(self) -> tuple[int, int]:
        """How many events of the file are hours before an earlier one of the same host, and how many it has."""
        return int(self._counts[_BEHIND]), int(self._counts[_EVENTS])

    @property
    def wrong_year(self) -> bool:
        """Whether the file has a 29 February in a year that has none."""
        return bool(self._counts[_NO_DAY])

    @property
    def backwards(self) -> bool:
        """Whether the stamps of the file go back more often than forth."""
        return bool(self._counts[_BACK] > self._counts[_FORTH])

    def stitch(self, block: bytes | memoryview, table: Table, default_host: str) -> Table:
        """Complete the events of the next block in place; returns the part of the table that they are in."""
        if 2 * (self._counts[_USED] + len(table)) > len(self._open):
            self._grow(len(table))
        row = _number_hosts(table, 0, self._known, self._counts)
        while row < len(table):
            self._learn(block, int(table[row, c.HOST]), int(table[row, c.HOST_AT]), default_host)
            row = _number_hosts(table, row, self._known, self._counts)
        self._counts[_EVENTS] += len(table)
        joined = table[: _stitch(table, self._open, self._counts, self._latest)]
        if self.first is None and len(joined):
            self.first = int(joined[0, c.TIME])
        return joined

    def _learn(self, block: bytes | memoryview, host: int, at: int, default_host: str) -> None:
        if len(self.hosts) == len(self._known):
            self._known, self._latest = (np.concatenate([of, np.zeros_like(of)]) for of in (self._known, self._latest))
        self._known[len(self.hosts)] = host
        self.hosts.append(bytes(block[at:]).partition(b" ")[0].decode("ascii", "backslashreplace") if at >= 0 else default_host)
        self._counts[_HOSTS] = len(self.hosts)

    def _grow(self, rows: int) -> None:
        oldest = int(self._open[:, _LAST].max()) - FORGOTTEN_MS
        live = int(np.count_nonzero((self._open[:, _KEY] != 0) & (self._open[:, _LAST] > oldest)))
        size = len(self._open)
        while size < 4 * (live + rows):
            size *= 2
        larger = np.zeros((size, _SLOT), np.int64)
        self._counts[_USED] = _move(self._open, larger, oldest)
        self._open = larger


@compiled
def _number_hosts(table: Table, start: int, known: Table, counts: Table) -> int:
    """Replace the hosts' fingerprints by their numbers; returns the first row whose host isn't known yet."""
    number = 0
    for row in range(start, len(table)):
        host = table[row, c.HOST]
        if number >= counts[_HOSTS] or known[number] != host:
            number = 0
            while number < counts[_HOSTS] and known[number] != host:
                number += 1
            if number == counts[_HOSTS]:
                return row
        table[row, c.HOST] = number
    return len(table)


@compiled
def _key(queue_id: int, host: int) -> int:
    mixed = np.uint64(queue_id) + np.uint64(host + 1) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    mixed ^= mixed >> np.uint64(32)
    return int(np.int64(mixed >> np.uint64(1))) | 1


@compiled
def _find(slots: Table, key: int) -> int:
    """The slot of a key, or the free slot that it belongs in."""
    last = len(slots) - 1
    at = (key >> 1) & last
    while slots[at, _KEY] not in (0, key):
        at = (at + 1) & last
    return at


@compiled
def _move(slots: Table, larger: Table, oldest: int) -> int:
    used = 0
    for i in range(len(slots)):
        if slots[i, _KEY] != 0 and slots[i, _LAST] > oldest:
            _copy(slots, i, larger, _find(larger, slots[i, _KEY]))
            used += 1
    return used


@compiled
def _copy(slots: Table, at: int, others: Table, to: int) -> None:
    for field in range(_SLOT):
        others[to, field] = slots[at, field]


@compiled
def _free(slots: Table, at: int) -> None:
    """Free a slot, and move what was pushed past it back (linear probing)."""
    last = len(slots) - 1
    hole, at = at, (at + 1) & last
    while slots[at, _KEY] != 0:
        home = (slots[at, _KEY] >> 1) & last
        if ((at - home) & last) >= ((at - hole) & last):
            _copy(slots, at, slots, hole)
            hole = at
        at = (at + 1) & last
    slots[hole, _KEY] = 0


@compiled
def _year_of(time: int, counts: Table) -> int:
    """The ms since 1970 of a stamp without a year: going back by half a year means a new year, forward that the clock was set back."""
    if counts[_PREVIOUS] >= 0:
        step = time - counts[_PREVIOUS]
        counts[_YEAR] += 1 if step < -HALF_YEAR_MS else (-1 if step > HALF_YEAR_MS else 0)
    counts[_PREVIOUS] = time
    counts[_NO_DAY] += time // DAY_MS == LEAP_DAY and not is_leap(counts[_YEAR])
    return days_since_epoch(counts[_YEAR], time // DAY_MS) * DAY_MS + time % DAY_MS


@compiled
def _watch(time: int, previous: int, host: int, counts: Table, latest: Table) -> int:
    counts[_FORTH] += time > previous
    counts[_BACK] += time < previous
    counts[_BEHIND] += time < latest[host] - STEP_MS
    latest[host] = max(latest[host], time)
    return time


@compiled
def _open_slot(slots: Table, at: int, key: int, direction: int, counts: Table) -> None:
    if slots[at, _KEY] == 0:
        counts[_USED] += 1
    slots[at, _KEY], slots[at, _DIRECTION], slots[at, _SIZE], slots[at, _SEEN] = key, direction, -1, 0
    slots[at, _CLIENT] = 0


@compiled
def _stitch(table: Table, slots: Table, counts: Table, latest: Table) -> int:
    kept, previous = 0, 0
    for row in range(len(table)):
        if not table[row, c.DATED]:
            table[row, c.TIME] = _year_of(table[row, c.TIME], counts)
        previous = _watch(table[row, c.TIME], previous, table[row, c.HOST], counts, latest)
        onward = table[row, c.ONWARD], table[row, c.RELAY]
        handed = table[row, c.KIND] == c.DELIVERY and onward[1] > 0
        if handed:
            table[row, c.RELAY] = -1
        if table[row, c.QUEUE_ID]:
            _join(table, row, slots, counts)
        if handed:
            _hand_over(table, row, onward, slots, counts)
        if table[row, c.KIND] != c.OPENED:
            if kept != row:
                for column in range(c.COLUMNS):
                    table[kept, column] = table[row, column]
            kept += 1
    return kept


@compiled
def _join(table: Table, row: int, slots: Table, counts: Table) -> None:
    """Join an event to its message."""
    kind, key = table[row, c.KIND], _key(table[row, c.QUEUE_ID], table[row, c.HOST])
    at = _find(slots, key)
    known = slots[at, _KEY] == key and not slots[at, _SEEN] & _GONE
    if kind == c.RECEIVED or (kind == c.OPENED and not (known and not slots[at, _SEEN] & _SIZED)):
        _open_slot(slots, at, key, table[row, c.DIRECTION] if kind == c.RECEIVED else c.LOCAL, counts)
        slots[at, _CLIENT] = table[row, c.CLIENT] if kind == c.RECEIVED else 0
        slots[at, _SEEN], table[row, c.SIZE] = _OPENED, -1
    elif kind == c.REMOVED:
        if known:
            table[row, c.SIZE], table[row, c.DIRECTION] = slots[at, _SIZE], slots[at, _DIRECTION]
            table[row, c.FIRST] = (slots[at, _SEEN] & _OPENED) != 0 and (slots[at, _SEEN] & _SIZED) != 0
            _remove(table, row, slots, at, counts)
        return
    elif not known:
        if kind not in (c.QUEUED, c.DELIVERY):
            return
        _open_slot(slots, at, key, c.UNKNOWN, counts)
    slots[at, _LAST] = table[row, c.TIME]
    if kind not in (c.RECEIVED, c.OPENED):
        _complete(table, row, slots, at)


@compiled
def _remove(table: Table, row: int, slots: Table, at: int, counts: Table) -> None:
    """Forget a message: one from the loopback or a filter a little later, for it may be named yet as handed over."""
    client, direction = slots[at, _CLIENT], slots[at, _DIRECTION]
    filtered = client in (c.LOOPBACK_ADDRESS, counts[_FILTER]) and client > 0
    if filtered and direction != c.REENTERED and slots[at, _SEEN] & _SIZED:
        slots[at, _SEEN] |= _GONE
        slots[at, _LAST] = table[row, c.TIME] - FORGOTTEN_MS + HANDED_WITHIN_MS
    else:
        _free(slots, at)
        counts[_USED] -= 1


@compiled
def _hand_over(table: Table, row: int, onward: tuple[int, int], slots: Table, counts: Table) -> None:
    """Learn that a message came back from a filter; if it was counted, this delivery says what is to be taken back.

    `onward` is the id that the answer names, and the address that it came from.
    """
    if table[row, c.STATUS] == c.HANDED:
        table[row, c.FIRST] = 0
    key, relay = _key(onward[0], table[row, c.HOST]), onward[1]
    at = _find(slots, key)
    if slots[at, _KEY] != key or slots[at, _CLIENT] != relay:
        return
    table[row, c.STATUS], table[row, c.FIRST] = c.HANDED, 0
    if slots[at, _DIRECTION] == c.REENTERED:
        return
    if relay != c.LOOPBACK_ADDRESS:
        counts[_FILTER] = relay
    slots[at, _DIRECTION] = c.REENTERED
    if slots[at, _SEEN] & _SIZED:
        table[row, c.FIRST], table[row, c.TIME] = 1, slots[at, _QUEUED]
        table[row, c.SIZE], table[row, c.RECIPIENTS] = slots[at, _SIZE], slots[at, _RECIPIENTS]
    if slots[at, _SEEN] & _GONE and relay == c.LOOPBACK_ADDRESS:
        _free(slots, at)
        counts[_USED] -= 1


@compiled
def _complete(table: Table, row: int, slots: Table, at: int) -> None:
    """Give an event what its message's earlier events said, and remember it."""
    seen = slots[at, _SEEN]
    bit = 1 << table[row, c.STATUS]
    if table[row, c.KIND] == c.QUEUED:
        slots[at, _SIZE], bit = table[row, c.SIZE], _SIZED
        table[row, c.FIRST] = (seen & _OPENED) != 0 and (seen & _SIZED) == 0
        if not seen & _SIZED:
            slots[at, _QUEUED], slots[at, _RECIPIENTS] = table[row, c.TIME], table[row, c.RECIPIENTS]
    else:
        table[row, c.FIRST] = (seen & bit) == 0
        if table[row, c.KIND] == c.DELIVERY:
            table[row, c.SIZE] = slots[at, _SIZE]
    table[row, c.DIRECTION] = slots[at, _DIRECTION]
    slots[at, _SEEN] = seen | bit
