"""1,000 unsafe edits are all refused before they are applied, 1,000 safe ones all accepted, and no guard could be left out."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any, get_args

import pytest

from config import Platform, Refused, parse
from config.base import Model
from tests.mutations.edits import Draw, Family, put
from tests.mutations.guards import PLAN_GUARDS, refusals
from tests.mutations.oracle import unsafe
from tests.mutations.safe_edits import SAFE, SECTIONS, SOURCES
from tests.mutations.stack import Sections, applied, before, plan_of
from tests.mutations.unsafe_edits import UNSAFE
from tests.mutations.unsafe_keys import KEYS
from tests.mutations.unsafe_roles import scanner_and_mta_swapped

COUNT = 1000
SHARE = 24  # edits that a family makes at most, so that the fleet is not a few families
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


def told(now: Sections) -> str:
    """A stack as one text: two edits are one if they come to the same."""
    return json.dumps(now, sort_keys=True, default=str)


@cache
def unsafe_seeds(family: Family) -> tuple[int, ...]:
    """Seeds by which a family alone makes edits that all differ: as many as it has, and no more than its share of the fleet."""
    found: dict[str, int] = {}
    for seed in range(SHARE * 3):
        if len(found) < SHARE:
            found.setdefault(told(edit(seed, [family])), seed)
    return tuple(found.values())


def safe_families(seed: int) -> list[Family]:
    first = SAFE[seed % len(SAFE)]
    return [first, *(family for family in safe_ones(seed, 3) if family is not first)]


@cache
def safe_seeds() -> tuple[int, ...]:
    """Seeds of safe edits that all differ, and all change something."""
    found = {told(before()): -1}
    for seed in range(COUNT * 2):
        if len(found) <= COUNT:
            found.setdefault(told(edit(seed, safe_families(seed))), seed)
    return tuple(found.values())[1:]


def test_the_fleet_has_as_many_edits_as_it_says_and_no_two_are_one() -> None:
    """Unsafe ones are counted alone, without the safe ones that they are hidden among."""
    assert len({told(edit(seed, [family])) for family in UNSAFE for seed in unsafe_seeds(family)}) >= COUNT
    assert len({told(edit(seed, safe_families(seed))) for seed in safe_seeds()}) == COUNT


@pytest.mark.parametrize("family", UNSAFE, ids=lambda family: family.__name__)
def test_unsafe_edits_are_refused_by_the_guard_that_must_and_by_the_oracle(family: Family) -> None:
    """Alone, and every other one also hidden among safe ones."""
    plan, vcenter, disks = world()
    for n, seed in enumerate(unsafe_seeds(family)):
        alone = edit(seed, [family])
        assert unsafe(before(), alone, disks), f"seed {seed}: the oracle sees nothing"
        said = refusals(plan, vcenter, alone)
        assert UNSAFE[family] in said, f"seed {seed}: {said}"
        hidden = edit(seed, [*safe_ones(seed, 2), family])
        assert n % 2 or refusals(plan, vcenter, hidden), f"seed {seed}: nobody refuses"


@pytest.mark.parametrize("part", range(10))
def test_safe_edits_are_accepted_and_the_oracle_agrees(part: int) -> None:
    plan, vcenter, disks = world()
    for seed in safe_seeds()[part::10]:
        families = safe_families(seed)
        now = edit(seed, families)
        names = ", ".join(family.__name__ for family in families)
        assert unsafe(before(), now, disks) == [], f"seed {seed}: {names}"
        assert refusals(plan, vcenter, now) == {}, f"seed {seed}: {names}"


def test_every_guard_is_needed() -> None:
    """For each guard there is an edit that it refuses, so that without it a test above fails."""
    by_guard = defaultdict(list)
    for family, guard in UNSAFE.items():
        by_guard[guard].append(family)
    assert {"model", "live", "ledger", "engine", "services"} <= by_guard.keys()
    assert set(PLAN_GUARDS) - ELSEWHERE - by_guard.keys() == set()
    assert UNSAFE[scanner_and_mta_swapped] == "ledger"
    assert KEYS.keys() <= {family.__name__ for family in UNSAFE}


NO_EDIT = {
    "Platform.scenarios": "what-ifs: nothing is applied by them",
    "Scenario": "the same",
    "Platform.risk": "how sure a size is: tests/sizing/test_risk_verdict.py refuses by it; nothing is applied by it",
    "RiskTarget": "the same",
    "Inputs": "the same",
    "Occasional": "the same",
}
"""Keys, or all keys of a section, that no edit of the fleet reaches, and why."""


def _differing(was: Any, now: Any) -> Iterator[str]:
    """Keys that differ between two descriptions, by model."""
    if isinstance(was, Model) and isinstance(now, Model):
        for key in type(now).model_fields:
            if getattr(was, key, None) != getattr(now, key):
                yield f"{type(now).__name__}.{key}"
                yield from _differing(getattr(was, key, None), getattr(now, key))
    elif isinstance(now, dict) and isinstance(was, dict):
        for name in now:
            yield from _differing(was.get(name), now[name])
    elif isinstance(now, list) and isinstance(was, list):
        for index, one in enumerate(now):
            yield from _differing(was[index] if index < len(was) else None, one)
    elif isinstance(now, Model):
        yield from (f"{type(now).__name__}.{key}" for key in now.model_fields_set)


def _keys(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        for key, field in annotation.model_fields.items():
            yield f"{annotation.__name__}.{key}"
            yield from _keys(field.annotation)
    for part in get_args(annotation):
        yield from _keys(part)


SINGLE = [
    *SECTIONS.items(),
    *((path, values) for path, (_, values) in KEYS.items()),
    *((f"{section}.source", SOURCES) for section in ("gateway", "spool", "balancers", "log_archive")),
]
"""Single keys that edits write, by path, with all values that they may write."""


def _with(path: str, value: Any) -> Sections:
    now = before()
    put(now, path, value)
    return now


def _said(now: Sections) -> Platform | None:
    """The description; None where the model refuses the edit."""
    try:
        return parse(now)
    except Refused:
        return None


def test_every_key_of_a_stack_is_edited_or_says_why_not() -> None:
    """Safely or unsafely, in a way that the model itself takes: a key that no edit reaches is a key that no guard is tried on."""
    was = parse(before())
    edits = [edit(n, [family]) for n, family in enumerate([*SAFE * 2, *UNSAFE])]
    edits += [_with(path, value) for path, values in SINGLE for value in values]
    edited = {key for now in edits for key in _differing(was, _said(now) or was)}
    left = [key for key in _keys(Platform) if key not in edited]
    assert sorted(key for key in left if not {key, key.partition(".")[0]} & NO_EDIT.keys()) == []
    assert {key for key in NO_EDIT if not {key, *(each for each in left if each.partition(".")[0] == key)} & {*left}} == set(), "is edited"


def test_an_edit_changes_nothing_but_its_own_copy() -> None:
    first = deepcopy(before())
    edit(7, list(SAFE))
    assert before() == first
