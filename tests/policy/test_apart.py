"""Fabrics and hosts: what carries a whole role is refused, what can't be seen is said, and the one step that mends it passes."""

from dataclasses import replace
from typing import Any

import pytest

from policy.apart import survives_a_fabric, survives_a_host
from policy.resources import Resource
from policy.settings import Fabrics, Hosts
from review.preview import UNKNOWN
from review.stateful import CLUSTER
from tests.policy.made import apart, own, resource, said, unseen, vm

ISCSI, FC = {"fabric": "iscsi"}, {"fabric": "fc"}
SPLIT = (vm("mx-1", store="ds-1"), vm("mx-2", store="ds-2"), apart("mx", "mx-1", "mx-2"))


def fabrics(one: dict[str, Any], two: dict[str, Any], **more: Any) -> Fabrics:
    return Fabrics.model_validate({"datastores": {"ds-1": one, "ds-2": two}} | more)


@pytest.mark.hazard("H11", "policy", "`fabric-spread`, in any program")
def test_a_fabric_that_carries_a_role_is_refused_and_two_fabrics_pass() -> None:
    (text,) = said(survives_a_fabric(SPLIT, fabrics(ISCSI, ISCSI)))
    assert text.startswith("mx-2: iscsi carries every mx (mx-1, mx-2): losing that fabric stops the role")
    assert list(survives_a_fabric(SPLIT, fabrics(ISCSI, FC))) == []


def test_a_datastore_that_carries_a_role_is_refused_whatever_its_fabric() -> None:
    together = (vm("mx-1"), vm("mx-2"), apart("mx", "mx-1", "mx-2"))
    (text,) = said(survives_a_fabric(together, Fabrics()))
    assert "ds-1 carries every mx (mx-1, mx-2): losing that datastore stops the role" in text


def test_a_vm_needs_all_of_its_disks() -> None:
    both = vm("mx-2", {"label": "os", "size": 10}, {"label": "spool", "size": 10, "datastoreId": "ds-1"}, store="ds-2")
    found = said(survives_a_fabric((SPLIT[0], both, SPLIT[2]), fabrics(ISCSI, FC)))
    assert ["ds-1 carries every mx" in text for text in found] == [True]


def test_fabrics_that_decide_are_asked_for() -> None:
    assert unseen(survives_a_fabric(SPLIT, fabrics(ISCSI, {}))) == [
        "mx: which fabric carries ds-2; give the fabric of each under datastores"
    ]
    three = (*SPLIT[:2], vm("mx-3", store="ds-3"), apart("mx", "mx-1", "mx-2", "mx-3"))
    assert list(survives_a_fabric(three, fabrics(ISCSI, FC))) == [], "two fabrics are known, and a third member can only help"


def test_roles_are_named_by_pattern_and_not_judged_twice() -> None:
    named = fabrics(ISCSI, ISCSI, roles={"scanner": ["mx-*"]})
    (text,) = said(survives_a_fabric(SPLIT, named))
    assert "carries every scanner" in text
    assert said(survives_a_fabric(SPLIT[:2], fabrics(ISCSI, ISCSI, roles={"scanner": ["mx-1"]}))) == []


@pytest.mark.parametrize(
    ("rule", "breach"),
    [
        (apart("mx", "mx-1", "mx-2"), ""),
        (apart("mx", "mx-1", "mx-2", mandatory=False), "mx: mandatory: false gives way exactly when hosts are short"),
        (apart("mx", "mx-1", "mx-2", enabled=False), "mx: enabled: false keeps nobody apart"),
        (apart("mx", "mx-1"), "mx: mx-2 has no rule that keeps it on another host than the other mx servers"),
    ],
)
def test_a_role_is_kept_on_different_hosts_by_a_rule_that_holds(rule: Any, breach: str) -> None:
    found = said(survives_a_host((*SPLIT[:2], rule), Hosts(roles={"mx": ["mx-*"]}, hosts=3)))
    assert len(found) == bool(breach)
    assert all(text.startswith(breach) for text in found)


def test_a_rule_over_vms_without_ids_yet_is_known_by_what_it_is_made_from() -> None:
    vms = [vm(name, id="") for name in ("mx-1", "mx-2")]
    assert list(survives_a_host((*vms, made_from(vms, [UNKNOWN, UNKNOWN])), Hosts(hosts=3))) == []
    for found in (
        survives_a_host((*vms, made_from(vms, UNKNOWN)), Hosts(hosts=3)),
        survives_a_fabric((*vms, made_from(vms, [UNKNOWN])), Fabrics()),
    ):
        (only,) = found
        assert str(getattr(only, "text", "")) == "mx: which of mx-1, mx-2 it keeps apart is known only after the apply"


def test_a_vm_is_not_kept_apart_because_another_of_its_name_is() -> None:
    twin = replace(vm("mx-1", id="id-twin"), urn="urn:pulumi:dev::mail::twin::mx-1")
    (text,) = said(survives_a_host((*SPLIT, twin), Hosts(roles={"mx": ["mx-*"]}, hosts=4)))
    assert text.startswith("mx: mx-1 has no rule")


def made_from(vms: list[Resource], listed: Any) -> Resource:
    """A rule over the ids of VMs, or over what a program makes of them."""
    return resource(
        SPLIT[2].type, "mx", needs={"virtualMachineIds": tuple(each.urn for each in vms)}, virtualMachineIds=listed, mandatory=True
    )


@pytest.mark.parametrize("known", [[], ["mx-1", "mx-2", "mx-3"]])
@pytest.mark.parametrize("listed", [[UNKNOWN, UNKNOWN], ["id-mx-1", UNKNOWN]])
def test_a_rule_is_not_believed_to_keep_apart_what_it_is_only_made_from(known: list[str], listed: Any) -> None:
    """Such as the first two of three, sorted by their ids: which these are is known after the apply."""
    vms = [vm(name, id=f"id-{name}" if name in known else "") for name in ("mx-1", "mx-2", "mx-3")]
    found = list(survives_a_host((*vms, made_from(vms, listed)), Hosts(roles={"mx": ["mx-*"]}, hosts=4)))
    assert unseen(iter(found)) == ["mx: whether mx keeps its VMs apart is known only after the apply"]
    assert said(iter(found)) == []


def test_once_the_ids_are_known_they_decide() -> None:
    vms = [vm(name) for name in ("mx-1", "mx-2", "mx-3")]
    (text,) = said(survives_a_host((*vms, made_from(vms, ["id-mx-1", "id-mx-2"])), Hosts(roles={"mx": ["mx-*"]}, hosts=4)))
    assert "mx-3 has no rule that keeps it on another host" in text


@pytest.mark.parametrize("unsaid", [{"mandatory": UNKNOWN}, {"enabled": UNKNOWN}])
def test_a_rule_that_may_or_may_not_hold_is_said_and_not_refused(unsaid: dict[str, Any]) -> None:
    found = list(survives_a_host((*SPLIT[:2], apart("mx", "mx-1", "mx-2", **unsaid)), Hosts(hosts=3)))
    assert (said(iter(found)), len(unseen(iter(found)))) == ([], 1)
    both = (*SPLIT, apart("more", "mx-1", "mx-2", **unsaid))
    assert list(survives_a_host(both, Hosts(hosts=3))) == [], "another rule holds for sure"


def test_rules_of_one_name_are_two_roles() -> None:
    """Names are unique in a cluster, and a program may have several."""
    loose = apart("one", "a-1", "a-2", name="apart", mandatory=False)
    sound = apart("two", "b-1", "b-2", name="apart")
    vms = (vm("a-1"), vm("a-2"), vm("b-1"), vm("b-2", store="ds-2"))
    for rules in ((loose, sound), (sound, loose)):
        assert len(said(survives_a_host((*vms, *rules), Hosts(hosts=4)))) == 1
        (text,) = said(survives_a_fabric((*vms, *rules), fabrics(ISCSI, FC)))
        assert "ds-1 carries every apart (a-1, a-2)" in text


def test_a_rule_that_is_called_as_a_role_is_does_not_stand_for_it() -> None:
    vms = (vm("a-1"), vm("a-2"), vm("b-2", store="ds-2"))
    given = (*vms, apart("a", "a-1", "b-2"))
    assert "ds-1 carries every a (a-1, a-2)" in "".join(said(survives_a_fabric(given, fabrics(ISCSI, FC, roles={"a": ["a-*"]}))))
    assert "a-2 has no rule" in "".join(said(survives_a_host(given, Hosts(roles={"a": ["a-*"]}, hosts=4))))


@pytest.mark.hazard("H11", "policy", "`host-spread`, in any program, with one host lost too")
@pytest.mark.parametrize(
    ("hosts", "spare", "refused"),
    [(3, 1, ""), (2, 1, "but not after one is lost"), (1, 1, "can't keep 2"), (2, 0, ""), (1, 0, "can't keep 2")],
)
def test_one_host_more_than_members_is_needed_unless_none_is_to_spare(hosts: int, spare: int, refused: str) -> None:
    cluster = resource(CLUSTER, "mail", hostSystemIds=[f"host-{n}" for n in range(hosts)])
    for found in (
        said(survives_a_host(SPLIT, Hosts(hosts=hosts, spare_hosts=spare))),
        said(survives_a_host((*SPLIT, cluster), Hosts(spare_hosts=spare))),
    ):
        assert len(found) == bool(refused)
        assert all(refused in text for text in found)
    (text,) = said(survives_a_host(SPLIT, Hosts(hosts=2)))
    assert text.endswith("or accept it with spare_hosts: 0")


@pytest.mark.parametrize(("one", "two", "refused"), [("north", "north", 1), ("north", "south", 0), ("north", None, 0)])
def test_a_site_that_has_a_whole_role_is_refused(one: str, two: str | None, refused: int) -> None:
    found = said(survives_a_fabric(SPLIT, fabrics(ISCSI | {"site": one}, FC | {"site": two})))
    assert len(found) == refused
    assert all(text.startswith("mx-2: north has every mx (mx-1, mx-2): losing that site stops the role") for text in found)


def test_disks_that_are_not_seen_may_be_on_any_fabric() -> None:
    dark = vm("mx-2", store="ds-2", disks=UNKNOWN)
    found = unseen(survives_a_fabric((SPLIT[0], dark, SPLIT[2]), fabrics(ISCSI, FC)))
    assert found == ["mx: which fabric carries a datastore of mx-2; give the fabric of each under datastores"]
    neither = unseen(survives_a_fabric(SPLIT, fabrics({}, {})))
    assert neither == ["mx: which fabric carries ds-1, ds-2; give the fabric of each under datastores"]


def test_hosts_and_roles_that_nobody_names_are_said() -> None:
    assert [text.partition(":")[0] for text in unseen(survives_a_host(SPLIT, Hosts()))] == ["mx"]
    (text,) = unseen(survives_a_host(SPLIT[:2], Hosts(hosts=3)))
    assert text.startswith("which of its 2 VMs stand in for one another")
    assert list(survives_a_host(SPLIT[:1], Hosts(hosts=3))) == []
    assert list(survives_a_host((resource(CLUSTER, "a"), resource("vsphere:index/tag:Tag", "b")), Hosts(hosts=3))) == []


@pytest.mark.parametrize(("listed", "known"), [(UNKNOWN, False), (None, False), (["h-1", "h-2"], True)])
def test_hosts_of_a_cluster_that_are_not_seen_are_asked_for(listed: Any, known: bool) -> None:
    found = list(survives_a_host((*SPLIT, resource(CLUSTER, "mail", hostSystemIds=listed)), Hosts()))
    assert (unseen(iter(found)) == []) is known
    assert ("but not after one is lost" in "".join(said(iter(found)))) is known


def test_mailsteads_own_roles_are_its_plan_s() -> None:
    mine = (own("mx-1"), own("mx-2"), apart("mx", "mx-1", "mx-2", mandatory=False))
    assert list(survives_a_fabric(mine, fabrics(ISCSI, ISCSI))) == []
    assert list(survives_a_host(mine, Hosts(hosts=1))) == []
