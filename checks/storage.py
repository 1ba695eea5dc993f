"""LUNs and datastores as the hosts see them, against those that the plan needs."""

import math
from collections.abc import Iterator

from checks.vcenter.inventory import Datastore, Inventory, Lun, canonical, free, planned_hosts
from config import Problem
from config.references import nearest
from plan import Datastore as Planned
from plan import Plan
from sizing.units import show

ROUNDING_GIB = 1 / 1024  # GiB; arrays cut LUNs in sectors or tracks, and VMFS uses whole blocks of 1 MiB: less is no room lost
UNEXPLAINED_FRACTION = 0.005  # of the capacity; vCenter counts what VMs take at intervals only, so growing thin disks are behind
UNEXPLAINED_GIB = 1.0  # GiB; a VMFS has system files and folders whose sizes nobody publishes: less is no sign of anything
SHOWN = 5  # free LUNs named in a remedy


def compare(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    """Every LUN that is not as declared, and every datastore that is not where or what the plan takes it for."""
    hosts = [h.name for h in planned_hosts(plan, inventory.hosts)]
    luns = {lun.naa: lun for lun in inventory.luns}
    taken = {canonical(d.naa) for d in plan.datastores}
    spare = [lun for lun in free(inventory.luns) if lun.naa not in taken]
    for planned in plan.datastores:
        lun = luns.get(canonical(planned.naa))
        if hosts and lun is None:
            rule = f"is no LUN that {' or '.join(hosts)} sees"
            yield Problem(_path(planned, "naa"), planned.naa, rule, f"present it to the hosts and rescan, or {_free(planned, spare)}")
        if lun:
            yield from _lun(planned, lun, hosts)
            yield from _held(planned, lun, spare)
        yield from _datastore(plan, planned, lun, inventory)


def _path(planned: Planned, field: str) -> str:
    return f"storage.luns.{planned.lun}.{field}"


def _free(planned: Planned, spare: list[Lun]) -> str:
    """The LUNs that nobody uses as a remedy, those most like the declared one first."""
    luns = sorted(spare, key=lambda lun: (lun.fabrics != (planned.fabric,), abs(lun.size_gib - planned.declared_gib), lun.naa))
    shown = [f"{lun.naa} ({lun.size_gib:.6g} GiB, {' and '.join(lun.fabrics)})" for lun in luns[:SHOWN]]
    more = [f"and {len(luns) - SHOWN} more"] if len(luns) > SHOWN else []
    return f"use a free one: {', '.join(shown + more) or '(there is none)'}"


def _lun(planned: Planned, lun: Lun, hosts: list[str]) -> Iterator[Problem]:
    blind = [name for name in hosts if name not in lun.hosts]
    if blind:
        rule = f"is not seen by {', '.join(blind)}: a VM on it can't run there"
        yield Problem(_path(planned, "naa"), planned.naa, rule, "present it to every host of vsphere.hosts, and rescan")
    if lun.fabrics != (planned.fabric,):
        real = " and ".join(lun.fabrics) or "no path"
        rule = f"is not how the hosts reach {lun.naa}: {real}"
        yield Problem(_path(planned, "fabric"), planned.fabric, rule, f"write {real}" if real in ("iscsi", "fc") else "use another LUN")
    if lun.size_gib < planned.declared_gib - ROUNDING_GIB:
        rule = f"is more than the {lun.size_gib:.6g} GiB that the array presents"
        yield Problem(_path(planned, "size_gib"), f"{planned.declared_gib:g}", rule, "have the array grow the LUN, or write what it is")


def _held(planned: Planned, lun: Lun, spare: list[Lun]) -> Iterator[Problem]:
    """What is on a LUN already may only be what the plan takes over, or has created before."""
    if lun.partitions:
        rule = f"has partitions ({', '.join(lun.partitions)}) that a new datastore would destroy, and is no datastore here"
        remedy = f"if it holds a datastore, mount that and take it over; if it is waste, clear it on a host; or {_free(planned, spare)}"
        yield Problem(_path(planned, "naa"), planned.naa, rule, remedy)
    if lun.datastore in (None, planned.name):
        return
    if planned.adopted:
        rule = f"is not the datastore on {lun.naa}: that is {lun.datastore}"
        remedy = f"write {lun.datastore}, or name the LUN that is meant"
        yield Problem(_path(planned, "datastore"), planned.name, rule, remedy)
    else:
        rule = f"holds the datastore {lun.datastore} already"
        remedy = f"take it over with datastore: {lun.datastore}, or {_free(planned, spare)}"
        yield Problem(_path(planned, "naa"), planned.naa, rule, remedy)


def _datastore(plan: Plan, planned: Planned, lun: Lun | None, inventory: Inventory) -> Iterator[Problem]:
    path = _path(planned, "datastore" if planned.adopted else "naa")
    found = [d for d in inventory.datastores if d.name == planned.name]
    if not found and planned.adopted:
        names = {d.name for d in inventory.datastores if d.naas}
        rule = f"is no datastore of the datacenter {plan.place.datacenter}"
        yield Problem(path, planned.name, rule, f"{nearest(planned.name, names)}, or leave it out to have it created")
    if not found and not planned.adopted and lun and lun.datastore == planned.name:
        rule = f"holds a datastore {planned.name} that is not mounted in the datacenter {plan.place.datacenter}"
        yield Problem(path, planned.naa, rule, "mount it on the hosts in vCenter")
    for real in found:
        if real.naas == (canonical(planned.naa),):
            yield from _usable(plan, planned, real)
            continue
        where = " and ".join(real.naas) or "no LUN"
        if planned.adopted:
            yield Problem(
                path, planned.name, f"is a datastore on {where}, not on {planned.naa}", "name the LUN that it is on, and no other"
            )
        else:
            rule = f"can't hold a new datastore {planned.name}: there is one on {where}"
            yield Problem(path, planned.naa, rule, f"rename storage.luns.{planned.lun}, or name its LUN and take it over")


def _usable(plan: Plan, planned: Planned, real: Datastore) -> Iterator[Problem]:
    """An existing datastore can be used, its VMFS fills the LUN but for what the plan counts as VMFS's own, and others leave room."""
    if not real.accessible:
        yield Problem(
            _path(planned, "naa"), planned.naa, f"holds the datastore {real.name}, which is not accessible", "see its paths in vCenter"
        )
        return
    need = next(n for n in plan.sizing.datastores if n.lun == planned.lun)
    if real.capacity_gib < planned.declared_gib - need.vmfs_gib - ROUNDING_GIB:
        rule = f"is more than the {real.capacity_gib:.6g} GiB of the datastore {real.name} on it"
        remedy = "grow the datastore to the LUN's size in vCenter (Increase Datastore Capacity), or write what it is"
        yield Problem(_path(planned, "size_gib"), f"{planned.declared_gib:g}", rule, remedy)
    others = [(g.name, g.size_gib) for g in real.guests]
    loose_gib = _loose_gib(real, need.vmfs_gib * max(1, real.capacity_gib / need.declared_gib))  # VMFS keeps more of a larger LUN
    others += [("files that no VM has", loose_gib)] if loose_gib >= max(UNEXPLAINED_GIB, UNEXPLAINED_FRACTION * real.capacity_gib) else []
    required_gib = math.ceil((need.need_gib + sum(gib for _, gib in others)) / (1 - need.free_fraction))
    if others and planned.declared_gib < required_gib:
        listed = ", ".join(f"{name} {show(gib)} GiB" for name, gib in others)
        rule = f"is {show(required_gib - planned.declared_gib)} GiB too small for the plan and what else the datastore holds ({listed})"
        remedy = f"move those away, or ask for ≥ {required_gib} GiB"
        yield Problem(_path(planned, "size_gib"), f"{planned.declared_gib:g}", rule, remedy)


def _loose_gib(real: Datastore, vmfs_gib: float) -> float:
    """What is used of a datastore beyond VMFS's own and the files of VMs: disks that were kept, images, copies."""
    return real.capacity_gib - real.free_gib - real.vms_gib - vmfs_gib
