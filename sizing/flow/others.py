"""What a line of a mail store (Zimbra's mailbox.log) or of a content filter (amavis, in zimbra.log too) says."""

from sizing.flow import columns as c
from sizing.flow.compiled import Bytes, Event, compiled
from sizing.flow.fields import COMMA, fingerprint, match, number, past_text


@compiled
def mailbox_line(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`… lmtp - Delivering message: size=… bytes, nrcpts=…`: a message that the mail store took, from the level on."""
    at = past_text(buf, at, end, b" lmtp - Delivering message: size=")
    if at < 0:
        return c.UNNEEDED
    recipients = past_text(buf, at, end, b", nrcpts=")
    if recipients < 0:
        return c.BROKEN
    size = number(buf, at, end)
    if size < 0 and not match(buf, at, end, b"unspecified"):
        return c.BROKEN
    c.clear(event)
    event[c.KIND], event[c.SIZE], event[c.RECIPIENTS] = c.STORED, size, number(buf, recipients, end)
    event[c.HOST], event[c.HOST_AT], event[c.FIRST] = 0, -1, 1
    return c.EVENT


@compiled
def amavis_line(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`amavis[…]: (…) Passed SPAM {…}, …, Queue-ID: …, size: …`: what a filter found."""
    at = past_text(buf, at, end, b") ")
    if at < 0 or not (match(buf, at, end, b"Passed ") or match(buf, at, end, b"Blocked ")):
        return c.UNNEEDED
    verdict = past_text(buf, at, end, b" ")
    size = past_text(buf, verdict, end, b", size: ")
    c.clear(event)
    event[c.KIND], event[c.STATUS], event[c.FIRST] = c.VERDICT, c.CLEAN, 1
    event[c.SIZE] = number(buf, size, end) if size > 0 else -1
    if match(buf, verdict, end, b"SPAM"):
        event[c.STATUS] = c.SPAM
    elif match(buf, verdict, end, b"INFECTED"):
        event[c.STATUS] = c.VIRUS
    queue_id = past_text(buf, verdict, end, b", Queue-ID: ")
    if queue_id > 0:
        stop = queue_id
        while stop < end and buf[stop] != COMMA:
            stop += 1
        event[c.QUEUE_ID] = fingerprint(buf, queue_id, stop)
    return c.EVENT
