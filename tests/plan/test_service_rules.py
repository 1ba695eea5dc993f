"""Each rule lets what is right pass, up to its limit, and names what is wrong one step past it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config import Platform, Problem
from plan import haproxy, zone
from plan import service_rules as rules
from tests.plan.described import described

Rule = Callable[[Platform], Iterator[Problem]]

L = "balancers.listeners"
LABEL = "a" * 63
LONG_ZONE = f"{LABEL}.{LABEL}.{LABEL}.{'b' * 32}.example"  # 3 × 63 + 32 + 7 letters and 4 dots: 232 characters
HOST_20 = {f"{L}.{name}.host": f"{name[0]}{'x' * 19}" for name in ("inbound", "relay", "submission", "mailbox", "directory")}
LONG = {"dns.zone": LONG_ZONE, "site.domain": LONG_ZONE, "dns.name_servers": {"ns.isp.example": None}, "site.name": "c"}

BREACHES: list[tuple[Rule, dict[str, Any], str]] = [
    (rules.mail_can_arrive, {f"{L}.inbound": ...},
     "balancers.listeners: no listener receives mail from outside, so there is no MX record; "
     "add a listener with service: inbound, ports: [25] and pool: scanner"),
    (rules.mail_can_arrive, {f"{L}.inbound.ports": [587, 2525]},
     "balancers.listeners.inbound.ports: 587, 2525 leaves out port 25, the only one that senders from outside try; add 25"),
    (rules.outbound_services_are_told_apart, {f"{L}.submission.host": "relay"},
     "balancers.listeners.submission.host: relay is the name of outbound-open (relay) and outbound-authenticated (submission); "
     "give each its own host name: sharing one confuses users"),
    (rules.every_name_has_one_address, {f"{L}.mailbox.host": "smtp"},
     "balancers.listeners.submission.host: smtp.campus.example is the name of 192.0.2.102 and of 192.0.2.103 "
     "(balancers.listeners.mailbox.host); give each address its own name"),
    (rules.every_name_has_one_address, {f"{L}.mailbox.host": "campus-mta-1"},
     "spool.mtas.mta-1: campus-mta-1.campus.example is the name of 192.0.2.31 and of 192.0.2.103 "
     "(balancers.listeners.mailbox.host); give each address its own name"),
    (rules.every_name_has_one_address, {f"{L}.mailbox.host": "ns1"},
     "balancers.listeners.mailbox.host: ns1.campus.example is the name of 192.0.2.103 and of 192.0.2.2 "
     "(dns.name_servers.ns1.campus.example); give each address its own name"),
    (rules.names_fit_dns, LONG | HOST_20 | {f"{L}.relay.host": "r" * 21},
     f"balancers.listeners.relay.host: {'r' * 21}.{LONG_ZONE} is 254 characters long, and DNS allows 253; use a shorter name or zone"),
    (rules.the_zone_holds_the_mail_domain, {"site.domain": "notcampus.example"},
     "dns.zone: campus.example does not hold the mail domain notcampus.example, so its MX records can't stand there; "
     "write notcampus.example, or the zone above that holds it"),
    (rules.name_servers_are_found, {"dns.name_servers": {"ns1.campus.example": None}},
     "dns.name_servers.ns1.campus.example: ns1.campus.example is inside the zone campus.example, so that nobody can find it without "
     "its address; write its IPv4 address"),
    (rules.name_servers_are_found, {"dns.name_servers": {"ns.isp.example": "192.0.2.2"}},
     "dns.name_servers.ns.isp.example: ns.isp.example is outside the zone campus.example, which can't say its address; "
     "leave the address empty"),
    (rules.a_pool_can_answer, {f"{L}.relay.pool": "mta"},
     "balancers.listeners.relay.pool: mta can't answer the service outbound-open; write scanner"),
    (rules.a_pool_can_answer, {f"{L}.submission.pool": "mailbox"},
     "balancers.listeners.submission.pool: mailbox can't answer the service outbound-authenticated; write scanner or mta"),
    (rules.the_access_list_fits, {"access": {"enforced_by": "balancer", "devices": ["10.0.0.1", "10.0.0.3", "10.0.0.5", "10.0.0.4"]}},
     "access.devices: 4 devices need 3 rows after merging, and the balancer's list can have 2; "
     "write access.enforced_by: gateway, whose list has no limit, or list whole networks"),
    (rules.the_relay_is_not_open, {"access.devices": ["0.0.0.0/0"]},
     "access.devices: 0.0.0.0/0 admits 4,294,967,296 addresses, more than any site has to itself (16,777,216): an open relay; "
     "list the devices' own networks or single addresses"),
    (rules.the_relay_is_not_open, {"access.devices": ["10.0.0.0/8", "11.0.0.0/8"]},
     "access.devices: 10.0.0.0/7 admits 33,554,432 addresses, more than any site has to itself (16,777,216): an open relay; "
     "list the devices' own networks or single addresses"),
    (rules.the_relay_is_not_open, {"access.devices": ["10.0.0.0/8", "203.0.113.7"]},
     "access.devices: 2 devices admit 16,777,217 addresses, more than any site has to itself (16,777,216): an open relay; "
     "list the devices' own networks or single addresses"),
    (rules.the_relay_is_not_open, {"access.devices": [f"{i}.0.0.0/9" for i in range(20, 24)]},
     "access.devices: 4 devices admit 33,554,432 addresses, more than any site has to itself (16,777,216): an open relay; "
     "list the devices' own networks or single addresses"),
    (rules.own_servers_are_devices_one_by_one, {"access.devices": ["203.0.113.7", "192.0.2.21"]},
     "access.devices.1: 192.0.2.21/32 contains 192.0.2.21 (gateway.scanners.scanner-1.address): a scanner that relays through itself "
     "sends mail in a loop; list the devices' own networks or single addresses"),
    (rules.own_servers_are_devices_one_by_one, {"access.devices": ["192.0.2.16/28"]},
     "access.devices.0: 192.0.2.16/28 contains 192.0.2.21 (gateway.scanners.scanner-1.address and 1 more): a scanner that relays through "
     "itself sends mail in a loop; list the devices' own networks or single addresses"),
    (rules.own_servers_are_devices_one_by_one, {"access.devices": ["192.0.2.30/31"]},
     "access.devices.0: 192.0.2.30/31 contains 192.0.2.31 (spool.mtas.mta-1.address): servers of the platform are no devices; "
     "list the devices' own networks or single addresses; a server that must relay is listed by its address"),
    *((rules.devices_can_send, {"access.devices": ["203.0.113.7", device]},
       f"access.devices.1: {device} holds addresses of {none}, from which no device can send (RFC 6890); "
       "list the devices' own networks or single addresses")
      for none, devices in {
          "0.0.0.0/8": ("0.0.0.0/32", "0.255.255.255/32"), "127.0.0.0/8": ("127.0.0.0/32", "127.255.255.255/32"),
          "169.254.0.0/16": ("169.254.0.0/32", "169.254.255.255/32", "169.0.0.0/8"),
          "224.0.0.0/4": ("224.0.0.0/32", "239.255.255.255/32"), "240.0.0.0/4": ("240.0.0.0/8", "255.255.255.255/32"),
      }.items() for device in devices),
    (rules.nobody_in_between_is_a_device, {"access.devices": ["203.0.113.7", "192.0.2.12"]},
     "access.devices.1: 192.0.2.12/32 contains 192.0.2.12 (balancers.nodes.balancer-2.address): whoever connects through it could "
     "relay; list the devices' own networks or single addresses"),
    (rules.nobody_in_between_is_a_device, {"access.devices": ["192.0.2.100/30"]},
     "access.devices.0: 192.0.2.100/30 contains 192.0.2.100 (balancers.listeners.inbound.address and 3 more): whoever connects "
     "through it could relay; list the devices' own networks or single addresses"),
    (rules.nobody_in_between_is_a_device, {"access.devices": ["192.0.2.1/32"]},
     "access.devices.0: 192.0.2.1/32 contains 192.0.2.1 (networks.mail.gateway): whoever connects through it could relay; "
     "list the devices' own networks or single addresses"),
    (rules.the_gateway_gets_a_list, {"access.devices": []},
     "access.devices: no device may send through relay, and a gateway may take an empty list for everybody; "
     "list the devices, remove the listener, or write access.enforced_by: balancer, which then admits nobody"),
    (rules.the_client_is_known, {f"{L}.inbound.client_address": "hidden"},
     "balancers.listeners.inbound.client_address: hidden shows the scanners the balancer in place of every client, by whose address "
     "inbound mail is judged; write proxy-protocol, or routed if they don't speak it"),
    (rules.the_client_is_known, {f"{L}.relay.client_address": "hidden"},
     "balancers.listeners.relay.client_address: hidden shows the scanners the balancer in place of every client, by whose address "
     "outbound-open mail is judged; write proxy-protocol, or routed if they don't speak it"),
    (rules.a_port_expects_a_proxy_header_or_none, {f"{L}.relay.client_address": "routed"},
     "balancers.listeners.relay.client_address: routed and proxy-protocol of inbound both lead to port 25 of scanner-1, which expects a "
     "PROXY header or none; write proxy-protocol, or give one of the two pool_ports of its own"),
    (rules.a_port_expects_a_proxy_header_or_none, {f"{L}.relay.client_address": "hidden", f"{L}.relay.ports": [2525, 26],
                                                   f"{L}.relay.pool_ports": [2525, 25]},
     "balancers.listeners.relay.client_address: hidden and proxy-protocol of inbound both lead to port 25 of scanner-1, which expects a "
     "PROXY header or none; write proxy-protocol, or give one of the two pool_ports of its own"),
    (rules.a_port_expects_a_proxy_header_or_none, {f"{L}.directory.ports": [587], f"{L}.directory.client_address": "hidden"},
     "balancers.listeners.submission.client_address: proxy-protocol and hidden of directory both lead to port 587 of mta-1, which expects "
     "a PROXY header or none; write hidden, or give one of the two pool_ports of its own"),
    (rules.mapped_ports_speak_alike, {f"{L}.submission.pool_ports": [587, 587]},
     "balancers.listeners.submission.pool_ports: 587 speaks smtp without TLS, and clients of port 465 speak smtp over TLS; "
     "write 465, or a port of the pool's own choosing that speaks smtp over TLS"),
    (rules.mapped_ports_speak_alike, {f"{L}.mailbox.pool_ports": [443, 995, 995]},
     "balancers.listeners.mailbox.pool_ports: 995 speaks pop3 over TLS, and clients of port 993 speak imap over TLS; "
     "write 993, or a port of the pool's own choosing that speaks imap over TLS"),
    (rules.admitted_mail_is_told_apart, {"access.enforced_by": "balancer"},
     "balancers.listeners.relay: port 25 of the scanners gets the admitted devices' mail and that of inbound: they can't tell who may "
     "relay; add pool_ports that no other listener leads to, such as 2525, or write access.enforced_by: gateway"),
]  # fmt: skip

PASSES: list[tuple[Rule, dict[str, Any]]] = [
    (rules.mail_can_arrive, {f"{L}.inbound.ports": [25, 2525]}),
    (rules.outbound_services_are_told_apart, {}),
    (rules.every_name_has_one_address, {f"{L}.mailbox.host": "smtp", f"{L}.mailbox.address": "192.0.2.102"}),
    (rules.names_fit_dns, LONG | HOST_20),
    (rules.the_zone_holds_the_mail_domain, {"site.domain": "mail.campus.example"}),
    (rules.name_servers_are_found, {"dns.name_servers": {"ns1.campus.example": "192.0.2.2", "ns.isp.example": None}}),
    (rules.a_pool_can_answer, {f"{L}.submission.pool": "scanner"}),
    (rules.the_access_list_fits, {"access": {"enforced_by": "balancer", "devices": ["10.0.0.1", "10.0.0.4", "10.0.0.5"]}}),
    (rules.the_access_list_fits, {"access": {"enforced_by": "gateway", "devices": ["10.0.0.1", "10.0.0.3", "10.0.0.5"]}}),
    (rules.the_relay_is_not_open, {"access.devices": ["10.0.0.0/8"]}),
    (rules.the_relay_is_not_open, {"access.devices": ["10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/10", "10.7.7.7"]}),
    (rules.devices_can_send, {"access.devices": ["1.0.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255"]}),
    (rules.devices_can_send, {"access.devices": ["169.255.0.0", "223.255.255.255"]}),
    (rules.devices_can_send, {"access.devices": ["0.0.0.0/0"]}),
    (rules.nobody_in_between_is_a_device, {"access.devices": ["192.0.2.30/31"]}),
    (rules.own_servers_are_devices_one_by_one, {"access.devices": ["192.0.2.31", "192.0.2.20/32", "192.0.2.24/30", "192.0.2.48/28"]}),
    (rules.the_gateway_gets_a_list, {"access": {"enforced_by": "balancer", "devices": []}}),
    (rules.the_gateway_gets_a_list, {"access.devices": [], f"{L}.relay": ...}),
    (rules.the_client_is_known, {f"{L}.inbound.client_address": "routed", f"{L}.directory.client_address": "hidden"}),
    (rules.a_port_expects_a_proxy_header_or_none, {f"{L}.relay.client_address": "routed", f"{L}.inbound.client_address": "hidden"}),
    (rules.a_port_expects_a_proxy_header_or_none, {f"{L}.relay.client_address": "routed", f"{L}.relay.pool_ports": [2525]}),
    (rules.a_port_expects_a_proxy_header_or_none, {f"{L}.submission.pool": "scanner", f"{L}.submission.client_address": "hidden"}),
    (rules.mapped_ports_speak_alike, {f"{L}.submission.pool_ports": [10465, 25], f"{L}.relay.ports": [26], f"{L}.relay.pool_ports": [25]}),
    (rules.admitted_mail_is_told_apart, {"access.enforced_by": "balancer", f"{L}.relay.pool_ports": [2525]}),
    (rules.admitted_mail_is_told_apart, {"access.enforced_by": "gateway"}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "changes", "message"), BREACHES)
@pytest.mark.hazard("H19", "plan", "every service rule, such as one PROXY header for a port or none, and who may relay")
@pytest.mark.hazard("H21", "plan", "the access list fits the balancer's rows, and nothing wider than meant is in it")
def test_a_breach_is_named(rule: Rule, changes: dict[str, Any], message: str) -> None:
    assert [str(problem) for problem in rule(described(changes))] == [message]


@pytest.mark.parametrize(("rule", "changes"), PASSES)
def test_what_is_right_passes(rule: Rule, changes: dict[str, Any]) -> None:
    assert list(rule(described(changes))) == []


def test_every_rule_is_checked_and_has_both_kinds_of_test() -> None:
    public = {f for name, f in vars(rules).items() if callable(f) and getattr(f, "__module__", "") == rules.__name__ and name[0] != "_"}
    assert set(rules.RULES) == public - {rules.check}
    assert set(rules.RULES) == {rule for rule, _, _ in BREACHES} == {rule for rule, _ in PASSES}


def test_check_finds_every_breach_at_once_and_nothing_in_what_is_right() -> None:
    assert list(rules.check(described())) == []
    wrong = {"access.devices": [], f"{L}.submission.host": "relay", f"{L}.mailbox.pool": "scanner"}
    assert [p.path for p in rules.check(described(wrong))] == [
        "balancers.listeners.submission.host",
        "balancers.listeners.submission.host",
        "balancers.listeners.mailbox.pool",
        "access.devices",
    ]


def test_a_platform_that_breaks_rules_can_still_be_shown() -> None:
    for _, changes, _ in BREACHES:
        assert haproxy.render(described(changes))
        assert zone.render(described(changes))
