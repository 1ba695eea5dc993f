"""The access list covers exactly the listed devices, in as few rows as possible."""

from ipaddress import IPv4Network, collapse_addresses
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from config.services import Access, Enforcer
from plan import access

BASE = int(IPv4Network("10.0.0.0/22").network_address)
DEVICES = st.builds(
    lambda offset, length: IPv4Network((BASE + offset, length), strict=False),
    st.integers(0, 1023),
    st.integers(22, 32),
)


def _access(devices: list[IPv4Network]) -> Access:
    return Access(enforced_by=Enforcer.GATEWAY, devices=devices)


def _addresses(networks: list[IPv4Network] | tuple[IPv4Network, ...]) -> list[int]:
    return [int(address) for network in networks for address in network]


@given(st.lists(DEVICES, max_size=12))
def test_rows_cover_exactly_the_devices(devices: list[IPv4Network]) -> None:
    covered = _addresses(access.rows(_access(devices)))
    assert covered == sorted(set(_addresses(devices)))


@given(st.lists(DEVICES, max_size=12))
def test_rows_are_never_more_than_devices_nor_than_needed(devices: list[IPv4Network]) -> None:
    rows = access.rows(_access(devices))
    assert len(rows) <= len(devices)
    assert list(rows) == list(collapse_addresses(devices))


@given(st.lists(DEVICES, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_devices_does_not_matter(devices: list[IPv4Network], random: Random) -> None:
    shuffled = devices.copy()
    random.shuffle(shuffled)
    assert access.render(_access(shuffled)) == access.render(_access(devices))


def test_the_file_has_one_network_a_line() -> None:
    devices = [IPv4Network(d) for d in ("203.0.113.7/32", "198.51.100.128/25", "198.51.100.0/25")]
    assert access.render(_access(devices)) == "198.51.100.0/24\n203.0.113.7/32\n"


def test_no_devices_is_an_empty_file() -> None:
    assert access.render(_access([])) == ""
