"""Answers the question on the events with DuckDB, in this process, or with Spark, on a cluster."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa

from config.problems import Problem, Refused
from sizing.flow.engine import Engine
from sizing.flow.events import Outcome
from sizing.flow.reading import THREADS, Progress, Reading, read
from sizing.flow.sources import LogFile

MEMORY = "128MB"  # DuckDB's own; what doesn't fit goes to disk
Answer = tuple[pa.Table, list[Reading]]


def ask(engine: Engine, sets: tuple[tuple[LogFile, ...], ...], folder: Path, progress: Progress) -> Answer:
    """The figures of sets of log files, whose events go into the folder, and what was read of each set.

    Raises:
        Refused: a set can't be read, or the engine isn't installed.
    """
    return _spark(sets, folder) if engine is Engine.SPARK else _duckdb(sets, folder, progress)


def _duckdb(sets: Iterable[tuple[LogFile, ...]], folder: Path, progress: Progress) -> Answer:
    with ThreadPoolExecutor(1) as helper:
        loading = helper.submit(import_module, "ibis.backends.duckdb")  # a second's work, meanwhile
        readings = [read(files, folder / f"{number}.parquet", progress) for number, files in enumerate(sets)]
        loading.result()
    return _asked_of_duckdb(folder), readings


def _asked_of_duckdb(folder: Path) -> pa.Table:
    from sizing.flow.query import figures  # noqa: PLC0415 - Ibis is loaded while the logs are read

    engine = import_module("ibis").duckdb.connect(memory_limit=MEMORY, threads=THREADS, temp_directory=str(folder))
    try:
        engine.raw_sql("SET enable_progress_bar = false")
        question = figures(engine.read_parquet(str(folder / "*.parquet")))
        answer = engine.con.sql(engine.compile(question)).to_arrow_table()  # Ibis's own way would load pandas, for nothing
        return answer.cast(question.schema().to_pyarrow())
    finally:
        engine.disconnect()


def _spark(sets: tuple[tuple[LogFile, ...], ...], folder: Path) -> Answer:
    """Map the same reader over the sets: a message's lines are on one host, so nothing is shuffled until the few counts are."""
    import ibis  # noqa: PLC0415 - as above

    from sizing.flow.query import figures  # noqa: PLC0415

    with _session() as session:
        numbers = session.createDataFrame([(n,) for n in range(len(sets))], "number int").repartitionByRange(len(sets), "number")

        def read_each(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for number in (n for batch in batches for n in batch.column(0).to_pylist()):
                yield _reported(number, read(sets[number], folder / f"{number}.parquet"))

        read_sets = numbers.mapInArrow(read_each, "number int, outcome string, amount bigint").toArrow()
        answer = figures(ibis.pyspark.connect(session).read_parquet(str(folder))).to_pyarrow()
    return answer, _readings(read_sets.to_pylist(), len(sets))


def _reported(number: int, reading: Reading) -> pa.RecordBatch:
    """A reading as rows: outcomes with how many lines, and notes with none."""
    rows = [*((str(outcome), lines) for outcome, lines in reading.outcomes.items()), *((note, None) for note in reading.notes)]
    names, amounts = zip(*rows, strict=True)
    columns = [pa.array([number] * len(rows), pa.int32()), pa.array(names, pa.string()), pa.array(amounts, pa.int64())]
    return pa.RecordBatch.from_arrays(columns, names=["number", "outcome", "amount"])


def _readings(rows: list[dict[str, Any]], sets: int) -> list[Reading]:
    outcomes: list[Counter[Outcome]] = [Counter() for _ in range(sets)]
    notes: list[list[str]] = [[] for _ in range(sets)]
    for row in rows:
        if row["amount"] is None:
            notes[row["number"]].append(row["outcome"])
        else:
            outcomes[row["number"]][Outcome(row["outcome"])] += row["amount"]
    return [Reading(counted, tuple(noted)) for counted, noted in zip(outcomes, notes, strict=True)]


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
