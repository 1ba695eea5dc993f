"""Disks, snapshots and tasks as a simulated vCenter has them; chains as vCenter describes them; a site that changes meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pyVim.task import WaitForTask

import checks.vcenter.session as edge
from checks.vcenter import chain_facts
from checks.vcenter.look import CALLS, look
from checks.vcenter.session import Found
from checks.vcenter.untyped import vim, vmodl
from config import Refused
from tests.checks.conftest import Start, site
from tests.checks.stand import Stand, administering, standing
from tests.checks.stand import described as described_site
from tests.checks.worlds import PLAN

GIB = 2**30


@pytest.fixture(scope="module")
def stand(start: Start) -> Iterator[Stand]:
    """The campus with all its VMs."""
    with standing(start, PLAN) as made:
        yield made


def test_every_vm_of_the_plan_stands_as_planned(stand: Stand) -> None:
    seen = look(stand.login, PLAN)
    assert [s.name for s in seen.stores] == sorted(d.name for d in PLAN.datastores)
    assert {vm.name: (vm.folder, vm.home) for vm in seen.vms} == {v.name: (PLAN.place.folder, PLAN.datastore(v.lun).name) for v in PLAN.vms}
    for planned in PLAN.vms:
        vm = next(v for v in seen.vms if v.name == planned.name)
        assert {d.unit: d.capacity_gib for d in vm.disks} == {d.unit: d.size_gib for d in planned.disks}
        assert all(d.base == d.top and not d.deltas_gib and d.uuid for d in vm.disks)
        assert vm.swap_gib == planned.memory_gib - planned.memory_reservation_gib
        assert (vm.on, vm.connected, vm.orphaned, vm.unconsolidated, vm.work) == (False, True, False, False, ())
    assert all(s.vmfs for s in seen.stores)
    assert abs((seen.at - datetime.now(UTC)).total_seconds()) < 60


def test_snapshots_are_listed_parents_first(stand: Stand) -> None:
    stand.snapshot("mta-1", "before 50% off/on")
    stand.snapshot("mta-1", "after")
    vm = next(v for v in look(stand.login, PLAN).vms if v.name == "campus-mta-1")
    assert [(s.name, s.depth, s.memory) for s in vm.snapshots] == [("before 50% off/on", 0, False), ("after", 1, False)]


def test_a_disk_that_somebody_has_put_elsewhere_is_looked_at_there(stand: Stand) -> None:
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(diskMode="persistent", fileName="[templates]")
    controller = next(d.key for d in stand.vm("log-archive").config.hardware.device if isinstance(d, vim.vm.device.VirtualSCSIController))
    disk = vim.vm.device.VirtualDisk(key=-1, controllerKey=controller, unitNumber=9, capacityInKB=2**20, backing=backing)
    stand.reconfigure("log-archive", vim.vm.device.VirtualDeviceSpec(operation="add", fileOperation="create", device=disk))
    seen = look(stand.login, PLAN)
    assert seen.store("templates")
    assert "templates" in {d.datastore for v in seen.vms if v.name == "campus-log-archive" for d in v.disks}


def test_a_copy_with_the_bios_uuid_of_one_of_ours_is_looked_at_wherever_it_is(start: Start) -> None:
    site_ = described_site(PLAN)
    site_["datastores"].append({"name": "elsewhere", "local": True, "size_gib": 500})
    with administering(start(site_), PLAN) as stand:
        own = next(v for v in PLAN.vms if v.server == "balancer-2")
        made = stand.make(own)
        spec = {"name": "copy", "memoryMB": 1024, "guestId": "ubuntu64Guest", "uuid": made.config.uuid}
        config = vim.vm.ConfigSpec(files=vim.vm.FileInfo(vmPathName="[elsewhere]"), **spec)
        WaitForTask(stand.datacenter.vmFolder.CreateVM_Task(config, stand.pool))  # type: ignore[no-untyped-call]
        seen = look(stand.login, PLAN)
    assert [(v.name, v.home) for v in seen.vms] == [("campus-balancer-2", "mail-fc"), ("copy", "elsewhere")]
    assert len({v.bios_uuid for v in seen.vms}) == 1


def test_only_the_listed_methods_are_called(stand: Stand, called: set[str]) -> None:
    look(stand.login, PLAN)
    assert called == (edge.READ_ONLY - {"RetrieveDiskPartitionInfo", "ContinueRetrievePropertiesEx"}) | CALLS


def test_nothing_that_a_look_calls_changes_a_thing() -> None:
    """A new entry is a decision: one asks the time, the other has vCenter count."""
    assert {"CurrentTime", "RefreshDatastore"} == CALLS


def test_a_vm_that_goes_away_between_two_questions_is_named_and_the_rest_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    with standing(start, PLAN) as stand:
        stop: Any = edge.Session.refresh

        def gone(live: Any, datastore: Any) -> None:
            monkeypatch.setattr(edge.Session, "refresh", stop)
            task = stand.vm("balancer-2").Destroy_Task()
            while task.info.state not in ("success", "error"):
                pass

        monkeypatch.setattr(edge.Session, "refresh", gone)
        seen = look(stand.login, PLAN)
    assert seen.vanished == ("campus-balancer-2",)
    assert {v.name for v in seen.vms} == {v.name for v in PLAN.vms} - {"campus-balancer-2"}


def test_a_plan_s_datacenter_that_is_not_there_is_one_problem(start: Start) -> None:
    with administering(start(site("demo")), PLAN) as stand, pytest.raises(Refused) as info:
        look(stand.login, PLAN)
    (problem,) = info.value.problems
    assert (problem.path, problem.value) == ("vsphere.datacenter", "campus-dc")


def test_a_session_that_ends_meanwhile_is_one_problem(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(live: edge.Session, _: Any) -> None:
        live.content.sessionManager.Logout()

    monkeypatch.setattr(edge.Session, "refresh", ended)
    with pytest.raises(Refused) as info:
        look(stand.login, PLAN)
    (problem,) = info.value.problems
    assert problem.path == "vsphere:vsphereServer"
    assert problem.rule == "ended the session while it was being asked"


def file(key: int, size_gib: float) -> Any:
    info: Any = vim.vm.FileLayoutEx.FileInfo
    return info(key=key, name=f"f{key}", type="diskExtent", size=int(size_gib * GIB))


def units(*keys: list[int]) -> Any:
    layout: Any = vim.vm.FileLayoutEx
    return layout.DiskLayout(key=2000, chain=[layout.DiskUnit(fileKey=unit) for unit in keys])


def tree(number: int, *children: Any, state: str = "poweredOff") -> Any:
    made: Any = vim.vm.SnapshotTree
    reference = vim.vm.Snapshot(f"snapshot-{number}", None)
    created = datetime(2026, 11, 24, tzinfo=UTC)
    return made(snapshot=reference, name=f"s{number}", description="", createTime=created, state=state, childSnapshotList=list(children))


def described(current: int | None, roots: list[Any], chain: Any, snapshots: dict[int, Any], **files: float) -> Found:
    """A VM with one disk of 50 GiB: its files by key, the chain of each snapshot and of now."""
    layout, flat = vim.vm.FileLayoutEx, vim.vm.device.VirtualDisk.FlatVer2BackingInfo
    own = [
        layout.SnapshotLayout(key=vim.vm.Snapshot(f"snapshot-{n}", None), dataKey=100 + n, memoryKey=-1, disk=[disk])
        for n, disk in snapshots.items()
    ]
    backing = flat(fileName="[d] vm/disk.vmdk", uuid="the-uuid", diskMode="persistent", thinProvisioned=True)
    backing.datastore = vim.Datastore("datastore-1", None)
    for i in range(1, len(chain.chain)):
        backing = flat(fileName=f"[d] vm/disk-00000{i}.vmdk", uuid="the-uuid", diskMode="persistent", parent=backing)
    disk = vim.vm.device.VirtualDisk(key=2000, controllerKey=1000, unitNumber=1, capacityInKB=50 * 2**20, backing=backing)
    usage = vim.vm.StorageInfo.UsageOnDatastore(datastore=vim.Datastore("datastore-1", None), committed=0, uncommitted=60 * GIB, unshared=0)
    info = vim.vm.SnapshotInfo(rootSnapshotList=roots) if roots else None
    if info and current:
        info.currentSnapshot = vim.vm.Snapshot(f"snapshot-{current}", None)
    properties = {
        "name": "vm",
        "config.hardware.device": [vim.vm.device.ParaVirtualSCSIController(key=1000, busNumber=0), disk],
        "layoutEx": layout(file=[file(int(key[1:]), gib) for key, gib in files.items()], disk=[chain], snapshot=own),
        "snapshot": info,
        "storage.perDatastoreUsage": [usage],
    }
    return Found(vim.VirtualMachine("vm-1", None), properties, ())


def test_a_chain_of_two_snapshots_and_a_branch() -> None:
    """s1 (5 GiB written after it) → s2 (7 GiB) is the branch that runs; s3 was left, with 11 GiB written before it."""
    now = units([0, 1], [2], [4])
    own = {1: units([0, 1]), 2: units([0, 1], [2]), 3: units([0, 1], [6])}
    vm = chain_facts.vm(
        described(
            2, [tree(1, tree(2), tree(3, state="poweredOn"))], now, own, f0=0.0, f1=30, f2=5, f4=7, f6=11, f101=0.5, f102=0.25, f103=4
        ),
        {},
        (),
    )
    assert [(s.name, s.depth, s.size_gib, s.memory) for s in vm.snapshots] == [
        ("s1", 0, 5 + 11 + 0.5, False),
        ("s2", 1, 7 + 0.25, False),
        ("s3", 1, 4, True),
    ]
    (disk,) = vm.disks
    assert (disk.base, disk.top, disk.uuid) == ("[d] vm/disk.vmdk", "[d] vm/disk-000002.vmdk", "the-uuid")
    assert (disk.deltas_gib, disk.active_gib, disk.unallocated_gib) == ((5, 7), 7, 20)


def test_a_chain_without_a_snapshot_is_orphaned() -> None:
    vm = chain_facts.vm(described(None, [], units([0], [1]), {}, f0=50, f1=3), {}, ())
    assert (vm.snapshots, vm.orphaned, vm.deltas_gib, vm.disks[0].unallocated_gib) == ((), True, 3, 0)


def test_a_delta_whose_file_is_not_listed_is_still_a_delta() -> None:
    found = described(None, [], units([0], [1]), {}, f0=50)
    found.properties["layoutEx"].disk = []
    assert chain_facts.vm(found, {}, ()).disks[0].deltas_gib == (0.0,)


def test_a_vm_of_which_vcenter_knows_only_the_name() -> None:
    vm = chain_facts.vm(Found(vim.VirtualMachine("vm-1", None), {"name": "x%2fy", "runtime.connectionState": "inaccessible"}, ()), {}, ())
    assert (vm.name, vm.connected, vm.disks, vm.snapshots, vm.home) == ("x/y", False, (), (), "")


@pytest.mark.parametrize(("methods", "locked"), [(["PowerOnVM_Task"], False), (["PowerOnVM_Task", "RelocateVM_Task"], True), ([], False)])
def test_a_vm_that_may_not_be_moved_is_locked(methods: list[str], locked: bool) -> None:
    found = Found(vim.VirtualMachine("vm-1", None), {"name": "x", "disabledMethod": methods}, ())
    assert chain_facts.vm(found, {}, ()).locked is locked


def test_a_task_is_named_by_its_method_and_whom_it_is_for() -> None:
    info: Any = vim.TaskInfo
    started = datetime(2026, 11, 24, tzinfo=UTC)
    reason = vim.TaskReasonUser(userName="CAMPUS\\backup")
    task = info(key="t", descriptionId="VirtualMachine.createSnapshot", state="running", progress=40, reason=reason, startTime=started)
    work = chain_facts.task(task)
    assert (work.what, work.who, work.percent, work.state) == ("VirtualMachine.createSnapshot", "CAMPUS\\backup", 40, "running")


def test_an_object_that_is_not_one_of_those_asked_for_is_a_fault_of_vcenter(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def strange(*_: Any) -> Any:
        raise vmodl.fault.ManagedObjectNotFound(obj=vim.HostSystem("host-x", None), msg="gone")

    monkeypatch.setattr(edge.Session, "of", strange)
    with pytest.raises(Refused, match="ManagedObjectNotFound"):
        look(stand.login, PLAN)
