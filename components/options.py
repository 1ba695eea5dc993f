"""What protects mail data from the engine: each option with its reason, in one place.

Deliberately a set of pure functions: they are tested without an engine, since mocks never see options.
"""

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
)
"""Inputs that matter when a VM is made and never again: later edits of them are ignored."""


def stateful(*, disposable: bool, parent: pulumi.Resource | None = None) -> pulumi.ResourceOptions:
    """Options of a datastore."""
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), _kept(disposable))


def virtual_machine(*, disposable: bool, parent: pulumi.Resource | None = None) -> pulumi.ResourceOptions:
    """Options of a VM: kept like its data, and never remade because of what it was made from."""
    made_once = pulumi.ResourceOptions(parent=parent, ignore_changes=[entry.option for entry in MADE_ONCE])
    return pulumi.ResourceOptions.merge(made_once, _kept(disposable))


def _kept(disposable: bool) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions() if disposable else pulumi.ResourceOptions(**{entry.option: entry.value for entry in KEEP})  # type: ignore[arg-type]


def keep_on_remove(disk: Disk, *, disposable: bool) -> bool:
    """Whether the disk's file stays when the disk leaves the VM, or the VM goes.

    The provider's own default deletes the file of a disk that is removed or relabelled, in what previews as an update.
    """
    return disk.mail_data and not disposable
