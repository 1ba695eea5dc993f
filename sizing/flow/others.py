"""What a line of a mail store (Zimbra's mailbox.log) or of a content filter (amavis, in zimbra.log too) says."""

from sizing.flow import columns as c
from sizing.flow.compiled import Bytes, Event, compiled
from sizing.flow.fields import COMMA, LARGEST_RECIPIENTS, SPACE, fingerprint, literal, match, message_size, number, past, past_text

_LMTP, _DELIVERING, _SIZED = literal(b" lmtp - "), literal(b"Delivering messa"), literal(b"ge: size=")
_NRCPTS, _UNSPECIFIED = literal(b", nrcpts="), literal(b"unspecified")
_SAYS, _PASSED, _BLOCKED = literal(b") "), literal(b"Passed "), literal(b"Blocked ")
_SIZE, _QUEUE_ID = literal(b", size: "), literal(b", Queue-ID: ")
_SPAM, _INFECTED = literal(b"SPAM"), literal(b"INFECTED")


@compiled
def mailbox_line(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`… lmtp - Delivering message: size=… bytes, nrcpts=…`: a message that the mail store took, from the level on."""
    at = past_text(buf, at, end, _LMTP)
    if not match(buf, at, end, _DELIVERING) or not match(buf, at + 16, end, _SIZED):
        return c.UNNEEDED
    at += 25
    counted = past_text(buf, at, end, _NRCPTS)
    recipients = number(buf, counted, end) if counted > 0 else -1
    if not 0 <= recipients <= LARGEST_RECIPIENTS:
        return c.BROKEN
    size = message_size(buf, at, end)
    if size == -1 and not match(buf, at, end, _UNSPECIFIED):
        return c.BROKEN
    c.clear(event)
    event[c.KIND], event[c.SIZE], event[c.RECIPIENTS] = c.STORED, size, recipients
    event[c.HOST], event[c.HOST_AT], event[c.FIRST] = 0, -1, 1
    return c.EVENT


@compiled
def amavis_line(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`amavis[…]: (…) Passed SPAM {…}, …, Queue-ID: …, size: …`: what a filter found."""
    at = past_text(buf, at, end, _SAYS)
    if at < 0 or not (match(buf, at, end, _PASSED) or match(buf, at, end, _BLOCKED)):
        return c.UNNEEDED
    verdict = past(buf, at, end, SPACE)
    size = past_text(buf, verdict, end, _SIZE)
    c.clear(event)
    event[c.KIND], event[c.STATUS], event[c.FIRST] = c.VERDICT, c.CLEAN, 1
    event[c.SIZE] = message_size(buf, size, end) if size > 0 else -1
    if match(buf, verdict, end, _SPAM):
        event[c.STATUS] = c.SPAM
    elif match(buf, verdict, end, _INFECTED):
        event[c.STATUS] = c.VIRUS
    queue_id = past_text(buf, verdict, end, _QUEUE_ID)
    if queue_id > 0:
        comma = past(buf, queue_id, end, COMMA)
        event[c.QUEUE_ID] = fingerprint(buf, queue_id, comma - 1 if comma > 0 else end)
    return c.EVENT
