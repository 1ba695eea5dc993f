"""A look at a simulated vCenter: what is found is what the site describes, and nothing is left behind."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask

import checks.vcenter.session as edge
from checks import Credentials, compare, preflight, read
from checks.vcenter.allowed import PROPERTIES
from checks.vcenter.inventory import Guest
from checks.vcenter.untyped import vim
from config import Problem, Refused
from plan import Plan
from tests.checks.conftest import PASSWORD, Start, site
from tests.checks.worlds import planned

PLAN = planned()


def refused(login: Credentials, plan: Plan = PLAN) -> Problem:
    """The one problem."""
    with pytest.raises(Refused) as info:
        preflight(plan, login)
    (problem,) = info.value.problems
    assert PASSWORD not in str(problem)
    return problem


def test_the_site_of_the_stack_has_what_its_plan_needs(vcenter: Credentials) -> None:
    bindings = preflight(PLAN, vcenter).bindings
    assert bindings.datacenter_id.startswith("datacenter-")
    assert bindings.networks["mail"].startswith("network-")
    assert bindings.templates["ubuntu-22.04"].system_disk_gib == site("campus")["templates"][0]["disks_gib"][0]
    assert set(bindings.datastores) == {"templates"}


def test_luns_are_as_the_site_describes_them(vcenter: Credentials) -> None:
    seen = {lun.naa: (lun.size_gib, lun.fabrics, lun.paths, lun.hosts, lun.datastore) for lun in read(vcenter, PLAN).luns}
    for lun in site("campus")["luns"]:
        assert seen[lun["naa"]] == (lun["size_gib"], (lun["fabric"],), 2, PLAN.place.hosts, None)
    assert seen["t10.local_templates"][1] == ("other",)


def test_another_site_is_another_datacenter_and_nothing_more_is_said(start: Start) -> None:
    problem = refused(start(site("demo")))
    assert (problem.path, problem.value, "demo-dc" in problem.remedy) == ("vsphere.datacenter", "campus-dc", True)


def changed_site() -> dict[str, Any]:
    """The site of campus, with what goes wrong on a real one."""
    described = site("campus")
    hosts = described["clusters"][0]["hosts"]
    hosts[2] = hosts[2] | {"adapters": [{"device": "vmhba64", "fabric": "iscsi", "paths": 1}]}
    away = hosts.pop(1)
    described["clusters"].append({"name": "lab", "hosts": [away]})
    luns = {lun["naa"]: lun for lun in described["luns"]}
    luns[PLAN.datastore("mail-iscsi").naa]["size_gib"] = 400
    luns[PLAN.datastore("logs-iscsi").naa]["fabric"] = "fc"
    described["datastores"].append({"name": "theirs", "lun": PLAN.datastore("spool-iscsi").naa})
    described["templates"][0]["disks_gib"] = [20, 5]
    described["networks"] = ["mail-2"]
    return described


def test_all_that_is_wrong_with_a_site_is_said_at_once(start: Start) -> None:
    with pytest.raises(Refused) as info:
        preflight(PLAN, start(changed_site()))
    third = PLAN.place.hosts[2]
    said = {(p.path, word) for p in info.value.problems for word in ("lab", "theirs", "400", third, "fc", "2 disks") if word in p.rule}
    assert said >= {
        ("vsphere.hosts.1", "lab"),
        ("storage.luns.mail-iscsi.size_gib", "400"),
        ("storage.luns.logs-iscsi.fabric", "fc"),
        ("storage.luns.logs-iscsi.naa", third),
        ("storage.luns.spool-iscsi.naa", "theirs"),
        ("storage.luns.spool-fc.naa", third),
        ("spool.source.template", "2 disks"),
    }
    assert ("networks.mail.port_group", "write mail-2") in {(p.path, p.remedy) for p in info.value.problems}


def test_a_misspelt_cluster_hides_no_lun_that_is_wrong(vcenter: Credentials) -> None:
    luns = {"mail-fc": {"naa": "naa.60003ff44dc75adc00000000000000ff"}, "spool-fc": {"fabric": "iscsi"}}
    wrong = tuple(d.model_copy(update=luns.get(d.lun, {})) for d in PLAN.datastores)
    plan = PLAN.model_copy(update={"datastores": wrong, "place": PLAN.place.model_copy(update={"cluster": "mial"})})
    with pytest.raises(Refused) as info:
        preflight(plan, vcenter)
    assert [(p.path, p.remedy) for p in info.value.problems if p.path == "vsphere.cluster"] == [("vsphere.cluster", "write mail")]
    assert {p.path for p in info.value.problems} == {"vsphere.cluster", "storage.luns.mail-fc.naa", "storage.luns.spool-fc.fabric"}


def test_a_datastore_of_the_plan_with_another_vm_on_it(start: Start) -> None:
    described = site("campus")
    key = PLAN.datastores[0]
    described["datastores"].append({"name": key.name, "lun": key.naa})
    described["templates"].append({"name": "theirs", "datastore": key.name, "disks_gib": [100], "guest_id": "ubuntu64Guest"})
    inventory = read(start(described), PLAN)
    (held,) = (d for d in inventory.datastores if d.name == key.name)
    assert held.naas == (key.naa,)
    assert [g.name for g in held.guests] == ["theirs"]
    assert held.guests[0].size_gib == pytest.approx(100, abs=1)
    assert isinstance(held.guests[0], Guest)
    assert next(lun.datastore for lun in inventory.luns if lun.naa == key.naa) == key.name


def test_a_lun_that_another_system_has_partitioned_is_not_made_a_datastore_of(start: Start) -> None:
    described = site("campus")
    next(lun for lun in described["luns"] if lun["naa"] == PLAN.datastore("mail-fc").naa)["partition"] = "linuxNative"

    problem = refused(start(described))

    assert problem.path == "storage.luns.mail-fc.naa"
    assert "linuxNative of 200 GiB" in problem.rule


def test_datastores_that_the_first_run_made_are_bound_by_the_second(start: Start) -> None:
    described = site("campus")
    described["datastores"] += [{"name": d.name, "lun": d.naa} for d in PLAN.datastores]
    look = preflight(PLAN, start(described))
    bindings = look.bindings
    assert set(bindings.datastores) == {"templates", *(d.name for d in PLAN.datastores)}
    assert len(set(bindings.datastores.values())) == len(bindings.datastores)
    assert [problem.value for problem in look.existing] == [d.naa for d in PLAN.datastores], "fine, if the stack has made them"


@contextmanager
def changing(login: Credentials) -> Iterator[Any]:
    """A session that may change the vCenter."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    secret = login.password.get_secret_value()
    live: Any = SmartConnect(host=login.host, port=login.port, user=login.user, pwd=secret, sslContext=context)  # type: ignore[no-untyped-call]
    try:
        yield live.RetrieveContent()
    finally:
        Disconnect(live)  # type: ignore[no-untyped-call]


def test_a_disk_that_was_kept_takes_the_room_of_the_snapshots(start: Start) -> None:
    """A VMDK that no VM has, as it stays when its server goes."""
    described = site("campus")
    key = PLAN.datastore("mail-iscsi")
    described["datastores"].append({"name": key.name, "lun": key.naa})
    login = start(described)
    assert preflight(PLAN, login).bindings
    with changing(login) as content:
        spec = vim.VirtualDiskManager.FileBackedVirtualDiskSpec(diskType="thin", adapterType="lsiLogic", capacityKb=280 * 2**20)
        datacenter = content.rootFolder.childEntity[0]
        task = content.virtualDiskManager.CreateVirtualDisk_Task(name=f"[{key.name}] kept.vmdk", datacenter=datacenter, spec=spec)
        WaitForTask(task)  # type: ignore[no-untyped-call]
    problem = refused(login)
    assert problem.path == "storage.luns.mail-iscsi.size_gib"
    (kept,) = re.findall(r"\(files that no VM has ([0-9.]+) GiB\)", problem.rule)
    assert float(kept) == pytest.approx(280, abs=0.5)


def test_hosts_in_maintenance_are_too_few_for_a_role(start: Start) -> None:
    login = start(site("campus"))
    with changing(login) as content:
        view = content.viewManager.CreateContainerView(content.rootFolder, [vim.HostSystem], recursive=True)
        for host in view.view[1:]:
            WaitForTask(host.EnterMaintenanceMode_Task(timeout=0))  # type: ignore[no-untyped-call]
    problem = refused(login)
    assert (problem.path, problem.value) == ("vsphere.hosts", "1 of 3 hosts")


def test_folders_of_the_vcenter_are_known_by_their_paths(start: Start) -> None:
    login = start(site("campus"))
    with changing(login) as content:
        content.rootFolder.childEntity[0].vmFolder.CreateFolder("it").CreateFolder("mail%2fold")
    for folder, there in (("campus", True), ("it/campus", True), ("it/mail/campus", False), ("vm/campus", False)):
        plan = PLAN.model_copy(update={"place": PLAN.place.model_copy(update={"folder": folder})})
        if there:
            assert preflight(plan, login).existing == ()
        else:
            assert refused(login, plan).path == "vsphere.folder"
    taken = PLAN.model_copy(update={"place": PLAN.place.model_copy(update={"folder": "it"})})
    assert [(p.path, p.value) for p in preflight(taken, login).existing] == [("vsphere.folder", "it")]


def test_small_pages_give_the_same(vcenter: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(vcenter, PLAN)
    monkeypatch.setattr(edge, "PAGE", 2)
    assert read(vcenter, PLAN) == whole
    assert list(compare(PLAN, whole)) == []


def test_a_wrong_password_is_one_problem(vcenter: Credentials) -> None:
    problem = refused(replace(vcenter, password=SecretStr("wrong&")))
    assert (problem.path, problem.remedy) == ("vsphere:password", "run: make pulumi STACK=NAME ARGS='config set --secret vsphere:password'")
    assert problem.value == "the password of user"


def test_a_certificate_of_nobody_is_not_trusted(vcenter: Credentials) -> None:
    problem = refused(replace(vcenter, allow_unverified_ssl=False))
    assert (problem.path, problem.value) == ("vsphere:vsphereServer", vcenter.server)
    assert "certificate" in problem.rule
    assert "export VSPHERE_ALLOW_UNVERIFIED_SSL=true" in problem.remedy


def test_only_the_listed_methods_are_called(vcenter: Credentials, called: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "PAGE", 2)
    read(vcenter, PLAN)
    assert called == edge.READ_ONLY


@pytest.mark.parametrize("fails", [False, True])
def test_no_session_is_left_behind(vcenter: Credentials, fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROPERTIES, "vim.SessionManager", frozenset({"sessionList"}))
    with edge.session(vcenter) as live:

        def sessions() -> int:
            return len(live.of([(live.content.sessionManager, ["sessionList"])])[0].get("sessionList"))

        before = sessions()
        with suppress(ZeroDivisionError), edge.session(vcenter):
            assert sessions() == before + 1
            if fails:
                raise ZeroDivisionError
        assert sessions() == before


def test_an_answer_may_take_longer_than_a_connection(vcenter: Credentials) -> None:
    with edge.session(vcenter) as live:
        assert live.content.rootFolder._stub.GetConnection().sock.gettimeout() == edge.ANSWER_SECONDS > edge.CONNECT_SECONDS


def test_a_fault_of_vcenter_is_a_problem(vcenter: Credentials) -> None:
    with pytest.raises(Refused) as info, edge.session(vcenter) as live:
        live.of([(vim.HostSystem("host-nowhere", None), ["name"])])
    (problem,) = info.value.problems
    assert problem.path == "vsphere:vsphereServer"
    assert "ManagedObjectNotFound" in problem.rule
