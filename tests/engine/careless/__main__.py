"""A program that is not Mailstead's and breaks every rule of the policy pack, or none: as its inputs say."""

import json
import os
from pathlib import Path

import pulumi
import pulumi_vsphere as vsphere

sound: bool = json.loads(Path(os.environ["CARELESS_INPUTS"]).read_text(encoding="utf-8"))["sound"]
vcenter = pulumi.ProviderResource("vsphere", "vcenter", {}, pulumi.ResourceOptions(version="4.18.2" if sound else "4.18.1"))
using = pulumi.ResourceOptions(provider=vcenter)
kept = pulumi.ResourceOptions(provider=vcenter, protect=sound, retain_on_delete=sound)
asked = pulumi.InvokeOptions(provider=vcenter)
datacenter = vsphere.get_datacenter(name="demo-dc", opts=asked).id
cluster = vsphere.get_compute_cluster(name="mail", datacenter_id=datacenter, opts=asked)
network = vsphere.get_network(name="mail", datacenter_id=datacenter, opts=asked)
host = vsphere.get_host(name="esx-1.demo.example", datacenter_id=datacenter, opts=asked)
stores = [
    vsphere.VmfsDatastore(name, name=name, host_system_id=host.id, disks=[naa], opts=kept)
    for name, naa in (("store-iscsi", "naa.60003ff44dc75adc0000000000000011"), ("store-fc", "naa.60003ff44dc75adc0000000000000012"))
]
machines = [
    vsphere.VirtualMachine(
        name,
        name=name,
        resource_pool_id=cluster.resource_pool_id,
        datastore_id=store.id,
        num_cpus=1,
        memory=4096,
        guest_id="otherLinux64Guest",
        disks=[
            {"label": "os", "size": 10, "unit_number": 0, "datastore_id": store.id},
            {"label": "spool", "size": 40 if sound else 800, "unit_number": 1, "datastore_id": store.id, "keep_on_remove": sound},
        ],
        network_interfaces=[{"network_id": network.id, "adapter_type": "vmxnet3"}],
        wait_for_guest_net_timeout=0,
        wait_for_guest_ip_timeout=0,
        opts=kept,
    )
    for name, store in zip(("mx-1", "mx-2"), stores if sound else stores[:1] * 2, strict=True)
]
vsphere.ComputeClusterVmAntiAffinityRule(
    "mx", name="mx", compute_cluster_id=cluster.id, virtual_machine_ids=[vm.id for vm in machines], mandatory=sound, opts=using
)
vsphere.VirtualMachineSnapshot(
    "before-upgrade",
    virtual_machine_uuid=machines[0].id,
    snapshot_name="before-upgrade",
    description="taken by the program",
    memory=not sound,
    quiesce=False,
    opts=using,
)
