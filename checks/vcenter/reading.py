"""Reads the part of a vCenter that a plan names: the datacenters, what is in the plan's, then the details of what it uses.

Only what is used is asked for: a site's hosts and VMs have megabytes of properties. What is on a datastore beside VMs, such
as files that nobody uses any more, is not looked at file by file: it is what VMs leave unexplained of the used room.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from checks.vcenter import facts
from checks.vcenter.credentials import Credentials
from checks.vcenter.inventory import Datastore, Host, Inventory, Lun, Machine, canonical, free, planned_hosts
from checks.vcenter.luns import LUN_PROPERTIES, luns, partitioned
from checks.vcenter.readable import readable
from checks.vcenter.session import Found, Session, session
from checks.vcenter.untyped import vim
from config.vsphere import Iso, Template
from plan import Plan

_BELOW_DATACENTER = {
    vim.ClusterComputeResource: ["name", "resourcePool"],
    vim.HostSystem: ["name", "parent", "runtime.connectionState", "runtime.inMaintenanceMode"],
    vim.Network: ["name"],
    vim.Datastore: ["name", "info", "summary.capacity", "summary.freeSpace", "summary.accessible"],
    vim.Folder: ["name", "parent"],
    vim.VirtualMachine: ["name", "config.template", "parent"],
}


class _Asked(NamedTuple):
    """Who asks what, by which session."""

    live: Session
    login: Credentials
    plan: Plan


def read(login: Credentials, plan: Plan) -> Inventory:
    """What vCenter has of the things that the plan names, and the names of others like them.

    Raises:
        Refused: vCenter can't be asked, or the user may not read what is needed.
    """
    with session(login) as live:
        found = readable(live.below(live.content.rootFolder, {vim.Datacenter: ["name", "vmFolder"]}), login, {plan.place.datacenter})
        known = Inventory(server=login.server, datacenters=facts.ordered(map(facts.named, found)))
        here = [f for f in found if facts.name(f) == plan.place.datacenter]
        asked = _Asked(live, login, plan)
        if len(here) == 1:
            return _datacenter(asked, known, here[0])
        meant = _meant(asked, found) if not here else None
        return _datacenter(asked, known.model_copy(update={"looked_in": facts.name(meant)}), meant) if meant else known


def _meant(asked: _Asked, datacenters: Sequence[Found]) -> Found | None:
    """The only datacenter with a host of the plan's: the one that is meant by a name that is misspelt."""
    wanted = set(asked.plan.place.hosts)
    hosts = {f.id: readable(asked.live.below(f.object, {vim.HostSystem: ["name"]}), asked.login, wanted) for f in datacenters}
    having = [f for f in datacenters if wanted & {facts.name(host) for host in hosts[f.id]}]
    return having[0] if len(having) == 1 else None


def _datacenter(asked: _Asked, known: Inventory, datacenter: Found) -> Inventory:
    found = readable(asked.live.below(datacenter.object, _BELOW_DATACENTER), asked.login, _names(asked.plan))
    machines = [f for f in found if f.is_a(vim.VirtualMachine)]
    clusters = facts.ordered(facts.cluster(f) for f in found if f.is_a(vim.ClusterComputeResource))
    hosts = facts.ordered(facts.host(f, clusters) for f in found if f.is_a(vim.HostSystem))
    details = _details(asked, found, hosts)
    folders = facts.folders((f for f in found if f.is_a(vim.Folder)), datacenter.get("vmFolder"))
    return known.model_copy(
        update={
            "clusters": clusters,
            "hosts": hosts,
            "networks": facts.ordered(facts.named(f) for f in found if f.is_a(vim.Network)),
            "datastores": _datastores(asked, found, details),
            "template_names": tuple(sorted(facts.name(f) for f in machines if f.get("config.template"))),
            "templates": facts.ordered(facts.template(details[f.id]) for f in machines if f.id in details and f.get("config.template")),
            "luns": _luns(asked, {h.name: details[h.id] for h in planned_hosts(asked.plan, hosts) if h.id in details}),
            "folders": tuple(sorted(filter(None, folders.values()))),
            "rules": tuple(sorted(rule for f in details.values() for rule in facts.rules(f))),
            "machines": _machines(machines, details, folders),
        }
    )


def _details(asked: _Asked, found: Sequence[Found], hosts: tuple[Host, ...]) -> dict[str, Found]:
    """The plan's cluster with its rules, its hosts with their storage, templates and VMs with disks, datastores with VMs; by id."""
    plan = asked.plan
    templates = {vm.source.template for vm in plan.vms if isinstance(vm.source, Template)}
    datastores, own = {d.name for d in plan.datastores}, {vm.name for vm in plan.vms}
    members = {h.id for h in planned_hosts(plan, hosts)}
    wanted = [(f.object, LUN_PROPERTIES) for f in found if f.id in members]
    for item in found:
        if item.is_a(vim.ClusterComputeResource) and facts.name(item) == plan.place.cluster:
            wanted.append((item.object, ["name", "configurationEx"]))
        elif item.is_a(vim.Datastore) and facts.name(item) in datastores:
            wanted.append((item.object, ["name", "vm"]))
        elif item.is_a(vim.VirtualMachine) and item.get("config.template") and facts.name(item) in templates:
            wanted.append((item.object, facts.TEMPLATE_PROPERTIES))
        elif item.is_a(vim.VirtualMachine) and not item.get("config.template") and facts.name(item) in own:
            wanted.append((item.object, ["name", "config.hardware.device"]))
    return {f.id: f for f in readable(asked.live.still(wanted)[0], asked.login, _names(plan))}


def _datastores(asked: _Asked, found: Sequence[Found], details: dict[str, Found]) -> tuple[Datastore, ...]:
    """Every datastore; those of the plan with what VMs take there."""
    own = {vm.name for vm in asked.plan.vms}
    held = {f.id: f.get("vm", []) for f in details.values() if f.is_a(vim.Datastore)}
    there = {vm._GetMoId(): vm for vms in held.values() for vm in vms}
    used, _ = asked.live.still([(vm, ["name", "storage.perDatastoreUsage"]) for _, vm in sorted(there.items())])
    used = readable(used, asked.login, {facts.name(f) for f in used})
    return facts.ordered(facts.datastore(f, used if f.id in held else (), own) for f in found if f.is_a(vim.Datastore))


def _machines(found: Sequence[Found], details: Mapping[str, Found], folders: Mapping[str, str]) -> tuple[Machine, ...]:
    """The VMs with the names of the plan's."""
    own = [f for f in found if f.id in details and not f.get("config.template")]
    return facts.ordered(facts.machine(details[f.id], folders.get(f.get("parent")._GetMoId() if f.get("parent") else "", "")) for f in own)


def _luns(asked: _Asked, hosts: dict[str, Found]) -> tuple[Lun, ...]:
    """The LUNs that the plan's hosts see; those that it will make datastores on with the partitions they have."""
    seen = luns(hosts)
    new = {canonical(d.naa) for d in asked.plan.datastores if not d.adopted}
    unheld = [lun for lun in free(seen) if lun.naa in new]
    for name, found in hosts.items():
        paths = [lun.device_path for lun in unheld if lun.hosts[0] == name]
        if paths:
            seen = partitioned(seen, asked.live.partitions(found.get("configManager.storageSystem"), paths))
    return seen


def _names(plan: Plan) -> set[str]:
    """Everything that the plan names below its datacenter."""
    sources = [vm.source for vm in plan.vms]
    templates = {s.template for s in sources if isinstance(s, Template)}
    datastores = {s.datastore for s in sources if isinstance(s, Iso)} | {d.name for d in plan.datastores}
    vms = {name for vm in plan.vms for name in (vm.name, vm.address.port_group)}
    return {plan.place.cluster, *plan.place.hosts, *templates, *datastores, *vms}
