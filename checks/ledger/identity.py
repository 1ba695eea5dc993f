"""Which disk is which: recorded after an apply, and compared with what is there before the next one.

The engine's state knows a disk by its label and its file. Both can be the same while the disk is another: two that swapped their places,
one that a restore put back, a copy of the VM that the provider takes for it, since it looks VMs up by BIOS UUID. So a ledger keeps what the
disk itself says, its UUID. It holds no secret, and it is data: reading it changes nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from checks.snapshots.modes import modes
from checks.snapshots.world import World, label, planned
from checks.vcenter.chains import Chain, LiveVm
from config import Role
from config.base import Model
from config.findings import Finding, Level, ordered
from plan import Plan, Vm

FORMAT: Final = 1  # of the file; a ledger of another format is refused
UNRECORDED_STEP = "Look at the disks in vCenter, and at what preflight finds; then: mailstead ledger write STACK"  # of what no ledger has


class LedgerDisk(Model):
    """A disk of a VM."""

    label: str
    unit: int
    """Unit on the first SCSI controller."""
    uuid: str
    """The disk's own UUID; empty where vSphere gives it none, which is then known by its file."""
    file: str
    """The VMDK of its base."""
    datastore: str
    size_gib: float
    mail_data: bool

    @property
    def identity(self) -> str:
        """What it is known by."""
        return self.uuid or self.file


class LedgerVm(Model):
    """A VM of the stack with its disks."""

    name: str
    server: str
    roles: tuple[str, ...]
    instance_uuid: str
    """What vCenter knows it by: no copy shares it."""
    bios_uuid: str
    """What the provider looks it up by: a copy may share it."""
    disks: tuple[LedgerDisk, ...]


class Ledger(Model):
    """All disks of a stack."""

    format: Literal[1] = FORMAT
    site: str
    vcenter_uuid: str
    serial: int
    """How often it was written: of two copies the one with the higher number is the newer."""
    written: datetime
    """By vCenter's clock."""
    vms: tuple[LedgerVm, ...]


def record(world: World, vcenter_uuid: str, last: Ledger | None) -> Ledger:
    """The ledger of what is there now."""
    vms = [_vm(world, own, vm) for own in world.plan.vms if (vm := world.in_place(own.name))]
    return Ledger(
        site=world.plan.site,
        vcenter_uuid=vcenter_uuid,
        serial=last.serial + 1 if last else 1,
        written=world.look.at,
        vms=tuple(sorted(vms, key=lambda vm: vm.name)),
    )


def _vm(world: World, own: Vm, vm: LiveVm) -> LedgerVm:
    kept = {disk.unit: disk.mail_data for disk in own.disks}
    disks = [
        LedgerDisk(
            label=label(world, vm, disk),
            unit=disk.unit,
            uuid=disk.uuid,
            file=disk.base,
            datastore=disk.base.removeprefix("[").partition("]")[0],
            size_gib=disk.capacity_gib,
            mail_data=kept[disk.unit],
        )
        for disk in vm.disks
        if disk.unit in kept and disk.unit is not None
    ]
    return LedgerVm(
        name=vm.name,
        server=own.server,
        roles=tuple(own.roles),
        instance_uuid=vm.instance_uuid,
        bios_uuid=vm.bios_uuid,
        disks=tuple(sorted(disks, key=lambda disk: disk.unit)),
    )


def differences(ledger: Ledger, world: World, vcenter_uuid: str) -> tuple[Finding, ...]:
    """What is not as the ledger has it; of a stack that declares its data disposable nothing is worse than a warning."""
    if ledger.vcenter_uuid != vcenter_uuid:
        of = f"was written of the vCenter {ledger.vcenter_uuid}" if ledger.vcenter_uuid else "does not say of which vCenter it is"
        said = of, f"of {vcenter_uuid or 'a server that has no UUID'}, which was asked"
        step = "Log in at the right vCenter; if the platform was moved, look at every disk and write the ledger anew with --accept"
        found = [_finding("other-vcenter", "ledger", (*said, "Nothing of it can be compared", step))]
    else:
        found = [*_vms(ledger, world), *_twins(ledger, world), *_shared(ledger, world), *_unrecorded(ledger, world)]
    return ordered(softened(found, world.plan))


def unguarded(world: World, path: Path, vcenter_uuid: str) -> tuple[Finding, ...]:
    """That VMs of the stack are there and no ledger is, and all that can be told of their disks without one."""
    there = [vm.name for vm in world.look.vms if planned(world.plan, vm)]
    found = list(differences(record(world, vcenter_uuid, None), world, vcenter_uuid))
    if there and not world.plan.disposable:
        said = f"has {len(there)} VMs and no ledger ({path})", "recorded after each apply"
        consequence = "Nothing tells whether their disks are the ones that they had: the hooks refuse each change of one with mail data"
        step = f"{UNRECORDED_STEP}, or set MAILSTEAD_LEDGERS to where the ledger is"
        level = Level.UNSAFE if any(keeps_mail(world.plan, name) for name in there) else Level.WARNING
        found.append(_finding("unrecorded", "the stack", (*said, consequence, step), level))
    return ordered(found)


def keeps_mail(plan: Plan, name: str) -> bool:
    """Whether a VM has a disk with mail data; one that the plan does not know may have."""
    own = next((vm for vm in plan.vms if vm.name == name), None)
    return own is None or any(disk.mail_data for disk in own.disks)


def softened(found: Iterable[Finding], plan: Plan) -> list[Finding]:
    """The findings; of a stack that declares its data disposable nothing is worse than a warning."""
    if not plan.disposable:
        return list(found)
    return [f.noted(f"{f.next_step}; the stack's data is disposable", Level.WARNING) if f.level is Level.UNSAFE else f for f in found]


def _finding(rule: str, subject: str, said: tuple[str, str, str, str], level: Level = Level.UNSAFE, names: tuple[str, ...] = ()) -> Finding:
    return Finding(level, rule, subject, *said, names=names or (subject,))


def _vms(ledger: Ledger, world: World) -> Iterator[Finding]:
    """The VMs of the ledger that the plan still has: there, themselves, with their disks."""
    wanted = {vm.name for vm in world.plan.vms}
    for known in ledger.vms:
        if known.name not in wanted:
            continue  # taken out of the stack: whoever runs it now may do with it as they like
        yield from _role(known, world.plan)
        live = next((vm for vm in world.look.vms if vm.instance_uuid == known.instance_uuid), None)
        named = world.in_place(known.name)
        if live:
            yield from _disks(known, live, world)
        elif named:
            same = "the same BIOS UUID" if named.bios_uuid == known.bios_uuid else "another BIOS UUID"
            said = f"is another VM (instance {named.instance_uuid}, with {same})", f"instance {known.instance_uuid}"
            consequence = "It was restored, cloned or made anew under this name: what it holds may be old, or empty"
            yield _finding("vm-exchanged", known.name, (*said, consequence, _accept("Find out which of them has the mail")))
        else:
            gone = f"is not there (instance {known.instance_uuid})", "there, or taken out of the stack"
            consequence = "To the provider it is gone: up would make a new one, with empty disks"
            step = _accept("Bring it back into the inventory (Register VM, from its .vmx)")
            yield _finding("vm-gone", known.name, (*gone, consequence, step))


def made_as(roles: Iterable[str]) -> frozenset[str]:
    """The roles that decide what a server is made from and which disks it has; the directory joins others, with a disk of its own."""
    return frozenset(map(str, roles)) - {Role.DIRECTORY}


def _role(known: LedgerVm, plan: Plan) -> Iterator[Finding]:
    """That the stack gives a server another role: its name stays, so to the engine it is the VM, and its queue the queue."""
    own = next(vm for vm in plan.vms if vm.name == known.name)
    if made_as(own.roles) == made_as(known.roles):
        return
    now, was = " and ".join(own.roles), " and ".join(known.roles)
    said = f"is {now} in the stack, and was made as {was}", "the role that it was made with"
    consequence = (
        f"Its system and its disks stay those of {was}: what it queued there is another role's mail, and nothing serves the new role"
    )
    step = _accept("Take the edit back; give the new role to a server of a new name, and drain this one (docs/draining.md)")
    yield _finding("role-changed", known.name, (*said, consequence, step))


def _accept(first: str) -> str:
    return f"{first}; if it is meant: mailstead ledger write STACK --accept"


def _disks(known: LedgerVm, live: LiveVm, world: World) -> Iterator[Finding]:
    here = {_identity(disk): disk for disk in live.disks}
    at_unit = {disk.unit: disk for disk in live.disks if disk.unit is not None}
    units = {disk.unit for vm in world.plan.vms if vm.name == known.name for disk in vm.disks}
    for disk in known.disks:
        if disk.unit not in units:
            continue  # its role has left the server: that no data goes with it is for checks.disks to see
        subject, was = f"{live.name}/{disk.label}", f"disk {disk.identity}, {disk.size_gib:g} GiB, at unit {disk.unit}"
        names, found, other = (subject, disk.uuid), here.get(disk.identity), at_unit.get(disk.unit)
        if found is None:
            now = f"disk {_identity(other)}, {other.capacity_gib:g} GiB, is at its unit" if other else "is not on its VM"
            consequence = "What is there now is not what was recorded: a restore, a blank disk, or one put there by hand"
            step = _accept("Find the recorded disk before anything is applied")
            yield _finding("disk-exchanged" if other else "disk-missing", subject, (now, was, consequence, step), names=names)
        elif found.unit != disk.unit:
            now = f"is at unit {found.unit}" if found.unit is not None else "is on another controller"
            consequence = "The provider takes another disk for it, and the guest may mount another: an edit of one would change the other"
            yield _finding("disk-swapped", subject, (now, was, consequence, _accept("Put it back to its unit")), names=names)
        elif found.base != disk.file:
            consequence = "The engine's state has the old place: up would move it back"
            step = "Edit lun of its server to where it is, or let up move it back"
            yield _finding("disk-moved", subject, (f"is {found.base}", disk.file, consequence, step), Level.WARNING, names)
    yield from _outside(known, live, world)
    yield from modes(world, live)


def _identity(disk: Chain) -> str:
    return disk.uuid or disk.base


def _outside(known: LedgerVm, live: LiveVm, world: World) -> Iterator[Finding]:
    """Disks that neither the ledger nor the plan has, and those that the plan has and the ledger does not."""
    recorded = {disk.identity for disk in known.disks}
    own = {disk.unit: disk for vm in world.plan.vms if vm.name == known.name for disk in vm.disks}
    units = own.keys() - {disk.unit for disk in known.disks}
    for disk in live.disks:
        if _identity(disk) in recorded or any(disk.unit == recorded_.unit for recorded_ in known.disks):
            continue
        subject, said = (
            f"{live.name}/{disk.key}",
            (f"disk {_identity(disk)}, {disk.capacity_gib:g} GiB ({disk.base})", "a disk of the stack"),
        )
        if disk.unit in units:
            level = Level.UNSAFE if disk.unit is not None and own[disk.unit].mail_data else Level.WARNING
            consequence = "Nothing tells whether it is the disk that the VM had: the hooks refuse a change of a VM with such mail data"
            yield _finding("unrecorded", subject, (*said, consequence, UNRECORDED_STEP), level, (subject, disk.uuid))
        else:
            consequence = "Somebody has added it: the provider may take it off its VM with the next update, and delete it"
            step = "Detach it or move it to another VM; nothing of the stack may need it"
            yield _finding("outside-disk", subject, (*said, consequence, step), names=(subject, disk.uuid))


def _twins(ledger: Ledger, world: World) -> Iterator[Finding]:
    """Other VMs with the BIOS UUID of one of the stack's."""
    for known in ledger.vms:
        for vm in world.look.vms:
            if vm.bios_uuid and vm.bios_uuid == known.bios_uuid and _another(vm, known, world):
                said = f"has the BIOS UUID of {known.name} ({vm.bios_uuid})", "its own"
                consequence = "The provider looks VMs up by it: an apply may change or delete the wrong one"
                step = "Give the copy its own (uuid.bios in its .vmx), or take it out of this vCenter"
                yield _finding(
                    "same-bios-uuid", f"{vm.folder}/{vm.name}".lstrip("/"), (*said, consequence, step), names=(vm.name, known.name)
                )


def _another(vm: LiveVm, known: LedgerVm, world: World) -> bool:
    """Whether a VM is neither the recorded one nor the one in its place, of which more is said elsewhere."""
    return vm.instance_uuid != known.instance_uuid and not (vm.name == known.name and planned(world.plan, vm))


def _shared(ledger: Ledger, world: World) -> Iterator[Finding]:
    """Disks of the ledger that another VM has too."""
    owners = {disk.identity: (known, disk) for known in ledger.vms for disk in known.disks}
    for vm in world.look.vms:
        for disk in vm.disks:
            known, own = owners.get(_identity(disk), (None, None))
            if known and own and _another(vm, known, world):
                what = "the very file" if disk.base == own.file else "a copy with the same UUID"
                said = f"{vm.name} has it too ({what}: {disk.base})", f"only {known.name}"
                consequence = (
                    "What one VM writes destroys what the other has written" if disk.base == own.file else "One may be taken for the other"
                )
                step = "Detach it from the other VM, without deleting its file" if disk.base == own.file else "Give the copy its own UUID"
                level = Level.UNSAFE if disk.base == own.file else Level.WARNING
                yield _finding(
                    "disk-shared", f"{known.name}/{own.label}", (*said, consequence, step), level, (f"{known.name}/{own.label}", own.uuid)
                )


def _unrecorded(ledger: Ledger, world: World) -> Iterator[Finding]:
    recorded = {vm.name for vm in ledger.vms}
    for vm in world.look.vms:
        if planned(world.plan, vm) and vm.name not in recorded:
            consequence = (
                "An apply that was interrupted made it, or the stack let go of it: where the state does not know it, up can't make it again"
            )
            step = (
                f"{UNRECORDED_STEP}. If the state does not have it (make pulumi STACK=NAME ARGS='stack --show-ids'): "
                "docs/edits.md (Putting a server back)"
            )
            level = Level.UNSAFE if keeps_mail(world.plan, vm.name) else Level.WARNING
            yield _finding("unrecorded", vm.name, ("is in no ledger", "recorded", consequence, step), level)
