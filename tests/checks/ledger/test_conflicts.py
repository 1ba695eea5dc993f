"""Two ledgers that can't both be right: each way in which they part."""

from typing import Any

import pytest

from checks.ledger.conflicts import conflicts
from checks.ledger.identity import Ledger, LedgerVm, record
from config.findings import Level
from tests.checks.looks import world

LEDGER = record(world(), "vcenter-1", None)
SYSTEM, QUEUE = next(v for v in LEDGER.vms if v.server == "scanner-1").disks


def renamed(ledger: Ledger, **changes: Any) -> Ledger:
    """A ledger whose scanner has changed."""

    def one(known: LedgerVm) -> LedgerVm:
        return known.model_copy(update=changes) if known.server == "scanner-1" else known

    return ledger.model_copy(update={"vms": tuple(map(one, ledger.vms))})


def other_queue(uuid: str) -> Ledger:
    known = next(v for v in LEDGER.vms if v.server == "scanner-1")
    return renamed(LEDGER, disks=(known.disks[0], known.disks[1].model_copy(update={"uuid": uuid})))


def test_two_copies_that_agree_are_no_conflict() -> None:
    assert conflicts(LEDGER, {"b.json": LEDGER.model_copy(update={"serial": 2})}) == ()


@pytest.mark.parametrize(("serial", "said"), [(0, "this one is newer"), (1, "both are as new"), (2, "the other is newer")])
def test_two_copies_that_name_different_disks(serial: int, said: str) -> None:
    (finding,) = conflicts(LEDGER, {"b.json": other_queue("x").model_copy(update={"serial": serial})})
    assert (finding.rule, finding.level, finding.subject) == ("ledgers-conflict", Level.UNSAFE, "campus-scanner-1/queue")
    assert finding.found == f"is disk x in b.json (serial {serial}, stack campus)"
    assert said in finding.next_step


def test_two_stacks_that_claim_one_disk() -> None:
    theirs = renamed(LEDGER, name="lab-scanner").model_copy(update={"site": "lab"})
    theirs = theirs.model_copy(update={"vms": tuple(v for v in theirs.vms if v.name == "lab-scanner")})
    found = conflicts(LEDGER, {"lab.json": theirs})
    assert [f.subject for f in found] == ["campus-scanner-1/queue", "campus-scanner-1/system"]
    assert "is lab-scanner/queue in lab.json (serial 1, stack lab)" in found[0].found


def test_the_same_names_at_another_vcenter_or_with_other_disks_in_another_stack_are_no_conflict() -> None:
    assert conflicts(LEDGER, {"b.json": other_queue("x").model_copy(update={"vcenter_uuid": "vcenter-2"})}) == ()
    lab = LEDGER.model_copy(
        update={"site": "lab", "vms": tuple(v.model_copy(update={"name": f"lab-{v.server}", "disks": ()}) for v in LEDGER.vms)}
    )
    assert conflicts(LEDGER, {"lab.json": lab}) == ()


def subjects(other: Ledger) -> list[str]:
    return [f.subject for f in conflicts(LEDGER, {"b.json": other})]


def test_two_copies_that_have_the_same_disks_at_other_units() -> None:
    swapped = SYSTEM.model_copy(update={"unit": QUEUE.unit}), QUEUE.model_copy(update={"unit": SYSTEM.unit})
    assert subjects(renamed(LEDGER, disks=swapped)) == ["campus-scanner-1/queue", "campus-scanner-1/system"]


def test_two_copies_that_have_the_same_disks_on_another_vm() -> None:
    found = conflicts(LEDGER, {"b.json": renamed(LEDGER, instance_uuid="another")})
    assert [f.subject for f in found] == ["campus-scanner-1/queue", "campus-scanner-1/system"]
    assert "on another VM (instance another, not instance-campus-scanner-1)" in found[0].found


def lab(**changes: Any) -> Ledger:
    """A ledger of another stack that claims the queue as its own."""
    theirs = renamed(LEDGER, name="lab-scanner", disks=(QUEUE.model_copy(update=changes),))
    return theirs.model_copy(update={"site": "lab", "vms": tuple(v for v in theirs.vms if v.name == "lab-scanner")})


@pytest.mark.parametrize(
    ("changes", "claimed"),
    [
        ({"uuid": ""}, True),
        ({"uuid": "", "file": "[d] another.vmdk"}, False),
        ({"uuid": "another"}, False),
        ({"file": "[d] moved.vmdk"}, True),
    ],
)
def test_a_disk_of_which_one_ledger_knows_no_uuid_is_known_by_its_file(changes: dict[str, str], claimed: bool) -> None:
    assert subjects(lab(**changes)) == (["campus-scanner-1/queue"] if claimed else [])


def test_a_copy_that_has_learnt_no_uuid_yet_or_in_which_a_disk_has_moved_agrees() -> None:
    for changes in ({"uuid": ""}, {"file": "[d] moved.vmdk"}):
        assert subjects(renamed(LEDGER, disks=(SYSTEM, QUEUE.model_copy(update=changes)))) == []
