"""Leaf types: a plain validator function each, then an annotated alias that the models use.

A validator raises `ValueError("rule; remedy")`: both halves become a `Problem`.
"""

import math
import re
import unicodedata
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Strict

MAX_DISK_GIB = 62 * 1024  # GiB; largest VMDK is 62 TB in vSphere's (binary) units; vSphere 6.5+ configuration maximums
MAX_LUN_GIB = 64 * 1024  # GiB; largest VMFS datastore is 64 TB; vSphere 6.5+ configuration maximums
MEMORY_STEPS_PER_GIB = 256  # a VM's memory comes in steps of 4 MiB; vSphere Web Services API, VirtualMachineConfigSpec.memoryMB
_HOURS_PER_DAY = 24  # h/d
MAX_FOLDER_NAME = 80  # characters of an inventory object's name; vSphere Web Services API, ManagedEntity.name
NO_HOSTS = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")))
"""No host has one of these to be reached by: this network, loopback, link-local, multicast, reserved (RFC 6890, 2.2.2; RFC 5771)."""
DISK_BYTES_PER_UNIT = {
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40,
    "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40,
}  # fmt: skip

_NUMERAL = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NAA = re.compile(r"(naa|eui|t10)\.[0-9A-Za-z_.:-]{8,96}")
_NETWORK = re.compile(r"[0-9.]+(/[0-9]{1,2})?")
_LOGIN = re.compile(r"://(?:[^/?#]*@|(?!\[)[^/?#:]*:(?![0-9]*(?:[/?#]|$)))")  # a user before the host, or what is no port after it


def number(value: Any) -> Any:
    """Refuse what only looks like a number: text, yes/no, NaN, infinity and what no computer adds up."""
    if isinstance(value, str) and _NUMERAL.fullmatch(value):
        raise ValueError("is text in quotes, not a number; write it without the quotes")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number; write a bare number without quotes or unit")
    if not abs(value) < 1e300:  # also true of NaN
        raise ValueError("is not a finite number; write a number")
    return value


def gib(value: Any) -> Any:
    """Refuse a size that carries a unit, and give the conversion: vSphere's "GB" is GiB (2^30 bytes)."""
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match and match[2].lower() in DISK_BYTES_PER_UNIT:
        raise ValueError(f"carries a unit, and sizes are bare numbers of GiB; {_conversion(float(match[1]), match[2])}")
    return number(value)


def _conversion(amount: float, unit: str) -> str:
    def size_gib(of: str) -> float:
        return amount * DISK_BYTES_PER_UNIT[of] / 2**30

    size = size_gib(unit.lower())
    if size > MAX_LUN_GIB:
        return f"write the number of GiB, at most {MAX_LUN_GIB}"
    advice = f"write {math.ceil(size)} ({amount:g} {unit} is {size:.4g} GiB)"
    if unit.lower() in ("kb", "mb", "gb", "tb"):
        advice += f", or {math.ceil(size_gib(unit[0].lower()))} if vSphere shows it, whose {unit.upper()} is binary"
    return advice


def whole(value: Any) -> Any:
    """Refuse a fraction of a thing that comes whole."""
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"is not a whole number; write {math.ceil(value)}")
    return value


def _between(low: float, high: int, unit: str) -> AfterValidator:
    def check(value: float) -> float:
        if value < low:
            raise ValueError(f"is less than {low:g}{unit}; write {low:g} or more")
        if value > high:
            raise ValueError(f"is more than {high}{unit}; write {high} or less")
        return value

    return AfterValidator(check)


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("is not more than 0; write a number above 0")
    return value


def percent(value: Any) -> Any:
    """Refuse a percentage, and give the share."""
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match:
        raise ValueError(f"is in percent; write {float(match[1]) / 100:g}")
    return value


def _fraction(value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError("is not a fraction from 0 to below 1; write 20 % as 0.20")
    return value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError("is not a share from 0 to 1; write 20 % as 0.20")
    return value


def _busiest(value: float) -> float:
    if value < 1 / _HOURS_PER_DAY:
        raise ValueError("is less than 1/24, and no day has less than that in its busiest hour; write 0.0417 or more, as measured")
    return value


def memory(value: float) -> float:
    """Refuse memory that vSphere can't give: it comes in steps of 4 MiB."""
    if value != memory_step(value):
        raise ValueError(f"is not a multiple of 4 MiB, in which vSphere gives memory; write {memory_step(value)}")
    return value


def _kept(value: float) -> float:
    if value < 1:
        raise ValueError("is less than a day, and nothing is removed more often than once a day; write 1 or more")
    return value


def memory_step(value: float) -> float:
    """The least memory that vSphere can give and that is not less than `value`, GiB."""
    return math.ceil(value * MEMORY_STEPS_PER_GIB) / MEMORY_STEPS_PER_GIB


def name(value: str) -> str:
    """A DNS label in lower case: also the name of a VM, a LUN, a network or a listener."""
    if not _NAME.fullmatch(value):
        raise ValueError("is not a name of lower-case letters, digits and inner hyphens, 1 to 63 long; write for example scanner-1")
    return value


def fqdn(value: str) -> str:
    """A domain of two or more DNS labels, without the final dot."""
    labels = value.split(".")
    if len(value) > 253 or len(labels) < 2 or labels[-1].isdigit() or not all(map(_NAME.fullmatch, labels)):
        raise ValueError("is not a fully qualified domain name in lower case; write for example campus.example")
    return value


def naa(value: str) -> str:
    """A LUN's canonical name as ESXi shows it: hexadecimal digits in lower case; a t10 name is text of its vendor and stays as it is."""
    if not _NAA.fullmatch(value):
        raise ValueError("is not a LUN's canonical name; write it as the host's storage devices list shows it, such as naa.60003ff4…")
    return value if value.startswith("t10.") else value.lower()


def text(value: str) -> str:
    """Any text on one line but an empty or padded one, and none that carries a password: a stack is readable by all."""
    if not value:
        raise ValueError("is no name; write the name as vCenter shows it")
    if value != value.strip():
        raise ValueError("has blanks around it; write the name as vCenter shows it")
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value):
        raise ValueError("has a line break or a control character in it; write the name as vCenter shows it")
    if _LOGIN.search(value):
        raise ValueError("has a user or a password in it; write the URL without, and let the file be read without one, or use a local copy")
    return value


def folder(value: str) -> str:
    """A path of VM folders, each by its name."""
    parts = text(value).split("/")
    if any(not part or part in (".", "..") or part != part.strip() for part in parts):
        raise ValueError("is not a path of folder names with one slash between each two; write for example mail/campus")
    if max(map(len, parts)) > MAX_FOLDER_NAME:
        raise ValueError(f"has a folder name of more than {MAX_FOLDER_NAME} characters; write a shorter one")
    return value


def address(value: Any) -> Any:
    """An IPv4 address as text: to Python a number is one too."""
    try:
        return value if isinstance(value, IPv4Address) else IPv4Address(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("is not an IPv4 address; write for example 192.0.2.10") from None


def network(value: Any) -> Any:
    """An IPv4 network as text, by its first address and its length."""
    if isinstance(value, IPv4Network):
        return value
    try:
        found = IPv4Network(value if isinstance(value, str) and _NETWORK.fullmatch(value) else "", strict=False)
    except ValueError:
        raise ValueError("is not an IPv4 network; write its first address and its length, for example 192.0.2.0/24") from None
    if str(found.network_address) != value.partition("/")[0]:
        raise ValueError(f"names an address inside a network; write {found}")
    return found


Number = Annotated[float, BeforeValidator(number), _between(0, 10**12, "")]
Positive = Annotated[float, BeforeValidator(number), AfterValidator(_positive), _between(0, 10**12, "")]
Whole = Annotated[int, BeforeValidator(whole), BeforeValidator(number)]
"""For a key with limits of its own: what is said of a value is then what holds."""
Count = Annotated[Whole, _between(0, 10**12, "")]
PositiveCount = Annotated[Whole, _between(1, 10**12, "")]
Days = Annotated[float, BeforeValidator(number), _between(0, 36_500, " days")]
KeptDays = Annotated[Days, AfterValidator(_kept)]
"""How long something is kept that is removed once a day at most."""
Years = Annotated[Whole, _between(0, 30, " years")]
"""How far ahead; 30 at most, since growth compounds."""
Hours = Annotated[float, BeforeValidator(number), _between(0, 8_760, " hours")]
Fraction = Annotated[float, BeforeValidator(number), BeforeValidator(percent), AfterValidator(_fraction)]
Share = Annotated[float, BeforeValidator(number), BeforeValidator(percent), AfterValidator(_share)]
BusyHourShare = Annotated[Share, AfterValidator(_busiest)]
DiskGib = Annotated[int, BeforeValidator(whole), BeforeValidator(gib), _between(1, MAX_DISK_GIB, " GiB")]
LunGib = Annotated[float, BeforeValidator(gib), _between(1, MAX_LUN_GIB, " GiB")]
RoomGib = Annotated[float, BeforeValidator(gib), _between(0, 10**12, " GiB")]
QuotaGib = Annotated[RoomGib, AfterValidator(_positive)]
MemoryGib = Annotated[float, BeforeValidator(gib), _between(0.25, 6 * 1024, " GiB")]
VmMemoryGib = Annotated[MemoryGib, AfterValidator(memory)]
ReservationGib = Annotated[float, BeforeValidator(gib), _between(0, 6 * 1024, " GiB")]
Port = Annotated[int, BeforeValidator(whole), BeforeValidator(number), _between(1, 65_535, "")]
Flag = Annotated[bool, Strict()]
Address = Annotated[IPv4Address, BeforeValidator(address)]
Cidr = Annotated[IPv4Network, BeforeValidator(network)]
Name = Annotated[str, AfterValidator(name)]
Fqdn = Annotated[str, AfterValidator(fqdn)]
Naa = Annotated[str, AfterValidator(naa)]
Text = Annotated[str, AfterValidator(text)]
Folder = Annotated[str, AfterValidator(folder)]
