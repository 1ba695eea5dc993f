"""The page on reviews says what reviews do."""

import re
from pathlib import Path

import pytest

from review.rules import RULES
from tests.test_docs import printed, renewed, shown

PAGE = Path("docs/review.md")
BY_TYPE = {"replaced", "deleted"}


def test_every_rule_has_its_row_and_its_level() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| ([a-z ]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {name: "by type" if name in BY_TYPE else str(rule.level) for name, rule in RULES.items()}


def test_the_example_is_what_the_command_prints(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-goldens"):
        PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    ((command, output),) = shown(PAGE.read_text(encoding="utf-8"))
    assert output == printed(command)
