"""Stack files that are refused, each with every message that a person is shown, as golden files beside them."""

from pathlib import Path

import pytest

from config import Refused, load
from tests.conftest import Golden

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yaml"))


def refused(path: Path) -> Refused:
    """The refusal of the file at the path."""
    with pytest.raises(Refused) as caught:
        load(path)
    return caught.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages_of_a_bad_file(path: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    golden(path.with_suffix(".txt"), f"{refused(path)}\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_message_is_whole_in_its_place_and_on_one_line(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n") + 1
    found = refused(path).problems
    assert found
    assert [p.line for p in found] == sorted(p.line for p in found)
    for problem in found:
        assert all((problem.path, problem.value, problem.rule, problem.remedy)), problem
        assert 1 <= problem.line <= lines, problem
        assert str(problem).isprintable(), problem
        assert len(problem.value) <= 78, problem


def test_no_messages_are_left_of_a_file_that_is_gone() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} == {path.stem for path in FILES}


def test_everything_wrong_is_said_at_once() -> None:
    sections = {"site", "vsphere", "networks", "storage", "flow", "gateway", "spool", "balancers", "log_archive", "dns", "access", "acces"}
    assert {p.path.partition(".")[0] for p in refused(BAD / "everything.yaml").problems} == sections
