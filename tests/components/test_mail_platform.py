"""What a platform asks the engine for."""

from collections.abc import Callable

import pytest

import config
from tests.components.conftest import Applied

Apply = Callable[[config.Platform], Applied]


@pytest.mark.hazard("H12", "engine", "labels and units are fixed, and guests see the disks' UUIDs")
def test_each_disk_has_its_label_unit_and_size_and_mail_data_is_kept(apply: Apply, campus: config.Platform) -> None:
    applied = apply(campus)
    plan, recording = applied.plan, applied.recording

    vms = recording.of_type("VirtualMachine")
    assert len(vms) == len(plan.vms) == 8
    for vm in plan.vms:
        assert [(d["label"], d["unitNumber"], d["size"], d["keepOnRemove"]) for d in vms[vm.name]["disks"]] == [
            (disk.label, disk.unit, disk.size_gib, disk.label != "system") for disk in vm.disks
        ]


def test_disposable_data_goes_with_its_vm(apply: Apply, demo: config.Platform) -> None:
    recording = apply(demo).recording

    kept = [disk["keepOnRemove"] for vm in recording.of_type("VirtualMachine").values() for disk in vm["disks"]]
    assert len(kept) == 16
    assert not any(kept)


def test_a_vm_is_on_the_datastore_and_network_of_its_plan(apply: Apply, campus: config.Platform) -> None:
    recording = apply(campus).recording

    scanner = recording.of_type("VirtualMachine")["campus-scanner-2"]
    assert scanner["datastoreId"] == "campus-mail-fc-id"
    assert scanner["networkInterfaces"] == [{"networkId": "network-7", "adapterType": "vmxnet3"}]
    assert scanner["resourcePoolId"] == "resgroup-9"
    assert (scanner["numCpus"], scanner["memory"]) == (4, 4096)
    assert scanner["enableDiskUuid"] is True
    assert scanner["folder"] == "mail-campus"


def test_memory_comes_in_mib_and_to_the_last_of_them(apply: Apply, campus: config.Platform) -> None:
    node = campus.spool.mtas["mta-1"].model_copy(update={"memory_gib": 8.5, "memory_reservation_gib": 2.75})
    spool = campus.spool.model_copy(update={"mtas": {**campus.spool.mtas, "mta-1": node}})
    vm = apply(campus.model_copy(update={"spool": spool})).recording.of_type("VirtualMachine")["campus-mta-1"]
    assert (vm["memory"], vm["memoryReservation"]) == (8704, 2816)


@pytest.mark.hazard("H11", "engine", "a mandatory rule for each role")
def test_every_redundant_role_has_a_mandatory_rule_over_its_vms(apply: Apply, campus: config.Platform) -> None:
    recording = apply(campus).recording

    rules = recording.of_type("ComputeClusterVmAntiAffinityRule")
    assert {name: rule["virtualMachineIds"] for name, rule in rules.items()} == {
        "campus-balancer-apart": ["campus-balancer-1-id", "campus-balancer-2-id"],
        "campus-directory-apart": ["campus-mailbox-1-id", "campus-mta-1-id"],
        "campus-scanner-apart": ["campus-scanner-1-id", "campus-scanner-2-id"],
    }
    assert all(rule["mandatory"] is True for rule in rules.values())


def test_a_datastore_is_made_of_its_lun_and_an_adopted_one_is_not_made(apply: Apply, campus: config.Platform) -> None:
    luns = dict(campus.storage.luns)
    luns["spool-fc"] = luns["spool-fc"].model_copy(update={"datastore": "spool-fc"})
    adopting = campus.model_copy(update={"storage": campus.storage.model_copy(update={"luns": luns})})
    recording = apply(adopting).recording

    created = recording.of_type("VmfsDatastore")
    assert sorted(created) == ["campus-logs-iscsi", "campus-mail-fc", "campus-mail-iscsi", "campus-spool-iscsi"]
    assert created["campus-mail-fc"]["disks"] == ["naa.60003ff44dc75adc0000000000000002"]
    assert created["campus-mail-fc"]["hostSystemId"] == "host-21"
    assert recording.of_type("VirtualMachine")["campus-mailbox-1"]["datastoreId"] == "datastore-9"
