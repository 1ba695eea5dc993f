"""The question on the events: as DuckDB is asked it, and asked of parts of the events."""

from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pytest

from benchmarks.maillog import MailLog
from sizing.flow import engines, reading
from sizing.flow.events import SCHEMA, Direction, Kind, Status
from sizing.flow.query import figures
from sizing.flow.views import ANSWER, BINS_PER_DOUBLING, SIZES
from tests.conftest import Golden
from tests.sizing.flow.logs import dated, measured


def test_duckdb_is_asked_what_ibis_says(golden: Golden) -> None:
    question = figures(ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="events"))
    assert question.schema().to_pyarrow().names == ANSWER.names
    golden(engines.QUESTION, f"{ibis.to_sql(question, dialect='duckdb', pretty=True)}\n")


@pytest.mark.parametrize("kept", [1, 64])
def test_parts_of_the_events_add_up_to_all(tmp_path: Path, kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mail.log"
    MailLog(seed=3).write(path, 2_500_000)
    whole = measured(dated(path))
    monkeypatch.setattr(reading, "_BATCH", 1000)
    monkeypatch.setattr(engines, "_KEPT", kept)
    assert whole.counts.messages > 1000
    assert measured(path) == whole


def bins(*sizes: int) -> list[int]:
    """The bins of messages of some sizes, as DuckDB tells them."""
    columns = dict.fromkeys(SCHEMA.names)
    columns |= {"host": "mx1", "time": 0, "kind": Kind.QUEUED, "status": Status.NONE, "direction": Direction.INBOUND, "first": True}
    engine = duckdb.connect()
    engine.register("events", pa.Table.from_pylist([columns | {"size": size} for size in sizes], SCHEMA))
    rows = engine.sql(engines.QUESTION.read_text(encoding="utf-8")).to_arrow_table().to_pylist()
    return sorted(row["bin"] for row in rows if row["view"] == SIZES)


@pytest.mark.parametrize("power", range(1, 28))
def test_a_power_of_two_begins_its_bin(power: int) -> None:
    below, at = bins(2**power - 1, 2**power)
    assert below < at == BINS_PER_DOUBLING * power


def test_the_smallest_sizes_are_in_the_first_bin_and_the_largest_in_theirs() -> None:
    assert bins(0) == bins(1) == [0]
    assert bins(2**62) == [62 * BINS_PER_DOUBLING]
