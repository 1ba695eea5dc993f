"""The zone's records follow from the platform."""

from ipaddress import IPv4Address
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan import access, haproxy, zone
from plan.zone import Record, RecordType
from tests.plan.described import SECTIONS, described


def _owners(type_: RecordType, changes: dict[str, Any] | None = None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in zone.zone(described(changes)).records:
        if record.type is type_:
            found.setdefault(record.owner, []).append(record.data)
    return found


def test_every_inbound_host_is_a_mail_exchanger_of_equal_preference() -> None:
    second = {"service": "inbound", "host": "mx2", "address": "192.0.2.105", "ports": [25], "pool": "scanner"}
    found = _owners(RecordType.MX, {"balancers.listeners.also": second})
    assert found == {"campus.example.": ["10 mx.campus.example.", "10 mx2.campus.example."]}


def test_the_mail_domain_may_stand_below_the_zone() -> None:
    assert _owners(RecordType.MX, {"site.domain": "mail.campus.example"}) == {"mail.campus.example.": ["10 mx.campus.example."]}


def test_every_service_and_server_has_its_address() -> None:
    found = _owners(RecordType.A)
    assert found["relay.campus.example."] == ["192.0.2.101"]
    assert found["smtp.campus.example."] == ["192.0.2.102"]
    assert found["campus-scanner-2.campus.example."] == ["192.0.2.22"]
    addresses = {IPv4Address(a) for values in found.values() for a in values}
    assert {server.node.address for server in described().servers} <= addresses


def test_listeners_that_share_a_name_and_address_share_a_record() -> None:
    shared = {"balancers.listeners.mailbox.host": "smtp", "balancers.listeners.mailbox.address": "192.0.2.102"}
    assert _owners(RecordType.A, shared)["smtp.campus.example."] == ["192.0.2.102"]


def test_a_name_server_has_glue_only_inside_the_zone() -> None:
    found = zone.zone(described({"dns.name_servers": {"ns1.campus.example": "192.0.2.2", "ns.isp.example": None}}))
    assert found.primary == "ns.isp.example."
    assert Record(owner="campus.example.", type=RecordType.NS, data="ns.isp.example.") in found.records
    assert Record(owner="ns1.campus.example.", type=RecordType.A, data="192.0.2.2") in found.records
    assert "ns.isp.example." not in {record.owner for record in found.records}


@pytest.mark.parametrize(
    ("name", "inside"),
    [("campus.example", True), ("a.campus.example", True), ("notcampus.example", False), ("example", False)],
)
def test_within(name: str, inside: bool) -> None:
    assert zone.within(name, "campus.example") is inside


def test_serial_and_ttl_are_the_stacks() -> None:
    text = zone.render(described({"dns.serial": 7, "dns.ttl_seconds": 300}))
    assert "$TTL 300\n" in text
    assert "    7 ; serial\n" in text


def test_every_name_has_its_final_dot() -> None:
    for record in zone.zone(described()).records:
        assert record.owner.endswith(".example.")
        if record.type is not RecordType.A:
            assert record.data.endswith(".example.")


def _shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        items = [(key, _shuffled(v, random)) for key, v in value.items()]
        random.shuffle(items)
        return dict(items)
    return value


@given(st.randoms(use_true_random=False))
def test_the_order_in_the_stack_does_not_matter(random: Random) -> None:
    first, second = described(), described({key: _shuffled(value, random) for key, value in SECTIONS.items()})
    assert zone.render(second) == zone.render(first)
    assert haproxy.render(second) == haproxy.render(first)
    assert access.render(second.access) == access.render(first.access)
