"""The disks of VMs that exist already, against those that the plan gives them: no edit may take mail data off a VM.

To the provider a disk that leaves a VM, or that a blank one replaces, is an update like any other.
"""

import math
from collections.abc import Iterator

from checks.storage import ROUNDING_GIB
from checks.vcenter.inventory import Inventory, LiveDisk, Machine
from config import Problem
from plan import Plan, Vm
from plan.model import SCSI_UNITS
from sizing.units import show

_LABELS = {unit: label for label, unit in SCSI_UNITS.items()}


def compare(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    """Every disk with mail data that the plan would take off its VM, and every disk that it would shrink."""
    for vm in plan.vms:
        for machine in _meant(vm, plan, inventory):
            for disk in machine.disks:
                yield from _disk(plan, vm, disk)


def _meant(vm: Vm, plan: Plan, inventory: Inventory) -> list[Machine]:
    """The VM of the plan's folder; where none is in it, the folder may be about to be renamed, and any of the name is meant."""
    named = [machine for machine in inventory.machines if machine.name == vm.name]
    return [machine for machine in named if machine.folder == plan.place.folder] or named


def _disk(plan: Plan, vm: Vm, live: LiveDisk) -> Iterator[Problem]:
    label = _LABELS.get(live.unit)  # what somebody has attached elsewhere by hand is theirs
    planned = next((disk for disk in vm.disks if disk.unit == live.unit), None)
    if planned is None and label and not plan.disposable:
        rule = f"would lose its disk {label} of {show(live.size_gib)} GiB ({live.file}): as {' and '.join(vm.roles)} it has none"
        remedy = "leave the role where its data is, or first take the disk off by hand (docs/edits.md, Taking a disk off a VM)"
        yield Problem(vm.path, vm.name, rule, remedy)
    if planned and planned.size_gib < live.size_gib - ROUNDING_GIB:
        rule = f"is less than the {show(live.size_gib)} GiB that {vm.name} has there, and no disk can shrink"
        remedy = f"write {math.ceil(live.size_gib - ROUNDING_GIB)}"
        yield Problem(f"{vm.path}.disks_gib.{planned.label}", str(planned.size_gib), rule, remedy)
