"""What is not as the plan needs it: each difference alone, at its limit, and all at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import compare
from checks.inventory import Guest, Host, Inventory, Named
from config import Problem
from plan import Plan
from tests.checks.worlds import datastore, lun, planned, template, with_datastore, with_lun, world

PLAN = planned()
WORLD = world(PLAN)
NAA = PLAN.datastore("mail-iscsi").naa
SIZE = PLAN.datastore("mail-iscsi").declared_gib
MIB = 1 / 1024
FIRST = PLAN.place.hosts[0]


def found(inventory: Inventory, plan: Plan = PLAN) -> list[Problem]:
    """The differences."""
    return list(compare(plan, inventory))


def only(inventory: Inventory, plan: Plan = PLAN) -> Problem:
    """The one difference."""
    (problem,) = found(inventory, plan)
    return problem


def changed(**fields: Any) -> Inventory:
    """The world with other values."""
    return WORLD.model_copy(update=fields)


def adopting(key: str, name: str) -> Plan:
    """The plan, with a datastore that is taken over."""
    return PLAN.model_copy(
        update={"datastores": tuple(d.model_copy(update={"adopted": True, "name": name}) if d.lun == key else d for d in PLAN.datastores)}
    )


@pytest.mark.parametrize("stack", ["campus", "campus-2013", "campus-test", "demo"])
def test_a_world_that_has_everything_is_fine(stack: str) -> None:
    plan = planned(stack)
    assert found(world(plan), plan) == []


def test_what_the_first_run_created_is_fine_for_the_second() -> None:
    inventory = WORLD
    for d in PLAN.datastores:
        inventory = with_datastore(inventory, datastore(PLAN, d.name))
    assert found(inventory) == []


def test_a_missing_datacenter_is_the_only_problem_and_the_nearest_name_is_the_remedy() -> None:
    problem = only(Inventory(server="vc", datacenters=(Named(id="d", name="campus-dc1"), Named(id="e", name="lab"))))
    assert (problem.path, problem.value, problem.remedy) == ("vsphere.datacenter", "campus-dc", "write campus-dc1")
    assert "vc" in problem.rule


def test_a_name_that_two_things_have_is_refused() -> None:
    twice = (*WORLD.networks, Named(id="network-2", name=WORLD.networks[0].name))
    problem = only(changed(networks=twice))
    assert problem.path == "networks.mail.port_group"
    assert "2 networks" in problem.rule


def test_a_missing_cluster_does_not_hide_the_rest() -> None:
    problems = found(changed(clusters=WORLD.clusters[:1], networks=(), luns=()))
    assert [p.path for p in problems] == ["vsphere.cluster", "networks.mail.port_group"] + [
        f"storage.luns.{d.lun}.naa" for d in PLAN.datastores
    ]


def test_an_unknown_host_and_a_host_of_another_cluster() -> None:
    moved = tuple(h.model_copy(update={"cluster": "another"}) if h.name == PLAN.place.hosts[1] else h for h in WORLD.hosts)
    problem = only(changed(hosts=moved))
    assert (problem.path, problem.value) == ("vsphere.hosts.1", PLAN.place.hosts[1])
    assert "another, not in the cluster mail" in problem.rule
    problem = only(changed(hosts=tuple(h for h in WORLD.hosts if h.name != PLAN.place.hosts[2])))
    assert (problem.path, problem.value) == ("vsphere.hosts.2", PLAN.place.hosts[2])
    assert "is no host of the cluster mail" in problem.rule


@pytest.mark.parametrize(("index", "refused"), [(0, True), (1, False)])
def test_only_the_first_host_must_be_connected(index: int, refused: bool) -> None:
    off = tuple(h.model_copy(update={"connected": h.name != PLAN.place.hosts[index]}) for h in WORLD.hosts)
    problems = found(changed(hosts=off))
    assert [p.path for p in problems] == (["vsphere.hosts.0"] if refused else [])


def test_a_missing_network_names_the_nearest() -> None:
    problem = only(changed(networks=(Named(id="n", name="mail2"), Named(id="m", name="storage"))))
    assert (problem.path, problem.value, problem.remedy) == ("networks.mail.port_group", "mail", "write mail2")


def test_a_missing_lun_lists_the_free_ones_of_its_fabric_and_size_first() -> None:
    problem = only(changed(luns=tuple(x for x in WORLD.luns if x.naa != NAA)))
    assert (problem.path, problem.value) == ("storage.luns.mail-iscsi.naa", NAA)
    assert FIRST in problem.rule
    assert problem.remedy.index("naa.spare-iscsi (700 GiB, iscsi)") < problem.remedy.index("naa.spare-fc (300 GiB, fc)")


def test_no_free_lun_is_said() -> None:
    held = tuple(x.model_copy(update={"datastore": "x"}) for x in WORLD.luns if x.naa.startswith("naa.spare"))
    assert "(there is none)" in found(changed(luns=held))[0].remedy


def test_a_canonical_name_in_capitals_is_the_same_lun() -> None:
    capitals = PLAN.model_copy(update={"datastores": tuple(d.model_copy(update={"naa": d.naa.upper()}) for d in PLAN.datastores)})
    assert found(WORLD, capitals) == []


def test_a_lun_that_one_host_does_not_see() -> None:
    problem = only(with_lun(WORLD, PLAN, "mail-iscsi", hosts=PLAN.place.hosts[:2]))
    assert problem.path == "storage.luns.mail-iscsi.naa"
    assert f"not seen by {PLAN.place.hosts[2]}:" in problem.rule


@pytest.mark.parametrize(("short", "refused"), [(0, False), (-100, False), (MIB, False), (2 * MIB, True), (100, True)])
def test_a_lun_smaller_than_declared_is_refused_but_for_rounding(short: float, refused: bool) -> None:
    problems = found(with_lun(WORLD, PLAN, "mail-iscsi", size_gib=SIZE - short))
    assert [p.path for p in problems] == (["storage.luns.mail-iscsi.size_gib"] if refused else [])


def test_a_small_lun_says_what_the_array_presents() -> None:
    problem = only(with_lun(WORLD, PLAN, "mail-iscsi", size_gib=400))
    assert str(problem).startswith(f"storage.luns.mail-iscsi.size_gib: {SIZE:g} is more than the 400 GiB that the array presents; ")


@pytest.mark.parametrize(
    ("real", "said"),
    [(("fc",), "write fc"), (("fc", "iscsi"), "use another LUN"), (("other",), "use another LUN"), ((), "use another LUN")],
)
def test_a_lun_on_another_fabric(real: tuple[str, ...], said: str) -> None:
    problem = only(with_lun(WORLD, PLAN, "mail-iscsi", fabrics=real))
    assert (problem.path, problem.value, problem.remedy) == ("storage.luns.mail-iscsi.fabric", "iscsi", said)


def test_a_lun_that_holds_somebody_elses_datastore() -> None:
    problem = only(with_datastore(WORLD, datastore(PLAN, "theirs", naas=(NAA,))))
    assert (problem.path, problem.value) == ("storage.luns.mail-iscsi.naa", NAA)
    assert "theirs" in problem.rule
    assert "datastore: theirs" in problem.remedy
    assert NAA not in problem.remedy


def test_a_lun_that_holds_an_unmounted_datastore() -> None:
    problem = only(with_lun(WORLD, PLAN, "mail-iscsi", datastore="unmounted"))
    assert (problem.path, "unmounted" in problem.rule) == ("storage.luns.mail-iscsi.naa", True)


def test_a_datastore_of_the_planned_name_that_is_not_mounted_is_not_made_anew() -> None:
    problem = only(with_lun(WORLD, PLAN, "mail-iscsi", datastore="mail-iscsi"))
    assert (problem.path, "not mounted in the datacenter campus-dc" in problem.rule) == ("storage.luns.mail-iscsi.naa", True)


def test_a_lun_with_partitions_is_not_overwritten() -> None:
    problem = only(with_lun(WORLD, PLAN, "mail-iscsi", partitions=("vmfs of 900 GiB",)))
    assert (problem.path, "vmfs of 900 GiB" in problem.rule) == ("storage.luns.mail-iscsi.naa", True)


def test_a_new_datastore_whose_name_is_taken_elsewhere() -> None:
    problem = only(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", naas=("naa.spare-fc",))))
    assert problem.path == "storage.luns.mail-iscsi.naa"
    assert "there is one on naa.spare-fc" in problem.rule
    assert "there is one on no LUN" in only(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", naas=()))).rule


def test_a_datastore_to_take_over_that_is_missing() -> None:
    inventory = with_datastore(WORLD, datastore(PLAN, "old-mail2", naas=("naa.spare-fc",)))
    problem = only(inventory, adopting("mail-iscsi", "old-mail"))
    assert (problem.path, problem.value) == ("storage.luns.mail-iscsi.datastore", "old-mail")
    assert problem.remedy.startswith("write old-mail2, or")


def test_a_datastore_to_take_over_that_is_on_another_lun() -> None:
    inventory = with_datastore(WORLD, datastore(PLAN, "old", naas=("naa.spare-fc",)))
    problem = only(inventory, adopting("mail-iscsi", "old"))
    assert (problem.path, problem.value) == ("storage.luns.mail-iscsi.datastore", "old")
    assert "on naa.spare-fc, not on" in problem.rule


def test_a_lun_to_take_over_that_holds_another_datastore() -> None:
    inventory = with_datastore(WORLD, datastore(PLAN, "other", naas=(NAA,)))
    problems = found(inventory, adopting("mail-iscsi", "old"))
    assert {p.path for p in problems} == {"storage.luns.mail-iscsi.datastore"}
    assert any("that is other" in p.rule for p in problems)


def test_a_datastore_over_two_luns_is_not_on_the_plans_one() -> None:
    problem = only(with_datastore(WORLD, datastore(PLAN, "old", naas=(NAA, "naa.spare-fc"))), adopting("mail-iscsi", "old"))
    assert f"{NAA} and naa.spare-fc" in problem.rule


def vmfs_gib() -> float:
    """What the plan counts as VMFS's own."""
    (need,) = (n for n in PLAN.sizing.datastores if n.lun == "mail-iscsi")
    (gib,) = (t.gib for t in need.terms if t.name == "VMFS")
    return gib


@pytest.mark.parametrize("adopted", [True, False])
@pytest.mark.parametrize(("beyond", "refused"), [(0.0, False), (2 * MIB, True)])
def test_a_vmfs_that_does_not_fill_its_lun(adopted: bool, beyond: float, refused: bool) -> None:
    plan = adopting("mail-iscsi", "mail-iscsi") if adopted else PLAN
    assert vmfs_gib() >= 2
    problems = found(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", capacity_gib=SIZE - vmfs_gib() - beyond)), plan)
    assert [p.path for p in problems] == (["storage.luns.mail-iscsi.size_gib"] if refused else [])
    assert all("Increase Datastore Capacity" in p.remedy for p in problems)


def test_a_datastore_that_is_not_accessible() -> None:
    problem = only(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", accessible=False)))
    assert (problem.path, "not accessible" in problem.rule) == ("storage.luns.mail-iscsi.naa", True)


@pytest.mark.parametrize("beyond", [False, True])
def test_other_vms_on_a_datastore_of_the_plan_may_take_only_what_it_leaves(beyond: bool) -> None:
    (need,) = (n for n in PLAN.sizing.datastores if n.lun == "mail-iscsi")
    left_gib = SIZE * (1 - need.free_fraction) - need.need_gib
    guests = (Guest(name="a", size_gib=left_gib / 2), Guest(name="b", size_gib=left_gib / 2 + (1 if beyond else -1)))
    problems = found(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", guests=guests)))
    assert [p.path for p in problems] == (["storage.luns.mail-iscsi.size_gib"] if beyond else [])
    assert all("a " in p.rule and "b " in p.rule for p in problems)


def test_a_missing_template_is_named_once_for_each_section_that_uses_it() -> None:
    problems = found(changed(template_names=("ubuntu-22.04-old", "windows"), templates=()))
    assert [p.path for p in problems] == ["balancers.source.template", "log_archive.source.template", "spool.source.template"]
    assert {p.remedy for p in problems} == {"write ubuntu-22.04-old"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"disks_gib": ()}, "0 disks"), ({"disks_gib": (8.0, 8.0)}, "2 disks"), ({"scsi_type": None}, "no SCSI controller")],
)
def test_a_template_that_cannot_be_cloned_as_planned(changes: dict[str, Any], said: str) -> None:
    problems = found(changed(templates=(template("ubuntu-22.04", **changes),)))
    assert [p.path for p in problems] == ["balancers.source.template", "log_archive.source.template", "spool.source.template"]
    assert all(said in p.rule for p in problems)


def test_a_template_larger_than_the_planned_disk() -> None:
    sizes = {vm.path: vm.disks[0].size_gib for vm in PLAN.vms if vm.source.kind == "template"}
    smallest = min(sizes.values())
    assert found(changed(templates=(template("ubuntu-22.04", disks_gib=(float(smallest),)),))) == []
    problems = found(changed(templates=(template("ubuntu-22.04", disks_gib=(smallest + MIB,)),)))
    assert sorted(p.path for p in problems) == sorted(f"{path}.disks_gib.system" for path, size in sizes.items() if size == smallest)
    assert {p.remedy for p in problems} == {f"write {smallest + 1} or more"}


def test_a_missing_datastore_of_an_installation_image() -> None:
    problem = only(changed(datastores=()))
    assert (problem.path, problem.value) == ("gateway.source.datastore", "templates")


def test_everything_wrong_is_said_at_once_in_a_fixed_order() -> None:
    bare = changed(hosts=(Host(id="h", name=FIRST, cluster="mail", connected=True),), networks=(), datastores=(), template_names=())
    bare = bare.model_copy(update={"templates": (), "luns": (lun(PLAN, "mail-iscsi", size_gib=1.0, fabrics=("fc",)),)})
    paths = [p.path for p in found(bare)]
    assert paths == [p.path for p in found(bare)]
    assert {path.split(".")[0] for path in paths} == {"vsphere", "networks", "storage", "gateway", "spool", "balancers", "log_archive"}
    assert {"storage.luns.mail-iscsi.size_gib", "storage.luns.mail-iscsi.fabric"} <= set(paths)


@given(st.floats(min_value=1, max_value=64 * 1024))
def test_a_lun_is_refused_exactly_when_a_block_of_vmfs_is_missing(size_gib: float) -> None:
    problems = found(with_lun(WORLD, PLAN, "spool-fc", size_gib=size_gib))
    assert bool(problems) is (PLAN.datastore("spool-fc").declared_gib - size_gib > MIB)
