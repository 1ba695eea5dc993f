"""The simulated vCenter of a replay: its VMs, its snapshots and its clock. All but the clock goes through the vSphere API."""

import base64
import http.client
import json
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import checks
from checks.vcenter.session import Session, session
from checks.vcenter.untyped import vim
from incident.model import Event, Moment, State, Store
from plan import Plan, Vm
from sizing.units import GIB, KIB_PER_GIB, MIB_PER_GIB
from tools.simulator import Simulator

CHANGES = frozenset({"CreateVM_Task", "PowerOnVM_Task", "PowerOffVM_Task", "CreateSnapshot_Task", "RemoveAllSnapshots_Task"})
READS = frozenset({"runtime.question"})  # what a VM waits for an answer to; only a replay looks at it
ANSWER_SECONDS = 60.0  # s; the simulator answers in milliseconds; a machine that does something else gets much more
POLL_SECONDS = 0.01  # s
_STORE = ["name", "summary.freeSpace", "summary.accessible"]
_MACHINE = ["name", "config.template", "runtime.powerState", "runtime.connectionState", "runtime.question"]


class Impossible(Exception):
    """The vCenter refused what was asked of it; the text is its own."""


class Vcenter:
    """A session with the simulated vCenter."""

    def __init__(self, live: Session, server: Simulator) -> None:
        self._live, self._server, self.hour = live, server, 0.0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.check_hostname, self._tls.verify_mode = False, ssl.CERT_NONE

    def make(self, plan: Plan) -> None:
        """The plan's VMs with their disks, blank, on datastores that are there already; each is started.

        Raises:
            Impossible: one of them can't be.
        """
        root = self._live.content.rootFolder
        datacenter = self._named(root, vim.Datacenter)[plan.place.datacenter]
        cluster = self._named(root, vim.ClusterComputeResource)[plan.place.cluster]
        (pool,) = (found.get("resourcePool") for found in self._live.of([(cluster, ["resourcePool"])]))
        (folder,) = (found.get("vmFolder") for found in self._live.of([(datacenter, ["vmFolder"])]))
        for vm in plan.vms:
            self._done(folder.CreateVM_Task(_blank(vm, plan.datastore(vm.lun).name), pool))
        self.start(vm.name for vm in plan.vms)

    def start(self, names: Iterable[str]) -> None:
        """Power VMs on.

        Raises:
            Impossible: one of them can't be.
        """
        self._each(names, lambda vm: vm.PowerOnVM_Task())

    def stop(self, names: Iterable[str]) -> None:
        """Power VMs off, whatever they wait for.

        Raises:
            Impossible: one of them can't be.
        """
        self._each(names, lambda vm: vm.PowerOffVM_Task())

    def snapshot(self, names: Iterable[str]) -> None:
        """Take a snapshot of each VM, without memory.

        Raises:
            Impossible: one of them can't be.
        """
        self._each(names, lambda vm: vm.CreateSnapshot_Task("backup", "", memory=False, quiesce=False))

    def remove_snapshots(self, names: Iterable[str]) -> None:
        """Remove all snapshots of the VMs; the simulator consolidates as its time passes.

        Raises:
            Impossible: one of them can't be.
        """
        self._each(names, lambda vm: vm.RemoveAllSnapshots_Task(consolidate=True))

    def advance(self, hours: float) -> tuple[Event, ...]:
        """Let time pass, and say what happened."""
        return self._sim("advance", hours=repr(hours))

    def fabric(self, name: str, *, lost: bool) -> tuple[Event, ...]:
        """Lose a fabric, or bring it back."""
        return self._sim("fabric", name=name, state="lost" if lost else "back")

    def look(self) -> Moment:
        """All datastores and VMs now, but templates and what lies on a disk of a host."""
        found = self._live.below(self._live.content.rootFolder, {vim.Datastore: _STORE, vim.VirtualMachine: _MACHINE})
        stores = {
            one.get("name"): Store(free_gib=one.get("summary.freeSpace") / GIB, reachable=one.get("summary.accessible"))
            for one in found
            if one.is_a(vim.Datastore)
        }
        machines = (one for one in found if one.is_a(vim.VirtualMachine) and not one.get("config.template"))
        return Moment(hour=self.hour, stores=stores, vms={one.get("name"): _state(one) for one in machines})

    def _named(self, below: Any, kind: type[Any]) -> dict[str, Any]:
        return {found.get("name"): found.object for found in self._live.below(below, {kind: ["name"]})}

    def _each(self, names: Iterable[str], call: Any) -> None:
        machines = self._named(self._live.content.rootFolder, vim.VirtualMachine)
        for name in names:
            self._done(call(machines[name]))

    def _done(self, task: Any) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            (found,) = self._live.of([(task, ["info.state", "info.error"])])
            if found.get("info.state") == vim.TaskInfo.State.success:
                return
            if found.get("info.state") == vim.TaskInfo.State.error:
                raise Impossible(found.get("info.error").msg)
            time.sleep(POLL_SECONDS)
        raise Impossible(f"a task did not end within {ANSWER_SECONDS:.0f} s")

    def _sim(self, what: str, **query: str) -> tuple[Event, ...]:
        host, _, port = self._server.address.rpartition(":")
        login = base64.b64encode(f"{self._server.user}:{self._server.password}".encode()).decode()
        connection = http.client.HTTPSConnection(host, int(port), context=self._tls, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", f"/sim/{what}?{urlencode(query)}", headers={"Authorization": f"Basic {login}"})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise Impossible(f"the simulator's clock answers {response.status}: {body.decode(errors='replace').strip()}")
        said = json.loads(body)
        self.hour = said["hour"]
        return tuple(Event(**event) for event in said["events"])


def _state(found: Any) -> State:
    if found.get("runtime.powerState") != vim.VirtualMachine.PowerState.poweredOn:
        return State.OFF
    if found.get("runtime.connectionState") != vim.VirtualMachine.ConnectionState.connected:
        return State.UNREACHABLE
    return State.STUNNED if found.get("runtime.question") else State.RUNS


def _blank(vm: Vm, datastore: str) -> Any:
    device, backing = vim.vm.device, vim.vm.device.VirtualDisk.FlatVer2BackingInfo
    changes = [device.VirtualDeviceSpec(operation="add", device=device.ParaVirtualSCSIController(key=1000, sharedBus="noSharing"))]
    for number, disk in enumerate(vm.disks):
        made = device.VirtualDisk(
            key=-1 - number,
            controllerKey=1000,
            unitNumber=disk.unit,
            capacityInKB=disk.size_gib * KIB_PER_GIB,
            backing=backing(fileName="", diskMode="persistent", thinProvisioned=False),
        )
        changes.append(device.VirtualDeviceSpec(operation="add", fileOperation="create", device=made))
    return vim.vm.ConfigSpec(
        name=vm.name,
        guestId="otherLinux64Guest",
        numCPUs=vm.cpus,
        memoryMB=round(vm.memory_gib * MIB_PER_GIB),
        memoryAllocation=vim.ResourceAllocationInfo(reservation=round(vm.memory_reservation_gib * MIB_PER_GIB)),
        files=vim.vm.FileInfo(vmPathName=f"[{datastore}]"),
        deviceChange=changes,
    )


@contextmanager
def opened(server: Simulator) -> Iterator[Vcenter]:
    """A session with a simulator.

    Raises:
        Refused: it can't be reached.
    """
    with session(checks.credentials({}, server.environment), more=CHANGES, reads=READS) as live:
        yield Vcenter(live, server)
