"""Rules on one resource: each broken, and kept just so."""

from typing import Any

import pytest

from policy.keeping import is_protected, keeps_its_disks, pins_its_provider, takes_no_memory_snapshot
from policy.settings import Disks, Settings, Versions
from review.disks import MACHINE
from review.preview import UNKNOWN
from review.stateful import APART, KINDS, PROVIDER, SNAPSHOT, VIRTUAL_DISK
from tests.policy.made import disk, own, resource, said, unseen, vm


@pytest.mark.hazard("H1", "policy", "`keep-on-remove`, in any program")
@pytest.mark.parametrize(
    ("values", "kept"),
    [({}, False), ({"keepOnRemove": False}, False), ({"keepOnRemove": True}, True), ({"attach": True}, True)],
)
def test_a_data_disk_is_kept_or_refused(values: dict[str, Any], kept: bool) -> None:
    found = said(keeps_its_disks(vm("mx", disk("os", unit=0), disk("spool", 400, **values)), Disks()))
    assert [text.partition(";")[0] for text in found] == ([] if kept else ["mx/spool, 400 GiB: keepOnRemove is not true"])


@pytest.mark.parametrize(
    "mode", ["persistent", "independent_persistent", "nonpersistent", "independent_nonpersistent", "undoable", "append"]
)
def test_a_data_disk_that_forgets_what_is_written_is_refused(mode: str) -> None:
    machine = vm("mx", disk("os", unit=0, diskMode=mode), disk("spool", 400, keepOnRemove=True, diskMode=mode))
    found = said(keeps_its_disks(machine, Disks()))
    refused = [] if mode.endswith("persistent") and "non" not in mode else [f"mx/spool, 400 GiB: disk mode {mode}"]
    assert [text.partition(";")[0] for text in found] == refused


def test_a_disk_mode_that_only_the_apply_tells_is_said() -> None:
    machine = vm("mx", disk("os", unit=0), disk("spool", 400, keepOnRemove=True, diskMode=UNKNOWN))
    (text,) = unseen(keeps_its_disks(machine, Disks()))
    assert text == "mx/spool, 400 GiB: its disk mode, which may forget what is written, is known only after the apply"


def test_only_the_first_disk_at_unit_0_is_a_system_disk_and_labels_say_it_better() -> None:
    machine = vm("mx", disk("os", unit=0), disk("nvme", unit=0, controllerType="nvme"))
    assert [text.partition(",")[0] for text in said(keeps_its_disks(machine, Disks()))] == ["mx/nvme"]
    assert said(keeps_its_disks(machine, Disks(system=["os", "nvme"]))) == []
    assert [text.partition(",")[0] for text in said(keeps_its_disks(machine, Disks(system=["nvme"])))] == ["mx/os"]


@pytest.mark.parametrize(
    ("values", "system", "refused"), [({}, [], 1), ({}, ["os"], 0), ({}, ["other"], 1), ({"keepOnRemove": True}, [], 0)]
)
def test_a_vm_s_only_disk_holds_its_data_unless_its_label_says_otherwise(values: dict[str, Any], system: list[str], refused: int) -> None:
    assert len(said(keeps_its_disks(vm("mx", disk("os", unit=0, **values)), Disks(system=system)))) == refused
    assert said(keeps_its_disks(vm("mx", disk("os", unit=0), disk("data", keepOnRemove=True)), Disks())) == []


def test_of_mailstead_s_own_vms_the_label_tells() -> None:
    assert said(keeps_its_disks(own("balancer", disks=[disk("system", unit=0)]), Disks())) == []
    assert len(said(keeps_its_disks(own("mx", disks=[disk("system", unit=0), disk("queue")]), Disks()))) == 1
    assert len(said(keeps_its_disks(own("mx", disks=[disk("queue", unit=0)]), Disks()))) == 1


def test_a_vm_that_lists_no_disks_is_made_with_some() -> None:
    assert unseen(keeps_its_disks(vm("mx", disks=[]), Disks())) == ["mx: it lists no disks, and is made with some"]


def test_what_is_known_only_after_the_apply_is_unseen_and_no_breach() -> None:
    unsure = vm("mx", disk("os", unit=0), disk("spool", keepOnRemove=UNKNOWN))
    assert said(keeps_its_disks(unsure, Disks())) == []
    assert len(unseen(keeps_its_disks(unsure, Disks()))) == 1
    assert unseen(keeps_its_disks(vm("mx", disk(UNKNOWN)), Disks())) == ["mx: the labels of its disks are known only after the apply"]


@pytest.mark.hazard("H2", "policy", "`protect-stateful`, in any program")
@pytest.mark.parametrize("kind", [MACHINE, VIRTUAL_DISK, "vsphere:index/vmfsDatastore:VmfsDatastore"])
def test_what_is_unsafe_to_lose_must_be_protected(kind: str) -> None:
    (text,) = said(is_protected(resource(kind, "mail"), Settings()))
    assert KINDS[kind].lost in text
    assert said(is_protected(resource(kind, "mail", protect=True), Settings())) == []


@pytest.mark.parametrize("kind", [APART, SNAPSHOT, "vsphere:index/tag:Tag"])
def test_what_can_be_made_again_need_not_be(kind: str) -> None:
    assert said(is_protected(resource(kind, "x"), Settings())) == []


@pytest.mark.parametrize(("memory", "breaches", "dark"), [(True, 1, 0), (False, 0, 0), (UNKNOWN, 0, 1)])
def test_a_snapshot_with_memory_is_a_breach(memory: object, breaches: int, dark: int) -> None:
    snapshot = resource(SNAPSHOT, "before", snapshotName="before-upgrade", memory=memory)
    assert len(said(takes_no_memory_snapshot(snapshot, Settings()))) == breaches
    assert len(unseen(takes_no_memory_snapshot(snapshot, Settings()))) == dark


@pytest.mark.hazard("H28", "policy", "`exact-provider-pin`, in any program")
@pytest.mark.parametrize(
    ("version", "tried", "breach"),
    [
        ("4.18.2", [], ""),
        ("4.18.2-alpha.1", [], ""),
        ("4.18.2", ["4.18.1", "4.18.2"], ""),
        ("4.18.2", ["4.18.1"], "4.18.2 is none of the versions that were tried: 4.18.1"),
        ("4.18", [], "4.18 is no exact version"),
        (">=4.18.2", [], ">=4.18.2 is no exact version"),
        (None, ["4.18.2"], "nothing is no exact version"),
    ],
)
def test_the_provider_s_version_is_exact_and_was_tried(version: str | None, tried: list[str], breach: str) -> None:
    found = said(pins_its_provider(resource(PROVIDER, "vcenter", version=version), Versions(versions=tried)))
    assert len(found) == bool(breach)
    assert all(breach in text for text in found)


def test_other_types_are_nobody_s_concern() -> None:
    other = resource("random:index/randomId:RandomId", "x", version="1", memory=True, disks=[disk("spool")])
    for found in (
        keeps_its_disks(other, Disks()),
        is_protected(other, Settings()),
        takes_no_memory_snapshot(other, Settings()),
        pins_its_provider(other, Versions()),
    ):
        assert list(found) == []
