"""A virtual machine of the plan, made from a template, a content library, an OVF, an image or nothing.

Deliberately a resource and not a component: a thousand components would add seconds to every preview.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_vsphere as vsphere

from components import options, sources
from plan import Vm as PlannedVm
from plan.bindings import Bindings


@dataclass(frozen=True)
class Foundation:
    """What the VMs of a platform stand on."""

    bindings: Bindings
    folder: pulumi.Input[str]
    """Path of their folder."""
    datastores: Mapping[str, pulumi.Input[str]]
    """Datastore ids by LUN."""
    disposable: bool
    """Whether the stack's data may be destroyed."""
    guest_wait_minutes: int
    """How long a VM from a template may take to report its address; 0 does not wait."""
    drs: bool = True
    """Whether the cluster has DRS, and so can be given rules."""
    hooks: pulumi.ResourceHookBinding | None = None
    """What the engine runs before each step on a VM."""


@dataclass(frozen=True)
class VmArgs:
    """What a VM needs."""

    vm: PlannedVm
    foundation: Foundation


class Vm(vsphere.VirtualMachine):
    """A VM whose mail data outlives it."""

    def __init__(self, name: str, args: VmArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        vm, foundation = args.vm, args.foundation
        made_from = sources.inputs(vm, foundation.bindings, foundation.guest_wait_minutes)
        super().__init__(
            name,
            pulumi.ResourceOptions.merge(options.virtual_machine(disposable=foundation.disposable, hooks=foundation.hooks), opts),
            name=vm.name,
            folder=foundation.folder,
            resource_pool_id=foundation.bindings.resource_pool_id,
            datastore_id=foundation.datastores[vm.lun],
            num_cpus=vm.cpus,
            memory=round(vm.memory_gib * 1024),
            memory_reservation=round(vm.memory_reservation_gib * 1024),
            enable_disk_uuid=True,  # the guest then knows its disks by UUID, whatever order they are found in
            disks=_disks(vm, foundation),
            network_interfaces=[{"network_id": foundation.bindings.networks[vm.address.port_group], "adapter_type": "vmxnet3"}],
            **made_from,
        )


def _disks(vm: PlannedVm, foundation: Foundation) -> list[Any]:
    return [
        {
            "label": disk.label,
            "unit_number": disk.unit,
            "size": disk.size_gib,
            "datastore_id": foundation.datastores[vm.lun],  # unsaid, a disk stays behind when its VM moves to another LUN
            "keep_on_remove": options.keep_on_remove(disk, disposable=foundation.disposable),
        }
        for disk in vm.disks
    ]
