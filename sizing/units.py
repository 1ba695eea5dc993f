"""Units, in one place, and the way formulas write their numbers."""

import math
from typing import NamedTuple

GIB = 2**30  # B; what vSphere calls GB
MIB_PER_GIB = 2**10  # MiB/GiB
KIB_PER_GIB = 2**20  # KiB/GiB
GB = 10**9  # B; what a disk's label calls GB
HOURS_PER_DAY = 24  # h/d
DAYS_PER_YEAR = 365  # d/a
SECONDS_PER_HOUR = 3600  # s/h
_NEXT_TO_NOTHING = 1e-9  # no size, share or time that anybody looks at is smaller


def gib_from_bytes(size: float) -> float:
    """Bytes in GiB."""
    return size / GIB


def gib_from_kib(size: float) -> float:
    """KiB in GiB."""
    return size / KIB_PER_GIB


def gib_from_mib(size: float) -> float:
    """MiB in GiB."""
    return size / MIB_PER_GIB


def gib_from_gb(size: float) -> float:
    """GB of 10^9 bytes in GiB: 90 GB is 83.8 GiB."""
    return size * GB / GIB


def show(value: float) -> str:
    """A number as people read it: six digits at least, thousands apart, no exponent but for what is next to nothing."""
    if abs(value) < _NEXT_TO_NOTHING:
        return f"{value:.6g}"
    decimals = max(0, 5 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def short(value: float, decimals: int = 2) -> str:
    """A number with so many decimals, thousands apart; where these would show nothing of it, with two digits that do."""
    if round(abs(value), decimals) or abs(value) < _NEXT_TO_NOTHING:
        return f"{value:,.{decimals}f}"
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}".rstrip("0")


class Amount(NamedTuple):
    """A number with the arithmetic that yields it."""

    value: float
    text: str


def amount(value: float) -> Amount:
    """A number that no arithmetic yields."""
    return Amount(value, show(value))
