"""What the balancers do follows from the listeners; that HAProxy does it is tested in tests/system/test_haproxy.py."""

from typing import Any

import pytest
from jinja2 import UndefinedError

from config import Refused
from plan import haproxy, rendering
from plan.haproxy import Balance, Listen, Probe
from tests.plan.described import described

RELAY = "balancers.listeners.relay"


def _listens(changes: dict[str, Any] | None = None) -> dict[str, Listen]:
    return {listen.name: listen for listen in haproxy.balancing(described(changes)).listens}


@pytest.mark.parametrize(
    ("name", "probe", "tls"),
    [
        ("inbound-25", Probe.SMTP, False),
        ("relay-25", Probe.SMTP, False),
        ("submission-465", Probe.SMTP, True),
        ("submission-587", Probe.SMTP, False),
        ("mailbox-443", Probe.HTTP, True),
        ("mailbox-993", Probe.IMAP, True),
        ("mailbox-995", Probe.POP3, True),
        ("directory-389", Probe.LDAP, False),
        ("directory-636", Probe.LDAP, True),
    ],
)
def test_health_is_asked_in_the_ports_own_protocol(name: str, probe: Probe, tls: bool) -> None:
    listen = _listens()[name]
    assert (listen.probe, listen.tls) == (probe, tls)


def test_an_unknown_port_is_only_connected_to() -> None:
    assert _listens({"balancers.listeners.mailbox.ports": [4190]})["mailbox-4190"].probe is Probe.CONNECT


@pytest.mark.parametrize(
    ("listener", "port", "pool_port", "probe", "tls"),
    [
        ("mailbox", 10443, 443, Probe.HTTP, True),  # known by the pool's port
        ("mailbox", 10143, 143, Probe.IMAP, False),
        ("mailbox", 993, 7993, Probe.IMAP, True),  # the pool's port is its own choice: the clients of 993 speak TLS to it
        ("mailbox", 110, 7110, Probe.POP3, False),
        ("mailbox", 4190, 4191, Probe.CONNECT, False),
        ("mailbox", 2465, 465, Probe.CONNECT, True),
        ("submission", 2465, 465, Probe.SMTP, True),
        ("submission", 465, 10465, Probe.SMTP, True),
        ("submission", 2587, 587, Probe.SMTP, False),
        ("inbound", 25, 2525, Probe.SMTP, False),
        ("directory", 1636, 636, Probe.LDAP, True),
        ("directory", 1389, 3389, Probe.LDAP, False),
    ],
)
def test_a_mapped_port_is_asked_in_what_the_pool_speaks_there(listener: str, port: int, pool_port: int, probe: Probe, tls: bool) -> None:
    listen = _listens({f"balancers.listeners.{listener}.ports": [port], f"balancers.listeners.{listener}.pool_ports": [pool_port]})[
        f"{listener}-{port}"
    ]
    assert (listen.probe, listen.tls) == (probe, tls)


def test_a_mapped_port_s_check_starts_tls_in_the_configuration() -> None:
    def check_of(pool_port: int) -> str:
        changes = {"balancers.listeners.mailbox.ports": [10993], "balancers.listeners.mailbox.pool_ports": [pool_port]}
        return haproxy.render(described(changes)).partition("listen mailbox-10993\n")[2].partition("\n\n")[0]

    assert "check-ssl" in check_of(993)
    assert "check-ssl" not in check_of(143)


def test_a_pool_is_every_server_of_its_role() -> None:
    assert [s.name for s in _listens()["inbound-25"].servers] == ["scanner-1", "scanner-2"]
    assert not any(s.backup for s in _listens()["inbound-25"].servers)


def test_the_directorys_master_is_first_and_the_replicas_stand_in() -> None:
    changes = {"directory.master": "mta-1", "directory.replicas": ["mailbox-1"]}
    assert [(s.name, s.backup) for s in _listens(changes)["directory-389"].servers] == [("mta-1", False), ("mailbox-1", True)]


def test_pool_ports_are_paired_with_ports_in_order() -> None:
    found = _listens({"balancers.listeners.submission.pool_ports": [10465, 10587]})
    assert found["submission-465"].servers[0].port == 10465
    assert found["submission-587"].servers[0].port == 10587


def test_pool_ports_are_one_for_each_port() -> None:
    with pytest.raises(Refused, match=r"submission.pool_ports: a list of 1 is not one for each of its 2 ports; give as many as ports"):
        described({"balancers.listeners.submission.pool_ports": [10465]})


@pytest.mark.parametrize(("enforcer", "restricted"), [("balancer", True), ("gateway", False)])
def test_the_access_list_is_the_balancers_only_where_it_enforces_it(enforcer: str, restricted: bool) -> None:
    changes = {"access.enforced_by": enforcer}
    found = _listens(changes)
    assert found["relay-25"].restricted is restricted
    assert not any(listen.restricted for name, listen in found.items() if name != "relay-25")
    assert ("tcp-request connection reject unless device" in haproxy.render(described(changes))) is restricted


@pytest.mark.parametrize(
    ("choice", "proxy", "routed"), [("proxy-protocol", True, False), ("routed", False, True), ("hidden", False, False)]
)
def test_the_clients_address_reaches_the_pool_as_chosen(choice: str, proxy: bool, routed: bool) -> None:
    listen = _listens({f"{RELAY}.client_address": choice})["relay-25"]
    assert (listen.proxy, listen.routed) == (proxy, routed)


def test_a_client_is_never_believed_about_its_own_address() -> None:
    assert "accept-proxy" not in haproxy.render(described())


def test_haproxy_stays_root_only_to_connect_from_clients_addresses() -> None:
    assert "\n    user haproxy\n" in haproxy.render(described())
    assert "\n    user haproxy\n" not in haproxy.render(described({f"{RELAY}.client_address": "routed"}))


def test_a_message_is_not_cut_while_its_reply_may_still_come() -> None:
    found = _listens()
    assert found["inbound-25"].idle_seconds > 10 * 60
    assert found["mailbox-993"].idle_seconds > 30 * 60
    assert "    timeout client 660s\n    timeout server 660s\n" in haproxy.render(described())


def test_webmail_stays_on_one_server() -> None:
    assert _listens()["mailbox-443"].balance is Balance.SOURCE
    assert haproxy.render(described()).count("    balance source\n") == 3


def test_logs_reach_the_archive_too() -> None:
    assert "\n    log 192.0.2.40:514 local0\n" in haproxy.render(described())


def test_a_template_never_guesses_a_value() -> None:
    with pytest.raises(UndefinedError, match="'config' is undefined"):
        rendering.render("haproxy.cfg.j2")
