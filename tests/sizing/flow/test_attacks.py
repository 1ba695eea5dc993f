"""What people really hand in: files of other kinds, other encodings, other systems' prefixes, and outputs that can't be."""

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import typer
import yaml
from typer.testing import CliRunner

from cli import flow as commands
from cli import show
from config import Refused
from sizing.flow import Flow, sources
from sizing.flow.events import Outcome
from tests.sizing.flow.logs import dated, log, measured, message, received

app = typer.Typer()
app.command()(commands.flow)
app.command()(commands.backtest)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems that a command showed."""
    told: list[str] = []
    monkeypatch.setattr(show, "problems", lambda found: told.extend(map(str, found)))
    return told


def run(*words: str | Path) -> int:
    return CliRunner().invoke(app, [str(word) for word in words]).exit_code


def zstd(path: Path, content: bytes, share: float = 1.0) -> Path:
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(content)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    return dated(path)


def refusal(path: Path | str) -> str:
    with pytest.raises(Refused) as refused:
        measured(path)
    (problem,) = refused.value.problems
    return str(problem)


def test_zstd_of_no_bytes_is_empty_whether_it_has_a_frame_or_not(tmp_path: Path) -> None:
    assert "a.zst: the file is empty" in refusal(log(tmp_path / "a.zst", []))
    assert "b.zst: the file is empty" in refusal(zstd(tmp_path / "b.zst", b""))


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_compressed_file_that_is_cut_is_damaged(kind: str, tmp_path: Path) -> None:
    lines = [line for i in range(9000) for line in message(f"A{i:X}", 1000 + i * 7919 % 9973)]
    content, path = "\n".join(lines).encode(), tmp_path / f"mail.log.{kind}"
    if kind == "gz":
        whole = gzip.compress(content)
        path.write_bytes(whole[: len(whole) // 2])
    else:
        zstd(path, content, 0.5)
    assert "can't be read: the file is damaged" in refusal(dated(path))


def test_folder_pipe_and_symlink_loop_are_no_logs(tmp_path: Path) -> None:
    assert f"the folder is no log file; name the files in it: {tmp_path}/*, in quotes" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "the pipe or device is no log file" in refusal(tmp_path / "pipe")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "the file can't be read (Too many levels of symbolic links)" in refusal(tmp_path / "a")
    assert "fits no file" in refusal(tmp_path / "?")


def test_file_that_may_not_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, opened = log(tmp_path / "mail.log", message("A1")), Path.open

    def refusing(self: Path, *words: Any, **more: Any) -> Any:
        if self.name == "mail.log":
            raise PermissionError(13, "Permission denied")
        return opened(self, *words, **more)

    monkeypatch.setattr(Path, "open", refusing)
    assert "the file can't be read (Permission denied)" in refusal(path)


def test_file_that_goes_away_while_logs_are_read_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, look = log(tmp_path / "mail.log", message("A1")), sources.inspect

    def looked(at: Path) -> sources.LogFile | None:
        found = look(at)
        at.unlink()
        return found

    monkeypatch.setattr("sizing.flow.reading.inspect", looked)
    with pytest.raises(Refused, match=r"mail\.log: what comes after line 0 can't be read: .* \(No such file or directory\)"):
        measured(path)


@pytest.mark.parametrize("share", [0.001, 0.2])
@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_compressed_file_that_is_damaged_in_its_first_block(kind: str, share: float, tmp_path: Path) -> None:
    path, content = tmp_path / f"mail.log.{kind}", "\n".join(line for i in range(3000) for line in message(f"A{i}", i + 1)).encode()
    if kind == "gz":
        whole = gzip.compress(content)
        path.write_bytes(whole[:20] + b"garbage" + whole[-int(len(whole) * share) :])
    else:
        zstd(path, content, share)
    assert "the file is damaged near its beginning" in refusal(dated(path))
    log(tmp_path / "whole.log", message("B1"))
    assert measured(tmp_path / "*", accept=["damaged-file"]).counts.messages == 1
    with pytest.raises(Refused, match="is damaged near its beginning"):
        measured(tmp_path / "*", accept=["unreadable-lines"])


@pytest.mark.parametrize(("begins", "command"), [(b"\xfd7zXZ\0", "xz -d"), (b"BZh9", "bunzip2"), (b"PK\x03\x04", "unzip")])
def test_other_compression_is_told_with_how_to_unpack_it(begins: bytes, command: str, tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_bytes(begins + b"x" * 99)
    said = refusal(dated(tmp_path / "mail.log"))
    assert f"is compressed in another way than gzip or zstd; unpack it: {command}" in said


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_with_how_to_convert_it(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_bytes(("\ufeff" + "\n".join(message("A1"))).encode(encoding))
    assert "is UTF-16 text, not a log as it was written; convert it: iconv -f UTF-16 -t UTF-8" in refusal(path)


def test_lines_that_end_as_on_windows(tmp_path: Path) -> None:
    plain, path = log(tmp_path / "a" / "mail.log", message("A1", 3000)), tmp_path / "b" / "mail.log"
    log(path, [line + "\r" for line in message("A1", 3000)])
    assert measured(path) == measured(plain)


def test_zeros_that_a_crash_left_cost_only_the_line_that_they_are_in(tmp_path: Path) -> None:
    lines: list[str | bytes] = [
        *message("A1"),
        b"\0" * 4096 + b"Mar  2 10:00:00 mx1 postfix/smtpd[11]: B2: client=a[192.0.2.1]",
        *message("C3"),
    ]
    profile = measured(log(tmp_path / "mail.log", lines))
    assert (profile.counts.messages, profile.lines[Outcome.UNREADABLE]) == (2, 1)


@pytest.mark.parametrize(
    "stamp",
    ["Mar 02 10:00:00", "Mar 02 10:00:00.123456", "2026-03-02T10:00:00+0900", "2026-03-02T10:00:00.123456+09:00", "2026-03-02T10:00:00Z"],
)
def test_stamps_as_systemd_and_rsyslog_write_them(stamp: str, tmp_path: Path) -> None:
    lines = message("A1", stamp=stamp, host="mx1.example.org")
    profile = measured(log(tmp_path / "mail.log", lines))
    assert (profile.counts.messages, profile.counts.delivered) == (1, 1)
    assert profile.hosts["mx1.example.org"].first == "2026-03-02 10:00"


def test_addresses_of_ipv6(tmp_path: Path) -> None:
    lines = [line.replace("192.0.2.1]", "2001:db8::1]").replace("192.0.2.2]", "2001:db8::2]") for line in message("A1")]
    profile = measured(log(tmp_path / "mail.log", [*lines, received("B2", client="unknown[IPv6:2001:db8::3]")]))
    assert (profile.counts.received, profile.counts.messages, profile.counts.delivered) == (2, 1, 1)


def test_leap_day_in_a_year_without_one_is_of_the_year_before(tmp_path: Path) -> None:
    """29 February is no day of 2026 or 2025: the latest year that has it is 2024."""
    log(tmp_path / "mail.log.1", message("A1", stamp="Feb 29 10:00:00"), datetime(2024, 3, 1, tzinfo=UTC))
    log(tmp_path / "mail.log", message("B2", stamp="Mar  1 10:00:00"), datetime(2024, 3, 2, tzinfo=UTC))
    host = measured(tmp_path / "mail.log*").hosts["mx1"]
    assert (host.first, host.last) == ("2024-02-29 10:00", "2024-03-01 10:00")
    assert measured(dated(tmp_path / "mail.log.1")).hosts["mx1"].first == "2024-02-29 10:00"
    later = log(tmp_path / "copy.log", [*message("A1", stamp="Feb 28 10:00:00"), *message("B2", stamp="Feb 29 10:00:00")])
    assert "has a 29 February in a year without one" in refusal(later)
    assert measured(later, year=2024).hosts["mx1"].last == "2024-02-29 10:00"


@pytest.mark.parametrize(
    ("output", "rule"),
    [
        ("none/flow.yaml", "can't be written: its folder is missing"),
        ("mail.log", "is one of the logs, and would be overwritten"),
        ("./folder/../mail.log", "is one of the logs, and would be overwritten"),
        ("pipe", "can't be written: what is there is no regular file"),
    ],
)
def test_output_that_cannot_be_is_refused_before_anything_is_read(
    output: str, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo("pipe")
    content = log(tmp_path / "mail.log", message("A1")).read_bytes()
    monkeypatch.setattr(Flow, "from_logs", None)
    assert run("flow", "mail.l*", "-o", output) == 1
    assert [rule in problem for problem in said] == [True]
    assert (tmp_path / "mail.log").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "mail.log", "pipe"]


def test_disk_that_is_full_is_a_problem_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = log(tmp_path / "mail.log", message("A1"))
    monkeypatch.chdir(tmp_path)  # a long path would be shortened in the message
    monkeypatch.setattr(Path, "chmod", full)
    assert run("flow", path, "-o", "flow.yaml") == 1
    assert said == ["--output: flow.yaml can't be written: No space left on device; name a file in a folder that is there"]
    assert list(tmp_path.iterdir()) == [path]


def test_accepted_is_said_in_the_flow_file_and_what_is_not_writes_none(tmp_path: Path, said: list[str]) -> None:
    path = log(tmp_path / "mail.log", [*message("A1"), *message("B2", 0), *["garbage"] * 9])
    assert run("flow", path, "-o", tmp_path / "flow.yaml", "--accept", "unreadable-lines") == 1
    assert ["impossible-sizes" in problem for problem in said] == [True]
    assert list(tmp_path.iterdir()) == [path]
    assert run("flow", path, "-o", tmp_path / "flow.yaml", "--accept", "unreadable-lines", "--accept", "impossible-sizes") == 0
    notes = yaml.safe_load((tmp_path / "flow.yaml").read_text())["profile"]["notes"]
    assert [note[: note.index(":")] for note in notes if "accepted" in note] == [
        "accepted (unreadable-lines)",
        "accepted (impossible-sizes)",
    ]
    assert run("backtest", path, "--accept", "nothing") == run("flow", path, "--accept", "nothing") == 2


def test_bytes_that_were_read_are_told_as_they_are_read(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    paths = [log(tmp_path / f"{host}.log", [*message("A1", host=host)] * 9000) for host in ("mx1", "mx2")]
    size = sum(path.stat().st_size for path in paths)
    Flow.from_logs(paths, progress=lambda read, total: told.append((read, total)))
    assert (sum(read for read, _ in told), {total for _, total in told}) == (size, {size})
    assert len(told) > 4
