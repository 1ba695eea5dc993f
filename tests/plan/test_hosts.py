"""Hosts that VMs are assigned: chosen for those without one, a plan that breaks each rule, and the boundary at which it holds."""

from typing import Any

import pytest

from config import Problem, Role
from plan import Plan, draft, hosts, losses, survival
from plan.losses import Domain, Outcome
from tests.plan.conftest import Edit
from tests.plan.test_survival import AT_TWO_SITES, only

ESX = [f"esx-{n}.campus.example" for n in (1, 2, 3)]
ASSIGNED: dict[str, Any] = {
    "gateway.control_center.host": ESX[0], "gateway.scanners.scanner-1.host": ESX[0], "gateway.scanners.scanner-2.host": ESX[1],
    "spool.mtas.mta-1.host": ESX[0], "spool.mailboxes.mailbox-1.host": ESX[1], "balancers.nodes.balancer-1.host": ESX[0],
    "balancers.nodes.balancer-2.host": ESX[1], "log_archive.node.host": ESX[2],
}  # fmt: skip
"""Of the campus: 16 GiB on the first host, 40 on the second, 4 on the third."""


def with_memory(*gib: float) -> dict[str, Any]:
    """The campus's hosts with memory."""
    return {"vsphere.hosts": [{"name": name, "memory_gib": size} for name, size in zip(ESX, gib, strict=True)]}


def with_hosts(plan: Plan, chosen: hosts.Chosen) -> Plan:
    """The plan with the hosts that were chosen."""
    vms = tuple(vm.model_copy(update={"host": chosen.hosts.get(vm.path, vm.host)}) for vm in plan.vms)
    return plan.model_copy(update={"vms": vms})


def breaches(plan: Plan) -> list[Problem]:
    """Of every rule about hosts that are assigned."""
    return [problem for invariant in hosts.INVARIANTS for problem in invariant(plan)]


@pytest.mark.parametrize("drs", [True, False])
@pytest.mark.hazard("H11", "plan", "`members_start_on_different_hosts`: of hosts that the stack assigns, also without DRS")
def test_two_members_on_one_host_are_refused_with_a_host_that_is_free(edited: Edit, drs: bool) -> None:
    drs_too = ASSIGNED | {"vsphere.drs": drs}
    assert breaches(draft(edited(drs_too))) == []

    problem = only(hosts.members_start_on_different_hosts, draft(edited(drs_too | {"gateway.scanners.scanner-2.host": ESX[0]})))

    assert (problem.path, problem.value) == ("gateway.scanners.scanner-2.host", ESX[0])
    why = "which a mandatory rule keeps apart" if drs else "and nothing parts them without DRS"
    assert problem.rule == f"is also the host of scanner-1, another scanner, {why}"
    assert problem.remedy == f"write {ESX[1]} or {ESX[2]}"


def test_a_role_that_fills_every_host_is_told_to_add_one(edited: Edit) -> None:
    scanners = {f"scanner-{n}": {"address": f"192.0.2.{50 + n}", "lun": "mail-fc", "host": ESX[n % 3]} for n in range(4)}
    problem = only(hosts.members_start_on_different_hosts, draft(edited({"gateway.scanners": scanners})))
    assert problem.path == "gateway.scanners.scanner-3.host"
    assert problem.remedy == "name a host without a scanner in vsphere.hosts, and write it"


def test_mailbox_servers_may_share_a_host_and_servers_without_one_share_none(edited: Edit) -> None:
    nodes = {f"mailbox-{n}": {"address": f"192.0.2.{60 + n}", "lun": "spool-fc", "host": ESX[1]} for n in (1, 2)}
    assert breaches(draft(edited(ASSIGNED | {"spool.mailboxes": nodes}))) == []
    assert breaches(draft(edited())) == []


@pytest.mark.hazard("H11", "plan", "`starts_at_the_site_of_its_lun`")
def test_a_host_at_another_site_than_the_lun_is_refused(edited: Edit) -> None:
    at_home = AT_TWO_SITES | {"gateway.scanners.scanner-2.host": ESX[2]}
    assert breaches(draft(edited(at_home))) == []

    problem = only(hosts.starts_at_the_site_of_its_lun, draft(edited(at_home | {"gateway.scanners.scanner-2.host": ESX[0]})))

    assert (problem.path, problem.value) == ("gateway.scanners.scanner-2.host", ESX[0])
    assert problem.rule == "is at north, and the LUN mail-fc of scanner-2 at south"
    assert problem.remedy == f"write {ESX[2]}, or move scanner-2 to a LUN at north"


def test_a_host_that_is_named_instead_is_at_the_site_of_the_lun(edited: Edit) -> None:
    at_north = {"gateway.scanners": {
        f"scanner-{n}": {"address": f"192.0.2.{50 + n}", "lun": "mail-iscsi", "host": ESX[0]} for n in (1, 2)
    }}  # fmt: skip
    assert only(hosts.members_start_on_different_hosts, draft(edited(AT_TWO_SITES | at_north))).remedy == f"write {ESX[1]}"


@pytest.mark.hazard("H11", "plan", "`memory_holds_what_starts_there`")
def test_the_memory_of_a_host_holds_what_is_assigned_to_it_to_the_last_gib(edited: Edit) -> None:
    assert breaches(draft(edited(ASSIGNED | with_memory(16, 40, 4)))) == []

    problem = only(hosts.memory_holds_what_starts_there, draft(edited(ASSIGNED | with_memory(16, 39.5, 4))))

    assert (problem.path, problem.value) == ("vsphere.hosts.1.memory_gib", "39.5")
    assert problem.rule == f"is 1 GiB less than the 40 GiB of the 3 VMs that are assigned to {ESX[1]}"


@pytest.mark.parametrize(
    ("memory", "lacking", "server"),
    [
        ((48, 48, 12), None, None),  # without esx-2: its 32 GiB beside the 16 on esx-1, its 4 + 4 beside the 4 on esx-3
        ((48, 48, 11), "1 GiB", "scanner-2 (scanner)"),
        ((47, 48, 12), "1 GiB", "mailbox-1 (mailbox, directory)"),
        ((40, 48, 12), "8 GiB", "mailbox-1 (mailbox, directory)"),
        ((256, 256, 256), None, None),
    ],
)
@pytest.mark.hazard("H11", "plan", "`memory_holds_every_vm`, without DRS: no VM moves to make room")
def test_without_drs_the_others_hold_a_lost_host_s_vms_beside_their_own(
    edited: Edit, memory: tuple[float, float, float], lacking: str | None, server: str | None
) -> None:
    tight = ASSIGNED | with_memory(*memory) | {"vsphere.drs": False}

    found = [f"{p.value} {p.rule}" for p in survival.memory_holds_every_vm(draft(edited(tight)))]

    said = "2 hosts without {0} don't hold the VMs of {0} beside their own if it is lost: {1} are missing, and {2} has no place"
    assert found == ([said.format(ESX[1], lacking, server)] if lacking else [])
    assert list(survival.memory_holds_every_vm(draft(edited(tight | {"vsphere.spare_hosts": 0})))) == []


def test_without_drs_as_many_hosts_as_members_are_enough_since_no_rule_forbids_a_restart(edited: Edit) -> None:
    two = {path: host if host != ESX[2] else ESX[1] for path, host in ASSIGNED.items()} | {"vsphere.hosts": ESX[:2]}
    assert len(list(survival.survives_loss_of_any_host(draft(edited(two))))) == 3
    assert list(survival.survives_loss_of_any_host(draft(edited(two | {"vsphere.drs": False})))) == []
    assert list(survival.survives_loss_of_any_host(draft(edited({"vsphere.hosts": ESX[:1], "vsphere.drs": True})))) != []


def test_what_is_chosen_breaks_no_rule_and_is_even_and_the_same_every_time(edited: Edit) -> None:
    for edits in ({}, AT_TWO_SITES, with_memory(40, 40, 20), {"vsphere.drs": False} | ASSIGNED):
        plan = draft(edited(edits))
        paths = [vm.path for vm in plan.vms]
        chosen = hosts.choose(plan, paths)
        assert chosen.problems == ()
        assert chosen.hosts.keys() == {*paths}
        assert breaches(with_hosts(plan, chosen)) == []
        assert chosen == hosts.choose(plan, paths[::-1])
    even = with_hosts(draft(edited()), hosts.choose(draft(edited()), [vm.path for vm in draft(edited()).vms]))
    assert sorted(sum(vm.memory_gib for vm in even.vms if vm.host == host) for host in ESX) == [12, 16, 32]


def test_mailbox_servers_are_spread_though_no_rule_says_so(edited: Edit) -> None:
    nodes = {f"mailbox-{n}": {"address": f"192.0.2.{60 + n}", "lun": "spool-fc", "memory_gib": 1} for n in (1, 2, 3)}
    plan = draft(edited({"spool.mailboxes": nodes, "spool.mtas.mta-1.memory_gib": 64}))
    found = with_hosts(plan, hosts.choose(plan, [vm.path for vm in plan.vms]))
    assert len({vm.host for vm in found.members(Role.MAILBOX)}) == 3


def test_what_is_written_stays_whoever_is_added(edited: Edit) -> None:
    added = {"scanner-3": {"address": "192.0.2.60", "lun": "mail-fc"}}
    written = {
        f"scanner-{n}": {"address": f"192.0.2.{20 + n}", "lun": lun, "host": ESX[n]} for n, lun in ((1, "mail-iscsi"), (2, "mail-fc"))
    }
    plan = draft(edited(ASSIGNED | {"gateway.scanners": added | written}))
    assert hosts.choose(plan, ["gateway.scanners.scanner-3"]) == hosts.Chosen({"gateway.scanners.scanner-3": ESX[0]}, ())


def test_memory_that_is_missing_is_said_by_host(edited: Edit) -> None:
    plan = draft(edited(with_memory(30, 30, 30)))
    (problem,) = hosts.choose(plan, [vm.path for vm in plan.vms]).problems
    assert (problem.path, problem.value) == ("vsphere.hosts", "3 hosts")
    assert "have not the memory for 8 servers without a host: 2 GiB on esx-" in problem.rule


def test_peers_that_are_written_may_leave_no_host(edited: Edit) -> None:
    scanners = {f"scanner-{n}": {"address": f"192.0.2.{50 + n}", "lun": "mail-fc", "host": ESX[n]} for n in range(3)}
    plan = draft(edited({"gateway.scanners": scanners | {"scanner-3": {"address": "192.0.2.60", "lun": "mail-fc"}}}))
    (problem,) = hosts.choose(plan, ["gateway.scanners.scanner-3"]).problems
    assert problem.rule.startswith("have no place for 1 server without a host that keeps the members of each role apart")
    assert "take `host` out of some servers" in problem.remedy


def test_a_host_s_loss_takes_what_is_assigned_to_it(edited: Edit) -> None:
    found = [loss for loss in losses(draft(edited(ASSIGNED | {"vsphere.drs": False}))) if loss.domain is Domain.HOST]
    assert [loss.names for loss in found] == [(host,) for host in ESX]
    stopped = {loss.names[0]: {str(f.role) for f in loss.roles if f.outcome is Outcome.STOPS} for loss in found}
    assert stopped == {ESX[0]: {"control-center", "mta"}, ESX[1]: {"mailbox"}, ESX[2]: {"log-archive"}}
    assert {str(service) for service, outcome in found[1].services.items() if outcome is Outcome.STOPS} == {"mailbox"}
    assert all(fate.returns for loss in found for fate in loss.roles)


def test_with_drs_what_any_host_may_take_is_said_beside_what_is_assigned(edited: Edit) -> None:
    found = [loss for loss in losses(draft(edited(ASSIGNED))) if loss.domain is Domain.HOST]
    assert [(loss.names, loss.assigned) for loss in found] == [(tuple(ESX), False), *(((host,), True) for host in ESX)]
    some = {path: host for path, host in ASSIGNED.items() if not path.startswith("log_archive")}
    assert [loss.names for loss in losses(draft(edited(some))) if loss.domain is Domain.HOST] == [tuple(ESX)]


def test_a_lost_host_s_vms_return_only_where_memory_is_left_for_them(edited: Edit) -> None:
    tight = draft(edited(ASSIGNED | with_memory(48, 48, 7) | {"vsphere.drs": False}))
    returns = {loss.names[0]: {fate.returns for fate in loss.roles} for loss in losses(tight) if loss.domain is Domain.HOST}
    assert returns == {ESX[0]: {False}, ESX[1]: {False}, ESX[2]: {True}}
