"""Where in vCenter the platform goes, on which networks, and what its VMs are made from."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from config.base import Model
from config.types import Address, Cidr, Count, Flag, Folder, Fqdn, MemoryGib, Name, Text, text


class Host(Model):
    """A host of the cluster. One of which only the name is said is written as just that name."""

    name: Text
    """Its name in vCenter."""
    site: Name | None = None
    """The room or building that it is in, if hosts and LUNs are in several: what stands there is lost together."""
    memory_gib: MemoryGib | None = None
    """Memory that it has for the platform's VMs, GiB; with it is proven that they fit when a host is lost."""


def _host(value: Any) -> Any:
    if isinstance(value, str):
        return {"name": text(value)}
    if not isinstance(value, Mapping | Host):
        raise ValueError("is neither a host's name nor a mapping with it; write the name as vCenter shows it, in quotes if it is a number")
    return value


class VSphere(Model):
    """The place in vCenter. The vCenter itself and its credentials are the `vsphere:` keys of the stack."""

    datacenter: Text
    """Name of the datacenter."""
    cluster: Text
    """Name of the compute cluster that runs every VM."""
    hosts: Annotated[list[Annotated[Host, BeforeValidator(_host)]], Field(min_length=1)]
    """The cluster's hosts, each by name or as a mapping; the first one is asked to create datastores."""
    drs: Flag = True
    """Whether the cluster has DRS, which finds VMs a host and obeys the rules that part them; without it every server needs a `host`."""
    spare_hosts: Annotated[Count, Field(le=1)] = 1
    """Hosts that may be lost with every VM still finding its place; 0 accepts that a lost one waits for its host."""
    restart_order: Flag = False
    """Whether HA is told which VMs to restart first: directory, then spool, then the rest (docs/placement.md)."""
    folder: Folder
    """VM folder that is made for the platform, below the datacenter; in mail/campus the folder mail must exist already."""
    guest_wait_minutes: Annotated[Count, Field(le=60)] = 5
    """How long a VM made from a template may take to report its address, minutes; 0 does not wait."""


class Network(Model):
    """A port group and the addresses on it."""

    port_group: Text
    """Name of the port group or network in vCenter."""
    cidr: Cidr
    """The addresses of the network."""
    gateway: Address
    """The default route."""
    dns_servers: list[Address] = []
    """Resolvers that the VMs are given."""


class Template(Model):
    """Cloned from a VM template, and customized with its address."""

    kind: Literal["template"]
    template: Text
    """Name of the template in vCenter."""


class ContentLibrary(Model):
    """Deployed from an item of a content library."""

    kind: Literal["content-library"]
    library: Text
    """Name of the content library."""
    item: Text
    """Name of the OVF or VM template item."""


class Ovf(Model):
    """Deployed from an OVF or OVA that the Pulumi program can read."""

    kind: Literal["ovf"]
    url: Text
    """URL or local path of the OVF or OVA."""
    network: Text
    """Name of the network inside the OVF that is joined to the VM's network."""


class Iso(Model):
    """Blank disks, with an installation image in the CD-ROM drive."""

    kind: Literal["iso"]
    datastore: Text
    """Name of the datastore that holds the image."""
    path: Text
    """Path of the image on it."""


class Blank(Model):
    """Blank disks, installed over the network or by hand."""

    kind: Literal["blank"]


Source = Annotated[Template | ContentLibrary | Ovf | Iso | Blank, Field(discriminator="kind")]


class Site(Model):
    """Which platform this is."""

    name: Name
    """Short name; every VM's name begins with it."""
    domain: Fqdn
    """The mail domain."""
