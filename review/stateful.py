"""What holds mail, and what happens when it is deleted or replaced.

Replacement is a delete with a new, empty thing after it; with a name given by the user the delete comes first (Pulumi's bridge,
`nameRequiresDeleteBeforeReplace`), so that nothing is left if making the new one fails.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from config.findings import Finding, Level
from review.disks import MACHINE, disks, lost
from review.preview import SECRET, State, Step, seen, texts
from review.rules import finding

VIRTUAL_DISK = "vsphere:index/virtualDisk:VirtualDisk"
SNAPSHOT = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot"
PROVIDER = "pulumi:providers:vsphere"
_DEFAULT = re.compile(re.escape(PROVIDER) + r"::default_(\d+_\d+_\d+)")
"""The provider that a program asks without naming one, with its version in its name."""
APART = "vsphere:index/computeClusterVmAntiAffinityRule:ComputeClusterVmAntiAffinityRule"

FILE = "vsphere:index/file:File"
CLUSTER = "vsphere:index/computeCluster:ComputeCluster"
HOST = "vsphere:index/host:Host"


class Kind(NamedTuple):
    """What is lost with a resource of a type."""

    level: Level
    lost: str


KINDS = {
    MACHINE: Kind(Level.UNSAFE, "the VM stops, and leaves its place in the service"),
    VIRTUAL_DISK: Kind(Level.UNSAFE, "DESTROYS DATA: the disk's file is deleted"),
    "vsphere:index/vmfsDatastore:VmfsDatastore": Kind(Level.UNSAFE, "DESTROYS DATA: the datastore is removed with every disk on it"),
    "vsphere:index/nasDatastore:NasDatastore": Kind(Level.UNSAFE, "the datastore is unmounted under the VMs on it"),
    "vsphere:index/vmStoragePolicy:VmStoragePolicy": Kind(Level.WARNING, "VMs lose the policy that places their disks"),
    "vsphere:index/datastoreCluster:DatastoreCluster": Kind(Level.WARNING, "datastores leave their cluster"),
    "vsphere:index/contentLibrary:ContentLibrary": Kind(Level.WARNING, "the library is deleted with every item in it"),
    "vsphere:index/contentLibraryItem:ContentLibraryItem": Kind(Level.WARNING, "the item is deleted, and no VM can be made from it again"),
    "vsphere:index/virtualMachineClass:VirtualMachineClass": Kind(Level.NOTE, "VMs of the class can't be made again"),
    "vsphere:index/vappContainer:VappContainer": Kind(Level.UNSAFE, "the vApp goes, with the VMs in it"),
    "vsphere:index/resourcePool:ResourcePool": Kind(Level.WARNING, "its VMs move to the pool above, and lose what was reserved for them"),
    "vsphere:index/haVmOverride:HaVmOverride": Kind(Level.WARNING, "HA restarts the VM as it does all others"),
    "vsphere:index/computeClusterVmHostRule:ComputeClusterVmHostRule": Kind(Level.WARNING, "VMs leave the hosts that they should run on"),
    "vsphere:index/datastoreClusterVmAntiAffinityRule:DatastoreClusterVmAntiAffinityRule": Kind(
        Level.WARNING, "nothing keeps the VMs on different datastores any more"
    ),
    "vsphere:index/folder:Folder": Kind(Level.WARNING, "the folder goes, and the apply fails if anything is in it"),
    SNAPSHOT: Kind(Level.WARNING, "the way back is gone, and its delta is merged: that takes room, time, and I/O"),
    APART: Kind(Level.WARNING, "nothing keeps the VMs on different hosts any more"),
    CLUSTER: Kind(Level.UNSAFE, "the cluster goes, with the rules in it"),
    "vsphere:index/datacenter:Datacenter": Kind(Level.UNSAFE, "the datacenter goes, with all in it"),
    HOST: Kind(Level.UNSAFE, "the host leaves, and the VMs on it stop"),
    "vsphere:index/distributedVirtualSwitch:DistributedVirtualSwitch": Kind(Level.WARNING, "VMs on the switch lose their network"),
    "vsphere:index/distributedPortGroup:DistributedPortGroup": Kind(Level.WARNING, "VMs on the port group lose their network"),
    "vsphere:index/hostPortGroup:HostPortGroup": Kind(Level.WARNING, "VMs on the port group lose their network"),
    "vsphere:index/hostVirtualSwitch:HostVirtualSwitch": Kind(Level.WARNING, "VMs on the switch lose their network"),
}
"""Types by what they hold; vSphere provider documentation. A type that is not named holds nothing that can't be made again."""


def replaced(steps: tuple[Step, ...]) -> Iterator[Finding]:
    """What the steps that replace one resource do."""
    step = next((s for s in steps if s.old_state), steps[0])
    kind = _kind(step)
    if kind is None or (step.old_state is None and all(s.op == "create-replacement" for s in steps)):
        return
    reasons = ", ".join(sorted({reason for s in steps for reason in s.replace_reasons or ()})) or "the provider asks for it"
    new = next((s.new_state for s in steps if s.new_state), None)
    order = [s.op for s in steps if s.op in ("delete-replaced", "create-replacement")]
    first = "deleted first, then made anew" if order[:1] == ["delete-replaced"] else "replaced"
    retained = step.old_state is not None and step.old_state.retain_on_delete
    consequence = _with_disks(step, kind.lost)
    if step.type == SNAPSHOT:
        consequence = f"an edit of its text removes the snapshot and takes another of what is there now: {kind.lost}"
    if new and new.retain_on_delete and not retained:
        consequence += "; retainOnDelete comes in this same change, and does not count yet: the engine reads it from the state"
    level = Level.UNSAFE if step.type == SNAPSHOT else kind.level
    yield finding("replaced", titled(step), f"{first} because of {reasons}", called(step), level, lost=consequence, reasons=reasons)
    if step.type == MACHINE and not retained:
        yield from lost(step)


def deleted(step: Step) -> Iterator[Finding]:
    """What a delete does; what is retained only leaves the stack."""
    kind = _kind(step)
    if kind is None:
        return
    if step.old_state and step.old_state.retain_on_delete:
        yield finding("released", titled(step), "leaves the stack", called(step))
    else:
        yield finding("deleted", titled(step), "is deleted", called(step), kind.level, lost=_with_disks(step, kind.lost))
        if step.type == MACHINE:
            yield from lost(step)


def _kind(step: Step) -> Kind | None:
    if step.type == FILE and is_disk(step.old):
        return Kind(Level.UNSAFE, "DESTROYS DATA: the disk's file is deleted")
    return KINDS.get(step.type)


def is_disk(file: Mapping[str, Any]) -> bool:
    """Whether a file that a program puts on a datastore is one of a disk's."""
    return str(file.get("destinationFile", "")).casefold().endswith(".vmdk")


def unretained(step: Step) -> Iterator[Finding]:
    """What is unsafe to lose, and is no longer protected, or no longer retained when it is deleted."""
    kind, old, new = _kind(step), step.old_state, step.new_state
    if kind is None or kind.level is not Level.UNSAFE or old is None or new is None:
        return
    if old.retain_on_delete and not new.retain_on_delete:
        yield finding("unretained", titled(step), "retainOnDelete is taken away", called(step))
    if old.protect and not new.protect:
        yield finding("unprotected", titled(step), "protect is taken away", called(step))


def shrunk(step: Step) -> Iterator[Finding]:
    """A virtual disk without a VM that becomes smaller; all else that is edited of one replaces it."""
    before, after = step.old.get("size"), step.new.get("size")
    if step.type == VIRTUAL_DISK and step.op == "update" and isinstance(before, int | float) and before != after:
        if not isinstance(after, int | float):
            yield finding("disks-unseen", titled(step), "size: known only after apply", called(step))
        elif after < before:
            yield finding("disk-shrunk", titled(step), f"{after:,} GiB", called(step), old=f"{before:,}")


def made_twice(steps: Collection[Step]) -> Iterator[Finding]:
    """A VM that is made under the name of one that leaves the stack and runs on."""
    released = {
        step.title for step in steps if step.type == MACHINE and step.op == "delete" and step.old_state and step.old_state.retain_on_delete
    }
    for step in steps:
        if step.type == MACHINE and step.op == "create" and step.title in released:
            yield finding("made-twice", titled(step), "is made, and the one of that name is only let go of", called(step))


def gone(steps: Collection[Step]) -> Iterator[Finding]:
    """What a refresh in the same preview no longer finds, and the apply then makes anew: a resource, or a disk of a VM."""
    before = next((step for step in steps if step.op == "refresh" and step.old_state), None)
    kind = _kind(before) if before else None
    if before is None or kind is None or kind.level is not Level.UNSAFE:
        return
    for step in steps:
        if step.op == "create":
            yield finding("gone-from-vcenter", titled(before), "is gone, and made anew", called(before))
        if step.type == MACHINE and step.op in ("update", "same") and step.old_state:
            yield from _not_as_it_was(before, step)


def _not_as_it_was(before: Step, now: Step) -> Iterator[Finding]:
    """What a refresh finds of a VM: another one under its BIOS UUID, a disk that is gone, another file under a disk's label."""
    ids = [step.old.get("moid") for step in (before, now)]
    if all(isinstance(each, str) and seen(each) for each in ids) and ids[0] != ids[1]:
        yield finding("vm-exchanged", titled(before), f"{ids[1]} answers in place of {ids[0]}", called(before))
    left = {disk.label: disk for disk in disks(now.title, now.old) or ()}
    for disk in disks(before.title, before.old) or ():
        if disk.label not in left:
            yield finding("gone-from-vcenter", disk.title, "is no longer on its VM", disk.names)
        elif len({*disk.names[1:], *left[disk.label].names[1:]}) > 1:
            there = left[disk.label]
            yield finding(
                "disk-exchanged", disk.title, f"{there.title} is there instead", disk.names, old=disk.values.get("path") or "it has"
            )


def weakened(step: Step, leaving: Collection[str]) -> Iterator[Finding]:
    """A rule that keeps VMs apart, and does so less after an update; of VMs that leave the stack with it, by id, nothing is asked."""
    if step.type != APART or step.op != "update":
        return
    before, after = step.old, step.new
    if before.get("mandatory") is True and after.get("mandatory") is not True:
        yield finding("apart-less", titled(step), "only preferred", called(step))
    if before.get("enabled") is True and after.get("enabled") is False:
        yield finding("apart-less", titled(step), "switched off", called(step))
    members = after.get("virtualMachineIds")
    left = set(texts(before, "virtualMachineIds")) - {*texts(after, "virtualMachineIds"), *leaving} if isinstance(members, list) else set()
    if left:
        yield finding("apart-less", titled(step), f"{len(left)} VM{'s' if len(left) > 1 else ''} fewer", called(step))


def elsewhere(step: Step) -> Iterator[Finding]:
    """A provider that asks another vCenter than the one that everything was made in."""
    before, after = step.old.get("vsphereServer"), step.new.get("vsphereServer")
    hidden = before == after == SECRET and "vsphereServer" in step.changed
    if step.type == PROVIDER and before and after and (before != after or hidden):
        asked, old = (value if seen(value) else "one that is not shown" for value in (after, before))
        yield finding("another-vcenter", f"provider {step.name}", f"{asked} is asked", called(step), old=old)


def handed_over(steps: Collection[Step]) -> Iterator[Finding]:
    """Resources that another provider is asked for from now on, which asks another vCenter."""
    servers = {step.urn: server for step in steps if step.type == PROVIDER and (server := (step.new or step.old).get("vsphereServer"))}
    for step in steps:
        old, new = (state.provider.rpartition("::")[0] if state else "" for state in (step.old_state, step.new_state))
        if old != new and {old, new} <= servers.keys() and servers[old] != servers[new]:
            yield finding("another-vcenter", titled(step), f"{servers[new]} is asked for it", called(step), old=servers[old])


def upgraded(step: Step) -> Iterator[Finding]:
    """Another version of the provider, of one that is named or of the one that comes by itself: without a pin it comes unasked."""
    before, after = (_version(state) if state else "" for state in (step.old_state, step.new_state))
    if before and after and before != after:
        name = step.name if step.type == PROVIDER else "default"
        yield finding("provider-changed", f"provider {name}", f"version {after}", (name,), old=before)


def _version(state: State) -> str:
    if state.type == PROVIDER:
        version = state.inputs.get("version")
        return version if isinstance(version, str) and seen(version) else ""
    found = _DEFAULT.search(state.provider)
    return found[1].replace("_", ".") if found else ""


def snapshot_made(step: Step) -> Iterator[Finding]:
    """A snapshot with the memory in it, taken by a program."""
    if step.type == SNAPSHOT and step.op == "create" and step.new.get("memory") is True:
        yield finding("memory-snapshot", titled(step), "the memory is written too", called(step))


def _with_disks(step: Step, text: str) -> str:
    if step.type != MACHINE:
        return text
    kept = [disk.title for disk in disks(step.title, step.old) or () if disk.kept]
    return f"{text}; stays as a file: {', '.join(kept)}" if kept else text


def titled(step: Step) -> str:
    """A resource by its type and its name."""
    return f"{step.type.rpartition(':')[2]} {step.title}"


def called(step: Step) -> tuple[str, ...]:
    """What a waiver may call a resource by."""
    identity = step.old_state.id if step.old_state else ""
    return tuple(dict.fromkeys(filter(None, (step.title, step.name, identity))))
