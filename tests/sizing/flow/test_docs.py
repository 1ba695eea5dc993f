"""The page on flow: its example runs and prints what the page says, and what it lists is what there is."""

import re
from pathlib import Path

import pytest

from sizing.flow import Accept, Flow
from sizing.flow.events import SCHEMA, Direction, Kind, Status
from tests.sizing.flow.logs import at, log, message, queued, received, removed, tried

PAGE = (Path(__file__).parents[3] / "docs" / "flow.md").read_text(encoding="utf-8")
REJECTED = at()("smtpd[1]: NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 550 5.1.1 <x@b>: User unknown")


def test_example_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = re.findall(r"```(?:python)?\n(.*?)```", PAGE, re.DOTALL)
    two = [received("C3"), queued("C3", recipients=2), tried("C3"), tried("C3", "deferred"), queued("C3", recipients=2)]
    log(tmp_path / "logs" / "mail.log.1", [*message("A1"), REJECTED, *two])
    log(
        tmp_path / "logs" / "mail.log",
        [line.replace("10:00", "11:00") for line in (tried("C3", "deferred"), tried("C3"), removed("C3"), *message("B2"))],
    )
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102 - the page's own example
    assert capsys.readouterr().out == printed
    assert Flow.load(tmp_path / "flow.yaml").profile.counts.messages == 3


def test_every_name_that_can_be_accepted_is_explained() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \| .* \|$", PAGE.partition("## What is refused")[2], re.MULTILINE)[: len(Accept)] == list(Accept)


def test_columns_of_events_are_all_named() -> None:
    assert [name for name in SCHEMA.names if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("names", [Kind, Status, Direction])
def test_numbers_in_events_have_the_names_that_the_page_says(names: type[Kind] | type[Status] | type[Direction]) -> None:
    row = re.search(rf"^\| `{names.__name__.lower()}` \|(.*)\|$", PAGE, re.MULTILINE)
    assert row
    assert row[1].replace("|", " ").split() == [name.name.lower() for name in names]
