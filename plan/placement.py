"""Which VM is on which datastore, who is kept apart from whom, at which site, and in which order VMs come back.

Which LUN and host a server gets whose stack names none is chosen in `plan/choosing.py`.
"""

from config import Platform, Role
from config.roles import SYSTEM
from config.servers import Server
from config.services import Service
from plan import names
from plan.model import SCSI_UNITS, Address, Apart, Datastore, Disk, Home, Place, Priority, Vm
from sizing import DiskNeed, Sizing

FIRST = {
    Role.DIRECTORY: Priority.HIGHEST,  # everything else asks it who exists
    Role.MAILBOX: Priority.HIGH,  # an MTA has somewhere to deliver to once it runs
    Role.MTA: Priority.HIGH,  # the scanners have somewhere to deliver to once it runs; until then mail waits in their queues
    Role.SCANNER: None,
    Role.BALANCER: None,
    Role.CONTROL_CENTER: Priority.LOW,  # mail flows without it
    Role.LOG_ARCHIVE: Priority.LOW,
}
"""When HA restarts a role, earliest first; None is the cluster's default."""
LOGGING_IN = (Service.OUTBOUND_AUTHENTICATED, Service.MAILBOX)  # the directory knows the passwords


def place(platform: Platform) -> Place:
    """The platform's place in vCenter."""
    where = platform.vsphere
    return Place(
        datacenter=where.datacenter,
        cluster=where.cluster,
        hosts=tuple(host.name for host in where.hosts),
        host_sites={host.name: host.site for host in where.hosts if host.site},
        host_memory_gib={host.name: host.memory_gib for host in where.hosts if host.memory_gib},
        drs=where.drs,
        spare_hosts=where.spare_hosts,
        folder=where.folder,
        guest_wait_minutes=where.guest_wait_minutes,
    )


def datastores(platform: Platform) -> tuple[Datastore, ...]:
    """One datastore for each LUN, sorted by the LUN's name."""
    used = {server.node.lun for server in platform.servers}
    return tuple(
        Datastore(
            lun=name,
            name=lun.datastore or name,
            naa=lun.naa,
            fabric=lun.fabric,
            site=lun.site,
            declared_gib=lun.size_gib,
            adopted=lun.datastore is not None,
            used=name in used,
        )
        for name, lun in sorted(platform.storage.luns.items())
    )


def vms(platform: Platform, sizing: Sizing) -> tuple[Vm, ...]:
    """One VM for each server, sorted by name, each with the disks that sizing gave it."""
    needs: dict[str, list[DiskNeed]] = {}
    for need in sizing.disks:
        needs.setdefault(need.vm, []).append(need)
    made = (_vm(platform, needs.get(server.name, []), server) for server in platform.servers)
    return tuple(sorted(made, key=lambda vm: vm.name))


def _vm(platform: Platform, needs: list[DiskNeed], server: Server) -> Vm:
    node = server.node
    return Vm(
        name=names.vm(platform.site.name, server.name),
        server=server.name,
        path=server.path,
        roles=server.roles,
        cpus=node.cpus,
        memory_gib=node.memory_gib,
        memory_reservation_gib=node.memory_reservation_gib,
        lun=node.lun,
        host=node.host,
        disks=_disks(needs),
        address=_address(platform, server),
        domain=platform.site.domain,
        source=server.source,
    )


def _disks(needs: list[DiskNeed]) -> tuple[Disk, ...]:
    return tuple(
        Disk(label=need.label, unit=SCSI_UNITS[need.label], size_gib=need.gib, mail_data=need.label != SYSTEM)
        for need in sorted(needs, key=lambda need: SCSI_UNITS[need.label])
    )


def _address(platform: Platform, server: Server) -> Address:
    network = platform.networks[server.node.network]
    return Address(
        network=server.node.network,
        port_group=network.port_group,
        ip=server.node.address,
        prefix_length=network.cidr.prefixlen,
        gateway=network.gateway,
        dns_servers=tuple(network.dns_servers),
    )


def apart(site: str, made: tuple[Vm, ...]) -> tuple[Apart, ...]:
    """A rule for every role that has members which stand in for one another."""
    by_role = {role: tuple(vm.name for vm in made if role in vm.roles) for role in Role if role is not Role.MAILBOX}
    return tuple(
        Apart(name=names.anti_affinity(site, role), role=role, vms=members) for role, members in by_role.items() if len(members) > 1
    )


def homes(site: str, where: Place, made: tuple[Vm, ...], stores: tuple[Datastore, ...]) -> tuple[Home, ...]:
    """For each site with VMs on its LUNs, the hosts that they run on; none where the stack names no sites."""
    sites = {store.lun: store.site for store in stores}
    found = sorted({at for vm in made if (at := sites[vm.lun]) is not None})
    return tuple(
        Home(
            site=at,
            name=names.home(site, at),
            vm_group=names.vm_group(site, at),
            host_group=names.host_group(site, at),
            vms=tuple(vm.name for vm in made if sites[vm.lun] == at),
            hosts=tuple(host for host in where.hosts if where.host_sites.get(host) == at),
        )
        for at in found
    )


def restarts(made: tuple[Vm, ...]) -> dict[str, Priority]:
    """When HA restarts each VM: with the first of its roles; VMs that come with all others are left out."""
    order = list(FIRST)
    priorities = {vm.name: FIRST[min(vm.roles, key=order.index)] for vm in made}
    return {name: priority for name, priority in priorities.items() if priority is not None}


def services(platform: Platform) -> dict[Service, tuple[Role, ...]]:
    """The roles that each service needs: the balancers, those behind its listeners, and where people log in the directory."""
    needed = {(listener.service, listener.pool) for listener in platform.balancers.listeners.values()}
    return {
        service: tuple(role for role in Role if role in always or (service, role) in needed)
        for service in Service
        for always in [(Role.BALANCER, Role.DIRECTORY) if service in LOGGING_IN else (Role.BALANCER,)]
        if any(service is each for each, _ in needed)
    }
