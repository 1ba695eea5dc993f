"""What must never happen: named functions over a plan, each yielding a counter-example for every breach.

A rule's source stands in its docstring; "2013" is a university's published migration of 2012/13, whose incidents are
the reason for most of them.
"""

import math
from collections.abc import Callable, Iterator

from config import Problem
from config.problems import repeats
from config.types import MAX_DISK_GIB
from plan.model import Plan, Vm
from sizing import DatastoreNeed

Invariant = Callable[[Plan], Iterator[Problem]]

MAX_VM_NAME = 80  # characters of a VM's name in vCenter; vSphere Web Services API, VirtualMachineConfigSpec.name
MAX_HOST_NAME = 63  # characters of a DNS label; RFC 1035, 2.3.4


def every_disk_holds_its_need(plan: Plan) -> Iterator[Problem]:
    """A declared disk is at least as large as what it must hold (2013: disks were computed from past mail flow)."""
    paths = {vm.server: vm.path for vm in plan.vms}
    for disk in plan.sizing.disks:
        if disk.gib < disk.need_gib:
            terms = " + ".join(f"{t.name} {t.gib:.1f}" for t in disk.terms)
            yield Problem(
                path=f"{paths[disk.vm]}.disks_gib.{disk.label}",
                value=str(disk.gib),
                rule=f"is {disk.need_gib - disk.gib:.1f} GiB too small for what the disk must hold ({terms} GiB)",
                remedy=f"write {disk.smallest_gib} or more, or leave it out",
            )


def every_disk_can_exist(plan: Plan) -> Iterator[Problem]:
    """No disk is larger than vSphere's largest (62 TiB; vSphere configuration maximums)."""
    paths = {vm.server: vm.path for vm in plan.vms}
    for disk in plan.sizing.disks:
        if disk.gib > MAX_DISK_GIB:
            rule = f"is more than vSphere's largest disk of {MAX_DISK_GIB} GiB"
            yield Problem(f"{paths[disk.vm]}.disks_gib.{disk.label}", str(disk.gib), rule, "spread the load over more servers")


def memory_holds_what_runs(plan: Plan) -> Iterator[Problem]:
    """A server has the memory of what runs on it (ClamAV: 3 GiB at least; docs.clamav.net)."""
    paths = {vm.server: vm.path for vm in plan.vms}
    for need in plan.sizing.memory:
        if need.declared_gib < need.need_gib:
            terms = " + ".join(f"{t.name} {t.gib:g}" for t in need.terms)
            yield Problem(
                path=f"{paths[need.vm]}.memory_gib",
                value=f"{need.declared_gib:g}",
                rule=f"is {need.need_gib - need.declared_gib:g} GiB too small for what runs there ({terms} GiB)",
                remedy=f"write {need.need_gib:g} or more",
            )


def snapshot_never_fills_a_datastore(plan: Plan) -> Iterator[Problem]:
    """Every LUN holds its disks, swap and snapshots, and stays free by its fraction (2013: the first snapshot stopped mail)."""
    for need in plan.sizing.datastores:
        if need.declared_gib < need.required_gib:
            yield Problem(
                path=f"storage.luns.{need.lun}.size_gib",
                value=f"{need.declared_gib:g}",
                rule=f"is {need.smallest_gib - need.declared_gib:.4g} GiB too small for its disks and their snapshots: {arithmetic(need)}",
                remedy=f"ask for ≥ {need.smallest_gib} GiB or move a server to another LUN",
            )


def thin_lun_is_backed_by_the_array(plan: Plan) -> Iterator[Problem]:
    """What a thin LUN must hold the array has physically: VMFS sees free space until the array is full (Broadcom KB 435349)."""
    for need in plan.sizing.datastores:
        if need.physical_gib is not None and need.physical_gib < need.need_gib:
            yield Problem(
                path=f"storage.luns.{need.lun}.physical_gib",
                value=f"{need.physical_gib:g}",
                rule=f"is {need.need_gib - need.physical_gib:.4g} GiB less than its disks and snapshots need, {need.need_gib:.2f} GiB",
                remedy=f"have the array keep ≥ {math.ceil(need.need_gib)} GiB for it, or move a server to another LUN",
            )


def arithmetic(need: DatastoreNeed) -> str:
    """A datastore's need in one line that can be checked by hand."""
    terms = " + ".join(f"{t.name} {t.gib:.2f}" for t in need.terms if t.gib)
    return f"({terms} = {need.need_gib:.2f}) ÷ (1 − {need.free_fraction:g}) = {need.required_gib:.1f} GiB"


def survives_loss_of_any_fabric(plan: Plan) -> Iterator[Problem]:
    """Every redundant role keeps a member when one fabric is lost (2013: both scanners were on iSCSI, and stopped)."""
    fabrics = {d.fabric for d in plan.datastores}
    for role in plan.redundant_roles:
        members = plan.members(role)
        on = {plan.datastore(vm.lun).fabric for vm in members}
        if len(on) == 1:
            fabric = next(iter(on))
            others = [d.lun for d in plan.datastores if d.fabric is not fabric]
            where = f"to {' or '.join(others)}" if others else "to a LUN of another fabric (storage.luns has none)"
            yield Problem(
                path=f"{members[-1].path}.lun",
                value=fabric,
                rule=f"carries every {role} ({_names(members)}): losing that fabric stops the role",
                remedy=f"move {members[-1].server} {where}" + ("" if len(fabrics) > 1 else ", and add one"),
            )


def survives_loss_of_any_datastore(plan: Plan) -> Iterator[Problem]:
    """Every redundant role keeps a member when one datastore fills or is lost (VMware KB 318856)."""
    for role in plan.redundant_roles:
        members = plan.members(role)
        if len({vm.lun for vm in members}) == 1:
            yield Problem(
                path=f"{members[-1].path}.lun",
                value=members[-1].lun,
                rule=f"carries every {role} ({_names(members)}): losing that datastore stops the role",
                remedy=f"move {members[-1].server} to another LUN",
            )


def survives_loss_of_any_host(plan: Plan) -> Iterator[Problem]:
    """The members of a redundant role are kept on different hosts by a rule that the cluster can satisfy."""
    hosts = len(plan.place.hosts)
    for role in plan.redundant_roles:
        members = plan.members(role)
        kept = {name for rule in plan.apart if rule.role is role for name in rule.vms}
        together = [vm for vm in members if vm.name not in kept]
        if together:
            yield Problem(
                path=together[0].path,
                value=together[0].name,
                rule=f"has no rule that keeps it on another host than the other {role} servers",
                remedy="add it to the role's anti-affinity rule",
            )
        if hosts < len(members):
            yield Problem(
                path="vsphere.hosts",
                value=f"{hosts} host{'s' if hosts > 1 else ''}",
                rule=f"can't keep {len(members)} {role} servers apart ({_names(members)})",
                remedy=f"name at least {len(members)} hosts, or have fewer {role} servers",
            )


def names_are_unique(plan: Plan) -> Iterator[Problem]:
    """No two VMs, and no two datastores, share a name, and a VM's name fits vCenter and DNS."""
    stores = ((f"storage.luns.{d.lun}", d.name) for d in plan.datastores)
    yield from repeats(stores, "is another datastore's name too", "give each datastore its own name")
    yield from repeats(((vm.path, vm.name) for vm in plan.vms), "is another VM's name too", "give each VM its own name")
    for vm in plan.vms:
        if len(vm.name) > min(MAX_VM_NAME, MAX_HOST_NAME):
            yield Problem(vm.path, vm.name, f"is longer than a host name's {MAX_HOST_NAME} characters", "shorten site.name or the key")


def addresses_are_unique(plan: Plan) -> Iterator[Problem]:
    """No two VMs share an address (a duplicate splits the queue between two servers that both answer for it)."""
    uses = ((f"{vm.path}.address", str(vm.address.ip)) for vm in plan.vms)
    yield from repeats(uses, "is another VM's address too", "give each VM its own address")


def disks_are_told_apart(plan: Plan) -> Iterator[Problem]:
    """The disks of a VM differ in label and unit, so that none is taken for another (provider issues 2374, 2296)."""
    for vm in plan.vms:
        for kind, values in (("label", [d.label for d in vm.disks]), ("unit", [str(d.unit) for d in vm.disks])):
            for value in sorted({v for v in values if values.count(v) > 1}):
                yield Problem(vm.path, value, f"is the {kind} of two disks of {vm.name}", f"give each disk its own {kind}")


def _names(members: tuple[Vm, ...]) -> str:
    return ", ".join(vm.server for vm in members)


INVARIANTS: tuple[Invariant, ...] = (
    every_disk_holds_its_need,
    every_disk_can_exist,
    memory_holds_what_runs,
    snapshot_never_fills_a_datastore,
    thin_lun_is_backed_by_the_array,
    survives_loss_of_any_fabric,
    survives_loss_of_any_datastore,
    survives_loss_of_any_host,
    names_are_unique,
    addresses_are_unique,
    disks_are_told_apart,
)


def check(plan: Plan) -> Iterator[Problem]:
    """A problem for every breach of every invariant."""
    for invariant in INVARIANTS:
        yield from invariant(plan)
