"""From vCenter's own types to values: fabrics, partitions, names, disks, and what may not be read."""

from typing import Any

import pytest

from checks.vcenter import facts
from checks.vcenter.inventory import Cluster, Guest
from checks.vcenter.luns import luns, partitioned
from checks.vcenter.session import Found, as_found
from checks.vcenter.untyped import vim, vmodl

GIB = 2**30
host_types: Any = vim.host
devices: Any = vim.vm.device


def found(kind: Any, identity: str, **properties: Any) -> Found:
    """An object as a look finds it; underscores stand for dots."""
    return Found(kind(identity, None), {name.replace("_", "."): value for name, value in properties.items()}, ())


def storage(adapters: dict[str, Any], paths: dict[str, list[str]], volumes: dict[str, str] | None = None) -> Found:
    """A host with adapters by key, and for each LUN the adapters of its paths."""
    disks = [
        host_types.ScsiDisk(
            key=f"key-{naa}",
            canonicalName=naa,
            devicePath=f"/dev/{naa}",
            capacity=host_types.DiskDimensions.Lba(blockSize=512, block=2**21),
        )
        for naa in paths
    ]
    interfaces = [
        host_types.ScsiTopology.Interface(
            adapter=key,
            target=[
                host_types.ScsiTopology.Target(lun=[host_types.ScsiTopology.Lun(scsiLun=f"key-{naa}")])
                for naa, used in paths.items()
                for adapter in used
                if adapter == key
            ],
        )
        for key in adapters
    ]
    mounts = [
        host_types.FileSystemMountInfo(volume=host_types.VmfsVolume(name=name, extent=[host_types.ScsiDisk.Partition(diskName=naa)]))
        for naa, name in (volumes or {}).items()
    ]
    return Found(
        vim.HostSystem("host-1", None),
        {
            "config.storageDevice.scsiLun": [*disks, host_types.ScsiLun(key="cd", canonicalName="mpx.cdrom")],
            "config.storageDevice.hostBusAdapter": [kind(key=key) for key, kind in adapters.items()],
            "config.storageDevice.scsiTopology": host_types.ScsiTopology(adapter=interfaces),
            "config.fileSystemVolume.mountInfo": [*mounts, host_types.FileSystemMountInfo(volume=host_types.NasVolume(name="nfs"))],
        },
        (),
    )


@pytest.mark.parametrize(
    ("adapter", "fabric"),
    [
        (host_types.InternetScsiHba, "iscsi"),
        (host_types.FibreChannelHba, "fc"),
        (host_types.FibreChannelOverEthernetHba, "fc"),
        (host_types.BlockHba, "other"),
        (host_types.ParallelScsiHba, "other"),
    ],
)
def test_the_adapter_tells_the_fabric(adapter: Any, fabric: str) -> None:
    (lun,) = luns({"esx": storage({"hba": adapter}, {"naa.1": ["hba", "hba"]})})
    assert (lun.naa, lun.fabrics, lun.paths, lun.size_gib, lun.device_path) == ("naa.1", (fabric,), 2, 1.0, "/dev/naa.1")


def test_a_lun_over_two_fabrics_and_one_without_a_path() -> None:
    adapters = {"a": host_types.InternetScsiHba, "b": host_types.FibreChannelHba}
    both, none = luns({"esx": storage(adapters, {"naa.1": ["a", "b"], "naa.2": []})})
    assert (both.fabrics, both.paths) == (("fc", "iscsi"), 2)
    assert (none.fabrics, none.paths) == ((), 0)


def test_luns_are_put_together_over_hosts() -> None:
    adapters = {"a": host_types.InternetScsiHba}
    one = storage(adapters, {"naa.B": ["a"], "naa.A": ["a"]})
    two = storage(adapters | {"b": host_types.FibreChannelHba}, {"naa.B": ["b"]}, {"naa.B": "mail"})
    first, second = luns({"esx-1": one, "esx-2": two})
    assert (first.naa, first.hosts, first.datastore) == ("naa.a", ("esx-1",), None)
    assert (second.naa, second.hosts, second.datastore, second.fabrics) == ("naa.b", ("esx-1", "esx-2"), "mail", ("fc", "iscsi"))


def test_partitions_are_told_by_kind_and_size() -> None:
    seen = luns({"esx": storage({"a": host_types.InternetScsiHba}, {"naa.1": ["a"], "naa.2": ["a"]})})
    part = host_types.DiskPartitionInfo.Partition(partition=1, startSector=2048, endSector=2048 + 2**21 - 1, type="vmfs")
    table = host_types.DiskPartitionInfo(deviceName="/dev/naa.2", spec=host_types.DiskPartitionInfo.Specification(partition=[part]))
    empty = host_types.DiskPartitionInfo(deviceName="/dev/naa.1", spec=host_types.DiskPartitionInfo.Specification())
    first, second = partitioned(seen, {"/dev/naa.1": empty, "/dev/naa.2": table})
    assert (first.partitions, second.partitions) == ((), ("vmfs of 1 GiB",))
    part.endSector = part.startSector
    assert partitioned(seen, {"/dev/naa.2": table})[1].partitions == ("vmfs of 4.768e-07 GiB",)


def test_names_are_as_clients_show_them() -> None:
    assert facts.named(found(vim.Network, "network-1", name="mail%2fdmz 100%25")).name == "mail/dmz 100%"


def test_a_host_knows_its_cluster() -> None:
    clusters = [Cluster(id="domain-c1", name="mail", resource_pool_id="r")]
    state = {"runtime_connectionState": "connected"}
    inside = found(vim.HostSystem, "host-1", name="esx", parent=vim.ClusterComputeResource("domain-c1", None), **state)
    alone = found(
        vim.HostSystem, "host-2", name="esx", parent=vim.ComputeResource("domain-s1", None), runtime_connectionState="disconnected"
    )
    resting = found(
        vim.HostSystem, "host-3", name="e", parent=vim.ComputeResource("domain-s1", None), runtime_inMaintenanceMode=True, **state
    )
    assert [facts.host(f, clusters).maintenance for f in (inside, alone, resting)] == [False, False, True]
    assert (facts.host(inside, clusters).cluster, facts.host(inside, clusters).connected) == ("mail", True)
    assert (facts.host(alone, clusters).cluster, facts.host(alone, clusters).connected) == ("", False)


def test_a_datastore_knows_its_luns() -> None:
    extents = [host_types.ScsiDisk.Partition(diskName="naa.A"), host_types.ScsiDisk.Partition(diskName="naa.B")]
    info = host_types.VmfsDatastoreInfo(vmfs=host_types.VmfsVolume(extent=extents))
    summary = {"summary_capacity": 3 * GIB, "summary_freeSpace": GIB, "summary_accessible": True}
    vmfs = facts.datastore(found(vim.Datastore, "datastore-1", name="d", info=info, **summary))
    assert (vmfs.naas, vmfs.capacity_gib, vmfs.free_gib, vmfs.accessible) == (("naa.a", "naa.b"), 3.0, 1.0, True)
    nas = facts.datastore(found(vim.Datastore, "datastore-2", name="n", info=host_types.NasDatastoreInfo()))
    assert (nas.naas, nas.capacity_gib, nas.accessible) == ((), 0.0, False)


def test_other_vms_count_with_full_disks_all_vms_with_what_they_take_and_only_on_that_datastore() -> None:
    usage: Any = vim.vm.StorageInfo.UsageOnDatastore
    here, there = vim.Datastore("datastore-1", None), vim.Datastore("datastore-2", None)
    used = [usage(datastore=here, committed=GIB, uncommitted=2 * GIB), usage(datastore=there, committed=9 * GIB, uncommitted=0)]
    vms = [found(vim.VirtualMachine, f"vm-{name}", name=name, storage_perDatastoreUsage=used) for name in ("theirs", "ours", "alien")]
    store = facts.datastore(found(vim.Datastore, "datastore-1", name="d"), vms, {"ours"})
    assert store.guests == (Guest(name="alien", size_gib=3.0), Guest(name="theirs", size_gib=3.0))
    assert store.vms_gib == 3.0


def test_folders_have_paths_below_their_root_alone() -> None:
    def folder(identity: str, parent: str, name: str) -> Found:
        return found(vim.Folder, identity, name=name, parent=vim.Folder(parent, None))

    listed = [folder("c", "b", "deep%2fer"), folder("b", "a", "mail"), folder("z", "other", "datastores"), folder("y", "z", "below")]
    assert facts.folders(listed, vim.Folder("a", None)) == {"a": "", "b": "mail", "c": "mail/deep/er"}


def test_a_vm_has_the_disks_of_its_first_scsi_controller() -> None:
    def disk(controller: int, unit: int, gib: int) -> Any:
        backing = devices.VirtualDisk.FlatVer2BackingInfo(fileName=f"[d] vm/{unit}.vmdk")
        return devices.VirtualDisk(controllerKey=controller, unitNumber=unit, capacityInBytes=gib * GIB, capacityInKB=1, backing=backing)

    controllers = [
        devices.ParaVirtualSCSIController(key=1000, busNumber=0),
        devices.ParaVirtualSCSIController(key=1001, busNumber=1),
        devices.VirtualIDEController(key=200, busNumber=0),
    ]
    hardware = [*controllers, disk(1000, 3, 7), disk(1001, 1, 8), disk(200, 0, 9), disk(1000, 0, 20)]
    machine = facts.machine(found(vim.VirtualMachine, "vm-1", name="vm", config_hardware_device=hardware), "mail/campus")
    assert [(d.unit, d.size_gib, d.file) for d in machine.disks] == [(0, 20, "[d] vm/0.vmdk"), (3, 7, "[d] vm/3.vmdk")]
    assert (machine.name, machine.folder) == ("vm", "mail/campus")


@pytest.mark.parametrize(
    ("controller", "scsi_type"),
    [
        (devices.ParaVirtualSCSIController, "pvscsi"),
        (devices.VirtualLsiLogicController, "lsilogic"),
        (devices.VirtualLsiLogicSASController, "lsilogic-sas"),
        (devices.VirtualBusLogicController, None),
        (devices.VirtualNVMEController, None),
    ],
)
def test_a_template_tells_its_disks_and_their_controller(controller: Any, scsi_type: str | None) -> None:
    disks = [devices.VirtualDisk(key=2000, controllerKey=1000, capacityInBytes=8 * GIB, capacityInKB=1)]
    disks.append(devices.VirtualDisk(key=2001, controllerKey=1000, capacityInKB=2**20))
    hardware = [devices.VirtualIDEController(key=200), controller(key=1000), *disks]
    machine = found(
        vim.VirtualMachine,
        "vm-1",
        name="t%2f1",
        config_uuid="u",
        config_guestId="g",
        config_firmware="efi",
        config_hardware_device=hardware,
    )
    template = facts.template(machine)
    assert (template.scsi_type, template.disks_gib) == (scsi_type, (8.0, 1.0))
    assert (template.name, template.uuid, template.guest_id, template.firmware) == ("t/1", "u", "g", "efi")


def test_what_may_not_be_read_is_known_from_what_is_unset() -> None:
    collector: Any = vmodl.query.PropertyCollector
    denied = collector.MissingProperty(path="config", fault=vim.fault.NoPermission())
    gone = collector.MissingProperty(path="parent", fault=vmodl.fault.ManagedObjectNotFound())
    content = collector.ObjectContent(
        obj=vim.HostSystem("host-1", None), propSet=[vmodl.DynamicProperty(name="name", val="esx")], missingSet=[denied, gone]
    )
    host = as_found(content)
    assert (host.id, host.get("name"), host.get("config", "unset"), host.denied) == ("host-1", "esx", "unset", ("config",))


def test_hexadecimal_names_of_devices_have_no_case_and_vendors_names_have() -> None:
    adapters = {"a": host_types.InternetScsiHba}
    seen = luns(
        {"esx-1": storage(adapters, {"naa.B": ["a"], "t10.Disk": ["a"]}), "esx-2": storage(adapters, {"naa.b": ["a"], "t10.disk": ["a"]})}
    )
    assert [(lun.naa, len(lun.hosts)) for lun in seen] == [("naa.b", 2), ("t10.Disk", 1), ("t10.disk", 1)]
