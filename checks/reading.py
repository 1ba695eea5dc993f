"""Reads the part of a vCenter that a plan names, in three looks: the datacenters, what is in the plan's, the details.

Only what is used is asked for: a site's hosts and VMs have megabytes of properties.
"""

from collections.abc import Iterable

from checks import facts
from checks.credentials import Credentials
from checks.faults import unreadable
from checks.inventory import Inventory, planned_hosts
from checks.luns import LUN_PROPERTIES, luns
from checks.session import Found, Session, session
from checks.untyped import vim
from config import Refused
from config.vsphere import Template
from plan import Plan

_BELOW_DATACENTER = {
    vim.ClusterComputeResource: ["name", "resourcePool"],
    vim.HostSystem: ["name", "parent", "runtime.connectionState"],
    vim.Network: ["name"],
    vim.Datastore: ["name", "info", "summary.capacity", "summary.freeSpace", "summary.accessible"],
    vim.VirtualMachine: ["name", "config.template"],
}


def read(login: Credentials, plan: Plan) -> Inventory:
    """What vCenter has of the things that the plan names, and the names of others like them.

    Raises:
        Refused: vCenter can't be asked, or the user may not read what is needed.
    """
    with session(login) as live:
        found = live.below(live.content.rootFolder, {vim.Datacenter: ["name"]})
        _refuse_denied(found, login)
        known = Inventory(server=login.server, datacenters=facts.ordered(map(facts.named, found)))
        here = [f for f in found if facts.name(f) == plan.place.datacenter]
        return _datacenter(live, login, plan, known, here[0]) if len(here) == 1 else known


def _datacenter(live: Session, login: Credentials, plan: Plan, known: Inventory, place: Found) -> Inventory:
    found = live.below(place.object, _BELOW_DATACENTER)
    _refuse_denied((f for f in found if not f.is_a(vim.VirtualMachine)), login)
    clusters = facts.ordered(facts.cluster(f) for f in found if f.is_a(vim.ClusterComputeResource))
    hosts = facts.ordered(facts.host(f, clusters) for f in found if f.is_a(vim.HostSystem))
    templates = [f for f in found if f.is_a(vim.VirtualMachine) and f.get("config.template")]
    wanted = {vm.source.template for vm in plan.vms if isinstance(vm.source, Template)}
    asked = [h.id for h in planned_hosts(plan, hosts)]
    details = live.of(
        [(f.object, LUN_PROPERTIES) for f in found if f.id in asked]
        + [(f.object, facts.TEMPLATE_PROPERTIES) for f in templates if facts.name(f) in wanted]
    )
    _refuse_denied(details, login)
    names = {f.id: facts.name(f) for f in found}
    storage = {names[f.id]: f for f in sorted(details, key=lambda f: asked.index(f.id) if f.id in asked else -1) if f.id in asked}
    return known.model_copy(
        update={
            "clusters": clusters,
            "hosts": hosts,
            "networks": facts.ordered(facts.named(f) for f in found if f.is_a(vim.Network)),
            "datastores": facts.ordered(facts.datastore(f) for f in found if f.is_a(vim.Datastore)),
            "template_names": tuple(sorted(map(facts.name, templates))),
            "templates": facts.ordered(facts.template(f, names[f.id]) for f in details if f.id not in asked),
            "luns": luns(storage),
        }
    )


def _refuse_denied(found: Iterable[Found], login: Credentials) -> None:
    problems = [unreadable(f.denied, str(f.get("name", f.id)), login) for f in found if f.denied]
    if problems:
        raise Refused(problems)
