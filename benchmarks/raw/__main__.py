"""The raw program of `benchmarks/preview.py`: plain constructors in a loop over inputs from a file.

Deliberately as little as makes the same resources: vCenter is asked once for each thing that is named, nothing is checked.
"""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
import pulumi_vsphere as vsphere

given = json.loads(Path(os.environ["RAW_INPUTS"]).read_text(encoding="utf-8"))
datacenter = vsphere.get_datacenter(name=given["datacenter"]).id
cluster = vsphere.get_compute_cluster(name=given["cluster"], datacenter_id=datacenter)
host = vsphere.get_host(name=given["host"], datacenter_id=datacenter)
networks = {name: vsphere.get_network(name=name, datacenter_id=datacenter).id for name in given["networks"]}
templates = {name: vsphere.get_virtual_machine(name=name, datacenter_id=datacenter).id for name in given["templates"]}
datastores = {name: vsphere.get_datastore(name=name, datacenter_id=datacenter).id for name in given["datastores"]}
folder = vsphere.Folder("folder", path=given["folder"], type="vm", datacenter_id=datacenter)
stores = {name: vsphere.VmfsDatastore(name, name=name, host_system_id=host.id, disks=[naa]) for name, naa in given["luns"].items()}


def machine(vm: dict[str, Any]) -> vsphere.VirtualMachine:
    """One VM."""
    store, inputs = stores[vm["lun"]].id, vm["inputs"]
    if "clone" in inputs:
        inputs["clone"]["template_uuid"] = templates[vm["template"]]
    for drive in inputs.get("cdroms", []):
        drive["datastore_id"] = datastores[vm["image_datastore"]]
    for disk in inputs["disks"]:
        disk["datastore_id"] = store
    return vsphere.VirtualMachine(
        inputs["name"],
        folder=folder.path,
        resource_pool_id=cluster.resource_pool_id,
        datastore_id=store,
        network_interfaces=[{"network_id": networks[vm["network"]], "adapter_type": "vmxnet3"}],
        **inputs,
    )


machines = {vm["inputs"]["name"]: machine(vm) for vm in given["vms"]}
for rule, members in given["rules"].items():
    vsphere.ComputeClusterVmAntiAffinityRule(
        rule, name=rule, compute_cluster_id=cluster.id, virtual_machine_ids=[machines[vm].id for vm in members], mandatory=True
    )
pulumi.export("datastores", {name: store.id for name, store in stores.items()})
pulumi.export("vms", {name: vm.id for name, vm in machines.items()})
pulumi.export("files", given["files"])
