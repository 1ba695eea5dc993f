"""Disks whose file two VMs of a preview would have: what one writes destroys what the other has written."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from config.findings import Finding
from config.storage import VMDK_PARTS
from review.disks import MACHINE, Disk, disks
from review.preview import REPLACED, Preview, Step, seen
from review.rules import finding

_PARTS = re.compile(rf"({VMDK_PARTS})*\.vmdk$")


def shared(preview: Preview) -> Iterator[Finding]:
    """A finding for each disk that a VM newly attaches and another VM has, and keeps."""
    machines = [step for step in preview.steps if step.type == MACHINE]
    holders = defaultdict[str, list[tuple[str, Disk]]](list)
    for step in machines:
        for disk in _held(step):
            holders[_file(disk)].append(("" if _runs_on(step) else step.urn, disk))
    for step in machines:
        if step.op not in REPLACED | {"create", "import", "update"}:
            continue
        before = set() if _runs_on(step) else {_file(disk) for disk in disks(step.title, step.old) or ()}
        for disk in disks(step.title, step.new) or ():
            if disk.values.get("attach") is not True or not _file(disk) or _file(disk) in before:
                continue
            others = [other for urn, other in holders[_file(disk)] if urn != step.urn and _may_share(disk, other)]
            if others:
                found = f"is attached, and {others[0].vm}/{others[0].label} is the same file"
                yield finding("disk-shared", disk.title, found, disk.names)


def _held(step: Step) -> Iterator[Disk]:
    """The disks that a VM has after the apply, with their files as far as they are known; one that only leaves the stack keeps its own."""
    if _runs_on(step):
        yield from disks(step.title, step.old) or ()
    if step.op in ("delete", "delete-replaced"):
        return
    before = {disk.label: disk for disk in disks(step.title, step.old) or ()}
    for disk in disks(step.title, step.new if step.new_state else step.old) or ():
        there = before.get(disk.label)
        yield disk if _file(disk) or there is None else there


def _runs_on(step: Step) -> bool:
    """Whether the VM that there was leaves the stack, and stays in vCenter with its disks."""
    old = step.old_state
    return step.op in REPLACED | {"delete"} and old is not None and old.retain_on_delete


def _may_share(one: Disk, other: Disk) -> bool:
    """Whether two files of one path are on one datastore, as far as is known."""
    stores = {store for disk in (one, other) if isinstance(store := disk.values.get("datastoreId"), str) and store and seen(store)}
    return len(stores) < 2  # one that is not known may be either


def _file(disk: Disk) -> str:
    """The file's path on its datastore; empty where it is not known."""
    return plain(disk.values.get("path"))


def plain(path: Any) -> str:
    """A disk's path on its datastore, whichever of its files is named and however it is spelled; empty where it is not known."""
    known = path if isinstance(path, str) and seen(path) else ""
    return _PARTS.sub(".vmdk", known.rpartition("] ")[2].lstrip("/").casefold())
