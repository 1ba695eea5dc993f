"""A simulated vCenter on which the VMs of a plan stand as `up` makes them, made by vSphere's own calls and without the engine."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask

from checks import Credentials
from checks.vcenter.untyped import vim
from plan import Plan, Vm
from tests.checks.conftest import Start, site
from tests.sim import sim

KIB_PER_GIB = 2**20


def log_in(login: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives commands a login, by the environment."""
    monkeypatch.setenv("VSPHERE_SERVER", login.server)
    monkeypatch.setenv("VSPHERE_USER", login.user)
    monkeypatch.setenv("VSPHERE_PASSWORD", login.password.get_secret_value())
    monkeypatch.setenv("VSPHERE_ALLOW_UNVERIFIED_SSL", "true")


class Stand:
    """The site, by an administrator's session."""

    def __init__(self, login: Credentials, plan: Plan, content: Any) -> None:
        self.login, self.plan, self.content = login, plan, content
        self.datacenter = content.rootFolder.childEntity[0]
        self.pool = self.datacenter.hostFolder.childEntity[0].resourcePool
        folders = {f.name: f for f in self.datacenter.vmFolder.childEntity if isinstance(f, vim.Folder)}
        self.folder = folders.get(plan.place.folder) or self.datacenter.vmFolder.CreateFolder(plan.place.folder)

    def vm(self, server: str) -> Any:
        """The VM of a server, or that has the name itself, in the plan's folder."""
        name = next((v.name for v in self.plan.vms if v.server == server), server)
        return next(child for child in self.folder.childEntity if child.name == name)

    def build(self) -> None:
        """Every VM of the plan, off."""
        for planned in self.plan.vms:
            self.make(planned)

    def make(self, planned: Vm, folder: Any = None, *, thin: bool = False, **spec: Any) -> Any:
        """One VM with its disks on its datastore."""
        store = self.plan.datastore(planned.lun).name
        controller = vim.vm.device.ParaVirtualSCSIController(key=-1, busNumber=0, sharedBus="noSharing")
        devices = [vim.vm.device.VirtualDeviceSpec(operation="add", device=controller)]
        devices += [_disk(disk.unit, disk.size_gib, store, thin=thin) for disk in planned.disks]
        config = vim.vm.ConfigSpec(
            name=planned.name,
            numCPUs=planned.cpus,
            memoryMB=int(planned.memory_gib * 1024),
            memoryAllocation=vim.ResourceAllocationInfo(reservation=int(planned.memory_reservation_gib * 1024)),
            guestId="ubuntu64Guest",
            files=vim.vm.FileInfo(vmPathName=f"[{store}]"),
            deviceChange=devices,
            **spec,
        )
        return _done((folder or self.folder).CreateVM_Task(config, self.pool))

    def snapshot(self, server: str, name: str = "backup", *, memory: bool = False) -> Any:
        """A snapshot of a VM."""
        return _done(self.vm(server).CreateSnapshot_Task(name, "", memory, False))

    def clear(self, server: str) -> None:
        """Remove all snapshots of a VM."""
        _done(self.vm(server).RemoveAllSnapshots_Task())

    def start(self, *servers: str) -> None:
        """Power VMs on."""
        for server in servers:
            _done(self.vm(server).PowerOnVM_Task())

    def pass_time(self, hours: float) -> None:
        """Let hours pass on a site with physics."""
        self.sim(f"advance?hours={hours}")

    def sim(self, what: str) -> dict[str, Any]:
        """A call of the simulator's own, beside vSphere's: what it answers."""
        return sim(f"{self.login.host}:{self.login.port}", self.login.user, self.login.password.get_secret_value(), what)

    def now(self) -> Any:
        """What time it is by vCenter's clock."""
        return vim.ServiceInstance("ServiceInstance", self.content.rootFolder._stub).CurrentTime()

    def reconfigure(self, server: str, *devices: Any, **spec: Any) -> None:
        """An edit of a VM behind the stack's back."""
        _done(self.vm(server).ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=list(devices), **spec)))


def _disk(unit: int, size_gib: float, store: str, *, thin: bool = False) -> Any:
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(diskMode="persistent", fileName=f"[{store}]", thinProvisioned=thin)
    disk = vim.vm.device.VirtualDisk(
        key=-10 - unit, controllerKey=-1, unitNumber=unit, capacityInKB=int(size_gib * KIB_PER_GIB), backing=backing
    )
    return vim.vm.device.VirtualDeviceSpec(operation="add", fileOperation="create", device=disk)


def _done(task: Any) -> Any:
    WaitForTask(task)  # type: ignore[no-untyped-call]
    return task.info.result


@contextmanager
def administering(login: Credentials, plan: Plan) -> Iterator[Stand]:
    """A session that may do anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    password = login.password.get_secret_value()
    session: Any = SmartConnect(host=login.host, port=login.port, user=login.user, pwd=password, sslContext=context)  # type: ignore[no-untyped-call]
    try:
        yield Stand(login, plan, session.RetrieveContent())
    finally:
        Disconnect(session)  # type: ignore[no-untyped-call]


def described(plan: Plan, stack: str = "campus") -> dict[str, Any]:
    """The site of a stack with the datastores of its plan."""
    site_ = site(stack)
    site_["datastores"] += [{"name": d.name, "lun": d.naa} for d in plan.datastores]
    return site_


def physics(plan: Plan) -> dict[str, Any]:
    """Laws by which every disk is written to as fast as the plan says."""
    labels = {(n.vm, n.label): n.written_per_day.gib / 24 for n in plan.sizing.disks}
    writes = [{"vm": v.name, "unit": d.unit, "gib_per_hour": labels[v.server, d.label]} for v in plan.vms for d in v.disks]
    laws = {"delta_step_mib": 16, "delta_overhead": 0.0, "vm_files_gib": 0.5, "consolidation_gib_per_hour": 20}
    return {"physics": laws | {"writes": writes}}


@contextmanager
def standing(start: Start, plan: Plan, **more: Any) -> Iterator[Stand]:
    """A site of its own with all VMs of the plan."""
    with administering(start(described(plan) | more), plan) as stand:
        stand.build()
        yield stand
