"""Disks of VMs that exist already: none with mail data leaves its VM by an edit, and none shrinks."""

from collections.abc import Mapping
from typing import Any

import pytest

from checks.vcenter.inventory import Inventory, LiveDisk, Machine
from config import Role
from plan import Disk, Plan, Vm
from plan.model import SCSI_UNITS
from tests.checks.worlds import MIB, PLAN, WORLD, found, only


def live(vm: Vm, folder: str = PLAN.place.folder, sizes: Mapping[str, float] | None = None) -> Machine:
    """A VM with the disks of the plan, some with other sizes."""
    whole = {d.label: float(d.size_gib) for d in vm.disks} | dict(sizes or {})
    disks = (LiveDisk(unit=SCSI_UNITS[label], size_gib=gib, file=f"[d] {vm.name}/{label}.vmdk") for label, gib in whole.items())
    return Machine(id=f"vm-{vm.name}", name=vm.name, folder=folder, disks=tuple(disks))


def having(*machines: Machine) -> Inventory:
    """The world with VMs."""
    return WORLD.model_copy(update={"machines": machines})


def vm(server: str) -> Vm:
    """A VM of the plan."""
    return next(vm for vm in PLAN.vms if vm.server == server)


def with_vm(server: str, **changes: Any) -> Plan:
    """The plan with one VM changed."""
    return PLAN.model_copy(update={"vms": tuple(v.model_copy(update=changes) if v.server == server else v for v in PLAN.vms)})


def without(server: str, label: str) -> Plan:
    """The plan, with a VM that has a role and its disk no more."""
    return with_vm(server, disks=tuple(d for d in vm(server).disks if d.label != label), roles=(vm(server).roles[0],))


def test_vms_as_the_plan_has_them_are_fine() -> None:
    assert found(having(*(live(v) for v in PLAN.vms))) == []


@pytest.mark.hazard("H22", "live", "master and replicas stay where their data is")
def test_a_role_that_moves_would_leave_its_data_behind() -> None:
    problem = only(having(*(live(v) for v in PLAN.vms)), without("mta-1", "directory"))
    (gib,) = (d.size_gib for d in vm("mta-1").disks if d.label == "directory")
    assert (problem.path, problem.value) == ("spool.mtas.mta-1", "campus-mta-1")
    assert problem.rule == f"would lose its disk directory of {gib} GiB ([d] campus-mta-1/directory.vmdk): as mta it has none"
    assert "docs/edits.md, Taking a disk off a VM" in problem.remedy


@pytest.mark.hazard("H1", "live", "an edit that takes a disk with mail data off its VM is refused")
def test_servers_that_swap_roles_are_refused_for_every_disk_that_would_go() -> None:
    mta, mailbox = vm("mta-1"), vm("mailbox-1")
    swapped = tuple(
        v.model_copy(update={"disks": {"mta-1": mailbox, "mailbox-1": mta}[v.server].disks}) if v in (mta, mailbox) else v for v in PLAN.vms
    )
    problems = found(having(live(mta), live(mailbox)), PLAN.model_copy(update={"vms": swapped}))
    assert [(p.value, p.rule.split(" of ")[0]) for p in problems] == [
        ("campus-mailbox-1", "would lose its disk mail"),
        ("campus-mta-1", "would lose its disk queue"),
    ]


def test_data_that_the_stack_has_declared_disposable_may_go_but_nothing_shrinks() -> None:
    dropping = without("mta-1", "directory").model_copy(update={"disposable": True})
    assert found(having(live(vm("mta-1"))), dropping) == []
    assert len(found(having(live(vm("mta-1"), sizes={"queue": 9999})), dropping)) == 1


@pytest.mark.parametrize("label", ["system", "queue"])
@pytest.mark.parametrize(("beyond", "refused"), [(-1.0, False), (0.0, False), (MIB, False), (2 * MIB, True), (10.0, True)])
def test_a_disk_that_would_shrink_is_refused_with_what_to_write(label: str, beyond: float, refused: bool) -> None:
    planned = next(d.size_gib for d in vm("scanner-1").disks if d.label == label)
    problems = found(having(live(vm("scanner-1"), sizes={label: planned + beyond})))
    assert [(p.path, p.value) for p in problems] == ([(f"gateway.scanners.scanner-1.disks_gib.{label}", str(planned))] if refused else [])
    assert all(p.remedy == f"write {planned + max(1, int(beyond))}" for p in problems)


def test_every_size_to_write_is_said_at_once() -> None:
    problems = found(having(*(live(v, sizes={d.label: d.size_gib + 5 for d in v.disks}) for v in PLAN.vms)))
    assert {p.path for p in problems} == {f"{v.path}.disks_gib.{d.label}" for v in PLAN.vms for d in v.disks}


def test_disks_that_somebody_attached_elsewhere_are_theirs() -> None:
    scanner = live(vm("scanner-1"))
    extra = LiveDisk(unit=9, size_gib=1, file="[d] theirs.vmdk")
    assert found(having(scanner.model_copy(update={"disks": (*scanner.disks, extra)}))) == []


def test_a_vm_of_the_same_name_in_another_folder_is_meant_only_where_the_plan_s_has_none() -> None:
    """The folder may be renamed by the same edit; elsewhere somebody else's VM may have the name."""
    ours, other = live(vm("scanner-1")), live(vm("scanner-1"), folder="elsewhere", sizes={"queue": 9999})
    assert found(having(ours, other)) == []
    assert len(found(having(other))) == 1


def test_a_role_that_is_added_gets_a_disk() -> None:
    more = Disk(label="directory", unit=SCSI_UNITS["directory"], size_gib=39, mail_data=True)
    scanner = vm("scanner-1")
    added = with_vm("scanner-1", disks=(*scanner.disks, more), roles=(*scanner.roles, Role.DIRECTORY))
    assert [p.path for p in found(having(live(scanner)), added)] == []
