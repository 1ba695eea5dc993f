"""Answers the question on the events with DuckDB, in this process, or with Spark, on a cluster."""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa

from config.problems import Problem, Refused
from sizing.flow.doubts import Doubt
from sizing.flow.engine import Engine
from sizing.flow.events import SCHEMA, Outcome
from sizing.flow.reading import Progress, Reading, read
from sizing.flow.sources import LogFile
from sizing.flow.views import AMOUNTS, ANSWER, KEYS

QUESTION = Path(__file__).with_name("figures.sql")
"""The question on the events in DuckDB's words, as Ibis compiles it: to load Ibis takes longer than to read a small log."""
_MEMORY = "128MB"  # DuckDB's own
_SUMS = ", ".join(f"SUM({name}) AS {name}" for name in AMOUNTS)
_ADD = f"SELECT {', '.join(KEYS)}, {_SUMS} FROM events GROUP BY ALL"  # noqa: S608 - of names above
_KEPT = 64  # answers, each of some hundred kB, before they are added up
Answer = tuple[pa.Table, list[Reading]]


def ask(engine: Engine, sets: tuple[tuple[LogFile, ...], ...], scratch: Path | None, progress: Progress) -> Answer:
    """The figures of sets of log files, and what was read of each set. Spark's workers put the events into the folder meanwhile.

    Raises:
        Refused: the engine isn't installed.
    """
    if engine is not Engine.SPARK:
        return _duckdb(sets, progress)
    with tempfile.TemporaryDirectory(prefix="mailstead-flow-", dir=scratch) as folder:
        return _spark(sets, Path(folder))


def _duckdb(sets: Iterable[tuple[LogFile, ...]], progress: Progress) -> Answer:
    """Ask of each batch of events while the next is read, and add up what is answered."""
    asking = _Asking()
    readings = [read(files, asking.take, progress) for files in sets]
    return asking.answer(), readings


class _Asking:
    """DuckDB, asked of one batch of events after the other; it is loaded with the first."""

    def __init__(self) -> None:
        self._answers: list[pa.Table] = []
        self._engine: Any = None

    def take(self, batch: pa.RecordBatch) -> None:
        """Ask of a batch."""
        if self._engine is None:
            config = {"memory_limit": _MEMORY, "threads": 1}  # the readers have the other
            self._engine = import_module("duckdb").connect(config=config)
            self._engine.execute("SET enable_progress_bar = false")
        self._answers.append(self._asked(QUESTION.read_text(encoding="utf-8"), pa.Table.from_batches([batch])))
        if len(self._answers) > _KEPT:
            self._answers = [self._asked(_ADD, self.answer())]

    def _asked(self, question: str, events: pa.Table) -> pa.Table:
        self._engine.register("events", events)
        return self._engine.sql(question).to_arrow_table().cast(ANSWER)

    def answer(self) -> pa.Table:
        """What was answered of all, batch after batch: every amount is a sum, so more than one row may be of the same keys."""
        return pa.concat_tables(self._answers) if self._answers else pa.Table.from_batches([], ANSWER)


def _spark(sets: tuple[tuple[LogFile, ...], ...], folder: Path) -> Answer:
    """Map the same reader over the sets: a message's lines are on one host, so nothing is shuffled until the few counts are."""
    import ibis  # noqa: PLC0415 - a second's work, which only Spark needs
    import pyarrow.parquet as pq  # noqa: PLC0415

    from sizing.flow.query import figures  # noqa: PLC0415

    with _session() as session:
        numbers = session.createDataFrame([(n,) for n in range(len(sets))], "number int").repartitionByRange(len(sets), "number")

        def read_each(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for number in (n for batch in batches for n in batch.column(0).to_pylist()):
                with pq.ParquetWriter(folder / f"{number}.parquet", SCHEMA) as file:
                    reading = read(sets[number], file.write_batch)
                columns = [pa.array([number], pa.int32()), pa.array([_packed(reading)], pa.string())]
                yield pa.RecordBatch.from_arrays(columns, names=["number", "reading"])

        read_sets = numbers.mapInArrow(read_each, "number int, reading string").toArrow()
        answer = figures(ibis.pyspark.connect(session).read_parquet(str(folder))).to_pyarrow().cast(ANSWER)
    rows = sorted(read_sets.to_pylist(), key=lambda row: row["number"])
    return answer, [_unpacked(row["reading"]) for row in rows]


def _packed(reading: Reading) -> str:
    return json.dumps([reading.outcomes, [doubt.packed() for doubt in reading.doubts], reading.notes])


def _unpacked(text: str) -> Reading:
    outcomes, doubts, notes = json.loads(text)
    return Reading(Counter({Outcome(name): lines for name, lines in outcomes.items()}), tuple(map(Doubt.unpacked, doubts)), tuple(notes))


@contextmanager
def _session() -> Iterator[Any]:
    """The Spark session of this process, or a new one; where it runs is for spark-submit or SPARK_REMOTE to say."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - only sites with a cluster have it
    except ImportError:
        remedy = "install pyspark, as requirements-dev.txt pins it, and Java 17, or leave --engine out"
        raise Refused([Problem("--engine", "spark", "needs PySpark, which isn't installed", remedy)]) from None
    running = SparkSession.getActiveSession()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers on this machine need what this process has
    session = running or SparkSession.builder.appName("mailstead").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        yield session
    finally:
        if running is None:
            session.stop()
