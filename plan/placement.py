"""Which VM is on which datastore, and who is kept apart from whom."""

from config import Platform, Role
from config.roles import SYSTEM
from config.servers import Server
from plan import names
from plan.model import SCSI_UNITS, Address, Apart, Datastore, Disk, Place, Vm
from sizing import DiskNeed, Sizing


def place(platform: Platform) -> Place:
    """The platform's place in vCenter."""
    where = platform.vsphere
    return Place(
        datacenter=where.datacenter,
        cluster=where.cluster,
        hosts=tuple(where.hosts),
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
