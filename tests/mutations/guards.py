"""Everything that can refuse an edit before it is applied, by name."""

from collections.abc import Mapping
from typing import Any

import config
from checks import compare
from checks.inventory import Inventory
from plan import Plan, draft, invariants, service_rules
from tests.mutations.stack import kept

PLAN_GUARDS = tuple(guard.__name__ for guard in invariants.INVARIANTS)


def refusals(was: Plan, vcenter: Inventory, sections: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each guard says against an edited stack; nothing where it may be applied.

    `model` is the description itself, `services` its service rules, each plan invariant has its own name, `live` compares the plan with
    the vCenter, and `engine` stands for the engine's refusal to delete what is protected (tests/engine/test_edits.py asks the real one).
    """
    try:
        platform = config.parse(sections)
    except config.Refused as refused:
        return {"model": [str(problem) for problem in refused.problems]}
    plan = draft(platform)
    found = {"services": list(service_rules.check(platform)), "live": list(compare(plan, vcenter))}
    found |= {guard.__name__: list(guard(plan)) for guard in invariants.INVARIANTS}
    said = {name: [str(problem) for problem in problems] for name, problems in found.items() if problems}
    gone = sorted(kept(was) - kept(plan))
    return said | ({"engine": [f"{name} is protected" for name in gone]} if gone else {})
