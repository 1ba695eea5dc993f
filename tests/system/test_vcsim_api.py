"""The simulated vCenter as pyvmomi sees it, and as a process. Its own tests in Go go deeper; these prove that another client agrees."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask

from checks.vcenter.untyped import vim, vmodl
from tools import simulator, workspace
from tools.simulator import Simulator

GIB = 2**30
PASSWORD = """p&ss <w>'"% ü"""
ISCSI, FC = "naa.60003ff44dc75adc0000000000000001", "naa.60003ff44dc75adc0000000000000002"
SITE = f"""
datacenter: campus-dc
clusters:
  - name: mail
    hosts:
      - name: esx-1.campus.example
        cpus: 16
        memory_gib: 128
        adapters: &adapters
          - {{device: vmhba64, fabric: iscsi, paths: 2}}
          - {{device: vmhba2, fabric: fc, paths: 2}}
      - {{name: esx-2.campus.example, cpus: 16, memory_gib: 128, adapters: *adapters}}
networks: [mail]
luns:
  - {{naa: {ISCSI}, size_gib: 100, fabric: iscsi}}
  - {{naa: {FC}, size_gib: 400, fabric: fc}}
datastores:
  - {{name: templates, local: true, size_gib: 100}}
  - {{name: mail-fc, lun: {FC}}}
templates:
  - {{name: ubuntu-22.04, datastore: templates, disks_gib: [20], guest_id: ubuntu64Guest}}
"""
KINDS = (
    vim.Datacenter,
    vim.Folder,
    vim.ClusterComputeResource,
    vim.ResourcePool,
    vim.HostSystem,
    vim.Network,
    vim.Datastore,
    vim.VirtualMachine,
)
wait_for: Any = WaitForTask  # these have no annotations
connect: Any = SmartConnect
disconnect: Any = Disconnect


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The site file of these tests."""
    if not workspace.VCSIM.is_file():
        pytest.skip("the simulated vCenter is not built: run make setup")
    path = tmp_path / "site.yaml"
    path.write_text(SITE, encoding="utf-8")
    return path


@pytest.fixture
def server(site: Path, tmp_path: Path) -> Iterator[Simulator]:
    """A vCenter of the test's own."""
    with simulator.running(site, workspace.VCSIM, tmp_path / "state", user="admin@vsphere.local", password=PASSWORD) as made:
        yield made


@contextmanager
def session(server: Simulator, password: str) -> Iterator[Any]:
    host, _, port = server.address.rpartition(":")
    made = connect(host=host, port=int(port), user=server.user, pwd=password, disableSslCertValidation=True)
    try:
        yield made.RetrieveContent()
    finally:
        disconnect(made)


@pytest.fixture
def content(server: Simulator) -> Iterator[Any]:
    """What a client sees first."""
    with session(server, PASSWORD) as found:
        yield found


def every(content: Any, kind: type) -> list[Any]:
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], recursive=True)
    try:
        return list(view.view)
    finally:
        view.Destroy()


def named(content: Any, kind: type, name: str) -> Any:
    (found,) = [one for one in every(content, kind) if one.name == name]
    return found


def format_lun(content: Any, naa: str, name: str) -> Any:
    system = named(content, vim.HostSystem, "esx-1.campus.example").configManager.datastoreSystem
    spec = system.QueryVmfsDatastoreCreateOptions(f"/vmfs/devices/disks/{naa}")[0].spec
    spec.vmfs.volumeName = name
    return system.CreateVmfsDatastore(spec)


def create_vm(content: Any, name: str, datastore: str, gib: int, memory_mib: int = 1024) -> Any:
    controller = vim.vm.device.ParaVirtualSCSIController(key=-1, busNumber=0, sharedBus="noSharing")
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(fileName="", diskMode="persistent", thinProvisioned=True)
    disk = vim.vm.device.VirtualDisk(key=-2, controllerKey=-1, unitNumber=0, capacityInKB=gib * 2**20, backing=backing)
    add = vim.vm.device.VirtualDeviceSpec
    changes = [add(operation="add", device=controller), add(operation="add", fileOperation="create", device=disk)]
    spec = vim.vm.ConfigSpec(
        name=name, guestId="otherLinux64Guest", memoryMB=memory_mib, numCPUs=1, deviceChange=changes,
        files=vim.vm.FileInfo(vmPathName=f"[{datastore}]"),
    )  # fmt: skip
    pool = named(content, vim.ClusterComputeResource, "mail").resourcePool
    task = content.rootFolder.childEntity[0].vmFolder.CreateVM_Task(spec, pool)
    wait_for(task)
    return task.info.result


def free_gib(content: Any, name: str) -> int:
    """Whole GiB; the small files of VMs take some KiB off."""
    datastore = named(content, vim.Datastore, name)
    free: int = datastore.summary.freeSpace
    assert free == datastore.info.freeSpace
    return round(free / GIB)


def test_every_property_of_every_object_can_be_read(content: Any) -> None:
    vm = create_vm(content, "spool", "mail-fc", 10)
    wait_for(vm.PowerOn())
    read = 0
    for kind in KINDS:
        for found in every(content, kind):
            spec = vmodl.query.PropertyCollector.FilterSpec(
                objectSet=[vmodl.query.PropertyCollector.ObjectSpec(obj=found)],
                propSet=[vmodl.query.PropertyCollector.PropertySpec(type=type(found), all=True)],
            )
            (answer,) = content.propertyCollector.RetrieveContents([spec])
            read += len(answer.propSet)
    assert read > 300
    assert {task.info.state for task in content.taskManager.recentTask} == {"success"}


def test_virtual_hardware_can_be_asked_for(content: Any) -> None:
    options = named(content, vim.ClusterComputeResource, "mail").environmentBrowser.QueryConfigOption()
    assert options.hardwareOptions.hwVersion == 13


def test_fabric_of_a_datastore_is_the_same_from_every_host(content: Any) -> None:
    format_lun(content, ISCSI, "mail-iscsi")
    adapters = {"mail-iscsi": vim.host.InternetScsiHba, "mail-fc": vim.host.FibreChannelHba, "templates": vim.host.BlockHba}
    seen = 0
    for host in every(content, vim.HostSystem):
        device = host.config.storageDevice
        buses = {bus.key: type(bus) for bus in device.hostBusAdapter}
        units = {lun.key: lun.canonicalName for lun in device.scsiLun}
        paths = {units[unit.lun]: {buses[path.adapter] for path in unit.path} for unit in device.multipathInfo.lun}
        mounts = {mount.volume.name: mount.volume.extent[0].diskName for mount in host.config.fileSystemVolume.mountInfo}
        for datastore in host.datastore:
            (extent,) = datastore.info.vmfs.extent
            assert mounts[datastore.name] == extent.diskName
            assert paths[extent.diskName] == {adapters[datastore.name]}
            seen += 1
    assert seen == 6


def test_vmfs_takes_a_lun_once(content: Any) -> None:
    system = named(content, vim.HostSystem, "esx-2.campus.example").configManager.datastoreSystem
    assert [disk.canonicalName for disk in system.QueryAvailableDisksForVmfs()] == [ISCSI]
    made = format_lun(content, ISCSI, "mail-iscsi")
    assert system.QueryAvailableDisksForVmfs() == []
    assert len(made.host) == 2
    assert made.summary.capacity == 100 * GIB
    extent = vim.host.ScsiDisk.Partition(diskName=ISCSI, partition=1)
    vmfs = vim.host.VmfsVolume.Specification(volumeName="again", majorVersion=6, extent=extent)
    spec = vim.host.VmfsDatastoreCreateSpec(diskUuid="x", partition=vim.host.DiskPartitionInfo.Specification(), vmfs=vmfs)
    with pytest.raises(vim.fault.HostConfigFault, match="already holds the VMFS datastore 'mail-iscsi'"):
        system.CreateVmfsDatastore(spec)
    system.RemoveDatastore(made)
    assert [disk.canonicalName for disk in system.QueryAvailableDisksForVmfs()] == [ISCSI]


def test_disk_that_does_not_fit_is_refused_in_words(content: Any) -> None:
    format_lun(content, ISCSI, "mail-iscsi")
    with pytest.raises(vim.fault.NoDiskSpace, match="Insufficient disk space on datastore 'mail-iscsi'") as refused:
        create_vm(content, "scanner-1", "mail-iscsi", 99)
    assert refused.value.datastore == "mail-iscsi"
    assert free_gib(content, "mail-iscsi") == 98
    assert [vm.name for vm in every(content, vim.VirtualMachine)] == ["ubuntu-22.04"]


def test_vm_stays_off_when_its_swap_file_does_not_fit(content: Any) -> None:
    format_lun(content, ISCSI, "mail-iscsi")
    vm = create_vm(content, "scanner-1", "mail-iscsi", 96, memory_mib=4096)
    with pytest.raises(vim.fault.GenericVmConfigFault, match="Failed to extend swap file from 0 KB to 4194304 KB"):
        wait_for(vm.PowerOn())
    assert vm.runtime.powerState == "poweredOff"
    assert free_gib(content, "mail-iscsi") == 2


def test_size_of_a_disk_is_read_from_its_file(content: Any) -> None:
    manager, dc = content.virtualDiskManager, content.rootFolder.childEntity[0]
    spec = vim.VirtualDiskManager.FileBackedVirtualDiskSpec(diskType="thin", adapterType="lsiLogic", capacityKb=50 * 2**20)
    wait_for(manager.CreateVirtualDisk_Task("[mail-fc] mail.vmdk", dc, spec))
    details = vim.host.DatastoreBrowser.FileInfo.Details(fileType=True, fileSize=True, modification=True, fileOwner=True)
    query = vim.host.DatastoreBrowser.SearchSpec(
        matchPattern=["mail.vmdk"], details=details, query=[vim.host.DatastoreBrowser.VmDiskQuery()]
    )
    task = named(content, vim.Datastore, "mail-fc").browser.SearchDatastore_Task("[mail-fc]", query)
    wait_for(task)
    assert [file.capacityKb for file in task.info.result.file] == [50 * 2**20]
    assert free_gib(content, "mail-fc") == 348


@pytest.mark.parametrize("password", [PASSWORD[:-1], PASSWORD.replace("&", "&amp;"), "pass"])
def test_wrong_password_is_refused(server: Simulator, password: str) -> None:
    with pytest.raises(vim.fault.InvalidLogin), session(server, password):
        pass


def start(site: Path, scratch: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(workspace.VCSIM), "-inventory", str(site)],
        env=os.environ | {"TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def ending(site: Path, tmp_path: Path) -> Callable[[signal.Signals], tuple[int, str, list[Path]]]:
    """Starts the simulator, ends it by a signal, and returns its exit code, what it printed and what it left."""

    def end(number: signal.Signals) -> tuple[int, str, list[Path]]:
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        with start(site, scratch) as process:
            assert process.stdout
            line = process.stdout.readline()
            assert list(scratch.iterdir())
            process.send_signal(number)
            return process.wait(60), line, list(scratch.iterdir())

    return end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_by_a_signal_and_leaves_nothing(
    ending: Callable[[signal.Signals], tuple[int, str, list[Path]]], number: signal.Signals
) -> None:
    code, line, left = ending(number)
    assert (code, left) == (0, [])
    assert line.startswith("https://127.0.0.1:")
    assert line.endswith("/sdk\n")


def test_bad_site_is_refused_with_all_that_is_wrong(site: Path, tmp_path: Path) -> None:
    site.write_text(SITE.replace("size_gib: 100, fabric: iscsi", "size_gib: 90GB, fabric: iscsi, nmae: x"), encoding="utf-8")
    with start(site, tmp_path) as process:
        said, complained = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    first, second = complained.splitlines()
    assert first == f"{site}:15: luns[0].size_gib: 90GB: must be a whole number"
    assert second.startswith(f"{site}:15: luns[0].nmae: x: unknown key; known here: naa, size_gib, fabric")
