"""The page on placement says what is placed and how."""

import re
from pathlib import Path

import pytest

from config import Role
from plan import placement, survival
from tests.test_docs import printed, renewed, shown

PAGE = Path("docs/placement.md")


def test_the_example_is_what_the_command_prints(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-goldens"):
        PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    ((command, output),) = shown(PAGE.read_text(encoding="utf-8"))
    assert output == printed(command)


def test_every_role_is_in_the_order_in_which_it_comes_back() -> None:
    rows = re.findall(r"^\| (highest|high|medium|low)\b[^|]*\| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    said = {role.lower().replace(" ", "-"): priority for priority, roles in rows for role in roles.strip().split(", ")}
    assert said == {str(role): str(placement.FIRST[role] or "medium") for role in Role}


def test_every_rule_of_survival_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("`…_", "`survives_loss_of_any_")
    assert [rule.__name__ for rule in survival.INVARIANTS if f"`{rule.__name__}`" not in text] == []
