"""LUNs and datastores that are not as the plan needs them: each difference alone, and at its limit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.vcenter.inventory import Guest
from tests.checks.worlds import (
    MIB,
    PLAN,
    WORLD,
    adopting,
    changed,
    datastore,
    found,
    only,
    spare,
    with_datastore,
    with_lun,
)

NAA = PLAN.datastore("mail-iscsi").naa
SIZE = PLAN.datastore("mail-iscsi").declared_gib


def test_luns_that_no_host_could_show_are_not_called_missing() -> None:
    off = tuple(h.model_copy(update={"connected": False}) for h in WORLD.hosts)
    assert [p.path for p in found(changed(hosts=off, luns=()))] == ["vsphere.hosts.0", "vsphere.hosts"]


def test_a_missing_lun_lists_the_free_ones_most_like_it_first() -> None:
    others = (spare("naa.a-large", 9 * SIZE, "iscsi"), spare("naa.b-like", SIZE + 1, "iscsi"), spare("naa.c-small", 1, "iscsi"))
    problem = only(changed(luns=(*others, *(x for x in WORLD.luns if x.naa != NAA))))
    assert (problem.path, problem.value) == ("storage.luns.mail-iscsi.naa", NAA)
    assert all(host in problem.rule for host in PLAN.place.hosts)
    assert re.findall(r"naa\.[a-z-]+", problem.remedy) == ["naa.b-like", "naa.spare-iscsi", "naa.c-small", "naa.a-large", "naa.spare-fc"]


def test_a_lun_that_something_is_on_is_not_offered() -> None:
    taken = tuple(x.model_copy(update={"partitions": ("vmfs of 1 GiB",)}) for x in WORLD.luns if x.naa == "naa.spare-iscsi")
    kept = tuple(x for x in WORLD.luns if x.naa not in (NAA, "naa.spare-iscsi"))
    remedy = only(changed(luns=(*kept, *taken, spare("t10.local", SIZE, "other")))).remedy
    assert "naa.spare-fc" in remedy
    assert "naa.spare-iscsi" not in remedy
    assert "t10.local" not in remedy


def test_a_long_list_of_free_luns_is_cut() -> None:
    many = tuple(spare(f"naa.many-{i}", 100 + i, "iscsi") for i in range(20))
    kept = tuple(x for x in WORLD.luns if x.naa != NAA and not x.naa.startswith("naa.spare"))
    remedy = only(changed(luns=(*many, *kept))).remedy
    assert remedy.endswith("and 15 more")


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


def test_only_a_datastore_on_luns_is_offered_to_be_taken_over() -> None:
    share = datastore(PLAN, "old-mail1", naas=())
    problem = only(with_datastore(with_lun(WORLD, PLAN, "mail-iscsi"), share), adopting("mail-iscsi", "old-mail"))
    assert "old-mail1" not in problem.remedy


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
    return need.vmfs_gib


@pytest.mark.parametrize("adopted", [True, False])
@pytest.mark.parametrize(("beyond", "refused"), [(0.0, False), (2 * MIB, True)])
def test_a_vmfs_that_does_not_fill_its_lun(adopted: bool, beyond: float, refused: bool) -> None:
    plan = adopting("mail-iscsi", "mail-iscsi") if adopted else PLAN
    assert vmfs_gib() >= 2
    problems = found(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", capacity_gib=SIZE - vmfs_gib() - beyond)), plan)
    assert [p.path for p in problems] == (["storage.luns.mail-iscsi.size_gib"] if refused else [])
    assert all("Increase Datastore Capacity" in p.remedy for p in problems)


def test_a_datastore_that_is_not_accessible() -> None:
    problem = only(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", accessible=False, capacity_gib=0.0)))
    assert (problem.path, "not accessible" in problem.rule) == ("storage.luns.mail-iscsi.naa", True)


@pytest.mark.parametrize("beyond", [False, True])
def test_other_vms_on_a_datastore_of_the_plan_may_take_only_what_it_leaves(beyond: bool) -> None:
    (need,) = (n for n in PLAN.sizing.datastores if n.lun == "mail-iscsi")
    left_gib = SIZE * (1 - need.free_fraction) - need.need_gib
    guests = (Guest(name="a", size_gib=left_gib / 2), Guest(name="b", size_gib=left_gib / 2 + (1 if beyond else -1)))
    problems = found(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", guests=guests)))
    assert [p.path for p in problems] == (["storage.luns.mail-iscsi.size_gib"] if beyond else [])
    assert all("a " in p.rule and "b " in p.rule for p in problems)


@pytest.mark.parametrize(("loose_gib", "refused"), [(0.0, False), (3.19, False), (3.21, True), (280.0, True)])
def test_files_that_no_vm_has_take_room_as_other_vms_do(loose_gib: float, refused: bool) -> None:
    """Such as the disks that were kept when their servers went; less than 0.5 % of 640 GiB is no sign of any."""
    capacity_gib, vms_gib = SIZE, 400.0
    (need,) = (n for n in PLAN.sizing.datastores if n.lun == "mail-iscsi")
    kept_gib = vmfs_gib()
    full = datastore(PLAN, "mail-iscsi", capacity_gib=capacity_gib, vms_gib=vms_gib, free_gib=capacity_gib - vms_gib - kept_gib - loose_gib)
    tight = PLAN.model_copy(
        update={
            "datastores": tuple(
                d.model_copy(update={"declared_gib": float(need.smallest_gib)}) if d.lun == "mail-iscsi" else d for d in PLAN.datastores
            )
        }
    )
    problems = found(with_datastore(WORLD, full), tight)
    assert [p.path for p in problems] == (["storage.luns.mail-iscsi.size_gib"] if refused else [])
    assert all(f"files that no VM has {loose_gib:g} GiB" in p.rule for p in problems)


@pytest.mark.parametrize(("loose_gib", "refused"), [(0.99, False), (1.01, True)])
def test_of_a_small_datastore_less_than_one_gib_is_no_sign_of_files(loose_gib: float, refused: bool) -> None:
    (need,) = (n for n in PLAN.sizing.datastores if n.lun == "mail-fc")
    capacity_gib = PLAN.datastore("mail-fc").declared_gib
    assert capacity_gib * 0.005 <= 1
    kept_gib = need.vmfs_gib
    crowded = Guest(name="theirs", size_gib=capacity_gib * (1 - need.free_fraction) - need.need_gib - 0.9)
    full = {"capacity_gib": capacity_gib, "guests": (crowded,), "free_gib": capacity_gib - kept_gib - loose_gib}
    assert bool(found(with_datastore(WORLD, datastore(PLAN, "mail-fc", **full)))) is refused


def test_files_that_no_vm_has_may_take_what_the_plan_leaves() -> None:
    (need,) = (n for n in PLAN.sizing.datastores if n.lun == "mail-iscsi")
    left_gib = SIZE * (1 - need.free_fraction) - need.need_gib
    for loose_gib, refused in ((left_gib - 0.01, False), (left_gib + 1, True)):
        free_gib = SIZE - 0.25 - vmfs_gib() - loose_gib
        assert bool(found(with_datastore(WORLD, datastore(PLAN, "mail-iscsi", free_gib=free_gib)))) is refused


def test_what_vmfs_keeps_of_a_larger_lun_is_not_taken_for_files() -> None:
    """It grows with the LUN: 0.5 % of 60,000 GiB is no kept disk."""
    (need,) = (n for n in PLAN.sizing.datastores if n.lun == "mail-iscsi")
    large = {"capacity_gib": 60_000.0, "free_gib": 60_000 * 0.995}
    assert found(with_datastore(with_lun(WORLD, PLAN, "mail-iscsi", size_gib=60_000), datastore(PLAN, "mail-iscsi", **large))) == []
    assert need.required_gib < SIZE


@given(st.floats(min_value=1, max_value=64 * 1024))
def test_a_lun_is_refused_exactly_when_a_block_of_vmfs_is_missing(size_gib: float) -> None:
    problems = found(with_lun(WORLD, PLAN, "spool-fc", size_gib=size_gib))
    assert bool(problems) is (PLAN.datastore("spool-fc").declared_gib - size_gib > MIB)
