"""Disks whose file two VMs of a preview would have: what one writes destroys what the other has written."""

from collections.abc import Iterator

from config.findings import Finding
from review.disks import MACHINE, Disk, disks
from review.preview import REPLACED, SECRET, UNKNOWN, Preview, Step
from review.rules import finding


def shared(preview: Preview) -> Iterator[Finding]:
    """A finding for each disk that a VM newly attaches and another VM has, and keeps."""
    machines = [step for step in preview.steps if step.type == MACHINE]
    holders = [(step.urn, disk) for step in machines for disk in _held(step)]
    for step in machines:
        if step.op not in REPLACED | {"create", "import", "update"}:
            continue
        before = {_file(disk) for disk in disks(step.title, step.old) or ()}
        for disk in disks(step.title, step.new) or ():
            others = [other for urn, other in holders if urn != step.urn and _same(disk, other)]
            if disk.values.get("attach") is True and _file(disk) not in before and others:
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


def _same(one: Disk, other: Disk) -> bool:
    stores = {disk.values.get("datastoreId") for disk in (one, other)} - {None, "", UNKNOWN, SECRET}
    return bool(_file(one)) and _file(one) == _file(other) and len(stores) < 2  # one that is not known may be either


def _file(disk: Disk) -> str:
    """The file's path on its datastore; empty where it is not known."""
    path = disk.values.get("path")
    known = path if isinstance(path, str) and path not in (UNKNOWN, SECRET) else ""
    return known.rpartition("] ")[2].lstrip("/")
