"""VMDKs that lie where a server of the plan would be made: what a VM that is gone has left, perhaps with the mail of years.

vCenter makes the new VM beside them, in a folder of almost the same name, and says nothing. Looked for only where a server is yet to
be made, so that a platform that stands costs no search. Deliberately opens no file, and searches no datastore that the plan does not use.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from checks.snapshots.world import World
from checks.vcenter import facts
from checks.vcenter.chains import Look
from checks.vcenter.credentials import Credentials
from checks.vcenter.faults import lacking
from checks.vcenter.look import datacenter
from checks.vcenter.session import Session, session
from checks.vcenter.untyped import vim, vmodl
from config.base import Model
from config.findings import Finding, Level
from config.storage import VMDK_PARTS
from plan import Plan
from sizing.units import GIB, show

CALLS = frozenset({"SearchDatastoreSubFolders_Task"})
"""What is called beside `READ_ONLY`: a task that only reads."""
UNSEARCHED = (vim.fault.FileFault, vim.fault.InvalidDatastore, vmodl.fault.ManagedObjectNotFound, vmodl.fault.NotSupported)
"""What a datastore answers that can't be searched right now."""
LEAST_GIB = 0.01  # GiB; less is a descriptor alone, and no size to speak of
_PART = re.compile(rf"(?:{VMDK_PARTS})\.vmdk$")  # a part of a disk, told with its descriptor


class Left(Model):
    """A VMDK at a place of the plan's."""

    file: str
    """As vCenter writes it: `[datastore] folder/file.vmdk`."""
    vm: str
    """The server that would be made there."""
    size_gib: float
    """What its files take."""


class Files(Model):
    """What a search has found."""

    left: tuple[Left, ...] = ()
    unread: tuple[str, ...] = ()
    """Datastores that could not be searched, each with the reason."""


def files(login: Credentials, plan: Plan, look: Look) -> Files:
    """The VMDKs in the folders that the VMs would get which the plan has and vCenter has not.

    Raises:
        Refused: vCenter can't be asked.
    """
    there = {vm.name for vm in look.vms}
    missing = {vm.name for vm in plan.vms} - there
    stores = {d.name for d in plan.datastores} & {store.name for store in look.stores if store.accessible}
    if not missing or not stores:
        return Files()
    left: list[Left] = []
    unread: list[str] = []
    with session(login, CALLS) as live:
        found = live.below(datacenter(live, login, plan).object, {vim.Datastore: ["name", "browser"]})
        for store in sorted((f for f in found if facts.name(f) in stores), key=facts.name):
            try:
                left += _left(_searched(live, store.get("browser"), facts.name(store)), facts.name(store), missing)
            except vim.fault.NoPermission as fault:
                if isinstance(fault, vim.fault.NotAuthenticated):
                    raise
                unread.append(f"the files of datastore {facts.name(store)} ({lacking(fault, 'Datastore.Browse')})")
            except UNSEARCHED as fault:
                unread.append(f"the files of datastore {facts.name(store)} ({type(fault).__name__.rpartition('.')[2]})")
    return Files(left=tuple(sorted(left, key=lambda one: one.file)), unread=tuple(unread))


def _searched(live: Session, browser: Any, store: str) -> Iterable[Any]:
    details = vim.host.DatastoreBrowser.FileInfo.Details(fileType=False, fileSize=True, modification=False, fileOwner=False)
    spec = vim.host.DatastoreBrowser.SearchSpec(matchPattern=["*.vmdk"], details=details)
    found: Iterable[Any] = live.done(browser.SearchDatastoreSubFolders_Task(f"[{store}]", spec)) or []
    return found


def _left(folders: Iterable[Any], store: str, missing: set[str]) -> Iterator[Left]:
    for folder in folders:
        name = folder.folderPath.partition("]")[2].strip(" /")
        if name not in missing:
            continue
        sizes = {file.path: (file.fileSize or 0) / GIB for file in folder.file or []}
        for path in sorted(path for path in sizes if not _PART.search(path)):
            whole = sum(gib for part, gib in sizes.items() if part == path or _PART.sub(".vmdk", part) == path)
            yield Left(file=f"[{store}] {name}/{path}", vm=name, size_gib=whole)


def foreign(world: World, found: Files) -> Iterator[Finding]:
    """A finding for each such file, and for each datastore that could not be searched."""
    owners = {file: vm.name for vm in world.look.vms for disk in vm.disks for file in (disk.base, disk.top)}
    for one in found.left:
        size = f", {show(round(one.size_gib, 2))} GiB" if one.size_gib >= LEAST_GIB else ""
        whose = f"is a disk of {owners[one.file]}" if one.file in owners else "is there already, and no VM of the stack has it"
        consequence = (
            f"up makes {one.vm} beside it with empty disks, in a folder of almost the same name: what this one holds is taken for gone"
        )
        step = "If it holds mail, bring its VM back (docs/edits.md, Coming back); if not, move or delete it in vCenter (Datastores, Files)"
        said = f"{whose}{size}", f"no VMDK where {one.vm} is to be made", consequence, step
        yield Finding(Level.UNSAFE, "foreign-vmdk", one.file, *said, names=(one.file, one.vm))
    for what in found.unread:
        consequence = "Whether a VMDK lies where a server is to be made was not checked"
        step = "Give it the privilege on the datastore (docs/vcenter.md), or see the datastore in vCenter (Datastores, Files)"
        yield Finding(Level.WARNING, "unread", what, "could not be searched", "searched", consequence, step, (what,))
