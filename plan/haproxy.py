"""From a platform's listeners to the balancers' HAProxy configuration: typed values first, then the text.

One `Listen` per listener and port, since a port decides how the health of what answers there is asked. All of it is in
TCP mode: TLS ends at the pool, which holds the certificates. Deliberately places no service address on a balancer
(VRRP does) and accepts no PROXY header from clients, who could forge it.
"""

from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Address
from typing import NamedTuple

from config import Platform, Role
from config.base import Model
from config.servers import Server
from config.services import ClientAddress, Enforcer, Listener, Service
from plan import access, rendering

MESSAGE_IDLE_SECONDS = 660  # s; a client waits 10 min for the reply to its message; RFC 5321, 4.5.3.2.6; and 1 min more
SESSION_IDLE_SECONDS = 1860  # s; a mailbox server waits 30 min before it logs out; RFC 3501, 5.4; and 1 min more


class Probe(StrEnum):
    """The conversation of a health check: what must be answered before a server gets work."""

    SMTP = "smtp"
    IMAP = "imap"
    POP3 = "pop3"
    HTTP = "http"
    LDAP = "ldap"
    CONNECT = "connect"
    """Only that it accepts connections: for ports whose protocol is not known here."""


class Spoken(NamedTuple):
    """What is spoken on a port."""

    probe: Probe
    tls: bool
    """Whether TLS starts at once."""

    def __str__(self) -> str:
        return f"{self.probe} {'over' if self.tls else 'without'} TLS"


WELL_KNOWN = {
    25: Spoken(Probe.SMTP, tls=False), 465: Spoken(Probe.SMTP, tls=True), 587: Spoken(Probe.SMTP, tls=False),
    80: Spoken(Probe.HTTP, tls=False), 443: Spoken(Probe.HTTP, tls=True),
    110: Spoken(Probe.POP3, tls=False), 995: Spoken(Probe.POP3, tls=True),
    143: Spoken(Probe.IMAP, tls=False), 993: Spoken(Probe.IMAP, tls=True),
    389: Spoken(Probe.LDAP, tls=False), 636: Spoken(Probe.LDAP, tls=True),
}  # fmt: skip
"""What is spoken on the ports of mail and directories (RFC 8314, 7.3; IANA's service names)."""


_OF_MAILBOXES = (Probe.HTTP, Probe.IMAP, Probe.POP3)


class Balance(StrEnum):
    """Which server of a pool gets the next connection."""

    LEAST_CONNECTIONS = "leastconn"
    SOURCE = "source"
    """Always the same one for a client: webmail keeps its session there."""


class ServerLine(Model):
    """A server of a pool."""

    name: str
    address: IPv4Address
    port: int
    backup: bool
    """Whether it gets connections only while every other server is down."""


class Listen(Model):
    """An address and port of the balancers, and all that happens to a connection there."""

    name: str
    address: IPv4Address
    port: int
    host: str
    """The address's name, fully qualified: health checks present it."""
    restricted: bool
    """Whether only the devices of the access list may connect."""
    idle_seconds: int
    """How long both sides may be silent before the connection is cut, seconds."""
    balance: Balance
    probe: Probe
    tls: bool
    """Whether TLS starts at once on this port, so that the health check must start it too."""
    proxy: bool
    """Whether a PROXY protocol header goes before each connection and each health check."""
    routed: bool
    """Whether the balancer connects from the client's address."""
    writable_first: bool
    """Whether connections return to the first server, the only one that takes writes, as soon as it is back."""
    servers: tuple[ServerLine, ...]


class Balancing(Model):
    """What the balancers do; the same on each of them."""

    log_archive: IPv4Address
    """Where all logs go too."""
    access_file: str
    """Name of the access list beside the configuration."""
    listens: tuple[Listen, ...]

    @property
    def privileged(self) -> bool:
        """Whether HAProxy must stay root: connecting from a client's address needs it (HAProxy 2.6, `source … usesrc`)."""
        return any(listen.routed for listen in self.listens)


def balancing(platform: Platform) -> Balancing:
    """What the balancers of a platform do."""
    listeners = sorted(platform.balancers.listeners.items())
    return Balancing(
        log_archive=platform.log_archive.node.address,
        access_file=access.FILE,
        listens=tuple(listen for name, listener in listeners for listen in _listens(platform, name, listener)),
    )


def render(platform: Platform) -> str:
    """The configuration of a platform's balancers, `/etc/haproxy/haproxy.cfg` on each."""
    return rendering.render("haproxy.cfg.j2", config=balancing(platform))


def pool(platform: Platform, listener: Listener) -> tuple[Server, ...]:
    """The servers behind a listener by name; of the directory's, the master is first."""
    master = platform.directory.master if listener.pool is Role.DIRECTORY else None
    members = [server for server in platform.servers if listener.pool in server.roles]
    return tuple(sorted(members, key=lambda server: (server.name != master, server.name)))


def mapped(listener: Listener) -> Iterator[tuple[int, int]]:
    """A listener's ports, each with the pool's port that it leads to."""
    return zip(listener.ports, listener.pool_ports or listener.ports, strict=True)


def _listens(platform: Platform, name: str, listener: Listener) -> Iterator[Listen]:
    servers = pool(platform, listener)
    mailbox, directory = listener.service is Service.MAILBOX, listener.service is Service.DIRECTORY
    by_balancer = platform.access.enforced_by is Enforcer.BALANCER
    for port, pool_port in mapped(listener):
        spoken = _spoken(listener.service, port, pool_port)
        yield Listen(
            name=f"{name}-{port}",
            address=listener.address,
            port=port,
            host=f"{listener.host}.{platform.dns.zone}",
            restricted=listener.service is Service.OUTBOUND_OPEN and by_balancer,
            idle_seconds=SESSION_IDLE_SECONDS if mailbox or directory else MESSAGE_IDLE_SECONDS,
            balance=Balance.SOURCE if mailbox else Balance.LEAST_CONNECTIONS,
            probe=spoken.probe,
            tls=spoken.tls,
            proxy=listener.client_address is ClientAddress.PROXY,
            routed=listener.client_address is ClientAddress.ROUTED,
            writable_first=directory,
            servers=tuple(
                ServerLine(name=server.name, address=server.node.address, port=pool_port, backup=directory and i > 0)
                for i, server in enumerate(servers)
            ),
        )


def _spoken(service: Service, port: int, pool_port: int) -> Spoken:
    """What the pool is asked in: what its own port is known for, or else what the listener's clients are heard to speak."""
    found = WELL_KNOWN.get(pool_port) or WELL_KNOWN.get(port) or Spoken(Probe.CONNECT, tls=False)
    match service:
        case Service.MAILBOX:
            return found if found.probe in _OF_MAILBOXES else found._replace(probe=Probe.CONNECT)
        case Service.DIRECTORY:
            return found._replace(probe=Probe.LDAP)
        case _:
            return found._replace(probe=Probe.SMTP)
