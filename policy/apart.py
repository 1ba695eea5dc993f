"""Rules on what keeps a redundant role alive when one thing is lost: the plan's invariants, over the VMs of any program.

VMs that an anti-affinity rule keeps apart are taken for members of one role, as a review does; the configuration may name more.
"""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from config.problems import Problem
from plan import spread
from policy import places
from policy.findings import Breach, Found, Unseen
from policy.places import Places
from policy.resources import Resource
from policy.settings import Fabrics, Hosts, Roles
from review.disks import MACHINE
from review.preview import UNKNOWN
from review.stateful import APART, CLUSTER

Vms = tuple[Resource, ...]


def survives_a_fabric(resources: Iterable[Resource], settings: Fabrics) -> Found:
    """No fabric, datastore or site carries a whole role (`survives_loss_of_any_fabric`, `_datastore`, `_site`)."""
    resources = tuple(resources)
    at, rules, machines = places.of(resources), _rules(resources), _machines(resources)
    yield from _untold(machines, rules, settings)
    for role, vms in _roles(machines, rules, settings):
        members = [_member(at, vm, settings) for vm in vms]
        remedy = f"move {vms[-1].title} to another datastore, of another fabric"
        away = f"move {vms[-1].title} to a datastore at another site"
        on_one = (*spread.on_one_datastore(role, members, remedy), *spread.on_one_fabric(role, members, remedy))
        problems = (*on_one, *spread.at_one_site(role, members, away))
        yield from (Breach(problem, (role, *(vm.title for vm in vms)), vms[-1].urn) for problem in problems)
        if not on_one:
            yield from _dark(role, at, vms, settings)


def survives_a_host(resources: Iterable[Resource], settings: Hosts) -> Found:
    """The members of a role are kept on different hosts, by a rule that holds, with one host lost too (`survives_loss_of_any_host`)."""
    resources = tuple(resources)
    rules, machines = _rules(resources), _machines(resources)
    found, untold = _roles(machines, rules, settings), list(_untold(machines, rules, settings))
    yield from untold
    hosts = _hosts(resources) if settings.hosts is None else settings.hosts
    for role, vms in found:
        names = tuple(vm.title for vm in vms)
        unsure = _unsure(vms, rules)
        problems = [] if unsure else list(_not_kept(role, vms, rules))
        yield from (Unseen(f"{role}: whether {rule.title} keeps its VMs apart is known only after the apply") for rule in unsure)
        if hosts is None:
            yield Unseen(f"{role}: how many hosts its cluster has, and so whether {len(names)} VMs can be kept apart; give hosts")
        else:
            problems += spread.too_few_hosts(role, names, hosts, role)
            problems += spread.none_to_spare(role, names, hosts, role, "spare_hosts: 0") if settings.spare_hosts else ()
        yield from (Breach(problem, (role, *names), vms[-1].urn) for problem in problems)
    foreign = [vm for vm in machines if not vm.own]
    if len(foreign) > 1 and not found and not untold:
        yield Unseen(f"which of its {len(foreign)} VMs stand in for one another: no rule keeps any apart; give roles")


class _Rule(NamedTuple):
    """An anti-affinity rule, with the URNs of the VMs that it names."""

    title: str
    surely: frozenset[str]
    perhaps: frozenset[str]
    """These, and those that it is made from and may name or not."""
    holds: bool | None
    """Whether it holds when hosts are short; None where only the apply will say."""
    off: bool
    """Whether it keeps nobody apart at any time."""


def _machines(resources: Vms) -> Vms:
    return tuple(resource for resource in resources if resource.type == MACHINE)


def _rules(resources: Vms) -> list[_Rule]:
    machines = _machines(resources)
    return [
        _Rule(rule.title, *_kept_by(rule, machines), _holds(rule), rule.values.get("enabled") is False)
        for rule in resources
        if rule.type == APART
    ]


def _kept_by(rule: Resource, machines: Vms) -> tuple[frozenset[str], frozenset[str]]:
    """The VMs that a rule names: by their ids; while some are unknown, by what it is made from, if it names as many as that leaves.

    A list that is derived as a whole is one unknown, however many it names.
    """
    listed = rule.values.get("virtualMachineIds")
    ids = listed if isinstance(listed, list) else [listed]
    named = frozenset(vm.urn for vm in machines if vm.text("id") in ids and vm.text("id"))
    needed = frozenset(rule.needs.get("virtualMachineIds", ()))
    left = frozenset(vm.urn for vm in machines if vm.urn in needed - named) if UNKNOWN in ids else frozenset()
    return named | left if len(left) == ids.count(UNKNOWN) else named, named | left


def _holds(rule: Resource) -> bool | None:
    said = rule.values.get("mandatory"), rule.values.get("enabled", True)
    if False in said or None in said:
        return False
    return None if UNKNOWN in said else said == (True, True)


def _named(machines: Vms, settings: Roles) -> dict[str, Vms]:
    return {role: tuple(vm for vm in machines if _matches(vm, patterns)) for role, patterns in sorted(settings.roles.items())}


def _matches(vm: Resource, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in (vm.title, vm.name) for pattern in patterns)


def _within(urns: frozenset[str], roles: dict[str, Vms]) -> bool:
    """Whether one of the roles has all of these VMs."""
    return any(urns <= {vm.urn for vm in members} for members in roles.values())


def _roles(machines: Vms, rules: list[_Rule], settings: Roles) -> list[tuple[str, Vms]]:
    """Roles of two VMs or more, one of them not Mailstead's own: those that are named, and those that a rule keeps apart.

    Several may have one name, for that of a rule is unique in its cluster at most.
    """
    named = _named(machines, settings)
    further = [(rule.title, tuple(vm for vm in machines if vm.urn in rule.surely)) for rule in rules if not _within(rule.surely, named)]
    return [(role, members) for role, members in (*named.items(), *further) if len(members) > 1 and not all(vm.own for vm in members)]


def _untold(machines: Vms, rules: list[_Rule], settings: Roles) -> Iterator[Unseen]:
    """The rules of which only the apply will say which VMs are a role's, where no role that is named has them all."""
    named = _named(machines, settings)
    for rule in rules:
        perhaps = [vm for vm in machines if vm.urn in rule.perhaps]
        if rule.perhaps != rule.surely and not all(vm.own for vm in perhaps) and not _within(rule.perhaps, named):
            yield Unseen(f"{rule.title}: which of {', '.join(vm.title for vm in perhaps)} it keeps apart is known only after the apply")


def _unsure(vms: Vms, rules: list[_Rule]) -> list[_Rule]:
    """Rules of which only the apply will say whether they keep all of a role's VMs apart, where no rule does for sure."""
    urns = {vm.urn for vm in vms}
    if any(rule.holds is True and urns <= rule.surely for rule in rules):
        return []
    return [rule for rule in rules if rule.holds is not False and urns <= rule.perhaps]


def _not_kept(role: str, vms: Vms, rules: list[_Rule]) -> Iterator[Problem]:
    """Whether no rule that holds keeps all of a role's VMs apart."""
    urns = {vm.urn for vm in vms}
    over_all = [rule for rule in rules if urns <= rule.surely]
    if any(rule.holds for rule in over_all):
        return
    if over_all:
        rule = over_all[0]
        said = ("enabled: false", "keeps nobody apart") if rule.off else ("mandatory: false", "gives way exactly when hosts are short")
        yield Problem(rule.title, said[0], f"{said[1]}: {role} may then stand on one host, and stop with it", "write true")
        return
    kept = max((rule.surely for rule in rules), key=lambda surely: len(surely & urns), default=frozenset())
    yield from spread.together(role, [(vm.title, role) for vm in vms if vm.urn not in kept], ())  # several VMs may have one name


def _hosts(resources: Vms) -> int | None:
    """How many hosts the program's cluster has; None where it makes none, or several."""
    clusters = [resource.values.get("hostSystemIds") for resource in resources if resource.type == CLUSTER]
    return len(clusters[0]) if len(clusters) == 1 and isinstance(clusters[0], list) else None


def _member(at: Places, vm: Resource, settings: Fabrics) -> spread.Member:
    stores = at.of_vm(vm) - {""}
    said = [at.said(store, settings.datastores) for store in stores]
    fabrics = frozenset(str(each.fabric) for each in said if each.fabric)
    return spread.Member(vm.title, vm.title, frozenset(map(at.title, stores)), fabrics, frozenset(each.site for each in said if each.site))


def _dark(role: str, at: Places, vms: Vms, settings: Fabrics) -> Iterator[Unseen]:
    """The datastores whose fabric decides whether a role survives, and is not known."""
    dark: set[str] = set()
    clear: list[frozenset[str]] = []
    for vm in vms:
        unknown = {store for store in at.of_vm(vm) if not at.said(store, settings.datastores).fabric}
        dark |= {at.title(store) or f"a datastore of {vm.title}" for store in unknown}
        if not unknown:
            clear.append(_member(at, vm, settings).fabrics)
    if dark and not (clear and not frozenset.intersection(*clear)):
        yield Unseen(f"{role}: which fabric carries {', '.join(sorted(dark))}; give the fabric of each under datastores")
