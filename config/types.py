"""Leaf types: a plain validator function each, then an annotated alias that the models use.

A validator raises `ValueError("rule; remedy")`: both halves become a `Problem`.
"""

import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

MAX_DISK_GIB = 62 * 1024  # GiB; largest VMDK is 62 TB in vSphere's (binary) units; vSphere 6.5+ configuration maximums
MAX_LUN_GIB = 64 * 1024  # GiB; largest VMFS datastore is 64 TB; vSphere 6.5+ configuration maximums
DISK_BYTES_PER_UNIT = {
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40,
}  # fmt: skip

_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NAA = re.compile(r"(naa|eui|t10)\.[0-9A-Za-z_.:-]{8,96}")


def number(value: Any) -> Any:
    """Refuse what only looks like a number: text, yes/no, NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number; write a bare number without quotes or unit")
    if not math.isfinite(value):
        raise ValueError("is not a finite number; write a number")
    return value


def gib(value: Any) -> Any:
    """Refuse a size that carries a unit, and give the conversion: vSphere's "GB" is GiB (2^30 bytes)."""
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match and match[2].lower() in DISK_BYTES_PER_UNIT:
        size_gib = float(match[1]) * DISK_BYTES_PER_UNIT[match[2].lower()] / 2**30
        raise ValueError(f"carries a unit, and sizes are bare numbers of GiB; it is {size_gib:.4g} GiB: write {math.ceil(size_gib)}")
    return number(value)


def whole(value: Any) -> Any:
    """Refuse a fraction of a thing that comes whole."""
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"is not a whole number; write {math.ceil(value)}")
    return value


def _between(low: float, high: float, unit: str) -> AfterValidator:
    def check(value: float) -> float:
        if not low <= value <= high:
            raise ValueError(f"is outside {low:g} to {high:g}{unit}; write a number in that range")
        return value

    return AfterValidator(check)


def _fraction(value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError("is not a fraction from 0 to below 1; write 20 % as 0.20")
    return value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError("is not a share from 0 to 1; write 20 % as 0.20")
    return value


def name(value: str) -> str:
    """A DNS label in lower case: also the name of a VM, a LUN, a network or a listener."""
    if not _NAME.fullmatch(value):
        raise ValueError("is not a name of lower-case letters, digits and inner hyphens, 1 to 63 long; write for example scanner-1")
    return value


def fqdn(value: str) -> str:
    """A domain of two or more DNS labels, without the final dot."""
    if len(value) > 253 or "." not in value or not all(_NAME.fullmatch(label) for label in value.split(".")):
        raise ValueError("is not a fully qualified domain name in lower case; write for example campus.example")
    return value


def naa(value: str) -> str:
    """A LUN's canonical name as ESXi shows it."""
    if not _NAA.fullmatch(value):
        raise ValueError("is not a LUN's canonical name; write it as the host's storage devices list shows it, such as naa.60003ff4…")
    return value


def text(value: str) -> str:
    """Any text but an empty or padded one."""
    if not value or value != value.strip():
        raise ValueError("is empty or has blanks around it; write the name as vCenter shows it")
    return value


Number = Annotated[float, BeforeValidator(number), _between(0, 10**12, "")]
Positive = Annotated[float, BeforeValidator(number), _between(1e-9, 10**12, "")]
Count = Annotated[int, BeforeValidator(whole), BeforeValidator(number), _between(0, 10**12, "")]
Days = Annotated[float, BeforeValidator(number), _between(0, 36_500, " days")]
Hours = Annotated[float, BeforeValidator(number), _between(0, 8_760, " hours")]
Fraction = Annotated[float, BeforeValidator(number), AfterValidator(_fraction)]
Share = Annotated[float, BeforeValidator(number), AfterValidator(_share)]
DiskGib = Annotated[int, BeforeValidator(whole), BeforeValidator(gib), _between(1, MAX_DISK_GIB, " GiB")]
LunGib = Annotated[float, BeforeValidator(gib), _between(1, MAX_LUN_GIB, " GiB")]
MemoryGib = Annotated[float, BeforeValidator(gib), _between(0.25, 6 * 1024, " GiB")]
ReservationGib = Annotated[float, BeforeValidator(gib), _between(0, 6 * 1024, " GiB")]
Port = Annotated[int, BeforeValidator(whole), BeforeValidator(number), _between(1, 65_535, "")]
Name = Annotated[str, AfterValidator(name)]
Fqdn = Annotated[str, AfterValidator(fqdn)]
Naa = Annotated[str, AfterValidator(naa)]
Text = Annotated[str, AfterValidator(text)]
