"""Each guard of docs/safety.md that is looked for in a preview, in the engine or in vCenter is needed: without it its test fails."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.hazards import guards
from tests.mutations.removal import GUARDS

ROOT = Path(__file__).parents[2]
LAYERS = {"review", "policy", "live", "engine"}
ITSELF = {"tests/tools/test_versions.py::test_python_and_go_agree_on_the_engine_and_the_provider"}
"""Tests that compare files, and are the guard themselves."""


@cache
def codes() -> dict[str, list[int]]:
    """pytest's exit code of each test with its guard and without."""
    command = [sys.executable, "-m", "tests.mutations.removal"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


def test_every_marked_test_that_needs_no_engine_is_tried() -> None:
    """Those under tests/engine show on the real engine what the others show."""
    marked = {guard.test for guard in guards(ROOT) if guard.layer in LAYERS and not guard.test.startswith("tests/engine/")}
    assert marked - ITSELF == GUARDS.keys()


@pytest.mark.parametrize("test", GUARDS, ids=lambda test: test.rpartition("::")[2])
def test_without_its_guard_a_test_fails(test: str) -> None:
    assert codes()[test] == [0, 1]
