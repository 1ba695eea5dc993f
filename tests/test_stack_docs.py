"""The reference of the stack's keys is what the models say."""

import re
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import AfterValidator, Field

from config.platform import Platform
from config.types import Count, Fraction, Positive, VmMemoryGib
from tests import stack_keys

PAGE = Path(__file__).parents[1] / "docs" / "stack.md"
KEYS = re.compile(r"<!-- keys -->\n(.*?)<!-- /keys -->", re.DOTALL)


def test_the_page_has_every_key_as_the_models_have_it(pytestconfig: pytest.Config) -> None:
    text, made = PAGE.read_text(encoding="utf-8"), stack_keys.page()
    if pytestconfig.getoption("--update-goldens"):
        text = KEYS.sub(lambda _: f"<!-- keys -->\n{made}<!-- /keys -->", text)
        PAGE.write_text(text, encoding="utf-8")
    shown = KEYS.search(text)
    assert shown
    assert shown[1] == made, "if the new text is meant: pytest --update-goldens"


def test_the_page_says_which_sections_are_needed() -> None:
    names = list(Platform.model_fields)
    needed = [name for name in names if Platform.model_fields[name].is_required()]
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"`{needed[0]}` to `{needed[-1]}` are needed" in text
    assert names[: len(needed)] == needed
    *rest, last = (f"`{name}`" for name in names[len(needed) :])
    assert f"{', '.join(rest)} and {last} are not" in text


def below_three_quarters(value: float) -> float:
    if value >= 0.75:
        raise ValueError
    return value


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        (Count, ", 0 or more"),
        (Annotated[Count, Field(ge=3, le=99_999)], ", 3 to 99,999"),
        (Annotated[Count, Field(ge=24)], ", 24 or more"),
        (Positive, ", above 0"),
        (Fraction, ", 0 to below 1"),
        (Annotated[float, Field(ge=0.05, le=0.5)], ", 0.05 to 0.5"),
        (VmMemoryGib, ", 0.25 to 6,144"),
    ],
)
def test_limits_are_those_that_the_type_keeps(kind: object, limits: str) -> None:
    assert stack_keys._limits(kind) == limits


def test_a_stricter_model_would_be_noticed() -> None:
    assert stack_keys._limits(Annotated[Fraction, AfterValidator(below_three_quarters)]) != stack_keys._limits(Fraction)
