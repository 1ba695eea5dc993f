"""Files that a program puts on datastores: a disk is a file too, and a move takes the place of what is there without asking.

What an update does is the provider's source (1.26.0, resource_vsphere_file.go): another path, datastore or datacenter is one move, with
force, which overwrites whatever no running VM has locked. A new file is uploaded over what is there.
"""

from collections.abc import Iterator

from config.findings import Finding
from review.disks import MACHINE, disks
from review.preview import REPLACED, Preview, Step, seen
from review.rules import finding
from review.sharing import plain
from review.stateful import FILE, VIRTUAL_DISK, called, is_disk, titled

_WHERE = ("destinationFile", "datastore", "datacenter")
"""What an update moves a file for."""


def moved(preview: Preview) -> Iterator[Finding]:
    """A finding for each file that takes the place of a disk, and for each disk that is moved away from its place."""
    stores = {
        s.old_state.id: s.title for s in preview.steps if s.old_state and s.type.rpartition(":")[2] in ("VmfsDatastore", "NasDatastore")
    }
    there = [*_of_machines(preview, stores), *_alone(preview)]
    for step in preview.steps:
        if step.type == FILE and step.new_state and step.op in REPLACED | {"create", "update"}:
            yield from _put(step, there)


def _put(step: Step, there: list[tuple[str, str, str]]) -> Iterator[Finding]:
    before, after = (tuple(values.get(key) for key in _WHERE) for values in (step.old, step.new))
    goes = before != after if step.op == "update" else True
    path = step.new.get("destinationFile")
    if not goes:
        return
    if step.op == "update" and (is_disk(step.old) or is_disk(step.new)):
        yield finding(
            "file-moved", titled(step), f"{before[0]} is moved to {after[0] if seen(after[0]) else 'where nobody sees'}", called(step)
        )
    elif not isinstance(path, str) or not seen(path):
        yield finding("disks-unseen", titled(step), "destinationFile: known only after apply", called(step))
    store = step.new.get("datastore")
    for title, file, its in there:
        elsewhere = its and isinstance(store, str) and seen(store) and its != store.rpartition("/")[2]
        if isinstance(path, str) and file == plain(path) and not elsewhere:
            yield finding("file-overwritten", titled(step), f"{path} is the file of {title}", called(step))
            return


def _of_machines(preview: Preview, stores: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """The disks that VMs have before the apply: title, file, and the name of the datastore where it is known."""
    for step in preview.steps:
        for disk in (disks(step.title, step.old) or ()) if step.type == MACHINE else ():
            if file := plain(disk.values.get("path")):
                yield f"{disk.vm}/{disk.label}", file, stores.get(str(disk.values.get("datastoreId")), "")


def _alone(preview: Preview) -> Iterator[tuple[str, str, str]]:
    """The disks that are no VM's resource."""
    for step in preview.steps:
        if step.type == VIRTUAL_DISK and (file := plain(step.old.get("vmdkPath"))):
            yield titled(step), file, str(step.old.get("datastore") or "")
