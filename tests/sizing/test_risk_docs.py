"""The page on risk says what there is: its tables are the models', its example prints what the page shows."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.risk import Inputs, Occasional, RiskTarget
from sizing.units import show
from tests.sizing.arithmetic import evaluate

PAGE = Path(__file__).parents[2] / "docs" / "risk.md"


def part(text: str, name: str) -> str:
    """What stands between the marks of this name."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found, f"the page has no part {name}"
    return found[1]


def table(model: type[BaseModel]) -> str:
    """The keys of a model with their defaults and what they mean."""
    rows = [
        f"| `{key}` | {_default(field.default)} | {field.description} |" for key, field in model.model_fields.items() if key != "inputs"
    ]
    return "\n".join(["| key | default | meaning, distribution and source |", "|---|---|---|", *rows, ""])


def _default(value: object) -> str:
    if isinstance(value, Occasional):
        return ", ".join(f"{key} {show(number)}" for key, number in value)
    return show(value) if isinstance(value, int | float) else "none"


def output(text: str) -> str:
    """What the page's example prints."""
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102 - the page's own example
    return f"```\n{printed.getvalue()}```\n"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """The parts of the page as the code makes them."""
    text = PAGE.read_text(encoding="utf-8")
    return {"target": table(RiskTarget), "inputs": table(Inputs), "output": output(text)}


@pytest.mark.parametrize("name", ["target", "inputs", "output"])
def test_each_part_is_as_the_code_makes_it(name: str, made: dict[str, str], pytestconfig: pytest.Config) -> None:
    text = PAGE.read_text(encoding="utf-8")
    if pytestconfig.getoption("--update-goldens"):
        text = text.replace(f"<!-- {name} -->\n{part(text, name)}<!-- /{name} -->", f"<!-- {name} -->\n{made[name]}<!-- /{name} -->")
        PAGE.write_text(text, encoding="utf-8")

    assert part(text, name) == made[name], "if the new text is meant: pytest --update-goldens"


def test_a_wrong_table_would_be_found() -> None:
    assert part("<!-- a -->\nold\n<!-- /a -->", "a") == "old\n"
    assert table(Inputs) != table(RiskTarget)


def test_each_key_has_a_source_or_is_a_figure() -> None:
    for key, field in Inputs.model_fields.items():
        assert field.description, key
        assert re.search(r"figure|Radicati|Veeam|MIL-HDBK|public size distribution", field.description), key


def test_the_scanners_arithmetic_can_be_done_by_hand() -> None:
    (formula, result) = re.search(r"`([^`=]+) = ([\d.]+)`", PAGE.read_text(encoding="utf-8")).groups()  # type: ignore[union-attr]

    assert evaluate(formula) == pytest.approx(float(result), abs=0.05)


def test_what_a_key_means_is_one_line() -> None:
    assert [key for model in (RiskTarget, Inputs) for key, field in model.model_fields.items() if "\n" in (field.description or "")] == []
