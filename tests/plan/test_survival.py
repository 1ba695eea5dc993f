"""What must survive one loss: a plan that breaks each rule, the counter-example, and the boundary at which it holds."""

from typing import Any

import pytest

from config import Problem
from plan import Plan, draft, survival
from tests.plan.conftest import Edit

AT_TWO_SITES: dict[str, Any] = {
    "vsphere.hosts": [{"name": f"esx-{n}.campus.example", "site": site} for n, site in ((1, "north"), (2, "north"), (3, "south"))],
    **{f"storage.luns.{lun}.site": "north" for lun in ("mail-iscsi", "spool-iscsi", "logs-iscsi")},
    **{f"storage.luns.{lun}.site": "south" for lun in ("mail-fc", "spool-fc")},
}
"""The campus with its iSCSI array in one building and its FC array in another."""


def only(invariant: Any, plan: Plan) -> Problem:
    """The one counter-example of an invariant."""
    found: list[Problem] = list(invariant(plan))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("role", ["scanner", "balancer"])
@pytest.mark.hazard("H11", "plan", "`survives_loss_of_any_fabric`")
def test_a_role_on_one_fabric_is_refused(edited: Edit, role: str) -> None:
    path = {"scanner": "gateway.scanners.scanner-2", "balancer": "balancers.nodes.balancer-2"}[role]
    plan = draft(edited({f"{path}.lun": "spool-iscsi"}))

    problem = only(survival.survives_loss_of_any_fabric, plan)

    assert (problem.path, problem.value) == (f"{path}.lun", "iscsi")
    assert f"carries every {role}" in problem.rule
    assert problem.remedy.startswith(f"move {role}-2 to mail-fc")


def test_the_directory_is_a_redundant_role_although_it_lives_on_the_spool(edited: Edit) -> None:
    plan = draft(edited({"spool.mailboxes.mailbox-1.lun": "logs-iscsi"}))

    assert "every directory (mailbox-1, mta-1)" in only(survival.survives_loss_of_any_fabric, plan).rule


@pytest.mark.hazard("H11", "plan", "`survives_loss_of_any_datastore`")
def test_a_role_on_one_datastore_is_refused_once_and_sent_to_another_fabric(edited: Edit) -> None:
    plan = draft(edited({"gateway.scanners.scanner-2.lun": "mail-iscsi"}))

    problem = only(survival.survives_loss_of_any_datastore, plan)

    assert (problem.path, problem.value) == ("gateway.scanners.scanner-2.lun", "mail-iscsi")
    assert problem.rule.endswith("losing that datastore, or its fabric iscsi, stops the role")
    assert problem.remedy == "move scanner-2 to mail-fc or spool-fc"
    assert list(survival.survives_loss_of_any_fabric(plan)) == []


def test_a_role_on_the_only_datastore_is_told_to_add_another(edited: Edit) -> None:
    nodes = {name: {"address": f"198.51.100.{21 + i}", "lun": "test-iscsi"} for i, name in enumerate(("scanner-1", "scanner-2"))}
    plan = draft(edited({"gateway.scanners": nodes}, stack="campus-test"))

    assert only(survival.survives_loss_of_any_datastore, plan).remedy == (
        "move scanner-2 to a LUN of another fabric (storage.luns has none), and add one"
    )


@pytest.mark.hazard("H11", "plan", "`survives_loss_of_any_host`")
def test_fewer_hosts_than_members_is_refused(edited: Edit) -> None:
    plan = draft(edited({"vsphere.hosts": ["esx-1.campus.example"]}))

    found = list(survival.survives_loss_of_any_host(plan))

    assert {(p.path, p.value) for p in found} == {("vsphere.hosts", "1 host")}
    assert {p.rule.split("apart")[0] for p in found} == {
        "can't keep 2 scanner servers ",
        "can't keep 2 directory servers ",
        "can't keep 2 balancer servers ",
    }


def test_a_member_without_its_anti_affinity_rule_is_a_counter_example(edited: Edit) -> None:
    plan = draft(edited())
    without = plan.model_copy(update={"apart": tuple(rule for rule in plan.apart if rule.role != "scanner")})

    problem = only(survival.survives_loss_of_any_host, without)

    assert problem.value == "campus-scanner-1"


@pytest.mark.parametrize(("hosts", "spare", "refused"), [(4, 1, False), (3, 1, True), (3, 0, False), (2, 0, True)])
def test_a_lost_member_needs_a_host_that_no_other_is_on(edited: Edit, hosts: int, spare: int, refused: bool) -> None:
    """Three scanners: a host for each, and one to restart the lost one on, unless the stack accepts that it waits."""
    scanners = {f"scanner-{n}": {"address": f"192.0.2.{50 + n}", "lun": "mail-fc" if n % 2 else "mail-iscsi"} for n in range(3)}
    names = [f"esx-{n}.campus.example" for n in range(hosts)]
    plan = draft(edited({"gateway.scanners": scanners, "vsphere.hosts": names, "vsphere.spare_hosts": spare}))

    assert bool([p for p in survival.survives_loss_of_any_host(plan) if "3 scanner" in p.rule]) is refused


@pytest.mark.hazard("H11", "plan", "as many hosts as members are refused: HA could not restart the lost one")
def test_as_many_hosts_as_members_is_refused_with_what_happens_then(edited: Edit) -> None:
    found = list(survival.survives_loss_of_any_host(draft(edited({"vsphere.hosts": ["esx-1", "esx-2"]}))))

    assert [p.path for p in found] == ["vsphere.hosts"] * 3
    assert str(found[0]).partition(": ")[2] == (
        "2 hosts can keep 2 scanner servers apart, but not after one is lost: HA then can't restart its scanner elsewhere; "
        "name at least 3 hosts, have fewer scanner servers, or accept it with vsphere.spare_hosts: 0"
    )


@pytest.mark.hazard("H11", "plan", "`survives_loss_of_any_site`")
def test_a_role_at_one_site_is_refused_and_at_two_is_not(edited: Edit) -> None:
    assert list(survival.survives_loss_of_any_site(draft(edited(AT_TWO_SITES)))) == []
    one_array = AT_TWO_SITES | {"storage.luns.mail-fc.site": "north"}

    found = list(survival.survives_loss_of_any_site(draft(edited(one_array))))

    assert [(p.path, p.value) for p in found] == [("gateway.scanners.scanner-2.lun", "north"), ("balancers.nodes.balancer-2.lun", "north")]
    assert found[0].rule == "has every scanner (scanner-1, scanner-2): losing that site stops the role"
    assert found[0].remedy == "move scanner-2 to spool-fc"


def test_a_site_needs_a_host_for_each_member_that_it_stores(edited: Edit) -> None:
    scanners = {f"scanner-{n}": {"address": f"192.0.2.{50 + n}", "lun": lun} for n, lun in enumerate(["mail-fc", "spool-fc", "mail-iscsi"])}
    crowded = draft(edited(AT_TWO_SITES | {"gateway.scanners": scanners}))

    assert list(survival.each_site_runs_what_it_stores(draft(edited(AT_TWO_SITES)))) == []
    problem = only(survival.each_site_runs_what_it_stores, crowded)
    assert (problem.path, problem.value) == ("gateway.scanners.scanner-1.lun", "spool-fc")
    assert problem.rule == "is at south, where 1 host can't keep 2 scanner servers apart (scanner-0, scanner-1)"


def _hosts(*memory: float) -> dict[str, Any]:
    return {"vsphere.hosts": [{"name": f"esx-{n}", "memory_gib": gib} for n, gib in enumerate(memory)]}


CAMPUS_GIB = 60  # memory of its VMs: 32 of mailbox-1 and 4 of each of the seven others


@pytest.mark.parametrize(
    ("memory", "said"),
    [
        ((60, 40, 20), None),
        ((60, 40, 19), "2 hosts with 59 GiB with esx-0 lost, don't hold the VMs' 60 GiB"),
        ((40, 36, 24), "2 hosts with 60 GiB with esx-0 lost, don't hold the VMs' 60 GiB under the rules that keep these apart: 4 GiB"),
        ((30, 30, 30), "3 hosts with 90 GiB don't hold the VMs' 60 GiB under the rules that keep these apart: 2 GiB are missing"),
        ((256, 256, 256), None),
    ],
)
@pytest.mark.hazard("H11", "plan", "`memory_holds_every_vm`, with one host lost")
def test_memory_holds_all_vms_also_without_the_largest_host(edited: Edit, memory: tuple[float, ...], said: str | None) -> None:
    plan = draft(edited(_hosts(*memory)))
    assert sum(vm.memory_gib for vm in plan.vms) == CAMPUS_GIB

    found = [f"{p.value} {p.rule}" for p in survival.memory_holds_every_vm(plan)]

    assert [text.startswith(said or "") for text in found] == ([True] if said else []), found


def test_without_a_spare_host_memory_must_only_do_with_all_hosts(edited: Edit) -> None:
    tight = _hosts(60, 40, 19)

    assert list(survival.memory_holds_every_vm(draft(edited(tight | {"vsphere.spare_hosts": 0})))) == []
    assert list(survival.memory_holds_every_vm(draft(edited(tight)))) != []
