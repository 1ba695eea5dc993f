"""The page and its pictures show what the replays yield, and the command prints it."""

import re
from pathlib import Path

import pytest

import incident
from incident import charts
from incident.model import Store
from tests.cli.test_stacks import mailstead
from tests.conftest import Golden
from tests.test_docs import CONSOLE
from tools import workspace

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "incident.md"


def printed() -> str:
    """What the command prints, without the blanks at the ends of lines."""
    result = mailstead("demo", "incident")
    assert result.exit_code == 0, result.output
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())


def test_the_page_shows_what_the_command_prints(simulated: None, pytestconfig: pytest.Config) -> None:
    text = PAGE.read_text(encoding="utf-8")
    output = printed()
    if pytestconfig.getoption("--update-goldens"):
        text = re.sub(r"```console\n(\$ .*?\n).*?```\n", lambda m: f"```console\n{m[1]}{output}```\n", text, count=1, flags=re.DOTALL)
        PAGE.write_text(text, encoding="utf-8")

    assert CONSOLE.findall(text) == [("$ mailstead demo incident\n", output)], "if the new output is meant: pytest --update-goldens"


@pytest.mark.parametrize("name", ["full", "held", "forgotten"])
def test_the_pictures_are_drawn_from_the_replays(story: incident.Story, golden: Golden, name: str) -> None:
    golden(DOCS / "incident" / f"{name}.svg", charts.pictures(story)[name])


def test_the_page_shows_every_picture_and_no_other_is_kept(story: incident.Story) -> None:
    shown = re.findall(r"\]\(incident/(\w+)\.svg\)", PAGE.read_text(encoding="utf-8"))

    assert shown == list(charts.pictures(story))
    assert {path.stem for path in (DOCS / "incident").glob("*.svg")} == set(shown)


def test_another_free_space_is_another_picture(story: incident.Story) -> None:
    moment = story.held.moments[30]
    other = moment.model_copy(update={"stores": moment.stores | {"mail-fc": Store(free_gib=1, reachable=True)}})
    held = story.held.model_copy(update={"moments": (*story.held.moments[:30], other, *story.held.moments[31:])})
    drawn, before = charts.pictures(story.model_copy(update={"held": held})), charts.pictures(story)

    assert [name for name in before if drawn[name] != before[name]] == ["held"]


def test_without_the_simulator_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workspace, "VCSIM", tmp_path / "vcsim")

    result = mailstead("demo", "incident")

    assert result.exit_code == 1
    assert result.stderr == f"there is no simulator at {tmp_path / 'vcsim'}: run make setup\n"


def test_a_replay_that_comes_otherwise_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, story: incident.Story) -> None:
    monkeypatch.setattr(incident, "story", lambda: story.model_copy(update={"recovered": False}))

    result = mailstead("demo", "incident")

    assert result.exit_code == 1
    assert "NO   2013: the way out" in result.stdout


def test_the_demo_without_a_word_is_the_demo_still(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr("cli.demo._demo", lambda: ran.append("demo"))

    assert mailstead("demo").exit_code == 0
    assert ran == ["demo"]
    assert mailstead("demo", "nonsense").exit_code == 2
    assert ran == ["demo"]
