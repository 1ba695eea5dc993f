"""Each kind of line becomes the event it tells of, and no bytes at all are lost or stop the reader."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sizing.flow import columns as c
from sizing.flow import lines
from sizing.flow.events import Direction, Kind, Outcome, Status

STAMP = "Mar  2 13:05:09 mx1 "
MARCH_2 = ((31 + 29 + 1) * 24 + 13) * 3_600_000 + (5 * 60 + 9) * 1000  # ms in a leap year


MORE = b"\1" * 200 + b"\n"
"""A line that comes after: with it, what comes before is looked at 32 bytes at a time, without it byte by byte where fewer are left."""


def outcome_of(line: bytes) -> tuple[Outcome, list[int]]:
    """What becomes of a line, and its event's columns, whether it is the last of its block or not."""
    block = line + b"\n"
    table, outcomes, _ = lines.read(block, lines.room(len(block)))
    assert outcomes.sum() == block.count(b"\n")
    outcome = list(Outcome)[int(outcomes.argmax())]
    assert (outcome is Outcome.EVENT) == (len(table) == 1)
    followed, others, _ = lines.read(block + MORE, lines.room(len(block + MORE)))
    others[c.UNREADABLE] -= 1
    assert (followed == table).all()
    assert (others == outcomes).all()
    return outcome, table[0].tolist() if len(table) else []


def event(text: str) -> list[int]:
    """The event of a line that must be one."""
    outcome, columns = outcome_of((text if text[:1].isdigit() else STAMP + text).encode())
    assert outcome is Outcome.EVENT
    return columns


def test_numbers_in_compiled_code_have_names_and_events_are_never_of_what_only_opens_a_message() -> None:
    assert [int(kind) for kind in Kind] == list(range(c.OPENED))
    assert [int(status) for status in Status] == list(range(c.VIRUS + 1))
    assert [int(direction) for direction in Direction] == list(range(c.LOOPBACK + 1))
    assert len(Outcome) == c.OUTCOMES
    assert list(Outcome)[c.OVERLONG] is Outcome.OVERLONG


def test_stamp_without_a_year() -> None:
    columns = event("postfix/qmgr[900]: 4SMBTtNblhzFnZ5: removed")
    assert (columns[c.TIME], columns[c.DATED], columns[c.KIND]) == (MARCH_2, 0, c.REMOVED)


@pytest.mark.parametrize("zone", ["Z", "+09:00", "-03:30"])
@pytest.mark.parametrize("fraction", ["", ".123456"])
def test_stamp_with_a_year_is_the_hosts_own_clock(zone: str, fraction: str) -> None:
    columns = event(f"2026-03-02T13:05:09{fraction}{zone} mx1 postfix/qmgr[900]: 3F2A: removed")
    assert (columns[c.TIME], columns[c.DATED]) == (1_772_456_709_000, 1)


@pytest.mark.parametrize(
    "stamp",
    [
        "Foo  2 13:05:09",
        "Feb 30 13:05:09",
        "Mar 32 13:05:09",
        "Mar  2 24:00:00",
        "Mar  2 13:60:00",
        "2026-13-02T13:05:09Z",
        "0000-03-02T13:05:09Z",
    ],
)
def test_no_stamp(stamp: str) -> None:
    assert outcome_of(f"{stamp} mx1 postfix/qmgr[900]: 3F2A: removed".encode())[0] is Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("client", "direction"),
    [
        ("mail.example.org[192.0.2.1]", c.INBOUND),
        ("unknown[2001:db8::1]", c.INBOUND),
        ("pc[192.0.2.1], sasl_method=PLAIN, sasl_username=user", c.OUTBOUND),
        ("pc[192.0.2.1], sender=<a@b>, sasl_username=user", c.OUTBOUND),
        ("localhost[127.0.0.1]", c.LOOPBACK),
        ("localhost[::1]", c.LOOPBACK),
    ],
)
def test_client(client: str, direction: int) -> None:
    columns = event(f"postfix/submission/smtpd[5]: 3F2A: client={client}")
    assert (columns[c.KIND], columns[c.DIRECTION]) == (c.RECEIVED, direction)


def test_message_of_a_program() -> None:
    columns = event("postfix/pickup[5]: 3F2A: uid=0 from=<root>")
    assert (columns[c.KIND], columns[c.DIRECTION]) == (c.RECEIVED, c.LOCAL)


@pytest.mark.parametrize("sender", ["", "s@a.example", '"odd size=9, nrcpt=9 name"@a.example', '"a> b, size=9"@a.example'])
@pytest.mark.parametrize("size", [0, 1, 2**40])
def test_queued(sender: str, size: int) -> None:
    columns = event(f"postfix/qmgr[9]: 3F2A: from=<{sender}>, size={size}, nrcpt=3 (queue active)")
    assert (columns[c.KIND], columns[c.SIZE], columns[c.RECIPIENTS]) == (c.QUEUED, size, 3)


@pytest.mark.parametrize("size", [2**40 + 1, 10**18 - 1, 10**18, 2**63, 2**64, 10**40])
def test_absurd_size_is_unknown(size: int) -> None:
    columns = event(f"postfix/qmgr[9]: 3F2A: from=<a>, size={size}, nrcpt=3 (queue active)")
    assert (columns[c.KIND], columns[c.SIZE], columns[c.RECIPIENTS]) == (c.QUEUED, -1, 3)
    assert event(f"amavis[1]: (1-1) Passed SPAM {{}}, Queue-ID: 3F2A, size: {size}, 9 ms")[c.SIZE] == -1
    stored = f"2026-03-02 13:05:09,123 INFO  [Lmtp-5] [] lmtp - Delivering message: size={size} bytes, nrcpts=2, sender=a@b"
    assert event(stored)[c.SIZE] == -1


@pytest.mark.parametrize("size", ["", "-1", "x"])
def test_size_that_is_no_number_is_broken(size: str) -> None:
    assert outcome_of(f"{STAMP}postfix/qmgr[9]: 3F2A: from=<a>, size={size}, nrcpt=3 (queue active)".encode())[0] is Outcome.BROKEN


@pytest.mark.parametrize(
    ("recipients", "expected"), [("1000000", Outcome.EVENT), ("1000001", Outcome.BROKEN), (f"{2**32 + 1}", Outcome.BROKEN)]
)
def test_more_recipients_than_a_message_has_are_broken(recipients: str, expected: Outcome) -> None:
    assert outcome_of(f"{STAMP}postfix/qmgr[9]: 3F2A: from=<a>, size=9, nrcpt={recipients} (queue active)".encode())[0] is expected
    stored = f"2026-03-02 13:05:09,123 INFO  [Lmtp-5] [] lmtp - Delivering message: size=9 bytes, nrcpts={recipients}, sender=a@b"
    assert outcome_of(stored.encode())[0] is expected


@pytest.mark.parametrize("address", ["", '"a> b, status=bounced"@b', '">relay=x"@b'])
def test_delivery_to_a_quoted_address(address: str) -> None:
    for original in ("", f"orig_to=<{address}>, "):
        columns = event(f"postfix/smtp[5]: 3F2A: to=<{address}>, {original}relay=b[192.0.2.2]:25, delay=1, dsn=2.0.0, status=sent (250 ok)")
        assert (columns[c.KIND], columns[c.STATUS], columns[c.DELAY]) == (c.DELIVERY, c.SENT, 1000)


def test_expired() -> None:
    assert event("postfix/qmgr[9]: 3F2A: from=<a@b>, status=expired, returned to sender")[c.KIND] == c.EXPIRED


def test_delivery_with_all_its_fields() -> None:
    head = "postfix/smtp[5]: 3F2A: to=<r@b.example>, orig_to=<x@c.example>, relay=b.example[192.0.2.2]:25, conn_use=2"
    columns = event(f"{head}, delay=3725.5, delays=0.08/0.01/12/3713.4, dsn=4.7.26, status=deferred (status=sent, delay=9)")
    assert (columns[c.KIND], columns[c.STATUS], columns[c.CODE]) == (c.DELIVERY, c.DEFERRED, 40_726)
    assert columns[c.DELAY : c.SENDING + 1] == [3_725_500, 80, 10, 12_000, 3_713_400]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("sent (250 2.0.0 Ok: queued as 4XY)", c.SENT),
        ("sent (forwarded as 4XY)", c.FORWARDED),
        ("bounced (550 no)", c.BOUNCED),
        ("undeliverable (550 no)", c.OTHER_STATUS),
        ("sent", c.SENT),
    ],
)
def test_status(status: str, expected: int) -> None:
    columns = event(f"postfix/smtp[5]: 3F2A: to=<r@b>, relay=b[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status={status}")
    assert columns[c.STATUS] == expected


@pytest.mark.parametrize(("answer", "expected"), [("250 2.0.0 from MTA: 250 Ok: queued as 4XY", c.HANDED), ("250 2.1.5 Saved", c.SENT)])
def test_relay_on_the_loopback_is_a_filter_if_it_queues(answer: str, expected: int) -> None:
    relay = "relay=127.0.0.1[127.0.0.1]:10024"
    columns = event(f"postfix/smtp[5]: 3F2A: to=<r@b>, {relay}, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent ({answer})")
    assert columns[c.STATUS] == expected


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("smtpd[5]: NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 554 5.7.1 Service unavailable; blocked", 50_701),
        ("smtpd[5]: 3F2A: reject: RCPT from a.example[192.0.2.1]: 450 4.7.1 <b>: Greylisted", 40_701),
        ("smtpd[5]: NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 554 <b>: Relay access denied", 50_000),
        ("postscreen[5]: NOQUEUE: reject: RCPT from [192.0.2.1]:4711: 550 5.7.1 Service unavailable", 50_701),
        ("cleanup[5]: 3F2A: milter-reject: END-OF-MESSAGE from a.example[192.0.2.1]: 5.7.1 Spam", 50_701),
        ("cleanup[5]: 3F2A: milter-reject: END-OF-MESSAGE from a.example[192.0.2.1]: 4.7.1 Try again", 40_701),
        ("cleanup[5]: 3F2A: milter-reject: END-OF-MESSAGE from a.example[192.0.2.1]: Spam", -1),
        ("cleanup[5]: 3F2A: reject: header Subject: x from a.example[192.0.2.1]; from=<a>: 5.7.1 no", 50_701),
    ],
)
def test_rejected(line: str, code: int) -> None:
    columns = event(f"postfix/{line}")
    assert (columns[c.KIND], columns[c.CODE]) == (c.REJECTED, code)


@pytest.mark.parametrize(
    "line",
    [
        "postfix/smtpd[5]: connect from a.example[192.0.2.1]",
        "postfix/smtpd[5]: disconnect from a.example[192.0.2.1] ehlo=1 quit=1 commands=2",
        "postfix/smtpd[5]: warning: hostname a.example does not resolve to address 192.0.2.1",
        "postfix/qmgr[5]: 3F2A: skipped, still being delivered",
        "postfix/cleanup[5]: 3F2A: warning: header Subject: from=<a>, size=1, nrcpt=1 from a[192.0.2.1]",
    ],
)
def test_unneeded(line: str) -> None:
    assert outcome_of((STAMP + line).encode())[0] is Outcome.UNNEEDED


def test_every_cut_of_a_line_is_told_from_an_event() -> None:
    """Of a size line, only cuts within the last number leave something that reads as a whole line."""
    whole = f"{STAMP}postfix/qmgr[900]: 4SMBTtNblhzFnZ5: from=<s@a.example>, size=12345, nrcpt=2"
    for length in range(1, len(whole)):
        assert outcome_of(whole[:length].encode())[0] is not Outcome.EVENT, whole[:length]
    assert outcome_of(whole.encode())[0] is Outcome.EVENT


def test_mail_store() -> None:
    text = "2026-03-02 13:05:09,123 INFO  [LmtpServer-5] [ip=192.0.2.1;] lmtp - Delivering message: size=2345 bytes, nrcpts=2, sender=a@b"
    columns = event(text)
    assert (columns[c.KIND], columns[c.SIZE], columns[c.RECIPIENTS], columns[c.HOST_AT]) == (c.STORED, 2345, 2, -1)
    assert outcome_of(b"\tat com.zimbra.cs.lmtpserver.LmtpHandler.run(LmtpHandler.java:17)")[0] is Outcome.UNNEEDED
    assert outcome_of(b"\t... 23 more")[0] is outcome_of(b"\t")[0] is Outcome.UNNEEDED
    assert outcome_of(b"... 23 more")[0] is Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("words", "status"), [("Passed CLEAN", c.CLEAN), ("Blocked SPAM", c.SPAM), ("Passed SPAMMY", c.SPAM), ("Blocked INFECTED", c.VIRUS)]
)
def test_filter(words: str, status: int) -> None:
    rest = "{RelayedInbound}, [192.0.2.1]:55 <a@b> -> <c@d>, Queue-ID: 3F2A, Message-ID: <x>, Hits: 9, size: 4123, queued_as: 4B, 1234 ms"
    columns = event(f"amavis[123]: (00123-01) {words} {rest}")
    assert (columns[c.KIND], columns[c.STATUS], columns[c.SIZE]) == (c.VERDICT, status, 4123)


def test_other_program() -> None:
    assert outcome_of(f"{STAMP}sshd[5]: Accepted publickey for root".encode())[0] is Outcome.OTHER_PROGRAM


LINE = st.sampled_from(
    [
        f"{STAMP}postfix/qmgr[9]: 3F2A: from=<a>, size=7, nrcpt=1 (queue active)".encode(),
        f"{STAMP}postfix/smtp[5]: 3F2A: to=<r@b>, relay=b, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (x)".encode(),
        f"{STAMP}postfix/smtpd[5]: NOQUEUE: reject: RCPT from a[192.0.2.1]: 554 5.7.1 x".encode(),
        b"2026-03-02T13:05:09.5Z mx1 postfix/smtpd[5]: 3F2A: client=a[192.0.2.1]",
    ]
)


@settings(deadline=None)  # compiled at the first example
@given(LINE, st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=6))), st.integers(0, 200))
@example(b"", [], 0)
def test_garbage_is_counted_and_never_stops_the_reader(line: bytes, spoilt: list[tuple[int, bytes]], cut: int) -> None:
    for place, junk in spoilt:
        line = line[:place] + junk + line[place + len(junk) :]
    block = line[:cut].replace(b"\n", b"\0") + b"\n" + line + b"\n"
    table, outcomes, _ = lines.read(block, lines.room(len(block)))
    assert outcomes.sum() == block.count(b"\n")
    assert len(table) == outcomes[c.EVENT]
    assert (table[:, c.SIZE] >= -1).all()
    followed, *_ = lines.read(block + MORE, lines.room(len(block + MORE)))
    assert (followed == table).all()
