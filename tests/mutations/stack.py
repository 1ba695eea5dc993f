"""The stack that is edited: campus with room to spare, applied; and the vCenter that this leaves."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import config
from checks.vcenter.inventory import Host, Inventory, LiveDisk, Lun, Machine, Named
from plan import Plan, draft
from tests.checks.worlds import datastore, lun, template, with_datastore, world

Sections = dict[str, Any]

NAA = "naa.60003ff44dc75adc000000000000000"
FABRICS = {
    "mail-iscsi": "iscsi", "mail-fc": "fc", "spool-iscsi": "iscsi", "spool-fc": "fc",
    "logs-iscsi": "iscsi", "spare-iscsi": "iscsi", "spare-fc": "fc",
}  # fmt: skip
LUN_GIB = 60_000
ARRAY_GIB = 61_000  # what the array presents: LUNs and their datastores could be declared a little larger
FREE_NAA = f"{NAA}9"


def before() -> Sections:
    """The stack as it was applied: a copy to edit."""
    return deepcopy(_before())


@cache
def _before() -> Sections:
    sections = deepcopy(dict(config.read(config.locate("campus")).sections))
    sections.pop("risk", None)
    sections["gateway"]["scan_seconds_per_message"] = 0.02  # so that more mail needs no more scanners
    sections["vsphere"]["hosts"].append("esx-4.campus.example")  # so that a scanner may be added
    for node in (*sections["spool"]["mtas"].values(), *sections["spool"]["mailboxes"].values(), *sections["balancers"]["nodes"].values()):
        node.pop("disks_gib", None)  # left to sizing, so that edits of the mail move them
    sections["log_archive"]["node"]["disks_gib"].pop("archive", None)
    sections["storage"]["luns"] = {
        name: {"naa": f"{NAA}{n}", "size_gib": LUN_GIB, "fabric": fabric} for n, (name, fabric) in enumerate(FABRICS.items(), 1)
    }
    return sections


def plan_of(sections: Mapping[str, Any]) -> Plan:
    """The plan of a stack that has no problem of form."""
    return draft(config.parse(sections))


def applied(plan: Plan) -> Inventory:
    """The vCenter after the plan was applied, beside things that edits may come to name."""
    empty = world(plan)
    hosts = (*empty.hosts, Host(id="host-9", name="esx-9.campus.example", cluster=plan.place.cluster, connected=True))
    every = tuple(host.name for host in hosts if host.cluster == plan.place.cluster)
    luns = [lun(plan, d.lun, size_gib=ARRAY_GIB, hosts=every) for d in plan.datastores]
    free = Lun(naa=FREE_NAA, device_path="", size_gib=500, fabrics=("fc",), paths=4, hosts=every, datastore=None)
    made = empty.model_copy(
        update={
            "hosts": hosts,
            "luns": (*luns, free),
            "networks": (*empty.networks, Named(id="network-2", name="mail-2")),
            "templates": (*empty.templates, template("debian-12")),
            "template_names": (*empty.template_names, "debian-12"),
            "folders": (plan.place.folder,),
            "machines": tuple(_machine(plan, vm) for vm in plan.vms),
        }
    )
    for planned in plan.datastores:
        made = with_datastore(made, datastore(plan, planned.name, capacity_gib=ARRAY_GIB - 0.25, free_gib=ARRAY_GIB - 0.25))
    return made


def _machine(plan: Plan, vm: Any) -> Machine:
    disks = tuple(LiveDisk(unit=d.unit, size_gib=d.size_gib, file=f"[{vm.lun}] {vm.name}/{d.label}.vmdk") for d in vm.disks)
    return Machine(id=f"vm-{vm.name}", name=vm.name, folder=plan.place.folder, disks=disks)


def kept(plan: Plan) -> frozenset[str]:
    """The resources that the engine neither deletes nor replaces, since they are protected, by logical name and what they are."""
    stores = {f"datastore {d.lun} {d.naa}" for d in plan.datastores if not d.adopted}
    return frozenset({f"vm {vm.name}" for vm in plan.vms} | stores)
