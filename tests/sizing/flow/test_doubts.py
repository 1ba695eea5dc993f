"""What is doubtful in logs is refused, all at once, unless it is accepted by name; a little of it is normal, and only said."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from config import Refused
from sizing.flow import Accept
from sizing.flow import columns as c
from sizing.flow.days import BUSY_EVENTS, ENDS_DAYS, GAP_HOURS, full
from sizing.flow.doubts import TORN, Doubt, Tally
from sizing.flow.events import Outcome
from tests.sizing.flow.logs import dated, log, measured, message, queued, received, removed


def stamped(day: int, hour: int, number: int = 2, host: str = "mx1") -> list[str]:
    """Messages in an hour of March."""
    return [line for i in range(number) for line in message(f"D{day}H{hour}N{i}", 1000, f"Mar {day:2} {hour:02}:00:00", host)]


def whole_day(day: int, host: str = "mx1", number: int = 2) -> list[str]:
    return [line for hour in range(24) for line in stamped(day, hour, number, host)]


def unreadable(folder: Path) -> None:
    log(folder / "mail.log", [*stamped(2, 10), "garbage", "more garbage", "and more"])


def mixed(folder: Path) -> None:
    log(folder / "mail.log", [*stamped(2, 10), *[line.replace("Mar  2 11", "2026-03-02T11", 1) for line in stamped(2, 11)]])


def long(folder: Path) -> None:
    log(folder / "mail.log", [*stamped(2, 10), "Mar  2 10:00:00 mx1 postfix/smtpd[1]: " + "x" * 10_000_000])


def impossible(folder: Path) -> None:
    log(folder / "mail.log", [*stamped(2, 10), received("Z0"), queued("Z0", 0), removed("Z0"), *message("Z1", 2**63)])


def damaged(folder: Path) -> None:
    whole = gzip.compress("\n".join(whole_day(2)).encode())
    (folder / "mail.log.gz").write_bytes(whole[: len(whole) * 2 // 3])
    dated(folder / "mail.log.gz")


def reordered(folder: Path) -> None:
    log(folder / "mail.log", [*stamped(3, 10), *stamped(2, 10)])


def missing(folder: Path) -> None:
    for day in range(2, 6):
        log(folder / f"mx1.log.{9 - day}", whole_day(day))
    log(folder / "mx2.log", [*whole_day(4, "mx2"), *whole_day(5, "mx2")])


def gap(folder: Path) -> None:
    for day in (2, 4):
        log(folder / f"mail.log.{9 - day}", whole_day(day))


LOGS: dict[Accept, tuple[Callable[[Path], None], str]] = {
    Accept.UNREADABLE_LINES: (unreadable, "mail.log: 3 of 11 lines can't be read: 3 without a readable stamp"),
    Accept.MIXED_FORMATS: (
        mixed,
        "mail.log: 8 of 16 lines have another format than the others: 8 have stamps without a year, 8 have ISO 8601 stamps",
    ),
    Accept.LONG_LINES: (long, "B are lines too long to be read (1 of more than 1 MiB)"),
    Accept.IMPOSSIBLE_SIZES: (
        impossible,
        "mail.log: 2 of 4 lines with a size say a size that no message has: 1 say 0 B, 1 more than 1,024 GiB",
    ),
    Accept.DAMAGED_FILE: (damaged, "can't be read: the file is damaged (it ends early)"),
    Accept.OUT_OF_ORDER: (reordered, "mail.log: 8 of 16 lines have stamps more than 2 hours before an earlier line's of their host"),
    Accept.ONE_HOST_MISSING: (missing, "host mx2: 2 days, 2026-03-02 to 2026-03-03, are in the logs of mx1 but not in this host's"),
    Accept.GAP: (gap, "host mx1: 2026-03-03 00:00 to 2026-03-04 00:00 has no line, 24 hours in which it mostly logs much"),
}


def test_every_kind_has_a_log_that_shows_it() -> None:
    assert set(LOGS) == set(Accept)


@pytest.mark.parametrize("name", Accept)
def test_doubt_is_refused_alone_and_by_what_it_is(name: Accept, tmp_path: Path) -> None:
    make, said = LOGS[name]
    make(tmp_path)
    with pytest.raises(Refused) as refused:
        measured(tmp_path / "*")
    (problem,) = refused.value.problems
    assert said in str(problem)
    assert problem.remedy.partition(" if ")[0].endswith(f"--accept {name}")


@pytest.mark.parametrize("name", Accept)
def test_accepted_doubt_is_a_note(name: Accept, tmp_path: Path) -> None:
    make, said = LOGS[name]
    make(tmp_path)
    (note,) = [note for note in measured(tmp_path / "*", accept=[name]).notes if note.startswith("accepted")]
    assert note.startswith(f"accepted ({name}): ")
    assert said in note


def test_all_are_said_at_once(tmp_path: Path) -> None:
    for make in (mixed, missing):
        make(tmp_path)
    log(tmp_path / "other.log", [*stamped(3, 10, host="mx3"), "garbage", "more", "more", *message("A", 0, host="mx3")])
    log(tmp_path / "utf16.log", ["\ufeffMar  2".encode("utf-16-le")])
    with pytest.raises(Refused) as refused:
        measured(tmp_path / "*", accept=["one-host-missing"])
    found = str(refused.value)
    assert all(f"--accept {name}" in found for name in ("mixed-formats", "unreadable-lines", "impossible-sizes"))
    assert "UTF-16" in found
    assert "one-host-missing" not in found


def test_accept_that_matches_nothing_is_said(tmp_path: Path) -> None:
    notes = measured(log(tmp_path / "mail.log", stamped(2, 10)), accept=["gap"]).notes
    assert "--accept gap matches nothing: the logs have no such problem" in notes


def test_accept_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="accept: gaps is no kind of doubt that can be accepted; write gap"):
        measured(log(tmp_path / "mail.log", stamped(2, 10)), accept=["gaps"])


def test_doubts_come_back_from_a_worker() -> None:
    tally = Tally("mail.log", damage="it ends early")
    for doubt in (*tally.told()[0], Doubt(tally.told()[0][0].problem)):
        assert Doubt.unpacked(doubt.packed()) == doubt


def tally(events: int = 0, unreadable: int = 0, counts: dict[int, int] | None = None, **more: int) -> Tally:
    made = Tally("mail.log", **more)  # type: ignore[arg-type]  # bytes
    made.outcomes.update({Outcome.EVENT: events, Outcome.UNREADABLE: unreadable})
    for place, number in (counts or {}).items():
        made.counts[place] = number
    return made


@pytest.mark.parametrize(
    ("little", "much"),
    [
        (tally(8, TORN), tally(8, TORN + 1)),
        (tally(990, 10), tally(989, 11)),
        (tally(read=99, skipped=1), tally(read=98, skipped=2)),
        (tally(counts={c.YEARLESS: 99, c.WITH_YEAR: 1}), tally(counts={c.YEARLESS: 98, c.STORE_LINE: 1, c.WITH_YEAR: 1})),
        (tally(counts={c.SIZED: 1000, c.ZERO_SIZE: 1}), tally(counts={c.SIZED: 1000, c.ZERO_SIZE: 1, c.ABSURD: 1})),
    ],
)
def test_a_little_is_a_note_and_more_is_a_doubt(little: Tally, much: Tally) -> None:
    doubts, notes = little.told()
    assert (len(doubts), len(notes)) == (0, 1)
    doubts, notes = much.told()
    assert (len(doubts), len(notes)) == (1, 0)


def test_lines_torn_at_rotation_are_said_but_not_refused(tmp_path: Path) -> None:
    text = "\n".join(stamped(2, 10)).encode()
    log(tmp_path / "mail.log.1", [text[:-20]])
    log(tmp_path / "mail.log", [text[-20:], *stamped(2, 11)])
    assert any("mail.log: 1 of 9 lines can't be read" in note for note in measured(tmp_path / "mail*").notes)


def test_entries_of_a_mail_store_go_on_over_lines_without_a_stamp(tmp_path: Path) -> None:
    entry = ["2026-03-02 10:00:00,000 WARN  [x] [] lmtp - failed", "com.zimbra.common.service.ServiceException: no", "Code:service.FAILURE"]
    stored = "2026-03-02 10:00:02,000 INFO  [x] [] lmtp - Delivering message: size=5 bytes, nrcpts=1, sender=a"
    profile = measured(log(tmp_path / "mailbox.log", [*entry, "\tat com.zimbra.Lmtp.run(Lmtp.java:17)", "Caused by: java.io", stored] * 9))
    assert (profile.counts.stored, profile.lines[Outcome.UNREADABLE], profile.notes[0][:6]) == (9, 0, "no day")


def hours(*days: tuple[int, range], events: int = 10) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    """Hours of days since Monday 2026-03-02, and events in each."""
    found = np.array([(20_514 + day) * 24 + hour for day, of in days for hour in of], np.float64)
    return found, np.full(len(found), float(events))


DAY = range(24)


def doubts(**hosts: tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]) -> list[Accept | None]:
    return [doubt.name for doubt in full({name: (of[0], of[1]) for name, of in hosts.items()}).doubts]


def test_gap_of_twelve_hours_is_too_long_and_its_days_are_no_full_ones() -> None:
    silent = 8 + GAP_HOURS
    assert doubts(mx1=hours((0, DAY), (1, range(8)), (1, range(silent - 1, 24)), (2, DAY))) == []
    cut = hours((0, DAY), (1, range(8)), (1, range(silent, 24)), (2, DAY))
    assert doubts(mx1=cut) == [Accept.GAP]
    assert full({"mx1": (cut[0], cut[1])}).days.tolist() == [20_514, 20_516]


def test_silence_is_a_gap_only_where_a_host_mostly_logs_much() -> None:
    def cut(events: int) -> list[Accept | None]:
        return doubts(mx1=hours((0, DAY), (1, DAY), (3, DAY), events=events))

    assert BUSY_EVENTS == 100
    assert cut(4) == []
    assert cut(5) == [Accept.GAP]


def test_quiet_nights_and_weekends_are_a_hosts_own_rhythm() -> None:
    office = range(8, 18)
    weeks = [(week * 7 + day, office) for week in range(2) for day in range(5)]
    assert doubts(mx1=hours(*weeks, events=50)) == []
    assert doubts(mx1=hours(*[each for each in weeks if each[0] != 2], events=50)) == [Accept.GAP]


def test_hosts_may_begin_and_end_a_day_apart() -> None:
    def ends(first: int, last: int) -> list[Accept | None]:
        return doubts(mx1=hours(*((day, DAY) for day in range(7))), mx2=hours(*((day, DAY) for day in range(first, last))))

    assert ENDS_DAYS == 1
    assert ends(1, 6) == []
    assert ends(2, 6) == ends(1, 5) == [Accept.ONE_HOST_MISSING]
    assert ends(2, 5) == [Accept.ONE_HOST_MISSING] * 2


def test_host_with_a_notice_now_and_then_does_not_count_beside_busy_ones() -> None:
    found = full({"mx1": hours(*((day, DAY) for day in range(7))), "web": hours((2, range(3, 4)), events=9)})  # type: ignore[dict-item]
    assert (found.doubts, found.notes, len(found.days)) == ((), (), 7)


def test_a_host_without_any_full_day_is_missing() -> None:
    assert doubts(mx1=hours(*((day, DAY) for day in range(7))), mx2=hours((2, range(3, 9)), events=90)) == [Accept.ONE_HOST_MISSING]


def test_year_that_is_given_is_the_first_of_every_host(tmp_path: Path) -> None:
    written = datetime(2026, 6, 1, tzinfo=UTC)
    for host in ("mx1", "mx2"):
        log(tmp_path / f"{host}.log", stamped(2, 10, host=host), written)
    found = measured(tmp_path / "mx1.log", tmp_path / "mx2.log", year=2024).hosts
    assert {host.first for host in found.values()} == {"2024-03-02 10:00"}


def test_with_a_year_files_that_are_named_newest_first_are_refused(tmp_path: Path) -> None:
    later, earlier = log(tmp_path / "mail.log", stamped(3, 10)), log(tmp_path / "mail.log.1", stamped(2, 10))
    with pytest.raises(Refused, match=r"mail\.log\.1: the log begins before the file that is named before it; with --year"):
        measured(later, earlier, year=2024)
    assert measured(earlier, later, year=2024).counts.messages == 4


def test_clock_that_summer_time_sets_back_is_no_doubt(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        for i, hour in enumerate((1, 2, 2, 3)):
            yield from message(f"S{i}", 1000, f"Oct 25 {hour:02}:59:59")

    profile = measured(log(tmp_path / "mail.log", lines(), datetime(2026, 10, 26, tzinfo=UTC)))
    assert (profile.counts.messages, profile.hour_shares[2]) == (4, 0.5)


@pytest.mark.parametrize(("begins", "refused"), [("Mar  2 10:00:00", False), ("Mar  2 09:59:59", True)])
def test_files_of_a_set_that_overlap_have_lines_in_common(begins: str, refused: bool, tmp_path: Path) -> None:
    """More than two hours: summer time and clocks that are set back make less."""
    older = log(tmp_path / "mail.log.1", [*message("A1", stamp="Mar  2 08:00:00"), *message("A2", stamp="Mar  2 12:00:00")])
    newer = log(tmp_path / "mail.log", [*message("A3", stamp=begins), *message("A4", stamp="Mar  2 13:00:00")])
    if refused:
        with pytest.raises(
            Refused, match=r"mail\.log: the log begins 2\.0 hours before the older file of its set ends.*--accept out-of-order"
        ):
            measured(newer, older)
    assert measured(newer, older, accept=["out-of-order"] * refused).counts.messages == 4


@pytest.mark.parametrize(("names", "host"), [(("mail.log.1", "mail.log"), "mx2"), (("in.log", "out.log"), "mx1")])
def test_logs_of_other_hosts_or_programs_may_overlap(names: tuple[str, str], host: str, tmp_path: Path) -> None:
    log(tmp_path / names[0], [*message("A1", stamp="Mar  2 08:00:00"), *message("A2", stamp="Mar  2 12:00:00")])
    log(tmp_path / names[1], message("A3", stamp="Mar  2 09:00:00", host=host))
    assert measured(tmp_path / "*").counts.messages == 3
