"""A program that is not Mailstead's: a VM that nothing protects from its edits, and what a file says of it."""

import json
import os
from pathlib import Path

import pulumi
import pulumi_vsphere as vsphere

given = json.loads(Path(os.environ["FOREIGN_INPUTS"]).read_text(encoding="utf-8"))
datacenter = vsphere.get_datacenter(name="demo-dc").id
cluster = vsphere.get_compute_cluster(name="mail", datacenter_id=datacenter)
network = vsphere.get_network(name="mail", datacenter_id=datacenter)
store = vsphere.get_datastore(name="templates", datacenter_id=datacenter).id
machines = [
    vsphere.VirtualMachine(
        name,
        name=name,
        resource_pool_id=cluster.resource_pool_id,
        datastore_id=store,
        num_cpus=given["cpus"],
        memory=1024,
        guest_id="otherLinux64Guest",
        disks=given["disks"],
        network_interfaces=[{"network_id": network.id, "adapter_type": "vmxnet3"}],
        wait_for_guest_net_timeout=0,
        wait_for_guest_ip_timeout=0,
        opts=pulumi.ResourceOptions(protect=True),
    )
    for name in ("store-1", "store-2")
]
vsphere.ComputeClusterVmAntiAffinityRule(
    "stores", name="stores", compute_cluster_id=cluster.id, virtual_machine_ids=[machine.id for machine in machines], mandatory=True
)
