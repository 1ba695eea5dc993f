"""The third golden of each stack: what it asks the engine for, sorted, without any vCenter."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import config
from tests.components.conftest import Applied
from tests.conftest import Golden

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("stack", ["campus", "campus-test", "demo"])
def test_what_a_stack_asks_for_is_its_golden(apply: Callable[[config.Platform], Applied], golden: Golden, stack: str) -> None:
    resources = apply(config.load(config.locate(stack))).recording.resources
    asked = sorted(({"type": r.typ, "name": r.name, "inputs": r.inputs} for r in resources), key=lambda r: (r["type"], r["name"]))

    golden(GOLDEN / stack / "preview.json", json.dumps(asked, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
