"""What is not as the plan needs it: each difference alone, at its limit, and all at once."""

from typing import Any

import pytest

from checks.vcenter.inventory import Host, Inventory, Machine, Named
from tests.checks.worlds import MIB, PLAN, WORLD, changed, datastore, found, lun, only, planned, template, with_datastore, world

FIRST = PLAN.place.hosts[0]


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
    hosts = tuple(h.model_copy(update={"cluster": "another"}) for h in WORLD.hosts)
    problems = found(changed(clusters=WORLD.clusters[:1], hosts=hosts, networks=()))
    assert [p.path for p in problems] == ["vsphere.cluster", "networks.mail.port_group"]


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


def hosts_off(count: int, **state: bool) -> Inventory:
    """The world with the last hosts of the plan in some state."""
    off = PLAN.place.hosts[len(PLAN.place.hosts) - count :]
    return changed(hosts=tuple(h.model_copy(update=state if h.name in off else {}) for h in WORLD.hosts))


@pytest.mark.parametrize("state", [{"connected": False}, {"maintenance": True}], ids=["disconnected", "maintenance"])
@pytest.mark.parametrize(("count", "refused"), [(1, False), (2, True)])
def test_as_many_hosts_must_run_as_a_role_has_members_to_keep_apart(state: dict[str, bool], count: int, refused: bool) -> None:
    problems = found(hosts_off(count, **state))
    assert [(p.path, p.value) for p in problems] == ([("vsphere.hosts", "1 of 3 hosts")] if refused else [])
    for problem in problems:
        assert all(name in problem.remedy for name in PLAN.place.hosts[1:])
        assert "2 scanner servers are kept apart" in problem.rule


def test_hosts_that_rest_stop_no_platform_without_redundant_roles() -> None:
    alone = PLAN.model_copy(update={"vms": tuple(vm for vm in PLAN.vms if vm.server in ("control-center", "log-archive"))})
    assert found(hosts_off(2, maintenance=True), alone) == []


@pytest.mark.parametrize(("folder", "folders", "refused"), [
    ("mail-campus", (), False),
    ("it/mail/campus", ("it", "it/mail"), False),
    ("it/mail/campus", ("it", "mail"), True),
])  # fmt: skip
def test_the_folder_that_the_platform_s_is_made_in_exists(folder: str, folders: tuple[str, ...], refused: bool) -> None:
    place = PLAN.place.model_copy(update={"folder": folder})
    problems = found(changed(folders=folders), PLAN.model_copy(update={"place": place}))
    assert [(p.path, p.value) for p in problems] == ([("vsphere.folder", folder)] if refused else [])
    assert all("in the folder it/mail, which the datacenter campus-dc does not have" in p.rule for p in problems)


@pytest.mark.parametrize(("folders", "holder", "refused"), [
    (("mail", "mail/new"), "mail", False),  # it is there: nothing is moved
    (("mail",), "mail", True),
    (("mail",), "mailing", False),
    (("mail",), "", False),
])  # fmt: skip
def test_the_platform_s_folder_is_not_moved_into_itself(folders: tuple[str, ...], holder: str, refused: bool) -> None:
    moved = PLAN.model_copy(update={"place": PLAN.place.model_copy(update={"folder": "mail/new"})})
    machine = Machine(id="vm-1", name="campus-mta-1", folder=holder, disks=())
    problems = [p for p in found(changed(folders=folders, machines=(machine,)), moved) if p.path == "vsphere.folder"]
    said = "would be made inside a folder that holds campus-mta-1: a folder can't be moved into itself"
    assert [(p.value, p.rule) for p in problems] == ([("mail/new", said)] if refused else [])


def test_a_missing_network_names_the_nearest() -> None:
    problem = only(changed(networks=(Named(id="n", name="mail2"), Named(id="m", name="storage"))))
    assert (problem.path, problem.value, problem.remedy) == ("networks.mail.port_group", "mail", "write mail2")


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
