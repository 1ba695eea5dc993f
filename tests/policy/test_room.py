"""Headroom and overcommit, at the last GiB that suffices and one below; and what can't be seen, said."""

import math
from typing import Any

import pytest

from policy.room import has_headroom, is_not_overcommitted
from policy.settings import Headroom, Overcommit
from review.preview import UNKNOWN
from review.stateful import VIRTUAL_DISK
from tests.policy.made import disk, own, resource, said, store, unseen, vm

VMS = (vm("mx-1"), vm("mx-2"))
NEED = (200 + 8 + 2 * 0.15 + 2 * 0.5 + 2 * (0.15 * 100 + 1 / 64) + 2 * 0.15 * 100 * 4 / 24 + 2) / 0.8
"""GiB: two disks of 100, swap of 4, VMX swap, logs, a delta of a day at 0.15, 4 hours of consolidation, VMFS; of which 0.2 stays free."""


def headroom(size_gib: float | None, **more: Any) -> Headroom:
    return Headroom.model_validate({"datastores": {"ds-1": {"size_gib": size_gib, "others_gib": 0} | more}})


@pytest.mark.hazard("H8", "policy", "`snapshot-headroom`, in any program")
def test_a_datastore_suffices_at_its_need_and_not_a_gib_below() -> None:
    least = math.ceil(NEED)
    assert list(has_headroom(VMS, headroom(least))) == []
    (text,) = said(has_headroom(VMS, headroom(least - 1)))
    assert text.startswith(f"ds-1: {least - 1} is ")
    assert f"÷ (1 − 0.2) = {NEED:.2f} GiB; ask for ≥ {least} GiB" in text


def test_the_array_must_keep_what_the_datastore_holds() -> None:
    least = math.ceil(NEED * 0.8)
    assert said(has_headroom(VMS, headroom(math.ceil(NEED), physical_gib=least))) == []
    (text,) = said(has_headroom(VMS, headroom(math.ceil(NEED), physical_gib=least - 1)))
    assert f"have the array keep ≥ {least} GiB" in text


def test_others_room_counts_and_is_asked_for_where_the_program_did_not_make_the_datastore() -> None:
    spare = math.ceil(NEED) + 10
    assert said(has_headroom(VMS, headroom(spare, others_gib=8))) == []
    assert len(said(has_headroom(VMS, headroom(spare, others_gib=9)))) == 1
    assert unseen(has_headroom(VMS, headroom(spare, others_gib=None))) == ["ds-1: what others have on it; give datastores.ds-1.others_gib"]


def test_a_datastore_of_the_program_is_known_by_what_it_is_made_from_and_by_its_capacity() -> None:
    made = store("mail", "", capacity=1024.0 * math.ceil(NEED))
    needs = {"datastoreId": (made.urn,), "disks": (made.urn,)}
    vms = [vm(name, disk("spool", datastoreId="<computed>"), store=UNKNOWN, needs=needs) for name in ("mx-1", "mx-2")]
    assert list(has_headroom([made, *vms], Headroom())) == []
    small = store("mail", "", capacity=1024.0 * (math.ceil(NEED) - 1))
    assert len(said(has_headroom([small, *vms], Headroom()))) == 1
    configured = Headroom.model_validate({"datastores": {"mail": {"size_gib": math.ceil(NEED)}}})
    assert list(has_headroom([small, *vms], configured)) == []


def test_a_datastore_of_unknown_size_is_said() -> None:
    assert unseen(has_headroom(VMS, Headroom())) == ["ds-1: its size, and so whether snapshots fit; give datastores.ds-1.size_gib"]


@pytest.mark.parametrize(
    ("machine", "text"),
    [
        (vm("mx", disk("spool", attach=True)), "mx/spool, 100 GiB: attached from elsewhere"),
        (vm("mx", {"label": "spool", "unitNumber": 1}), "mx/spool: its size"),
        (vm("mx", disk("spool", datastoreId=UNKNOWN)), "mx/spool, 100 GiB: its datastore"),
        (vm("mx", disks=[]), "mx: its disks; it lists none"),
        (vm("mx", disks=UNKNOWN), "mx: its disks; it lists none, or their labels are known only after the apply"),
        (vm("mx", disk(UNKNOWN)), "mx: its disks"),
        (vm("mx", memory=UNKNOWN), "mx: its memory"),
        (vm("mx", store=UNKNOWN), "mx: the datastore of its own files"),
        (resource(VIRTUAL_DISK, "extra", size=50.0, datastore="elsewhere"), "VirtualDisk extra: its datastore"),
    ],
)
def test_what_is_not_counted_is_said(machine: Any, text: str) -> None:
    assert any(line.startswith(text) for line in unseen(has_headroom([machine], headroom(1000))))


def test_a_disk_that_may_be_on_either_of_two_datastores_is_said() -> None:
    made = store("mail")
    unsure = vm("mx", disk("spool", datastoreId="<computed>"), store="ds-1", needs={"disks": (made.urn,)})
    assert "mx/spool, 100 GiB: which datastore it is on; counted on mail" in unseen(has_headroom([made, unsure], headroom(1000)))


def test_a_datastore_with_mailsteads_own_vms_alone_is_its_plan_s_and_a_guest_on_it_counts_with_all() -> None:
    assert list(has_headroom([own("a"), own("b")], headroom(1))) == []
    (text,) = said(has_headroom([own("a"), vm("b")], headroom(1)))
    assert "disks 200.00" in text


@pytest.mark.hazard("H29", "policy", "`thin-overcommit`, in any program")
@pytest.mark.parametrize(("size_gib", "most", "refused"), [(200, 1.0, False), (199.5, 1.0, True), (100, 2.0, False), (99.5, 2.0, True)])
def test_thin_disks_may_come_to_as_much_as_is_allowed(size_gib: float, most: float, refused: bool) -> None:
    given = Overcommit.model_validate({"datastores": {"ds-1": {"size_gib": size_gib}}, "most": most})
    assert len(said(is_not_overcommitted(VMS, given))) == refused


def test_no_more_than_the_memory_is_reserved() -> None:
    """A larger reservation would make swap files of a size below zero, and room where there is none."""
    least = math.ceil((100 + 0.15 + 0.5 + 15 + 1 / 64 + 0.15 * 100 * 4 / 24 + 2) / 0.8)
    (exact, more) = (vm("mx", memoryReservation=reserved) for reserved in (4096.0, 65536.0))
    for machine in (exact, more):
        assert said(has_headroom([machine], headroom(least))) == []
        assert len(said(has_headroom([machine], headroom(least - 1)))) == 1


def test_a_disk_that_is_attached_is_promised_where_it_was_made() -> None:
    given = Overcommit.model_validate({"datastores": {"ds-1": {"size_gib": 100}}})
    both = [vm("mx", disk("spool", 100), disk("extra", 50, 2, attach=True))]
    assert said(is_not_overcommitted(both, given)) == []
    assert len(said(is_not_overcommitted([vm("mx", disk("spool", 100), disk("extra", 50, 2))], given))) == 1


def test_overcommit_counts_what_the_array_keeps_and_spares_thick_disks_and_what_it_cannot_size() -> None:
    backed = {"datastores": {"ds-1": {"size_gib": 1000, "physical_gib": 199}}}
    assert len(said(is_not_overcommitted(VMS, Overcommit.model_validate(backed)))) == 1
    thick = [vm("mx", disk("spool", 500, thinProvisioned=False))]
    assert list(is_not_overcommitted(thick, Overcommit.model_validate(backed))) == []
    assert list(is_not_overcommitted(VMS, Overcommit())) == []


ALONE = math.ceil((100 + 4 + 0.15 + 0.5 + 15 + 1 / 64 + 0.15 * 100 * 4 / 24 + 2) / 0.8)
"""GiB: what a VM with one disk of 100 needs where its own files are."""


@pytest.mark.parametrize(
    "other", [disk("far", 300, 2, datastoreId="ds-2"), disk("lent", 300, 2, attach=True), disk("unknown", 300, 2) | {"size": UNKNOWN}]
)
def test_a_datastore_holds_its_own_disks_and_none_of_another_or_from_elsewhere(other: dict[str, Any]) -> None:
    two = [vm("mx", disk("spool"), other)]
    stores = {"ds-2": {"size_gib": 10_000, "others_gib": 0}}

    def at(size_gib: float) -> dict[str, Any]:
        return {"datastores": stores | {"ds-1": {"size_gib": size_gib, "others_gib": 0}}}

    assert said(has_headroom(two, Headroom.model_validate(at(ALONE)))) == []
    assert len(said(has_headroom(two, Headroom.model_validate(at(ALONE - 1))))) == 1
    assert said(is_not_overcommitted(two, Overcommit.model_validate(at(100)))) == []
    assert len(said(is_not_overcommitted(two, Overcommit.model_validate(at(99))))) == 1


def test_a_disk_away_from_its_vm_needs_room_where_it_is() -> None:
    away = [vm("mx", disk("spool"), disk("far", 300, 2, datastoreId="ds-2"))]
    for size_gib, refused in ((300, 1), (700, 0)):
        stores = {name: {"size_gib": size, "others_gib": 0} for name, size in (("ds-1", 1000), ("ds-2", size_gib))}
        assert len(said(has_headroom(away, Headroom.model_validate({"datastores": stores})))) == refused
