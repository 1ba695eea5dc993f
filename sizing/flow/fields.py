"""Reads numbers, stamps and names from bytes. A position of -1 means that what was looked for isn't there."""

import numpy as np

from sizing.flow.compiled import Bytes, compiled
from sizing.flow.vectors import WIDTH, alphanumeric, equal, lowest, word

TAB, NEWLINE, SPACE, COMMA, DOT, COLON, OPENING, CLOSING = b"\t\n ,.:[]"
DAY_MS = 86_400_000
LEAP_DAY = 59  # 29 February, counted from 1 January as 0
MAX_DIGITS = 18  # all whole numbers of 18 digits fit in 63 bits
LARGEST_SIZE = 1 << 40  # B, 1 TiB: 100,000 times Postfix's default message_size_limit; more was never a message's size
LARGEST_RECIPIENTS = 1_000_000  # of a message; 1,000 times Postfix's default smtpd_recipient_limit; more were never a message's
ABSURD_SIZE = -2
_MIX = np.uint64(0xC6A4A7935BD1E995)
_SHIFT = 47  # bits
_BEFORE_MONTH = np.array([0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366])  # days, leap year
_MONTHS = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", np.uint8).copy()


Literal = tuple[int, np.uint64, np.uint64, np.uint64, np.uint64]
"""A text of 16 bytes at most: its length, then its first eight bytes as a number and which bits of these count, and the next eight."""


def literal(text: bytes) -> Literal:
    """A text to look for."""
    numbers = (int.from_bytes(part[i : i + 8], "little") for i in (0, 8) for part in (text, b"\xff" * len(text)))
    first, counts, second, counted = map(np.uint64, numbers)
    return len(text), first, counts, second, counted


@compiled
def match(buf: Bytes, at: int, end: int, text: Literal) -> bool:
    """Whether the text stands at a position, before the end."""
    if at < 0 or at + text[0] > end:
        return False
    if at + 16 <= len(buf):
        return bool((word(buf, at) & text[2]) == text[1] and (word(buf, at + 8) & text[4]) == text[3])
    for i in range(text[0]):
        eight = text[1] if i < 8 else text[3]
        if buf[at + i] != np.uint8((eight >> np.uint64(8 * (i & 7))) & np.uint64(0xFF)):
            return False
    return True


@compiled
def past(buf: Bytes, at: int, end: int, byte: int) -> int:
    """The position after the next such byte."""
    if at < 0:
        return -1
    while at < end and at + WIDTH <= len(buf):
        found = equal(buf, at, byte)
        if found:
            at += lowest(found) + 1
            return at if at <= end else -1
        at += WIDTH
    while at < end:
        if buf[at] == byte:
            return at + 1
        at += 1
    return -1


@compiled
def past_word(buf: Bytes, at: int, end: int) -> int:
    """The position after the ASCII letters and digits that stand at one: the end, where nothing else follows."""
    while at + WIDTH <= len(buf):
        length: int = lowest(~alphanumeric(buf, at))
        if length < WIDTH:
            return min(at + length, end)
        at += WIDTH
    while at < end and (48 <= buf[at] <= 57 or 65 <= buf[at] <= 90 or 97 <= buf[at] <= 122):
        at += 1
    return min(at, end)


@compiled
def past_text(buf: Bytes, at: int, end: int, text: Literal) -> int:
    """The position after the next such text."""
    first = int(text[1] & np.uint64(0xFF))
    while at >= 0:
        at = past(buf, at, end - text[0] + 1, first)
        if match(buf, at - 1, end, text):
            return at - 1 + text[0]
    return -1


@compiled
def number(buf: Bytes, at: int, end: int) -> int:
    """The whole number at a position; -1 where there is none, and where it has more than 18 digits."""
    value, digits = 0, 0
    while at < end and 48 <= buf[at] <= 57:
        value = value * 10 + (int(buf[at]) - 48)
        at += 1
        digits += 1
        if digits > MAX_DIGITS:
            return -1
    return value if digits else -1


@compiled
def message_size(buf: Bytes, at: int, end: int) -> int:
    """The size in B at a position; -1 where no number is, ABSURD_SIZE where it is more than any message's."""
    if at >= end or not 48 <= buf[at] <= 57:
        return -1
    size = number(buf, at, end)
    return size if 0 <= size <= LARGEST_SIZE else ABSURD_SIZE


@compiled
def milliseconds(buf: Bytes, at: int, end: int) -> int:
    """The decimal number of seconds at a position, in ms."""
    value, digits, scale = 0, 0, 100
    while at < end and 48 <= buf[at] <= 57:
        value = value * 10 + (int(buf[at]) - 48)
        at += 1
        digits += 1
        if digits > 12:
            return -1
    if not digits:
        return -1
    value *= 1000
    if at < end and buf[at] == DOT:
        at += 1
        while at < end and 48 <= buf[at] <= 57:
            value += scale * (int(buf[at]) - 48)
            scale //= 10
            at += 1
    return value


@compiled
def fingerprint(buf: Bytes, at: int, end: int) -> int:
    """A 63-bit number for a name: equal for equal names; of 20 million ids, two collide once in 50,000 logs.

    Eight bytes at a time are mixed in as in MurmurHash64A (A. Appleby), with the length.
    """
    value = np.uint64(end - at) * _MIX
    while at < end:
        value = (value ^ _mixed(_eight(buf, at, end))) * _MIX
        at += 8
    value ^= value >> np.uint64(_SHIFT)
    value *= _MIX
    value ^= value >> np.uint64(_SHIFT)
    return int(np.int64(value >> np.uint64(1)))


@compiled
def _mixed(eight: np.uint64) -> np.uint64:
    mixed = eight * _MIX
    return (mixed ^ (mixed >> np.uint64(_SHIFT))) * _MIX


@compiled
def _eight(buf: Bytes, at: int, end: int) -> np.uint64:
    """The next eight bytes as a number; zeros stand for those past the end."""
    if at + 8 <= len(buf):
        left = end - at
        eight: np.uint64 = word(buf, at)
        return eight if left >= 8 else eight & ((np.uint64(1) << np.uint64(8 * left)) - np.uint64(1))
    value = np.uint64(0)
    for i in range(min(8, end - at)):
        value |= np.uint64(buf[at + i]) << np.uint64(8 * i)
    return value


@compiled
def _two(buf: Bytes, at: int) -> int:
    tens, ones = int(buf[at]), int(buf[at + 1])
    if not 48 <= ones <= 57:
        return 99
    if tens == SPACE:
        return ones - 48
    return (tens - 48) * 10 + (ones - 48) if 48 <= tens <= 57 else 99


@compiled
def clock(buf: Bytes, at: int) -> int:
    """The ms of the day that HH:MM:SS at a position says."""
    hours, minutes, seconds = _two(buf, at), _two(buf, at + 3), _two(buf, at + 6)
    if buf[at + 2] != COLON or buf[at + 5] != COLON or hours > 23 or minutes > 59 or seconds > 60:
        return -1
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


@compiled
def _month(buf: Bytes, at: int) -> int:
    for month in range(12):
        if buf[at] == _MONTHS[3 * month] and buf[at + 1] == _MONTHS[3 * month + 1] and buf[at + 2] == _MONTHS[3 * month + 2]:
            return month
    return -1


@compiled
def yearless(buf: Bytes, at: int) -> int:
    """The ms since the start of a leap year that a stamp such as `Mar  2 13:05:09` says; it has 15 bytes."""
    month, day, ms = _month(buf, at), _two(buf, at + 4), clock(buf, at + 7)
    if month < 0 or ms < 0 or day < 1 or buf[at + 3] != SPACE or buf[at + 6] != SPACE:
        return -1
    if day > _BEFORE_MONTH[month + 1] - _BEFORE_MONTH[month]:
        return -1
    return (int(_BEFORE_MONTH[month]) + day - 1) * DAY_MS + ms


@compiled
def is_leap(year: int) -> bool:
    """Whether a year has a 29 February."""
    return (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


@compiled
def days_since_epoch(year: int, day_of_leap_year: int) -> int:
    """Days from 1970-01-01 to a day that is counted as in a leap year."""
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - 719_162
    return days + day_of_leap_year - (1 if not is_leap(year) and day_of_leap_year > LEAP_DAY else 0)


@compiled
def dated(buf: Bytes, at: int) -> int:
    """The ms since 1970 of the host's own clock that `2026-03-02T13:05:09` says (19 bytes; also with a blank for the T)."""
    if buf[at + 4] != 45 or buf[at + 7] != 45:
        return -1
    century, rest, month, day, ms = _two(buf, at), _two(buf, at + 2), _two(buf, at + 5), _two(buf, at + 8), clock(buf, at + 11)
    if century > 98 or rest > 99 or not 1 <= month <= 12 or ms < 0:
        return -1
    year = century * 100 + rest
    if not 1970 <= year <= 2200 or not 1 <= day <= _BEFORE_MONTH[month] - _BEFORE_MONTH[month - 1]:
        return -1
    return days_since_epoch(year, _BEFORE_MONTH[month - 1] + day - 1) * DAY_MS + ms
