"""Which host each VM is first powered on: chosen for those that have none, and what must hold of all that have one.

DRS may move a VM afterwards within the rules; without it (`vsphere.drs: false`) the VM stays, and its host is what keeps it from its peers.
Deliberately moves no VM whose host is written.
"""

import math
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from config import Problem
from config.roles import Role
from plan import packing
from plan.bins import Bin, Item
from plan.model import Plan, Vm
from sizing.units import show

_NAMED = 3  # hosts named in a remedy


class Chosen(NamedTuple):
    """Where VMs without a host go, and why some can't go anywhere."""

    hosts: dict[str, str]
    """Host by the path of the server."""
    problems: tuple[Problem, ...]


def choose(plan: Plan, paths: Collection[str]) -> Chosen:
    """A host for each of these servers, whatever the plan says of theirs: with memory, at its LUN's site, apart from others of its role."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for site, hosts in _sites(plan):
        here = [vm for vm in plan.vms if site in (None, _site(plan, vm))]
        new = [vm for vm in here if vm.path in paths]
        held = [vm for vm in plan.vms if vm.path not in paths]
        packed = packing.pack(_items(plan, new), _bins(plan, hosts, held), apart=True)
        if packed:
            found |= {vm.path: packed.places[vm.name] for vm in new}
        problems += _no_place(plan, new, hosts, packed)
    return Chosen({path: found[path] for path in paths if path in found}, tuple(problems))


def _sites(plan: Plan) -> list[tuple[str | None, list[str]]]:
    """The hosts of each site; all of them where the stack names no sites."""
    sites = plan.place.host_sites
    names = sorted(set(sites.values()))
    return [(site, [host for host in plan.place.hosts if sites[host] == site]) for site in names] or [(None, [*plan.place.hosts])]


def _site(plan: Plan, vm: Vm) -> str | None:
    return plan.datastore(vm.lun).site


def _items(plan: Plan, vms: Collection[Vm]) -> list[Item]:
    redundant = {*plan.redundant_roles}
    return [
        Item(vm.name, vm.memory_gib, roles=frozenset(redundant.intersection(vm.roles)), groups=frozenset({*vm.roles} - redundant))
        for vm in vms
    ]


def _bins(plan: Plan, hosts: Collection[str], held: Collection[Vm]) -> list[Bin]:
    """The hosts with the VMs that are on them; one whose memory is not said has enough for all, and is filled as evenly."""
    everything = sum(vm.memory_gib for vm in plan.vms)
    on: dict[str | None, list[Item]] = {}
    for vm, item in zip(held, _items(plan, held), strict=True):
        on.setdefault(vm.host, []).append(item)
    return [Bin(host, plan.place.host_memory_gib.get(host, everything), held=tuple(on.get(host, ()))) for host in sorted(hosts)]


def _no_place(plan: Plan, new: list[Vm], hosts: list[str], packed: packing.Packing | None) -> Iterator[Problem]:
    where = f"{len(hosts)} host{'s' * (len(hosts) != 1)}"
    rest = " beside those whose host is written" if len(new) < len(plan.vms) else ""
    remedy = "name another host, or take `host` out of some servers and choose again" if rest else "name another host"
    what = f"{len(new)} server{'s' * (len(new) != 1)} without a host"
    if packed is None:
        yield Problem("vsphere.hosts", where, f"have no place for {what} that keeps the members of each role apart{rest}", remedy)
    elif packed.missing_gib:
        rule = f"have not the memory for {what}{rest}: {packed.lacks()}"
        yield Problem("vsphere.hosts", where, rule, f"{remedy}, or give the VMs less memory{packed.doubt}")


def members_start_on_different_hosts(plan: Plan) -> Iterator[Problem]:
    """No two members of a role are assigned one host: a mandatory rule parts them, and where there is no DRS nothing else would."""
    for role in plan.redundant_roles:
        on: dict[str, Vm] = {}
        for vm in plan.members(role):
            first = on.setdefault(vm.host, vm) if vm.host else vm
            if first is not vm:
                parted = "which a mandatory rule keeps apart" if plan.place.drs else "and nothing parts them without DRS"
                rule = f"is also the host of {first.server}, another {role}, {parted}"
                yield Problem(f"{vm.path}.host", str(vm.host), rule, _another(plan, vm, role))


def _another(plan: Plan, vm: Vm, role: Role) -> str:
    """To write a host that has no member of a role, at the site of the VM's LUN."""
    taken, sites = {other.host for other in plan.members(role)}, plan.place.host_sites
    free = [host for host in plan.place.hosts if host not in taken and sites.get(host) in (None, _site(plan, vm))]
    return f"write {' or '.join(free[:_NAMED])}" if free else f"name a host without a {role} in vsphere.hosts, and write it"


def starts_at_the_site_of_its_lun(plan: Plan) -> Iterator[Problem]:
    """A VM is first powered on where its LUN is: else it runs away from its disks (VMware: metro storage clusters)."""
    for vm in plan.vms:
        site, at = plan.place.host_sites.get(vm.host or ""), _site(plan, vm)
        if site != at and site is not None:
            here = [host for host in plan.place.hosts if plan.place.host_sites.get(host) == at]
            rule = f"is at {site}, and the LUN {vm.lun} of {vm.server} at {at}"
            remedy = f"write {' or '.join(here[:_NAMED])}, or move {vm.server} to a LUN at {site}"
            yield Problem(f"{vm.path}.host", str(vm.host), rule, remedy)


def memory_holds_what_starts_there(plan: Plan) -> Iterator[Problem]:
    """The memory of a host holds the VMs that are assigned to it, of the platform's own (vSphere resource management guide)."""
    for at, host in enumerate(plan.place.hosts):
        has, vms = plan.place.host_memory_gib.get(host), [vm for vm in plan.vms if vm.host == host]
        needed = sum(vm.memory_gib for vm in vms)
        if has is not None and needed > has:
            rule = f"is {math.ceil(needed - has)} GiB less than the {show(needed)} GiB of the {len(vms)} VMs that are assigned to {host}"
            remedy = "give some of them another host, or take their `host` out and let `mailstead place STACK` choose"
            yield Problem(f"vsphere.hosts.{at}.memory_gib", show(has), rule, remedy)


def restarted(plan: Plan, lost: str) -> packing.Packing:
    """Where the VMs of a lost host come back, each of the rest staying where it is; nowhere, and with nothing missing, if nobody knows."""
    others = [host for host in plan.place.hosts if host != lost]
    if not plan.place.host_memory_gib or not others:
        return packing.Packing({}, {})
    rest = [vm for vm in plan.vms if vm.host != lost]
    lost_vms = [Item(vm.name, vm.memory_gib) for vm in plan.vms if vm.host == lost]
    return packing.pack(lost_vms, _bins(plan, others, rest)) or packing.Packing({}, {})


def without_place(plan: Plan, packed: packing.Packing) -> str:
    """Of a packing that lacks memory, the server that finds none, with its roles: the largest where most is missing."""
    worst = max(packed.missing_gib, key=lambda host: (packed.missing_gib[host], host))
    vm = max((vm for vm in plan.vms if packed.places.get(vm.name) == worst), key=lambda vm: (vm.memory_gib, vm.name))
    return f"{vm.server} ({', '.join(vm.roles)})"


INVARIANTS: tuple[Callable[[Plan], Iterator[Problem]], ...] = (
    members_start_on_different_hosts,
    starts_at_the_site_of_its_lun,
    memory_holds_what_starts_there,
)
