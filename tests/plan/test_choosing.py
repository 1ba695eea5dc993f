"""A LUN and a host for each server that names none: what is written stays, what is chosen holds, and what can't be is said."""

from copy import deepcopy
from typing import Any

import pytest

import config
from config import placing
from plan import choosing, draft, problems
from tests.config.described import changed

SERVERS = {
    "gateway.control_center": "mail-iscsi", "gateway.scanners.scanner-1": "mail-iscsi", "gateway.scanners.scanner-2": "mail-fc",
    "spool.mtas.mta-1": "spool-iscsi", "spool.mailboxes.mailbox-1": "spool-fc", "balancers.nodes.balancer-1": "mail-iscsi",
    "balancers.nodes.balancer-2": "mail-fc", "log_archive.node": "logs-iscsi",
}  # fmt: skip


def without(*paths: str, **values: Any) -> dict[str, Any]:
    """The campus, at no stated risk, without the LUNs of servers."""
    sections = deepcopy(changed(**values))
    sections.pop("risk", None)
    for path in paths:
        node = sections
        for step in path.split("."):
            node = node[step]
        node.pop("lun")
    return sections


@pytest.mark.parametrize("paths", [SERVERS, ["gateway.scanners.scanner-2"], ["gateway.scanners.scanner-1", "balancers.nodes.balancer-2"]])
def test_what_is_chosen_makes_a_plan_without_problems(paths: list[str]) -> None:
    sections = without(*paths)
    chosen = choosing.choose(sections)
    assert chosen.problems == ()
    assert chosen.luns.keys() == {*paths}
    assert chosen.hosts.keys() == SERVERS.keys()
    platform = config.parse(placing.placed(sections, chosen.values))
    assert problems(platform, draft(platform)) == ()
    assert chosen == choosing.choose(sections), "the same every time"


def test_a_stack_that_names_every_place_is_left_as_it_is() -> None:
    sections = without()
    assert choosing.choose(sections, with_hosts=False).values == {}
    again = choosing.choose(placing.placed(sections, choosing.choose(sections).values))
    assert (again.values, again.problems, again.others) == ({}, (), ())


def test_without_drs_hosts_are_chosen_too_and_the_stack_then_stands() -> None:
    sections = without("gateway.scanners.scanner-2", vsphere__drs=False)
    chosen = choosing.choose(sections)
    assert chosen.problems == ()
    platform = config.parse(placing.placed(sections, chosen.values))
    assert problems(platform, draft(platform)) == ()
    with pytest.raises(config.Refused) as refused:
        choosing.choose(without(vsphere__drs=False), with_hosts=False)
    assert {p.path for p in refused.value.problems} == {f"{path}.host" for path in SERVERS}


def test_hosts_that_can_t_keep_a_role_apart_are_refused_and_nothing_is_chosen_of_them() -> None:
    sections = without(vsphere__hosts=["esx-1", "esx-2"], vsphere__spare_hosts=0)
    assert choosing.choose(sections).problems == ()
    sections["gateway"]["scanners"]["scanner-3"] = {"address": "192.0.2.60", "lun": "mail-fc"}
    for lun in sections["storage"]["luns"].values():
        lun["size_gib"] += 900
    chosen = choosing.choose(sections)
    assert chosen.hosts == {}
    assert [p.path for p in chosen.problems] == ["vsphere.hosts"]
    assert "no place for 9 servers without a host" in chosen.problems[0].rule


def test_a_server_that_is_added_moves_nobody() -> None:
    sections = without(*SERVERS)
    first = placing.placed(sections, choosing.choose(sections).values)
    first["gateway"]["scanners"]["scanner-0"] = {"address": "192.0.2.60"}
    first["storage"]["luns"]["mail-fc"]["size_gib"] = 500
    second = choosing.choose(first)
    assert set(second.values) == {"gateway.scanners.scanner-0"}
    assert second.values["gateway.scanners.scanner-0"]["host"] not in _hosts_of(first, "gateway.scanners", "scanner-1", "scanner-2")
    assert second.problems == ()


def _hosts_of(sections: dict[str, Any], path: str, *names: str) -> set[str]:
    section, key = path.split(".")
    return {sections[section][key][name]["host"] for name in names}


def test_where_a_scanner_goes_depends_on_where_the_other_is() -> None:
    for written, chosen in (("mail-fc", "iscsi"), ("mail-iscsi", "fc")):
        sections = without("gateway.scanners.scanner-2")
        sections["gateway"]["scanners"]["scanner-1"]["lun"] = written
        for name in ("mail-iscsi", "mail-fc"):
            sections["storage"]["luns"][name]["size_gib"] = 900
        found = choosing.choose(sections)
        assert found.plan.datastore(found.luns["gateway.scanners.scanner-2"]).fabric == chosen


def test_a_server_larger_than_any_lun_is_refused_with_what_is_missing() -> None:
    sections = without("spool.mailboxes.mailbox-1", storage__luns__spool_fc=None)
    del sections["storage"]["luns"]["spool_fc"]
    sections["storage"]["luns"]["spool-fc"]["size_gib"] = 2000
    first, *others = choosing.choose(sections).problems
    assert (first.path, first.value) == ("spool.mailboxes.mailbox-1", "1 server")
    assert " GiB on spool-fc (fc) are missing" in first.rule
    assert any(p.path == "storage.luns.spool-fc.size_gib" and "too small for its disks and their snapshots" in p.rule for p in others)


def test_luns_that_are_all_too_small_are_one_problem_and_each_with_its_arithmetic() -> None:
    sections = without(*SERVERS)
    for lun in sections["storage"]["luns"].values():
        lun["size_gib"] = 50
    first, *others = choosing.choose(sections).problems
    assert (first.path, first.value) == ("storage.luns", "8 servers")
    assert "without a LUN don't fit on those there are" in first.rule
    assert others
    assert all("÷ (1 − 0.2) = " in p.rule for p in others if p.path.endswith(".size_gib"))


def test_a_room_holds_as_much_as_sizing_says_and_no_more() -> None:
    platform = config.parse(without())
    for need in draft(platform).sizing.datastores:
        luns = {**platform.storage.luns, need.lun: platform.storage.luns[need.lun].model_copy(update={"size_gib": need.required_gib})}
        exact = platform.model_copy(update={"storage": platform.storage.model_copy(update={"luns": luns})})
        held = sum(term.gib for term in need.terms if term.name != "VMFS")
        assert choosing.room_gib(exact, need.lun) == pytest.approx(held, abs=0.01)


def test_a_lost_fabric_is_sized_for_as_the_servers_are_placed() -> None:
    """Which servers are lost, and so how large the others must be, follows from the placement."""
    sections = without("gateway.scanners.scanner-1", "gateway.scanners.scanner-2", storage__lost_fabric="iscsi")
    for lun in sections["storage"]["luns"].values():
        lun["size_gib"] = max(900, lun["size_gib"])
    assert choosing.choose(sections).problems == ()


def test_other_problems_of_the_stack_are_refused_first() -> None:
    with pytest.raises(config.Refused) as refused:
        choosing.choose(without("log_archive.node", data__disposable="other"))
    assert [p.path for p in refused.value.problems] == ["data.disposable"]
    with pytest.raises(config.Refused) as refused:
        choosing.choose(without("log_archive.node", storage=None))
    assert {"storage", "log_archive.node.lun"} <= {p.path for p in refused.value.problems}
