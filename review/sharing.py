"""Disks whose file two VMs of a preview would have: what one writes destroys what the other has written."""

from collections import defaultdict
from collections.abc import Iterator

from config.findings import Finding
from review.disks import MACHINE, Disk, disks
from review.preview import REPLACED, Preview, Step, seen
from review.rules import finding


def shared(preview: Preview) -> Iterator[Finding]:
    """A finding for each disk that a VM newly attaches and another VM has, and keeps."""
    machines = [step for step in preview.steps if step.type == MACHINE]
    holders = defaultdict[str, list[tuple[str, Disk]]](list)
    for step in machines:
        for disk in _held(step):
            holders[_file(disk)].append((step.urn, disk))
    for step in machines:
        if step.op not in REPLACED | {"create", "import", "update"}:
            continue
        before = {_file(disk) for disk in disks(step.title, step.old) or ()}
        for disk in disks(step.title, step.new) or ():
            if disk.values.get("attach") is not True or not _file(disk) or _file(disk) in before:
                continue
            others = [other for urn, other in holders[_file(disk)] if urn != step.urn and _may_share(disk, other)]
            if others:
                found = f"is attached, and {others[0].vm}/{others[0].label} is the same file"
                yield finding("disk-shared", disk.title, found, disk.names)


def _held(step: Step) -> Iterator[Disk]:
    """The disks that a VM has after the apply, with their files as far as they are known."""
    if step.op in ("delete", "delete-replaced"):
        return
    before = {disk.label: disk for disk in disks(step.title, step.old) or ()}
    for disk in disks(step.title, step.new if step.new_state else step.old) or ():
        there = before.get(disk.label)
        yield disk if _file(disk) or there is None else there


def _may_share(one: Disk, other: Disk) -> bool:
    """Whether two files of one path are on one datastore, as far as is known."""
    stores = {store for disk in (one, other) if isinstance(store := disk.values.get("datastoreId"), str) and store and seen(store)}
    return len(stores) < 2  # one that is not known may be either


def _file(disk: Disk) -> str:
    """The file's path on its datastore; empty where it is not known."""
    path = disk.values.get("path")
    known = path if isinstance(path, str) and seen(path) else ""
    return known.rpartition("] ")[2].lstrip("/")
