"""What a cluster is told about hosts that are lost, and that it is told nothing where the stack says nothing."""

from collections.abc import Callable

import pytest

import config
from tests.components.conftest import Applied
from tests.config.described import changed
from tests.plan.test_survival import AT_TWO_SITES

NORTH, SOUTH = "esx-1.campus.example", "esx-3.campus.example"
AT_HOME = {
    "gateway.control_center.host": NORTH, "gateway.scanners.scanner-1.host": NORTH, "gateway.scanners.scanner-2.host": SOUTH,
    "spool.mtas.mta-1.host": NORTH, "spool.mailboxes.mailbox-1.host": SOUTH, "balancers.nodes.balancer-1.host": NORTH,
    "balancers.nodes.balancer-2.host": SOUTH, "log_archive.node.host": NORTH,
}  # fmt: skip
"""A host of each server at the site of its LUN."""
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


def test_a_cluster_without_drs_is_given_no_rule_and_members_still_wait_for_one_another(apply: Apply) -> None:
    sections = changed(vsphere__drs=False, **{path.replace(".", "__"): value for path, value in {**AT_TWO_SITES, **AT_HOME}.items()})
    made = apply(config.parse(sections))

    for kind in ("ComputeClusterVmGroup", "ComputeClusterHostGroup", "ComputeClusterVmHostRule", "ComputeClusterVmAntiAffinityRule"):
        assert made.recording.of_type(kind) == {}
    assert {rule.role for rule in made.plan.apart} == {"scanner", "directory", "balancer"}, "what changed_before goes by"
    hosts = {name: inputs["hostSystemId"] for name, inputs in made.recording.of_type("VirtualMachine").items()}
    assert {hosts["campus-scanner-1"], hosts["campus-scanner-2"]} == {"host-21", "host-23"}


def test_a_stack_that_says_nothing_of_it_has_no_such_resource(apply: Apply, campus: config.Platform) -> None:
    recording = apply(campus).recording

    for kind in ("HaVmOverride", "ComputeClusterVmGroup", "ComputeClusterHostGroup", "ComputeClusterVmHostRule"):
        assert recording.of_type(kind) == {}
