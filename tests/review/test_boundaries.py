"""What the rules ask of one thing and not of another: tables said a second time, and values just beside those that matter."""

import re
from typing import Any

import pytest

from config.findings import Level
from review import restarts
from review.disks import MACHINE
from review.preview import SECRET, UNKNOWN, Step
from review.restarts import DISK_RESTARTING, NOISE, RESTARTING
from review.stateful import APART, KINDS, PROVIDER, SNAPSHOT, VIRTUAL_DISK
from tests.review.made import apart, disk, machine, preview, step
from tests.review.test_attacks import TYPED, judged, rules

DOCUMENTED = """alternate_guest_name cpu_hot_add_enabled cpu_hot_remove_enabled cpu_performance_counters_enabled efi_secure_boot_enabled
ept_rvi_mode enable_disk_uuid enable_logging extra_config firmware guest_id hardware_version hv_mode memory_hot_add_enabled
nested_hv_enabled num_cores_per_socket pci_device_ids run_tools_scripts_after_power_on run_tools_scripts_after_resume
run_tools_scripts_before_guest_reboot run_tools_scripts_before_guest_shutdown run_tools_scripts_before_guest_standby
swap_placement_policy tools_upgrade_policy vbs_enabled vvtd_enabled vtpm"""
"""The provider's list of what restarts a VM, in its own spelling ("Virtual machine reboot"); what restarts only sometimes is left out."""
UNSAFE = """computeCluster datacenter host nasDatastore vappContainer virtualDisk virtualMachine vmfsDatastore"""
WARNED = """computeClusterVmAntiAffinityRule computeClusterVmHostRule contentLibrary contentLibraryItem datastoreCluster
datastoreClusterVmAntiAffinityRule distributedPortGroup distributedVirtualSwitch folder haVmOverride hostPortGroup hostVirtualSwitch
resourcePool virtualMachineSnapshot vmStoragePolicy"""


def test_what_restarts_a_vm_is_the_provider_s_list() -> None:
    assert {re.sub("_(.)", lambda match: match[1].upper(), name) for name in DOCUMENTED.split()} == RESTARTING
    assert set(DISK_RESTARTING) == {"controllerType", "unitNumber", "diskMode", "writeThrough", "diskSharing"}
    assert {"eptRviMode", "hvMode", "syncTimeWithHost"} == NOISE


def test_what_is_lost_with_a_type_is_at_the_level_of_what_it_holds() -> None:
    named = {kind.partition("/")[2].partition(":")[0]: said.level for kind, said in KINDS.items()}
    assert {name for name, level in named.items() if level is Level.UNSAFE} == {*UNSAFE.split()}
    assert {name for name, level in named.items() if level is Level.WARNING} == {*WARNED.split()}


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (machine(old={"disks": UNKNOWN}), {"disks-unseen"}),
        (machine(old={"disks": SECRET}), {"disks-unseen"}),
        (machine(old={"disks": None}), {"disks-unseen"}),
        (step("update", MACHINE, "store", {"name": "store"}, {"name": "store"}), {"disks-unseen"}),
        (step("update", MACHINE, "store", {"disks": []}, {"disks": []}), set()),
        (machine(old={"disks": [disk(size=None)]}), set()),
        (machine(new={"disks": [disk(size=None)]}), set()),
        (machine(new={"disks": [disk(size=True)]}), {"disks-unseen"}),
        (machine("create", new={"disks": UNKNOWN}), set()),
        (machine("delete", old={"disks": UNKNOWN}), {"deleted", "disks-unseen"}),
        (machine(old={"datastoreId": "a"}, new={}), set()),
        (machine(old={}, new={"datastoreId": "a"}), set()),
        (machine(old={}, new={"scsiType": "pvscsi", "scsiControllerCount": 1}), set()),
        (machine(old={"scsiControllerCount": 2}, new={}), set()),
    ],
)
def test_values_of_disks_that_are_not_there_or_not_seen(edited: Step, expected: set[str]) -> None:
    assert rules(edited) == expected


def test_a_disk_that_several_vms_could_open_may_be_closed() -> None:
    shared = disk(diskSharing="sharingMultiWriter")
    assert rules(machine(old={"disks": [shared]}, new={"disks": [disk(diskSharing="sharingNone")]}), level=Level.WARNING) == {"restart"}


@pytest.mark.parametrize(
    ("steps", "level", "expected"),
    [
        ([step("update", APART, "r", {"mandatory": False}, {"mandatory": False})], Level.WARNING, set()),
        ([step("update", APART, "r", {"enabled": False}, {"enabled": False})], Level.WARNING, set()),
        ([step("update", "vsphere:index/tag:Tag", "r", {"mandatory": True}, {"mandatory": False})], Level.WARNING, set()),
        ([step("create", VIRTUAL_DISK, "d", None, {"size": 1})], Level.UNSAFE, set()),
        ([step("update", VIRTUAL_DISK, "d", {"size": UNKNOWN}, {"size": 1})], Level.UNSAFE, set()),
        ([step("update", SNAPSHOT, "s", {"memory": True}, {"memory": True})], Level.WARNING, set()),
        ([step("update", "vsphere:index/tag:Tag", "t", {"firmware": "bios"}, {"firmware": "efi"})], Level.WARNING, set()),
        ([machine("same", old={"firmware": "bios"}, new={"firmware": "efi"})], Level.WARNING, set()),
        ([machine(old={"firmware": ""}, new={"firmware": None})], Level.WARNING, set()),
        ([machine(old={"memory": 4096}, new={"memory": UNKNOWN})], Level.WARNING, {"restart"}),
        ([machine(old={"memory": UNKNOWN}, new={"memory": 4096})], Level.WARNING, {"restart"}),
        ([machine(old={"firmware": "bios"}, new={"firmware": "efi", "extraConfigRebootRequired": False})], Level.WARNING, {"restart"}),
        ([machine(old={"disks": [disk(writeThrough=True)]}, new={"disks": [disk()]})], Level.WARNING, set()),
    ],
)
def test_what_is_asked_of_one_type_or_operation_is_asked_of_no_other(steps: list[Step], level: Level, expected: set[str]) -> None:
    assert rules(*steps, level=level) == expected


@pytest.mark.parametrize("kind", ["vsphere:index/tag:Tag", "vsphere:index/folder:Folder"])
def test_what_can_be_made_again_may_go_in_a_refresh(kind: str) -> None:
    assert rules(step("refresh", kind, "it", {"name": "it"}, None), step("create", kind, "it", None, {"name": "it"})) == set()


@pytest.mark.parametrize(
    ("left", "made"),
    [
        (
            step("delete", "vsphere:index/folder:Folder", "a", {"name": "store"}, None, old_retain_on_delete=True),
            machine("create", name="b"),
        ),
        (machine("same", old_retain_on_delete=True), machine("create", name="b")),
        (
            machine("delete", old_retain_on_delete=True),
            step("create", "vsphere:index/folder:Folder", "b", None, {"name": "store"}),
        ),
    ],
)
def test_a_vm_is_made_twice_only_beside_one_that_is_let_go(left: Step, made: Step) -> None:
    named = made.model_copy(update={"new_state": made.new_state and made.new_state.model_copy(update={"inputs": {"name": "store"}})})
    assert "made-twice" not in rules(left, named)


@pytest.mark.parametrize("now", [True, False])
def test_retain_that_does_not_come_is_not_said_to_come(now: bool) -> None:
    replaced = next(f for f in judged(machine("replace", new_retain_on_delete=now)).findings if f.rule == "replaced")
    assert ("retainOnDelete comes in this same change" in replaced.consequence) is now
    assert "the provider asks for it" in replaced.found


def test_the_same_vcenter_is_the_same_whatever_else_is_said() -> None:
    same = step("update", PROVIDER, "p", {"vsphereServer": "a"}, {"vsphereServer": "a"}, diff_reasons=["vsphereServer"])
    assert rules(same) == set()


def test_what_hangs_on_something_that_is_not_shown_has_no_further_order() -> None:
    waits = machine(name="b", old={"numCpus": 2}, new={"numCpus": 4}, new_dependencies=["urn:hidden", "urn:hidden"])
    other = machine(name="a", old={"numCpus": 2}, new={"numCpus": 4}, new_dependencies=[waits.urn])
    found = list(restarts.restarted(preview(other, waits, apart("r", "a", "b"))))
    assert [f.found for f in found if f.rule == "rolling-restart"] == ["restarts by turns: b → a"]


def test_a_rule_that_names_what_is_no_vm_has_no_such_member() -> None:
    tag = step("replace", "vsphere:index/tag:Tag", "a", {"name": "a"}, {"name": "a"}, old_id="id-a")
    one = machine(name="b", old={"numCpus": 2}, new={"numCpus": 4})
    assert rules(tag, one, apart("r", "a", "b")) == set()


@pytest.mark.parametrize("path", [UNKNOWN, TYPED, None, ""])
def test_files_that_nobody_knows_are_not_called_the_same(path: Any) -> None:
    both = [machine("create", name=name, new={"disks": [disk(attach=True, path=path)]}) for name in ("a", "b")]
    assert "disk-shared" not in rules(*both)


def test_a_lost_share_counts_what_a_provider_has() -> None:
    kept = [step("same", "vsphere:index/tag:Tag", f"t{n}", {"name": f"t{n}"}, {"name": f"t{n}"}) for n in range(9)]
    groups = [step("delete", "mail:index:Group", f"g{n}", {}, None, old_custom=False) for n in range(9)]
    assert rules(step("delete", "vsphere:index/tag:Tag", "t9", {"name": "t9"}, None), *kept, *groups) == set()


def test_vms_that_leave_with_something_else_still_leave_their_rule_weaker() -> None:
    before, after = ({"name": "r", "virtualMachineIds": ids, "mandatory": True} for ids in (["id-store", "id-b"], ["id-b"]))
    edited = step("update", APART, "r", before, after)
    assert rules(machine("delete"), edited, level=Level.WARNING) == set()
    assert rules(step("delete", "vsphere:index/tag:Tag", "t", {}, None, old_id="id-store"), edited, level=Level.WARNING) == {"apart-less"}
    assert rules(machine("same"), edited, level=Level.WARNING) == {"apart-less"}
