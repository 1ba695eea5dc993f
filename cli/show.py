"""How results look on a terminal; problems go to standard error, results to standard output."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:  # a command without any of these needn't load them
    from checks import Inventory
    from config import Problem
    from plan import Plan
    from sizing import DatastoreNeed, DiskNeed, MemoryNeed, Sizing

WIDE = 140  # columns where the output is no terminal

_out = Console(highlight=False, emoji=False, width=None if Console().is_terminal else WIDE)
_err = Console(stderr=True, highlight=False, emoji=False, width=None if Console(stderr=True).is_terminal else WIDE)


def console() -> Console:
    """The console for results."""
    return _out


def line(text: str, style: str | None = None) -> None:
    """One line of result."""
    _out.print(text, style=style, markup=False, soft_wrap=True)


def title(text: str) -> None:
    """The heading of a part of a longer output."""
    _out.print(f"\n{text}", style="bold cyan", markup=False, soft_wrap=True)


def raw(text: str) -> None:
    """A text exactly as it is."""
    _out.file.write(text)


def data(value: Any) -> None:
    """A value as JSON."""
    raw(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def failure(text: str) -> None:
    """One line that says why a command could not do its work."""
    _err.print(text, style="bold red", markup=False, soft_wrap=True)


def problems(found: "Sequence[Problem]") -> None:
    """Every problem on its own line, and how many there are."""
    for problem in found:
        _err.print(str(problem), markup=False, soft_wrap=True)
    _err.print(f"{len(found)} problem{'' if len(found) == 1 else 's'}", style="bold red")


def plan(value: "Plan") -> None:
    """The plan as tables."""
    hosts = ("host",) if any(vm.host for vm in value.vms) else ()
    vms = empty_table("Virtual machines", "name", "roles", "address", "CPUs", "memory GiB", "datastore", *hosts, "disks GiB", "made from")
    for vm in value.vms:
        disks = ", ".join(f"{disk.label} {disk.size_gib}" for disk in vm.disks)
        roles = ", ".join(vm.roles)
        where = value.datastore(vm.lun).name, *(vm.host or "" for _ in hosts)
        vms.add_row(vm.name, roles, str(vm.address.ip), str(vm.cpus), f"{vm.memory_gib:g}", *where, disks, vm.source.kind)
    _out.print(vms)
    stores = empty_table("Datastores", "name", "fabric", "LUN GiB", "device", "")
    for store_ in value.datastores:
        how = "taken over" if store_.adopted else "created"
        stores.add_row(store_.name, store_.fabric, f"{store_.declared_gib:g}", store_.naa, how if store_.used else f"{how}, unused")
    _out.print(stores)
    rules = empty_table("Kept on different hosts" + ("" if value.place.drs else ", by where the stack puts them"), "rule", "VMs")
    for rule in value.apart:
        rules.add_row(rule.name, ", ".join(rule.vms))
    _out.print(rules)
    line(f"Generated files: {', '.join(sorted(value.files))} (show one with --file NAME)")
    line("Mail data: " + ("may be destroyed with this stack, as it declares" if value.disposable else "kept whatever happens to a VM"))


def live(value: "Plan", inventory: "Inventory") -> None:
    """The plan's datastores as vCenter has them, beside what the plan foresees: each column says which of the two it is."""
    fabrics = {lun.datastore: ", ".join(lun.fabrics) for lun in inventory.luns}
    needs = {need.name: need for need in value.sizing.datastores}
    columns = "name", "vCenter: fabric", "vCenter: capacity GiB", "vCenter: free GiB", "plan: forgotten snapshots fill it"
    table = empty_table("Datastores", *columns)
    for store in inventory.datastores:
        if store.name in needs:
            free = f"{store.free_gib:.1f}"
            table.add_row(store.name, fabrics.get(store.name, ""), f"{store.capacity_gib:.1f}", free, _full(needs[store.name]))
    _out.print(table)


def sizing(value: "Sizing") -> None:
    """Every disk and datastore with its terms."""
    from sizing.units import short  # noqa: PLC0415 - as above

    for disk in value.disks:
        too_small = disk.gib < disk.need_gib
        title = f"{disk.vm} / {disk.label}: {disk.gib} GiB for {short(disk.need_gib, 1)} GiB on {disk.datastore}"
        _out.print(_terms(title + (" (too small)" if too_small else ""), disk))
    for store in value.datastores:
        title = f"datastore {store.name} ({store.fabric}): {store.declared_gib:g} GiB declared, {store.required_gib:.1f} GiB required"
        _out.print(_terms(title, store))
        line(f"  {_arithmetic(store)}; forgotten snapshots fill it: {_full(store)}")
        line("")


def memory(value: "Sizing") -> None:
    """Every server whose memory decides whether mail flows, with its terms."""
    for need in value.memory:
        _out.print(_terms(f"memory of {need.vm}: {need.declared_gib:g} GiB declared, {need.need_gib:.1f} GiB needed", need))


def _full(need: "DatastoreNeed") -> str:
    return "never" if need.hours_to_full is None else f"after {need.hours_to_full:.1f} h"


def reasons(value: "Sizing") -> None:
    """Why each disk and datastore has its size, in a line each."""
    from sizing.units import short  # noqa: PLC0415 - as above

    table = empty_table("Why each size", "disk or datastore", "GiB", "from")
    table.columns[1].justify = "right"
    for disk in value.disks:
        largest = sorted(disk.terms, key=lambda term: -term.gib)[:2]
        why = "; ".join(f"{term.name} {short(term.gib, 1)} = {term.formula}" for term in largest)
        table.add_row(f"{disk.vm} / {disk.label}", str(disk.gib), why)
    for store in value.datastores:
        table.add_row(store.name, f"{store.declared_gib:g}", _arithmetic(store))
    _out.print(table)


def _arithmetic(store: "DatastoreNeed") -> str:
    from plan.invariants import arithmetic  # noqa: PLC0415 - as above

    return arithmetic(store)


def _terms(title: str, need: "DiskNeed | DatastoreNeed | MemoryNeed") -> Table:
    from sizing.model import share  # noqa: PLC0415 - as above
    from sizing.units import short  # noqa: PLC0415 - as above

    table = empty_table(title, "for", "GiB", "share", "formula", "source")
    table.columns[1].justify = table.columns[2].justify = "right"
    for term in need.terms:
        table.add_row(term.name, short(term.gib), f"{share(term.gib, need.need_gib):.1%}", term.formula, term.source)
    return table


def empty_table(title: str, *columns: str) -> Table:
    """A table without rows."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
