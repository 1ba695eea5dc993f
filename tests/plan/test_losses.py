"""What goes on without any one thing, told for the campus and counted for any stack."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import config
from config import Role
from config.services import Service
from config.stackfile import read
from plan import Loss, Plan, draft, losses
from plan.losses import Domain, Outcome
from plan.placement import apart
from tests.plan.conftest import Edit
from tests.plan.test_survival import AT_TWO_SITES


def by_name(found: tuple[Loss, ...]) -> dict[str, Loss]:
    """Losses by what is lost."""
    return {f"{loss.domain} {loss.names[0]}": loss for loss in found}


def outcomes(loss: Loss) -> dict[Role, Outcome]:
    """What becomes of each role."""
    return {fate.role: fate.outcome for fate in loss.roles}


@pytest.mark.hazard("H11", "plan", "every single loss is listed with who goes on: `mailstead plan STACK --losses`")
def test_the_campus_without_any_one_thing(edited: Edit) -> None:
    found = by_name(losses(draft(edited())))

    assert sorted(found) == [
        "datastore logs-iscsi", "datastore mail-fc", "datastore mail-iscsi", "datastore spool-fc", "datastore spool-iscsi",
        "datastore templates", "fabric fc", "fabric iscsi", "host esx-1.campus.example",
    ]  # fmt: skip
    fabric = found["fabric iscsi"]
    assert outcomes(fabric) == {
        Role.CONTROL_CENTER: Outcome.STOPS, Role.SCANNER: Outcome.DEGRADED, Role.MTA: Outcome.STOPS, Role.MAILBOX: Outcome.SURVIVES,
        Role.DIRECTORY: Outcome.DEGRADED, Role.BALANCER: Outcome.DEGRADED, Role.LOG_ARCHIVE: Outcome.STOPS,
    }  # fmt: skip
    (scanner,) = (fate for fate in fabric.roles if fate.role is Role.SCANNER)
    assert (scanner.exposed, scanner.lost, scanner.left, scanner.returns) == (("scanner-1",), 1, ("scanner-2",), False)
    assert fabric.services[Service.INBOUND] is Outcome.DEGRADED
    assert fabric.services[Service.OUTBOUND_AUTHENTICATED] is Outcome.STOPS
    assert fabric.services[Service.MAILBOX] is Outcome.DEGRADED, "one balancer is lost"


@pytest.mark.parametrize(("hosts", "returns"), [(3, True), (2, False)])
def test_of_a_host_only_what_the_rules_allow_is_lost(edited: Edit, hosts: int, returns: bool) -> None:
    """One of a pair, which comes back where a host is left for it; and of roles without a rule all."""
    (host,) = (loss for loss in losses(draft(edited({"vsphere.hosts": [f"esx-{n}" for n in range(hosts)]}))) if loss.domain is Domain.HOST)
    fates = {fate.role: fate for fate in host.roles}
    assert len(host.names) == hosts
    assert (fates[Role.SCANNER].outcome, fates[Role.SCANNER].lost, fates[Role.SCANNER].returns) == (Outcome.DEGRADED, 1, returns)
    assert (fates[Role.CONTROL_CENTER].outcome, fates[Role.CONTROL_CENTER].returns) == (Outcome.STOPS, True)


def test_what_another_role_s_rule_keeps_away_does_not_come_back(edited: Edit) -> None:
    """mta-1 shares the directory's rule with mailbox-1: with two hosts none is left for it."""
    fates = {fate.role: fate for fate in losses(draft(edited({"vsphere.hosts": ["esx-1", "esx-2"]})))[0].roles}
    assert (fates[Role.MTA].returns, fates[Role.MAILBOX].returns, fates[Role.LOG_ARCHIVE].returns) == (False, False, True)


@pytest.mark.parametrize(("smallest", "returns"), [(8, False), (48, True)])
def test_where_memory_is_missing_without_a_host_nothing_is_promised(edited: Edit, smallest: int, returns: bool) -> None:
    hosts = [{"name": f"esx-{n}", "memory_gib": gib} for n, gib in enumerate((48, 48, smallest))]
    loss = losses(draft(edited({"vsphere.hosts": hosts, "vsphere.spare_hosts": 0})))[0]
    assert {fate.returns for fate in loss.roles} == {returns}


def test_where_people_log_in_the_directory_is_needed(edited: Edit) -> None:
    found = by_name(losses(draft(edited({"directory.replicas": []}, stack="demo"))))["fabric iscsi"].services
    assert (found[Service.MAILBOX], found[Service.OUTBOUND_AUTHENTICATED]) == (Outcome.STOPS, Outcome.STOPS)
    assert found[Service.INBOUND] is Outcome.DEGRADED


def test_without_its_rule_a_role_may_be_lost_with_one_host(edited: Edit) -> None:
    plan = draft(edited())
    loose = plan.model_copy(update={"apart": tuple(rule for rule in plan.apart if rule.role is not Role.SCANNER)})
    assert outcomes(losses(loose)[0])[Role.SCANNER] is Outcome.STOPS


def test_mailbox_servers_have_no_rule_and_each_has_its_own_users(edited: Edit) -> None:
    nodes = {
        f"mailbox-{n}": {"address": f"192.0.2.{60 + n}", "lun": lun, "memory_gib": 8} for n, lun in ((1, "spool-fc"), (2, "mail-iscsi"))
    }
    found = by_name(losses(draft(edited({"spool.mailboxes": nodes}))))
    assert outcomes(found["host esx-1.campus.example"])[Role.MAILBOX] is Outcome.STOPS
    assert outcomes(found["fabric fc"])[Role.MAILBOX] is Outcome.DEGRADED


REPLICAS = [("mta-1", 2, Outcome.STOPS), ("mailbox-2", 1, Outcome.DEGRADED)]


@pytest.mark.parametrize(("replica", "lost", "outcome"), REPLICAS)
def test_mailbox_servers_are_kept_apart_where_the_directory_s_rule_has_both(
    edited: Edit, replica: str, lost: int, outcome: Outcome
) -> None:
    """What another role's rule parts is not lost together: the services go on."""
    nodes = {f"mailbox-{n}": {"address": f"192.0.2.{60 + n}", "lun": "spool-fc", "memory_gib": 8} for n in (1, 2)}
    edit = {"spool.mailboxes": nodes, "spool.mtas.mta-1.disks_gib": {}, "directory.master": "mailbox-1", "directory.replicas": [replica]}
    plan = draft(edited(edit))
    host = by_name(losses(plan))["host esx-1.campus.example"]
    (fate,) = (fate for fate in host.roles if fate.role is Role.MAILBOX)
    assert (fate.lost, fate.outcome, host.services[Service.MAILBOX]) == (lost, outcome, outcome)


@cache
def spool() -> Plan:
    """The campus with two MTAs and three mailbox servers."""
    sections: Any = {key: section for key, section in read(config.locate("campus")).sections.items() if key != "risk"}
    for node in (*sections["spool"]["mailboxes"].values(), *sections["spool"]["mtas"].values()):
        node.pop("disks_gib", None)  # those of the directory are a server's only while it has that role
    mailbox = sections["spool"]["mailboxes"]["mailbox-1"]
    for n in (2, 3):
        sections["spool"]["mailboxes"][f"mailbox-{n}"] = {**mailbox, "address": f"192.0.2.{60 + n}"}
    sections["spool"]["mtas"]["mta-2"] = {**sections["spool"]["mtas"]["mta-1"], "address": "192.0.2.64"}
    return draft(config.parse(sections))


def arrangements(vms: list[str], hosts: int, rules: list[frozenset[str]]) -> Iterator[Mapping[str, int]]:
    """Every way to put VMs on hosts that the rules permit."""
    if not vms:
        yield {}
        return
    first, *rest = vms
    for others in arrangements(rest, hosts, rules):
        for host in range(hosts):
            if not any(first in rule and any(others[vm] == host for vm in rule & {*rest}) for rule in rules):
                yield {first: host, **others}


SPOOL = ["mailbox-1", "mailbox-2", "mailbox-3", "mta-1", "mta-2"]


@settings(max_examples=60, deadline=None)
@given(hosts=st.integers(1, 3), directory=st.sets(st.sampled_from(SPOOL), min_size=1, max_size=3), extra=st.sets(st.sampled_from(SPOOL)))
@example(hosts=3, directory={"mailbox-1", "mailbox-2", "mta-1"}, extra={*SPOOL})
def test_what_a_host_takes_is_the_most_that_any_arrangement_puts_on_one(hosts: int, directory: set[str], extra: set[str]) -> None:
    """All arrangements are tried: those that the rules of all roles together permit, no more and no fewer."""
    kept = directory | extra | {"scanner-1", "scanner-2"}
    vms = tuple(
        vm.model_copy(
            update={"roles": tuple(r for r in vm.roles if r is not Role.DIRECTORY) + (Role.DIRECTORY,) * (vm.server in directory)}
        )
        for vm in spool().vms
        if vm.server in kept
    )
    rules = apart("campus", vms)
    place = spool().place.model_copy(update={"hosts": tuple(f"esx-{n}" for n in range(hosts)), "host_memory_gib": {}})
    plan = spool().model_copy(update={"vms": vms, "apart": rules, "place": place})
    every = list(arrangements([vm.name for vm in vms], hosts, [frozenset(rule.vms) for rule in rules]))
    if not every:
        return  # too few hosts: said by its own rule
    for fate in losses(plan)[0].roles:
        names = [vm.name for vm in plan.members(fate.role)]
        most = max(sum(at[name] == 0 for name in names) for at in every)  # hosts are alike: what one may hold, every one may
        assert (fate.lost, fate.outcome is Outcome.STOPS) == (most, most == len(names)), fate.role


def test_a_site_takes_its_luns_and_a_datastore_that_nobody_uses_is_not_listed(edited: Edit) -> None:
    found = by_name(losses(draft(edited(AT_TWO_SITES))))
    assert outcomes(found["site south"]) == outcomes(found["fabric fc"])
    unused = edited({"log_archive.node.lun": "spool-fc"})
    assert "datastore logs-iscsi" not in by_name(losses(draft(unused)))


@pytest.mark.parametrize("stack", ["campus", "campus-test", "demo"])
def test_no_single_loss_stops_a_redundant_role_of_a_sound_stack(edited: Edit, stack: str) -> None:
    plan = draft(edited(stack=stack))
    stopped = {role for loss in losses(plan) for role, outcome in outcomes(loss).items() if outcome is Outcome.STOPS}
    redundant = {*plan.redundant_roles}
    assert stopped & redundant == (set() if len(plan.datastores) > 1 else redundant)


def test_the_platform_of_2013_loses_its_scanners_with_iscsi(edited: Edit) -> None:
    found = by_name(losses(draft(edited(stack="campus-2013"))))
    assert outcomes(found["fabric iscsi"])[Role.SCANNER] is Outcome.STOPS
    assert found["fabric iscsi"].services[Service.INBOUND] is Outcome.STOPS


def test_a_datastore_of_images_stops_nothing_that_runs(edited: Edit) -> None:
    found = by_name(losses(draft(edited())))
    assert {*outcomes(found["datastore templates"]).values(), *found["datastore templates"].services.values()} == {Outcome.SURVIVES}
    assert found["datastore templates"].installs == ("control-center", "scanner-1", "scanner-2")
    assert found["datastore mail-fc"].installs == ()


def test_images_beside_disks_are_told_in_one_row(edited: Edit) -> None:
    iso = {"kind": "iso", "datastore": "campus-mail-fc", "path": "a.iso"}
    listed = losses(draft(edited({"gateway.source": iso, "storage.luns.mail-fc.datastore": "campus-mail-fc"})))
    (found,) = (loss for loss in listed if "campus-mail-fc" in loss.names)
    assert found.installs == ("control-center", "scanner-1", "scanner-2")
    assert outcomes(found)[Role.SCANNER] is Outcome.DEGRADED
