"""Rules on what datastores hold: sizing's arithmetic and the plan's invariants, over the disks of any program."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from config.problems import Problem
from plan.invariants import too_small, unbacked
from policy import places
from policy.findings import Breach, Found, Unseen
from policy.places import Placed, Places
from policy.resources import Resource
from policy.settings import Headroom, Overcommit
from review.stateful import VIRTUAL_DISK
from sizing import Term, datastore
from sizing.model import term
from sizing.units import Amount, amount, gib_from_mib, show

_DIGITS = 6  # decimals of a sum in GiB, about 1 KiB


class _Disk(NamedTuple):
    """A disk as sizing sees it."""

    vm: str
    counted: Amount
    written_per_day: Term


def has_headroom(resources: Iterable[Resource], settings: Headroom) -> Found:
    """Every datastore holds its disks, swap and snapshots, and stays free by its fraction (`snapshot_never_fills_a_datastore`)."""
    resources = tuple(resources)
    at = places.of(resources)
    yield from _uncounted(at, resources)
    for store in at.stores():
        said, size_gib = at.said(store, settings.datastores), at.size_gib(store, settings.datastores)
        if size_gib is None:
            yield Unseen(f"{at.title(store)}: its size, and so whether snapshots fit; give datastores.{at.title(store)}.size_gib")
            continue
        if said.others_gib is None and store not in at.made:
            yield Unseen(f"{at.title(store)}: what others have on it; give datastores.{at.title(store)}.others_gib")
        declared = datastore.Store(store, at.title(store), said.fabric, size_gib, said.physical_gib)
        allowance = datastore.Allowance(settings.snapshots, settings.overheads, settings.free_fraction)
        need = datastore.need(declared, _vms(at, store, settings.change_per_day), allowance, _others(at, store, resources, said.others_gib))
        for problem in (*too_small(need, at.title(store)), *unbacked(need, at.title(store))):
            yield Breach(problem, at.names(store), store if store in at.made else "")


def is_not_overcommitted(resources: Iterable[Resource], settings: Overcommit) -> Found:
    """Thin disks can't grow to more than is there, or to more than the site allows (Broadcom KB 435349).

    A datastore whose size can't be seen is not judged; `has_headroom` says of which that is so.
    """
    resources = tuple(resources)
    at = places.of(resources)
    for store in at.stores():
        said, size_gib = at.said(store, settings.datastores), at.size_gib(store, settings.datastores)
        on_it = [placed for placed in at.disks if placed.store == store and not _attached(placed)]
        if size_gib is None or all(placed.disk.values.get("thinProvisioned") is False for placed in on_it):
            continue
        others = sum(t.gib for t in _others(at, store, resources, said.others_gib))
        promised = round(sum(placed.disk.size_gib or 0 for placed in on_it) + others, _DIGITS)
        usable = said.physical_gib or size_gib
        if promised > round(settings.most * usable, _DIGITS):
            rule = f"may come to lie on it, {show(round(promised / usable, 2))} times the {show(usable)} GiB that are there"
            remedy = f"move disks away, or have at least {show(round(promised / settings.most, 1))} GiB"
            yield Breach(
                Problem(at.title(store), f"{show(promised)} GiB", rule, remedy), at.names(store), store if store in at.made else ""
            )


def _vms(at: Places, store: str, change_per_day: float) -> list[datastore.Vm]:
    """The VMs that have disks or their own files on a datastore; memory counts where the VM's own files are."""
    found = []
    for vm in at.vms:
        on_it = tuple(
            _disk(placed, change_per_day) for placed in at.disks if placed.vm is vm and placed.store == store and _counted(placed)
        )
        home = at.homes[vm.urn] == store
        if on_it or home:
            memory = gib_from_mib(vm.number("memory") or 0) if home else 0.0
            reserved = gib_from_mib(vm.number("memoryReservation") or 0) if home else 0.0
            found.append(datastore.Vm(vm.title, amount(memory), min(reserved, memory), on_it or (_sized(vm.title, 0.0, change_per_day),)))
    return found


def _disk(placed: Placed, change_per_day: float) -> _Disk:
    return _sized(placed.vm.title, placed.disk.size_gib or 0.0, change_per_day)


def _sized(vm: str, gib: float, change_per_day: float) -> _Disk:
    formula = f"{show(change_per_day)} × {show(gib)} GiB"
    return _Disk(vm, amount(gib), term("written in a day", change_per_day * gib, formula, "share of a disk: change_per_day"))


def _others(at: Places, store: str, resources: Iterable[Resource], others_gib: float | None) -> tuple[Term, ...]:
    """What lies on a datastore beside the disks of the program's VMs."""
    sizes = [disk.number("size") or 0.0 for disk in _virtual_disks(resources) if disk.text("datastore") in at.names(store)]
    found = []
    if sizes:
        found.append(term("virtual disks", sum(sizes), f"{' + '.join(map(show, sizes))} GiB", "as provisioned"))
    if others_gib:
        found.append(term("others", others_gib, f"{show(others_gib)} GiB", "datastores.…others_gib"))
    return tuple(found)


def _virtual_disks(resources: Iterable[Resource]) -> Iterator[Resource]:
    return (resource for resource in resources if resource.type == VIRTUAL_DISK and not resource.own)


def _attached(placed: Placed) -> bool:
    return placed.disk.values.get("attach") is True


def _counted(placed: Placed) -> bool:
    return placed.disk.size_gib is not None and not _attached(placed)


def _uncounted(at: Places, resources: Iterable[Resource]) -> Iterator[Unseen]:
    """What no datastore's need has in it, or perhaps another's."""
    for vm in (vm for vm in at.vms if not vm.own):
        if vm.number("memory") is None:
            yield Unseen(f"{vm.title}: its memory, and so its swap file")
        if not any(placed.vm is vm for placed in at.disks):
            yield Unseen(f"{vm.title}: its disks; it lists none, or their labels are known only after the apply")
        if not at.homes[vm.urn]:
            yield Unseen(f"{vm.title}: the datastore of its own files")
    for placed in (placed for placed in at.disks if not placed.vm.own):
        why = _why_uncounted(at, placed)
        if why:
            yield Unseen(f"{placed.disk.title}: {why}")
    known = {name for store in at.stores() for name in at.names(store)}
    for disk in _virtual_disks(resources):
        if disk.text("datastore") not in known:
            yield Unseen(f"VirtualDisk {disk.name}: its datastore, by a name that no VM's datastore is known to have")


def _why_uncounted(at: Places, placed: Placed) -> str:
    if _attached(placed):
        return "attached from elsewhere, so that neither it nor its snapshots are counted"
    if placed.disk.size_gib is None:
        return "its size"
    if not placed.store:
        return "its datastore"
    return "" if placed.sure else f"which datastore it is on; counted on {at.title(placed.store)}"
