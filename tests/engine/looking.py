"""What a vCenter has, looked at through its API and not through the engine's state."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyVim.connect import Disconnect, SmartConnect

from checks.untyped import vim
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
        return Contents(
            vms={vm.name: _disks(vm) for vm in _all(content, vim.VirtualMachine) if not vm.config.template},
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


def _files(store: Any) -> Iterator[str]:
    query = [vim.host.DatastoreBrowser.VmDiskQuery()]
    spec = vim.host.DatastoreBrowser.SearchSpec(query=query, matchPattern=["*.vmdk"])
    task = store.browser.SearchDatastoreSubFolders_Task(f"[{store.name}]", spec)
    while task.info.state in (vim.TaskInfo.State.queued, vim.TaskInfo.State.running):
        time.sleep(0.02)
    for folder in task.info.result:
        for file in folder.file:
            yield f"[{store.name}] {folder.folderPath.partition(']')[2].strip(' /')}/{file.path}"
