"""What a cluster is told about hosts that are lost, and that it is told nothing where the stack says nothing."""

from collections.abc import Callable

import pytest

import config
from tests.components.conftest import Applied
from tests.config.described import changed
from tests.plan.test_survival import AT_TWO_SITES

Apply = Callable[[config.Platform], Applied]


def test_vms_that_others_wait_for_are_restarted_first(apply: Apply) -> None:
    recording = apply(config.parse(changed(vsphere__restart_order=True))).recording

    overrides = recording.of_type("HaVmOverride")
    assert {o["virtualMachineId"]: o["haVmRestartPriority"] for o in overrides.values()} == {
        "campus-control-center-id": "low",
        "campus-log-archive-id": "low",
        "campus-mailbox-1-id": "highest",
        "campus-mta-1-id": "highest",
    }
    assert {o["computeClusterId"] for o in overrides.values()} == {"domain-c8"}


@pytest.mark.hazard("H11", "engine", "with sites, VMs should run where their LUNs are, and a role is at two of them")
def test_vms_should_run_where_their_luns_are(apply: Apply) -> None:
    recording = apply(config.parse(changed(**{path.replace(".", "__"): value for path, value in AT_TWO_SITES.items()}))).recording

    vms, hosts = recording.of_type("ComputeClusterVmGroup"), recording.of_type("ComputeClusterHostGroup")
    assert vms["campus-vms-south"]["virtualMachineIds"] == ["campus-balancer-2-id", "campus-mailbox-1-id", "campus-scanner-2-id"]
    assert hosts["campus-hosts-south"]["hostSystemIds"] == ["host-23"]
    assert hosts["campus-hosts-north"]["hostSystemIds"] == ["host-21", "host-22"]
    rules = recording.of_type("ComputeClusterVmHostRule")
    assert {name: (r["vmGroupName"], r["affinityHostGroupName"], r["mandatory"]) for name, r in rules.items()} == {
        "campus-at-north": ("campus-vms-north", "campus-hosts-north", False),
        "campus-at-south": ("campus-vms-south", "campus-hosts-south", False),
    }


def test_a_stack_that_says_nothing_of_it_has_no_such_resource(apply: Apply, campus: config.Platform) -> None:
    recording = apply(campus).recording

    for kind in ("HaVmOverride", "ComputeClusterVmGroup", "ComputeClusterHostGroup", "ComputeClusterVmHostRule"):
        assert recording.of_type(kind) == {}
