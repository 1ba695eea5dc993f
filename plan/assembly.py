"""From a description to a plan."""

from config import Platform, Problem, Refused
from plan import access, haproxy, invariants, placement, service_rules, zone
from plan.model import Plan
from sizing import size


def draft(platform: Platform) -> Plan:
    """The plan as described, whether or not it may stand: for showing what is wrong with it."""
    sizing = size(platform)
    vms = placement.vms(platform, sizing)
    return Plan(
        site=platform.site.name,
        place=placement.place(platform),
        disposable=platform.data.disposable == platform.site.name,
        datastores=placement.datastores(platform),
        vms=vms,
        apart=placement.apart(platform.site.name, vms),
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


def problems(platform: Platform, plan: Plan) -> tuple[Problem, ...]:
    """Why a plan may not stand: a counter-example for every rule that it breaks."""
    return (*service_rules.check(platform), *invariants.check(plan))
