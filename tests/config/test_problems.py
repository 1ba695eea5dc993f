"""Problems as people and machines see them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Problem, Refused
from config.problems import printable, shown

SIZE = Problem("storage.luns.a.size_gib", "90", "is 58 GiB too small", "ask for ≥ 148 GiB")


def test_problem_reads_as_a_sentence_after_its_place() -> None:
    assert str(SIZE) == "storage.luns.a.size_gib: 90 is 58 GiB too small; ask for ≥ 148 GiB"
    placed = Problem(SIZE.path, SIZE.value, SIZE.rule, SIZE.remedy, "stacks/Pulumi.campus.yaml", 9)
    assert str(placed) == f"stacks/Pulumi.campus.yaml:9: {SIZE}"
    assert str(Problem(SIZE.path, SIZE.value, SIZE.rule, SIZE.remedy, "stacks/Pulumi.campus.yaml")) == f"stacks/Pulumi.campus.yaml: {SIZE}"


def test_problem_as_data_says_the_same() -> None:
    assert json.loads(json.dumps(SIZE.as_dict())) == {
        "path": "storage.luns.a.size_gib", "value": "90", "rule": "is 58 GiB too small", "remedy": "ask for ≥ 148 GiB",
        "file": "", "line": 0,
    }  # fmt: skip


def test_refusal_is_sorted_by_place_and_says_nothing_twice() -> None:
    def at(line: int, path: str) -> Problem:
        return Problem(path, "x", "is wrong", "write y", "f.yaml", line)

    refused = Refused([at(9, "b"), at(10, "a"), at(9, "a"), at(9, "b")])
    assert [(p.line, p.path) for p in refused.problems] == [(9, "a"), (9, "b"), (10, "a")]
    assert str(refused).splitlines() == [str(p) for p in refused.problems]


@pytest.mark.parametrize(("value", "text"), [
    (None, "nothing"), (True, "true"), (False, "false"), (5, "5"), (0.5, "0.5"), ("mail", "mail"), ("", "an empty text"),
    ({}, "an empty mapping"), ({"a": 1}, "a mapping"), ([], "an empty list"), ([1, 2], "a list of 2"), ((1,), "a list of 1"),
    (" a", '" a"'), ("a\nb", "a\\nb"),
    ("a\x1b[31m", "a\\x1b[31m"), ("a\u2028b", "a\\u2028b"), ("大学", "大学"), ("x" * 78, "x" * 78), ("x" * 79, "x" * 77 + "…"),
])  # fmt: skip
def test_value_is_shown_as_the_file_spells_it(value: Any, text: str) -> None:
    assert shown(value) == text


@given(st.text())
def test_text_is_shown_on_one_short_line(text: str) -> None:
    assert printable(text).isprintable()
    assert 1 <= len(shown(text)) <= 78
    assert shown(text).isprintable()
