"""The plan: everything that will exist, decided. A frozen value, sorted, and the same bytes for the same stack.

All that people or machines look at is a view of it; deliberately holds no secret and nothing live.
"""

from enum import StrEnum
from ipaddress import IPv4Address
from typing import Annotated

from pydantic import Field

from config.base import Model
from config.roles import Role
from config.services import Service
from config.storage import Fabric
from config.vsphere import Source
from sizing import Sizing

SCSI_UNITS = {"system": 0, "queue": 1, "quarantine": 2, "mail": 3, "archive": 4, "directory": 5}
"""SCSI unit of each disk label, never shared and never changed: the guest finds a disk by it, and the live check its label."""


class Disk(Model):
    """A disk of a VM."""

    label: str
    """The provider's key of the disk: frozen, since another label is another disk."""
    unit: int
    """SCSI unit number."""
    size_gib: int
    """Size, GiB."""
    mail_data: bool
    """Whether it holds mail data, which no edit of the VM may delete."""


class Address(Model):
    """The VM's place on a network."""

    network: str
    """Key of `networks`."""
    port_group: str
    """Network in vCenter."""
    ip: IPv4Address
    prefix_length: int
    gateway: IPv4Address
    dns_servers: tuple[IPv4Address, ...]


class Vm(Model):
    """A virtual machine."""

    name: str
    """Name in vCenter, and host name."""
    server: str
    """Its name in the stack."""
    path: str
    """Where the stack describes it."""
    roles: tuple[Role, ...]
    cpus: int
    memory_gib: float
    memory_reservation_gib: float
    lun: str
    """Key of `storage.luns`: the datastore of the VM and of all its disks."""
    host: Annotated[str | None, Field(exclude_if=lambda host: host is None)] = None
    """The host that it is first powered on, if the stack assigns one."""
    disks: tuple[Disk, ...]
    address: Address
    domain: str
    source: Source


class Datastore(Model):
    """A VMFS datastore on a LUN."""

    lun: str
    """Key of `storage.luns`."""
    name: str
    """Name in vCenter."""
    naa: str
    """The LUN's device."""
    fabric: Fabric
    site: Annotated[str | None, Field(exclude_if=lambda site: site is None)] = None
    """Where its array stands, if the stack says it."""
    declared_gib: float
    """Size of the LUN as the stack declares it, GiB."""
    adopted: bool
    """Whether it exists already and is taken over; else it is created."""
    used: bool
    """Whether a VM of the plan lives on it."""


class Apart(Model):
    """VMs of one role that never share a host: by a rule of DRS, or without DRS by where the stack puts them."""

    name: str
    role: Role
    vms: tuple[str, ...]
    """Names of the VMs."""


class Home(Model):
    """VMs that run on the hosts of the site of their LUN, as long as these hosts can run them."""

    site: str
    name: str
    """Name of the DRS rule."""
    vm_group: str
    host_group: str
    vms: tuple[str, ...]
    """Names of the VMs."""
    hosts: tuple[str, ...]


class Priority(StrEnum):
    """When HA restarts a VM, in vSphere's words; `medium` is a cluster's default and so is never said."""

    HIGHEST = "highest"
    HIGH = "high"
    LOW = "low"


class Place(Model):
    """Where in vCenter the platform is."""

    datacenter: str
    cluster: str
    hosts: tuple[str, ...]
    host_sites: Annotated[dict[str, str], Field(exclude_if=lambda sites: not sites)] = {}
    """Where each host stands, if the stack says it."""
    host_memory_gib: Annotated[dict[str, float], Field(exclude_if=lambda memory: not memory)] = {}
    """Memory that each host has for the platform's VMs, GiB, if the stack says it."""
    drs: Annotated[bool, Field(exclude_if=lambda drs: drs)] = True
    """Whether DRS moves VMs and enforces rules; without it each stays where it was put until HA restarts it."""
    spare_hosts: int
    """Hosts that may be lost with every VM still finding its place."""
    folder: str
    guest_wait_minutes: int
    """How long a VM from a template may take to report its address; 0 does not wait."""


class Plan(Model):
    """What will exist."""

    site: str
    place: Place
    disposable: bool
    """Whether the stack has declared, by name, that its mail data may be destroyed with it."""
    datastores: tuple[Datastore, ...]
    vms: tuple[Vm, ...]
    apart: tuple[Apart, ...]
    homes: Annotated[tuple[Home, ...], Field(exclude_if=lambda homes: not homes)] = ()
    """For each site, if hosts and LUNs are in several."""
    restarts: Annotated[dict[str, Priority], Field(exclude_if=lambda restarts: not restarts)] = {}
    """By name of a VM, when HA restarts it, where that is not as all others."""
    services: dict[Service, tuple[Role, ...]]
    """The roles that each service needs a member of."""
    files: dict[str, str]
    """Generated files by name: the balancers' configuration, the zone, the access list."""
    sizing: Sizing
    """Why each size is what it is."""

    def members(self, role: Role) -> tuple[Vm, ...]:
        """The VMs that have a role."""
        return tuple(vm for vm in self.vms if role in vm.roles)

    def datastore(self, lun: str) -> Datastore:
        """The datastore on a LUN."""
        return next(d for d in self.datastores if d.lun == lun)

    @property
    def redundant_roles(self) -> tuple[Role, ...]:
        """Roles with members that stand in for one another. Mailbox servers hold different users and never do."""
        return tuple(role for role in Role if role is not Role.MAILBOX and len(self.members(role)) > 1)
