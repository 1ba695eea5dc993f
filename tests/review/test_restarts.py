"""The restart forecast."""

from typing import Any

import pytest

from config.findings import Level
from review import restarts
from review.preview import Step
from review.restarts import DISK_RESTARTING, NOISE, RESTARTING
from tests.review.made import apart, disk, machine, preview


def reasons(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [finding.found.removeprefix("restarts because of ") for finding in restarts.restarted(preview(machine(old=old, new=new)))]


@pytest.mark.parametrize("key", sorted(RESTARTING))
def test_each_property_of_the_list_restarts(key: str) -> None:
    assert reasons({key: "before"}, {key: "after"}) == [key]


@pytest.mark.parametrize("key", DISK_RESTARTING)
def test_each_property_of_a_disk_restarts(key: str) -> None:
    assert reasons({"disks": [disk(**{key: "before"})]}, {"disks": [disk(**{key: "after"})]}) == [f"disks.{key}"]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"memory": 4096}, {"memory": 8192}, ["memory"]),
        ({"memory": 4096, "memoryHotAddEnabled": True}, {"memory": 8192, "memoryHotAddEnabled": True}, []),
        ({"memory": 8192, "memoryHotAddEnabled": True}, {"memory": 4096, "memoryHotAddEnabled": True}, ["memory"]),
        ({"numCpus": 2}, {"numCpus": 4}, ["numCpus"]),
        ({"numCpus": 2, "cpuHotAddEnabled": True}, {"numCpus": 4, "cpuHotAddEnabled": True}, []),
        ({"numCpus": 4, "cpuHotRemoveEnabled": True}, {"numCpus": 2, "cpuHotRemoveEnabled": True}, []),
        ({"extraConfig": {"a": "1"}}, {"extraConfig": {"a": "2"}, "extraConfigRebootRequired": False}, []),
        ({"annotation": "a"}, {"annotation": "b"}, []),
        ({"networkInterfaces": [{"adapterType": "e1000"}]}, {"networkInterfaces": [{"adapterType": "vmxnet3"}]}, ["networkInterfaces"]),
        ({"networkInterfaces": [{}, {}]}, {"networkInterfaces": [{}]}, ["networkInterfaces"]),
        ({"networkInterfaces": [{"networkId": "a"}]}, {"networkInterfaces": [{"networkId": "b"}]}, []),
    ],
)
def test_what_restarts_only_sometimes(old: dict[str, Any], new: dict[str, Any], found: list[str]) -> None:
    assert reasons(old, new) == found


def pair(*, chained: bool = False, both: bool = True) -> list[Step]:
    first = machine(name="scanner-1", old={"numCpus": 2}, new={"numCpus": 4})
    waits: dict[str, Any] = {"new_dependencies": [first.urn]} if chained else {}
    second = machine(name="scanner-2", old={"numCpus": 2}, new={"numCpus": 4 if both else 2}, **waits)
    return [second, first, apart("scanners", "scanner-1", "scanner-2")]


@pytest.mark.hazard("H10", "review", "`peers-restart`, with the order to apply in")
def test_two_peers_in_no_order_are_unsafe() -> None:
    (finding,) = [f for f in restarts.restarted(preview(*pair())) if f.subject == "role scanners"]
    assert (finding.rule, finding.level) == ("peers-restart", Level.UNSAFE)
    assert finding.next_step.startswith("Apply one at a time, scanner-1 → scanner-2")


def test_two_peers_one_after_another_are_a_warning_with_the_order() -> None:
    (finding,) = [f for f in restarts.restarted(preview(*pair(chained=True))) if f.subject == "role scanners"]
    assert (finding.rule, finding.level) == ("rolling-restart", Level.WARNING)
    assert finding.found == "restarts by turns: scanner-1 → scanner-2"


def test_peers_that_wait_for_each_other_over_others_are_in_order() -> None:
    steps = pair()
    between = machine("same", name="mta-1", new_dependencies=[steps[1].urn])
    steps[0] = machine(name="scanner-2", old={"numCpus": 2}, new={"numCpus": 4}, new_dependencies=[between.urn])
    assert "rolling-restart" in [f.rule for f in restarts.restarted(preview(*steps, between))]


@pytest.mark.parametrize(("members", "at_a_time", "rule"), [(20, 2, "rolling-restart"), (19, 2, "peers-restart"), (20, 3, "peers-restart")])
def test_one_in_ten_members_may_restart_at_a_time(members: int, at_a_time: int, rule: str) -> None:
    steps: list[Step] = []
    for n in range(members):
        waits = [steps[n - at_a_time].urn] if n >= at_a_time else []
        steps.append(machine(name=f"scanner-{n:02}", old={"numCpus": 2}, new={"numCpus": 4}, new_dependencies=waits))
    role = apart("scanners", *(f"scanner-{n:02}" for n in range(members)))
    assert [f.rule for f in restarts.restarted(preview(*steps, role)) if f.subject == "role scanners"] == [rule]


def test_a_role_is_waived_by_its_own_name_and_by_none_of_its_members() -> None:
    (finding,) = [f for f in restarts.restarted(preview(*pair())) if f.subject == "role scanners"]
    assert finding.names == ("scanners",)


@pytest.mark.parametrize(
    ("op", "more", "rules"),
    [
        ("replace", {}, ["peers-restart"]),
        ("delete", {}, ["peers-restart"]),
        ("delete", {"old_retain_on_delete": True}, []),
        ("create", {"old_id": ""}, []),
    ],
)
def test_a_member_that_goes_while_its_peer_restarts_is_down_with_it(op: str, more: dict[str, Any], rules: list[str]) -> None:
    _, first, role = pair()
    steps = (first, machine(op, name="scanner-2", **more), role)
    assert [f.rule for f in restarts.restarted(preview(*steps)) if f.subject == "role scanners"] == rules


def test_members_that_only_leave_are_no_restart() -> None:
    leaving = [machine("delete", name=f"scanner-{n}") for n in (1, 2)]
    assert list(restarts.restarted(preview(*leaving, apart("scanners", "scanner-1", "scanner-2"), hidden=1))) == []


def test_a_replacement_waits_for_its_peer_by_what_it_is_made_from() -> None:
    _, first, role = pair()
    made = [machine(op, name="scanner-2", new_dependencies=[first.urn]) for op in ("create-replacement", "replace")]
    steps = (first, *made, machine("delete-replaced", name="scanner-2"), role)
    assert [f.rule for f in restarts.restarted(preview(*steps)) if f.subject == "role scanners"] == ["rolling-restart"]


def test_one_of_two_peers_is_no_more_than_a_restart() -> None:
    assert [f.rule for f in restarts.restarted(preview(*pair(both=False), hidden=1))] == ["restart"]


def test_vms_that_no_rule_keeps_apart_are_no_peers() -> None:
    assert [f.rule for f in restarts.restarted(preview(*pair()[:2]))] == ["restart", "restart"]


def test_rules_that_were_not_shown_leave_it_open_whether_two_are_peers() -> None:
    found = list(restarts.restarted(preview(*pair()[:2], hidden=1)))
    assert [(f.rule, f.level) for f in found][2:] == [("peers-unseen", Level.UNSAFE)]


@pytest.mark.parametrize("key", sorted(NOISE))
def test_noise_of_the_provider_is_a_note_and_no_restart(key: str) -> None:
    step = machine(old={}, new={}, old_outputs={"name": "store", "disks": [disk()], key: "hvAuto"}, detailed_diff={key: {"kind": "delete"}})
    assert [f.rule for f in restarts.noise(step)] == ["noise"]
    assert list(restarts.restarted(preview(step))) == []


def test_a_real_change_is_no_noise() -> None:
    assert list(restarts.noise(machine(old={"hvMode": "hvAuto"}, new={"hvMode": "hvOn"}))) == []
