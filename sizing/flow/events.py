"""The table of events, which every reader fills and every engine asks: one row for each thing that a log says of a message."""

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
import pyarrow as pa


class Kind(StrEnum):
    """What happened."""

    RECEIVED = "received"
    """A client, or a program on the host, began to hand in a message."""
    QUEUED = "queued"
    """A message, with its size and recipients, is tried: first when it is new, then at each further try."""
    DELIVERY = "delivery"
    """One try to deliver to one recipient."""
    REMOVED = "removed"
    """A message is done and leaves the queue."""
    REJECTED = "rejected"
    """A recipient or message was refused during SMTP."""
    VERDICT = "verdict"
    """A content filter judged a message."""
    STORED = "stored"
    """A mail store took a message."""
    EXPIRED = "expired"
    """A message was in the queue too long and is returned."""


class Status(StrEnum):
    """How a delivery ended, or what a verdict was; empty for other kinds."""

    NONE = ""
    SENT = "sent"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    FORWARDED = "forwarded"
    """An alias: it goes on under another queue id."""
    HANDED = "handed"
    """Given to a filter on the same host, which hands it back under another queue id."""
    OTHER = "other"
    CLEAN = "clean"
    SPAM = "spam"
    VIRUS = "virus"


class Direction(StrEnum):
    """Where a message came from."""

    UNKNOWN = ""
    """Its first line isn't in the log."""
    INBOUND = "inbound"
    """From a client that didn't log in."""
    OUTBOUND = "outbound"
    """From a client that logged in (SMTP AUTH)."""
    LOCAL = "local"
    """Made on the host: by a program, or a notice of the mail system's own."""
    REENTERED = "reentered"
    """Back from a filter on the loopback: the same message again."""


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
        pa.field("kind", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("queue_id", pa.int64()),  # a fingerprint
        pa.field("size", pa.int64()),  # B; of a delivery and a removal, the message's
        pa.field("recipients", pa.int32()),
        pa.field("delay_ms", pa.int64()),  # ms from arrival to this delivery; its parts follow
        pa.field("before_queue_ms", pa.int64()),
        pa.field("in_queue_ms", pa.int64()),
        pa.field("connecting_ms", pa.int64()),
        pa.field("sending_ms", pa.int64()),
        pa.field("status", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("direction", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("code", pa.int32()),  # enhanced status code x.y.z as x·10,000 + y·100 + z (RFC 3463)
        pa.field("first", pa.bool_(), nullable=False),  # the first of its kind and status for the message
    ]
)


def strings(names: Iterable[str]) -> pa.Array:
    """Names as Arrow; `pa.array` would load pandas, where that is installed, which takes longer than a small log."""
    encoded = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


KINDS, STATUSES, DIRECTIONS = strings(Kind), strings(Status), strings(Direction)
"""Their names, by their numbers in `columns`."""
