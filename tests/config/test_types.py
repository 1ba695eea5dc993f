"""Leaf types: each limit at the limit and one step past it, and what to write instead."""

import math
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config import types

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NUMBERS = {
    "Number": (0, 10**12), "Positive": (1e-300, 10**12), "Count": (0, 10**12), "Days": (0, 36_500), "Hours": (0, 8_760),
    "BusyHourShare": (1 / 24, 1),
    "Share": (0, 1), "DiskGib": (1, 63_488), "LunGib": (1, 65_536), "MemoryGib": (0.25, 6_144), "VmMemoryGib": (0.25, 6_144),
    "ReservationGib": (0, 6_144), "PositiveCount": (1, 10**12), "KeptDays": (1, 36_500), "Years": (0, 30),
    "RoomGib": (0, 10**12), "QuotaGib": (1e-300, 10**12), "Port": (1, 65_535),
}  # fmt: skip
WHOLE = ("Count", "Years", "PositiveCount", "DiskGib", "Port")
SIZES = ("DiskGib", "LunGib", "MemoryGib", "VmMemoryGib", "ReservationGib", "RoomGib", "QuotaGib")
ALL = (*NUMBERS, "Whole", "Fraction", "Flag", "Address", "Cidr", "Name", "Fqdn", "Naa", "Text", "Folder")


def accepted(kind: str, value: Any) -> Any:
    """What the type makes of the value."""
    return TypeAdapter(getattr(types, kind)).validate_python(value)


def refusal(kind: str, value: Any) -> str:
    """Why the type refuses the value, as `rule; remedy`."""
    with pytest.raises(ValidationError) as caught:
        accepted(kind, value)
    (error,) = caught.value.errors()
    return str(error["ctx"]["error"]) if error["type"] == "value_error" else error["type"]


@pytest.mark.parametrize(("kind", "limits"), NUMBERS.items(), ids=str)
def test_number_is_accepted_at_its_limits_and_refused_past_them(kind: str, limits: tuple[float, float]) -> None:
    low, high = limits
    assert accepted(kind, low) == low
    assert accepted(kind, high) == high
    step = 1 if kind in WHOLE else 1e-3
    for past in (low - step, high + step):
        rule, remedy = refusal(kind, past).split("; ")
        assert rule.startswith("is "), rule
        assert remedy.startswith("write "), remedy


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e301, 10**400, -(10**400)], ids=lambda v: str(v)[:5])
def test_number_that_does_not_end_is_refused(kind: str, value: float) -> None:
    assert refusal(kind, value) == "is not a finite number; write a number"


@pytest.mark.parametrize("kind", [*NUMBERS, "Fraction"])
@pytest.mark.parametrize(("value", "rule"), [
    (True, "is not a number"), (False, "is not a number"), (None, "is not a number"), ([1], "is not a number"), ("many", "is not a number"),
    ("", "is not a number"), ("1_0", "is not a number"), ("٣", "is not a number"), ("90", "is text in quotes, not a number"),
    ("-1.5e3", "is text in quotes, not a number"),
])  # fmt: skip
def test_what_only_looks_like_a_number_is_refused(kind: str, value: Any, rule: str) -> None:
    assert refusal(kind, value).split("; ")[0] == rule


@pytest.mark.parametrize("kind", WHOLE)
def test_count_comes_whole_however_it_is_written(kind: str) -> None:
    assert accepted(kind, 3.0) == 3  # the engine hands 3.0 over as 3
    assert type(accepted(kind, 3.0)) is int
    assert refusal(kind, 2.5) == "is not a whole number; write 3"


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize(("value", "remedy"), [
    ("90GB", "write 84 (90 GB is 83.82 GiB), or 90 if vSphere shows it, whose GB is binary"),
    ("90 gb", "write 84 (90 gb is 83.82 GiB), or 90 if vSphere shows it, whose GB is binary"),
    ("1.5 TB", "write 1397 (1.5 TB is 1397 GiB), or 1536 if vSphere shows it, whose TB is binary"),
    ("4096MB", "write 4 (4096 MB is 3.815 GiB), or 4 if vSphere shows it, whose MB is binary"),
    ("90GiB", "write 90 (90 GiB is 90 GiB)"), ("90G", "write 90 (90 G is 90 GiB)"), ("90Gi", "write 90 (90 Gi is 90 GiB)"),
    ("2TiB", "write 2048 (2 TiB is 2048 GiB)"), ("512 MiB", "write 1 (512 MiB is 0.5 GiB)"),
    ("1" + "0" * 400 + "GB", "write the number of GiB, at most 65536"), ("65537 GiB", "write the number of GiB, at most 65536"),
])  # fmt: skip
@pytest.mark.hazard("H30", "model", "sizes are bare GiB; another unit is refused with the conversion")
def test_size_with_a_unit_is_converted(kind: str, value: str, remedy: str) -> None:
    assert refusal(kind, value) == f"carries a unit, and sizes are bare numbers of GiB; {remedy}"


@pytest.mark.parametrize("value", ["90 sheep", "GB", "-90GB", "9 0GB", "90GB!", "٣GB"])
def test_size_with_another_unit_is_not_guessed_at(value: str) -> None:
    assert refusal("DiskGib", value) == "is not a number; write a bare number without quotes or unit"


def test_fraction_stays_below_one_and_a_share_may_be_one() -> None:
    assert accepted("Fraction", 0) == 0
    assert accepted("Fraction", 0.999) == 0.999
    for value in (1, -0.001, 20):
        assert refusal("Fraction", value) == "is not a fraction from 0 to below 1; write 20 % as 0.20"
    assert refusal("Share", 20) == "is not a share from 0 to 1; write 20 % as 0.20"
    for kind in ("Fraction", "Share"):
        assert refusal(kind, "20%") == "is in percent; write 0.2"
        assert refusal(kind, "12.5 %") == "is in percent; write 0.125"


def test_zero_is_not_positive() -> None:
    for kind in ("Positive", "QuotaGib"):
        assert refusal(kind, 0) == "is not more than 0; write a number above 0"


@pytest.mark.parametrize("value", ["yes", "on", "true", 1, 0, None, "1"])
def test_flag_is_true_or_false_and_nothing_else(value: Any) -> None:
    assert accepted("Flag", True) is True
    assert accepted("Flag", False) is False
    assert refusal("Flag", value) == "bool_type"


@pytest.mark.parametrize("value", [3221225985, True, b"abcd", 1.5, None, ["192.0.2.1"], "", "192.0.2.01", "192.0.2.256", "2001:db8::1",
                                   "192.0.2.1/32", " 192.0.2.1", "192.0.2"])  # fmt: skip
def test_address_is_text_of_four_numbers(value: Any) -> None:
    assert accepted("Address", "192.0.2.1") == IPv4Address("192.0.2.1")
    assert accepted("Address", IPv4Address("192.0.2.1")) == IPv4Address("192.0.2.1")
    assert refusal("Address", value) == "is not an IPv4 address; write for example 192.0.2.10"


@pytest.mark.parametrize("value", [3221225984, None, ["192.0.2.0", 24], "", "192.0.2.0/33", "192.0.2.0/24/24", "192.0.2.0/0.0.0.255",
                                   "192.0.2.0/255.255.255.0", "192.0.2.0/", "2001:db8::/32", "192.0.2/24"])  # fmt: skip
def test_network_is_text_of_an_address_and_a_length(value: Any) -> None:
    assert accepted("Cidr", "192.0.2.0/24") == IPv4Network("192.0.2.0/24")
    assert accepted("Cidr", "192.0.2.7") == IPv4Network("192.0.2.7/32")
    assert accepted("Cidr", IPv4Network("192.0.2.0/24")) == IPv4Network("192.0.2.0/24")
    assert refusal("Cidr", value) == "is not an IPv4 network; write its first address and its length, for example 192.0.2.0/24"


def test_network_that_names_an_address_inside_is_corrected() -> None:
    assert refusal("Cidr", "192.0.2.77/26") == "names an address inside a network; write 192.0.2.64/26"


@pytest.mark.parametrize(("kind", "good", "bad"), [
    ("Name", ["a", "0", "mail-fc", "a" * 63, "a--b"],
     ["", "-a", "a-", "A", "a_b", "a.b", "a b", "a" * 64, "é", "a\n"]),
    ("Fqdn", ["campus.example", "a.b.c", "x1.y2z", ".".join(["a" * 63] * 3 + ["b" * 61])],
     ["", "campus", "Campus.example", "campus.example.", ".example", "a..b", "-a.example", "a.7", "192.0.2.2", "a b.example",
      ".".join(["a" * 63] * 3 + ["b" * 62]), "campus.example\n"]),
    ("Folder", ["mail", "mail/campus", "a b/c.d", "大学/mail", "f" * 80 + "/" + "g" * 80],
     ["", "/mail", "mail/", "a//b", "/", "//", " a", "a /b", "a/ b", "a/./b", "../mail", "f" * 81, "a/" + "f" * 81, "a\nb"]),
    ("Naa", ["naa.60003ff44dc75adc0000000000000001", "eui.0025385b71b0a5e7", "t10.ATA_____disk"],
     ["", "60003ff44dc75adc0000000000000001", "naa.", "naa.1234567", "NAA.60003ff44dc75adc", "naa.60003ff4 4dc75adc"]),
    ("Text", ["a", "VM Network", "大学", "a/b", "mail　spool", "https://files.example:8443/a@b.ova?x=:@", "http://[2001:db8::1]:80/a.ova",
              "file:///srv/a.ova", "it://"],
     ["https://user:secret@files.example/a.ova", "https://user@files.example/a.ova", "https://u:se/cr@files.example/a.ova", "x://:p@h",
      "", " a", "a ", "\ta", "a\nb", "a\x1b[31mb", "a\x7fb", "a\u2028b", "a\u2029b", "a\x85b"]),
])  # fmt: skip
def test_texts(kind: str, good: list[str], bad: list[str]) -> None:
    assert [accepted(kind, value) for value in good] == good
    for value in bad:
        rule, remedy = refusal(kind, value).split("; ")
        assert rule.startswith(("is ", "has ")), value
        assert remedy.startswith("write "), value
    for other in (5, 1.5, True, None, ["a"]):
        assert refusal(kind, other) == "string_type"


@pytest.mark.parametrize("kind", ["naa", "eui"])
def test_device_is_named_in_lower_case_as_vcenter_names_it(kind: str) -> None:
    assert accepted("Naa", f"{kind}.60003FF44DC75ADC") == f"{kind}.60003ff44dc75adc"
    assert accepted("Naa", "t10.ATA_____Disk") == "t10.ATA_____Disk"


def test_memory_of_a_vm_comes_in_steps_of_4_mib() -> None:
    assert accepted("VmMemoryGib", 4 + 1 / 256) == 4 + 1 / 256
    assert refusal("VmMemoryGib", 4.1) == "is not a multiple of 4 MiB, in which vSphere gives memory; write 4.1015625"
    assert accepted("VmMemoryGib", 4.1015625) == 4.1015625
    assert refusal("VmMemoryGib", 4 + 1 / 512) == f"is not a multiple of 4 MiB, in which vSphere gives memory; write {4 + 1 / 256}"


@settings(max_examples=500)
@given(kind=st.sampled_from(ALL), value=ANYTHING)
def test_any_value_is_accepted_or_refused_with_a_rule_and_a_remedy(kind: str, value: Any) -> None:
    try:
        accepted(kind, value)
    except ValidationError as error:
        for details in error.errors():
            if details["type"] == "value_error":
                rule, _, remedy = str(details["ctx"]["error"]).partition("; ")
                assert rule, value
                assert remedy, value


@given(data=st.data(), kind=st.sampled_from(list(NUMBERS)))
def test_every_number_between_the_limits_is_accepted_and_keeps_its_value(data: st.DataObject, kind: str) -> None:
    low, high = NUMBERS[kind]
    whole = st.integers(math.ceil(low), int(high))
    if kind == "VmMemoryGib":
        value = data.draw(st.integers(math.ceil(low * 256), int(high * 256))) / 256
    else:
        value = data.draw(whole if kind in WHOLE else whole | st.floats(low, high))
    assert accepted(kind, value) == value


def test_every_type_of_the_module_is_tested() -> None:
    defined = {name for name, value in vars(types).items() if hasattr(value, "__metadata__")}
    assert defined == set(ALL)
