"""The ids of the things that a plan names."""

from checks.vcenter.inventory import Inventory
from config.vsphere import Template
from plan import Plan
from plan.bindings import Bindings, TemplateFacts


def bind(plan: Plan, inventory: Inventory) -> Bindings:
    """What vCenter calls the things that the plan names; `compare` must have found nothing."""
    place = plan.place
    cluster = next(c for c in inventory.clusters if c.name == place.cluster)
    networks = {n.name: n.id for n in inventory.networks}
    wanted = sorted({vm.source.template for vm in plan.vms if isinstance(vm.source, Template)})
    templates = {t.name: t for t in inventory.templates}
    return Bindings(
        datacenter_id=next(d.id for d in inventory.datacenters if d.name == place.datacenter),
        cluster_id=cluster.id,
        resource_pool_id=cluster.resource_pool_id,
        host_id=next(h.id for h in inventory.hosts if h.name == place.hosts[0]),
        hosts={host.name: host.id for host in inventory.hosts if host.name in place.hosts},
        networks={name: networks[name] for name in sorted({vm.address.port_group for vm in plan.vms})},
        templates={
            name: TemplateFacts(
                uuid=templates[name].uuid,
                guest_id=templates[name].guest_id,
                firmware=templates[name].firmware,
                scsi_type=templates[name].scsi_type or "",
                system_disk_gib=templates[name].disks_gib[0],
            )
            for name in wanted
        },
        datastores={d.name: d.id for d in inventory.datastores},
    )
