"""What was under way, as a state has it and as a person reads it. On the real engine: tests/engine/test_interrupted.py."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tools.interrupted import Operation, under_way

VM = "vsphere:index/virtualMachine:VirtualMachine"


def state(*pending: tuple[str, str]) -> dict[str, Any]:
    """A state with operations under way."""
    urn = f"urn:pulumi:campus::mailstead::mailstead:platform:Spool${VM}::"
    return {"version": 3, "deployment": {"pending_operations": [{"type": kind, "resource": {"urn": urn + name}} for kind, name in pending]}}


def told(value: dict[str, Any] | None) -> tuple[int, str]:
    """The exit code, and what a person reads."""
    text = json.dumps(value) if value else ""
    done = subprocess.run([sys.executable, "tools/interrupted.py"], input=text, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize("value", [{"version": 3}, {"version": 3, "deployment": None}, {"version": 3, "deployment": {}}, state()])
def test_a_state_with_nothing_under_way_is_silent(value: dict[str, Any]) -> None:
    assert under_way(value) == []
    assert told(value) == (0, "")


def test_an_engine_that_gives_no_state_has_said_why() -> None:
    assert told(None) == (0, "")


def test_what_may_be_half_made_is_listed_by_name_and_stops_an_apply() -> None:
    value = state(("updating", "mta-1"), ("creating", "mailbox-1"))
    assert under_way(value) == [Operation("creating", VM, "mailbox-1"), Operation("updating", VM, "mta-1")]
    code, text = told(value)
    assert code == 1
    assert f"  {VM} mailbox-1, interrupted while creating\n  {VM} mta-1, interrupted while updating\ndocs/interrupted.md" in text


def test_what_was_only_updated_is_listed_and_stops_nothing() -> None:
    code, text = told(state(("updating", "mta-1")))
    assert (code, "mta-1, interrupted while updating" in text) == (0, True)
