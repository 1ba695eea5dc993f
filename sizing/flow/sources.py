"""Finds log files, opens them plain, gzip or zstd, and cuts them into blocks of whole lines."""

import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from glob import has_magic
from io import RawIOBase
from pathlib import Path
from typing import NamedTuple, Self, cast

import pyarrow as pa

from config.problems import Problem, Refused, shown
from sizing.flow.fields import DAY_MS, LEAP_DAY, days_since_epoch, is_leap
from sizing.flow.headers import header
from sizing.flow.lines import first_stamp

BLOCK_BYTES = 1 << 20  # also the longest line that is read
_HEAD_BYTES = 4096  # two files that begin with the same are the same
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ROTATED = re.compile(r"([.-]\d+|\.gz|\.zst)*$")
_LATER_MS = 2 * DAY_MS  # how far a stamp may be past its file's own date: time zones, and a clock that was wrong


class LogFile(NamedTuple):
    """A log file and what its first lines say."""

    path: Path
    size: int
    """Bytes on disk."""
    starts: int
    """The first stamp, ms since 1970."""
    year: int | None
    """The year of the first stamp; none of a table, and where it is to go on from the file before."""
    dated: bool
    """Whether the first stamp itself says its year."""
    changed: int
    """When the file was last written, ms since 1970."""
    table: bool
    """Whether it is a table with a header."""
    host: str
    """The host that the first line names; empty in formats that name none."""
    head: bytes
    """How it begins, decompressed."""

    @property
    def name(self) -> str:
        """The file as people are told of it: its folder tells those of several hosts apart."""
        return told(self.path)

    @property
    def stem(self) -> str:
        """What the files of one rotated set share: folder and name, without number, date and compression."""
        return str(self.path.parent / _ROTATED.sub("", self.path.name))

    @property
    def order(self) -> tuple[int, int, Path]:
        """Sorts files by time: by their first stamps, and where these are the same, `.2` before `.1` before none."""
        numbers = re.findall(r"\.(\d{1,3})(?=\.|$)", self.path.name)
        return self.starts, -int(numbers[-1]) if numbers else 0, self.path


class Block(NamedTuple):
    """Whole lines."""

    data: memoryview
    """In the buffer that they were read into."""
    overlong: int
    """Lines left out before these because they are longer than a block."""
    skipped: int
    """Bytes of these."""
    read: int
    """Bytes of the file, as it is on disk, read so far."""


class Damaged(Exception):
    """A file can't be read on: it is gone, or compressed and ends early, or holds what isn't its format; what came before was read."""


def told(path: Path) -> str:
    """A file's name with that of its folder."""
    return "/".join(path.parts[-2:])


def found(patterns: Iterable[str | Path]) -> tuple[Path, ...]:
    """The files that paths and glob patterns name, each once.

    Raises:
        Refused: a path isn't a readable file, or a pattern fits none.
    """
    paths: dict[Path, None] = {}
    problems = []
    for pattern in map(str, patterns):
        path = Path(pattern)
        fitting = sorted(filter(Path.is_file, _fitting(path))) if has_magic(pattern) else [path]
        if not fitting:
            problems.append(Problem(shown(pattern), "the pattern", "fits no file", "check it; put it in quotes"))
        for path in fitting:
            try:
                if not stat.S_ISREG(path.stat().st_mode):
                    problems.append(_no_file(path))
                    continue
                with path.open("rb"):
                    paths[path.resolve()] = None
            except OSError as error:
                rule, remedy = f"can't be read ({error.strerror})", "name log files, or a pattern in quotes"
                problems.append(Problem(shown(str(path)), "the file", rule, remedy))
    if problems:
        raise Refused(problems)
    return tuple(paths)


def _no_file(path: Path) -> Problem:
    if path.is_dir():
        return Problem(shown(str(path)), "the folder", "is no log file", f"name the files in it: {shown(str(path / '*'))}, in quotes")
    return Problem(shown(str(path)), "the pipe or device", "is no log file", "a log is looked at before it is read: write it to a file")


def _fitting(pattern: Path) -> Iterator[Path]:
    return Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))


def inspect(path: Path) -> LogFile | None:
    """What a file's first lines say; nothing if it is empty or no line of its first block has a stamp."""
    status = path.stat()
    changed = int(status.st_mtime * 1000)
    try:
        head = next(blocks(path), None)
    except Damaged:
        return None
    if head is None:
        return None
    text = bytes(head.data)
    start = text[:_HEAD_BYTES]
    if header(text.partition(b"\n")[0].decode("utf-8-sig", "replace"))[1]:
        return LogFile(path, status.st_size, 0, None, False, changed, True, "", start)
    stamp = first_stamp(text)
    if stamp is None:
        return None
    ms, has_year, host = stamp
    year = datetime.fromtimestamp(ms / 1000, UTC).year if has_year else latest_year(ms, changed)
    return LogFile(path, status.st_size, ms if has_year else in_year(ms, year), year, has_year, changed, False, host, start)


def in_year(ms: int, year: int) -> int:
    """The ms since 1970 of a stamp without a year, in a year."""
    return int(days_since_epoch(year, ms // DAY_MS)) * DAY_MS + ms % DAY_MS


def latest_year(ms: int, changed: int) -> int:
    """The latest year in which a stamp without a year isn't past the date of its file."""
    year = datetime.fromtimestamp(changed / 1000, UTC).year + 1
    while in_year(ms, year) > changed + _LATER_MS or (ms // DAY_MS == LEAP_DAY and not is_leap(year)):
        year -= 1
    return year


def too_late(file: LogFile, latest: int) -> bool:
    """Whether stamps run past the date of their file, so that the years found for them can't be right."""
    return file.year is not None and not file.dated and latest > file.changed + _LATER_MS


def buffer() -> bytearray:
    """Room for a block: for the beginning of a line that the block before it ended with, and for what is read."""
    return bytearray(2 * BLOCK_BYTES)


def blocks(path: Path) -> Iterator[Block]:
    """The file as blocks of whole lines, each in a buffer of its own.

    Raises:
        Damaged: in a compressed file, after what could be read of it.
    """
    with Source(path) as source:
        while block := source.fill(buffer()):
            yield block


class Source:
    """A log file that is read block by block; the last line need not have an end."""

    def __init__(self, path: Path) -> None:
        try:
            self._raw = path.open("rb", buffering=0)
            self._into = _reader(self._raw)
        except OSError as error:
            raise Damaged(error.strerror or error) from None
        self._rest, self._skipping = b"", False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def fill(self, room: bytearray) -> Block | None:
        """The next block, in the room that is given; nothing after the last.

        Raises:
            Damaged: it can't be read on.
        """
        try:
            return self._fill(room)
        except OSError as error:
            raise Damaged(error.strerror or error) from None

    def _fill(self, room: bytearray) -> Block | None:
        overlong, skipped = 0, 0
        while True:
            begun = len(self._rest)
            room[:begun] = self._rest
            read = self._into(memoryview(room)[begun : begun + BLOCK_BYTES])
            if not read:
                return self._last(room, overlong, skipped)
            cut = room.rfind(b"\n", begun, begun + read) + 1
            if cut:
                start = room.index(b"\n") + 1 if self._skipping else 0
                self._rest, self._skipping = bytes(memoryview(room)[cut : begun + read]), False
                return Block(memoryview(room)[start:cut], overlong, skipped + start, self._raw.tell())
            if begun + read > BLOCK_BYTES or self._skipping:
                overlong, skipped = overlong + (not self._skipping), skipped + begun + read
                self._rest, self._skipping = b"", True
            else:
                self._rest = bytes(memoryview(room)[: begun + read])

    def _last(self, room: bytearray, overlong: int, skipped: int) -> Block | None:
        size = len(self._rest)
        if not size and not overlong:
            return None
        room[size : size + 1] = b"\n"
        self._rest = b""
        return Block(memoryview(room)[: size + 1 if size else 0], overlong, skipped, self._raw.tell())


def _reader(raw: RawIOBase) -> Callable[[memoryview], int | None]:
    """What fills a room with the plain text of a file; 0 at its end."""
    magic = raw.read(4) or b""
    raw.seek(0)
    if magic[:2] == _GZIP:
        return _gunzipping(raw)
    return _unzstd(raw) if magic == _ZSTD else raw.readinto


def _gunzipping(raw: RawIOBase) -> Callable[[memoryview], int]:
    texts = _gunzipped(raw)

    def into(room: memoryview) -> int:
        text = next(texts, b"")
        room[: len(text)] = text
        return len(text)

    return into


def _gunzipped(raw: RawIOBase) -> Iterator[bytes]:
    member, left = zlib.decompressobj(wbits=31), b""
    try:
        while data := left or raw.read(BLOCK_BYTES // 4):
            if text := member.decompress(data, BLOCK_BYTES):
                yield text
            left = member.unconsumed_tail
            if member.eof:  # a file of several members, one after the other, is one text
                left = member.unused_data.lstrip(b"\0") or raw.read(BLOCK_BYTES // 4) or b""
                if not left:
                    return
                member = zlib.decompressobj(wbits=31)
    except zlib.error as error:
        raise Damaged(str(error)) from None
    raise Damaged("it ends early")


def _unzstd(raw: RawIOBase) -> Callable[[memoryview], int]:
    stream = pa.CompressedInputStream(pa.PythonFile(raw), "zstd")

    def into(room: memoryview) -> int:
        try:
            return cast(int, stream.readinto(room))
        except OSError as error:
            raise Damaged(str(error)) from None

    return into
