"""Each invariant: a plan that breaks it and the counter-example it gives, and the campus plan, which breaks none."""

import math
import re
from pathlib import Path
from typing import Any

import pytest

from config import Problem
from plan import Plan, draft, invariants
from sizing import Term
from tests.plan.conftest import Edit


def _only(invariant: invariants.Invariant, plan: Plan) -> Problem:
    """The one counter-example of an invariant, which no other invariant of the plan shares."""
    found = list(invariant(plan))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("stack", ["campus", "campus-test", "demo"])
@pytest.mark.parametrize("invariant", invariants.INVARIANTS, ids=lambda i: i.__name__)
def test_a_sound_stack_breaks_no_invariant(edited: Edit, invariant: invariants.Invariant, stack: str) -> None:
    assert list(invariant(draft(edited(stack=stack)))) == []


def test_the_platform_of_2013_is_refused_for_headroom_and_for_the_shared_fabric(edited: Edit) -> None:
    found = list(invariants.check(draft(edited(stack="campus-2013"))))

    assert [p.path for p in found] == [
        "storage.luns.control-center.size_gib",
        "storage.luns.scanner-1.size_gib",
        "storage.luns.scanner-2.size_gib",
        "gateway.scanners.scanner-2.lun",
    ]
    scanner, fabric = found[1], found[3]
    assert (scanner.value, scanner.remedy) == ("90", "ask for ≥ 141 GiB or move a server to another LUN")
    assert "disks 90.00 + VM swap 4.00" in scanner.rule
    assert scanner.rule.startswith("is 50.54 GiB too small for its disks and their snapshots: ")
    assert "÷ (1 − 0.2) = 140.54 GiB" in scanner.rule
    assert fabric.value == "iscsi"
    assert "(scanner-1, scanner-2)" in fabric.rule
    assert "spool-fc" in fabric.remedy


@pytest.mark.hazard("H8", "plan", "`snapshot_never_fills_a_datastore`")
def test_a_lun_is_refused_one_gib_below_its_need_and_not_at_it(edited: Edit) -> None:
    need = next(d.smallest_gib for d in draft(edited()).sizing.datastores if d.lun == "mail-fc")

    at = draft(edited({"storage.luns.mail-fc.size_gib": need}))
    below = draft(edited({"storage.luns.mail-fc.size_gib": need - 1}))

    assert list(invariants.snapshot_never_fills_a_datastore(at)) == []
    problem = _only(invariants.snapshot_never_fills_a_datastore, below)
    assert (problem.path, problem.value) == ("storage.luns.mail-fc.size_gib", str(need - 1))
    assert f"≥ {need} GiB" in problem.remedy


@pytest.mark.hazard("H29", "plan", "`thin_lun_is_backed_by_the_array`")
def test_a_thin_lun_is_refused_when_the_array_keeps_less_than_its_need(edited: Edit) -> None:
    need = next(d.need_gib for d in draft(edited()).sizing.datastores if d.lun == "mail-fc")

    at = draft(edited({"storage.luns.mail-fc.physical_gib": need}))
    below = draft(edited({"storage.luns.mail-fc.physical_gib": need - 0.5}))

    assert list(invariants.thin_lun_is_backed_by_the_array(at)) == []
    problem = _only(invariants.thin_lun_is_backed_by_the_array, below)
    assert (problem.path, problem.value) == ("storage.luns.mail-fc.physical_gib", str(need - 0.5))
    assert problem.rule == f"is 0.5 GiB less than its disks and snapshots need, {need - 2:.2f} + 2.00 of VMFS on 200 GiB = {need:.2f} GiB"
    assert f"keep ≥ {math.ceil(need)} GiB" in problem.remedy


def test_a_declared_disk_that_is_too_small_is_refused(edited: Edit) -> None:
    plan = draft(edited({"gateway.scanners.scanner-1.disks_gib": {"queue": 10}}))

    problem = _only(invariants.every_disk_holds_its_need, plan)

    assert problem.path == "gateway.scanners.scanner-1.disks_gib.queue"
    assert problem.value == "10"
    assert "GiB too small for what the disk must hold" in problem.rule
    assert "message audit log" in problem.rule


Change = dict[str, Any]


def _resized(plan: Plan, part: str, change: Change) -> Plan:
    """The plan with its sizing's first disk, memory or datastore changed."""
    first, *others = getattr(plan.sizing, part)
    return plan.model_copy(update={"sizing": plan.sizing.model_copy(update={part: (first.model_copy(update=change), *others)})})


def _holding(*gib: float) -> tuple[Term, ...]:
    return tuple(Term(name=f"part {i}", gib=size, formula="", source="") for i, size in enumerate(gib))


HOLDS: list[tuple[invariants.Invariant, str, Change, str | None]] = [
    (invariants.every_disk_holds_its_need, "disks", {"declared_gib": 10, "terms": _holding(10)}, None),
    (invariants.every_disk_holds_its_need, "disks", {"declared_gib": 10, "terms": _holding(9.9995)}, None),
    (invariants.every_disk_holds_its_need, "disks", {"declared_gib": 10, "terms": _holding(10.001)},
     "10 is 0.01 GiB too small for what the disk must hold (part 0 10.00 GiB); write 11 or more, or leave it out"),
    (invariants.every_disk_holds_its_need, "disks", {"declared_gib": 10, "terms": _holding(10, 0.000001)},
     "10 is 0.01 GiB too small for what the disk must hold (part 0 10.00 + part 1 0.000001 GiB); write 11 or more, or leave it out"),
    (invariants.every_disk_holds_its_need, "disks", {"declared_gib": 10, "terms": _holding(63_488)},
     "10 is 63,478 GiB too small for what the disk must hold (part 0 63,488.00 GiB); write 63488 or more, or leave it out"),
    (invariants.every_disk_holds_its_need, "disks", {"declared_gib": 10, "terms": _holding(63_488.5)},
     "10 is 63,478.5 GiB too small for what the disk must hold (part 0 63,488.50 GiB); "
     "spread the load over more servers: no disk can be larger than 63488 GiB"),
    (invariants.every_disk_can_exist, "disks", {"declared_gib": 63_488}, None),
    (invariants.every_disk_can_exist, "disks", {"declared_gib": 63_489},
     "63489 is more than vSphere's largest disk of 63488 GiB; spread the load over more servers"),
    (invariants.memory_holds_what_runs, "memory", {"declared_gib": 4.5, "terms": _holding(4, 0.5)}, None),
    (invariants.memory_holds_what_runs, "memory", {"declared_gib": 4.5, "terms": _holding(4, 0.500001)},
     "4.5 is 0.01 GiB too small for what runs there (part 0 4 + part 1 0.500001 GiB); write 4.50390625 or more"),
    (invariants.memory_holds_what_runs, "memory", {"declared_gib": 4, "terms": _holding(6, 138.75)},
     "4 is 140.75 GiB too small for what runs there (part 0 6 + part 1 138.75 GiB); write 144.75 or more"),
    (invariants.snapshot_never_fills_a_datastore, "datastores", {"declared_gib": 100.25, "terms": _holding(80.2)}, None),
    (invariants.snapshot_never_fills_a_datastore, "datastores", {"declared_gib": 100.249999, "terms": _holding(80.2)},
     "100.249999 is 0.01 GiB too small for its disks and their snapshots: (part 0 80.20 = 80.20) ÷ (1 − 0.2) = 100.25 GiB; "
     "ask for ≥ 101 GiB or move a server to another LUN"),
    (invariants.snapshot_never_fills_a_datastore, "datastores", {"declared_gib": 1, "terms": _holding(52_428.8)},
     "1 is 65,535 GiB too small for its disks and their snapshots: (part 0 52,428.80 = 52,428.80) ÷ (1 − 0.2) = 65,536.00 GiB; "
     "ask for ≥ 65536 GiB or move a server to another LUN"),
    (invariants.snapshot_never_fills_a_datastore, "datastores", {"declared_gib": 1, "terms": _holding(52_429)},
     "1 is 65,535.25 GiB too small for its disks and their snapshots: (part 0 52,429.00 = 52,429.00) ÷ (1 − 0.2) = 65,536.25 GiB; "
     "move a server to another LUN: none can be larger than 65536 GiB"),
    (invariants.snapshot_never_fills_a_datastore, "datastores", {"declared_gib": 90, "physical_gib": 80, "terms": _holding(99.5)},
     "90 is 34.38 GiB too small for its disks and their snapshots: (part 0 99.50 = 99.50) ÷ (1 − 0.2) = 124.38 GiB; "
     "ask for ≥ 125 GiB, 102 of them kept by the array, or move a server to another LUN"),
    (invariants.thin_lun_is_backed_by_the_array, "datastores", {"declared_gib": 90, "physical_gib": 90, "terms": _holding(99.5)}, None),
    (invariants.thin_lun_is_backed_by_the_array, "datastores", {"physical_gib": 101.5, "terms": _holding(99.5)}, None),
    (invariants.thin_lun_is_backed_by_the_array, "datastores", {"physical_gib": 101.499999, "terms": _holding(99.5)},
     "101.499999 is 0.01 GiB less than its disks and snapshots need, 99.50 + 2.00 of VMFS on 300 GiB = 101.50 GiB; "
     "have the array keep ≥ 102 GiB for it, or move a server to another LUN"),
]  # fmt: skip


@pytest.mark.parametrize(("invariant", "part", "change", "said"), HOLDS)
def test_what_holds_to_the_last_kib_and_what_does_not(
    edited: Edit, invariant: invariants.Invariant, part: str, change: Change, said: str | None
) -> None:
    """A need is rounded to about a KiB; what lacks less than a hundredth of a GiB is still too small, and is shown to lack something."""
    found = [str(problem).partition(": ")[2] for problem in invariant(_resized(draft(edited()), part, change))]

    assert found == ([] if said is None else [said])


def test_a_disk_larger_than_vsphere_s_largest_is_refused(edited: Edit) -> None:
    plan = draft(edited({"spool.quota_gib": 10, "spool.mailboxes.mailbox-1.disks_gib": {}}))

    problem = _only(invariants.every_disk_can_exist, plan)

    assert problem.path == "spool.mailboxes.mailbox-1.disks_gib.mail"
    assert "largest disk of 63488 GiB" in problem.rule


def test_memory_that_does_not_hold_what_runs_is_refused(edited: Edit) -> None:
    plan = draft(edited({"gateway.scan_memory_gib": 4}))

    found = list(invariants.memory_holds_what_runs(plan))

    assert [p.path for p in found] == ["gateway.scanners.scanner-1.memory_gib", "gateway.scanners.scanner-2.memory_gib"]
    assert found[0].value == "4"


@pytest.mark.parametrize(
    ("invariant", "change", "value"),
    [
        (invariants.names_are_unique, {"name": "campus-mta-1"}, "campus-mta-1"),
        (invariants.names_are_unique, {"name": "c" * 64}, "c" * 64),
    ],
)
def test_a_vm_s_name_is_its_own_and_fits_dns(edited: Edit, invariant: invariants.Invariant, change: dict[str, Any], value: str) -> None:
    plan = draft(edited())
    spoiled = plan.model_copy(update={"vms": (plan.vms[0].model_copy(update=change), *plan.vms[1:])})

    assert _only(invariant, spoiled).value == value


def test_a_datastore_s_name_is_its_own(edited: Edit) -> None:
    plan = draft(edited())
    first = plan.datastores[0].model_copy(update={"name": "mail-fc"})

    assert _only(invariants.names_are_unique, plan.model_copy(update={"datastores": (first, *plan.datastores[1:])})).value == "mail-fc"


def test_two_vms_with_one_address_are_refused(edited: Edit) -> None:
    plan = draft(edited())
    spoiled = plan.model_copy(update={"vms": (plan.vms[0].model_copy(update={"address": plan.vms[1].address}), *plan.vms[1:])})

    assert _only(invariants.addresses_are_unique, spoiled).value == str(plan.vms[1].address.ip)


@pytest.mark.parametrize(("change", "kind"), [({"label": "queue"}, "label"), ({"unit": 1}, "unit")])
def test_two_disks_with_one_label_or_unit_are_refused(edited: Edit, change: dict[str, Any], kind: str) -> None:
    plan = draft(edited())
    at, vm = next((i, vm) for i, vm in enumerate(plan.vms) if vm.server == "scanner-1")
    disks = (vm.disks[0].model_copy(update=change), *vm.disks[1:])
    vms = (*plan.vms[:at], vm.model_copy(update={"disks": disks}), *plan.vms[at + 1 :])

    assert _only(invariants.disks_are_told_apart, plan.model_copy(update={"vms": vms})).rule.startswith(f"is the {kind} of two disks")


def test_every_invariant_has_a_failing_fixture() -> None:
    here = Path(__file__)
    source = "".join(file.read_text(encoding="utf-8") for file in (here, *map(here.with_name, ("test_survival.py", "test_hosts.py"))))
    assert [i.__name__ for i in invariants.INVARIANTS if not re.search(rf"(?:invariants|survival|hosts)\.{i.__name__}\b", source)] == []


def test_every_invariant_cites_its_reason() -> None:
    assert [i.__name__ for i in invariants.INVARIANTS if len((i.__doc__ or "").split()) < 10] == []
