"""The page that explains scenarios shows what its stack, its commands and its Python come to."""

import doctest
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import config
from cli.main import app
from config.scenarios import Scales, Scenario, Sets
from sizing import size, what_if
from tests.sizing.arithmetic import evaluate
from tests.sizing.platforms import disk
from tests.test_docs import CONSOLE

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"
TEXT = PAGE.read_text(encoding="utf-8")
YAML = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
PYTHON = re.search(r"```pycon\n(.*?)```", TEXT, re.DOTALL)
SECTION = re.compile(r"^  mailstead:scenarios:\n(?:    .*\n)*", re.MULTILINE)


@pytest.fixture
def stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of stacks in which campus has the scenarios of the page, and no others."""
    assert YAML
    campus = SECTION.sub("", config.locate("campus").read_text(encoding="utf-8"))
    (tmp_path / "Pulumi.campus.yaml").write_text(campus + YAML[1], encoding="utf-8")
    monkeypatch.setattr("config.loading.STACKS", tmp_path)
    return tmp_path


def printed(command: str) -> str:
    """What a command prints to both streams, without the blanks at the ends of lines."""
    words = command.removeprefix("$ mailstead ").split()
    return "".join(f"{line.rstrip()}\n" for line in CliRunner().invoke(app, words).stdout.splitlines())


def test_commands_print_what_the_page_shows(stacks: Path, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-goldens"):
        PAGE.write_text(CONSOLE.sub(lambda m: f"```console\n{m[1]}{printed(m[1])}```\n", TEXT), encoding="utf-8")
    shown = CONSOLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(shown) >= 2
    for command, output in shown:
        assert output == printed(command), f"{command} (if the new output is meant: pytest --update-goldens)"


def test_python_answers_what_the_page_shows(stacks: Path) -> None:
    assert PYTHON
    example = doctest.DocTestParser().get_doctest(PYTHON[1], {}, "scenarios.md", str(PAGE), 0)
    assert len(example.examples) >= 6
    told: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(example, out=told.append).failed == 0, "".join(told)


BY_HAND = re.compile(r"\| (?P<scenario>[^|]+) \| (?P<vm>[\w-]+)/(?P<label>\w+) \| `(?P<formula>[^`]+)` \| (?P<gib>[\d,.]+) \|")


def test_what_is_checked_by_hand_is_what_sizing_says(stacks: Path) -> None:
    campus = config.load(config.locate("campus"))
    rows = list(BY_HAND.finditer(TEXT))
    names = {row["scenario"].strip("`") for row in rows} - {"as described"}
    assert names == {"more-mail", "large-attachments", "spool-down-5-days", "keep-3-years", "iscsi-down", "bad-week"}
    for row in rows:
        platform = campus if row["scenario"] == "as described" else what_if(campus, row["scenario"].strip("`"))
        need = disk(size(platform), row["vm"], row["label"]).need_gib
        assert f"{need:.2f}" == row["gib"], row[0]
        assert evaluate(row["formula"]) == pytest.approx(need, rel=1e-4), row[0]


def test_the_page_names_every_key_with_what_it_changes() -> None:
    tables = [line for line in TEXT.splitlines() if line.startswith("| `")]
    named = {key: line for line in tables for key in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert set(named) == set(Scenario.model_fields) - {"title", "combines"}
    for key, line in named.items():
        target = next(m for m in Scenario.model_fields[key].metadata if isinstance(m, Sets | Scales))
        assert target.section in line
        assert target.key in line
