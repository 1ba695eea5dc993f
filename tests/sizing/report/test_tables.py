"""The tables of a report, on the page and as files."""

import csv as reader
import io

import pytest

from config import Platform
from sizing.report.inputs import given, sized_for
from sizing.report.model import alike, alike_servers, disk_name, few, missing_gib, uncertain
from sizing.report.tables import Table, compared, csv, datastores, disks, risk, risk_inputs, risk_years, scanning, scenarios, tables
from tests.sizing.platforms import platform
from tests.sizing.report.reports import MAIL, SMALL, report


def test_a_file_gives_back_the_numbers_to_their_last_digit() -> None:
    for table in tables(report(SMALL)):
        lines = list(reader.reader(io.StringIO(csv(table), newline="")))
        assert tuple(lines[0]) == table.columns
        for line, row in zip(lines[1:], table.rows, strict=True):
            assert len(line) == len(row)
            for text, cell in zip(line, row, strict=True):
                assert (float(text) if isinstance(cell, int | float) else text) == ("" if cell is None else cell)


def test_every_table_has_a_file_name_of_its_own_and_whole_rows() -> None:
    found = tables(report())
    assert len({table.name for table in found}) == len(found) == 14
    assert all(len(row) == len(table.columns) for table in found for row in table.rows)


def test_shares_of_each_need_add_up_to_one() -> None:
    for name in ("datastore-terms", "disk-terms", "memory-terms"):
        table = next(table for table in tables(report()) if table.name == name)
        assert table.columns[:4] == ("of", "for", "GiB", "share")
        of = {row[0] for row in table.rows}
        assert of
        for owner in of:
            assert sum(float(row[3] or 0) for row in table.rows if row[0] == owner) == pytest.approx(1, abs=1e-5)


def test_what_is_too_small_is_bad_by_what_is_missing() -> None:
    made = report(SMALL)
    row = next(row for row in disks(made).rows if row[0] == "scanner-1/queue")
    assert row[1] == 1
    assert row[3] == pytest.approx(float(row[2] or 0) - 1)
    assert [disks(made).bad(row, at) for at in range(8)] == [False, False, False, True, False, False, False, False]
    store = datastores(made).rows[0]
    assert store[3] == pytest.approx(float(store[2] or 0) - 300)
    assert datastores(made).bad(store, 3)
    assert not any(datastores(report()).bad(row, 3) for row in datastores(report()).rows)


def test_a_disk_or_lun_at_its_need_misses_nothing() -> None:
    made = report()
    disk, store = made.sizing.disks[0], made.sizing.datastores[0]
    need = disk.smallest_gib
    assert [missing_gib(disk.model_copy(update={"declared_gib": gib})) for gib in (need, need + 1)] == [0, 0]
    assert missing_gib(disk.model_copy(update={"declared_gib": need - 1})) == pytest.approx(disk.need_gib - need + 1)
    assert missing_gib(store.model_copy(update={"declared_gib": store.required_gib})) == 0
    assert missing_gib(store.model_copy(update={"declared_gib": store.required_gib - 0.5})) == pytest.approx(0.5)
    assert missing_gib(store.model_copy(update={"physical_gib": store.backing_gib})) == 0
    assert missing_gib(store.model_copy(update={"physical_gib": store.backing_gib - 0.5})) == pytest.approx(0.5)


def test_scenarios_are_compared_for_every_datastore_and_each_disk_that_differs() -> None:
    made = report({**MAIL, "gateway.scanners.scanner-1.disks_gib": {"system": 20, "queue": 12}})
    table = compared(made.comparison)
    assert table.columns == ("datastore or disk", "declared GiB", "as described GiB", "30 % more mail GiB", "keep GiB", "FC down GiB")
    names = [row[0] for row in table.rows]
    assert names[0] == "all"
    assert "scanner-1/queue" in names
    assert "scanner-1/system" not in names
    row = table.rows[names.index("scanner-1/queue")]
    needs = [next(d.need_gib for d in o.sizing.disks if disk_name(d) == "scanner-1/queue") for o in made.comparison.outcomes]
    assert row == ("scanner-1/queue", 12, *needs)
    assert [table.bad(row, at) for at in range(6)] == [False, False, *(need > 12 for need in needs)]
    assert any(need > 12 for need in needs)
    assert not all(need > 12 for need in needs)


def test_a_disk_whose_size_is_not_declared_can_not_be_too_small() -> None:
    table = compared(report().comparison)
    row = next(row for row in table.rows if row[0] == "scanner-1/queue")
    assert row[1] is None
    assert not any(table.bad(row, at) for at in range(len(row)))


def test_each_scenario_is_told_by_what_comes_of_it() -> None:
    table = scenarios(report({**MAIL, "gateway.scanners.scanner-1.disks_gib": {"system": 20, "queue": 12}}).comparison)
    assert [row[:3] for row in table.rows] == [("as described", 0, 0), ("30 % more mail", 0, 0), ("keep", 1, 0), ("FC down", 0, 0)]
    assert "scanner-1, scanner-2" in str(table.rows[3][5])
    assert "scanner" in str(table.rows[3][6])
    assert table.bad(table.rows[2], 1)


@pytest.mark.parametrize(("seconds", "bad"), [(0.001, False), (60, True)])
def test_too_few_cores_are_bad(seconds: float, bad: bool) -> None:
    made = report({**MAIL, "flow.messages_per_day": 400_000, "gateway.scan_seconds_per_message": seconds})
    table = scenarios(made.comparison)
    assert [table.bad(row, 4) for row in table.rows] == [bad, bad, bad, True]  # the last leaves no scanner at all
    assert scanning(made).bad(scanning(made).rows[0], 4) is bad
    assert scanning(made).rows[0][4] == made.scanning.cores_needed


def test_what_does_not_last_is_bad() -> None:
    made = report(SMALL)
    table = risk(made)
    names = [*(store.name for store in made.sizing.datastores), *(disk_name(disk) for disk in made.sizing.disks)]
    assert [row[0] for row in table.rows] == names  # as in the other tables, so that files can be joined
    for of_each in (risk_years(made), risk_inputs(made)):
        assert {row[0] for row in of_each.rows} <= set(names)
    for row, need in zip(table.rows, (*made.risk.datastores, *made.risk.disks), strict=True):
        assert row[1:5] == (need.provisioned_gib, need.need_gib, need.error_gib, need.planned_gib)
        assert table.bad(row, 2) is (need.need_gib > need.provisioned_gib)
        assert not table.bad(row, 4)
    assert any(table.bad(row, 2) for row in table.rows)
    assert not all(table.bad(row, 2) for row in table.rows)


def test_needs_with_the_same_answers_stand_together() -> None:
    groups = [[need.name for need in group] for group in uncertain(report().risk)]
    assert groups[0] == ["all"]
    assert ["scanner-1 queue", "scanner-2 queue"] in groups
    assert "scanner-1 system" not in {name for group in groups for name in group}


def test_columns_that_say_nothing_are_not_told() -> None:
    table = Table(name="x", title="x", columns=("a", "b", "c"), rows=(("1", None, ""), ("2", 0.0, "")))
    assert table.told == (0, 1)
    assert [table.numeric(at) for at in range(3)] == [False, True, False]


def test_disks_that_are_alike_stand_together() -> None:
    made = report({"gateway.scanners.scanner-1.disks_gib": {"system": 20}})
    groups = [[disk_name(disk) for disk in group] for group in alike(made.sizing.disks)]
    assert ["scanner-1/queue", "scanner-2/queue"] in groups
    assert ["scanner-1/system"] in groups
    assert sorted(name for group in groups for name in group) == [disk_name(disk) for disk in made.sizing.disks]


def test_servers_whose_memory_is_alike_stand_together() -> None:
    made = report({"gateway.scanners.scanner-1.memory_gib": 8})
    assert [[need.vm for need in group] for group in alike_servers(made.sizing.memory)] == [["scanner-1"], ["scanner-2"]]
    assert [[need.vm for need in group] for group in alike_servers(report().sizing.memory)] == [["scanner-1", "scanner-2"]]


@pytest.mark.parametrize(
    ("count", "told"), [(1, "a1"), (2, "a1, a2"), (4, "a1, a2, a3, a4"), (5, "a1 and 4 more like it"), (90, "a1 and 89 more like it")]
)
def test_a_heading_names_a_few(count: int, told: str) -> None:
    assert few(f"a{at}" for at in range(1, count + 1)) == told


def test_inputs_are_what_the_stack_says_at_the_key_that_is_named() -> None:
    described = platform({"scenarios": {}})
    found = given(described)
    for each in found:
        value: object = described
        for part in each.key.split(".") if each.key else ():
            value = getattr(value, part)
        if each.key:
            assert value == each.value, each.key
    (then,) = [each.value for each in found if not each.key]
    flow = described.flow
    assert then == pytest.approx(flow.messages_per_day * (1 + flow.growth_per_year) ** flow.planning_years)


def test_what_sizes_are_for_is_told_in_a_sentence() -> None:
    described: Platform = platform({"flow.growth_per_year": 0.5, "flow.planning_years": 2, "flow.messages_per_day": 1000})
    assert sized_for(described).startswith("Sized for 2,250 messages a day in 2 years (1,000 today), 100 mailboxes of 1 GiB, 72 h without ")


def test_a_datastore_keeps_the_blanks_of_its_name() -> None:
    made = report({"storage.luns.all.datastore": "second floor row 12"})
    assert risk(made).rows[0][0] == datastores(made).rows[0][0] == "second floor row 12"
