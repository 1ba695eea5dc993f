"""Edits that hide what they do, each as a whole preview: what is unsafe must come out as unsafe, whatever shape it takes."""

import json
import random
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.findings import Level
from config.review import Review
from review import Reviewed, Unreadable, Verdict, judge, parse, text
from review.disks import MACHINE
from review.preview import SECRET, UNKNOWN, Step
from review.stateful import APART, PROVIDER, VIRTUAL_DISK
from tests.review.made import apart, disk, machine, preview, step

SAMPLES = [file.read_bytes() for file in sorted((Path(__file__).parent / "previews").glob("*.json"))]
OS, SPOOL = disk("os", unitNumber=0, size=10), disk(path="store/store_1.vmdk", uuid="df15")
KEPT = {"name": "store", "disks": [OS, SPOOL | {"keepOnRemove": True}]}
TYPED = "3eeb2bf0-c639-47a8-9e75-3b44932eb421"  # the engine's unknown number
WRAPPED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}  # a secret as the state has it


def judged(*steps: Step) -> Reviewed:
    return judge(preview(*steps), Review(), date(2026, 11, 24))


def rules(*steps: Step, level: Level = Level.UNSAFE) -> set[str]:
    found = judged(*steps)
    assert (found.verdict is Verdict.UNSAFE) is any(f.level is Level.UNSAFE for f in found.findings)
    return {f.rule for f in found.findings if f.level is level}


def edit(*disks: dict[str, Any], **more: Any) -> Step:
    """An update of a VM with a system disk and a spool."""
    return machine(old={"disks": [OS, SPOOL]}, new={"disks": list(disks)} | more)


@pytest.mark.parametrize(
    ("edited", "rule"),
    [
        (edit(OS, disk("mail", size=500)), "disk-destroyed"),
        (edit(OS, disk("mail", size=500, keepOnRemove=True)), "disk-destroyed"),
        (edit(OS), "disk-destroyed"),
        (edit(disk("spool", size=400), disk("os", size=10)), "disk-renumbered"),
        (edit(OS | {"unitNumber": 1}, SPOOL | {"unitNumber": 0}), "disk-renumbered"),
        (edit(OS, SPOOL | {"controllerType": "nvme"}), "disk-renumbered"),
        (edit(OS, SPOOL | {"attach": True}), "disk-exchanged"),
        (edit(OS, SPOOL | {"path": "other.vmdk"}), "disk-exchanged"),
        (edit(OS, SPOOL | {"size": 10}, SPOOL), "disks-unseen"),
        (edit(OS, SPOOL, disk("", unitNumber=2), disk("", unitNumber=3)), "disks-unseen"),
        *((edit(OS, SPOOL | {key: value}), "disks-unseen") for key in ("size", "unitNumber", "path") for value in (TYPED, WRAPPED, [1])),
        (edit(OS, SPOOL | {"size": "400"}), "disks-unseen"),
        (edit(OS, SPOOL | {"diskSharing": UNKNOWN}), "disks-unseen"),
        (edit(WRAPPED), "disk-destroyed"),
        (edit(OS, SPOOL | {"label": TYPED}), "disks-unseen"),
    ],
)
def test_a_disk_of_a_vm(edited: Step, rule: str) -> None:
    assert rule in rules(edited)


def test_a_lost_disk_is_named_with_role_size_path_and_uuid() -> None:
    (said,) = (line for line in text(judged(edit(OS, disk("mail", size=500)))).splitlines() if "relabelled" in line)
    assert said.startswith("  store/spool, 400 GiB (store/store_1.vmdk, df15): relabelled mail")


def test_a_disk_that_moves_between_vms_leaves_one_of_them() -> None:
    giving = machine(old=KEPT, new={"disks": [OS]})
    taking = machine(name="mx", new={"disks": [disk(), disk("extra", unitNumber=2, attach=True, path="store/store_1.vmdk")]})
    assert rules(giving, taking) == {"disk-detached"}


@pytest.mark.parametrize(
    ("old", "new", "unsafe"),
    [
        ({"scsiType": "pvscsi"}, {"scsiType": "lsilogic"}, True),
        ({"scsiType": "pvscsi"}, {"scsiType": UNKNOWN}, True),
        ({"scsiType": "pvscsi"}, {"scsiType": "pvscsi"}, False),
        ({"scsiType": "pvscsi"}, {}, False),
        ({"scsiBusSharing": "noSharing"}, {"scsiBusSharing": "virtualSharing"}, True),
        ({"scsiControllerCount": 2}, {"scsiControllerCount": 1}, True),
        ({"scsiControllerCount": 2}, {"scsiControllerCount": TYPED}, True),
        ({"scsiControllerCount": 1}, {"scsiControllerCount": 2}, False),
        ({"sataControllerCount": 1}, {"sataControllerCount": 0}, False),
    ],
)
def test_the_controllers_of_a_vm(old: dict[str, Any], new: dict[str, Any], unsafe: bool) -> None:
    """Those that none of its disks is on are no matter."""
    assert rules(machine(old=old, new=new)) == ({"controller-changed"} if unsafe else set())


@pytest.mark.parametrize(
    ("before", "after", "rule", "level"),
    [
        ({"diskSharing": "sharingNone"}, {"diskSharing": "sharingMultiWriter"}, "disk-unlocked", Level.WARNING),
        ({"datastoreId": "ds-1"}, {"datastoreId": "ds-2"}, "disk-moved", Level.UNSAFE),
        ({"datastoreId": "ds-1"}, {"datastoreId": TYPED}, "disk-moved", Level.UNSAFE),
        ({"datastoreId": "ds-1", "attach": True, "path": "a"}, {"datastoreId": "ds-2"}, "disk-exchanged", Level.UNSAFE),
        ({"datastoreId": "ds-1", "attach": True, "path": "a"}, {"datastoreId": TYPED}, "disk-exchanged", Level.UNSAFE),
    ],
)
def test_where_a_disk_is_and_who_may_open_it(before: dict[str, Any], after: dict[str, Any], rule: str, level: Level) -> None:
    assert rule in rules(machine(old={"disks": [disk(**before)]}, new={"disks": [disk(**before | after)]}), level=level)
    assert rules(machine(old={"disks": [disk(**before)]}, new={"disks": [disk(**before)]}), level=level) == set()


@pytest.mark.parametrize("key", ["datastoreId", "datastoreClusterId"])
def test_a_vm_that_moves_to_another_datastore_is_said(key: str) -> None:
    assert rules(machine(old={key: "a"}, new={key: "b"}), level=Level.WARNING) == {"disk-moved"}
    assert rules(machine(old={key: "a"}, new={key: "a"}), level=Level.WARNING) == set()


@pytest.mark.parametrize(("vm", "to", "level"), [("b", "b", Level.WARNING), ("b", "c", Level.UNSAFE), ("a", "b", Level.UNSAFE)])
def test_a_disk_moves_along_with_its_vm_or_away_from_it(vm: str, to: str, level: Level) -> None:
    moved = machine(old={"datastoreId": "a", "disks": [disk(datastoreId="a")]}, new={"datastoreId": vm, "disks": [disk(datastoreId=to)]})
    assert ("disk-moved" in rules(moved)) is (level is Level.UNSAFE)
    assert any(f.subject == "store/spool, 400 GiB" and f.level is level for f in judged(moved).findings)


@pytest.mark.parametrize(("after", "expected"), [(UNKNOWN, {"disks-unseen"}), (49, {"disk-shrunk"}), (50, set()), (51, set())])
def test_a_virtual_disk_without_a_vm_does_not_shrink(after: Any, expected: set[str]) -> None:
    assert rules(step("update", VIRTUAL_DISK, "queue", {"size": 50}, {"size": after})) == expected


@pytest.mark.parametrize("ops", [
    ["delete-replaced", "replace", "create-replacement"], ["create-replacement", "replace", "delete-replaced"], ["replace"],
    ["delete-replaced"], ["read-replacement"], ["import-replacement"], ["read-replacement", "delete-replaced"],
])  # fmt: skip
@pytest.mark.parametrize(
    "kind", [MACHINE, VIRTUAL_DISK, "vsphere:index/vmfsDatastore:VmfsDatastore", "vsphere:index/vappContainer:VappContainer"]
)
def test_every_way_to_replace(ops: list[str], kind: str) -> None:
    values = {"name": "store", "disks": [SPOOL]} if kind == MACHINE else {"name": "store"}
    assert "replaced" in rules(*(step(op, kind, "store", values, None if op == "delete-replaced" else values) for op in ops))


@pytest.mark.parametrize(("retained", "expected"), [(True, {"made-twice"}), (False, {"deleted", "disk-lost"})])
def test_a_vm_that_gets_another_logical_name_or_parent_is_made_twice(retained: bool, expected: set[str]) -> None:
    gone = machine("delete", old=KEPT, old_retain_on_delete=retained)
    made = machine("create", new={"disks": [OS, SPOOL]}).model_copy(update={"urn": gone.urn + "-again"})
    assert rules(gone, made) == expected
    other = machine("create", name="mx").model_copy(update={"urn": gone.urn + "-other"})
    assert "made-twice" not in rules(gone, other)


def test_an_alias_keeps_what_is_there() -> None:
    renamed = machine("same", old=KEPT, new=KEPT).model_copy(update={"urn": "urn:pulumi:dev::mail::other$" + MACHINE + "::new"})
    assert judged(renamed).verdict is Verdict.NOTHING


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (machine("create", new=KEPT), {"gone-from-vcenter"}),
        (machine(old={"disks": [OS]}, new=KEPT), {"gone-from-vcenter"}),
        (machine("same", old=KEPT, new=KEPT), set()),
        (machine(old=KEPT | {"annotation": "a"}, new=KEPT | {"annotation": "b"}), set()),
        (machine(old={"disks": [OS, SPOOL | {"uuid": "0ther"}]}, new=KEPT), {"disk-exchanged"}),
        (machine("same", old={"disks": [OS, SPOOL | {"uuid": "0ther"}]}, new=KEPT), {"disk-exchanged"}),
        (machine("same", old={"disks": [OS, SPOOL | {"path": "store/store_1-000001.vmdk"}]}, new=KEPT), set()),
    ],
)
@pytest.mark.hazard("H5", "review", "`gone-from-vcenter`, of a preview with `--refresh`")
def test_what_a_refresh_no_longer_finds_is_not_made_anew(then: Step, expected: set[str]) -> None:
    looked = machine("refresh", old=KEPT, new=KEPT)
    assert rules(looked, then) == expected
    assert "gone-from-vcenter" not in rules(then)


def test_a_read_changes_nothing() -> None:
    assert judged(machine("read", old=KEPT, new=KEPT), machine("refresh", old=KEPT, new=KEPT)).verdict is Verdict.NOTHING


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("vsphere:index/vmfsDatastore:VmfsDatastore", Level.UNSAFE),
        ("vsphere:index/nasDatastore:NasDatastore", Level.UNSAFE),
        ("vsphere:index/vappContainer:VappContainer", Level.UNSAFE),
        (APART, Level.WARNING),
        ("vsphere:index/folder:Folder", Level.WARNING),
        ("vsphere:index/resourcePool:ResourcePool", Level.WARNING),
        ("vsphere:index/distributedVirtualSwitch:DistributedVirtualSwitch", Level.WARNING),
        ("vsphere:index/datastoreClusterVmAntiAffinityRule:DatastoreClusterVmAntiAffinityRule", Level.WARNING),
    ],
)
def test_what_vms_depend_on_is_not_deleted_in_silence(kind: str, level: Level) -> None:
    assert rules(step("delete", kind, "it", {"name": "it"}, None), level=level) == {"deleted"}


def test_peers_that_lose_their_rule_in_the_same_apply_are_peers_still() -> None:
    pair = [machine(name=name, old={"numCpus": 2}, new={"numCpus": 4}) for name in ("mx-1", "mx-2")]
    gone = apart("mx", "mx-1", "mx-2").model_copy(update={"op": "delete", "new_state": None})
    assert rules(*pair, gone) == {"peers-restart"}


def test_without_a_diff_the_two_states_tell_what_restarts() -> None:
    """What the world has changed stands in the outputs alone."""
    drifted = machine(
        new={"firmware": "bios"}, old={"firmware": "bios"}, old_outputs={"name": "store", "disks": [disk()], "firmware": "efi"}
    )
    assert rules(drifted, level=Level.WARNING) == {"restart"}


def vcenter(name: str, server: str, op: str = "same") -> Step:
    return step(op, PROVIDER, name, None if op == "create" else {"vsphereServer": server}, {"vsphereServer": server})


@pytest.mark.parametrize(("server", "unsafe"), [("vc-1", False), ("vc-2", True)])
def test_a_resource_that_is_handed_to_another_provider(server: str, unsafe: bool) -> None:
    one, two = vcenter("one", "vc-1"), vcenter("two", server, "create")
    moved = machine(old=KEPT, new=KEPT, old_provider=f"{one.urn}::id", new_provider=f"{two.urn}::{UNKNOWN}")
    assert rules(one, two, moved) == ({"another-vcenter"} if unsafe else set())


def test_a_vcenter_that_is_masked_and_has_changed_is_another() -> None:
    values = {"vsphereServer": SECRET}
    assert rules(step("update", PROVIDER, "vc", values, values, diff_reasons=("vsphereServer",))) == {"another-vcenter"}
    assert rules(step("update", PROVIDER, "vc", values, values, diff_reasons=("user",))) == set()


def test_protection_that_is_taken_away_is_said() -> None:
    assert rules(machine("same", old=KEPT, new=KEPT, old_protect=True), level=Level.WARNING) == {"unprotected"}
    assert rules(machine("same", old=KEPT, new=KEPT, old_protect=True, new_protect=True), level=Level.WARNING) == set()


def test_a_name_writes_no_lines_of_its_own() -> None:
    forged = disk("spool\nNothing changes\x1b[2K")
    said = text(judged(machine(old={"disks": [forged]}, new={"disks": []})))
    assert "\x1b" not in said
    assert not any(line.startswith("Nothing changes") for line in said.splitlines())


STRANGE: list[Any] = [
    None, True, 0, -1, 10**24, 1e300, "", UNKNOWN, SECRET, WRAPPED, [], {}, [[]], [None], [WRAPPED], {"label": []}, [{"label": []}],
    [{"label": "a", "size": {}}], [{"label": "a", "size": 10**24, "unitNumber": []}], ["a", 1, None], "\n",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(300))
def test_no_value_in_any_place_ends_in_a_traceback(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - edits, not secrets
    whole = json.loads(chance.choice(SAMPLES))
    for _ in range(chance.randint(1, 4)):
        _spoil(whole, chance)
    try:
        found = parse(json.dumps(whole).encode())
    except Unreadable:
        return
    assert text(judge(found, Review(), date(2026, 11, 24)))


def _spoil(value: Any, chance: random.Random) -> None:
    """Puts something strange somewhere into a preview."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        below = value[key]
        if not isinstance(below, dict | list) or not below or chance.random() < 0.15:
            value[key] = deepcopy(chance.choice(STRANGE))
            return
        value = below
