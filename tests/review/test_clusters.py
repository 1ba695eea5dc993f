"""Clusters, hosts and mounts that an update makes less of."""

from typing import Any

import pytest

from config.findings import Level
from config.review import Review
from review import clusters, judge
from review.clusters import NAS
from review.preview import UNKNOWN
from review.stateful import CLUSTER, HOST
from tests.review.made import preview, step
from tests.review.test_gate import TODAY

GROUPS = [{"cache": "naa.1", "storages": ["naa.2", "naa.3"]}, {"cache": "naa.4", "storages": ["naa.5"]}]


def found(kind: str, old: dict[str, Any], new: dict[str, Any], op: str = "update", **more: Any) -> list[tuple[str, str]]:
    seen = judge(preview(step(op, kind, "it", old, new, **more)), Review(), TODAY).findings
    return [(f.rule, f.found) for f in seen]


@pytest.mark.parametrize(("groups", "said"), [
    ([], "5 disks are taken out of vSAN"),
    (GROUPS[:1], "2 disks are taken out of vSAN"),
    ([{"cache": "naa.1", "storages": ["naa.2"]}, GROUPS[1]], "1 disk is taken out of vSAN"),
    ([{"cache": "naa.9", "storages": ["naa.2", "naa.3"]}, GROUPS[1]], "3 disks are taken out of vSAN"),
    (UNKNOWN, "its vSAN disks are known only after apply"),
])  # fmt: skip
def test_disks_that_are_taken_out_of_vsan_are_unsafe(groups: Any, said: str) -> None:
    (seen,) = judge(preview(step("update", CLUSTER, "c", {"vsanDiskGroups": GROUPS}, {"vsanDiskGroups": groups})), Review(), TODAY).findings
    assert (seen.rule, seen.level, seen.found, seen.names) == ("vsan-taken-apart", Level.UNSAFE, said, ("c",))


def test_vsan_that_is_switched_off_is_unsafe() -> None:
    assert found(CLUSTER, {"vsanEnabled": True}, {"vsanEnabled": False}) == [("vsan-taken-apart", "vSAN is switched off")]
    assert found(CLUSTER, {"vsanEnabled": True}, {"vsanEnabled": UNKNOWN}) == [("vsan-taken-apart", "vSAN is switched off")]


@pytest.mark.parametrize(("old", "new"), [
    ({"vsanDiskGroups": GROUPS}, {"vsanDiskGroups": GROUPS[::-1]}),
    ({"vsanDiskGroups": GROUPS}, {"vsanDiskGroups": [*GROUPS, {"cache": "naa.6", "storages": ["naa.7"]}]}),
    ({"vsanDiskGroups": GROUPS}, {}),
    ({}, {"vsanDiskGroups": GROUPS}),
    ({"vsanEnabled": True}, {}),
    ({"vsanEnabled": False}, {"vsanEnabled": True}),
])  # fmt: skip
def test_what_vsan_keeps_is_no_finding(old: dict[str, Any], new: dict[str, Any]) -> None:
    """What a program leaves out stays as it is."""
    assert found(CLUSTER, old, new) == []


@pytest.mark.parametrize(("kind", "one", "two", "unseen"), [
    (NAS, "1 host no longer mounts it", "2 hosts no longer mount it", "which hosts mount it is known only after apply"),
    (CLUSTER, "1 host leaves", "2 hosts leave", "which hosts are in it is known only after apply"),
])  # fmt: skip
def test_hosts_that_are_no_longer_listed_are_a_warning(kind: str, one: str, two: str, unseen: str) -> None:
    for after, said in ((["a", "c"], [one]), (["a"], [two]), (["c", "b", "a"], []), (["a", "b", "c", "d"], []), (UNKNOWN, [unseen])):
        assert found(kind, {"hostSystemIds": ["a", "b", "c"]}, {"hostSystemIds": after}) == [("out-of-service", each) for each in said]
    assert found(kind, {"hostSystemIds": ["a", "b"]}, {}) == [("out-of-service", two)]
    assert found(kind, {}, {"hostSystemIds": ["a"]}) == []


def test_a_host_that_changes_its_cluster_is_a_warning() -> None:
    said = [("out-of-service", "leaves its cluster")]
    assert found(HOST, {"cluster": "c-1"}, {"cluster": "c-2"}) == said
    assert found(HOST, {"cluster": "c-1"}, {}) == said
    assert found(HOST, {"cluster": "c-1"}, {"cluster": "c-1"}) == []
    assert found(HOST, {}, {"cluster": "c-1"}) == []
    assert found(HOST, {"clusterManaged": True}, {"clusterManaged": True}, old_outputs={"cluster": "c-1"}) == []


@pytest.mark.parametrize(
    ("kind", "key", "fine", "said"),
    [
        (HOST, "maintenance", False, "goes into maintenance"),
        (HOST, "connected", True, "is disconnected"),
        (CLUSTER, "haEnabled", True, "HA is switched off"),
        (CLUSTER, "drsEnabled", True, "DRS is switched off"),
    ],
)
def test_a_host_or_a_cluster_that_stops_to_serve_is_a_warning(kind: str, key: str, fine: bool, said: str) -> None:
    for before, after, found in ((fine, not fine, [said]), (fine, fine, []), (not fine, not fine, []), (not fine, fine, [])):
        seen = preview(step("update", kind, "it", {key: before}, {key: after}))
        assert [f.found for f in judge(seen, Review(), TODAY).findings] == found


@pytest.mark.parametrize(
    ("kind", "old", "new", "found"),
    [
        (HOST, {}, {}, []),
        (HOST, {}, {"maintenance": True, "connected": False}, ["goes into maintenance", "is disconnected"]),
        (HOST, {"connected": True}, {}, []),
        (CLUSTER, {}, {"haEnabled": False}, []),
        (CLUSTER, {"haEnabled": True}, {}, ["HA is switched off"]),
    ],
)
def test_what_is_left_out_is_the_provider_s_default(kind: str, old: dict[str, Any], new: dict[str, Any], found: list[str]) -> None:
    assert [f.found for f in clusters.out_of_service(step("update", kind, "it", old, new))] == found
    assert list(clusters.out_of_service(step("same", kind, "it", old, new))) == []
