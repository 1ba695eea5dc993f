"""The table of events, which every reader fills and every engine asks: one row for each thing that a log says of a message.

What is one of a few is a number: engines count by numbers in two thirds of the time that they take with names.
"""

from collections.abc import Iterable
from enum import IntEnum, StrEnum

import numpy as np
import pyarrow as pa

from sizing.flow import columns as c


class Kind(IntEnum):
    """What happened."""

    RECEIVED = c.RECEIVED
    """A client, or a program on the host, began to hand in a message."""
    QUEUED = c.QUEUED
    """A message, with its size and recipients, is tried: first when it is new, then at each further try."""
    DELIVERY = c.DELIVERY
    """One try to deliver to one recipient."""
    REMOVED = c.REMOVED
    """A message is done and leaves the queue."""
    REJECTED = c.REJECTED
    """A recipient or message was refused during SMTP."""
    VERDICT = c.VERDICT
    """A content filter judged a message."""
    STORED = c.STORED
    """A mail store took a message."""
    EXPIRED = c.EXPIRED
    """A message was in the queue too long and is returned."""


class Status(IntEnum):
    """How a delivery ended, or what a verdict was; NONE for other kinds."""

    NONE = c.NO_STATUS
    SENT = c.SENT
    DEFERRED = c.DEFERRED
    BOUNCED = c.BOUNCED
    FORWARDED = c.FORWARDED
    """An alias: it goes on under another queue id."""
    HANDED = c.HANDED
    """Given to a filter, which hands it back under another queue id."""
    OTHER = c.OTHER_STATUS
    CLEAN = c.CLEAN
    SPAM = c.SPAM
    VIRUS = c.VIRUS


class Direction(IntEnum):
    """Where a message came from."""

    UNKNOWN = c.UNKNOWN
    """Its first line isn't in the log."""
    INBOUND = c.INBOUND
    """From a client that didn't log in."""
    OUTBOUND = c.OUTBOUND
    """From a client that logged in (SMTP AUTH)."""
    LOCAL = c.LOCAL
    """Made on the host: by a program, or a notice of the mail system's own."""
    REENTERED = c.REENTERED
    """Back from a filter that it was handed to: the same message again."""
    LOOPBACK = c.LOOPBACK
    """From a program on the loopback; if a hand-over that comes later names it, that says so."""


class Outcome(StrEnum):
    """What became of a line."""

    EVENT = "events"
    UNNEEDED = "of mail programs, not needed"
    OTHER_PROGRAM = "of other programs"
    UNREADABLE = "without a readable stamp"
    BROKEN = "of mail programs, cut or broken"
    EMPTY = "empty"
    OVERLONG = "longer than a block"


SCHEMA = pa.schema(
    [
        pa.field("host", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("time", pa.timestamp("ms"), nullable=False),  # the host's own clock, as stamped
        pa.field("kind", pa.int8(), nullable=False),  # a Kind
        pa.field("queue_id", pa.int64()),  # a fingerprint
        pa.field("size", pa.int64()),  # B; of a delivery and a removal, the message's; of a first hand-over, that of what came back
        pa.field("recipients", pa.int32()),
        pa.field("delay_ms", pa.int64()),  # ms from arrival to this delivery; its parts follow
        pa.field("before_queue_ms", pa.int64()),
        pa.field("in_queue_ms", pa.int64()),
        pa.field("connecting_ms", pa.int64()),
        pa.field("sending_ms", pa.int64()),
        pa.field("status", pa.int8(), nullable=False),  # a Status
        pa.field("direction", pa.int8(), nullable=False),  # a Direction
        pa.field("code", pa.int32()),  # enhanced status code x.y.z as x·10,000 + y·100 + z (RFC 3463)
        pa.field("first", pa.bool_(), nullable=False),  # of its kind and status for the message; of a hand-over: it came back
    ]
)


def strings(names: Iterable[str]) -> pa.Array:
    """Names as Arrow; `pa.array` would load pandas, where that is installed, which takes longer than a small log."""
    encoded = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])
