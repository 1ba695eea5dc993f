"""1,000 unsafe edits are all refused before they are applied, 1,000 safe ones all accepted, and no guard could be left out."""

import random
from collections import defaultdict
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from tests.mutations.edits import Draw, Family
from tests.mutations.guards import PLAN_GUARDS, refusals
from tests.mutations.oracle import unsafe
from tests.mutations.safe_edits import SAFE
from tests.mutations.stack import Sections, applied, before, plan_of
from tests.mutations.unsafe_edits import UNSAFE

COUNT = 1000
ELSEWHERE = {"names_are_unique", "addresses_are_unique", "disks_are_told_apart"}
"""Invariants whose breach no edit of a stack reaches, since the model refuses it first; their own tests break the plan instead."""


@cache
def world() -> tuple[Any, Any, dict[str, dict[str, int]]]:
    """The applied plan, its vCenter, and the disks that are there."""
    plan = plan_of(before())
    return plan, applied(plan), {vm.server: {disk.label: disk.size_gib for disk in vm.disks} for vm in plan.vms}


def edit(seed: int, families: list[Family]) -> Sections:
    """The stack after the edits, one after the other."""
    now = before()
    draw = Draw(random.Random(seed), world()[2])  # noqa: S311 - edits, not secrets
    for family in families:
        family(draw, now)
    return now


def safe_ones(seed: int, most: int) -> list[Family]:
    """A few safe families that don't write the same key."""
    chance = random.Random(f"safe {seed}")  # noqa: S311 - edits, not secrets
    return chance.sample(SAFE, chance.randint(0, most))


def test_the_stack_as_it_was_applied_is_fine() -> None:
    plan, vcenter, disks = world()
    assert refusals(plan, vcenter, before()) == {}
    assert unsafe(before(), before(), disks) == []


@pytest.mark.parametrize("family", UNSAFE, ids=lambda family: family.__name__)
def test_unsafe_edits_are_refused_by_the_guard_that_must_and_by_the_oracle(family: Family) -> None:
    """Alone, and hidden among safe ones."""
    plan, vcenter, disks = world()
    for n in range(-(-COUNT // len(UNSAFE))):
        seed = n * 1000 + list(UNSAFE).index(family)
        now = edit(seed, [*(safe_ones(seed, 2) if n % 2 else []), family])
        assert unsafe(before(), now, disks), f"seed {seed}: the oracle sees nothing"
        said = refusals(plan, vcenter, now)
        assert said, f"seed {seed}: nobody refuses"
        assert n % 2 or UNSAFE[family] in said, f"seed {seed}: {said}"


@pytest.mark.parametrize("part", range(10))
def test_safe_edits_are_accepted_and_the_oracle_agrees(part: int) -> None:
    plan, vcenter, disks = world()
    for n in range(part, COUNT, 10):
        families = [SAFE[n % len(SAFE)], *(f for f in safe_ones(n, 3) if f is not SAFE[n % len(SAFE)])]
        now = edit(n, families)
        names = ", ".join(family.__name__ for family in families)
        assert unsafe(before(), now, disks) == [], f"seed {n}: {names}"
        assert refusals(plan, vcenter, now) == {}, f"seed {n}: {names}"


def test_every_guard_is_needed() -> None:
    """For each guard there is an edit that it refuses, so that without it a test above fails."""
    by_guard = defaultdict(list)
    for family, guard in UNSAFE.items():
        by_guard[guard].append(family)
    assert {"model", "live", "engine", "services"} <= by_guard.keys()
    assert set(PLAN_GUARDS) - ELSEWHERE - by_guard.keys() == set()


def test_an_edit_changes_nothing_but_its_own_copy() -> None:
    first = deepcopy(before())
    edit(7, list(SAFE))
    assert before() == first
