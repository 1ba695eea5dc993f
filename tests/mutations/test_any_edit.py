"""Edits that nobody has labelled: product and oracle agree on each, from the stack before and the stack after alone."""

from collections import Counter
from functools import cache

import pytest

from tests.mutations.any_edit import any_edit
from tests.mutations.guards import refusals
from tests.mutations.oracle import doubtful, unsafe
from tests.mutations.stack import before
from tests.mutations.test_fleet import world

EDITS = 1500
COMPARED = 350
"""Of these edits at least so many are compared: what is left is no description of a platform, or changes amounts."""


@cache
def verdicts(part: int) -> tuple[Counter[str], tuple[str, ...]]:
    """How often the two say what, and every edit on which they do not agree."""
    plan, vcenter, disks = world()
    said, apart = Counter[str](), []
    for seed in range(part, EDITS, 10):
        now, what = any_edit(seed)
        refused = refusals(plan, vcenter, now)
        if "model" in refused:
            said["no description"] += 1
            continue
        reasons = unsafe(before(), now, disks)
        if reasons and not refused:
            apart.append(f"seed {seed}: {what} is accepted, though {reasons}")
        elif doubtful(before(), now):
            said["amounts"] += 1
        elif refused and not reasons:
            apart.append(f"seed {seed}: {what} is refused by {refused}")
        else:
            said["unsafe" if reasons else "safe"] += 1
    return said, tuple(apart)


@pytest.mark.parametrize("part", range(10))
def test_what_the_oracle_calls_unsafe_is_refused_and_nothing_else_is(part: int) -> None:
    assert verdicts(part)[1] == ()


def test_enough_is_compared_of_both_kinds() -> None:
    said = sum((verdicts(part)[0] for part in range(10)), Counter[str]())
    assert said["safe"] + said["unsafe"] >= COMPARED
    assert min(said["safe"], said["unsafe"]) >= COMPARED // 4
