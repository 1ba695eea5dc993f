"""Where in vCenter the platform goes, on which networks, and what its VMs are made from."""

from typing import Annotated, Literal

from pydantic import Field

from config.base import Model
from config.types import Address, Cidr, Count, Folder, Fqdn, Name, Text


class VSphere(Model):
    """The place in vCenter. The vCenter itself and its credentials are the `vsphere:` keys of the stack."""

    datacenter: Text
    """Name of the datacenter."""
    cluster: Text
    """Name of the compute cluster that runs every VM."""
    hosts: Annotated[list[Text], Field(min_length=1)]
    """The cluster's hosts by name; the first one is asked to create datastores."""
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
