"""Deletes and replacements of what holds mail."""

from datetime import date
from typing import Any

import pytest

from config.findings import Finding, Level
from config.review import Review
from review import Verdict, judge, stateful
from review.disks import MACHINE
from review.preview import UNKNOWN, Preview
from review.stateful import APART, FILE, KINDS, PROVIDER, SNAPSHOT, VIRTUAL_DISK
from tests.review.made import disk, machine, step

POLICY = "vsphere:index/tag:Tag"
DATASTORE = "vsphere:index/vmfsDatastore:VmfsDatastore"


def gone(kind: str, **more: Any) -> list[Finding]:
    return list(stateful.deleted(step("delete", kind, "it", {"name": "it"}, None, **more)))


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.hazard("H13", "review", "`deleted`, as unsafe")
def test_a_delete_is_found_at_the_level_of_its_type(kind: str) -> None:
    (finding,) = gone(kind)
    assert (finding.rule, finding.level, finding.names) == ("deleted", KINDS[kind].level, ("it",))


def test_a_delete_of_what_holds_nothing_is_no_finding() -> None:
    assert gone(POLICY) == []


def test_what_is_retained_only_leaves_the_stack() -> None:
    (finding,) = gone(DATASTORE, old_retain_on_delete=True)
    assert (finding.rule, finding.level) == ("released", Level.WARNING)


def test_a_vm_takes_its_unguarded_disks_along() -> None:
    finding, lost = stateful.deleted(machine("delete", old={"disks": [disk("os"), disk("spool", keepOnRemove=True)]}))
    assert finding.consequence.endswith("stays as a file: store/spool, 400 GiB")
    assert (lost.rule, lost.level, lost.names) == ("disk-lost", Level.UNSAFE, ("store/os",))
    assert lost.consequence.startswith("DESTROYS DATA")


@pytest.mark.parametrize(("retained", "rules"), [(False, ["replaced", "disk-lost"]), (True, ["replaced"])])
def test_a_replaced_vm_takes_its_disks_along_unless_it_is_retained(retained: bool, rules: list[str]) -> None:
    assert [f.rule for f in stateful.replaced((machine("replace", old_retain_on_delete=retained),))] == rules


@pytest.mark.parametrize("old", [{"disks": [{"label": UNKNOWN}]}, None])
def test_a_vm_is_not_deleted_unseen(old: dict[str, Any] | None) -> None:
    there = machine("delete", old=old) if old else machine("delete").model_copy(update={"old_state": None})
    assert [f.rule for f in stateful.deleted(there)] == ["deleted", "disks-unseen"]


@pytest.mark.parametrize("op", ["delete", "replace", "delete-replaced", "update"])
def test_what_has_no_state_is_known_by_its_urn(op: str) -> None:
    bare = machine(op).model_copy(update={"old_state": None, "new_state": None})
    below = bare.model_copy(update={"urn": bare.urn.replace(MACHINE, f"my:own:Thing${MACHINE}")})
    for seen in (bare, below):
        assert judge(Preview(steps=(seen,)), Review(), date(2026, 1, 1)).verdict is Verdict.UNSAFE


def test_a_replacement_names_its_reasons() -> None:
    (finding,) = stateful.replaced((step("replace", VIRTUAL_DISK, "queue", {}, {}, replace_reasons=["createDirectories"]),))
    assert (finding.level, finding.found) == (Level.UNSAFE, "replaced because of createDirectories")
    assert "createDirectories" in finding.next_step


@pytest.mark.hazard("H2", "review", "`replaced`, with the order and the reasons")
def test_a_delete_before_the_replacement_is_said() -> None:
    steps = (machine("delete-replaced"), machine("replace", replace_reasons=["clone"]), machine("create-replacement"))
    finding, _ = stateful.replaced(steps)
    assert finding.found == "deleted first, then made anew because of clone"
    other, _ = stateful.replaced((steps[2], steps[1], steps[0]))
    assert other.found == "replaced because of clone"


@pytest.mark.hazard("H3", "review", "`replaced` says that it does not count yet")
def test_retain_in_the_same_change_does_not_count() -> None:
    finding, _ = stateful.replaced((machine("replace", new_retain_on_delete=True),))
    assert "does not count yet" in finding.consequence
    (older,) = stateful.replaced((machine("replace", new_retain_on_delete=True, old_retain_on_delete=True),))
    assert "does not count yet" not in older.consequence


def test_a_new_thing_is_no_replacement() -> None:
    assert list(stateful.replaced((machine("create-replacement", old=None),))) != []
    assert list(stateful.replaced((step("create-replacement", VIRTUAL_DISK, "queue", None, {}),))) == []


@pytest.mark.hazard("H9", "review", "`replaced`, as unsafe")
def test_a_snapshot_replaced_by_its_text_is_unsafe() -> None:
    (finding,) = stateful.replaced((step("replace", SNAPSHOT, "before", {}, {}, replace_reasons=["description"]),))
    assert finding.level is Level.UNSAFE
    assert finding.consequence.startswith("an edit of its text removes the snapshot")


def test_a_snapshot_with_memory_is_a_warning() -> None:
    assert [f.rule for f in stateful.snapshot_made(step("create", SNAPSHOT, "s", None, {"memory": True}))] == ["memory-snapshot"]
    assert list(stateful.snapshot_made(step("create", SNAPSHOT, "s", None, {"memory": False}))) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"mandatory": False}, ["only preferred"]),
        ({"enabled": False}, ["switched off"]),
        ({"virtualMachineIds": ["a"]}, ["1 VM fewer"]),
        ({"virtualMachineIds": ["a", "b", "c"]}, []),
        ({}, []),
    ],
)
@pytest.mark.hazard("H11", "review", "`apart-less`")
def test_a_rule_that_keeps_less_apart(change: dict[str, Any], found: list[str]) -> None:
    before = {"name": "scanners", "mandatory": True, "enabled": True, "virtualMachineIds": ["a", "b"]}
    assert [f.found for f in stateful.weakened(step("update", APART, "scanners", before, before | change), ())] == found


@pytest.mark.parametrize(("file", "rules"), [("/mail/spool.vmdk", ["deleted"]), ("/iso/tools.iso", [])])
def test_a_disk_s_file_is_unsafe_to_delete_and_another_is_not(file: str, rules: list[str]) -> None:
    found = list(stateful.deleted(step("delete", FILE, "it", {"destinationFile": file}, None)))
    assert [(f.rule, f.level) for f in found] == [(rule, Level.UNSAFE) for rule in rules]


@pytest.mark.parametrize(
    ("kind", "old", "new", "rules"),
    [
        (DATASTORE, True, False, ["unretained"]),
        (DATASTORE, True, True, []),
        (DATASTORE, False, False, []),
        (POLICY, True, False, []),
        (SNAPSHOT, True, False, []),
    ],
)
def test_what_holds_mail_and_is_no_longer_retained_is_a_warning(kind: str, old: bool, new: bool, rules: list[str]) -> None:
    seen = step("same", kind, "it", {}, {}, old_retain_on_delete=old, new_retain_on_delete=new)
    found = judge(Preview(steps=(seen,)), Review(), date(2026, 1, 1)).findings
    assert [(f.rule, f.level) for f in found] == [(rule, Level.WARNING) for rule in rules]


def test_a_vm_that_leaves_the_stack_leaves_its_rule() -> None:
    rule = {"name": "scanners", "mandatory": True, "enabled": True, "virtualMachineIds": ["id-a", "id-b", "id-c"]}
    less = step("update", APART, "scanners", rule, rule | {"virtualMachineIds": ["id-a", "id-b"]})
    for leaving, found in (("c", set()), ("b", {"apart-less"})):
        preview = Preview(steps=(less, machine("delete", name=leaving)))
        rules = {f.rule for f in judge(preview, Review(), date(2026, 1, 1)).findings}
        assert rules & {"apart-less"} == found


@pytest.mark.parametrize("op", ["update", "replace", "create-replacement"])
@pytest.mark.hazard("H5", "review", "`another-vcenter`")
def test_another_vcenter_knows_nothing_of_what_was_made(op: str) -> None:
    asked = step(op, PROVIDER, "vcenter", {"vsphereServer": "vc-1.example"}, {"vsphereServer": "vc-2.example"})
    (finding,) = stateful.elsewhere(asked)
    assert (finding.rule, finding.level, finding.found) == ("another-vcenter", Level.UNSAFE, "vc-2.example is asked")
    assert finding.expected == "vc-1.example"


@pytest.mark.parametrize("values", [
    (PROVIDER, {"vsphereServer": "vc"}, {"vsphereServer": "vc", "user": "another"}),
    (PROVIDER, None, {"vsphereServer": "vc"}),
    (PROVIDER, {"vsphereServer": "vc"}, None),
    (POLICY, {"vsphereServer": "vc"}, {"vsphereServer": "another"}),
])  # fmt: skip
def test_the_same_vcenter_and_what_is_no_provider_are_no_finding(values: tuple[str, Any, Any]) -> None:
    assert list(stateful.elsewhere(step("update", values[0], "vcenter", *values[1:]))) == []
