"""Reads a block of whole lines, whichever of the known programs wrote each, into a table of events."""

import numpy as np

from sizing.flow import columns as c
from sizing.flow.compiled import Bytes, Event, Table, compiled
from sizing.flow.fields import ABSURD_SIZE, NEWLINE, SPACE, TAB, dated, fingerprint, literal, match, past, yearless
from sizing.flow.others import amavis_line, mailbox_line
from sizing.flow.postfix import postfix_line
from sizing.flow.vectors import word

SHORTEST_STAMPED = 20  # bytes; a stamp of 15, a host and the first letter of what it says
SHORTEST_FROM_HOST = 24  # bytes; no shorter rest of a line, from the host on, becomes an event
SHORTEST_EVENT = 16 + SHORTEST_FROM_HOST
_POSTFIX, _AMAVIS = literal(b"postfix"), literal(b"amavis[")


def room(block_bytes: int) -> Table:
    """A table with room for every event that a block of so many bytes can hold."""
    return np.empty((block_bytes // SHORTEST_EVENT + 1, c.COLUMNS), np.int64)


def read(block: bytes | memoryview, table: Table) -> tuple[Table, Table, Table]:
    """The events of a block that ends with a line's end, as the filled part of the table; how many lines became what; tallies."""
    buf = np.frombuffer(block, np.uint8)
    buf.flags.writeable = False  # of all alike, or two readers would be compiled
    outcomes, tallies, event = (np.zeros(size, np.int64) for size in (c.OUTCOMES, c.TALLIES, c.WORKING))
    event[c.STAMPED_AT] = -1
    return table[: _lines(buf, table, outcomes, tallies, event)], outcomes, tallies


def first_stamp(block: bytes) -> tuple[int, bool, str] | None:
    """The first stamp of a block in ms, whether it has a year, and the host, where the line names one.

    Without a year, ms count from the start of a leap year.
    """
    for line in block.split(b"\n"):
        buf = np.frombuffer(line, np.uint8)
        if len(line) < SHORTEST_STAMPED:
            continue
        has_year = 48 <= line[0] <= 57
        if (time := int(_stamp(buf, 0, has_year))) >= 0:
            words = line.split(maxsplit=4)
            host = b"" if has_year and line[10] == SPACE else words[1 if has_year else 3]
            return time, has_year, host.decode("ascii", "backslashreplace")
    return None


@compiled
def _lines(buf: Bytes, table: Table, outcomes: Table, tallies: Table, event: Event) -> int:
    row, start = 0, 0
    while start < len(buf):
        end = past(buf, start, len(buf), NEWLINE) - 1
        outcome = _line(buf, start, end, tallies, event)
        outcomes[outcome] += 1
        if outcome == c.EVENT:
            if event[c.KIND] in (c.QUEUED, c.STORED, c.VERDICT):
                _size_up(event, tallies)
            for column in range(c.COLUMNS):
                table[row, column] = event[column]
            row += 1
        start = end + 1
    return row


@compiled
def _size_up(event: Event, tallies: Table) -> None:
    """Count a line that says a size, and forget a size that no message has."""
    tallies[c.SIZED] += 1
    if event[c.SIZE] == 0:
        tallies[c.ZERO_SIZE] += 1
    elif event[c.SIZE] == ABSURD_SIZE:
        tallies[c.ABSURD] += 1
        event[c.SIZE] = -1


@compiled
def _stamp(buf: Bytes, at: int, has_year: bool) -> int:
    return dated(buf, at) if has_year else yearless(buf, at)


@compiled
def _line(buf: Bytes, at: int, end: int, tallies: Table, event: Event) -> int:
    if end > at and buf[at] == TAB:  # the lines of a Java program's stack trace, however short
        return c.UNNEEDED
    if end - at < SHORTEST_STAMPED:
        return c.EMPTY if end == at else _stampless(buf, at, event)
    has_year = 48 <= buf[at] <= 57
    if not _same_stamp(buf, event[c.STAMPED_AT], at):
        time = _stamp(buf, at, has_year)
        if time < 0:
            return _stampless(buf, at, event)
        event[c.TIME], event[c.DATED], event[c.STAMPED_AT] = time, has_year, at
    event[c.IN_STORE] = has_year and buf[at + 10] == SPACE
    if event[c.IN_STORE]:
        tallies[c.STORE_LINE] += 1
        return mailbox_line(buf, at + 19, end, event)
    tallies[c.WITH_YEAR if has_year else c.YEARLESS] += 1
    return _logged(buf, past(buf, at + (19 if has_year else 15), end, SPACE), end, event)


@compiled
def _stampless(buf: Bytes, at: int, event: Event) -> int:
    """A line of text after one of mailbox.log goes on with what that says; others can't be read."""
    return c.UNNEEDED if event[c.IN_STORE] and 32 <= buf[at] < 127 else c.UNREADABLE


@compiled
def _same_stamp(buf: Bytes, known: int, at: int) -> bool:
    """Whether a line begins as one whose stamp was read, to the second with or without a year: most lines do."""
    if known < 0:
        return False
    same: bool = word(buf, known) == word(buf, at) and word(buf, known + 8) == word(buf, at + 8)
    return same and bool(word(buf, known + 11) == word(buf, at + 11))


@compiled
def _logged(buf: Bytes, at: int, end: int, event: Event) -> int:
    """Read what follows the stamp of a syslog line: the host, the program, what it says."""
    program = past(buf, at, end, SPACE) if at > 0 else -1
    if program < 0:
        return c.UNREADABLE
    if match(buf, program, end, _POSTFIX):
        outcome = postfix_line(buf, program, end, event) if end - at >= SHORTEST_FROM_HOST else c.BROKEN
    elif match(buf, program, end, _AMAVIS):
        outcome = amavis_line(buf, program, end, event) if end - at >= SHORTEST_FROM_HOST else c.BROKEN
    else:
        return c.OTHER_PROGRAM
    if outcome == c.EVENT:
        event[c.HOST_AT], event[c.HOST] = at, fingerprint(buf, at, program - 1)
    return outcome
