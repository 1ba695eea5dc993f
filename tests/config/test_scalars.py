"""Unquoted values: each is what Pulumi's engine reads, or it is refused; `test_engine_reads_the_same` asks the engine itself."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.scalars import MAX_NUMBER, plain

TEXTS = """
    yes no on off Yes NO ON Off y n Y N tRue fALSE nULL
    12:30 12:30:45 190:20:30.5 1:30
    1.2.3 192.0.2.1 1e e3 +-5 _1 . .. -. + 0x 0xg 0b2 1,000 0x1p4 5e inf nan Infinity NaN .Infinity １２ ٣ 1٣ 10GB 2024-01 2024-13 = é
"""  # to a reader of YAML 1.1 the first line is yes and no, the second are numbers to the base of 60
READ: dict[str, Any] = {
    **{text: text for text in (*TEXTS.split(), "a b")},
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    "0": 0, "5": 5, "+5": 5, "-5": -5, "-0": 0, "20240101": 20240101,
    "900.0": 900, "0.20": 0.2, "5.": 5, ".5": 0.5, "+.5": 0.5, "-.5": -0.5,
    "1e3": 1000, "1E3": 1000, "1.0e3": 1000, "1.0e+3": 1000, "1e-3": 0.001, ".5e3": 500, "1.e3": 1000, "12e03": 12000, "0e0": 0,
    "1e-400": 0, "9007199254740991": 9007199254740991, "-9007199254740991": -9007199254740991,
}  # fmt: skip
ODD = """
    0x1F 0X1F -0x1F 0b11 0B11 0o17 0O17 -0o17 017 08 09.5 00 -017 0_7 1_000 1__0 1_ 1_000.5 1.5_0 .5_0 0_.5 00.5 01e3 0777.5
    0x_1 0_x1 1_0e3 0.1e1_0
"""
DATES = "2024-01-01 2024-1-2 2024-01-01T10:00:00Z 2024-01-01t10:00:00+09:00 2024-13-45"
HUGE = "9007199254740992 -9007199254740992 18446744073709551615 1e16 1e400 -1e400 123456789012345678901234567890"
REFUSED = {
    "is not a number in plain decimal": ODD.split(),
    "looks like a date": [*DATES.split(), "2024-01-01 10:00:00"],
    "is beyond any number that a stack needs": [*HUGE.split(), "9" * 5000],
}


@pytest.mark.parametrize(("text", "value"), READ.items(), ids=repr)
def test_value_is_what_the_engine_reads(text: str, value: Any) -> None:
    assert plain(text) == value
    assert isinstance(plain(text), bool) == isinstance(value, bool)


@pytest.mark.parametrize(("text", "rule"), [(text, rule) for rule, texts in REFUSED.items() for text in texts], ids=lambda t: t[:30])
def test_value_that_hides_itself_is_refused(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=r"; (write|put) ") as caught:
        plain(text)
    assert str(caught.value).startswith(rule)


def test_infinity_and_not_a_number_are_read_and_left_to_their_types() -> None:
    for text in (".inf", "+.Inf", ".INF"):
        assert plain(text) == math.inf
    for text in ("-.inf", "-.INF"):
        assert plain(text) == -math.inf
    for text in (".nan", ".NaN", ".NAN"):
        assert math.isnan(plain(text))  # type: ignore[arg-type]


@given(st.integers(-MAX_NUMBER + 1, MAX_NUMBER - 1))
def test_whole_number_is_read_as_it_is_written(value: int) -> None:
    assert plain(str(value)) == value
    assert type(plain(str(value))) is int


@given(st.floats(-1e15, 1e15))
def test_number_is_read_as_it_is_written(value: float) -> None:
    assert plain(repr(value)) == value


@given(st.text(max_size=12) | st.text("0123456789+-._eExXoObBabcf:TZ ", max_size=12))
def test_any_text_has_a_value_or_a_rule_and_a_remedy(text: str) -> None:
    try:
        value = plain(text)
    except ValueError as error:
        rule, _, remedy = str(error).partition("; ")
        assert rule, text
        assert remedy, text
    else:
        assert not isinstance(value, str) or value == text
