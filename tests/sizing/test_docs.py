"""The page that explains sizing says what sizing does: its worked example and its defaults are those of the code."""

import doctest
import re
from pathlib import Path

import pytest

from config import load, locate
from config.storage import Overheads
from sizing import DatastoreNeed, DiskNeed, Sizing, size
from sizing.growth import grown
from sizing.queues import until_full
from sizing.terms import Group
from sizing.units import show
from tests.sizing.arithmetic import evaluate
from tests.sizing.flow.logs import log, message, queued, received, removed
from tests.sizing.platforms import datastore, disk

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sizing.md").read_text(encoding="utf-8")
ROW = re.compile(r"\| (?P<name>[^|]+) \| `(?P<formula>[^`]+)` \| (?P<gib>[\d,.]+) \|")


@pytest.fixture(scope="module")
def campus() -> Sizing:
    """The sizing of the stack that the example is about."""
    return size(load(locate("campus")))


def table(need: DiskNeed | DatastoreNeed) -> str:
    """A need as the page shows it."""
    rows = [(t.name, t.formula, t.gib) for t in need.terms]
    return "\n".join(["| term | arithmetic | GiB |", "|---|---|---:|", *(f"| {n} | `{f}` | {g:,.2f} |" for n, f, g in rows)])


def test_example_shows_each_term_of_the_scanners_disks(campus: Sizing) -> None:
    for label in ("system", "queue"):
        need = disk(campus, "scanner-2", label)
        assert table(need) in PAGE
        assert f"need {need.need_gib:.2f} GiB, so {need.smallest_gib} GiB at least; the stack declares {need.declared_gib}" in PAGE


def test_example_shows_each_term_of_the_datastore(campus: Sizing) -> None:
    need = datastore(campus, "mail-fc")
    assert table(need) in PAGE
    assert f"{need.need_gib:.2f} ÷ (1 − {need.free_fraction:.2f}) = {need.required_gib:.2f} GiB" in PAGE
    assert f"so {need.smallest_gib} GiB at least; the stack declares {need.declared_gib:g}" in PAGE
    assert need.hours_to_full is not None
    assert f"after {need.hours_to_full:.0f} hours" in PAGE


def test_example_can_be_computed_by_hand() -> None:
    rows = [row for line in PAGE.splitlines() if (row := ROW.fullmatch(line))]
    assert len(rows) >= 19
    for row in rows:
        assert evaluate(row["formula"]) == pytest.approx(float(row["gib"].replace(",", "")), abs=0.006), row["name"]


def test_hours_of_the_example_follow_from_its_numbers() -> None:
    """The line that the page works out step by step comes to what it says."""
    steps = re.findall(r"`([^`=]+) = ([\d.]+)`", PAGE)
    assert len(steps) >= 11
    for formula, result in steps:
        assert evaluate(formula) == pytest.approx(float(result), rel=5e-3), formula


def test_the_queue_of_the_example_lasts_as_long_as_the_page_says() -> None:
    campus = load(locate("campus"))
    need = disk(size(campus), "scanner-2", "queue")
    full = until_full(grown(campus.flow), need, Group(2))
    assert full
    assert f"that is {full.hours:.0f} hours without the spool" in PAGE


def test_defaults_are_those_of_the_code() -> None:
    for key, field in Overheads.model_fields.items():
        assert f"| `{key}` | {show(field.default)} |" in PAGE


@pytest.mark.parametrize(("page", "calls"), [("docs/sizing.md", 12), ("README.md", 4)])
def test_python_answers_what_the_page_shows(page: str, calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(tmp_path / "logs" / "mail.log", [*message("A1", 60_000), received("B2"), queued("B2", 60_000, recipients=2), removed("B2")])
    campus = locate("campus")
    monkeypatch.setattr("config.locate", lambda _: campus)  # the example's logs are in the working folder, its stack is here
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```pycon\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    example = doctest.DocTestParser().get_doctest("".join(blocks), {}, page, page, 0)
    assert len(example.examples) >= calls
    told: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(example, out=told.append).failed == 0, "".join(told)
