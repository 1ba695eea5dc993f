"""What one line of Postfix says. Deliberately keeps no address and no subject: only numbers leave the log."""

from sizing.flow import columns as c
from sizing.flow.compiled import Bytes, Event, compiled
from sizing.flow.fields import (
    CLOSING,
    COLON,
    COMMA,
    DOT,
    LARGEST_RECIPIENTS,
    OPENING,
    SPACE,
    Literal,
    fingerprint,
    literal,
    match,
    message_size,
    milliseconds,
    number,
    past,
    past_text,
    past_word,
)

_SAYS = literal(b"]: ")
_TO, _FROM, _REMOVED = literal(b"to=<"), literal(b"from=<"), literal(b"removed")
_SMTPD, _POSTSCREEN = literal(b"/smtpd["), literal(b"/postscreen[")
_PICKUP, _CLEANUP = literal(b"/pickup["), literal(b"/cleanup[")
_CLIENT, _UID, _SENDER = literal(b"client="), literal(b"uid="), literal(b"sender=")
_REJECT, _MILTER_REJECT, _BY, _ANSWER = literal(b"reject: "), literal(b"milter-reject: "), literal(b" from "), literal(b": ")
_MESSAGE_ID, _SASL = literal(b"message-id="), literal(b", sasl_")
_EXPIRED, _RETURNED, _MAIL_TO = literal(b"status=expired"), literal(b"status="), literal(b"to=<")
_SIZE, _NRCPT = literal(b"size="), literal(b", nrcpt=")
_ORIGINALLY, _RELAY = literal(b"orig_to=<"), literal(b"relay=")
_AFTER_ADDRESS = literal(b">, ")  # a quoted address may hold the > alone
_STATUS, _DELAY, _DELAYS, _DSN = literal(b"status="), literal(b"delay="), literal(b"delays="), literal(b"dsn=")
_SENT, _DEFERRED, _BOUNCED = literal(b"sent"), literal(b"deferred"), literal(b"bounced")
_FORWARDED, _HANDED = literal(b"sent (forwarded "), literal(b"queued as ")
_LOOPBACK_4, _LOOPBACK_6, _SMTP = literal(b"127."), literal(b"::1]"), literal(b":25,")


@compiled
def postfix_line(buf: Bytes, at: int, end: int, event: Event) -> int:
    """Read the line whose program's name starts at a position, into an event; returns what became of it."""
    bracket = past(buf, at, end, OPENING)
    text = past_text(buf, bracket, end, _SAYS)
    if text < 0:
        return c.BROKEN
    stop = past_word(buf, text, end)
    if stop + 2 >= end or buf[stop] != COLON:
        return c.UNNEEDED if stop < end else c.BROKEN
    c.clear(event)
    event[c.QUEUE_ID] = fingerprint(buf, text, stop)
    return _said(buf, bracket, stop + 2, end, event)


@compiled
def _by(buf: Bytes, bracket: int, daemon: Literal) -> bool:
    """Whether the program whose name ends with the bracket before a position is a daemon, whatever Postfix is called."""
    return match(buf, bracket - daemon[0], bracket, daemon)


@compiled
def _said(buf: Bytes, bracket: int, at: int, end: int, event: Event) -> int:
    """Read what a daemon says of a message, which stands after the queue id."""
    if match(buf, at, end, _TO):
        return _delivery(buf, at + 4, end, event)
    if match(buf, at, end, _FROM):
        return _queued(buf, at + 6, end, event)
    if match(buf, at, end, _REMOVED):
        event[c.KIND] = c.REMOVED
        return c.EVENT
    if _by(buf, bracket, _SMTPD) or _by(buf, bracket, _POSTSCREEN):
        return _smtpd(buf, at, end, event)
    return _handed_in(buf, bracket, at, end, event)


@compiled
def _smtpd(buf: Bytes, at: int, end: int, event: Event) -> int:
    if match(buf, at, end, _CLIENT):
        return _client(buf, at + 7, end, event)
    if match(buf, at, end, _REJECT) or match(buf, at, end, _MILTER_REJECT):
        return _rejected(buf, at, end, event)
    return c.UNNEEDED


@compiled
def _handed_in(buf: Bytes, bracket: int, at: int, end: int, event: Event) -> int:
    """`uid=…` of a message from a program, and what is written down of any new message: its message id, or that it is refused."""
    if _by(buf, bracket, _PICKUP) and (match(buf, at, end, _UID) or match(buf, at, end, _SENDER)):
        event[c.KIND], event[c.DIRECTION] = c.RECEIVED, c.LOCAL
        return c.EVENT
    if not _by(buf, bracket, _CLEANUP):
        return c.UNNEEDED
    if match(buf, at, end, _MESSAGE_ID):
        event[c.KIND] = c.OPENED
        return c.EVENT
    if match(buf, at, end, _REJECT) or match(buf, at, end, _MILTER_REJECT):
        return _rejected(buf, at, end, event)
    return c.UNNEEDED


@compiled
def _client(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`client=host[address]`, then what the client logged in with; from the loopback, programs and filters hand mail in."""
    address = past(buf, at, end, OPENING)
    stop = past(buf, address, end, CLOSING) if address > 0 else -1
    if stop < 0:
        return c.BROKEN
    direction, client = c.INBOUND, 0
    if match(buf, stop, end, _SASL) or past_text(buf, stop, end, _SASL) > 0:
        direction = c.OUTBOUND
    elif _is_loopback(buf, address, end):
        direction, client = c.LOOPBACK, c.LOOPBACK_ADDRESS
    else:
        client = fingerprint(buf, address, stop - 1)
    event[c.KIND], event[c.DIRECTION], event[c.CLIENT] = c.RECEIVED, direction, client
    return c.EVENT


@compiled
def _is_loopback(buf: Bytes, address: int, end: int) -> bool:
    return match(buf, address, end, _LOOPBACK_4) or match(buf, address, end, _LOOPBACK_6)


@compiled
def _queued(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`from=<sender>, size=…, nrcpt=…`, once when a message is queued and again whenever it is tried again."""
    at = past_text(buf, at, end, _AFTER_ADDRESS)
    if at < 0:
        return c.BROKEN
    if match(buf, at, end, _EXPIRED):
        event[c.KIND] = c.EXPIRED
        return c.EVENT
    if not match(buf, at, end, _SIZE):
        return c.UNNEEDED if match(buf, at, end, _RETURNED) or match(buf, at, end, _MAIL_TO) else c.BROKEN
    at += 5
    size = message_size(buf, at, end)
    at = past_text(buf, at, end, _NRCPT)
    recipients = number(buf, at, end) if at > 0 else -1
    if size == -1 or not 0 <= recipients <= LARGEST_RECIPIENTS:
        return c.BROKEN
    event[c.KIND], event[c.SIZE], event[c.RECIPIENTS] = c.QUEUED, size, recipients
    return c.EVENT


@compiled
def _delivery(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`to=<recipient>, relay=…, delay=…, delays=…, dsn=…, status=… (…)`: one recipient, one try."""
    at = past_text(buf, at, end, _AFTER_ADDRESS)
    if match(buf, at, end, _ORIGINALLY):
        at = past_text(buf, at + 9, end, _AFTER_ADDRESS)
    if not match(buf, at, end, _RELAY):
        return c.BROKEN
    event[c.KIND], relay = c.DELIVERY, at + 6
    at = past(buf, relay, end, COMMA)
    while at > 0 and at + 1 < end:
        at += 1
        if match(buf, at, end, _STATUS):
            return _status(buf, relay, at + 7, end, event)
        if match(buf, at, end, _DELAY):
            event[c.DELAY] = milliseconds(buf, at + 6, end)
        elif match(buf, at, end, _DELAYS):
            _parts(buf, at + 7, end, event)
        elif match(buf, at, end, _DSN):
            event[c.CODE] = code(buf, at + 4, end)
        at = past(buf, at, end, COMMA)
    return c.BROKEN


@compiled
def _parts(buf: Bytes, at: int, end: int, event: Event) -> None:
    for part in range(c.BEFORE_QUEUE, c.SENDING + 1):
        event[part] = milliseconds(buf, at, end)
        while at < end and (buf[at] == DOT or 48 <= buf[at] <= 57):
            at += 1
        at += 1


@compiled
def _status(buf: Bytes, relay: int, at: int, end: int, event: Event) -> int:
    space = past(buf, at, end, SPACE)
    word = (space - 1 if space > 0 else end) - at
    if word == 4 and match(buf, at, end, _SENT):
        event[c.STATUS] = _sent(buf, relay, at, end, event)
    elif word == 8 and match(buf, at, end, _DEFERRED):
        event[c.STATUS] = c.DEFERRED
    elif word == 7 and match(buf, at, end, _BOUNCED):
        event[c.STATUS] = c.BOUNCED
    else:
        event[c.STATUS] = c.OTHER_STATUS
    return c.EVENT


@compiled
def _sent(buf: Bytes, relay: int, at: int, end: int, event: Event) -> int:
    """Sent on, under another queue id on the same host (an alias; a filter on the loopback that hands it back), or delivered.

    A filter elsewhere, or on another address of the host, is told from a mail server by its port; whether it is one is told by
    what comes back from its address, under the id that its answer names.
    """
    if match(buf, at, end, _FORWARDED):
        return c.FORWARDED
    address = past(buf, relay, at, OPENING)
    stop = past(buf, address, at, CLOSING) if address > 0 else -1
    loopback = _is_loopback(buf, address, at)
    if stop < 0 or not (loopback or (buf[stop] == COLON and not match(buf, stop, at, _SMTP))):
        return c.SENT
    onward = past_text(buf, at, end, _HANDED)
    if onward < 0:
        return c.SENT
    event[c.ONWARD] = fingerprint(buf, onward, past_word(buf, onward, end))
    event[c.RELAY] = c.LOOPBACK_ADDRESS if loopback else fingerprint(buf, address, stop - 1)
    return c.HANDED if loopback else c.SENT


@compiled
def code(buf: Bytes, at: int, end: int) -> int:
    """The enhanced status code x.y.z at a position as x·10,000 + y·100 + z; -1 if there is none."""
    major = number(buf, at, end)
    if not 2 <= major <= 5 or at + 4 >= end or buf[at + 1] != DOT:
        return -1
    minor = number(buf, at + 2, end)
    detail_at = past(buf, at + 2, min(end, at + 6), DOT)
    detail = number(buf, detail_at, end) if detail_at > 0 else -1
    return major * 10_000 + minor * 100 + detail if 0 <= minor <= 99 and 0 <= detail <= 99 else -1


@compiled
def _rejected(buf: Bytes, at: int, end: int, event: Event) -> int:
    """`reject: RCPT from host[address]: 554 5.7.1 …`; of an answer without enhanced code, its first digit.

    At the end of a message cleanup says the enhanced code alone: `milter-reject: END-OF-MESSAGE from host[address]: 5.7.1 …`.
    """
    event[c.KIND] = c.REJECTED
    at = past_text(buf, at, end, _BY)
    at = past_text(buf, at, end, _ANSWER) if at > 0 else -1
    if at > 0:
        answer = number(buf, at, min(end, at + 3))
        enhanced = max(code(buf, at, end), code(buf, at + 4, end))
        event[c.CODE] = enhanced if enhanced > 0 else (answer // 100 * 10_000 if 400 <= answer <= 599 else -1)
    return c.EVENT
