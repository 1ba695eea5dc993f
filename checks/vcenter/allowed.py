"""Every property that Mailstead's own looks read, by type: `checks.vcenter.session` refuses to ask for any other.

What a look may know is decided here, as `READ_ONLY` decides what it may call. Nothing of a guest, of a person or of a secret is on it.
"""

from itertools import accumulate
from typing import Any

from checks.vcenter.queue_variable import PROPERTY as QUEUE_PROPERTY

PROPERTIES: dict[str, frozenset[str]] = {
    "vim.Datacenter": frozenset({"name", "vmFolder"}),
    "vim.Folder": frozenset({"name", "parent"}),
    "vim.Network": frozenset({"name"}),
    "vim.ClusterComputeResource": frozenset({"name", "resourcePool", "configurationEx"}),
    "vim.Task": frozenset({"info"}),
    "vim.Datastore": frozenset(
        {"name", "browser", "info", "summary.accessible", "summary.capacity", "summary.freeSpace", "summary.maintenanceMode", "vm"}
    ),
    "vim.HostSystem": frozenset(
        {
            "name",
            "parent",
            "config.fileSystemVolume.mountInfo",
            "config.storageDevice.hostBusAdapter",
            "config.storageDevice.scsiLun",
            "config.storageDevice.scsiTopology",
            "configManager.advancedOption",
            "configManager.storageSystem",
            "runtime.connectionState",
            "runtime.inMaintenanceMode",
            "summary.config.product",
        }
    ),
    "vim.VirtualMachine": frozenset(
        {
            "name",
            "parent",
            QUEUE_PROPERTY,  # one variable alone: others may hold secrets
            "config.files.vmPathName",
            "config.firmware",
            "config.guestId",
            "config.hardware.device",
            "config.hardware.memoryMB",
            "config.instanceUuid",
            "config.memoryAllocation.reservation",
            "config.template",
            "config.uuid",
            "disabledMethod",
            "layoutEx",
            "recentTask",
            "runtime.connectionState",
            "runtime.consolidationNeeded",
            "runtime.host",
            "runtime.powerState",
            "snapshot",
            "storage.perDatastoreUsage",
        }
    ),
}


def forbidden(kind: type[Any], names: Any, more: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Which of some properties of a type are neither on the list nor among `more`, as a whole or within one that is.

    A type may what the types may that it is derived from.
    """
    known = {path for base in kind.__mro__ for path in PROPERTIES.get(base.__name__, ())} | more
    return tuple(f"{kind.__name__}.{name}" for name in names if not known & {*accumulate(name.split("."), "{}.{}".format)})
