"""What must survive the loss of any one thing: invariants over a plan, each yielding a counter-example for every breach.

Which roles go on with which members is told by `plan/losses.py`; the conditions themselves, for any program, are in `plan/spread.py`.
"""

import math
from collections.abc import Callable, Iterator

from config import Problem
from plan import bins, hosts, packing, spread
from plan.model import Plan, Vm
from sizing.units import show


def survives_loss_of_any_fabric(plan: Plan) -> Iterator[Problem]:
    """Every redundant role keeps a member when one fabric is lost (2013: both scanners were on iSCSI, and stopped).

    Where all are on one datastore, losing that is the first thing to mend, and is said by its own rule.
    """
    for role in plan.redundant_roles:
        members = plan.members(role)
        yield from spread.on_one_fabric(role, _placed(plan, members), _elsewhere(plan, members[-1]))


def survives_loss_of_any_datastore(plan: Plan) -> Iterator[Problem]:
    """Every redundant role keeps a member when one datastore fills or is lost (VMware KB 318856)."""
    for role in plan.redundant_roles:
        members = plan.members(role)
        yield from spread.on_one_datastore(role, _placed(plan, members), _elsewhere(plan, members[-1]))


def _placed(plan: Plan, members: tuple[Vm, ...]) -> list[spread.Member]:
    return [
        spread.Member(
            vm.server, f"{vm.path}.lun", frozenset({vm.lun}), frozenset({str(store.fabric)}), frozenset({store.site or ""} - {""})
        )
        for vm in members
        for store in [plan.datastore(vm.lun)]
    ]


def _elsewhere(plan: Plan, vm: Vm, *, by_site: bool = False) -> str:
    """To move a server to another fabric, or to another site."""
    store, what = plan.datastore(vm.lun), "site" if by_site else "fabric"
    others = [d.lun for d in plan.datastores if (d.site != store.site if by_site else d.fabric is not store.fabric)]
    to = " or ".join(others) if others else f"a LUN of another {what} (storage.luns has none), and add one"
    return f"move {vm.server} to {to}"


def survives_loss_of_any_site(plan: Plan) -> Iterator[Problem]:
    """Every redundant role keeps a member when one site is lost with its arrays (VMware: metro storage clusters); no sites, no rule."""
    for role in plan.redundant_roles:
        members = plan.members(role)
        yield from spread.at_one_site(role, _placed(plan, members), _elsewhere(plan, members[-1], by_site=True))


def survives_loss_of_any_host(plan: Plan) -> Iterator[Problem]:
    """The members of a redundant role are kept on different hosts by a rule that holds with all hosts, and with those to spare lost.

    Without DRS there is no rule: the hosts that the stack assigns keep them apart, and HA restarts a lost one wherever there is memory.

    Roles share VMs only as the directory does with the spool. Two sets of VMs that are each kept apart can always be placed on as many
    hosts as the larger has members (their graph is chordal), so that no more than this has to be asked of each role.
    """
    known = len(plan.place.hosts)
    for role in plan.redundant_roles:
        members = plan.members(role)
        servers = [vm.server for vm in members]
        kept = {name for rule in plan.apart if rule.role is role for name in rule.vms}
        yield from spread.together(role, [(vm.name, vm.path) for vm in members], kept)
        yield from spread.too_few_hosts(role, servers, known, "vsphere.hosts")
        if plan.place.spare_hosts and plan.place.drs:
            yield from spread.none_to_spare(role, servers, known, "vsphere.hosts")


def each_site_runs_what_it_stores(plan: Plan) -> Iterator[Problem]:
    """A site has a host for each member of a role on its LUNs: else one runs away from its disks (VMware: metro storage clusters)."""
    for home in plan.homes:
        for role in plan.redundant_roles:
            here = [vm for vm in plan.members(role) if vm.name in home.vms]
            if len(here) > max(1, len(home.hosts)):
                yield Problem(
                    path=f"{here[-1].path}.lun",
                    value=here[-1].lun,
                    rule=f"is at {home.site}, where {len(home.hosts)} host{'s' * (len(home.hosts) != 1)} can't keep "
                    f"{len(here)} {role} servers apart ({', '.join(vm.server for vm in here)})",
                    remedy=f"move {here[-1].server} to a LUN of another site, or name another host at {home.site}",
                )


def memory_holds_every_vm(plan: Plan) -> Iterator[Problem]:
    """The hosts have the memory of all VMs, also with one lost and under the rules that keep VMs apart (vSphere HA: N − 1 hosts)."""
    yield from memory_lacking(plan, plan.place.spare_hosts) if plan.place.drs else _memory_lacking_as_assigned(plan)


def _memory_lacking_as_assigned(plan: Plan) -> Iterator[Problem]:
    """Without DRS nothing makes room: HA restarts the VMs of a lost host beside all others as they are."""
    back = {host: hosts.restarted(plan, host) for host in plan.place.hosts} if plan.place.spare_hosts else {}
    lacking = {host: sum(packed.missing_gib.values()) for host, packed in back.items()}
    worst = max(lacking, key=lambda host: (lacking[host], host), default="")
    if worst and lacking[worst]:
        found = f"{math.ceil(lacking[worst])} GiB are missing, and {hosts.without_place(plan, back[worst])} has no place"
        rule = f"don't hold the VMs of {worst} beside their own if it is lost: {found}"
        remedy = "name another host, or give the VMs less memory; vsphere.spare_hosts: 0 accepts that some wait for their host"
        yield Problem("vsphere.hosts", f"{len(lacking) - 1} hosts without {worst}", rule, remedy)


def memory_lacking(plan: Plan, spare: int) -> Iterator[Problem]:
    """Whether memory is missing, with all hosts or with one to spare lost; where it is not said, nobody knows."""
    memory = plan.place.host_memory_gib
    if not memory:
        return
    vms = [bins.Item(vm.name, vm.memory_gib, roles=frozenset(vm.roles) & {*plan.redundant_roles}) for vm in plan.vms]
    needed = sum(vm.memory_gib for vm in plan.vms)
    worst = max(memory, key=lambda host: (memory[host], host))  # hosts differ in memory only: no other loss is worse
    for lost in (None, worst) if spare and len(memory) > 1 else (None,):
        left = [bins.Bin(host, size) for host, size in memory.items() if host != lost]
        packed = packing.pack(vms, left, apart=True)
        found = _not_held(plan, packed, len(left))
        if found:
            with_it = f"with {lost} lost, " if lost else ""
            rule = f"{with_it}don't hold the VMs' {show(needed)} GiB under the rules that keep these apart: {found}"
            remedy = f"name another host, or give the VMs less memory{packed.doubt if packed else ''}"
            yield Problem("vsphere.hosts", f"{len(left)} hosts with {show(sum(place.room_gib for place in left))} GiB", rule, remedy)
            return


def _not_held(plan: Plan, packed: packing.Packing | None, hosts_left: int) -> str:
    """What is wrong with an arrangement of all VMs on the hosts that are left; that these are too few has its own rule."""
    roles = plan.redundant_roles
    if packed is None:
        enough = all(len(plan.members(role)) <= hosts_left for role in roles)
        return (
            f"no arrangement was found that has the memory and parts {' and '.join(f'the {role} servers' for role in roles)}"
            if enough
            else ""
        )
    lacks = math.ceil(sum(packed.missing_gib.values()))
    return f"{lacks} GiB are missing, and {hosts.without_place(plan, packed)} has no place" if packed.missing_gib else ""


INVARIANTS: tuple[Callable[[Plan], Iterator[Problem]], ...] = (
    survives_loss_of_any_fabric,
    survives_loss_of_any_datastore,
    survives_loss_of_any_site,
    survives_loss_of_any_host,
    each_site_runs_what_it_stores,
    memory_holds_every_vm,
)
