"""Disks whose mode somebody has set: one may drop what is written when its VM is powered off, or be in no snapshot.

To the guest such a disk is a disk like any other, and the engine's state does not know its mode before a refresh.
"""

from collections.abc import Iterator

from checks.snapshots.world import World, label
from checks.vcenter.chains import LiveVm
from config.findings import Finding, Level
from config.storage import LOSING_MODES


def modes(world: World, vm: LiveVm) -> Iterator[Finding]:
    """Each disk of a VM that loses what is written to it, or that no snapshot has; a warning of disposable data and VMs of others."""
    for disk in vm.disks:
        subject = f"{vm.name}/{label(world, vm, disk)}"
        said, names = (f"is in the mode {disk.mode}", "persistent"), (subject, *([disk.uuid] if disk.uuid else []))
        if disk.mode in LOSING_MODES:
            consequence = "LOSES MAIL: what was written since the VM was powered on is dropped or set aside when it is powered off"
            step = "While it is on, copy what the disk has to a persistent one; only then power it off and set the mode in vCenter"
            level = Level.UNSAFE if world.own(vm) and not world.plan.disposable else Level.WARNING
            yield Finding(level, "disk-mode", subject, *said, consequence, step, names)
        elif disk.independent:
            consequence = "No snapshot has it, so that a backup made by one leaves it out"
            step = "Power the VM off at a good time and set the mode in vCenter"
            yield Finding(Level.WARNING, "disk-mode", subject, *said, consequence, step, names)
