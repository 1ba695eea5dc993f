"""From a platform to the zone that names it: typed records first, then the text of the zone file.

Every name is written in full, with its final dot, so that no `$ORIGIN` can change its meaning. No name is an alias: an
MX record must not point at one (RFC 2181, 10.3). Deliberately holds no reverse zone, and no SPF, DKIM or DMARC record.
"""

from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Address

from config import Platform
from config.base import Model
from config.services import Service
from plan import names, rendering

REFRESH_SECONDS = 3_600  # s between a secondary's looks at the serial; RFC 1912, 2.2: 20 min to 12 h
RETRY_SECONDS = 900  # s until it looks again after a failure; RFC 1912, 2.2: a fraction of refresh
EXPIRE_SECONDS = 1_209_600  # s until a secondary without contact stops answering; RFC 1912, 2.2: 2 to 4 weeks
NEGATIVE_SECONDS = 3_600  # s that "there is no such name" is believed; RFC 2308, 5: 1 to 3 h work well
MX_PREFERENCE = 10  # equal for every inbound name: senders then take one at random; RFC 5321, 5.1


class RecordType(StrEnum):
    """Type of a DNS record, beside the zone's one SOA."""

    A = "A"
    MX = "MX"
    NS = "NS"


class Record(Model):
    """One record; names are absolute."""

    owner: str
    type: RecordType
    data: str


class Zone(Model):
    """A zone: what its SOA record says, and its other records in order."""

    origin: str
    ttl_seconds: int
    primary: str
    """The first name server."""
    contact: str
    """Mailbox of the zone's contact, its @ written as a dot."""
    serial: int
    refresh_seconds: int = REFRESH_SECONDS
    retry_seconds: int = RETRY_SECONDS
    expire_seconds: int = EXPIRE_SECONDS
    negative_seconds: int = NEGATIVE_SECONDS
    records: tuple[Record, ...]


def absolute(name: str) -> str:
    """A fully qualified name with its final dot."""
    return f"{name}."


def within(name: str, zone: str) -> bool:
    """Whether a name is the zone's own or below it."""
    return name == zone or name.endswith(f".{zone}")


def hosts(platform: Platform) -> Iterator[tuple[str, str, IPv4Address]]:
    """Every host name of the platform: where the stack says it, the name in full, its address.

    Name servers inside the zone come first, then service names, then the servers' own names, under which they greet.
    """
    zone = platform.dns.zone
    for server, address in sorted(platform.dns.name_servers.items()):
        if address is not None and within(server, zone):
            yield f"dns.name_servers.{server}", server, address
    for name, listener in sorted(platform.balancers.listeners.items()):
        yield f"balancers.listeners.{name}.host", f"{listener.host}.{zone}", listener.address
    for node in platform.servers:
        yield node.path, f"{names.vm(platform.site.name, node.name)}.{platform.site.domain}", node.node.address


def zone(platform: Platform) -> Zone:
    """The zone of a platform."""
    dns = platform.dns
    return Zone(
        origin=absolute(dns.zone),
        ttl_seconds=dns.ttl_seconds,
        primary=absolute(min(dns.name_servers)),
        contact=absolute(f"{dns.contact}.{dns.zone}"),
        serial=dns.serial,
        records=tuple(dict.fromkeys(_records(platform))),
    )


def _records(platform: Platform) -> Iterator[Record]:
    dns = platform.dns
    for server in sorted(dns.name_servers):
        yield Record(owner=absolute(dns.zone), type=RecordType.NS, data=absolute(server))
    inbound = {listener.host for listener in platform.balancers.listeners.values() if listener.service is Service.INBOUND}
    for host in sorted(inbound):
        target = absolute(f"{host}.{dns.zone}")
        yield Record(owner=absolute(platform.site.domain), type=RecordType.MX, data=f"{MX_PREFERENCE} {target}")
    for _, name, address in hosts(platform):
        yield Record(owner=absolute(name), type=RecordType.A, data=str(address))


def render(platform: Platform) -> str:
    """The zone file of a platform."""
    return rendering.render("zone.j2", zone=zone(platform))
