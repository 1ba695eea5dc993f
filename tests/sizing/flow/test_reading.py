"""Files are found, opened and put in order; what can't be read is counted and said, and what can't stand is refused."""

import gzip
import random
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config import Refused
from sizing.flow import Profile, reading
from sizing.flow.events import SCHEMA, Direction, Kind, Outcome, Status
from sizing.flow.sources import BLOCK_BYTES
from tests.sizing.flow.logs import WRITTEN, at, dated, log, measured, message, queued, received, removed


def many(number: int, stamp: str = "Mar  2 10:00:00", host: str = "mx1") -> list[str]:
    return [line for i in range(number) for line in message(f"{host}{i:X}", 1000 + i, stamp, host)]


def counted(profile: Profile, outcome: Outcome) -> int:
    return profile.lines[outcome]


def zstd(path: Path, content: bytes) -> Path:
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(content)
    return dated(path)


def gzipped(path: Path, *members: bytes) -> Path:
    path.write_bytes(b"".join(map(gzip.compress, members)))
    return dated(path)


def test_plain_gzip_and_zstd_say_the_same(tmp_path: Path) -> None:
    plain = log(tmp_path / "mail.log", many(9000))
    content = plain.read_bytes()
    assert len(content) > 3 * BLOCK_BYTES
    half = content.index(b"\n", len(content) // 2) - 7
    expected = measured(plain)
    assert expected.counts.messages == 9000
    assert measured(gzipped(tmp_path / "a.gz", content[:half], content[half:])) == expected
    assert measured(zstd(tmp_path / "b", content)) == expected


def test_damaged_gzip_is_read_as_far_as_it_goes_and_said(tmp_path: Path) -> None:
    content = "\n".join([*many(3000)]).encode()
    whole = gzip.compress(content)
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(Refused, match=r"cut\.gz: what comes after line \d,\d{3} can't be read: the file is damaged \(it ends early\)"):
        measured(dated(tmp_path / "cut.gz"))
    profile = measured(tmp_path / "cut.gz", accept=["damaged-file"])
    assert 500 < profile.counts.messages < 3000
    assert any("damaged" in note for note in profile.notes)


def test_a_file_that_is_no_gzip_inside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8b" + b"garbage" * 100)
    with pytest.raises(Refused, match=r"x\.gz: the file is damaged near its beginning \(Error -3 .*; copy it again from its host"):
        measured(tmp_path / "x.gz")


def test_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_text("\n".join(message("A1")))
    assert measured(dated(path)).counts.delivered == 1


@pytest.mark.parametrize("length", [BLOCK_BYTES // 2, 10 * 2**20])
def test_a_line_of_any_length_costs_no_other_line(tmp_path: Path, length: int) -> None:
    long = b"Mar  2 10:00:00 mx1 postfix/smtpd[1]: warning: " + b"x" * length
    profile = measured(log(tmp_path / "mail.log", [*many(50), long, *many(50, host="mx2"), long]), accept=["long-lines"])
    assert profile.counts.messages == 100
    assert sum(profile.lines.values()) == 402
    assert counted(profile, Outcome.OVERLONG) == (2 if length > 2 * BLOCK_BYTES else 0)


def test_binary_garbage_is_counted(tmp_path: Path) -> None:
    noise = random.Random(1)  # noqa: S311 - garbage
    garbage = [noise.randbytes(200).replace(b"\n", b"\0") for _ in range(20)]
    profile = measured(log(tmp_path / "mail.log", [garbage[0], *many(20), *garbage[1:], b"\0" * 300]), accept=["unreadable-lines"])
    assert (profile.counts.messages, counted(profile, Outcome.UNREADABLE)) == (20, 21)
    assert any("21 of 101 lines can't be read: 21 without a readable stamp" in note for note in profile.notes)


def test_cut_lines_are_counted(tmp_path: Path) -> None:
    cut = [queued("A1")[:-30], received("A1")[:-5]]
    profile = measured(log(tmp_path / "mail.log", [*cut, *message("B2")]))
    assert (profile.counts.messages, counted(profile, Outcome.BROKEN)) == (1, 2)


def test_absurd_sizes_are_counted_and_size_0_is_a_size(tmp_path: Path) -> None:
    lines = [*message("A1", 0), received("B2"), queued("B2", 2**63), removed("B2")]
    profile = measured(log(tmp_path / "mail.log", lines), accept=["impossible-sizes"])
    assert (profile.counts.messages, counted(profile, Outcome.BROKEN)) == (2, 0)
    assert any(note.startswith("1 of 2 messages have no readable size") for note in profile.notes)
    assert profile.sizes
    assert profile.sizes.mean_kib == 0


def test_formats_may_be_mixed_in_one_file(tmp_path: Path) -> None:
    dated_lines = [line.replace("Mar  2 10:00:00", "2026-03-02T10:00:01.5+09:00") for line in message("B2")]
    stored = "2026-03-02 10:00:02,000 INFO  [x] [] lmtp - Delivering message: size=5 bytes, nrcpts=1, sender=a"
    profile = measured(log(tmp_path / "mail.log", [*message("A1"), *dated_lines, stored]), accept=["mixed-formats"])
    assert (profile.counts.messages, profile.counts.stored, profile.hosts["mx1"].first) == (2, 1, "2026-03-02 10:00")


def test_files_may_be_named_in_any_order(tmp_path: Path) -> None:
    first = log(tmp_path / "b.log", [received("A1", "Mar  1 10:00:00")])
    second = log(tmp_path / "a.log", [queued("A1", 9, "Mar  2 10:00:00"), removed("A1", "Mar  2 10:00:00")])
    assert measured(second, first) == measured(first, second)
    assert measured(second, first).counts.messages == 1


def test_a_log_that_runs_backwards_is_refused(tmp_path: Path) -> None:
    lines = [line for minute in range(59, 0, -1) for line in message(f"A{minute}", stamp=f"Mar  2 10:{minute:02}:00")]
    with pytest.raises(Refused, match="runs backwards in time"):
        measured(log(tmp_path / "mail.log", lines))


def test_a_file_named_twice_is_read_once_but_a_copy_is_refused(tmp_path: Path) -> None:
    path = log(tmp_path / "mail.log", many(3))
    assert measured(path, tmp_path / "*.log", path).counts.messages == 3
    gzipped(tmp_path / "mail.log.gz", path.read_bytes())
    with pytest.raises(Refused, match=r"begins as \S+/mail\.log does"):
        measured(tmp_path / "mail*")


def test_empty_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is empty"):
        measured(log(tmp_path / "mail.log", []))


def test_log_without_stamps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no line that begins with a time stamp"):
        measured(log(tmp_path / "mail.log", ["postfix/qmgr[9]: A1: removed", "hello, world, these are columns"]))


def test_log_without_mail_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="tell of no message"):
        measured(log(tmp_path / "auth.log", ["Mar  2 10:00:00 mx1 sshd[1]: Accepted publickey for root"]))


def test_missing_file_and_pattern_that_fits_nothing_are_both_said(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        measured(tmp_path / "none.log", tmp_path / "none*.log", tmp_path)
    assert len(refused.value.problems) == 3
    assert "name the files in it" in str(refused.value)


def test_an_empty_file_beside_a_log_is_said(tmp_path: Path) -> None:
    log(tmp_path / "mail.log.1", [])
    log(tmp_path / "mail.log", many(2))
    assert any("mail.log.1: is empty" in note for note in measured(tmp_path / "mail.log*").notes)


def test_more_than_a_year_without_years_needs_the_year(tmp_path: Path) -> None:
    stamps = [f"{month} 15 10:00:00" for _ in range(2) for month in ["Jan", "Apr", "Jul", "Oct"]]
    path = log(tmp_path / "mail.log", [line for i, stamp in enumerate(stamps) for line in message(f"A{i}", stamp=stamp)], WRITTEN)
    with pytest.raises(Refused, match="--year"):
        measured(path)
    profile = measured(path, year=2024)
    assert (profile.hosts["mx1"].first, profile.hosts["mx1"].last) == ("2024-01-15 10:00", "2025-10-15 10:00")


def test_years_of_rotated_files_come_from_their_dates(tmp_path: Path) -> None:
    log(tmp_path / "mail.log.2", many(1, "Nov  2 10:00:00"), datetime(2024, 11, 3, tzinfo=UTC))
    log(tmp_path / "mail.log.1", many(1, "Nov  3 10:00:00"), datetime(2025, 11, 4, tzinfo=UTC))
    host = measured(tmp_path / "mail.log*", accept=["gap"]).hosts["mx1"]
    assert (host.first, host.last) == ("2024-11-02 10:00", "2025-11-03 10:00")


def test_a_host_whose_log_is_missing_for_a_part_is_said_and_its_days_left_out(tmp_path: Path) -> None:
    for day in range(1, 8):
        for host in ("mx1", "mx2"):
            if host == "mx1" or day <= 4:
                stamps = [f"Mar {day:2} {hour:02}:30:00" for hour in range(24)]
                log(tmp_path / f"{host}-{day}.log", [line for stamp in stamps for line in many(2, stamp, host)])
    with pytest.raises(Refused, match="host mx2: 3 days, 2026-03-05 to 2026-03-07, are in the logs of mx1 but not in this host's"):
        measured(tmp_path / "*.log")
    profile = measured(tmp_path / "*.log", accept=["one-host-missing"])
    assert profile.full_days == 4
    assert any("only 4 of 7 days are in the logs of all 2 hosts" in note for note in profile.notes)
    assert list(profile.messages_by_day.values()) == [96.0] * 4


def test_a_day_on_which_a_host_logged_nothing_is_left_out(tmp_path: Path) -> None:
    stamps = [f"Mar {day:2} {hour:02}:30:00" for day in (1, 2, 4, 5) for hour in range(24)]
    path = log(tmp_path / "mail.log", [line for stamp in stamps for line in many(2, stamp)])
    with pytest.raises(Refused, match="host mx1: 2026-03-03 00:00 to 2026-03-04 00:00 has no line, 24 hours in which it mostly logs much"):
        measured(path)
    profile = measured(path, accept=["gap"])
    assert list(profile.messages_by_day) == ["2026-03-01", "2026-03-02", "2026-03-04", "2026-03-05"]


def test_events_are_a_typed_table(tmp_path: Path) -> None:
    sets = reading.plan(
        [log(tmp_path / "mail.log", [*message("A1", 5000), at()("smtpd[1]: NOQUEUE: reject: RCPT from a[192.0.2.1]: 554 5.7.1 x")])]
    ).sets
    with pq.ParquetWriter(tmp_path / "events.parquet", SCHEMA) as writer:
        reading.read(sets[0], writer.write_batch)
    events = pq.read_table(tmp_path / "events.parquet")
    assert events.schema == SCHEMA
    rows = events.to_pylist()
    assert [row["kind"] for row in rows] == [Kind.RECEIVED, Kind.QUEUED, Kind.DELIVERY, Kind.REMOVED, Kind.REJECTED]
    assert [row["size"] for row in rows] == [None, 5000, 5000, 5000, None]
    assert {row["queue_id"] for row in rows[:4]} == {rows[0]["queue_id"]} != {None}
    assert [row["direction"] for row in rows] == [Direction.INBOUND] * 4 + [Direction.UNKNOWN]
    assert [row["status"] for row in rows] == [Status.NONE, Status.NONE, Status.SENT, Status.NONE, Status.NONE]
    assert (rows[2]["delay_ms"], rows[2]["before_queue_ms"], rows[2]["sending_ms"], rows[2]["code"]) == (1500, 500, 790, 20_000)
    assert rows[0]["time"] == datetime(2026, 3, 2, 10)  # noqa: DTZ001 - the host's own clock
