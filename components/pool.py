"""The VMs of one part of the platform, and what keeps its redundant members apart: on different hosts, and in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_vsphere as vsphere

from components.vm import Foundation, Vm, VmArgs
from config import Role
from plan import Apart
from plan import Vm as PlannedVm
from plan.spread import at_a_time


@dataclass(frozen=True)
class PoolArgs:
    """What a part of the platform needs."""

    vms: Sequence[PlannedVm]
    apart: Sequence[Apart]
    """Rules whose VMs are all among `vms`."""
    foundation: Foundation


def changed_before(apart: Sequence[Apart]) -> dict[str, set[str]]:
    """The VMs that must have been changed, and run again, before a VM is touched.

    The members of a role wait for one another, so that no edit stops them all: one after the other up to 19 members, one in
    ten at a time with more. The order is that of the names, so that roles that share VMs never wait for each other in a circle.
    """
    before: dict[str, set[str]] = {}
    for rule in apart:
        members = sorted(rule.vms)
        for earlier, later in zip(members, members[at_a_time(len(members)) :], strict=False):
            before.setdefault(later, set()).add(earlier)
    return before


class Pool(pulumi.ComponentResource):
    """A part of the platform: subclasses say which servers it holds, and add nothing else."""

    type_name: ClassVar[str]
    """Type token: a contract, since another token is another resource."""
    roles: ClassVar[frozenset[Role]]
    """First roles of the servers that it holds."""
    vm_ids: dict[str, pulumi.Output[str]]
    """BIOS UUID of each VM, by its name in vCenter."""

    def __init__(self, name: str, args: PoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.type_name, name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        before = changed_before(args.apart)
        vms: dict[str, Vm] = {}
        for vm in sorted(args.vms, key=lambda vm: vm.name):
            after = pulumi.ResourceOptions(parent=self, depends_on=[vms[earlier] for earlier in sorted(before.get(vm.name, ()))])
            vms[vm.name] = Vm(vm.name, VmArgs(vm, args.foundation), after)
        for rule in args.apart if args.foundation.drs else ():
            vsphere.ComputeClusterVmAntiAffinityRule(
                rule.name,
                name=rule.name,
                compute_cluster_id=args.foundation.bindings.cluster_id,
                virtual_machine_ids=[vms[member].id for member in rule.vms],
                mandatory=True,  # a rule that is only preferred gives way exactly when hosts are short
                opts=child,
            )
        self.vm_ids = {vm_name: vm.id for vm_name, vm in vms.items()}
        self.register_outputs({"vm_ids": self.vm_ids})
