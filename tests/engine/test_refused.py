"""What is wrong with a stack or its vCenter ends `up` with every reason and what to do, and without any change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.engine.conftest import PASSWORD, Staged
from tests.engine.editing import Edits
from tests.engine.stage import Stage

NAA = "naa.60003ff44dc75adc00000000000000"
LUN = "storage.luns.mail-iscsi"
HELD = {"naa": f"{NAA}13", "size_gib": 150, "fabric": "iscsi"}
FREE = {"naa": f"{NAA}14", "size_gib": 560, "fabric": "iscsi"}
LUNS = [{"naa": f"{NAA}11", "size_gib": 150, "fabric": "iscsi"}, {"naa": f"{NAA}12", "size_gib": 560, "fabric": "fc"}, HELD, FREE]
DATASTORES = [{"name": "templates", "local": True, "size_gib": 200}, {"name": "legacy", "lun": f"{NAA}13"}]


@pytest.fixture(scope="module")
def stage(staged: Staged) -> Stage:
    """The demo's site, with a LUN that holds a datastore already, and a free one."""
    return staged("demo", site={"luns": LUNS, "datastores": DATASTORES})


@dataclass(frozen=True)
class Case:
    """One thing that is wrong, and what is said of it."""

    said: tuple[str, ...]
    edits: Edits = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "vCenter unreachable": Case(
        ("vsphere:vsphereServer: 127.0.0.1:1 refuses connections on port 1; check that vCenter runs, and its port",),
        environment={"VSPHERE_SERVER": "127.0.0.1:1"},
    ),
    "wrong password": Case(
        (
            "vsphere:password: the password of user is refused by 127.0.0.1:",
            "is wrong; run: make pulumi STACK=NAME ARGS='config set --secret vsphere:password'",
        ),
        environment={"VSPHERE_PASSWORD": "an&other"},
    ),
    "no password": Case(
        (
            "vsphere:password: nothing is given, nor in VSPHERE_PASSWORD; "
            "run: make pulumi STACK=NAME ARGS='config set --secret vsphere:password'",
        ),
        environment={"VSPHERE_PASSWORD": ""},
    ),
    "no such datacenter": Case(
        ("vsphere.datacenter: other-dc is no datacenter of 127.0.0.1:", "use one of: demo-dc"), {"vsphere.datacenter": "other-dc"}
    ),
    "no such cluster, network, template or datastore": Case(
        (
            "vsphere.cluster: web is no cluster of the datacenter demo-dc; use one of: mail",
            "networks.mail.port_group: mial is no network of the datacenter demo-dc; write mail",
            "spool.source.template: ubuntu-24.04 is no template of the datacenter demo-dc; write ubuntu-22.04",
            "storage.luns.mail-fc.datastore: nowhere is no datastore of the datacenter demo-dc; use one of: legacy, templates, ",
            "4 problems",
        ),
        {
            "vsphere.cluster": "web",
            "networks.mail.port_group": "mial",
            "spool.source.template": "ubuntu-24.04",
            "storage.luns.mail-fc.datastore": "nowhere",
        },
    ),
    "no such host, no such LUN, a LUN on another fabric": Case(
        (
            "vsphere.hosts.1: esx-9.demo.example is no host of the cluster mail; write esx-",
            f"{LUN}.naa: {NAA}99 is no LUN that ",
            f"use a free one: {NAA}11 (150 GiB, iscsi), ",
            f"storage.luns.mail-fc.fabric: fc is not how the hosts reach {NAA}14: iscsi; write iscsi",
            "3 problems",
        ),
        {
            "vsphere.hosts": ["esx-1.demo.example", "esx-9.demo.example", "esx-3.demo.example"],
            f"{LUN}.naa": f"{NAA}99",
            "storage.luns.mail-fc.naa": f"{NAA}14",
        },
    ),
    "a LUN that holds another datastore, and is smaller than declared": Case(
        (
            f"{LUN}.size_gib: 151 is more than the 150 GiB that the array presents; have the array grow the LUN, or write what it is",
            f"{LUN}.naa: {NAA}13 holds the datastore legacy already; take it over with datastore: legacy, or use a free one: {NAA}11",
            "2 problems",
        ),
        {f"{LUN}.naa": f"{NAA}13", f"{LUN}.size_gib": 151},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_up_is_refused_with_the_reason_and_changes_nothing(stage: Stage, name: str) -> None:
    """Path, value, rule and remedy; no traceback, no secret; vCenter and state are as before."""
    case = CASES[name]
    before = stage.look()
    with stage.edited(case.edits) as edited:
        done = edited.having(case.environment).work.run("up", "--yes")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert [text for text in ("refused, and nothing was changed", *case.said) if text not in said] == [], said
    assert "Traceback" not in said
    assert not any(secret in said for secret in (PASSWORD, case.environment.get("VSPHERE_PASSWORD") or PASSWORD))
    assert stage.look() == before
    assert stage.resources() == {}


def test_a_secret_where_none_may_be_is_refused_by_its_line_and_never_shown(stage: Stage) -> None:
    """The engine hands it over in clear; neither it nor what is computed from it may be seen."""
    file = stage.work.stack_file
    before = file.read_text(encoding="utf-8")
    try:
        stage.work.must("config", "set", "--secret", "--path", "mailstead:flow.messages_per_day", "98765")
        done = stage.work.run("up", "--yes")
    finally:
        file.write_text(before, encoding="utf-8")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "flow.messages_per_day: this value is a secret, and sizes and plans are made without any; write it in clear" in said, said
    assert "1 problem\n" in said
    assert not any(text in said for text in ("98765", "98,765", "Traceback"))
    assert stage.resources() == {}


def test_the_platform_of_2013_is_refused_for_its_room_and_for_its_fabric(staged: Staged) -> None:
    """Also where nobody looks at a preview first; the numbers are those that a person would order LUNs by."""
    stage = staged("campus-2013")
    before = stage.look()
    done = stage.work.run("up", "--yes", "--skip-preview")
    assert done.returncode != 0
    assert "storage.luns.scanner-1.size_gib: 90 is 50.54 GiB too small for its disks and their snapshots" in done.stdout
    assert "÷ (1 − 0.2) = 140.54 GiB; ask for ≥ 141 GiB" in done.stdout
    assert "iscsi carries every scanner (scanner-1, scanner-2): losing that fabric stops the role" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert stage.look() == before
    assert [resource["type"] for resource in stage.resources().values() if resource["custom"]] == []
