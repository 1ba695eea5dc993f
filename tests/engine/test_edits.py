"""What each edit of an applied stack would do, row by row of docs/edits.md; and that no edit costs mail data."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config import load, locate
from plan import draft
from tests.engine.conftest import Staged
from tests.engine.editing import GONE, Edits, edited
from tests.engine.looking import Contents, detach
from tests.engine.stage import STATEFUL, Stage, steps
from tests.plan.test_hosts import ASSIGNED, ESX

ADAPTERS = [{"device": "vmhba64", "fabric": "iscsi", "paths": 2}, {"device": "vmhba2", "fabric": "fc", "paths": 2}]
OTHER_HOSTS = [{"name": f"esx-{n}.campus.example", "cpus": 32, "memory_gib": 256, "adapters": ADAPTERS} for n in (4, 5, 6)]
NAA = "naa.60003ff44dc75adc000000000000000"
LUNS = {"mail-iscsi": "iscsi", "mail-fc": "fc", "spool-iscsi": "iscsi", "spool-fc": "fc", "logs-iscsi": "iscsi", "spare-fc": "fc"}
ROOMY = {name: {"naa": f"{NAA}{n}", "size_gib": 60000, "fabric": fabric} for n, (name, fabric) in enumerate(LUNS.items(), start=1)}
SITE = {
    "luns": [*ROOMY.values(), {"naa": f"{NAA}8", "size_gib": 2000, "fabric": "fc"}],
    "networks": ["mail", "mail-2"],
    "clusters.1": {"name": "mail-2", "hosts": OTHER_HOSTS},
    "templates.1": {"name": "debian-12", "datastore": "templates", "disks_gib": [10], "guest_id": "debian11_64Guest"},
    "isos.1": {"datastore": "templates", "path": "iso/gateway-2.iso"},
}
MTA_1 = {"address": "192.0.2.31", "lun": "spool-iscsi"}
MTA_2 = {"address": "192.0.2.33", "lun": "mail-fc"}
MAILBOX = {"cpus": 8, "memory_gib": 32, "memory_reservation_gib": 16}
MAILBOX_1 = {"address": "192.0.2.32", "lun": "spool-fc", **MAILBOX}
MAILBOX_2 = {"address": "192.0.2.34", "lun": "spool-iscsi", **MAILBOX}
CLONED = ("balancer-1", "balancer-2", "log-archive", "mailbox-1", "mta-1", "mta-2")
GATEWAY = ("control-center", "scanner-1", "scanner-2")
VMS = (*CLONED, *GATEWAY)
HOSTS = ASSIGNED | {"spool.mtas.mta-2.host": ESX[2]}
RULES = ("balancer-apart", "directory-apart", "mta-apart", "scanner-apart")

BASE = {
    "storage.luns": ROOMY,
    "vsphere.guest_wait_minutes": 0,
    "vsphere.spare_hosts": 0,
    "spool.mtas": {"mta-1": MTA_1, "mta-2": MTA_2},
    "spool.mailboxes": {"mailbox-1": MAILBOX_1},
    "risk": GONE,
    "scenarios": GONE,
}
"""What is tried on: a campus with a second MTA, with disks as sized, and with room for everything, a third member of a role too."""


def _sizes() -> dict[tuple[str, str], int]:
    """The size of each disk, GiB, by server and label."""
    with tempfile.TemporaryDirectory() as folder:
        edits = {f"config.mailstead:{path}": value for path, value in BASE.items()}
        plan = draft(load(edited(locate("campus"), Path(folder, "Pulumi.campus.yaml"), edits)))
    return {(vm.server, disk.label): disk.size_gib for vm in plan.vms for disk in vm.disks}


SIZES = _sizes()
MAIL_GIB, DIRECTORY_GIB = SIZES["mailbox-1", "mail"], SIZES["mta-1", "directory"]


@dataclass(frozen=True)
class Row:
    """An edit, and what it does to which resources, or what the refusal says."""

    edits: Edits
    steps: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


def ops(op: str, *names: str) -> dict[str, str]:
    """The same operation on each of the stack's resources."""
    return {f"campus-{name}": op for name in names}


ROWS = {
    "`cpus`, `memory_gib`, `memory_reservation_gib` of a server": Row(
        {"spool.mtas.mta-1": {**MTA_1, "cpus": 6, "memory_gib": 8, "memory_reservation_gib": 2}},
        ops("update", "mta-1"),
    ),
    "`disks_gib` of a server, larger": Row({"gateway.scanners.scanner-1.disks_gib.queue": 80}, ops("update", "scanner-1")),
    "`disks_gib` of a server, smaller": Row(
        {"gateway.scanners.scanner-1.disks_gib.queue": 60}, refusal="70 GiB that campus-scanner-1 has there"
    ),
    "`lun` of a server": Row({"gateway.scanners.scanner-2.lun": "spare-fc"}, ops("update", "scanner-2")),
    "`host` of a server": Row({"spool.mtas.mta-1.host": "esx-2.campus.example", "gateway.scanners.scanner-1.host": "esx-3.campus.example"}),
    "`address` of a server, `gateway` or `dns_servers` of a network, `site.domain`": Row(
        {
            "spool.mtas.mta-1.address": "192.0.2.35",
            "networks.mail.dns_servers": ["192.0.2.3"],
            "networks.mail.gateway": "192.0.2.254",
            "site.domain": "mail.campus.example",
        }
    ),
    "the name of a server": Row(
        {"spool.mtas": {"mta-9": MTA_1, "mta-2": MTA_2}, "directory.master": "mta-9"},
        refusal="::campus-mta-1",
    ),
    "a server is added": Row(
        {"gateway.scanners.scanner-3": {"address": "192.0.2.23", "lun": "mail-fc", "disks_gib": {"queue": 70}}},
        ops("create", "scanner-3") | ops("update", "scanner-apart"),
    ),
    "a mailbox server or an MTA is added": Row(
        {"spool.mailboxes.mailbox-2": MAILBOX_2},
        refusal=f"{MAIL_GIB:,} GiB that campus-mailbox-1 has there, and no disk can shrink; write {MAIL_GIB}",
    ),
    "the same, with what the check has listed as the old servers' `disks_gib`": Row(
        {"spool.mailboxes.mailbox-2": MAILBOX_2, "spool.mailboxes.mailbox-1.disks_gib": {"mail": MAIL_GIB}},
        ops("create", "mailbox-2"),
    ),
    "a server is taken out": Row({"gateway.scanners.scanner-2": GONE}, refusal="::campus-scanner-2"),
    "two servers swap their roles": Row(
        {"spool.mtas": {"mailbox-1": MAILBOX_1, "mta-2": MTA_2 | {"lun": "mail-iscsi"}}, "spool.mailboxes": {"mta-1": MTA_1 | MAILBOX}},
        refusal=f"would lose its disk mail of {MAIL_GIB:,} GiB",
    ),
    "`directory.master` and one of `directory.replicas` change places": Row(
        {"directory.master": "mailbox-1", "directory.replicas": ["mta-1"]}
    ),
    "`directory.master` or `directory.replicas`, to another server": Row(
        {"directory.master": "mta-2", "directory.replicas": ["mta-1"]},
        refusal=f"campus-mailbox-1 would lose its disk directory of {DIRECTORY_GIB} GiB",
    ),
    "`directory.replicas`, fewer": Row(
        {"directory.replicas": []}, refusal=f"campus-mailbox-1 would lose its disk directory of {DIRECTORY_GIB} GiB"
    ),
    "`directory.replicas`, more, with what the check has listed as the old members' `disks_gib`": Row(
        {
            "directory.replicas": ["mailbox-1", "mta-2"],
            "spool.mtas.mta-1.disks_gib": {"directory": DIRECTORY_GIB},
            "spool.mailboxes.mailbox-1.disks_gib": {"directory": DIRECTORY_GIB},
        },
        ops("update", "mta-2", "directory-apart"),
    ),
    "`flow`, `users`, `quota_gib`, more": Row({"spool.quota_gib": 1.1}, ops("update", "mailbox-1")),
    "`flow`, `users`, `quota_gib`, less": Row({"spool.users": 11000}, refusal="spool.mailboxes.mailbox-1.disks_gib.mail"),
    "`source.template`, or another `source.kind` than `iso`": Row(
        {"spool.source.template": "debian-12", "balancers.source": {"kind": "blank"}},
    ),
    "`source.kind`, from `iso` to another or back": Row({"gateway.source": {"kind": "blank"}}, ops("update", *GATEWAY)),
    "`source.path` of an ISO": Row({"gateway.source.path": "iso/gateway-2.iso"}, ops("update", *GATEWAY)),
    "`networks` … `port_group`": Row({"networks.mail.port_group": "mail-2"}, ops("update", *VMS)),
    "`site.name`": Row({"site.name": "kampus"}, refusal="::campus-"),
    "`vsphere.folder`": Row({"vsphere.folder": "mail-other"}, ops("update", "folder", *VMS)),
    "`vsphere.hosts`": Row({"vsphere.hosts": ["esx-3.campus.example", "esx-1.campus.example", "esx-2.campus.example"]}),
    "`vsphere.drs`, to `false`, with a `host` for every server": Row({"vsphere.drs": False, **HOSTS}, ops("delete", *RULES)),
    "`vsphere.guest_wait_minutes`": Row({"vsphere.guest_wait_minutes": 3}, ops("update", *CLONED)),
    "`vsphere.cluster`": Row(
        {"vsphere.cluster": "mail-2", "vsphere.hosts": [host["name"] for host in OTHER_HOSTS]},
        ops("update", *VMS) | ops("replace", *RULES),
    ),
    "`storage.luns` … `naa`": Row(
        {"storage.luns.mail-fc.naa": f"{NAA}8", "storage.luns.mail-fc.size_gib": 2000},
        refusal="storage.luns.mail-fc.naa",
    ),
    "the `naa` of two LUNs change places": Row(
        {"storage.luns.mail-fc.naa": ROOMY["spool-fc"]["naa"], "storage.luns.spool-fc.naa": ROOMY["mail-fc"]["naa"]},
        refusal="holds the datastore spool-fc already",
    ),
    "`storage.luns` … `size_gib`, more than the array presents": Row(
        {"storage.luns.mail-fc.size_gib": 60001}, refusal="is more than the 60000 GiB"
    ),
    "`storage.luns` … `fabric`": Row({"storage.luns.spare-fc.fabric": "iscsi"}, refusal="is not how the hosts reach"),
    "the name of a LUN": Row(
        {"storage.luns.spare-fc": GONE, "storage.luns.spare": ROOMY["spare-fc"]}, refusal="holds the datastore spare-fc already"
    ),
    "`storage.luns` … `datastore`, naming what the stack has created": Row(
        {"storage.luns.mail-fc.datastore": "mail-fc"}, refusal="::campus-mail-fc"
    ),
    "a LUN is added": Row({"storage.luns.more-fc": {"naa": f"{NAA}8", "size_gib": 2000, "fabric": "fc"}}, ops("create", "more-fc")),
    "a LUN is taken out": Row({"storage.luns.spare-fc": GONE}, refusal="::campus-spare-fc"),
    "`storage.free_fraction`, `snapshots`": Row({"storage.free_fraction": 0.25, "snapshots.hold_hours": 36}),
    "`balancers.listeners`, `dns`, `access`": Row(
        {"balancers.listeners.relay.host": "out", "dns.serial": 2026112402, "access.devices": ["203.0.113.9/32"]}
    ),
    "`data.disposable`, naming the stack": Row(
        {"data": {"disposable": "campus"}}, ops("update", *GATEWAY, "log-archive", "mailbox-1", "mta-1", "mta-2")
    ),
}

REFUSALS = {
    "refused, and nothing was changed": "refused by the check",
    "cannot be deleted\nbecause it is protected": "refused by the engine",
}


@pytest.fixture(scope="module")
def stage(staged: Staged) -> Stage:
    """The campus, applied, where room is never what refuses an edit."""
    made = staged("campus", edits=BASE, site=SITE)
    made.up()
    return made


def documented() -> dict[str, str]:
    """What docs/edits.md says that preview shows, by edit."""
    lines = Path("docs", "edits.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return {edit: preview for edit, preview, *_ in rows[2:]}


def test_the_page_lists_exactly_what_is_tried() -> None:
    """A row that nobody tries, or a try that nobody can read about, fails."""
    assert list(documented()) == list(ROWS)


@pytest.mark.parametrize("edit", ROWS)
def test_preview_shows_what_the_page_says(stage: Stage, edit: str) -> None:
    """The operations and their resources; never a delete or a replacement of what mail data lies in."""
    row = ROWS[edit]
    with stage.edited(row.edits):
        done = stage.work.run("preview", "--json")
    shown = json.loads(done.stdout)
    said = "\n".join(entry["message"] for entry in shown.get("diagnostics", []))
    if row.refusal:
        assert done.returncode != 0
        assert row.refusal in said
        assert [who for text, who in REFUSALS.items() if text in said] == [documented()[edit]], said
        return
    assert done.returncode == 0, said
    done_there = {name: op for name, op in steps(shown).items() if name != "campus"}  # that component is in no vCenter
    assert done_there == dict(row.steps)
    assert (" and ".join(sorted(set(row.steps.values()))) or "nothing") == documented()[edit]
    assert not {"delete", "replace"} & set(steps(shown, STATEFUL).values())


@pytest.mark.hazard("H24", "engine", "the archive's disk is mail data: no edit deletes it")
def test_no_edit_costs_mail_data(stage: Stage) -> None:
    """Applied one after the other, with nothing left to do after each; at last a destroy, refused and then meant."""
    before = stage.look()
    take_off_by_hand(stage)
    stage.edit(ROWS["`lun` of a server"].edits)
    stage.up()
    assert stage.work.changes() == {}
    assert {path.partition("]")[0] for path in stage.look().vms["campus-scanner-2"]} == {"[spare-fc"}
    assert sorted(stage.look().vms["campus-scanner-2"].values()) == sorted(before.vms["campus-scanner-2"].values())
    detached = stage.look()
    assert len(detached.disks) == len(before.disks)

    for edit in ("`source.template`, or another `source.kind` than `iso`", "`vsphere.folder`", "`vsphere.hosts`", "`vsphere.cluster`"):
        stage.edit(ROWS[edit].edits)
    stage.up()
    assert stage.work.changes() == {}
    moved = stage.look()
    assert (moved.vms, moved.disks, moved.datastores) == (detached.vms, detached.disks, detached.datastores)
    assert "mail-other" in moved.folders

    refused = stage.work.run("destroy", "--yes")
    assert refused.returncode != 0
    assert "because it is protected" in refused.stdout
    assert stage.look() == moved
    saved = str(stage.work.folder / "saved.json")
    stage.work.must("stack", "export", "--file", saved)
    stage.work.must("state", "unprotect", "--all", "--yes")
    stage.work.must("destroy", "--yes")
    kept = stage.look()
    assert (kept.vms, kept.disks, kept.datastores, kept.folders) == (moved.vms, moved.disks, moved.datastores, moved.folders)
    assert stage.resources() == {}

    come_back(stage, saved, kept)
    assert stage.look() == moved


def take_off_by_hand(stage: Stage) -> None:
    """ "Taking a disk off a VM", step by step; its file stays."""
    before = stage.look()
    stage.edit(ROWS["`directory.replicas`, fewer"].edits)
    refused = stage.work.run("up", "--yes")
    assert (refused.returncode != 0, "Taking a disk off a VM" in refused.stdout) == (True, True)
    detach(stage.server, "campus-mailbox-1", LDAP_DISK)
    stage.work.must("refresh", "--yes")
    stage.up()
    assert stage.work.changes() == {}
    after = stage.look()
    assert after.disks == before.disks
    assert set(before.vms["campus-mailbox-1"]) - set(after.vms["campus-mailbox-1"]) == {LDAP_DISK}
    assert {**after.vms, "campus-mailbox-1": {}} == {**before.vms, "campus-mailbox-1": {}}


def come_back(stage: Stage, saved: str, kept: Contents) -> None:
    """ "Coming back", step by step: a stack that was let go of is refused until its state is there again."""
    for preview in ((), ("--skip-preview",)):
        forgotten = stage.work.run("up", "--yes", *preview)
        assert forgotten.returncode != 0
        assert "VirtualMachine" not in forgotten.stdout, "no VM is made beside the one that the state has forgotten"
        said = "vsphere.folder: mail-other is there already with the VMs campus-balancer-1, campus-balancer-2, campus-control-center, "
        assert preview or (said in forgotten.stdout and "spare-fc already, and nothing in this stack's state says" in forgotten.stdout)
        assert stage.look() == kept
    stage.work.must("stack", "import", "--file", saved)
    stage.work.must("refresh", "--yes")
    assert stage.steps() == ops("create", "balancer-apart", "mta-apart", "scanner-apart")
    stage.up()
    assert stage.work.changes() == {}
    assert {resource["protect"] for resource in stage.resources().values() if resource["type"] in STATEFUL} == {True}


LDAP_DISK = "[spool-fc] campus-mailbox-1/campus-mailbox-1_2.vmdk"
