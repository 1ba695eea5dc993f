"""Looks at the disks, snapshots and running tasks of every VM on the datastores that a plan names.

A site does not hold still: a VM or a task that goes away between two questions is left out and named, and ends nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from checks.vcenter import chain_facts, facts
from checks.vcenter.chains import Look, Work
from checks.vcenter.credentials import Credentials
from checks.vcenter.queue_variable import PROPERTY as QUEUE_PROPERTY
from checks.vcenter.readable import readable, whole
from checks.vcenter.session import Found, Session, session
from checks.vcenter.untyped import vim
from config import Problem, Refused
from config.references import nearest
from plan import Plan

CALLS = frozenset({"CurrentTime", "RefreshDatastore"})
"""What a look calls beside `READ_ONLY`: for the clock, and to have free space counted now and not only twice an hour."""

VM_PROPERTIES = (
    "name",
    "parent",
    "config.template",
    "config.uuid",
    "config.instanceUuid",
    "config.hardware.device",
    "config.hardware.memoryMB",
    "config.memoryAllocation.reservation",
    QUEUE_PROPERTY,
    "config.files.vmPathName",
    "layoutEx",
    "snapshot",
    "runtime.powerState",
    "runtime.connectionState",
    "runtime.consolidationNeeded",
    "runtime.host",
    "recentTask",
    "disabledMethod",
    "storage.perDatastoreUsage",
)
_STORE_PROPERTIES = ("name", "summary.capacity", "summary.freeSpace", "summary.accessible", "summary.maintenanceMode", "info", "vm")
_BELOW_DATACENTER = {
    vim.Datastore: ["name", "summary.accessible"],
    vim.Folder: ["name", "parent"],
    vim.HostSystem: ["name"],
    vim.VirtualMachine: ["name", "config.uuid"],
}
_RUNNING = ("queued", "running")

Wanted = tuple[Any, Sequence[str]]


class _Asked(NamedTuple):
    """Who asks what, by which session."""

    live: Session
    login: Credentials
    plan: Plan


def look(login: Credentials, plan: Plan) -> Look:
    """The plan's datastores and every VM that is on them or has the name of one of the plan's VMs.

    Raises:
        Refused: vCenter can't be asked, the user may not read what is needed, or the plan's datacenter is not there.
    """
    with session(login, CALLS) as live:
        return looked(live, login, plan)


def looked(live: Session, login: Credentials, plan: Plan) -> Look:
    """The same by a session that is open already."""
    asked = _Asked(live, login, plan)
    here = datacenter(live, login, plan)
    below = live.below(here.object, _BELOW_DATACENTER)
    names, own = {d.name for d in plan.datastores}, {vm.name for vm in plan.vms}
    machines = {facts.name(f) for f in below if f.is_a(vim.VirtualMachine)}  # any may have the BIOS UUID of one of the plan's
    readable(below, login, names | machines)
    look = _at(asked, here, below, names)
    used = {name for vm in look.vms if vm.name in own for name in (vm.home, *(disk.datastore for disk in vm.disks))}
    elsewhere = used - names - {""}  # where somebody has moved or put something
    return _at(asked, here, below, names | elsewhere) if elsewhere else look


def _at(asked: _Asked, here: Found, below: list[Found], names: set[str]) -> Look:
    """The datastores of these names with their VMs, and the VMs with the names of the plan's or with their BIOS UUIDs."""
    mine = [f for f in below if f.is_a(vim.Datastore) and facts.name(f) in names]
    for store in mine:
        if store.get("summary.accessible"):
            asked.live.refresh(store.object)
    stores, _ = _of(asked, [(f.object, _STORE_PROPERTIES) for f in mine], {})
    own = {vm.name for vm in asked.plan.vms}
    wanted = {ref._GetMoId(): ref for store in stores for ref in store.get("vm") or []}
    machines = [f for f in below if f.is_a(vim.VirtualMachine)]
    uuids = {f.get("config.uuid") for f in machines if facts.name(f) in own} - {None, ""}
    wanted |= {f.id: f.object for f in machines if facts.name(f) in own or f.get("config.uuid") in uuids}
    called = {f.id: facts.name(f) for f in below}
    found, gone = _of(asked, [(ref, VM_PROPERTIES) for _, ref in sorted(wanted.items())], called)
    folders = facts.folders((f for f in below if f.is_a(vim.Folder)), here.get("vmFolder"))
    work = _work(asked, found)
    hosts = {f.id: facts.name(f) for f in below if f.is_a(vim.HostSystem)}
    vms = [chain_facts.vm(f, folders, work.get(f.id, ()), hosts) for f in found if not f.get("config.template")]
    return Look(
        server=asked.login.server,
        at=asked.live.now(),
        here=datetime.now(UTC),
        stores=tuple(sorted(map(chain_facts.store, stores), key=lambda store: store.name)),
        vms=tuple(sorted(vms, key=lambda vm: (vm.name, vm.id))),
        vanished=tuple(sorted(gone)),
    )


def datacenter(live: Session, login: Credentials, plan: Plan) -> Found:
    """The plan's datacenter.

    Raises:
        Refused: there is none of its name, or more than one, or that may not be read.
    """
    found = live.below(live.content.rootFolder, {vim.Datacenter: ["name", "vmFolder"]})
    name = plan.place.datacenter
    readable(found, login, {name})
    here = [f for f in found if facts.name(f) == name]
    if len(here) != 1:
        rule = f"is the name of {len(here)} datacenters of {login.server}"
        known = {facts.name(f) for f in found}
        remedy = "rename all but one of them" if here else nearest(name, known)
        raise Refused([Problem("vsphere.datacenter", name, rule, remedy)])
    return here[0]


def _of(asked: _Asked, wanted: list[Wanted], called: dict[str, str]) -> tuple[list[Found], list[str]]:
    """The objects, and the names of those that went away meanwhile.

    Raises:
        Refused: the user may not read something.
    """
    found, missing = asked.live.still(wanted)
    gone = [called.get(identity, identity) for identity in missing]
    found = whole(found, asked.login, called)
    return found, gone


def _work(asked: _Asked, machines: Sequence[Found]) -> dict[str, tuple[Work, ...]]:
    """What runs on each VM, by its id; a task that has ended and gone is none."""
    refs = {task._GetMoId(): task for vm in machines for task in vm.get("recentTask") or []}
    found, _ = _of(asked, [(ref, ["info"]) for _, ref in sorted(refs.items())], {})
    running = {f.id: f.get("info") for f in found if f.get("info") and f.get("info").state in _RUNNING}
    of = {vm.id: [task._GetMoId() for task in vm.get("recentTask") or []] for vm in machines}
    return {vm: tuple(chain_facts.task(running[task]) for task in tasks if task in running) for vm, tasks in of.items()}
