"""What protects mail data from the engine: each option with its reason, in one place.

Deliberately a set of pure functions: they are tested without an engine, since mocks never see options.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi

from plan import Disk


@dataclass(frozen=True)
class Protection:
    """One option that a stateful resource is given, and why."""

    option: str
    value: object
    reason: str


KEEP = (
    Protection("protect", True, "a delete or replacement of the resource is refused until someone unprotects it by name"),
    Protection("retain_on_delete", True, "even then it leaves the state, not vCenter; read from the state, so set from the first create"),
)
"""For whatever carries mail data, unless the stack has declared its data disposable by name."""

MADE_ONCE = (
    Protection("clone", None, "any edit of a template or its customization would make a new VM and delete the old one first"),
    Protection("ovfDeploy", None, "an edit of where a VM came from would make a new VM and delete the old one first"),
    Protection("guestId", None, "known from the template: another template's would restart VMs that were never made from it"),
    Protection("firmware", None, "known from the template: an installed system does not start under another firmware"),
    Protection("scsiType", None, "known from the template: an installed system may have no driver for another controller"),
    Protection("hostSystemId", None, "where a VM was first powered on: DRS and HA move it afterwards, and an edit would move it back"),
    Protection("datacenterId", None, "where an OVF was unpacked, and only asked for then"),
)
"""Inputs that matter when a VM is made and never again: later edits of them are ignored."""

FORMATTED_ONCE = (
    Protection("hostSystemId", None, "which host made the VMFS: an edit of the hosts would remake it, and lose all that is on it"),
)
"""The same for a datastore."""


def stateful(*, disposable: bool, parent: pulumi.Resource | None = None) -> pulumi.ResourceOptions:
    """Options of what mail data lies in: the folder of the VMs."""
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), _kept(disposable))


def datastore(*, disposable: bool, parent: pulumi.Resource | None = None) -> pulumi.ResourceOptions:
    """Options of a datastore: kept like its data, and never remade because another host comes first."""
    return pulumi.ResourceOptions.merge(_ignoring(FORMATTED_ONCE, parent), _kept(disposable))


def virtual_machine(*, disposable: bool, hooks: pulumi.ResourceHookBinding | None = None) -> pulumi.ResourceOptions:
    """Options of a VM: kept like its data, never remade because of what it was made from, and looked at before each step."""
    made = pulumi.ResourceOptions.merge(_ignoring(MADE_ONCE, None), _kept(disposable))
    return pulumi.ResourceOptions.merge(made, pulumi.ResourceOptions(hooks=hooks))


def _ignoring(made_once: Iterable[Protection], parent: pulumi.Resource | None) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=parent, ignore_changes=[entry.option for entry in made_once])


def _kept(disposable: bool) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions() if disposable else pulumi.ResourceOptions(**{entry.option: entry.value for entry in KEEP})  # type: ignore[arg-type]


def keep_on_remove(disk: Disk, *, disposable: bool) -> bool:
    """Whether the disk's file stays when the disk leaves the VM, or the VM goes.

    The provider's own default deletes the file of a disk that is removed or relabelled, in what previews as an update.
    """
    return disk.mail_data and not disposable
