"""What a vCenter has, looked at through its API and not through the engine's state."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyVim.connect import Disconnect, SmartConnect

from checks.vcenter.queue_variable import VARIABLE
from checks.vcenter.untyped import vim, vmodl
from tools.simulator import Simulator

GIB = 2**30


@dataclass(frozen=True)
class Contents:
    """The objects that a platform may make, by name."""

    vms: dict[str, dict[str, int]]
    """The size of each VM's disks, GiB, by the disks' files; without templates."""
    datastores: frozenset[str]
    disks: frozenset[str]
    """The VMDKs on all datastores, whether or not a VM has them."""
    folders: frozenset[str]
    rules: dict[str, frozenset[str]]
    """VMs that each DRS rule keeps apart."""


def contents(server: Simulator) -> Contents:
    """All that is there now."""
    with _content(server) as content:
        clusters = _all(content, vim.ClusterComputeResource)
        datastores = _all(content, vim.Datastore)
        machines = [vm for vm in _all(content, vim.VirtualMachine) if not vm.config.template]
        assert len({vm.name for vm in machines}) == len(machines), "two VMs of one name"
        return Contents(
            vms={vm.name: _disks(vm) for vm in machines},
            datastores=frozenset(store.name for store in datastores),
            disks=frozenset(path for store in datastores for path in _files(store)),
            folders=frozenset(folder.name for folder in _all(content, vim.Folder)),
            rules={rule.name: frozenset(vm.name for vm in rule.vm) for c in clusters for rule in c.configurationEx.rule},
        )


@contextmanager
def _content(server: Simulator) -> Iterator[Any]:
    host, _, port = server.address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    session: Any = SmartConnect(host=host, port=int(port), user=server.user, pwd=server.password, sslContext=context)  # type: ignore[no-untyped-call]
    try:
        yield session.RetrieveContent()
    finally:
        Disconnect(session)  # type: ignore[no-untyped-call]


def _all(content: Any, kind: type) -> list[Any]:
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], recursive=True)
    try:
        return list(view.view)
    finally:
        view.DestroyView()


def _disks(vm: Any) -> dict[str, int]:
    disks = [device for device in vm.config.hardware.device if isinstance(device, vim.vm.device.VirtualDisk)]
    return {disk.backing.fileName: disk.capacityInKB * 1024 // GIB for disk in disks}


@dataclass(frozen=True)
class Machine:
    """What a VM was made with."""

    guest_id: str
    host_name: str | None
    address: str | None
    images: tuple[str, ...]
    """Files in its CD-ROM drives."""
    networks: tuple[str, ...]
    running: bool


def machines(server: Simulator) -> dict[str, Machine]:
    """Every VM by name, without templates."""
    with _content(server) as content:
        return {vm.name: _machine(vm) for vm in _all(content, vim.VirtualMachine) if not vm.config.template}


def _machine(vm: Any) -> Machine:
    drives = [device.backing for device in vm.config.hardware.device if isinstance(device, vim.vm.device.VirtualCdrom)]
    return Machine(
        guest_id=vm.config.guestId,
        host_name=vm.guest.hostName,
        address=vm.guest.ipAddress,
        images=tuple(drive.fileName for drive in drives if isinstance(drive, vim.vm.device.VirtualCdrom.IsoBackingInfo)),
        networks=tuple(network.name for network in vm.network),
        running=vm.runtime.powerState == vim.VirtualMachine.PowerState.poweredOn,
    )


def power_changes(server: Simulator) -> list[tuple[str, bool]]:
    """Every stop (False) and start (True) of a VM since vCenter began, in order."""
    with _content(server) as content:
        kinds = {vim.event.VmPoweredOffEvent: False, vim.event.VmPoweredOnEvent: True}
        asked = vim.event.EventFilterSpec(eventTypeId=[kind.__name__.rpartition(".")[2] for kind in kinds])
        collector = content.eventManager.CreateCollectorForEvents(asked)
        collector.RewindCollector()
        events: list[Any] = []
        while page := collector.ReadNextEvents(1000):
            events += page
        events.sort(key=lambda event: event.key)
        return [(event.vm.name, on) for event in events for kind, on in kinds.items() if isinstance(event, kind)]


def detach(server: Simulator, name: str, file: str) -> Any:
    """Takes a disk off a VM and keeps its file, as a person would in vCenter; the disk."""
    with _content(server) as content:
        (vm,) = (vm for vm in _all(content, vim.VirtualMachine) if vm.name == name)
        (disk,) = (d for d in vm.config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk) and d.backing.fileName == file)
        change = vim.vm.device.VirtualDeviceSpec(operation=vim.vm.device.VirtualDeviceSpec.Operation.remove, device=disk)
        _finished(vm.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))
        return disk


def set_mode(server: Simulator, name: str, unit: int, mode: str) -> None:
    """Sets the mode of a VM's disk, as somebody may in vCenter."""
    with _content(server) as content:
        (vm,) = (vm for vm in _all(content, vim.VirtualMachine) if vm.name == name)
        (disk,) = (d for d in vm.config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk) and d.unitNumber == unit)
        disk.backing.diskMode = mode
        change = vim.vm.device.VirtualDeviceSpec(operation=vim.vm.device.VirtualDeviceSpec.Operation.edit, device=disk)
        _finished(vm.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))


def attach(server: Simulator, name: str, disk: Any) -> None:
    """Puts a disk on a VM whose file is there already."""
    with _content(server) as content:
        (vm,) = (vm for vm in _all(content, vim.VirtualMachine) if vm.name == name)
        change = vim.vm.device.VirtualDeviceSpec(operation=vim.vm.device.VirtualDeviceSpec.Operation.add, device=disk)
        _finished(vm.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))


def delete(server: Simulator, name: str) -> None:
    """Deletes a VM or a DRS rule as a person would in vCenter."""
    with _content(server) as content:
        for vm in (vm for vm in _all(content, vim.VirtualMachine) if vm.name == name):
            if vm.runtime.powerState == vim.VirtualMachine.PowerState.poweredOn:
                _finished(vm.PowerOffVM_Task())
            _finished(vm.Destroy_Task())
        for cluster in _all(content, vim.ClusterComputeResource):
            for rule in (rule for rule in cluster.configurationEx.rule if rule.name == name):
                gone = vim.cluster.RuleSpec(operation="remove", removeKey=rule.key)
                _finished(cluster.ReconfigureComputeResource_Task(vim.cluster.ConfigSpecEx(rulesSpec=[gone]), modify=True))


def unregister(server: Simulator, name: str) -> None:
    """Takes a VM out of the inventory and keeps its files, as a person would in vCenter."""
    with _content(server) as content:
        (vm,) = (vm for vm in _all(content, vim.VirtualMachine) if vm.name == name)
        if vm.runtime.powerState == vim.VirtualMachine.PowerState.poweredOn:
            _finished(vm.PowerOffVM_Task())
        vm.UnregisterVM()


def _finished(task: Any) -> Any:
    while _get(task, "info.state") in (vim.TaskInfo.State.queued, vim.TaskInfo.State.running):
        time.sleep(0.02)
    assert _get(task, "info.state") == vim.TaskInfo.State.success, task.info.error
    return task.info.result


def _get(item: Any, path: str) -> Any:
    """One property; `item.info` would fetch all of it, with types of a waiting task that only the simulator knows."""
    collector = vmodl.query.PropertyCollector
    wanted = collector.PropertySpec(type=type(item), pathSet=[path])
    found = collector.FilterSpec(objectSet=[collector.ObjectSpec(obj=item)], propSet=[wanted])
    content = vim.ServiceInstance("ServiceInstance", item._stub).RetrieveContent()
    return content.propertyCollector.RetrieveContents([found])[0].propSet[0].val


def _files(store: Any) -> Iterator[str]:
    query = [vim.host.DatastoreBrowser.VmDiskQuery()]
    spec = vim.host.DatastoreBrowser.SearchSpec(query=query, matchPattern=["*.vmdk"])
    for folder in _finished(store.browser.SearchDatastoreSubFolders_Task(f"[{store.name}]", spec)):
        for file in folder.file:
            yield f"[{store.name}] {folder.folderPath.partition(']')[2].strip(' /')}/{file.path}"


def say_queue(server: Simulator, name: str, text: str) -> None:
    """Has a VM's guest say what is queued on it."""
    with _content(server) as content:
        (vm,) = (vm for vm in _all(content, vim.VirtualMachine) if vm.name == name)
        said = vim.option.OptionValue(key=VARIABLE, value=text)
        _finished(vm.ReconfigVM_Task(vim.vm.ConfigSpec(extraConfig=[said])))
