"""The whole platform of a plan."""

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
import pulumi_vsphere as vsphere

from components import options
from components.datastore import Datastore, DatastoreArgs
from components.engine import registrations_begun
from components.hooks import LastLine, binding
from components.parts import PARTS
from components.pool import Pool, PoolArgs
from components.restart import home, overrides
from components.vm import Foundation
from plan import Plan
from plan.bindings import Bindings


@dataclass(frozen=True)
class MailPlatformArgs:
    """What a platform needs."""

    plan: Plan
    bindings: Bindings
    last_line: Callable[[], LastLine] | None = None
    """Makes what is asked before each step on a VM; None where there is no vCenter to ask."""


class MailPlatform(pulumi.ComponentResource):
    """Datastores, gateway, spool, balancers and log archive, and the files that they serve with."""

    datastore_ids: dict[str, pulumi.Output[str]]
    """Managed object id of each datastore, by LUN."""
    vm_ids: dict[str, pulumi.Output[str]]
    """BIOS UUID of each VM, by name."""
    files: dict[str, str]
    """The generated files by name."""

    def __init__(self, name: str, args: MailPlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = args.plan
        declared = {"disposable": True} if plan.disposable else None  # for policies, which see inputs and not the stack's file
        super().__init__("mailstead:platform:MailPlatform", name, declared, opts)
        child = pulumi.ResourceOptions(parent=self)
        kept = options.stateful(disposable=plan.disposable, parent=self)
        folder = vsphere.Folder(f"{name}-folder", path=plan.place.folder, type="vm", datacenter_id=args.bindings.datacenter_id, opts=kept)
        stores = {
            planned.lun: Datastore(f"{name}-{planned.lun}", DatastoreArgs(planned, args.bindings, plan.disposable), child)
            for planned in plan.datastores
        }
        self.datastore_ids = {lun: store.datastore_id for lun, store in stores.items()}
        hooks = binding(args.last_line, disposable=plan.disposable) if args.last_line else None
        foundation = Foundation(
            args.bindings, folder.path, self.datastore_ids, plan.disposable, plan.place.guest_wait_minutes, plan.place.drs, hooks
        )
        parts = [part(f"{name}-{suffix}", _members(part, plan, foundation), child) for suffix, part in PARTS]
        self.vm_ids = {vm_name: vm_id for part in parts for vm_name, vm_id in part.vm_ids.items()}
        for planned in plan.homes if plan.place.drs else ():
            home(planned, self.vm_ids, args.bindings, child)
        overrides(plan.restarts, self.vm_ids, args.bindings, child)
        self.files = plan.files
        self.register_outputs({"datastore_ids": self.datastore_ids, "vm_ids": self.vm_ids, "files": self.files})


def _members(part: type[Pool], plan: Plan, foundation: Foundation) -> PoolArgs:
    vms = tuple(vm for vm in plan.vms if vm.roles[0] in part.roles)
    names = {vm.name for vm in vms}
    return PoolArgs(vms, tuple(rule for rule in plan.apart if names.issuperset(rule.vms)), foundation)


async def apply(args: MailPlatformArgs, vcenter: vsphere.Provider) -> None:
    """Make the platform on a vCenter, and its outputs the stack's."""
    platform = MailPlatform(args.plan.site, args, pulumi.ResourceOptions(provider=vcenter))
    pulumi.export("datastores", platform.datastore_ids)
    pulumi.export("vms", platform.vm_ids)
    pulumi.export("files", platform.files)
    await registrations_begun()
