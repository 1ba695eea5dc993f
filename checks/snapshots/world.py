"""What is foreseen and what there is, side by side: which VM of a look is which of the plan's, and how fast its disks are written to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from checks.snapshots.ends import remaining_hours
from checks.vcenter.chains import Chain, LiveVm, Look
from config import Platform
from plan import Plan, Vm
from sizing import rules
from sizing.model import DiskNeed
from sizing.snapshots import Growing
from sizing.units import HOURS_PER_DAY, show

UNKNOWN_CHANGE_PER_DAY = rules.SCANNER_CHANGE_PER_DAY  # of a disk that no plan knows: the most that a published design allows for


class Rate(NamedTuple):
    """How fast a disk is written to."""

    gib_per_day: float
    text: str
    known: bool
    """Whether the plan knows the disk; else it is taken to change as much as any."""


class World(NamedTuple):
    """What is foreseen and what there is."""

    platform: Platform
    plan: Plan
    look: Look
    factor: float = 1.0
    """How much more is written than the plan says: 1, or the factor of a risk."""
    keeps_free: bool = True
    """Whether the stack's `free_fraction` is to stay free: it is for what is not foreseen, and a risk foresees that."""
    recorded: Mapping[str, str] = MappingProxyType({})
    """The names of the ledger's VMs, by instance UUID: no rename in vCenter touches that."""

    def in_place(self, name: str) -> LiveVm | None:
        """The VM of a name where the plan has it."""
        return next((vm for vm in self.look.vms if vm.name == name and planned(self.plan, vm)), None)

    def own(self, vm: LiveVm) -> Vm | None:
        """The plan's VM that this is: as recorded; else by its name, unless another of the name is in the plan's folder."""
        name = self.recorded.get(vm.instance_uuid)
        if name is None and not planned(self.plan, vm) and self.in_place(vm.name):
            return None
        return next((own for own in self.plan.vms if own.name == (name or vm.name)), None)

    def starts_again(self, vm: LiveVm) -> bool:
        """Whether a VM that is off needs room to start again: one of the plan's, or that may be one where no ledger tells."""
        return self.own(vm) is not None or (not self.recorded and vm.folder == self.plan.place.folder)

    def rate(self, vm: LiveVm, disk: Chain) -> Rate:
        """How fast a disk is written to: as the plan says, in proportion where the disk has grown; else as much as any."""
        need = _need(self, vm, disk)
        if need is None:
            change = UNKNOWN_CHANGE_PER_DAY
            return Rate(change * disk.capacity_gib, f"{show(change)} × {show(disk.capacity_gib)} GiB", known=False)
        grown = max(1.0, disk.capacity_gib / need.counted.value)
        text = need.written_per_day.formula + (f" × {show(grown)}" if grown > 1 else "")
        return Rate(need.written_per_day.gib * grown, text, known=True)

    def bound_gib(self, disk: Chain) -> float:
        """The most that a delta of a disk takes."""
        return disk.capacity_gib * (1 + self.platform.storage.overheads.delta_fraction)

    def written_gib(self, vm: LiveVm, disk: Chain, hours: float) -> float:
        """What is written to a disk in some hours."""
        return self.rate(vm, disk).gib_per_day * self.factor * hours / HOURS_PER_DAY

    def growing(self, vm: LiveVm, disk: Chain) -> Growing:
        """How the delta that a disk has now grows on."""
        return Growing(self.written_gib(vm, disk, 1), max(0.0, self.bound_gib(disk) - disk.active_gib))

    def remaining_hours(self, vm: LiveVm) -> float:
        """How long the snapshots of a VM still go on."""
        return remaining_hours(vm, self.platform.snapshots.hold_hours, self.look.at)


def planned(plan: Plan, vm: LiveVm) -> bool:
    """Whether a VM is the plan's, by name and folder."""
    return vm.folder == plan.place.folder and any(vm.name == own.name for own in plan.vms)


def label(world: World, vm: LiveVm, disk: Chain) -> str:
    """What the plan calls a disk, else its key."""
    need = _need(world, vm, disk)
    return need.label if need else f"disk {disk.key}"


def _need(world: World, vm: LiveVm, disk: Chain) -> DiskNeed | None:
    own = world.own(vm)
    known = next((d.label for d in own.disks if d.unit == disk.unit), None) if own else None
    return next((n for n in world.plan.sizing.disks if own and n.vm == own.server and n.label == known), None)
