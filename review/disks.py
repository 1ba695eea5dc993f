"""The disks of a VM before and after: what an update that looks harmless does to the data on them.

The provider tells disks apart by their label. A disk whose label is gone is taken from the VM, and its file deleted unless
`keepOnRemove` was in the state: in what previews as an update, which `protect` does not stop (provider documentation, `disk`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.findings import Finding, Level
from config.storage import LOSING_MODES
from review.preview import Step, seen
from review.rules import finding

MACHINE = "vsphere:index/virtualMachine:VirtualMachine"
ORPHANED = "orphaned_disk_"
"""Begins the label that the provider gives to a disk which came back after a refresh has missed it; no program says it."""
_TELLING = ("unitNumber", "controllerType", "diskMode", "size", "path", "attach")
"""What a disk is known by, or destroyed by: none of it may be known only after the apply."""
_DEFAULTS = {"unitNumber": 0, "controllerType": "scsi", "diskMode": "persistent", "diskSharing": "sharingNone", "attach": False}
"""What the provider takes for what a program leaves out (provider documentation, `disk`)."""
_CONTROLLERS = {"scsiType": "controller", "scsiBusSharing": "bus sharing"}
_COUNTS = {"scsi": "scsiControllerCount", "sata": "sataControllerCount", "nvme": "nvmeControllerCount", "ide": "ideControllerCount"}
"""How many controllers of a type a VM has."""


@dataclass(frozen=True)
class Disk:
    """A disk of a VM as the state or the program has it."""

    vm: str
    label: str
    size_gib: float | None
    values: dict[str, Any]

    @property
    def kept(self) -> bool:
        """Whether its file stays when it leaves its VM: asked for, or a file that the VM was only given."""
        return self.values.get("keepOnRemove") is True or self.values.get("attach") is True

    @property
    def names(self) -> tuple[str, ...]:
        """What a waiver may call it by."""
        uuid = self.values.get("uuid")
        return (f"{self.vm}/{self.label}", *([uuid] if isinstance(uuid, str) and uuid and seen(uuid) else ()))

    @property
    def title(self) -> str:
        """The disk with what tells it apart from others."""
        size = "" if self.size_gib is None else f", {_shown(self.size_gib)} GiB"
        known = [str(self.values[key]) for key in ("path", "uuid") if self.values.get(key) and seen(self.values[key])]
        return f"{self.vm}/{self.label}{size}" + (f" ({', '.join(known)})" if known else "")


def disks(vm: str, values: dict[str, Any]) -> tuple[Disk, ...] | None:
    """The disks in a VM's values; None where they can't be seen before apply."""
    listed = values.get("disks", [])
    if not isinstance(listed, list) or any(not isinstance(d, dict) or not seen(d.get("label", "")) for d in listed):
        return None
    return tuple(_disk(vm, found) for found in listed)


def _shown(gib: float) -> str:
    return f"{gib:,.2f}".removesuffix(".00")


def _disk(vm: str, found: dict[str, Any]) -> Disk:
    size = found.get("size")
    known = float(size) if isinstance(size, int | float) and not isinstance(size, bool) else None
    return Disk(vm, str(found.get("label") or found.get("name") or ""), known, found)


def updated(step: Step) -> Iterator[Finding]:
    """What an update of a VM does to its disks."""
    before, after = disks(step.title, step.old), disks(step.title, step.new)
    if after is None or before is None or "disks" not in step.old:
        yield finding("disks-unseen", step.title, "its disks are known only after apply", (step.title, step.name))
        return
    labels = [disk.label for disk in after]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        found = f"{labels.count(label)} disks are labelled {label}" if label else f"{labels.count(label)} disks have no label"
        yield finding("disks-unseen", step.title, found, (step.title, step.name))
    yield from _moved_with_its_vm(step)
    moved = step.new.get("datastoreId") if step.old.get("datastoreId") != step.new.get("datastoreId") else None
    yield from _controllers(step, after)
    kept = {disk.label: disk for disk in after}
    fresh = [disk for disk in after if disk.label not in {old.label for old in before}]
    for old in before:
        new = kept.get(old.label)
        along = moved is not None and new is not None and new.values.get("datastoreId") == moved
        yield from _dropped(old, fresh) if new is None else _changed(old, new, along=along)
    for disk in fresh:
        yield from _forgets(disk)


def made(step: Step) -> Iterator[Finding]:
    """Disks that a new VM would not keep its data on."""
    for disk in disks(step.title, step.new) or ():
        yield from _forgets(disk)


def _forgets(disk: Disk) -> Iterator[Finding]:
    if disk.values.get("diskMode") in LOSING_MODES:
        yield finding("disk-mode", disk.title, f"disk mode {disk.values['diskMode']}", disk.names)


def lost(step: Step) -> Iterator[Finding]:
    """The disks whose files go with their VM when it is deleted."""
    before = disks(step.title, step.old)
    if before is None or step.old_state is None:
        yield finding("disks-unseen", step.title, "the disks that it has are not shown", (step.title, step.name))
    for disk in before or ():
        if not disk.kept:
            yield finding("disk-lost", disk.title, "its VM is deleted, and keepOnRemove is not in the state", disk.names)


def _dropped(old: Disk, fresh: list[Disk]) -> Iterator[Finding]:
    heir = next((d for d in fresh if d.values.get("unitNumber") == old.values.get("unitNumber")), fresh[0] if fresh else None)
    rule = "disk-detached" if old.kept else "disk-destroyed"
    found = f"relabelled {heir.label}" if heir else "no longer listed"
    back = f"label it {old.label} again" if heir else "list it again"
    if old.label.startswith(ORPHANED):
        back = "give it its label back in the engine's state (docs/ledger.md, When it says no)"
    yield finding(rule, old.title, found, old.names, label=old.label, back=back)


def _moved_with_its_vm(step: Step) -> Iterator[Finding]:
    """A VM that leaves its datastore, or its datastore cluster: what is on neither depends on both meanwhile."""
    for key in ("datastoreId", "datastoreClusterId"):
        before, after = step.old.get(key), step.new.get(key)
        if before and after and before != after:
            yield finding("disk-moved", step.title, "moves to another datastore", (step.title, step.name), Level.WARNING)


def _controllers(step: Step, after: tuple[Disk, ...]) -> Iterator[Finding]:
    """Controllers of another type, or fewer than there were: the guest may not find its disks on them."""
    names = (step.title, step.name)
    for key, what in _CONTROLLERS.items():
        old, new = step.old.get(key), step.new.get(key)
        if old and new and old != new:
            found = f"{what} {new if seen(new) else 'known only after apply'}"
            yield finding("controller-changed", step.title, found, names, what=what, old=old)
    for kind, key in _COUNTS.items():
        old, new = step.old.get(key), step.new.get(key)
        fewer = isinstance(old, int | float) and new is not None and not (isinstance(new, int | float) and new >= old)
        if fewer and any(_said(disk, "controllerType") == kind for disk in after):
            found = f"{new if seen(new) else 'an unknown number of'} {kind} controllers"
            yield finding("controller-changed", step.title, found, names, what=f"{kind} controllers:", old=old)


def _changed(old: Disk, new: Disk, *, along: bool) -> Iterator[Finding]:
    """What becomes of a disk that stays; `along`: its VM moves to the datastore that the disk is then on."""
    before, after = old.values, new.values
    guarded = before.get("keepOnRemove") is True
    telling = (*_TELLING, "diskSharing", *(["keepOnRemove"] if guarded else []))
    unseen = [key for key in telling if after.get(key) is not None and not seen(after[key])]
    if unseen:
        yield finding("disks-unseen", old.title, f"{', '.join(unseen)}: known only after apply", old.names)
    elif after.get("size") is not None and new.size_gib is None:
        yield finding("disks-unseen", old.title, "size: no number", old.names)
    if old.size_gib is not None and new.size_gib is not None and new.size_gib < old.size_gib:
        yield finding("disk-shrunk", old.title, f"{_shown(new.size_gib)} GiB", old.names, old=_shown(old.size_gib))
    for key, what in (("unitNumber", "unit"), ("controllerType", "controller")):
        if _differs(old, new, key):
            yield finding("disk-renumbered", old.title, f"{what} {_said(new, key)}", old.names, what=what, old=_said(old, key))
    if _differs(old, new, "diskMode"):
        yield from _forgets(new)
    if _differs(old, new, "diskSharing") and _said(old, "diskSharing") == _DEFAULTS["diskSharing"]:
        yield finding("disk-unlocked", old.title, f"disk sharing {after['diskSharing']}", old.names)
    yield from _exchanged(old, new, along=along)
    if guarded and not after.get("keepOnRemove"):
        yield finding("disk-unguarded", old.title, "keepOnRemove is taken away", old.names)


def _exchanged(old: Disk, new: Disk, *, along: bool) -> Iterator[Finding]:
    """Another file under the same label, or the same elsewhere: a file that a VM was given does not move along."""
    before, after = old.values, new.values
    attached = before.get("attach") is True
    moved = _differs(old, new, "datastoreId") or bool(
        before.get("datastoreId") and after.get("datastoreId") and not seen(after["datastoreId"])
    )
    let_go = attached and not (after.get("attach") and after.get("path"))
    if let_go or _differs(old, new, "path") or _differs(old, new, "attach") or (attached and moved):
        yield finding("disk-exchanged", old.title, "another file under the same label", old.names, old=before.get("path") or "it has")
    elif moved:
        level = Level.WARNING if along else Level.UNSAFE
        yield finding("disk-moved", old.title, f"moves to another datastore{' with its VM' * along}", old.names, level)


def _said(disk: Disk, key: str) -> Any:
    value = disk.values.get(key)
    return _DEFAULTS.get(key) if value is None else value


def _differs(old: Disk, new: Disk, key: str) -> bool:
    """Whether a value that was known becomes another one that is known; one that is left out is the provider's default."""
    before, after = _said(old, key), _said(new, key)
    return before is not None and after is not None and seen(after) and before != after
