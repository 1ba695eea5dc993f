"""Which disk is which: each way in which what is there can differ from what was recorded."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.ledger.identity import Ledger, differences, keeps_mail, record, unguarded
from checks.snapshots.world import World
from checks.vcenter.chains import Chain, LiveVm
from config import Role
from config.findings import Level
from tests.checks.looks import live, vm, world
from tests.checks.worlds import PLAN

VCENTER = "vcenter-1"
LEDGER = record(world(), VCENTER, None)
SCANNER = next(v for v in PLAN.vms if v.server == "scanner-1")
SYSTEM, QUEUE = vm(PLAN, "scanner-1").disks


def found(there: World, ledger: Ledger = LEDGER) -> dict[tuple[str, str], Level]:
    return {(f.rule, f.subject): f.level for f in differences(ledger, there, VCENTER)}


def scanner(*disks: Chain, **changes: Any) -> World:
    """The world with other disks on a scanner."""
    return world(scanner_1=({"disks": disks} if disks else {}) | changes)


def without(*servers: str) -> World:
    there = world()
    names = {v.name for v in PLAN.vms if v.server in servers}
    return there._replace(look=there.look.model_copy(update={"vms": tuple(v for v in there.look.vms if v.name not in names)}))


def test_a_ledger_has_every_disk_of_the_plan_by_its_uuid() -> None:
    assert (LEDGER.serial, LEDGER.site, LEDGER.vcenter_uuid) == (1, "campus", VCENTER)
    recorded = {(v.server, d.label, d.unit): (d.uuid, d.mail_data) for v in LEDGER.vms for d in v.disks}
    assert recorded == {(v.server, d.label, d.unit): (f"uuid-{v.name}-{d.label}", d.mail_data) for v in PLAN.vms for d in v.disks}
    assert Ledger.model_validate_json(LEDGER.model_dump_json()) == LEDGER


def test_the_next_ledger_is_one_newer() -> None:
    assert record(world(), VCENTER, LEDGER).serial == 2


def test_nothing_has_changed() -> None:
    assert found(world()) == {}


@pytest.mark.hazard("H12", "live", "the ledger tells which disk is where")
def test_disks_that_have_swapped_their_units() -> None:
    swapped = SYSTEM.model_copy(update={"unit": QUEUE.unit}), QUEUE.model_copy(update={"unit": SYSTEM.unit})
    assert found(scanner(*swapped)) == {
        ("disk-swapped", "campus-scanner-1/system"): Level.UNSAFE,
        ("disk-swapped", "campus-scanner-1/queue"): Level.UNSAFE,
    }
    assert found(scanner(SYSTEM, QUEUE.model_copy(update={"unit": None}))) == {("disk-swapped", "campus-scanner-1/queue"): Level.UNSAFE}


def test_another_disk_in_a_disk_s_place() -> None:
    (finding,) = differences(LEDGER, scanner(SYSTEM, QUEUE.model_copy(update={"uuid": "new", "capacity_gib": 9})), VCENTER)
    assert (finding.rule, finding.level) == ("disk-exchanged", Level.UNSAFE)
    assert finding.found == "disk new, 9 GiB, is at its unit"
    assert "uuid-campus-scanner-1-queue" in finding.expected
    assert finding.names == ("campus-scanner-1/queue", "uuid-campus-scanner-1-queue")


def test_a_disk_that_is_gone() -> None:
    assert found(scanner(SYSTEM)) == {("disk-missing", "campus-scanner-1/queue"): Level.UNSAFE}


def test_a_disk_that_was_moved_elsewhere_is_still_the_disk() -> None:
    moved = QUEUE.model_copy(update={"base": "[mail-fc] x/queue.vmdk", "top": "[mail-fc] x/queue.vmdk"})
    assert found(scanner(SYSTEM, moved)) == {("disk-moved", "campus-scanner-1/queue"): Level.WARNING}


def test_snapshots_change_nothing_of_who_a_disk_is() -> None:
    assert found(scanner(SYSTEM, QUEUE.model_copy(update={"top": "[d] queue-000001.vmdk", "deltas_gib": (1.0,)}))) == {}


def test_a_disk_that_somebody_has_added() -> None:
    theirs = Chain(key=3000, unit=9, uuid="theirs", base="[d] t.vmdk", top="[d] t.vmdk", capacity_gib=5)
    assert found(scanner(SYSTEM, QUEUE, theirs)) == {("outside-disk", "campus-scanner-1/3000"): Level.UNSAFE}


def test_a_disk_of_the_plan_that_is_not_recorded_yet() -> None:
    known = next(v for v in LEDGER.vms if v.server == "scanner-1")
    shorter = known.model_copy(update={"disks": known.disks[:1]})
    ledger = LEDGER.model_copy(update={"vms": tuple(shorter if v is known else v for v in LEDGER.vms)})
    assert found(world(), ledger) == {("unrecorded", f"campus-scanner-1/{QUEUE.key}"): Level.UNSAFE}
    (finding,) = differences(ledger, world(), VCENTER)
    assert finding.next_step.endswith("then: mailstead ledger write STACK")


def test_disks_without_a_uuid_are_known_by_their_files() -> None:
    bare = QUEUE.model_copy(update={"uuid": ""})
    ledger = record(scanner(SYSTEM, bare), VCENTER, None)
    assert found(scanner(SYSTEM, bare), ledger) == {}
    other = bare.model_copy(update={"base": "[d] other.vmdk"})
    assert found(scanner(SYSTEM, other), ledger) == {("disk-exchanged", "campus-scanner-1/queue"): Level.UNSAFE}


@pytest.mark.parametrize(("bios", "said"), [("bios-campus-scanner-1", "the same BIOS UUID"), ("other", "another BIOS UUID")])
@pytest.mark.hazard("H6", "live", "the ledger knows each disk's UUID")
def test_a_vm_that_was_restored_under_its_name(bios: str, said: str) -> None:
    (finding,) = differences(LEDGER, scanner(instance_uuid="restored", bios_uuid=bios), VCENTER)
    assert (finding.rule, finding.level) == ("vm-exchanged", Level.UNSAFE)
    assert said in finding.found


@pytest.mark.hazard("H5", "live", "the ledger knows the VM and its disks")
def test_a_vm_that_is_gone_would_be_made_anew_with_empty_disks() -> None:
    (finding,) = differences(LEDGER, without("scanner-1"), VCENTER)
    assert (finding.rule, finding.subject) == ("vm-gone", "campus-scanner-1")
    assert "empty disks" in finding.consequence


def test_a_renamed_vm_is_still_the_vm() -> None:
    renamed = scanner(name="scanner-old", folder="elsewhere")
    assert found(renamed) == {}


def clone(**changes: Any) -> LiveVm:
    """A copy of a scanner, by default with its own disks and UUIDs."""
    own = tuple(d.model_copy(update={"uuid": f"{d.uuid}-copy", "base": d.base.replace("campus-", "copy-")}) for d in (SYSTEM, QUEUE))
    whole = {"id": "vm-copy", "name": "copy", "folder": "copies", "bios_uuid": "copy", "instance_uuid": "copy", "disks": own}
    return live(PLAN, SCANNER, **whole | changes)


@pytest.mark.parametrize("name", ["copy", "campus-scanner-1"])
@pytest.mark.hazard("H6", "live", "two VMs with one BIOS UUID are told")
def test_a_copy_with_the_same_bios_uuid(name: str) -> None:
    there = world(None, clone(name=name, bios_uuid="bios-campus-scanner-1"))
    assert found(there) == {("same-bios-uuid", f"copies/{name}"): Level.UNSAFE}


def test_a_copy_with_uuids_of_its_own_is_fine() -> None:
    assert found(world(None, clone())) == {}


def test_a_disk_that_two_vms_have() -> None:
    same = world(None, clone(disks=(QUEUE,)))
    assert found(same) == {("disk-shared", "campus-scanner-1/queue"): Level.UNSAFE}
    copied = world(None, clone(disks=(QUEUE.model_copy(update={"base": "[d] copy.vmdk"}),)))
    assert found(copied) == {("disk-shared", "campus-scanner-1/queue"): Level.WARNING}


def test_a_vm_of_the_plan_that_no_ledger_has() -> None:
    ledger = LEDGER.model_copy(update={"vms": tuple(v for v in LEDGER.vms if v.server != "scanner-1")})
    assert found(world(), ledger) == {("unrecorded", "campus-scanner-1"): Level.UNSAFE}


def test_a_ledger_of_nothing_guards_nothing_and_forbids_a_change_of_mail_data() -> None:
    level = {True: Level.UNSAFE, False: Level.WARNING}
    empty = LEDGER.model_copy(update={"vms": ()})
    assert found(world(), empty) == {("unrecorded", vm.name): level[keeps_mail(PLAN, vm.name)] for vm in PLAN.vms}
    bare = LEDGER.model_copy(update={"vms": tuple(vm.model_copy(update={"disks": ()}) for vm in LEDGER.vms)})
    disks = [(vm.name, 2000 + disk.unit, disk.mail_data) for vm in PLAN.vms for disk in vm.disks]
    assert found(world(), bare) == {("unrecorded", f"{name}/{key}"): level[mail] for name, key, mail in disks}


def test_who_keeps_mail() -> None:
    assert {vm.server for vm in PLAN.vms if not keeps_mail(PLAN, vm.name)} == {"balancer-1", "balancer-2"}
    assert keeps_mail(PLAN, "what no plan knows")


def test_a_server_that_was_taken_out_of_the_stack_is_no_longer_watched() -> None:
    there = without("scanner-1")
    plan = there.plan.model_copy(update={"vms": tuple(v for v in PLAN.vms if v.server != "scanner-1")})
    assert found(there._replace(plan=plan)) == {}


def test_a_disk_whose_role_has_left_the_server_is_no_longer_watched() -> None:
    own = SCANNER.model_copy(update={"disks": SCANNER.disks[:1]})
    plan = PLAN.model_copy(update={"vms": tuple(own if v is SCANNER or v.name == own.name else v for v in PLAN.vms)})
    assert found(scanner(SYSTEM)._replace(plan=plan)) == {}


@pytest.mark.parametrize(("recorded", "asked"), [(VCENTER, "vcenter-2"), ("", VCENTER), (VCENTER, "")])
def test_the_ledger_of_another_vcenter_or_of_nobody_knows_which_compares_nothing(recorded: str, asked: str) -> None:
    ledger = LEDGER.model_copy(update={"vcenter_uuid": recorded})
    (finding,) = differences(ledger, without("scanner-1"), asked)
    assert (finding.rule, finding.level) == ("other-vcenter", Level.UNSAFE)
    assert differences(ledger, world(), recorded) == ()


def test_vms_without_any_ledger_are_said_and_a_first_apply_is_not() -> None:
    path, there = Path("campus.json"), world()
    (finding,) = unguarded(there, path, VCENTER)
    assert (finding.rule, finding.level) == ("unrecorded", Level.UNSAFE)
    assert finding.found == f"has {len(PLAN.vms)} VMs and no ledger (campus.json)"
    assert "then: mailstead ledger write STACK" in finding.next_step
    assert unguarded(without(*(v.server for v in PLAN.vms)), path, VCENTER) == ()
    (one,) = unguarded(without(*(v.server for v in PLAN.vms if v.server != "balancer-1")), path, VCENTER)
    assert (one.found.startswith("has 1 VMs"), one.level) == (True, Level.WARNING), "a balancer keeps no mail"
    assert unguarded(there._replace(plan=PLAN.model_copy(update={"disposable": True})), path, VCENTER) == ()


def test_without_a_ledger_all_is_said_that_can_be_told_of_disks() -> None:
    theirs = Chain(key=3000, unit=9, uuid="theirs", base="[d] t.vmdk", top="[d] t.vmdk", capacity_gib=5, mode="undoable")
    there = world(None, clone(bios_uuid="bios-campus-scanner-1", disks=(QUEUE,)), scanner_1={"disks": (SYSTEM, QUEUE, theirs)})
    said = {f.rule for f in unguarded(there, Path("campus.json"), VCENTER)}
    assert said == {"unrecorded", "same-bios-uuid", "disk-shared", "outside-disk", "disk-mode"}


def test_of_a_disposable_stack_nothing_is_worse_than_a_warning() -> None:
    there = without("scanner-1")
    plan = there.plan.model_copy(update={"disposable": True})
    assert found(there._replace(plan=plan)) == {("vm-gone", "campus-scanner-1"): Level.WARNING}


@given(st.permutations(range(4)))
def test_any_order_of_disks_but_the_recorded_one_is_found(order: list[int]) -> None:
    """Four disks that change places: each that is not where it was is named, and no other."""
    own = SCANNER.model_copy(update={"disks": tuple(SCANNER.disks[0].model_copy(update={"label": f"d{i}", "unit": i}) for i in range(4))})
    plan = PLAN.model_copy(update={"vms": (own,)})
    disks = [Chain(key=2000 + i, unit=i, uuid=f"u{i}", base=f"[d] {i}.vmdk", top=f"[d] {i}.vmdk", capacity_gib=20) for i in range(4)]
    there = world()._replace(plan=plan)
    before = there.look.model_copy(update={"vms": (live(PLAN, SCANNER, disks=tuple(disks)),)})
    moved = tuple(disk.model_copy(update={"unit": order[i]}) for i, disk in enumerate(disks))
    after = there.look.model_copy(update={"vms": (live(PLAN, SCANNER, disks=moved),)})
    ledger = record(there._replace(look=before), VCENTER, None)
    assert len(ledger.vms[0].disks) == 4
    assert len(found(there._replace(look=after), ledger)) == sum(1 for i, unit in enumerate(order) if i != unit)


def roles(server: str, *now: Role) -> dict[tuple[str, str], Level]:
    """What is found where the stack gives a server other roles, whatever its disks are."""
    there = world()
    vms = tuple(v.model_copy(update={"roles": now}) if v.server == server else v for v in there.plan.vms)
    return found(there._replace(plan=there.plan.model_copy(update={"vms": vms})))


@pytest.mark.hazard("H12", "live", "a server given another role would take the old one's queue for its own: the ledger refuses")
@pytest.mark.parametrize("server", ["scanner-1", "mta-1", "balancer-1", "mailbox-1", "log-archive", "control-center"])
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DIRECTORY])
def test_a_server_is_what_it_was_made_as(server: str, role: Role) -> None:
    recorded = next(v for v in LEDGER.vms if v.server == server)
    wrong = {("role-changed", recorded.name): Level.UNSAFE}
    assert roles(server, role) == ({} if role in recorded.roles else wrong)
    assert roles(server, role, Role.DIRECTORY) == ({} if role in recorded.roles else wrong)


def test_the_directory_joins_and_leaves_a_server_whose_other_disks_stay() -> None:
    """Its own disk can't leave unseen: that is refused for its data."""
    assert roles("scanner-1", Role.SCANNER, Role.DIRECTORY) == {}
    assert roles("mailbox-1", Role.MAILBOX) == {}
