"""The disk lens: what an update of a VM does to its disks."""

from datetime import date
from typing import Any

import pytest

from config.findings import Finding, Level
from config.review import Review
from review import disks, judge
from review.preview import SECRET, UNKNOWN
from tests.review.made import disk, machine, preview


def found(old: list[Any], new: Any) -> list[Finding]:
    return list(disks.updated(machine(old={"disks": old}, new={"disks": new})))


def rules(old: list[Any], new: Any) -> list[str]:
    return [finding.rule for finding in found(old, new)]


def test_a_disk_that_stays_is_no_finding() -> None:
    assert rules([disk()], [disk()]) == []


def test_a_disk_that_grows_is_no_finding() -> None:
    assert rules([disk(size=400)], [disk(size=401)]) == []


def test_disks_are_told_apart_by_label_and_not_by_place() -> None:
    assert rules([disk("os", unitNumber=0), disk("spool")], [disk("spool"), disk("os", unitNumber=0)]) == []


@pytest.mark.hazard("H1", "review", "`disk-destroyed`, with size, file and UUID")
def test_a_disk_that_is_dropped_is_destroyed() -> None:
    (finding,) = found([disk(path="store/store_1.vmdk", uuid="df15")], [])
    assert finding.level is Level.UNSAFE
    assert finding.rule == "disk-destroyed"
    assert finding.subject == "store/spool, 400 GiB (store/store_1.vmdk, df15)"
    assert finding.consequence.startswith("DESTROYS DATA")
    assert finding.names == ("store/spool", "df15")


@pytest.mark.hazard("H1", "review", "`disk-destroyed`, with the new label")
def test_a_disk_that_is_relabelled_is_destroyed_and_the_new_label_named() -> None:
    (finding,) = found([disk("spool")], [disk("mail")])
    assert (finding.rule, finding.found, finding.next_step[:31]) == (
        "disk-destroyed",
        "relabelled mail",
        "To keep it, label it spool again"[:31],
    )


@pytest.mark.parametrize("guard", [{"keepOnRemove": True}, {"attach": True}])
def test_a_kept_disk_that_is_dropped_is_detached_and_still_unsafe(guard: dict[str, Any]) -> None:
    (finding,) = found([disk(**guard)], [])
    assert (finding.rule, finding.level) == ("disk-detached", Level.UNSAFE)
    assert "DESTROYS" not in finding.consequence


def test_keep_on_remove_in_the_same_edit_comes_too_late() -> None:
    """The provider reads it from the state."""
    assert rules([disk("spool", keepOnRemove=False)], [disk("mail", keepOnRemove=True)]) == ["disk-destroyed"]


def test_what_the_provider_has_seen_counts_and_not_what_was_asked_for() -> None:
    """After a restore the provider labels a disk anew: the program then drops the disk that is really there."""
    step = machine(old={"disks": [disk()]}, new={"disks": [disk()]}, old_outputs={"disks": [disk("orphaned_disk_0")]})
    (seen,) = disks.updated(step)
    assert seen.subject == "store/orphaned_disk_0, 400 GiB"
    assert "give it its label back in the engine's state (docs/ledger.md, When it says no)" in seen.next_step


@pytest.mark.parametrize(
    ("change", "rule", "level"),
    [
        ({"size": 399}, "disk-shrunk", Level.UNSAFE),
        ({"unitNumber": 2}, "disk-renumbered", Level.UNSAFE),
        ({"controllerType": "sata"}, "disk-renumbered", Level.UNSAFE),
        ({"diskMode": "independent_nonpersistent"}, "disk-mode", Level.UNSAFE),
        ({"path": "other.vmdk"}, "disk-exchanged", Level.UNSAFE),
        ({"attach": True}, "disk-exchanged", Level.UNSAFE),
        ({"datastoreId": "datastore-2"}, "disk-moved", Level.UNSAFE),
        ({"datastoreId": UNKNOWN}, "disk-moved", Level.UNSAFE),
        ({"diskMode": UNKNOWN}, "disks-unseen", Level.UNSAFE),
        ({"keepOnRemove": False}, "disk-unguarded", Level.WARNING),
    ],
)
@pytest.mark.hazard("H12", "review", "`disk-renumbered`, `disk-exchanged`")
def test_an_edit_of_a_disk(change: dict[str, Any], rule: str, level: Level) -> None:
    before = disk(path="store.vmdk", attach=False, datastoreId="datastore-1", keepOnRemove=True)
    (finding,) = found([before], [before | change])
    assert (finding.rule, finding.level) == (rule, level)


def test_values_that_the_program_leaves_out_are_no_change() -> None:
    before = disk(path="store.vmdk", uuid="df15", datastoreId="datastore-1")
    assert rules([before], [{"label": "spool", "size": 400, "unitNumber": 1}]) == []


@pytest.mark.parametrize(
    ("there", "left_out"),
    [
        ({"unitNumber": 0, "controllerType": "scsi"}, []),
        ({"unitNumber": 1}, ["disk-renumbered"]),
        ({"unitNumber": 0, "controllerType": "sata"}, ["disk-renumbered"]),
    ],
)
def test_what_the_program_leaves_out_is_the_provider_s_default(there: dict[str, Any], left_out: list[str]) -> None:
    assert rules([disk(**there)], [{"label": "spool", "size": 400}]) == left_out


@pytest.mark.parametrize("unseen", [UNKNOWN, SECRET, [{"label": UNKNOWN}], ["text"]])
def test_disks_that_a_preview_does_not_show_are_unsafe(unseen: Any) -> None:
    assert rules([disk()], unseen) == ["disks-unseen"]


@pytest.mark.parametrize("unseen", [UNKNOWN, SECRET])
@pytest.mark.parametrize("key", ["unitNumber", "controllerType", "size", "diskMode", "path", "attach", "keepOnRemove"])
def test_what_tells_a_disk_and_is_not_shown_is_unsafe(key: str, unseen: str) -> None:
    before = disk(path="store.vmdk", attach=True, keepOnRemove=True)
    (finding,) = found([before], [before | {key: unseen}])
    assert (finding.rule, finding.level, finding.names) == ("disks-unseen", Level.UNSAFE, ("store/spool",))
    assert finding.found.startswith(f"{key}: ")


def test_a_guard_that_was_not_there_may_be_unknown() -> None:
    assert rules([disk()], [disk(keepOnRemove=UNKNOWN)]) == []


@pytest.mark.parametrize("gone", [("attach",), ("path",), ("attach", "path")])
def test_a_file_that_is_no_longer_attached_is_exchanged(gone: tuple[str, ...]) -> None:
    before = disk(path="store.vmdk", attach=True)
    assert rules([before], [{key: value for key, value in before.items() if key not in gone}]) == ["disk-exchanged"]
    assert rules([before], [before]) == []


@pytest.mark.parametrize(("mode", "rules"), [("persistent", []), ("independent_nonpersistent", ["disk-mode"])])
@pytest.mark.parametrize("op", ["create", "import", "update"])
def test_a_new_disk_that_forgets_is_unsafe(op: str, mode: str, rules: list[str]) -> None:
    made = machine(op, new={"disks": [disk(), disk("extra", unitNumber=2, diskMode=mode)]})
    found = judge(preview(made), Review(), date(2026, 11, 24)).findings
    assert [f.rule for f in found if f.names == ("store/extra",)] == rules


def test_a_vm_without_disks_loses_all() -> None:
    step = machine(old={"disks": [disk()]})
    assert step.new_state is not None
    bare = step.model_copy(update={"new_state": step.new_state.model_copy(update={"inputs": {"name": "store"}})})
    assert [finding.rule for finding in disks.updated(bare)] == ["disk-destroyed"]


@pytest.mark.parametrize("kind", ["scsi", "sata", "nvme", "ide"])
@pytest.mark.parametrize(("left", "unsafe"), [(0, True), (1, False), (2, False)])
def test_the_controllers_that_a_disk_is_on_become_no_fewer(kind: str, left: int, unsafe: bool) -> None:
    there = {"disks": [disk(controllerType=kind)], f"{kind}ControllerCount": 1}
    edited = machine(old=there, new=there | {f"{kind}ControllerCount": left})
    assert [f.rule for f in disks.updated(edited)] == ["controller-changed"] * unsafe
