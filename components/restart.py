"""What the cluster is told about hosts that are lost: which VMs HA restarts first, and at which site VMs run while they can.

Deliberately turns HA and DRS not on: they are the cluster's, and `mailstead preflight` says whether they are.
"""

from collections.abc import Mapping

import pulumi
import pulumi_vsphere as vsphere

from plan import Home
from plan.bindings import Bindings
from plan.model import Priority

Ids = Mapping[str, pulumi.Output[str]]
"""Of VMs, by name."""


def overrides(priorities: Mapping[str, Priority], vms: Ids, bindings: Bindings, opts: pulumi.ResourceOptions) -> None:
    """One HA override for each VM that is not restarted as all others are."""
    for name, priority in sorted(priorities.items()):
        vsphere.HaVmOverride(
            f"{name}-restart",
            compute_cluster_id=bindings.cluster_id,
            virtual_machine_id=vms[name],
            ha_vm_restart_priority=str(priority),
            opts=opts,
        )


def home(planned: Home, vms: Ids, bindings: Bindings, opts: pulumi.ResourceOptions) -> None:
    """The groups of one site, and the rule that its VMs should run on its hosts.

    They should and not must: HA would not restart them at the other site, whose hosts may still reach their LUNs.
    """
    vm_group = vsphere.ComputeClusterVmGroup(
        planned.vm_group,
        name=planned.vm_group,
        compute_cluster_id=bindings.cluster_id,
        virtual_machine_ids=[vms[name] for name in planned.vms],
        opts=opts,
    )
    host_group = vsphere.ComputeClusterHostGroup(
        planned.host_group,
        name=planned.host_group,
        compute_cluster_id=bindings.cluster_id,
        host_system_ids=[bindings.hosts[name] for name in planned.hosts],
        opts=opts,
    )
    vsphere.ComputeClusterVmHostRule(
        planned.name,
        name=planned.name,
        compute_cluster_id=bindings.cluster_id,
        vm_group_name=vm_group.name,
        affinity_host_group_name=host_group.name,
        mandatory=False,
        opts=opts,
    )
