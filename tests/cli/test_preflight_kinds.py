"""Every kind of finding of `preflight`, each on a simulated vCenter that has it: found, expected, consequence, next step, exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pyVim.task import WaitForTask

from checks.vcenter.untyped import vim
from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, administering, described, log_in, physics
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead
from tests.engine.editing import Edits, edited

__all__ = ["start"]

FC, ISCSI = PLAN.datastore("mail-fc").naa, PLAN.datastore("mail-iscsi").naa
LUN = "storage.luns.mail-fc"
GIB_KIB = 2**20
Site = dict[str, Any]


class Case(NamedTuple):
    """A site and what happens there, and the finding that must come of it."""

    rule: str
    level: str
    subject: str
    said: tuple[str, ...]
    """What must stand in the finding, wherever."""
    site: Callable[[Site], None] = lambda _: None
    """What is otherwise on the site."""
    act: Callable[[Stand], Any] = lambda _: None
    """What happens when all VMs of the plan stand."""
    stack: Edits = {}
    """What is otherwise in the stack."""
    without: tuple[str, ...] = ()
    """Servers that are not made yet."""
    lives: bool = False
    """Whether time passes on the site."""


def lun(site: Site, naa: str) -> Any:
    return next(one for one in site["luns"] if one["naa"] == naa)


def no_lun(site: Site) -> None:
    site["luns"].remove(lun(site, FC))
    site["datastores"] = [d for d in site["datastores"] if d.get("lun") != FC]


def small(site: Site) -> None:
    lun(site, FC)["size_gib"] = 190


def other_fabric(site: Site) -> None:
    lun(site, FC)["fabric"] = "iscsi"


def one_path(site: Site) -> None:
    site["clusters"][0]["hosts"][2]["adapters"] = [
        {"device": "vmhba64", "fabric": "iscsi", "paths": 2},
        {"device": "vmhba2", "fabric": "fc", "paths": 1},
    ]


def blind_host(site: Site) -> None:
    site["clusters"][0]["hosts"][2]["adapters"] = [{"device": "vmhba64", "fabric": "iscsi", "paths": 2}]
    site["datastores"] = [d for d in site["datastores"] if d.get("lun") not in {d.naa for d in PLAN.datastores if d.fabric == "fc"}]


def old_vmfs(site: Site) -> None:
    next(d for d in site["datastores"] if d.get("lun") == FC)["vmfs"] = "5.81"


def mixed(site: Site) -> None:
    site["clusters"][0]["hosts"][1]["version"] = "7.0.3"


def done(task: Any) -> Any:
    WaitForTask(task)  # type: ignore[no-untyped-call]
    return task.info.result


def somebody_s_vm(stand: Stand) -> None:
    stand.make(next(v for v in PLAN.vms if v.server == "balancer-2"), stand.datacenter.vmFolder.CreateFolder("theirs"))


def left_disk(stand: Stand) -> None:
    """What a VM leaves whose disk was kept when it went."""
    stand.content.fileManager.MakeDirectory("[mail-fc] campus-balancer-2", stand.datacenter, createParentDirectories=True)
    spec = vim.VirtualDiskManager.FileBackedVirtualDiskSpec(diskType="thin", adapterType="lsiLogic", capacityKb=GIB_KIB)
    name = "[mail-fc] campus-balancer-2/campus-balancer-2_1.vmdk"
    done(stand.content.virtualDiskManager.CreateVirtualDisk_Task(name=name, datacenter=stand.datacenter, spec=spec))


def forgotten(stand: Stand) -> None:
    """A snapshot that has eaten what the plan kept for a server that is yet to be made."""
    stand.start("scanner-2")
    stand.snapshot("scanner-2")
    stand.pass_time(180)


def array_filled(stand: Stand) -> None:
    stand.start("scanner-2")


def broken_off(stand: Stand) -> None:
    stand.start("mta-1")
    snapshot = stand.snapshot("mta-1")
    stand.pass_time(10)
    done(snapshot.RemoveSnapshot_Task(removeChildren=False))


def backup_runs(stand: Stand) -> None:
    """A backup program, registered as an extension, that works on a VM by a task of its own, as vCenter shows it."""
    kind = vim.Extension.TaskTypeInfo(taskID="com.example.backup.job")
    words = vim.Description(label="Backup", summary="Backup")
    made = vim.Extension(key="com.example.backup", version="1", description=words, taskList=[kind], lastHeartbeatTime=stand.now())
    stand.content.extensionManager.RegisterExtension(made)
    stand.content.taskManager.CreateTask(stand.vm("mta-1"), "com.example.backup.job", initiatedBy="backup", cancelable=False)


def cluster(stand: Stand, **spec: Any) -> None:
    whole = vim.cluster.ConfigSpecEx(**spec)
    done(stand.datacenter.hostFolder.childEntity[0].ReconfigureComputeResource_Task(whole, modify=True))


def no_drs(stand: Stand) -> None:
    cluster(stand, drsConfig=vim.cluster.DrsConfigInfo(enabled=False))


def no_ha(stand: Stand) -> None:
    cluster(stand, dasConfig=vim.cluster.DasConfigInfo(enabled=False))


def no_protection(stand: Stand) -> None:
    cluster(stand, dasConfig=vim.cluster.DasConfigInfo(enabled=True, vmComponentProtecting="disabled"))


def apd(name: str, value: int) -> Callable[[Stand], None]:
    def act(stand: Stand) -> None:
        host = stand.datacenter.hostFolder.childEntity[0].host[0]
        host.configManager.advancedOption.UpdateOptions([vim.option.OptionValue(key=name, value=value)])

    return act


def elsewhere(stand: Stand) -> None:
    """Both scanners on the second host."""
    second = stand.datacenter.hostFolder.childEntity[0].host[1]
    for server in ("scanner-1", "scanner-2"):
        done(stand.vm(server).RelocateVM_Task(vim.vm.RelocateSpec(host=second)))


def undo_mode(stand: Stand) -> None:
    queue: Any = [d for d in stand.vm("scanner-1").config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)][1]
    queue.backing.diskMode = "independent_nonpersistent"
    stand.reconfigure("scanner-1", vim.vm.device.VirtualDeviceSpec(operation="edit", device=queue))


HOSTED: Edits = {"vsphere.drs": False} | {
    f"{path}.host": PLAN.place.hosts[i % 3] for i, path in enumerate(v.path for v in sorted(PLAN.vms, key=lambda v: v.server))
}
CASES = {
    "LUN missing": Case("refused-storage", "unsafe", f"{LUN}.naa", ("is no LUN that", "resent it to the hosts"), no_lun),
    "capacity": Case("refused-storage", "unsafe", f"{LUN}.size_gib", ("more than the 190 GiB that the array presents",), small),
    "transport": Case("refused-storage", "unsafe", f"{LUN}.fabric", ("fc is not how the hosts reach", "Write iscsi"), other_fabric),
    "a host that does not see it": Case("refused-storage", "unsafe", f"{LUN}.naa", ("is not seen by esx-3",), blind_host),
    "paths per fabric": Case("single-path", "warning", "datastore mail-fc", ("1 path over fc", "2 or more"), one_path),
    "free space": Case("no-room-now", "unsafe", "datastore mail-fc", ("campus-balancer-2/system", "are missing"),
                       act=forgotten, without=("balancer-2",), lives=True),
    "array-thin": Case("array-thin", "unsafe", "datastore mail-fc", ("what the array has left of the thin LUN", "have the array grow"),
                       stack={"storage.luns.mail-fc.physical_gib": 110}, without=("balancer-2",), act=array_filled),
    "VM of that name": Case("foreign-vm", "unsafe", "theirs/campus-balancer-2", ("has the name of a server",),
                            act=somebody_s_vm, without=("balancer-2",)),
    "VMDK of that name": Case("foreign-vmdk", "unsafe", "[mail-fc] campus-balancer-2/campus-balancer-2_1.vmdk",
                              ("no VM of the stack has it", "campus-balancer-2 beside it with empty disks"),
                              act=left_disk, without=("balancer-2",)),
    "snapshots present": Case("snapshot-present", "warning", "campus-mta-1", ("has snapshots (backup)",),
                              act=lambda s: s.snapshot("mta-1")),
    "a disk grows under one": Case("snapshot-blocks-growth", "unsafe", "campus-mta-1", ("its disks are to grow: queue",),
                                   act=lambda s: s.snapshot("mta-1"), stack={"spool.mtas.mta-1.disks_gib.queue": 60}),
    "consolidation needed": Case("unconsolidated", "unsafe", "campus-mta-1", ("no snapshot has",), act=broken_off, lives=True),
    "running backup task": Case("busy", "unsafe", "campus-mta-1", ("com.example.backup.job is queued", "hold backups"), act=backup_runs),
    "APD handling": Case("apd-handling-off", "warning", "esx-1.campus.example", ("Set it to 1",), act=apd("Misc.APDHandlingEnable", 0)),
    "APD timeout": Case("apd-timeout-short", "warning", "esx-1.campus.example", ("is 30 s", "140"), act=apd("Misc.APDTimeout", 30)),
    "PDL and APD responses": Case("component-protection-off", "warning", "cluster", ("APD and PDL",), act=no_protection),
    "HA": Case("ha-off", "warning", "cluster", ("stay off until a person starts them",), act=no_ha),
    "DRS": Case("drs-off", "warning", "cluster", ("write vsphere.drs: false",), act=no_drs),
    "DRS that no rule binds": Case("drs-on", "warning", "cluster", ("vsphere.drs: true",), stack=HOSTED),
    "a VM off its host": Case("host-differs", "warning", "campus-scanner-1", ("is on esx-2", "campus-scanner-2 (scanner): losing"),
                              act=elsewhere, stack=HOSTED),
    "version of vCenter": Case("old-vcenter", "warning", "vCenter", ("API 7.0 or newer",)),
    "versions of hosts": Case("mixed-hosts", "warning", "hosts", ("versions 7.0.3 and 8.0.2",), mixed),
    "version of VMFS": Case("old-vmfs", "warning", "datastore mail-fc", ("VMFS 5.81",), old_vmfs),
    "mode of a disk": Case("disk-mode", "unsafe", "campus-scanner-1/queue", ("LOSES MAIL",), act=undo_mode),
    "unreachable": Case("unreachable", "unsafe", "campus-scanner-2", ("the next up makes a second one",),
                        act=lambda s: s.sim("fabric?name=fc&state=lost"), lives=True),
    "misspelt datacenter": Case("refused-place", "unsafe", "vsphere.datacenter", ("Write campus-dc",),
                                stack={"vsphere.datacenter": "campsu-dc"}),
}  # fmt: skip


def asked(start: Start, case: Case, monkeypatch: pytest.MonkeyPatch, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the findings."""
    whole = described(PLAN) | (physics(PLAN) if case.lives else {})
    case.site(whole)
    monkeypatch.setenv("MAILSTEAD_LEDGERS", str(folder))
    edits = {f"config.mailstead:{path}": value for path, value in case.stack.items()}
    stack = str(edited(Path("stacks", "Pulumi.campus.yaml"), folder / "Pulumi.campus.yaml", edits))
    names = {d["name"] for d in whole["datastores"]}
    with administering(start(whole), PLAN) as stand:
        log_in(stand.login, monkeypatch)
        for own in PLAN.vms:
            if own.server not in case.without and PLAN.datastore(own.lun).name in names:
                stand.make(own)
        mailstead("ledger", "write", stack)
        case.act(stand)
        result = mailstead("preflight", stack, "--json")
    data = json.loads(result.stdout)
    assert "findings" in data, data
    return result.exit_code, data["findings"]


@pytest.mark.parametrize("kind", CASES)
def test_a_site_that_has_it_is_told_so(start: Start, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    case = CASES[kind]
    code, findings = asked(start, case, monkeypatch, tmp_path)
    of_it = [f for f in findings if (f["rule"], f["level"], f["subject"]) == (case.rule, case.level, case.subject)]
    assert of_it, [(f["level"], f["rule"], f["subject"], f["found"]) for f in findings]
    parts = [one[part] for one in of_it for part in ("found", "expected", "consequence", "next_step")]
    assert all(parts)
    text = " | ".join(parts)
    assert [said for said in case.said if said not in text] == [], text
    assert code == (3 if any(f["level"] == "unsafe" for f in findings) else 0)


def test_a_site_as_it_should_be_has_none_of_it(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that each case shows what it is about, and not what every simulated site has."""
    case = Case(
        "", "", "", (), act=lambda stand: cluster(stand, dasConfig=vim.cluster.DasConfigInfo(enabled=True, vmComponentProtecting="enabled"))
    )
    code, findings = asked(start, case, monkeypatch, tmp_path)
    assert (code, [f["rule"] for f in findings]) == (0, ["old-vcenter"])


def test_behind_a_misspelt_datacenter_all_else_that_is_wrong_is_said_too(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def wrong(site: Site) -> None:
        no_lun(site)
        site["networks"] = ["mail-2"]

    edits = {"vsphere.datacenter": "campsu-dc", "vsphere.cluster": "mial"}
    case = Case("", "", "", (), site=wrong, stack=edits, act=lambda stand: stand.snapshot("mta-1"))
    code, findings = asked(start, case, monkeypatch, tmp_path)
    assert code == 3
    subjects = {f["subject"] for f in findings}
    assert subjects >= {
        "vsphere.datacenter", "vsphere.cluster", "networks.mail.port_group", "storage.luns.mail-fc.naa", "campus-mta-1",
    }  # fmt: skip


def test_a_datacenter_that_nobody_can_mean_is_all_that_is_said(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    edits = {"vsphere.datacenter": "elsewhere", "vsphere.hosts": ["a.example", "b.example", "c.example"]}
    code, findings = asked(start, Case("", "", "", (), stack=edits), monkeypatch, tmp_path)
    assert (code, [(f["rule"], f["subject"]) for f in findings]) == (3, [("refused-place", "vsphere.datacenter")])
