"""What is lost with any one thing: for each host, datastore, fabric and site, which roles and services go on, and with which members.

A view of a plan; whether what stops is a problem is for `plan/survival.py` to say. Deliberately knows one failure at a time. Of a host it
promises no more than the rules say, since DRS may have put VMs on it in every way that they allow; where the stack assigns each VM a host,
it also says what each carries as assigned, and without DRS only that. A datastore that has installation images alone is listed too, though
nothing that runs is on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Annotated

from pydantic import Field

from config.base import Model
from config.roles import Role
from config.services import Service
from config.vsphere import Iso
from plan.hosts import restarted
from plan.model import Apart, Plan
from plan.survival import memory_lacking


class Domain(StrEnum):
    """What may be lost as one."""

    HOST = "host"
    DATASTORE = "datastore"
    FABRIC = "fabric"
    SITE = "site"


class Outcome(StrEnum):
    """What becomes of a role or a service, worst last."""

    SURVIVES = "survives"
    """No member is lost."""
    DEGRADED = "degraded"
    """Some members are left. Of mailbox servers: the users of the others wait."""
    STOPS = "stops"
    """No member is left."""


class Fate(Model):
    """What becomes of a role."""

    role: Role
    outcome: Outcome
    exposed: tuple[str, ...]
    """Servers that may be lost."""
    lost: int
    """How many of these at a time, at most: of a host, as many as the rules of all roles together let share one."""
    left: tuple[str, ...]
    """Servers that are not touched at all."""
    returns: bool
    """Whether HA can restart what is lost on what is left, by the rules that these servers are in, and the memory that is known."""


class Loss(Model):
    """What becomes of a platform without one thing, or without any one of some."""

    domain: Domain
    names: tuple[str, ...]
    roles: tuple[Fate, ...]
    services: dict[Service, Outcome]
    assigned: Annotated[bool, Field(exclude_if=lambda assigned: not assigned)] = False
    """Whether it is a host with the VMs that are assigned to it, which DRS may have moved since they were first powered on."""
    installs: Annotated[tuple[str, ...], Field(exclude_if=lambda servers: not servers)] = ()
    """Servers that can't be installed meanwhile, since the image is there that they are installed from."""


def losses(plan: Plan) -> tuple[Loss, ...]:
    """What becomes of the plan for every single loss.

    One entry stands for all hosts where the rules are all that is known of them; each has its own where every VM is assigned one.
    """
    used = [store for store in plan.datastores if store.used]
    images = _images(plan)
    parts = [(Domain.DATASTORE, store.name, frozenset({store.lun})) for store in used]
    parts += [(Domain.DATASTORE, name, frozenset[str]()) for name in sorted(images.keys() - {store.name for store in used})]
    for domain, of in ((Domain.FABRIC, [(str(store.fabric), store.lun) for store in used]), (Domain.SITE, [(s.site, s.lun) for s in used])):
        names = sorted({name for name, _ in of if name})
        parts += [(domain, name, frozenset(lun for its, lun in of if its == name)) for name in names]
    by_storage = [_loss(plan, domain, (name,), tuple(_without(plan, luns))) for domain, name, luns in parts]
    by_storage = [
        loss.model_copy(update={"installs": images.get(loss.names[0], ())}) if loss.domain is Domain.DATASTORE else loss
        for loss in by_storage
    ]
    any_host = [_loss(plan, Domain.HOST, plan.place.hosts, tuple(_on_a_host(plan)))]
    assigned = _as_assigned(plan) if all(vm.host for vm in plan.vms) else []
    return (*(any_host if plan.place.drs or not assigned else []), *assigned, *by_storage)


def _images(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The servers that are installed from images, by the datastore that has these."""
    found: dict[str, tuple[str, ...]] = {}
    for vm in plan.vms:
        if isinstance(vm.source, Iso):
            found[vm.source.datastore] = (*found.get(vm.source.datastore, ()), vm.server)
    return found


def _as_assigned(plan: Plan) -> list[Loss]:
    """Each host with the VMs that are assigned to it, also one with none: that is what its loss takes."""
    can_return = {fate.role: fate.returns for fate in _on_a_host(plan)}
    found = []
    for host in plan.place.hosts:
        room = len(plan.place.hosts) > 1 and not restarted(plan, host).missing_gib
        fates = []
        for role, by_the_rules in can_return.items():
            exposed = tuple(vm.server for vm in plan.members(role) if vm.host == host)
            left = tuple(vm.server for vm in plan.members(role) if vm.host != host)
            fates.append(_fate(role, exposed, len(exposed), left, returns=by_the_rules if plan.place.drs else room))
        found.append(_loss(plan, Domain.HOST, (host,), tuple(fates)).model_copy(update={"assigned": True}))
    return found


def _loss(plan: Plan, domain: Domain, names: tuple[str, ...], roles: tuple[Fate, ...]) -> Loss:
    order, outcomes = list(Outcome), {fate.role: fate.outcome for fate in roles}
    services = {
        service: max((outcomes[role] for role in needed if role in outcomes), key=order.index, default=Outcome.STOPS)
        for service, needed in plan.services.items()
    }
    return Loss(domain=domain, names=names, roles=roles, services=services)


def _without(plan: Plan, luns: frozenset[str]) -> Iterator[Fate]:
    for role in Role:
        members = plan.members(role)
        exposed = tuple(vm.server for vm in members if vm.lun in luns)
        if members:
            yield _fate(role, exposed, len(exposed), tuple(vm.server for vm in members if vm.lun not in luns), returns=False)


def _on_a_host(plan: Plan) -> Iterator[Fate]:
    """Members that no rule keeps apart, of whatever role it is, may all be on one host."""
    hosts, room = len(plan.place.hosts), not list(memory_lacking(plan, spare=1))
    for role in Role:
        servers = tuple(vm.server for vm in plan.members(role))
        names = {vm.name for vm in plan.members(role)}
        if servers:
            returns = room and hosts > max([1, *(len(rule.vms) for rule in plan.apart if names & {*rule.vms})])
            yield _fate(role, servers, _together(names, plan.apart), (), returns=returns)


def _together(vms: Iterable[str], rules: Sequence[Apart]) -> int:
    """How many of some VMs may share a host at most: no two that one rule has, so of VMs that are in the same rules one."""
    barred = [frozenset(at for at, rule in enumerate(rules) if vm in rule.vms) for vm in vms]
    kinds = {each for each in barred if each}
    apart = (
        n for n in range(len(kinds), 0, -1) if any(len(frozenset().union(*some)) == sum(map(len, some)) for some in combinations(kinds, n))
    )
    return sum(not each for each in barred) + next(apart, 0)


def _fate(role: Role, exposed: tuple[str, ...], lost: int, left: tuple[str, ...], *, returns: bool) -> Fate:
    remaining = len(exposed) - lost + len(left)
    outcome = Outcome.SURVIVES if not lost else Outcome.DEGRADED if remaining else Outcome.STOPS
    return Fate(role=role, outcome=outcome, exposed=exposed, lost=lost, left=left, returns=returns)
