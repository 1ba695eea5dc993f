"""A vCenter that has all that a plan needs, for tests to change one thing of."""

from typing import Any

import config
from checks import compare
from checks.vcenter.inventory import Cluster, Datastore, Host, Inventory, Lun, Named, Template
from config import Problem
from config.vsphere import Iso
from config.vsphere import Template as FromTemplate
from plan import Plan, draft

TEMPLATE_GIB = 8.0


def planned(stack: str = "campus") -> Plan:
    """The plan of a stack, whether or not it may stand."""
    return draft(config.load(config.locate(stack)))


def world(plan: Plan) -> Inventory:
    """Everything that the plan names, beside things that are none of its business; nothing of the plan exists yet."""
    place = plan.place
    sources = [vm.source for vm in plan.vms]
    templates = sorted({s.template for s in sources if isinstance(s, FromTemplate)})
    held = sorted({s.datastore for s in sources if isinstance(s, Iso)} | {d.name for d in plan.datastores if d.adopted})
    return Inventory(
        server="vcenter.example",
        datacenters=(Named(id="datacenter-1", name="another"), Named(id="datacenter-2", name=place.datacenter)),
        clusters=(
            Cluster(id="domain-c1", name="another", resource_pool_id="resgroup-1"),
            Cluster(id="domain-c2", name=place.cluster, resource_pool_id="resgroup-2"),
        ),
        hosts=(
            Host(id="host-0", name="esx-0.another.example", cluster="another", connected=True),
            *(Host(id=f"host-{i}", name=name, cluster=place.cluster, connected=True) for i, name in enumerate(place.hosts, 1)),
        ),
        networks=tuple(Named(id=f"network-{name}", name=name) for name in sorted({vm.address.port_group for vm in plan.vms})),
        datastores=tuple(datastore(plan, name) for name in held),
        template_names=("windows", *templates),
        templates=tuple(template(name) for name in templates),
        luns=(*(lun(plan, d.lun) for d in plan.datastores), spare("naa.spare-iscsi", 700, "iscsi"), spare("naa.spare-fc", 300, "fc")),
    )


def template(name: str, **changes: Any) -> Template:
    """A template with a small system disk."""
    whole = {"id": f"vm-{name}", "name": name, "uuid": f"uuid-{name}", "guest_id": "ubuntu64Guest", "firmware": "efi"}
    return Template(**whole | {"scsi_type": "pvscsi", "disks_gib": (TEMPLATE_GIB,)} | changes)


def lun(plan: Plan, key: str, **changes: Any) -> Lun:
    """A LUN of the plan just as it is declared, with nothing on it unless its datastore is taken over."""
    described = plan.datastore(key)
    whole = {
        "naa": described.naa.lower(),
        "device_path": f"/vmfs/devices/disks/{described.naa}",
        "size_gib": described.declared_gib,
        "fabrics": (described.fabric,),
        "paths": 4,
        "hosts": plan.place.hosts,
        "datastore": described.name if described.adopted else None,
    }
    return Lun(**whole | changes)


def spare(naa: str, size_gib: float, fabric: str) -> Lun:
    """A LUN that the plan does not name."""
    return Lun(naa=naa, device_path="", size_gib=size_gib, fabrics=(fabric,), paths=4, hosts=("esx-1",), datastore=None)


def datastore(plan: Plan, name: str, **changes: Any) -> Datastore:
    """A datastore on its LUN, if it is the plan's, or elsewhere; VMFS shows 0.25 GiB less than its LUN has."""
    described = next((d for d in plan.datastores if d.name == name), None)
    size_gib, naas = (described.declared_gib - 0.25, (described.naa.lower(),)) if described else (500.0, ())
    whole = {"id": f"datastore-{name}", "name": name, "capacity_gib": size_gib, "free_gib": size_gib, "naas": naas, "accessible": True}
    return Datastore(**whole | changes)


def with_lun(inventory: Inventory, plan: Plan, key: str, **changes: Any) -> Inventory:
    """The world with one LUN changed."""
    naa = plan.datastore(key).naa.lower()
    return inventory.model_copy(update={"luns": tuple(x.model_copy(update=changes) if x.naa == naa else x for x in inventory.luns)})


def with_datastore(inventory: Inventory, made: Datastore) -> Inventory:
    """The world with one datastore more, on the LUNs that it names."""
    luns = tuple(x.model_copy(update={"datastore": made.name}) if x.naa in made.naas else x for x in inventory.luns)
    return inventory.model_copy(update={"datastores": (*inventory.datastores, made), "luns": luns})


PLAN = planned()
WORLD = world(PLAN)
MIB = 1 / 1024


def found(inventory: Inventory, plan: Plan = PLAN) -> list[Problem]:
    """The differences."""
    return list(compare(plan, inventory))


def only(inventory: Inventory, plan: Plan = PLAN) -> Problem:
    """The one difference."""
    (problem,) = found(inventory, plan)
    return problem


def changed(**fields: Any) -> Inventory:
    """The world with other values."""
    return WORLD.model_copy(update=fields)


def adopting(key: str, name: str) -> Plan:
    """The plan, with a datastore that is taken over."""
    return PLAN.model_copy(
        update={"datastores": tuple(d.model_copy(update={"adopted": True, "name": name}) if d.lun == key else d for d in PLAN.datastores)}
    )
