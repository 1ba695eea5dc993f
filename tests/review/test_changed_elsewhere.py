"""What other than the program has changed: a VM in vCenter, the provider; and what only the whole gate passes on."""

from typing import Any

import pytest

from config.findings import Level
from review.preview import UNKNOWN, Step
from review.stateful import PROVIDER, SNAPSHOT
from tests.review.made import machine, step
from tests.review.test_attacks import KEPT, judged, rules


@pytest.mark.parametrize(("moid", "expected"), [("vm-7", set()), ("vm-8", {"vm-exchanged"}), (UNKNOWN, set()), (None, set())])
@pytest.mark.hazard("H6", "review", "`vm-exchanged`, of a preview with `--refresh`")
def test_another_vm_that_answers_to_the_uuid_is_found_by_a_refresh(moid: Any, expected: set[str]) -> None:
    looked = machine("refresh", old=KEPT | {"moid": "vm-7"}, new=KEPT)
    assert rules(looked, machine("same", old=KEPT | {"moid": moid}, new=KEPT)) == expected


def _asked(version: str) -> str:
    return f"urn:pulumi:dev::mail::{PROVIDER}::default_{version}::id"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        (machine(old_provider=_asked("4_16_0"), new_provider=_asked("4_18_2")), "provider default: version 4.18.2"),
        (machine("same", old_provider=_asked("4_16_0"), new_provider=_asked("4_18_2")), "provider default: version 4.18.2"),
        (machine(old_provider=_asked("4_18_2"), new_provider=_asked("4_18_2")), ""),
        (step("update", PROVIDER, "p", {"version": "4.16.0"}, {"version": "4.18.2"}), "provider p: version 4.18.2"),
        (step("update", PROVIDER, "p", {"version": "4.18.2"}, {"version": "4.18.2"}), ""),
        (step("update", PROVIDER, "p", {}, {"version": "4.18.2"}), ""),
        (step("update", PROVIDER, "p", {"version": "4.18.2"}, {"version": UNKNOWN}), ""),
    ],
)
@pytest.mark.hazard("H28", "review", "`provider-changed`")
def test_another_version_of_the_provider_is_said(changed: Step, found: str) -> None:
    said = [f"{f.subject}: {f.found}" for f in judged(changed).findings if f.rule == "provider-changed"]
    assert said == ([found] if found else [])


def test_a_snapshot_with_memory_and_a_difference_for_ever_reach_the_verdict() -> None:
    quiet = machine(old={"hvMode": "hvAuto"}, diff_reasons=["hvMode"])
    assert rules(quiet, level=Level.NOTE) == {"noise"}
    assert rules(step("create", SNAPSHOT, "s", None, {"memory": True}), level=Level.WARNING) == {"memory-snapshot"}
