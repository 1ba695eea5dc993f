"""The disks of a VM before and after: what an update that looks harmless does to the data on them.

The provider tells disks apart by their label. A disk whose label is gone is taken from the VM, and its file deleted unless
`keepOnRemove` was in the state: in what previews as an update, which `protect` does not stop (provider documentation, `disk`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.findings import Finding
from config.storage import LOSING_MODES
from review.preview import SECRET, UNKNOWN, Step
from review.rules import finding

MACHINE = "vsphere:index/virtualMachine:VirtualMachine"
_UNSEEN = (UNKNOWN, SECRET)
_TELLING = ("unitNumber", "controllerType", "diskMode", "size", "path", "attach")
"""What a disk is known by, or destroyed by: none of it may be known only after the apply."""


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
        return (f"{self.vm}/{self.label}", *([uuid] if isinstance(uuid, str) and uuid else ()))

    @property
    def title(self) -> str:
        """The disk with what tells it apart from others."""
        size = "" if self.size_gib is None else f", {self.size_gib:g} GiB"
        known = [str(self.values[key]) for key in ("path", "uuid") if self.values.get(key)]
        return f"{self.vm}/{self.label}{size}" + (f" ({', '.join(known)})" if known else "")


def disks(vm: str, values: dict[str, Any]) -> tuple[Disk, ...] | None:
    """The disks in a VM's values; None where they can't be seen before apply."""
    listed = values.get("disks", [])
    if not isinstance(listed, list) or any(not isinstance(d, dict) or d.get("label") in _UNSEEN for d in listed):
        return None
    return tuple(_disk(vm, found) for found in listed)


def _disk(vm: str, found: dict[str, Any]) -> Disk:
    size = found.get("size")
    known = float(size) if isinstance(size, int | float) and not isinstance(size, bool) else None
    return Disk(vm, str(found.get("label") or found.get("name") or ""), known, found)


def updated(step: Step) -> Iterator[Finding]:
    """What an update of a VM does to its disks."""
    before, after = disks(step.title, step.old), disks(step.title, step.new)
    if after is None or before is None or step.old_state is None:
        yield finding("disks-unseen", step.title, "its disks are known only after apply", (step.title, step.name))
        return
    kept = {disk.label: disk for disk in after}
    fresh = [disk for disk in after if disk.label not in {old.label for old in before}]
    for old in before:
        new = kept.get(old.label)
        yield from _dropped(old, fresh) if new is None else _changed(old, new)
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
    yield finding(rule, old.title, found, old.names, label=old.label, back=back)


def _changed(old: Disk, new: Disk) -> Iterator[Finding]:
    before, after = old.values, new.values
    guarded = before.get("keepOnRemove") is True
    unseen = [key for key in (*_TELLING, *(["keepOnRemove"] if guarded else [])) if after.get(key) in _UNSEEN]
    if unseen:
        yield finding("disks-unseen", old.title, f"{', '.join(unseen)}: known only after apply", old.names)
    if old.size_gib is not None and new.size_gib is not None and new.size_gib < old.size_gib:
        yield finding("disk-shrunk", old.title, f"{new.size_gib:g} GiB", old.names, old=old.size_gib)
    for key, what in (("unitNumber", "unit"), ("controllerType", "controller")):
        if _differs(old, new, key):
            yield finding("disk-renumbered", old.title, f"{what} {after[key]}", old.names, what=what, old=before[key])
    if _differs(old, new, "diskMode"):
        yield from _forgets(new)
    let_go = before.get("attach") is True and not (after.get("attach") and after.get("path"))
    if let_go or _differs(old, new, "path") or _differs(old, new, "attach"):
        yield finding("disk-exchanged", old.title, "another file under the same label", old.names, old=before.get("path") or "it has")
    if _differs(old, new, "datastoreId") or (before.get("datastoreId") and after.get("datastoreId") == UNKNOWN):
        yield finding("disk-moved", old.title, "moves to another datastore", old.names)
    if guarded and not after.get("keepOnRemove"):
        yield finding("disk-unguarded", old.title, "keepOnRemove is taken away", old.names)


def _differs(old: Disk, new: Disk, key: str) -> bool:
    before, after = old.values.get(key), new.values.get(key)
    return before is not None and after is not None and after not in _UNSEEN and before != after
