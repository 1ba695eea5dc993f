"""Reads sets of log files into batches of events, in flat memory.

Blocks are parsed by threads beside each other (compiled code holds no lock of Python's) and joined in the order of the log.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Self

import pyarrow as pa

from config.problems import Problem, Refused, shown
from sizing.flow import audit, lines
from sizing.flow.compiled import Table
from sizing.flow.events import Outcome
from sizing.flow.gathered import Gathered
from sizing.flow.sources import BLOCK_BYTES, Block, Damaged, LogFile, Source, buffer, found, inspect, too_late
from sizing.flow.stitch import Stitcher

THREADS = 2
_AHEAD = 4  # blocks that are parsed before they are needed
_BATCH = 1 << 19  # events at most in a batch; two of 90 B an event are in memory at a time

Take = Callable[[pa.RecordBatch], object]
"""Takes a batch of events, of which it may keep nothing: its memory is used again for the next."""
Progress = Callable[[int], None]
"""Told the bytes of log files, as they are on disk, that were read since it was told last."""


class Reading(NamedTuple):
    """What was read, beside the events: how many lines became what, and what to know of the files."""

    outcomes: Counter[Outcome]
    notes: tuple[str, ...]


def plan(patterns: Iterable[str | Path], year: int | None = None) -> tuple[tuple[tuple[LogFile, ...], ...], tuple[str, ...]]:
    """The log files in sets that belong together, each in the order of time, and notes on files that have nothing to read.

    `year` is that of the first stamp without one; then the files are read in the order in which they are named.

    Raises:
        Refused: a path names no readable file, or no file has a line with a stamp.
    """
    paths = found(patterns)
    inspected = [inspect(path) for path in paths]
    files = [file for file in inspected if file]
    if not files:
        raise Refused(map(_nothing, paths))
    notes = [f"{path.name}: nothing in it has a stamp" for path, file in zip(paths, inspected, strict=True) if not file]
    if year is None:
        files.sort(key=lambda file: file.order)
    else:
        files = [file._replace(year=None if file.year is None or i else year) for i, file in enumerate(files)]
    _differ(files)
    return tuple(tuple(same) for same in _sets(files)), tuple(notes)


def _nothing(path: Path) -> Problem:
    if path.stat().st_size == 0:
        return Problem(shown(path.name), "the file", "is empty", "name a log with mail in it")
    rule = "has no line that begins with a time stamp, and is no table with a header that names the time"
    return Problem(shown(path.name), "the file", rule, "name mail logs: Postfix syslog, mailbox.log, or CSV of a message audit log")


def _differ(files: list[LogFile]) -> None:
    heads: dict[bytes, LogFile] = {}
    for file in files:
        if file is not (same := heads.setdefault(file.head, file)):
            rule = f"begins as {shown(same.path.name)} does, so its messages would count twice"
            raise Refused([Problem(shown(file.path.name), "the log", rule, "name one of the two")])


def _sets(files: list[LogFile]) -> list[list[LogFile]]:
    """Files of one rotated set, or of one host, together: a message's lines may lie in two of them."""
    sets: list[list[LogFile]] = []
    for file in files:
        related = [same for same in sets if any(f.stem == file.stem or (f.host and f.host == file.host) for f in same)]
        sets = [same for same in sets if same not in related] + [[*(f for same in related for f in same), file]]
    return [sorted(same, key=files.index) for same in sets]


def read(files: tuple[LogFile, ...], take: Take, progress: Progress = lambda _: None) -> Reading:
    """Read the events of one set of files.

    Raises:
        Refused: the stamps go backwards all along, or need years that the files' dates don't tell.
    """
    outcomes: Counter[Outcome] = Counter()
    notes: list[str] = []
    stitcher = Stitcher()
    with _Gatherer(take) as gatherer, ThreadPoolExecutor(THREADS) as threads:
        for file in files:
            try:
                if file.table:
                    for table, hosts in audit.read(file.path, outcomes):
                        gatherer.add(table, hosts)
                else:
                    stitcher.begin(file.year)
                    _read(file, stitcher, gatherer, outcomes, _parsed(file, threads, progress))
                    _judge(file, stitcher)
            except Damaged as damage:
                notes.append(f"{file.path.name}: damaged ({damage}); what comes before that was read")
    return Reading(outcomes, tuple(notes))


def _read(file: LogFile, stitcher: Stitcher, gatherer: "_Gatherer", outcomes: Counter[Outcome], parsed: Iterator["_Parsed"]) -> None:
    default_host = Path(file.stem).stem
    for block, table, counts in parsed:
        for outcome, lines_ in zip(Outcome, counts.tolist(), strict=True):
            outcomes[outcome] += lines_
        outcomes[Outcome.OVERLONG] += block.overlong
        gatherer.add(stitcher.stitch(block.data, table, default_host), stitcher.hosts)


class _Parsed(NamedTuple):
    block: Block
    table: Table
    outcomes: Table


class _Room(NamedTuple):
    """Where one block is read and parsed; used again when that is done."""

    text: bytearray
    table: Table


def _parsed(file: LogFile, threads: ThreadPoolExecutor, progress: Progress) -> Iterator[_Parsed]:
    """The file's blocks in order: one thread reads and decompresses, others parse. Each is to be used before the next is asked for."""
    rooms = [_Room(buffer(), lines.room(2 * BLOCK_BYTES)) for _ in range(_AHEAD)]
    waiting: deque[tuple[_Room, Future[_Parsed | None]]] = deque()
    done = 0

    def parse(reading: Future[Block | None], room: _Room) -> _Parsed | None:
        block = reading.result()
        return None if block is None else _Parsed(block, *lines.read(block.data, room.table))

    with ThreadPoolExecutor(1) as reader, Source(file.path) as source:
        while True:
            while rooms:
                room = rooms.pop()
                waiting.append((room, threads.submit(parse, reader.submit(source.fill, room.text), room)))
            room, future = waiting.popleft()
            parsed = future.result()
            if parsed is None:
                return
            yield parsed
            progress(parsed.block.read - done)
            done = parsed.block.read
            rooms.append(room)


def _judge(file: LogFile, stitcher: Stitcher) -> None:
    if stitcher.backwards:
        raise Refused([Problem(shown(file.path.name), "the log", "runs backwards in time", "sort it; `tac` turns it round")])
    if too_late(file, stitcher.latest):
        rule = "has stamps without a year that run past the file's own date, so that it spans more than a year"
        raise Refused([Problem(shown(file.path.name), "the log", rule, "say the year of its first line with --year")])


class _Gatherer:
    """Gathers events into batches, which a thread of its own hands on: meanwhile the next is gathered."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._gathered, self._spare = Gathered(_BATCH), Gathered(_BATCH)
        self._hosts: list[str] = []
        self._thread = ThreadPoolExecutor(1)
        self._taking: Future[object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        try:
            if not failed:
                self._flush()
            self._wait()
        finally:
            self._thread.shutdown()

    def add(self, table: Table, hosts: list[str]) -> None:
        """Take events, whose hosts are named by their numbers."""
        if hosts is not self._hosts:
            self._flush()
            self._hosts = hosts
        while len(table):
            table = table[self._gathered.add(table) :]
            if self._gathered.full:
                self._flush()

    def _flush(self) -> None:
        if self._gathered.rows:
            self._wait()
            self._taking = self._thread.submit(self._take, self._gathered.batch(self._hosts))
            self._gathered, self._spare = self._spare, self._gathered

    def _wait(self) -> None:
        """Until the batch before is taken: its room is used for the next."""
        if self._taking:
            self._taking.result()
        self._spare.clear()
