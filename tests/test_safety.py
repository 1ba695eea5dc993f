"""docs/safety.md is what the tests' marks say, and no hazard that Mailstead is there for stands without a guard."""

import re
from pathlib import Path

import pytest

from tests.hazards import HAZARDS, LATER, LAYERS, guards, table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "safety.md"
MADE = re.compile(r"(<!-- made from the tests: .*? -->\n).*?(<!-- end -->)", re.DOTALL)
FOUND = guards(ROOT)


def test_the_table_is_what_the_marks_say(pytestconfig: pytest.Config) -> None:
    text = PAGE.read_text(encoding="utf-8")
    made = MADE.sub(lambda match: f"{match[1]}{table(FOUND)}{match[2]}", text)
    if pytestconfig.getoption("--update-goldens"):
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made, "renew it: pytest --update-goldens tests/test_safety.py"


def test_marks_name_hazards_and_layers_that_there_are() -> None:
    assert {guard.hazard for guard in FOUND} <= HAZARDS.keys()
    assert {guard.layer for guard in FOUND} <= set(LAYERS)


@pytest.mark.parametrize("hazard", [hazard for hazard in HAZARDS if hazard not in LATER])
def test_every_hazard_that_is_not_for_later_has_a_guard(hazard: str) -> None:
    assert [guard for guard in FOUND if guard.hazard == hazard]
