"""Units turn into one another and back, and formulas write numbers that can be read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.types import DISK_BYTES_PER_UNIT
from sizing import units
from tests.sizing.arithmetic import evaluate
from tests.sizing.platforms import UNTIMED

SIZES = st.floats(0, 1e15)


@UNTIMED
@given(SIZES)
def test_units_turn_back(size: float) -> None:
    assert units.gib_from_bytes(size) * units.GIB == pytest.approx(size)
    assert units.gib_from_kib(size) * units.KIB_PER_GIB == pytest.approx(size)
    assert units.gib_from_mib(size) * units.MIB_PER_GIB == pytest.approx(size)
    assert units.gib_from_gb(size) * units.GIB / units.GB == pytest.approx(size)


@UNTIMED
@given(SIZES)
def test_units_agree_with_one_another(size: float) -> None:
    assert units.gib_from_bytes(size * 1024) == pytest.approx(units.gib_from_kib(size))
    assert units.gib_from_kib(size * 1024) == pytest.approx(units.gib_from_mib(size))
    assert units.gib_from_gb(size) == pytest.approx(units.gib_from_bytes(size * DISK_BYTES_PER_UNIT["gb"]))


def test_units_are_those_that_a_stack_is_told() -> None:
    assert (DISK_BYTES_PER_UNIT["gib"], DISK_BYTES_PER_UNIT["gb"]) == (units.GIB, units.GB)
    assert units.GIB == units.KIB_PER_GIB * DISK_BYTES_PER_UNIT["kib"] == units.MIB_PER_GIB * DISK_BYTES_PER_UNIT["mib"]


@UNTIMED
@given(st.floats(1e-12, 1e18))
def test_a_shown_number_reads_back(value: float) -> None:
    assert evaluate(units.show(value)) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (0.15, "0.15"),
        (54.3, "54.3"),
        (1234567.89, "1,234,568"),
        (999999.96, "1,000,000"),
        (100, "100"),
        (1e-4, "0.0001"),
        (0.000123456789, "0.000123457"),
        (1e-6, "0.000001"),
        (-0.25, "-0.25"),
        (1e-9, "0.000000001"),
        (9e-10, "9e-10"),
    ],
)
def test_numbers_are_shown_plainly(value: float, text: str) -> None:
    assert units.show(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0, 2, "0.00"), (1234.5678, 2, "1,234.57"), (0.005, 2, "0.01"), (0.0049, 2, "0.0049"), (0.000123, 1, "0.00012"), (0.04, 1, "0.04"),
     (0.05, 1, "0.1"), (1e-6, 2, "0.000001"), (1e-12, 2, "0.00"), (7, 0, "7")],
)  # fmt: skip
def test_short_numbers_always_say_something(value: float, decimals: int, text: str) -> None:
    assert units.short(value, decimals) == text
