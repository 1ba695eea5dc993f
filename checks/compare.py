"""What in vCenter is not as the plan needs it: every problem, in a fixed order, at the place of the stack that says otherwise.

Deliberately pure, and blind to what the plan does not name: another cluster's trouble refuses nothing.
"""

import math
from collections.abc import Iterable, Iterator

from checks import disks, storage
from checks.vcenter.inventory import Inventory
from config import Problem
from config.references import nearest
from config.vsphere import Iso, Template
from plan import Plan


def compare(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    """Every difference between the plan's world and the real one that would stop or endanger the platform."""
    place = plan.place
    missing = tuple(_one("vsphere.datacenter", place.datacenter, "datacenter", (d.name for d in inventory.datacenters), inventory.server))
    yield from missing
    if missing and not inventory.looked_in:
        return  # all the rest is below it
    if missing:
        place = place.model_copy(update={"datacenter": inventory.looked_in})
        plan = plan.model_copy(update={"place": place})
    clusters = (c.name for c in inventory.clusters)
    missing = tuple(_one("vsphere.cluster", place.cluster, "cluster", clusters, f"the datacenter {place.datacenter}"))
    yield from missing
    yield from () if missing else _hosts(plan, inventory)
    yield from _folder(plan, inventory)
    yield from _networks(plan, inventory)
    yield from storage.compare(plan, inventory)
    yield from _sources(plan, inventory)
    yield from _template_disks(plan, inventory)
    yield from disks.compare(plan, inventory)


def _one(path: str, name: str, kind: str, known: Iterable[str], where: str) -> Iterator[Problem]:
    """A problem unless exactly one of the known things has the name."""
    names = list(known)
    if name not in names:
        yield Problem(path, name, f"is no {kind} of {where}", nearest(name, set(names)))
    elif names.count(name) > 1:
        yield Problem(path, name, f"is the name of {names.count(name)} {kind}s of {where}", "rename all but one of them")


def _hosts(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    yield from _each_host(plan, inventory)
    down = [h.name for h in inventory.hosts if h.cluster == plan.place.cluster and (h.maintenance or not h.connected)]
    out = [name for name in plan.place.hosts if name in down]
    up = len(plan.place.hosts) - len(out)
    role = max(plan.redundant_roles, key=lambda role: len(plan.members(role)), default=None)
    if role and out and up < len(plan.members(role)):
        rule = f"can start VMs, and {len(plan.members(role))} {role} servers are kept apart"
        remedy = f"reconnect {' and '.join(out)} in vCenter, or end maintenance mode there; or name other hosts"
        yield Problem("vsphere.hosts", f"{up} of {len(plan.place.hosts)} hosts", rule, remedy)


def _folder(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    parent = plan.place.folder.rpartition("/")[0]
    if parent and parent not in inventory.folders:
        rule = f"is to be made in the folder {parent}, which the datacenter {plan.place.datacenter} does not have"
        yield Problem("vsphere.folder", plan.place.folder, rule, f"make {parent} in vCenter (VMs and Templates), or name one that is there")
    own = {vm.name for vm in plan.vms}
    held = sorted(m.name for m in inventory.machines if m.name in own and plan.place.folder.startswith(f"{m.folder}/"))
    if held and plan.place.folder not in inventory.folders:
        rule = f"would be made inside a folder that holds {held[0]}: a folder can't be moved into itself"
        yield Problem("vsphere.folder", plan.place.folder, rule, "name a folder beside that one")


def _each_host(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    cluster = plan.place.cluster
    members = [h.name for h in inventory.hosts if h.cluster == cluster]
    elsewhere = {h.name: h.cluster or "no cluster" for h in inventory.hosts if h.cluster != cluster}
    connected = {h.name for h in inventory.hosts if h.connected}
    for i, name in enumerate(plan.place.hosts):
        if name in elsewhere and name not in members:
            remedy = f"use hosts of {cluster}: {', '.join(members) or '(it has none)'}"
            yield Problem(f"vsphere.hosts.{i}", name, f"is in {elsewhere[name]}, not in the cluster {cluster}", remedy)
            continue
        yield from _one(f"vsphere.hosts.{i}", name, "host", members, f"the cluster {cluster}")
        if i == 0 and name in members and name not in connected:
            rule = "is not connected, and the first host is asked to create datastores"
            yield Problem(f"vsphere.hosts.{i}", name, rule, "reconnect it in vCenter")


def _networks(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    names = [n.name for n in inventory.networks]
    for network, port_group in sorted({(vm.address.network, vm.address.port_group) for vm in plan.vms}):
        yield from _one(f"networks.{network}.port_group", port_group, "network", names, f"the datacenter {plan.place.datacenter}")


def _sources(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    where = f"the datacenter {plan.place.datacenter}"
    sources = {(_section(vm.path), vm.source.kind): vm.source for vm in plan.vms}
    for (section, _), source in sorted(sources.items()):
        if isinstance(source, Template):
            path = f"{section}.source.template"
            yield from _one(path, source.template, "template", inventory.template_names, where)
            yield from _cloneable(path, source.template, inventory)
        if isinstance(source, Iso):
            yield from _one(f"{section}.source.datastore", source.datastore, "datastore", (d.name for d in inventory.datastores), where)


def _section(path: str) -> str:
    """The stack's section that a server stands in, and that says what its servers are made from."""
    return path.partition(".")[0]


def _cloneable(path: str, name: str, inventory: Inventory) -> Iterator[Problem]:
    for template in (t for t in inventory.templates if t.name == name):
        if len(template.disks_gib) != 1:
            rule = f"has {len(template.disks_gib)} disks, and a server's data disks are the plan's own"
            yield Problem(path, name, rule, "use a template that has the system disk alone")
        elif template.scsi_type is None:
            rule = "has its disk on no SCSI controller that the provider can make"
            yield Problem(path, name, rule, "move the template's disk to a paravirtual or LSI Logic SCSI controller")


def _template_disks(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    sizes = {t.name: t.disks_gib[0] for t in inventory.templates if len(t.disks_gib) == 1}
    for vm in plan.vms:
        if not isinstance(vm.source, Template) or vm.source.template not in sizes:
            continue
        system, needed = vm.disks[0], sizes[vm.source.template]
        if system.size_gib < needed:
            rule = f"is less than the {needed:g} GiB of the disk of its template {vm.source.template}, and a clone's disk can't shrink"
            yield Problem(f"{vm.path}.disks_gib.{system.label}", str(system.size_gib), rule, f"write {math.ceil(needed)} or more")
