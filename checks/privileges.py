"""The rights of a vCenter role, derived from what is really called.

Mailstead's own calls and the privileges that they need come from the lists that its sessions enforce and from vSphere's own description of
its API, as pyVmomi has it. What the provider needs for an apply is the table of `docs/vcenter.md`, here as data; a test compares the two.
Deliberately leaves out of that, unless the stack's data is disposable, each right by which a VM, a folder or a file on a datastore could be
deleted: what the user can't do, no edit and no mistake does. The right to make a datastore is also the one to remove it, though not while a
VM is on it: vSphere does not tell the two apart.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checks import files, site
from checks.ledger import last_line
from checks.snapshots import operations
from checks.vcenter import look
from checks.vcenter.session import READ_ONLY
from checks.vcenter.untyped import vim, vmodl

READ = "System.Read"  # to read any property that is on the list; vSphere Web Services API, PropertyCollector
EVERYBODY = ("System.Anonymous", "System.View")  # what each role has from the start


class Right(NamedTuple):
    """A privilege, and what it is for."""

    privilege: str
    purpose: str
    on: str
    """Which object the role is given on, with what is below it."""


_OWNERS = (
    vim.ServiceInstance, vim.SessionManager, vim.view.ViewManager, vim.view.View, vmodl.query.PropertyCollector,
    vim.host.StorageSystem, vim.option.OptionManager, vim.SearchIndex, vim.Datastore, vim.VirtualMachine, vim.vm.Snapshot,
    vim.host.DatastoreBrowser,
)  # fmt: skip
"""The types whose methods are called."""

_UNDECLARED = {"SearchDatastoreSubFolders_Task": ("Datastore.Browse", "datastores")}
"""Privileges that the API's own description leaves out, and where: vSphere Web Services API, SearchDatastoreSubFolders_Task."""

LOOKING = READ_ONLY | look.CALLS | last_line.INDEX_CALLS | site.CALLS | files.CALLS
"""All that check, preflight, hooks, `snapshot check|status` and `ledger` call."""


def looking() -> tuple[Right, ...]:
    """What is needed to look: vSphere's own role Read-only, and to browse datastores where a server is to be made."""
    return tuple(sorted({Right(READ, "reads the listed properties", "vCenter"), *_called(LOOKING, "looks", "vCenter")}))


def snapshots() -> tuple[Right, ...]:
    """What `snapshot take|remove` needs beside."""
    return tuple(sorted({*looking(), *_called(operations.TAKING | operations.REMOVING, "takes and removes snapshots", "VM folder")}))


def _called(methods: Iterable[str], purpose: str, on: str) -> Iterator[Right]:
    """The privileges of methods; what everybody has needs no mention."""
    known = {info.wsdlName: info.privId for owner in _OWNERS for info in owner._methodInfo.values()}
    yield from (Right(privilege, f"{purpose}: {method}", where) for method, (privilege, where) in _UNDECLARED.items() if method in methods)
    for method in sorted(methods):
        if known[method] not in (None, *EVERYBODY):
            yield Right(known[method], f"{purpose}: {method}" if known[method] != READ else "reads the listed properties", on)


_CONFIG, _INTERACT, _ROOM = "VirtualMachine.Config.", "VirtualMachine.Interact.", "Datastore.AllocateSpace"
_PROVIDER: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("datastores on LUNs", "hosts", ("Host.Config.Storage",)),
    ("the VM folder", "parent of the VM folder", ("Folder.Create", "Folder.Rename")),
    ("VMs", "VM folder", ("VirtualMachine.Inventory.Create", "VirtualMachine.Inventory.CreateFromExisting")),
    ("VMs from a template", "template; VM folder", ("VirtualMachine.Provisioning.DeployTemplate", "VirtualMachine.Provisioning.Customize")),
    ("VMs from an OVF", "cluster", ("VApp.Import",)),
    ("their disks, networks and place", "datastores; port groups; cluster", (_ROOM, "Network.Assign", "Resource.AssignVMToPool")),
    ("moves of VMs", "VM folder", ("Resource.ColdMigrate", "Resource.HotMigrate")),
    ("changes of VMs", "VM folder", tuple(_CONFIG + name for name in (
        "AddNewDisk", "AddRemoveDevice", "AdvancedConfig", "Annotation", "CPUCount", "DiskExtend", "EditDevice", "Memory", "Resource",
        "Settings", "SwapPlacement"))),
    ("power and CD-ROM", "VM folder", tuple(_INTERACT + name for name in ("DeviceConnection", "PowerOff", "PowerOn", "SetCDMedia"))),
    ("rules that keep servers apart", "cluster", ("Host.Inventory.EditCluster",)),
    ("storage policies, which are read", "vCenter", ("StorageProfile.View",)),
)  # fmt: skip
_DELETING: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("disks that leave a VM", "VM folder", (_CONFIG + "RemoveDisk",)),
    ("VMs and folders that are deleted", "VM folder and its parent", ("VirtualMachine.Inventory.Delete", "Folder.Delete")),
)
"""Only where the stack declares its data disposable."""


def applying(*, disposable: bool) -> tuple[Right, ...]:
    """What `make up` needs, the looks included; the rights to delete only where the stack's data is disposable."""
    groups = (*_PROVIDER, *(_DELETING if disposable else ()))
    return tuple(sorted({*looking(), *(Right(p, purpose, on) for purpose, on, privileges in groups for p in privileges)}))
