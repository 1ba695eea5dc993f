"""What must never happen: named functions over a plan, each yielding a counter-example for every breach.

A rule's source stands in its docstring; "2013" is a university's published migration of 2012/13, whose incidents are
the reason for most of them.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from config import Problem
from config.problems import repeats
from config.types import MAX_DISK_GIB, MAX_LUN_GIB, memory_step
from plan import hosts, survival
from plan.model import Plan
from sizing import DatastoreNeed
from sizing.units import short, show

Invariant = Callable[[Plan], Iterator[Problem]]

MAX_VM_NAME = 80  # characters of a VM's name in vCenter; vSphere Web Services API, VirtualMachineConfigSpec.name
_DIGITS = 6  # decimals: 127.28000000000003 hundredths are 127.28
_MOVE = "move a server to another LUN"
_SPREAD = "spread the load over more servers"
MAX_HOST_NAME = 63  # characters of a DNS label; RFC 1035, 2.3.4


def every_disk_holds_its_need(plan: Plan) -> Iterator[Problem]:
    """A declared disk is at least as large as what it must hold (2013: disks were computed from past mail flow)."""
    paths = {vm.server: vm.path for vm in plan.vms}
    for disk in plan.sizing.disks:
        if disk.gib < disk.need_gib:
            terms = " + ".join(f"{t.name} {_rounded(t.gib)}" for t in disk.terms)
            possible = disk.smallest_gib <= MAX_DISK_GIB
            yield Problem(
                path=f"{paths[disk.vm]}.disks_gib.{disk.label}",
                value=str(disk.gib),
                rule=f"is {_missing(disk.gib, disk.need_gib)} GiB too small for what the disk must hold ({terms} GiB)",
                remedy=f"write {disk.smallest_gib} or more, or leave it out"
                if possible
                else f"{_SPREAD}: no disk can be larger than {MAX_DISK_GIB} GiB",
                enough_gib=disk.smallest_gib,
            )


def every_disk_can_exist(plan: Plan) -> Iterator[Problem]:
    """No disk is larger than vSphere's largest (62 TiB; vSphere configuration maximums)."""
    paths = {vm.server: vm.path for vm in plan.vms}
    for disk in plan.sizing.disks:
        if disk.gib > MAX_DISK_GIB:
            rule = f"is more than vSphere's largest disk of {MAX_DISK_GIB} GiB"
            yield Problem(f"{paths[disk.vm]}.disks_gib.{disk.label}", str(disk.gib), rule, _SPREAD)


def memory_holds_what_runs(plan: Plan) -> Iterator[Problem]:
    """A server has the memory of what runs on it (ClamAV: 3 GiB at least; docs.clamav.net)."""
    paths = {vm.server: vm.path for vm in plan.vms}
    for need in plan.sizing.memory:
        if need.declared_gib < need.need_gib:
            terms = " + ".join(f"{t.name} {show(t.gib)}" for t in need.terms)
            yield Problem(
                path=f"{paths[need.vm]}.memory_gib",
                value=_said(need.declared_gib),
                rule=f"is {_missing(need.declared_gib, need.need_gib)} GiB too small for what runs there ({terms} GiB)",
                remedy=f"write {_said(memory_step(need.need_gib))} or more",
            )


def snapshot_never_fills_a_datastore(plan: Plan) -> Iterator[Problem]:
    """Every LUN holds its disks, swap and snapshots, and stays free by its fraction (2013: the first snapshot stopped mail)."""
    for need in plan.sizing.datastores:
        for problem in too_small(need, f"storage.luns.{need.lun}.size_gib"):
            yield replace(problem, rule=problem.rule + _as_it_must_be(plan, need))


def _as_it_must_be(plan: Plan, store: DatastoreNeed) -> str:
    """What is counted larger than it is declared: it is too small, and the LUN must hold it when it is not."""
    here = {vm.server for vm in plan.vms if vm.lun == store.lun}
    disks = [(f"{d.vm} {d.label}", d.gib, d.counted.value) for d in plan.sizing.disks if d.vm in here]
    memory = [(f"memory of {m.vm}", m.declared_gib, m.counted.value) for m in plan.sizing.memory if m.vm in here]
    grown = [f"{name} {show(counted)} GiB for {show(gib)}" for name, gib, counted in (*disks, *memory) if counted > gib]
    return f", with what is too small as large as it must be: {', '.join(grown)}" if grown else ""


def too_small(need: DatastoreNeed, path: str) -> Iterator[Problem]:
    """Whether a datastore's LUN, described at a path, is smaller than what it must hold and keep free."""
    if need.declared_gib < need.required_gib:
        kept = f", {math.ceil(need.backing_gib)} of them kept by the array," if need.unbacked_gib else ""
        ask = f"ask for ≥ {need.smallest_gib} GiB{kept} or {_MOVE}"
        missing = _missing(need.declared_gib, need.required_gib)
        yield Problem(
            path=path,
            value=_said(need.declared_gib),
            rule=f"is {missing} GiB too small for its disks and their snapshots: {arithmetic(need)}",
            remedy=ask if need.smallest_gib <= MAX_LUN_GIB else f"{_MOVE}: none can be larger than {MAX_LUN_GIB} GiB",
            enough_gib=need.smallest_gib,
        )


def thin_lun_is_backed_by_the_array(plan: Plan) -> Iterator[Problem]:
    """What a thin LUN must hold the array has physically: VMFS sees free space until the array is full (Broadcom KB 435349).

    Where the LUN itself is too small, that is the reason, and what the array must keep is said there.
    """
    for need in plan.sizing.datastores:
        for problem in unbacked(need, f"storage.luns.{need.lun}.physical_gib"):
            yield replace(problem, rule=problem.rule + _as_it_must_be(plan, need))


def unbacked(need: DatastoreNeed, path: str) -> Iterator[Problem]:
    """Whether the array keeps less for a large enough LUN than what this must hold."""
    large = need.declared_gib >= need.required_gib
    if large and need.physical_gib is not None and need.unbacked_gib:
        own = f"{_rounded(need.vmfs_gib)} of VMFS on {_said(need.declared_gib)} GiB"
        parts = f"{_rounded(need.held_gib)} + {own} = {_rounded(need.backing_gib)} GiB"
        yield Problem(
            path=path,
            value=_said(need.physical_gib),
            rule=f"is {_missing(need.physical_gib, need.backing_gib)} GiB less than its disks and snapshots need, {parts}",
            remedy=f"have the array keep ≥ {math.ceil(need.backing_gib)} GiB for it, or {_MOVE}",
            enough_gib=math.ceil(need.backing_gib),
        )


def arithmetic(need: DatastoreNeed) -> str:
    """A datastore's need in one line that can be checked by hand."""
    terms = " + ".join(f"{t.name} {_rounded(t.gib)}" for t in need.terms if t.gib)
    return f"({terms} = {_rounded(need.need_gib)}) ÷ (1 − {show(need.free_fraction)}) = {_rounded(need.required_gib)} GiB"


def _rounded(gib: float) -> str:
    return short(gib)


def _missing(has_gib: float, needs_gib: float) -> str:
    """What a size lacks, rounded up, so that what is missing is never shown as nothing."""
    return _rounded(math.ceil(round((needs_gib - has_gib) * 100, _DIGITS)) / 100).rstrip("0").rstrip(".")


def _said(gib: float) -> str:
    """A size as a stack says it."""
    return str(int(gib)) if float(gib).is_integer() else str(gib)


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


INVARIANTS: tuple[Invariant, ...] = (
    every_disk_holds_its_need,
    every_disk_can_exist,
    memory_holds_what_runs,
    snapshot_never_fills_a_datastore,
    thin_lun_is_backed_by_the_array,
    *survival.INVARIANTS,
    *hosts.INVARIANTS,
    names_are_unique,
    addresses_are_unique,
    disks_are_told_apart,
)


def check(plan: Plan) -> Iterator[Problem]:
    """A problem for every breach of every invariant."""
    for invariant in INVARIANTS:
        yield from invariant(plan)
