"""From a description to a plan."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from config import Platform, Problem, Refused
from plan import access, haproxy, invariants, placement, service_rules, zone
from plan.model import Plan
from sizing import queueing, size

if TYPE_CHECKING:
    from sizing.risk import Risk


def draft(platform: Platform) -> Plan:
    """The plan as described, whether or not it may stand: for showing what is wrong with it."""
    sizing = size(platform)
    vms, stores, place = placement.vms(platform, sizing), placement.datastores(platform), placement.place(platform)
    return Plan(
        site=platform.site.name,
        place=place,
        disposable=platform.data.disposable == platform.site.name,
        datastores=stores,
        vms=vms,
        apart=placement.apart(platform.site.name, vms),
        homes=placement.homes(platform.site.name, place, vms, stores),
        restarts=placement.restarts(vms) if platform.vsphere.restart_order else {},
        services=placement.services(platform),
        files={
            "access.list": access.render(platform.access),
            "haproxy.cfg": haproxy.render(platform),
            f"{platform.dns.zone}.zone": zone.render(platform),
        },
        sizing=sizing,
    )


def build(platform: Platform) -> Plan:
    """The plan of a platform, with every invariant proven.

    Raises:
        Refused: with a counter-example for every invariant that does not hold.
    """
    plan = draft(platform)
    found = problems(platform, plan)
    if found:
        raise Refused(found)
    return plan


def problems(platform: Platform, plan: Plan, at_risk: "Risk | None" = None) -> tuple[Problem, ...]:
    """Why a plan may not stand: a counter-example for every rule that it breaks, one for each key and value.

    `at_risk` is what `sizing.risk.risk` said of the platform, if it was asked before.
    """
    found = [*service_rules.check(platform), *queueing.problems(platform)]
    if platform.risk is None:  # not kept waiting for numpy
        return tuple(_together((*found, *invariants.check(plan))))
    from sizing import risk  # noqa: PLC0415 - takes longer than all of the rest

    answer = at_risk or risk.risk(platform)
    return tuple(_together((*found, *invariants.check(as_asked(platform, plan, answer)), *risk.problems(platform, answer))))


def as_asked(platform: Platform, plan: Plan, at_risk: "Risk") -> Plan:
    """The plan whose LUNs hold disks that are too small at the stack's risk as large as these are asked to be."""
    from sizing import risk  # noqa: PLC0415 - as above

    asked = risk.asked(at_risk)
    return plan.model_copy(update={"sizing": size(platform, asked)}) if asked else plan


def _together(found: Iterable[Problem]) -> Iterator[Problem]:
    """One problem for each key and value: a LUN that is too small as planned and also at risk is one LUN, to be changed once.

    Of remedies that ask for a size only the largest is said, since it satisfies the others too.
    """
    by_place: dict[tuple[str, str], list[Problem]] = {}
    for problem in dict.fromkeys(found):
        by_place.setdefault((problem.path, problem.value), []).append(problem)
    for first, *others in by_place.values():
        rule = ", and ".join((first.rule, *(other.rule for other in others)))
        sized = [problem for problem in (first, *others) if problem.enough_gib is not None]
        largest = max(sized, key=lambda problem: problem.enough_gib or 0, default=None)
        said = [problem for problem in (first, *others) if problem.enough_gib is None or problem is largest]
        remedy = "; ".join(dict.fromkeys(problem.remedy for problem in said))
        yield replace(first, rule=rule, remedy=remedy, enough_gib=largest.enough_gib if largest else None)
