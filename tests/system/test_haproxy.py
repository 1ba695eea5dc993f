"""The real HAProxy takes the rendered configuration and does with connections what the platform promises."""

import os
import socket
import ssl
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from config import Platform
from plan import access, haproxy
from plan.haproxy import Balancing, Probe
from tests.plan.described import described
from tests.system import balancer, servers
from tests.system.balancer import on_loopback, running
from tests.system.daemons import program, unavailable
from tests.system.servers import Script, Server

SERVICE, MTA = "127.77.0.100", "127.77.0.31"
SCANNERS, MAILBOXES = ("127.77.0.21", "127.77.0.22"), ("127.77.0.32", "127.77.0.33")
LISTED, UNLISTED = "127.77.0.200", "127.77.0.50"
L = "balancers.listeners"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"access.enforced_by": "balancer", f"{L}.relay.pool_ports": [2525]},
        {"access": {"enforced_by": "balancer", "devices": []}, f"{L}.relay.pool_ports": [2525]},
        {f"{L}.inbound.client_address": "routed", f"{L}.relay.client_address": "routed", f"{L}.directory.client_address": "hidden"},
        {f"{L}.mailbox.ports": [80, 110, 143, 443, 993, 995, 4190]},
    ],
    ids=["gateway", "balancer", "closed relay", "routed", "every probe"],
)
def test_the_configuration_is_valid(tmp_path: Path, changes: dict[str, Any]) -> None:
    platform = described(changes)
    done = balancer.check(balancer.written(haproxy.balancing(platform), access.render(platform.access), tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr


def test_what_haproxy_ignores_would_be_seen(tmp_path: Path) -> None:
    """The check above can fail: a server without an address is refused."""
    file = balancer.written(haproxy.balancing(described()), "", tmp_path)
    file.write_text(file.read_text(encoding="utf-8") + "    server nobody\n", encoding="utf-8")
    assert balancer.check(file).returncode != 0


def _relay(changes: dict[str, Any] | None = None, client_address: str = "proxy-protocol") -> tuple[Platform, int]:
    port = balancer.free_port(SERVICE, *SCANNERS)
    listener = {"service": "outbound-open", "ports": [port], "pool": "scanner", "client_address": client_address}
    return on_loopback(listener, changes), port


def _greeting(port: int, source: str = LISTED) -> str:
    """What the service greets a client with; empty where it hangs up."""
    try:
        with socket.create_connection((SERVICE, port), servers.PATIENCE_SECONDS, source_address=(source, 0)) as connection:
            return connection.recv(4096).decode()
    except ConnectionResetError:
        return ""


def test_mail_reaches_both_scanners_with_the_clients_address() -> None:
    platform, port = _relay()
    with ExitStack() as stack:
        scanners = [stack.enter_context(Server((a, port), servers.smtp(a), proxy=True)) for a in SCANNERS]
        running_balancer = stack.enter_context(running(platform))
        for name in ("scanner-1", "scanner-2"):
            assert running_balancer.await_state(name, "UP") == "L7OK"
        greeted = [_greeting(port) for _ in range(6)]
        assert set(greeted) == {f"220 {a} ESMTP\r\n" for a in SCANNERS}
        assert [client for scanner in scanners for client in scanner.clients] == [LISTED] * 6


def test_a_dead_scanner_is_taken_out_and_back_in() -> None:
    platform, port = _relay()
    with ExitStack() as stack:
        first = stack.enter_context(Server((SCANNERS[0], port), servers.smtp("first"), proxy=True))
        stack.enter_context(Server((SCANNERS[1], port), servers.smtp("second"), proxy=True))
        running_balancer = stack.enter_context(running(platform))
        running_balancer.await_state("scanner-1", "UP")
        first.stop()
        assert running_balancer.await_state("scanner-1", "DOWN") == "L4CON"
        assert {_greeting(port) for _ in range(6)} == {"220 second ESMTP\r\n"}
        stack.enter_context(Server((SCANNERS[0], port), servers.smtp("again"), proxy=True))
        running_balancer.await_state("scanner-1", "UP")
        assert {_greeting(port) for _ in range(6)} == {"220 again ESMTP\r\n", "220 second ESMTP\r\n"}


@pytest.mark.parametrize(
    ("enforced_by", "devices", "listed", "unlisted"),
    [
        ("balancer", ["127.77.0.128/25"], "220 scanner ESMTP\r\n", ""),
        ("balancer", [], "", ""),
        ("gateway", ["127.77.0.128/25"], "220 scanner ESMTP\r\n", "220 scanner ESMTP\r\n"),
    ],
    ids=["balancer", "empty list", "gateway"],
)
def test_only_listed_devices_reach_a_relay_that_the_balancer_guards(
    enforced_by: str, devices: list[str], listed: str, unlisted: str
) -> None:
    platform, port = _relay({"access": {"enforced_by": enforced_by, "devices": devices}})
    with ExitStack() as stack:
        scanner = stack.enter_context(Server((SCANNERS[0], port), servers.smtp("scanner"), proxy=True))
        running_balancer = stack.enter_context(running(platform))
        running_balancer.await_state("scanner-2", "DOWN")
        assert _greeting(port, LISTED) == listed
        assert _greeting(port, UNLISTED) == unlisted
        assert scanner.clients == [source for source, greeting in ((LISTED, listed), (UNLISTED, unlisted)) if greeting]


@pytest.mark.parametrize(("spoken", "expected"), [("hidden", True), ("proxy-protocol", False)])
def test_a_pool_that_does_not_speak_what_is_spoken_to_it_gets_no_mail(spoken: str, expected: bool) -> None:
    """Both ways: a header that only one end knows of fails health checks, so no message is refused or misjudged."""
    platform, port = _relay(client_address=spoken)
    with ExitStack() as stack:
        stack.enter_context(Server((SCANNERS[0], port), servers.smtp("scanner"), proxy=expected))
        stack.enter_context(running(platform)).await_state("scanner-1", "DOWN")
        assert _greeting(port) == ""


def test_a_routed_pool_sees_the_client_itself() -> None:
    if os.geteuid() != 0:
        unavailable("connecting from a client's address needs root")
    platform, port = _relay(client_address="routed")
    with ExitStack() as stack:
        scanners = [stack.enter_context(Server((a, port), servers.smtp("scanner"))) for a in SCANNERS]
        stack.enter_context(running(platform)).await_state("scanner-1", "UP")
        assert _greeting(port) == "220 scanner ESMTP\r\n"
        assert LISTED in {client for scanner in scanners for client in scanner.clients}


def test_the_directorys_writes_reach_the_master_whenever_it_is_up() -> None:
    port = balancer.free_port(SERVICE, MTA, *MAILBOXES)
    listener = {"service": "directory", "ports": [port], "pool": "directory", "client_address": "hidden"}
    replica = {"spool.mailboxes.mailbox-2": {"address": MAILBOXES[1], "lun": "all"}, "directory.replicas": ["mailbox-1", "mailbox-2"]}
    with ExitStack() as stack:
        master = stack.enter_context(Server((MTA, port), servers.ldap("master")))
        for address in MAILBOXES:
            stack.enter_context(Server((address, port), servers.ldap(address)))
        running_balancer = stack.enter_context(running(on_loopback(listener, replica)))
        for name in ("mta-1", "mailbox-1", "mailbox-2"):
            assert running_balancer.await_state(name, "UP") == "L7OK"
        at_master = [_bound_to(stack, port) for _ in range(4)]
        assert {name for _, name in at_master} == {"master"}
        master.stop()
        running_balancer.await_state("mta-1", "DOWN")
        assert {connection.recv(64) for connection, _ in at_master} == {b""}, "a connection to a dead master was left hanging"
        at_replicas = [_bound_to(stack, port) for _ in range(4)]
        assert {name for _, name in at_replicas} == set(MAILBOXES)
        stack.enter_context(Server((MTA, port), servers.ldap("master")))
        running_balancer.await_state("mta-1", "UP")
        assert {_bound_to(stack, port)[1] for _ in range(4)} == {"master"}
        assert {connection.recv(64) for connection, _ in at_replicas} == {b""}, "a connection to a replica outlived the master's absence"


def test_a_balancer_starts_while_another_holds_the_service_address() -> None:
    """192.0.2.100 is nobody's address here (RFC 5737), as it is on the balancer that stands by."""
    port = balancer.free_port("127.0.0.1")
    listener = {"service": "inbound", "host": "mx", "address": "192.0.2.100", "ports": [port], "pool": "scanner"}
    with running(described({L: {"inbound": listener}})) as running_balancer:
        assert set(running_balancer.states()) == {"scanner-1", "scanner-2"}


def _bound_to(stack: ExitStack, port: int) -> tuple[socket.socket, str]:
    """A connection that is bound anonymously, and the name of the directory server that answered."""
    connection = stack.enter_context(socket.create_connection((SERVICE, port), servers.PATIENCE_SECONDS))
    connection.sendall(bytes.fromhex("300c020101600702010304008000"))  # RFC 4511, 4.2
    return connection, connection.recv(64)[14:].decode()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's TLS with a certificate that nobody has signed."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key", folder / "certificate"
    command = [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=service", "-days", "1"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    ("probe", "well", "ill"),
    [
        (Probe.SMTP, servers.smtp("well"), servers.stuck(b"554 no service\r\n", b"554 no\r\n")),
        (Probe.IMAP, servers.IMAP, servers.POP3),
        (Probe.POP3, servers.POP3, servers.IMAP),
        (Probe.HTTP, servers.HTTP, servers.stuck(b"", b"HTTP/1.1 503 Service Unavailable\r\n\r\n")),
        (Probe.LDAP, servers.ldap("well"), servers.stuck(b"", b"")),
    ],
)
def test_health_is_asked_in_the_services_own_protocol(tls: ssl.SSLContext, probe: Probe, well: Script, ill: Script, secured: bool) -> None:
    """A server that accepts connections but does not serve is down; one that serves is up. The PROXY header goes before."""
    platform, port = _relay()

    def asked(config: Balancing) -> Balancing:
        return config.model_copy(update={"listens": tuple(x.model_copy(update={"probe": probe, "tls": secured}) for x in config.listens)})

    context = tls if secured else None
    with ExitStack() as stack:
        stack.enter_context(Server((SCANNERS[0], port), well, proxy=True, tls=context))
        stack.enter_context(Server((SCANNERS[1], port), ill, proxy=True, tls=context))
        running_balancer = stack.enter_context(running(platform, asked))
        running_balancer.await_state("scanner-2", "DOWN")
        assert running_balancer.await_state("scanner-1", "UP") == "L7OK"
