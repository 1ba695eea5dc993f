"""What clients reach: balancers with their listeners, names in DNS, and who may relay."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from config.base import Model
from config.roles import Node, Role
from config.types import Address, Cidr, Count, Fqdn, Name, Port, Whole
from config.vsphere import Source


class Service(StrEnum):
    """What a listener is for; says which pool it may have and how its health is checked."""

    INBOUND = "inbound"
    """Mail from outside, named by MX records."""
    OUTBOUND_OPEN = "outbound-open"
    """Mail from devices without authentication, restricted by `access`."""
    OUTBOUND_AUTHENTICATED = "outbound-authenticated"
    """Mail from users with authentication."""
    MAILBOX = "mailbox"
    """POP, IMAP and webmail."""
    DIRECTORY = "directory"
    """LDAP as one endpoint, since a gateway can't rank several servers."""


class ClientAddress(StrEnum):
    """How a pool learns the client's address, by which it judges mail; not to be confused with the address it answers to."""

    PROXY = "proxy-protocol"
    """A PROXY protocol v2 header before every connection and health check: the pool must expect one, and from the balancers only."""
    ROUTED = "routed"
    """The balancer connects from the client's own address: the pool's route back must lead through the balancer."""
    HIDDEN = "hidden"
    """The pool sees the balancer's address: only where nobody decides by the client's."""


class Listener(Model):
    """An address and ports on the balancers, and the role that answers behind them."""

    service: Service
    host: Name
    """Name of the address below `dns.zone`."""
    address: Address
    """Service address, held by one balancer at a time."""
    ports: Annotated[list[Port], Field(min_length=1)]
    pool: Role
    """The servers behind it."""
    pool_ports: list[Port] = []
    """The pool's port for each of `ports`, in their order; without it the same ports."""
    client_address: ClientAddress = ClientAddress.PROXY
    """How the pool learns who connected. A pool that doesn't speak the default fails its health checks and so gets no mail."""

    @field_validator("pool_ports")
    @classmethod
    def _one_each(cls, pool_ports: list[int], info: ValidationInfo) -> list[int]:
        ports = info.data.get("ports", pool_ports)
        if pool_ports and len(pool_ports) != len(ports):
            raise ValueError(f"is not one for each of its {len(ports)} ports; give as many as ports, or leave it out")
        return pool_ports


class Balancers(Model):
    """HAProxy in front of every service."""

    source: Source
    """What the balancers' VMs are made from."""
    nodes: Annotated[dict[Name, Node], Field(min_length=1)]
    """Balancers by name."""
    listeners: dict[Name, Listener]
    """Listeners by name."""
    access_rows: Count
    """Rows that the balancer's access list can have."""


class Enforcer(StrEnum):
    """Where the access list is enforced."""

    BALANCER = "balancer"
    GATEWAY = "gateway"


class Access(Model):
    """Devices that may send without authentication."""

    enforced_by: Enforcer
    """The balancer's list is limited in rows, the gateway's is not."""
    devices: list[Cidr] = []
    """Networks and single addresses; merged before they are counted."""


class Dns(Model):
    """The zone that names the platform's services."""

    zone: Fqdn
    """Zone that holds the names; usually the mail domain."""
    serial: Annotated[Whole, Field(ge=1, le=2**32 - 1)]
    """Serial of the SOA record: an input, so that the same stack gives the same zone. RFC 1982: only ever raised."""
    ttl_seconds: Annotated[Whole, Field(ge=60, le=604_800)] = 3600
    """Time to live of every record."""
    name_servers: Annotated[dict[Fqdn, Address | None], Field(min_length=1)]
    """Name servers of the zone; the address is needed for those inside it."""
    contact: Name = "hostmaster"
    """Mailbox of the zone's contact, below the zone."""
