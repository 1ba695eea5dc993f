"""Everything that can refuse an edit before it is applied, by name."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import config
from checks import compare
from checks.ledger.identity import Ledger, differences, record
from checks.snapshots.world import World
from checks.vcenter.inventory import Inventory
from config.findings import Level
from plan import Plan, draft, invariants, service_rules
from tests.checks.looks import world
from tests.mutations.stack import before, kept

PLAN_GUARDS = tuple(guard.__name__ for guard in invariants.INVARIANTS)


VCENTER = "4b8cfb5d-4a0d-4a2f-b0f4-6d3f1d2c0c55"


@cache
def recorded() -> tuple[Ledger, World]:
    """The ledger of the first apply, and what was there."""
    there = world(config.parse(before()))
    return record(there, VCENTER, None), there


def refusals(was: Plan, vcenter: Inventory, sections: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each guard says against an edited stack; nothing where it may be applied.

    `model` is the description itself, `services` its service rules, each plan invariant has its own name, `live` compares the plan with
    the vCenter, `ledger` is what is unsafe beside the ledger of the first apply, and `engine` is the engine's refusal to delete what is
    protected (tests/engine/test_edits.py asks the real one).
    """
    try:
        platform = config.parse(sections)
    except config.Refused as refused:
        return {"model": [str(problem) for problem in refused.problems]}
    plan = draft(platform)
    found = {"services": list(service_rules.check(platform)), "live": list(compare(plan, vcenter))}
    found |= {guard.__name__: list(guard(plan)) for guard in invariants.INVARIANTS}
    said = {name: [str(problem) for problem in problems] for name, problems in found.items() if problems}
    beside = differences(recorded()[0], recorded()[1]._replace(platform=platform, plan=plan), VCENTER)
    if other := [str(finding) for finding in beside if finding.level is Level.UNSAFE]:
        said["ledger"] = other
    gone = sorted(kept(was) - kept(plan))
    return said | ({"engine": [f"{name} is protected" for name in gone]} if gone else {})
