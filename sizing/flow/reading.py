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
from sizing.flow.accept import Accept
from sizing.flow.compiled import Table
from sizing.flow.doubts import TOLERATED, Doubt, Tally
from sizing.flow.events import Outcome
from sizing.flow.gathered import Gathered
from sizing.flow.sources import BLOCK_BYTES, Block, Damaged, LogFile, Source, buffer, found, inspect, told, too_late
from sizing.flow.stitch import STEP_MS, Stitcher

THREADS = 2
_AHEAD = 4  # blocks that are parsed before they are needed
_BATCH = 1 << 19  # events at most in a batch; two of 90 B an event are in memory at a time

_UTF_16 = "is UTF-16 text, not a log as it was written", "convert it: iconv -f UTF-16 -t UTF-8"
_PACKED = "is compressed in another way than gzip or zstd"
_OTHERS = {
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
    b"\xfd7zXZ": (_PACKED, "unpack it: xz -d"),
    b"BZh": (_PACKED, "unpack it: bunzip2"),
    b"PK\x03\x04": (_PACKED, "unpack it: unzip"),
}
"""What files that are no logs begin with, what they are, and what to do."""
_UNSTAMPED = (
    "has no line that begins with a time stamp, and is no table with a header that names the time",
    "name mail logs: Postfix syslog, mailbox.log, or CSV of a message audit log",
)

Take = Callable[[pa.RecordBatch], object]
"""Takes a batch of events, of which it may keep nothing: its memory is used again for the next."""
Progress = Callable[[int], None]
"""Told the bytes of log files, as they are on disk, that were read since it was told last."""


class Reading(NamedTuple):
    """What was read, beside the events: how many lines became what, what is doubtful in the files, and what to know of them."""

    outcomes: Counter[Outcome]
    doubts: tuple[Doubt, ...]
    notes: tuple[str, ...]


class Planned(NamedTuple):
    """Log files in sets that belong together, each in the order of time; what is doubtful in them, and what to know of them."""

    sets: tuple[tuple[LogFile, ...], ...]
    doubts: tuple[Doubt, ...]
    notes: tuple[str, ...]


def plan(patterns: Iterable[str | Path], year: int | None = None) -> Planned:
    """Find the log files, look at how each begins, and put them in order.

    `year` is that of the first stamp without one; then the files of a set are read in the order in which they are named.

    Raises:
        Refused: a path names no readable file, no file has a line with a stamp, or files are copies.
    """
    paths = found(patterns)
    inspected = {path: inspect(path) for path in paths}
    files = [file for file in inspected.values() if file]
    silent = [_silent(path) for path, file in inspected.items() if not file]
    problems = list(_copies(files)) if files else [doubt.problem for doubt in silent]
    if problems:
        raise Refused(problems)
    if year is None:
        files.sort(key=lambda file: file.order)
    sets = _sets(files)
    notes = [f"{doubt.problem.path}: {doubt.problem.rule}" for doubt in silent if not doubt.name]
    doubts = [doubt for doubt in silent if doubt.name]
    return Planned(tuple(tuple(same if year is None else _from(same, year)) for same in sets), tuple(doubts), tuple(notes))


def _from(files: list[LogFile], year: int) -> Iterator[LogFile]:
    """Files of which the first stamp without a year is of a given one, and the next go on from there."""
    begun = False
    for file in files:
        yield file if file.dated or file.table else file._replace(year=None if begun else year)
        begun = begun or not (file.dated or file.table)


def _silent(path: Path) -> Doubt:
    """Why no line of a file can be read. That it is empty has no name: beside files that are not, it is no doubt."""
    name = shown(told(path))
    try:
        with Source(path) as source:
            if source.fill(buffer()) is None:
                return Doubt(Problem(name, "the file", "is empty", "name a log with mail in it"))
        with path.open("rb") as stream:
            begins = stream.read(8)
    except (Damaged, OSError) as damage:
        rule = f"is damaged near its beginning ({damage})"
        return Doubt(Problem(name, "the file", rule, "copy it again from its host"), Accept.DAMAGED_FILE)
    rule, remedy = next((said for start, said in _OTHERS.items() if begins.startswith(start)), _UNSTAMPED)
    return Doubt(Problem(name, "the file", rule, remedy), Accept.UNREADABLE_LINES)


def _copies(files: list[LogFile]) -> Iterator[Problem]:
    heads: dict[bytes, LogFile] = {}
    for file in files:
        if file is not (same := heads.setdefault(file.head, file)):
            rule = f"begins as {shown(same.name)} does, so its messages would count twice"
            yield Problem(shown(file.name), "the log", rule, "name one of the two")


def _sets(files: list[LogFile]) -> list[list[LogFile]]:
    """Files of one rotated set, or of one host, together: a message's lines may lie in two of them."""
    sets: list[list[LogFile]] = []
    for file in files:
        related = [same for same in sets if any(f.stem == file.stem or (f.host and f.host == file.host) for f in same)]
        sets = [same for same in sets if same not in related] + [[*(f for same in related for f in same), file]]
    return [sorted(same, key=files.index) for same in sets]


def read(files: tuple[LogFile, ...], take: Take, progress: Progress = lambda _: None) -> Reading:
    """Read the events of one set of files."""
    outcomes: Counter[Outcome] = Counter()
    doubts, notes = list[Doubt](), list[str]()
    stitcher, before, ends = Stitcher(), None, dict[tuple[str, str], int]()
    with _Gatherer(take) as gatherer, ThreadPoolExecutor(THREADS) as threads:
        for file in files:
            tally = Tally(file.name)
            try:
                if file.table:
                    for table, hosts in audit.read(file.path, tally):
                        gatherer.add(table, hosts)
                else:
                    stitcher.begin(file.year)
                    _read(file, stitcher, gatherer, tally, _parsed(file, threads, progress))
            except Damaged as damage:
                tally.damage = str(damage)
            if not file.table:
                rotated = file.stem, file.host
                doubts += _judged(file, stitcher, before, ends.get(rotated, 0))
                before, ends[rotated] = stitcher.first or before, max(stitcher.latest, ends.get(rotated, 0))
            found_, noted = tally.told()
            outcomes, doubts, notes = outcomes + tally.outcomes, doubts + found_, notes + noted
    return Reading(outcomes, tuple(doubts), tuple(notes))


def _read(file: LogFile, stitcher: Stitcher, gatherer: "_Gatherer", tally: Tally, parsed: Iterator["_Parsed"]) -> None:
    default_host = Path(file.stem).stem
    for block, table, counts, tallies in parsed:
        for outcome, lines_ in zip(Outcome, counts.tolist(), strict=True):
            tally.outcomes[outcome] += lines_
        tally.counts += tallies
        tally.add(block)
        gatherer.add(stitcher.stitch(block.data, table, default_host), stitcher.hosts)


class _Parsed(NamedTuple):
    block: Block
    table: Table
    outcomes: Table
    tallies: Table


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


def _judged(file: LogFile, stitcher: Stitcher, before: int | None, end: int) -> Iterator[Doubt]:
    """What is doubtful in the order of a file's stamps.

    `before` is the first stamp of the file before it, `end` the latest of those of its rotated set.
    """
    name, behind, events = shown(file.name), *stitcher.behind
    if stitcher.backwards:
        yield Doubt(Problem(name, "the log", "runs backwards in time", "sort it; `tac` turns it round"))
    elif behind > TOLERATED * events:
        hours = STEP_MS // 3_600_000
        rule = f"have stamps more than {hours} hours before an earlier line's of their host, as if parts were in the wrong order"
        remedy = f"put the parts in the order of time, or accept it with --accept {Accept.OUT_OF_ORDER}"
        yield Doubt(Problem(name, f"{behind:,} of {events:,} lines", rule, remedy), Accept.OUT_OF_ORDER)
    if stitcher.wrong_year:
        rule = "has a 29 February in a year without one: its date tells a wrong year"
        yield Doubt(Problem(name, "the log", rule, "say the year of its first line with --year"))
    elif too_late(file, stitcher.latest):
        rule = "has stamps without a year that run past the file's own date, so that it spans more than a year"
        yield Doubt(Problem(name, "the log", rule, "say the year of its first line with --year"))
    if before is not None and stitcher.first is not None and stitcher.first < before - STEP_MS:
        yield Doubt(Problem(name, "the log", "begins before the file that is named before it", "with --year, name the files oldest first"))
    elif stitcher.first is not None and stitcher.first < end - STEP_MS:
        rule = f"begins {(end - stitcher.first) / 3_600_000:,.1f} hours before the older file of its set ends, as if lines were in both"
        remedy = f"name files that have no lines in common, or accept it with --accept {Accept.OUT_OF_ORDER} if these have none"
        yield Doubt(Problem(name, "the log", rule, remedy), Accept.OUT_OF_ORDER)


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
