"""CSV exports of a message audit log become the same events."""

from pathlib import Path

import pytest

from config import Refused
from sizing.flow.events import Outcome
from tests.sizing.flow.logs import log, measured

HEADER = "Date/Time,Audit ID,Scanner,Sender,Recipients,Message Size,Direction,Verdict,Action Taken"
LINES = [
    "2026-03-02 10:00:00,1,scanner-1,a@x,u@y,1024,Inbound,,Deliver message normally",
    '2026-03-02 10:00:01,2,scanner-2,"a, b@x","u@y; v@y",3072,Outbound,,Deliver message normally',
    "2026-03-02 10:00:02,3,scanner-1,a@x,u@y,2048,Inbound,Spam,Quarantine",
    "2026-03-02T10:00:03+09:00,4,scanner-1,a@x,u@y,,Inbound,Spam,Reject SMTP connection",
    "03/02/2026 10:00,5,scanner-1,a@x,u@y,1,Inbound,,Deliver",
    "2026-03-02 10:00:04,6,scanner-1,a@x,u@y,many,Inbound,,Deliver",
]


def test_columns_are_known_by_their_headers(tmp_path: Path) -> None:
    profile = measured(log(tmp_path / "audit.csv", [HEADER, *LINES]))
    assert any(
        "audit.csv: 2 of 6 lines can't be read: 1 without a readable stamp, 1 of mail programs, cut or broken" in note
        for note in profile.notes
    )
    counts = profile.counts
    assert (counts.messages, counts.recipients, counts.delivered, counts.rejected) == (3, 4, 3, 1)
    assert set(profile.hosts) == {"scanner-1", "scanner-2"}
    assert (profile.clean_mean_kib, profile.spam_mean_kib) == (2.0, 2.0)
    assert profile.shares.spam == pytest.approx(2 / 4)
    assert profile.shares.rejected_spam == 0.5
    assert profile.shares.authenticated == pytest.approx(1 / 3)
    assert (profile.lines[Outcome.UNREADABLE], profile.lines[Outcome.BROKEN]) == (1, 1)


def test_table_without_a_time_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no table with a header"):
        measured(log(tmp_path / "audit.csv", ["sender,size", "a@x,3"]))


def test_table_beside_syslog(tmp_path: Path) -> None:
    table = log(tmp_path / "audit.csv", [HEADER, *LINES])
    mail = log(tmp_path / "mail.log", ["Mar  2 10:00:00 mx1 postfix/pickup[1]: A1: uid=0 from=<root>"])
    profile = measured(table, mail)
    assert (profile.counts.received, set(profile.hosts)) == (4, {"mx1", "scanner-1", "scanner-2"})


def test_a_line_that_is_no_csv_is_counted_and_the_next_ones_are_read(tmp_path: Path) -> None:
    endless = '2026-03-02 10:00:05,7,scanner-1,"' + "a" * 200_000 + '",u@y,1024,Inbound,,Deliver'
    profile = measured(log(tmp_path / "audit.csv", [HEADER, LINES[0], endless, LINES[1]]))
    assert profile.counts.messages == 2
    assert profile.lines[Outcome.UNREADABLE] == 1


@pytest.mark.parametrize("size", [2**40 + 1, 10**18 - 1, 10**30])
def test_absurd_size_is_left_out(tmp_path: Path, size: int) -> None:
    profile = measured(
        log(tmp_path / "audit.csv", ["Time,Size", "2026-03-02 10:00:05,1024", f"2026-03-02 10:00:06,{size}"]), accept=["impossible-sizes"]
    )
    assert (profile.counts.messages, profile.sizes and profile.sizes.mean_kib) == (2, 1)


def test_a_header_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no table with a header"):
        measured(log(tmp_path / "audit.csv", ["Time," + "a" * 200_000, LINES[0].replace("2026", "x")]))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_cells_may_be_separated_as_spreadsheets_do(tmp_path: Path, separator: str) -> None:
    lines = [",".join(cell.replace(";", " ") for cell in line.split(",")) for line in (HEADER, LINES[0], LINES[2])]
    plain = measured(log(tmp_path / "plain" / "audit.csv", lines))
    assert measured(log(tmp_path / "other" / "audit.csv", [line.replace(",", separator) for line in lines])) == plain
    assert plain.counts.messages == 2


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\r", ""])
def test_table_as_it_is_saved_on_windows(tmp_path: Path, mark: str, end: str) -> None:
    profile = measured(log(tmp_path / "audit.csv", [mark + HEADER + end, LINES[0] + end, end, LINES[0].replace("a@x", "a\u2028b@x") + end]))
    assert (profile.counts.messages, profile.lines[Outcome.EVENT], profile.lines[Outcome.EMPTY]) == (2, 2, 1)


def test_line_with_too_few_cells_is_cut(tmp_path: Path) -> None:
    whole = "2026-03-02 10:00:00,1024,scanner-1"
    profile = measured(log(tmp_path / "audit.csv", ["Time,Size,Host,Subject", whole, "2026-03-02 10:00:00,1024", f"{whole},x"]))
    assert (profile.counts.messages, profile.lines[Outcome.BROKEN], set(profile.hosts)) == (2, 1, {"scanner-1"})


@pytest.mark.parametrize(("recipients", "messages"), [(100_000, 1), (100_001, 0), (10**17, 0), (10**30, 1)])
def test_more_recipients_than_a_message_has_are_no_number_of_them(tmp_path: Path, recipients: int, messages: int) -> None:
    """A number of more than 18 digits is the name of one recipient."""
    line = f"2026-03-02 10:00:00,{recipients},Deliver"
    profile = measured(log(tmp_path / "audit.csv", ["Time,Recipients,Action", line, "2026-03-02 10:00:00,1,Deliver"]))
    assert profile.counts.messages == 1 + messages
    assert profile.lines[Outcome.BROKEN] == 1 - messages
    assert profile.counts.delivered == (100_001 if recipients == 100_000 else 1 + messages)
