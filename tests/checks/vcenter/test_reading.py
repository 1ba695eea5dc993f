"""What is asked of a vCenter and what is made of it, where the simulated one can't show it: rights, partitions, twins."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

import checks.vcenter.reading
from checks import Credentials, credentials, read
from checks.vcenter.session import Found
from checks.vcenter.untyped import vim
from config import Refused
from tests.checks.worlds import planned

PLAN = planned("demo")
HOSTS = PLAN.place.hosts
LOGIN = credentials({"vsphereServer": "vc.example", "user": "me", "password": "x"}, {})
types: Any = vim.host


@dataclass
class Fake:
    """A vCenter of hand-made answers that notes what it is asked about partitions."""

    found: list[Found]
    details: dict[str, Found] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    content: Any = field(default_factory=lambda: SimpleNamespace(rootFolder=None))

    def below(self, _container: Any, properties: Mapping[Any, Sequence[str]]) -> list[Found]:
        """The objects of the types."""
        return [f for f in self.found if any(f.is_a(kind) for kind in properties)]

    def still(self, wanted: Sequence[tuple[Any, Sequence[str]]]) -> tuple[list[Found], list[str]]:
        """The details of the objects, and the ids of those that went away."""
        self.looked_at += [item._GetMoId() for item, _ in wanted]
        here = [item._GetMoId() for item, _ in wanted if item._GetMoId() in self.details]
        return [self.details[identity] for identity in here], [item._GetMoId() for item, _ in wanted if item._GetMoId() not in here]

    def partitions(self, storage_system: Any, device_paths: Sequence[str]) -> dict[str, Any]:
        """The tables of the devices."""
        self.asked.append((storage_system, device_paths))
        return {path: self.tables[path] for path in device_paths if path in self.tables}


def found(kind: Any, identity: str, name: str, denied: tuple[str, ...] = (), **properties: Any) -> Found:
    """An object; underscores stand for dots."""
    return Found(kind(identity, None), {"name": name} | {k.replace("_", "."): v for k, v in properties.items()}, denied)


def place() -> list[Found]:
    """The plan's datacenter, cluster and hosts."""
    cluster = vim.ClusterComputeResource("domain-c1", None)
    state = {"parent": cluster, "runtime_connectionState": "connected"}
    return [
        found(vim.Datacenter, "datacenter-1", PLAN.place.datacenter, vmFolder=vim.Folder("group-v1", None)),
        found(vim.ClusterComputeResource, "domain-c1", PLAN.place.cluster, resourcePool=vim.ResourcePool("resgroup-1", None)),
        *(found(vim.HostSystem, f"host-{i}", name, **state) for i, name in enumerate(HOSTS)),
    ]


def storage(host: str, naas: Sequence[str]) -> dict[str, Any]:
    """A host's storage with LUNs on iSCSI."""
    size = types.DiskDimensions.Lba(blockSize=512, block=2**30)
    disks = [types.ScsiDisk(key=naa, canonicalName=naa, devicePath=f"/dev/{naa}", capacity=size) for naa in naas]
    target = types.ScsiTopology.Target(lun=[types.ScsiTopology.Lun(scsiLun=naa) for naa in naas])
    return {
        "config_storageDevice_scsiLun": disks,
        "config_storageDevice_hostBusAdapter": [types.InternetScsiHba(key="hba")],
        "config_storageDevice_scsiTopology": types.ScsiTopology(adapter=[types.ScsiTopology.Interface(adapter="hba", target=[target])]),
        "configManager_storageSystem": f"storage of {host}",
    }


@pytest.fixture
def vcenter(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A vCenter with the plan's place and LUNs."""
    naas = [d.naa for d in PLAN.datastores]
    fake = Fake(place())
    rule = vim.cluster.AntiAffinityRuleSpec(name="demo-scanner-apart")
    cluster = found(vim.ClusterComputeResource, "domain-c1", PLAN.place.cluster, configurationEx=vim.cluster.ConfigInfoEx(rule=[rule]))
    fake.details = {"domain-c1": cluster} | {
        f"host-{i}": found(vim.HostSystem, f"host-{i}", name, **storage(f"host-{i}", naas)) for i, name in enumerate(HOSTS)
    }

    @contextmanager
    def session(login: Credentials) -> Iterator[Fake]:
        yield fake

    monkeypatch.setattr(checks.vcenter.reading, "session", session)
    return fake


def test_only_luns_that_a_datastore_would_be_made_on_are_asked_for_partitions(vcenter: Fake) -> None:
    taken, *new = PLAN.datastores
    extent = [types.ScsiDisk.Partition(diskName=taken.naa)]
    mount = types.FileSystemMountInfo(volume=types.VmfsVolume(name="theirs", extent=extent))
    for host in vcenter.details.values():
        host.properties["config.fileSystemVolume.mountInfo"] = [mount]  # type: ignore[index]
    part = types.DiskPartitionInfo.Partition(partition=1, startSector=0, endSector=2**21 - 1, type="linuxNative")
    vcenter.tables = {f"/dev/{new[0].naa}": types.DiskPartitionInfo(spec=types.DiskPartitionInfo.Specification(partition=[part]))}
    seen = {lun.naa: lun for lun in read(LOGIN, PLAN).luns}
    assert vcenter.asked == [("storage of host-0", [f"/dev/{d.naa}" for d in new])]
    assert seen[taken.naa].datastore == "theirs"
    assert seen[new[0].naa].partitions == ("linuxNative of 1 GiB",)


def test_a_host_that_sees_a_lun_alone_is_asked_for_its_partitions(vcenter: Fake) -> None:
    first, *rest = [d.naa for d in PLAN.datastores]
    vcenter.details["host-0"] = found(vim.HostSystem, "host-0", HOSTS[0], **storage("host-0", rest))
    read(LOGIN, PLAN)
    assert vcenter.asked == [("storage of host-0", [f"/dev/{naa}" for naa in rest]), ("storage of host-1", [f"/dev/{first}"])]


def test_what_the_plan_needs_must_be_readable(vcenter: Fake) -> None:
    vcenter.details["host-1"] = found(vim.HostSystem, "host-1", HOSTS[1], ("config.storageDevice.scsiLun",))
    with pytest.raises(Refused) as info:
        read(LOGIN, PLAN)
    (problem,) = info.value.problems
    assert (problem.path, problem.value) == ("vsphere:user", "me")
    assert problem.rule == f"may not read config.storageDevice.scsiLun of {HOSTS[1]} (privilege System.Read)"


def test_what_the_plan_does_not_need_may_be_hidden(vcenter: Fake) -> None:
    vcenter.found += [
        found(vim.Datastore, "datastore-9", "secret", ("info",)),
        found(vim.VirtualMachine, "vm-9", "secret", ("config.template",)),
    ]
    inventory = read(LOGIN, PLAN)
    assert (inventory.datastores, inventory.template_names) == ((), ())
    assert {h.name for h in inventory.hosts} == set(HOSTS)


def test_the_rules_of_the_plans_cluster_are_read(vcenter: Fake) -> None:
    vcenter.found.append(found(vim.ClusterComputeResource, "domain-c2", "another", resourcePool=vim.ResourcePool("resgroup-2", None)))
    assert read(LOGIN, PLAN).rules == ("demo-scanner-apart",)
    assert "domain-c2" not in vcenter.looked_at


def test_two_datacenters_of_one_name_are_not_looked_into(vcenter: Fake) -> None:
    vcenter.found.append(found(vim.Datacenter, "datacenter-2", PLAN.place.datacenter))
    inventory = read(LOGIN, PLAN)
    assert [d.id for d in inventory.datacenters] == ["datacenter-1", "datacenter-2"]
    assert inventory.clusters == ()


def test_disconnected_hosts_are_not_asked(vcenter: Fake) -> None:
    for f in vcenter.found:
        if f.id == "host-0":
            f.properties["runtime.connectionState"] = "notResponding"  # type: ignore[index]
    del vcenter.details["host-0"]
    assert {host for lun in read(LOGIN, PLAN).luns for host in lun.hosts} == set(HOSTS[1:])


def test_a_lun_that_is_taken_over_or_not_the_plans_is_not_asked_for_partitions(vcenter: Fake) -> None:
    adopted = tuple(d.model_copy(update={"adopted": True}) for d in PLAN.datastores)
    read(LOGIN, PLAN.model_copy(update={"datastores": adopted}))
    assert vcenter.asked == []
    read(LOGIN, PLAN.model_copy(update={"datastores": PLAN.datastores[:1]}))
    assert vcenter.asked == [("storage of host-0", [f"/dev/{PLAN.datastores[0].naa}"])]


def test_vms_on_the_plans_datastores_are_looked_at_and_only_those_that_are_not_its_own_are_guests(vcenter: Fake) -> None:
    name = PLAN.datastores[0].name
    usage: Any = vim.vm.StorageInfo.UsageOnDatastore
    here = vim.Datastore("datastore-1", None)
    used = [usage(datastore=here, committed=2**30, uncommitted=0)]
    inside = {"parent": vim.Folder("group-v2", None)}
    machines = [found(vim.VirtualMachine, "vm-1", PLAN.vms[0].name, **inside), found(vim.VirtualMachine, "vm-2", "theirs")]
    vcenter.found.append(found(vim.Folder, "group-v2", "mail-demo", parent=vim.Folder("group-v1", None)))
    vcenter.found += [*machines, found(vim.Datastore, "datastore-1", name), found(vim.Datastore, "datastore-2", "not the plan's")]
    vcenter.details |= {
        "datastore-1": found(vim.Datastore, "datastore-1", name, vm=[f.object for f in machines]),
        "vm-1": found(vim.VirtualMachine, "vm-1", PLAN.vms[0].name, storage_perDatastoreUsage=used, config_hardware_device=[]),
        "vm-2": found(vim.VirtualMachine, "vm-2", "theirs", storage_perDatastoreUsage=used),
    }
    inventory = read(LOGIN, PLAN)
    assert {d.name: [g.name for g in d.guests] for d in inventory.datastores} == {name: ["theirs"], "not the plan's": []}
    assert {d.name: d.vms_gib for d in inventory.datastores} == {name: 2, "not the plan's": 0}
    assert "datastore-2" not in vcenter.looked_at
    assert [(m.id, m.name, m.folder) for m in inventory.machines] == [("vm-1", PLAN.vms[0].name, "mail-demo")]
    assert inventory.folders == ("mail-demo",)


def test_a_template_with_the_name_of_a_vm_of_the_plan_is_not_that_vm(vcenter: Fake) -> None:
    vcenter.found.append(found(vim.VirtualMachine, "vm-1", PLAN.vms[0].name, config_template=True))
    assert read(LOGIN, PLAN).machines == ()


def test_a_vm_of_the_plan_whose_disks_may_not_be_read_is_refused(vcenter: Fake) -> None:
    vcenter.found.append(found(vim.VirtualMachine, "vm-1", PLAN.vms[0].name))
    vcenter.details["vm-1"] = found(vim.VirtualMachine, "vm-1", PLAN.vms[0].name, ("config.hardware.device",))
    with pytest.raises(Refused, match=r"may not read config\.hardware\.device"):
        read(LOGIN, PLAN)


def test_a_vm_that_is_no_template_is_none_whatever_its_name(vcenter: Fake) -> None:
    wanted = next(vm.source.template for vm in PLAN.vms if vm.source.kind == "template")
    vcenter.found.append(found(vim.VirtualMachine, "vm-1", wanted, config_template=False))
    inventory = read(LOGIN, PLAN)
    assert (inventory.template_names, inventory.templates) == ((), ())
