"""Each guard of docs/safety.md is needed: without it the test that shows it fails."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.hazards import guards
from tests.mutations.removal import GUARDS, TWINS
from tests.mutations.shown import ELSEWHERE, NOT_OURS

ROOT = Path(__file__).parents[2]


@cache
def codes() -> dict[str, list[int]]:
    """pytest's exit code of each test with its guard and without."""
    command = [sys.executable, "-m", "tests.mutations.removal"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=540, check=True)
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


def test_every_marked_test_is_tried_or_says_which_other_one_is() -> None:
    marked = {guard.test for guard in guards(ROOT)}
    assert marked == GUARDS.keys() | ELSEWHERE.keys() | NOT_OURS.keys()
    assert len(marked) == len(GUARDS) + len(ELSEWHERE) + len(NOT_OURS)
    assert set(ELSEWHERE.values()) <= (GUARDS | TWINS).keys()
    assert TWINS.keys() <= {*ELSEWHERE.values()} - marked


@pytest.mark.parametrize("test", GUARDS | TWINS, ids=lambda test: test.rpartition("::")[2])
def test_without_its_guard_a_test_fails(test: str) -> None:
    assert codes()[test] == [0, 1]
