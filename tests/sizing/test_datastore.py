"""What a datastore must hold, at the limits, and how long a forgotten snapshot may stay."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Refused
from config.storage import Overheads
from sizing import hours_to_fill, size
from sizing.datastore import vmfs
from sizing.risk import risk
from sizing.snapshots import Growing
from tests.sizing.platforms import SERVERS, UNTIMED, datastore, disk, gib, on_one_lun, platform
from tests.sizing.uncertainty import at_risk

ROOMY = {f"{SERVERS['scanner-1']}.disks_gib": {"system": 20, "queue": 70}, f"{SERVERS['scanner-2']}.disks_gib": {"system": 20, "queue": 70}}
SCANNER = {**on_one_lun("scanner-1", size_gib=200), **ROOMY}


def named(changes: dict[str, Any], term: str, *servers: str) -> float:
    """One term of the LUN that these servers share."""
    return gib(datastore(size(platform({**on_one_lun(*(servers or ("scanner-1",))), **ROOMY, **changes}))), term)


def test_swap_is_what_the_host_does_not_reserve() -> None:
    memory, reservation = f"{SERVERS['scanner-1']}.memory_gib", f"{SERVERS['scanner-1']}.memory_reservation_gib"
    assert named({memory: 8}, "VM swap") == 8
    assert named({memory: 8, reservation: 3}, "VM swap") == 5
    assert named({memory: 8, reservation: 8}, "VM swap") == 0


def test_each_vm_adds_its_overheads() -> None:
    assert named({}, "VMX swap", "scanner-1", "scanner-2") == 2 * 0.15
    assert named({}, "VM logs and NVRAM", "scanner-1", "scanner-2") == 2 * 0.5


def test_a_delta_grows_by_what_is_written_and_a_step() -> None:
    held = {"snapshots.hold_hours": 12, "snapshots.change_per_day": {"scanner": 0.1}}
    assert named(held, "deltas of scanner-1") == pytest.approx(90 * 0.1 / 2 + 2 / 64)
    assert named({**held, "snapshots.per_disk": 3}, "deltas of scanner-1") == pytest.approx(3 * (90 * 0.1 / 2 + 2 / 64))


@pytest.mark.parametrize(("change", "delta"), [(1.00, 90), (1.01, 90.9), (1.02, 90.9), (1e9, 90.9)])
def test_a_delta_is_bounded_by_its_disk_and_metadata(change: float, delta: float) -> None:
    found = named({"snapshots.change_per_day": {"scanner": change}}, "deltas of scanner-1")
    assert found == pytest.approx(delta + 2 / 64)


def test_worst_growth_is_the_bound_and_needs_no_room_to_consolidate() -> None:
    need = datastore(size(platform({**SCANNER, "snapshots.growth": "worst", "snapshots.hold_hours": 1})))
    assert gib(need, "deltas of scanner-1") == pytest.approx(90.9 + 2 / 64)
    assert [t.name for t in need.terms if t.name.startswith("consolidation")] == []


def test_consolidation_needs_what_is_written_meanwhile() -> None:
    assert named({"snapshots.consolidate_hours": 4}, "consolidation of scanner-1") == pytest.approx(90 * 0.15 * 4 / 24)


def test_memory_snapshots_are_a_file_of_memory_each() -> None:
    changes = {"snapshots.memory": True, "snapshots.per_disk": 2}
    assert named(changes, "memory snapshots of scanner-1") == pytest.approx(2 * (4 + 1.3 / 1024))
    assert "memory snapshots of scanner-1" not in {t.name for t in datastore(size(platform(SCANNER))).terms}


@pytest.mark.parametrize(("at_a_time", "counted"), [(1, {"scanner-1"}), (2, {"scanner-1", "scanner-2"}), (9, set(SERVERS))])
def test_only_the_largest_snapshots_are_taken_at_a_time(at_a_time: int, counted: set[str]) -> None:
    change = {"scanner": 0.5, "mailbox": 0.001, "mta": 0.001}
    changes = {**on_one_lun(*SERVERS), **ROOMY, "snapshots.concurrent_vms": at_a_time, "snapshots.change_per_day": change}
    terms = datastore(size(platform(changes))).terms
    assert {t.name.removeprefix("deltas of ") for t in terms if t.name.startswith("deltas")} == counted
    assert {t.name.removeprefix("consolidation of ") for t in terms if t.name.startswith("consolidation")} == counted


def test_needs_add_up_over_vms() -> None:
    """Beside VMFS, a LUN of two VMs needs what two LUNs of one need."""
    apart = [
        datastore(size(platform({**on_one_lun(vm), **ROOMY, "snapshots.memory": True}))) for vm in ("scanner-1", "scanner-2", "mailbox-1")
    ]
    together = datastore(size(platform({**on_one_lun("scanner-1", "scanner-2", "mailbox-1"), **ROOMY, "snapshots.memory": True})))
    assert together.need_gib - gib(together, "VMFS") == pytest.approx(sum(need.need_gib - gib(need, "VMFS") for need in apart))


def test_a_lun_without_vms_needs_only_vmfs() -> None:
    need = datastore(size(platform(on_one_lun())))
    assert [t.name for t in need.terms if t.gib] == ["VMFS"]
    assert (need.need_gib, need.required_gib, need.hours_to_full) == (2, 2.5, None)


def test_datastores_are_sorted_and_named() -> None:
    needs = size(platform({**on_one_lun("scanner-1"), "storage.luns.all.datastore": "Mail Data"})).datastores
    assert [(need.lun, need.name, need.fabric, need.declared_gib) for need in needs] == [
        ("all", "Mail Data", "fc", 4000),
        ("shared", "shared", "iscsi", 90),
    ]


@UNTIMED
@given(st.floats(0, 1e5), st.floats(0, 100), st.floats(0, 0.4), st.floats(0, 0.5))
def test_vmfs_is_counted_on_the_lun_that_is_asked_for(rest: float, fixed: float, fraction: float, free: float) -> None:
    """The size that is asked for suffices, with VMFS's fraction of just that size, and nothing smaller does."""
    own = vmfs(rest, Overheads(vmfs_fixed_gib=fixed, vmfs_fraction=fraction), free).gib
    lun = (rest + own) / (1 - free)
    assert own == pytest.approx(max(fixed, fraction * lun), rel=1e-9, abs=1e-9)


def test_what_is_asked_for_does_not_depend_on_what_is_declared() -> None:
    asked = {size_gib: datastore(size(platform({**SCANNER, **on_one_lun("scanner-1", size_gib=size_gib)}))) for size_gib in (1, 90, 60_000)}
    assert len({need.required_gib for need in asked.values()}) == 1


@pytest.mark.parametrize(("free", "fraction"), [(0.5, 0.5), (0.9, 0.2), (0.9, 0.1)])
def test_fractions_that_leave_nothing_are_refused(free: float, fraction: float) -> None:
    with pytest.raises(Refused) as refused:
        size(platform({"storage.free_fraction": free, "storage.overheads": {"vmfs_fraction": fraction}}))
    assert [problem.path for problem in refused.value.problems] == ["storage.free_fraction"]


def test_fractions_that_leave_a_little_are_taken() -> None:
    changes = {"storage.free_fraction": 0.5, "storage.overheads": {"vmfs_fraction": 0.4999}}
    assert math.isfinite(datastore(size(platform(changes)), "all").required_gib)


def test_a_full_lun_is_no_hour_from_full() -> None:
    """At 2013's size not even the swap file fits; the hours begin where something is free."""
    free_of = 90 + 4 + 0.15 + 0.5 + 2 + 2 / 64  # disks, VM swap, VMX swap, logs, VMFS, the deltas' first step
    for size_gib, hours in ((90, 0), (free_of, 0), (free_of + 1, 24 / (90 * 0.15)), (free_of + 2, 48 / (90 * 0.15))):
        need = datastore(size(platform({**SCANNER, **on_one_lun("scanner-1", size_gib=size_gib)})))
        assert need.hours_to_full == pytest.approx(hours, abs=1e-6)


def test_each_snapshot_of_a_chain_is_taken_to_grow() -> None:
    def hours(per_disk: int) -> float:
        changes = {
            **on_one_lun("scanner-1", size_gib=150),
            **ROOMY,
            "snapshots.per_disk": per_disk,
            "storage.overheads.delta_quantum_gib": 0,
        }
        return datastore(size(platform(changes))).hours_to_full or 0

    assert hours(2) == pytest.approx(hours(1) / 2)


def test_a_memory_snapshot_takes_its_file_at_once() -> None:
    """What its file takes is not there for deltas: the hours are those of a LUN that is smaller by as much."""

    def hours(size_gib: float, **snapshots: Any) -> float:
        changes = {**on_one_lun("scanner-1", size_gib=size_gib), **ROOMY, **{f"snapshots.{key}": value for key, value in snapshots.items()}}
        return datastore(size(platform(changes))).hours_to_full or 0

    file_gib = 4 + 1.3 / 1024
    assert hours(150, memory=True) == pytest.approx(hours(150 - file_gib))
    assert hours(150, memory=True, per_disk=3) == pytest.approx(hours(150 - 3 * file_gib, per_disk=3))
    assert hours(150, memory=True) < hours(150)


def test_vmfs_takes_its_fraction_of_the_lun_as_declared_until_it_is_full() -> None:
    def hours(fraction: float) -> float:
        changes = {**on_one_lun("scanner-1", size_gib=150), **ROOMY, "storage.overheads": {"vmfs_fixed_gib": 0, "vmfs_fraction": fraction}}
        return datastore(size(platform(changes))).hours_to_full or 0

    assert hours(0) - hours(0.1) == pytest.approx(150 * 0.1 / (90 * 0.15 / 24))


def test_a_lun_that_holds_every_bound_never_fills() -> None:
    full = 90 + 4 + 0.15 + 0.5 + 2 + 2 / 64 + 90.9
    for size_gib, never in ((full - 0.001, False), (full + 0.001, True)):
        need = datastore(size(platform({**SCANNER, **on_one_lun("scanner-1", size_gib=size_gib)})))
        assert (need.hours_to_full is None) is never


GROWING = st.lists(st.builds(Growing, st.just(0.0) | st.floats(1e-6, 100), st.floats(0.1, 1_000)), max_size=6)


@UNTIMED
@given(st.floats(1e-3, 10_000), GROWING)
def test_hours_to_fill_is_when_the_deltas_are_what_is_free(free: float, growing: list[Growing]) -> None:
    hours = hours_to_fill(free, growing)
    if hours is None:
        assert sum(g.bound_gib for g in growing if g.gib_per_hour) <= free * (1 + 1e-9)
    else:
        assert sum(min(g.bound_gib, g.gib_per_hour * hours) for g in growing) == pytest.approx(free, rel=1e-6)


@pytest.mark.parametrize(
    ("free", "growing", "hours"),
    [
        (0, [Growing(1, 10)], 0),
        (-5, [], 0),
        (5, [], None),
        (5, [Growing(0, 10)], None),
        (9.9, [Growing(1, 10)], 9.9),
        (10, [Growing(1, 10)], None),
        (14, [Growing(1, 10), Growing(1, 2)], None),
        (11, [Growing(1, 10), Growing(1, 2)], 9),
        (3, [Growing(1, 10), Growing(1, 2)], 1.5),
    ],
)
def test_hours_to_fill_at_its_corners(free: float, growing: list[Growing], hours: float | None) -> None:
    assert hours_to_fill(free, growing) == hours


@pytest.mark.parametrize(("granularity_gib", "smallest_gib"), [(1, 141), (2, 142), (47, 141), (64, 192), (141, 141), (142, 142)])
def test_a_lun_is_asked_for_in_the_steps_of_the_array(granularity_gib: int, smallest_gib: int) -> None:
    need = datastore(size(platform({**SCANNER, "storage.granularity_gib": granularity_gib})))
    assert need.required_gib == pytest.approx(140.539, abs=1e-3)
    assert need.smallest_gib == smallest_gib


def test_only_what_a_stack_says_of_the_array_is_shown() -> None:
    assert {"physical_gib", "granularity_gib"}.isdisjoint(datastore(size(platform(SCANNER))).model_dump())
    need = datastore(size(platform({**SCANNER, "storage.granularity_gib": 8, "storage.luns.shared.physical_gib": 150})))
    assert (need.model_dump()["granularity_gib"], need.model_dump()["physical_gib"]) == (8, 150)


def test_a_thin_lun_is_full_when_the_array_is() -> None:
    """What the array keeps counts; VMFS lays itself out for the size it sees."""

    def hours(size_gib: float, physical_gib: float | None) -> float | None:
        thin = {} if physical_gib is None else {"storage.luns.shared.physical_gib": physical_gib}
        return datastore(size(platform({**SCANNER, **on_one_lun("scanner-1", size_gib=size_gib), **thin}))).hours_to_full

    assert hours(400, 150) == pytest.approx(hours(150, None))
    assert hours(150, 150) == hours(150, None)
    assert hours(400, 96) == 0


def test_redundant_servers_carry_the_load_of_a_lost_fabric() -> None:
    """Of three scanners two are left when one is lost, and one when the fabric of the other two is."""
    lun = {"naa": "naa.60003ff44dc75adc0000000000000003", "size_gib": 4000, "fabric": "iscsi"}
    scanner = {"address": "192.0.2.23", "lun": "other"}
    three = {"storage.luns.other": lun, "gateway.scanners.scanner-3": scanner}

    def audit(changes: dict[str, Any]) -> float:
        return gib(disk(size(platform({**three, **changes})), "scanner-3", "queue"), "message audit log")

    one = audit({})
    assert audit({"storage.lost_fabric": "fc"}) == pytest.approx(2 * one)
    assert audit({"storage.lost_fabric": "iscsi"}) == pytest.approx(one)


@pytest.mark.parametrize(("size_gib", "vmfs"), [(200, 2), (400, 2), (20_000, 100)])
def test_the_array_keeps_vmfs_of_the_lun_that_is_shown(size_gib: float, vmfs: float) -> None:
    """All that lies on a thin LUN, and VMFS's own data of a LUN as large as it shows itself: plan, hours and risk agree to the last KiB."""
    held = datastore(size(platform({**SCANNER, **on_one_lun("scanner-1", size_gib=size_gib)}))).held_gib
    enough = round(held + vmfs, 6)
    for physical_gib, lacks in ((enough, 0), (enough - 1e-6, 1e-6), (enough - 1, 1)):
        thin = {"storage.luns.shared.physical_gib": physical_gib}
        need = datastore(size(platform({**SCANNER, **on_one_lun("scanner-1", size_gib=size_gib), **thin})))
        assert need.backing_gib == enough
        assert need.unbacked_gib == pytest.approx(lacks)
    assert datastore(size(platform({**SCANNER, **on_one_lun("scanner-1", size_gib=size_gib)}))).unbacked_gib == 0


def test_a_thin_lun_lasts_at_a_risk_only_with_vmfs_of_the_lun_that_is_shown() -> None:
    """What the risk asks for is never less than what its own futures fill."""
    thin = {**SCANNER, **on_one_lun("scanner-1", size_gib=20_000), "storage.luns.shared.physical_gib": 180}
    found = next(n for n in risk(at_risk(platform(thin))).datastores if n.name == "shared")
    assert found.fill_probability == 1
    assert found.need_gib > 180 + 15
    enough = platform({**thin, "storage.luns.shared.physical_gib": found.smallest_gib})
    again = next(n for n in risk(at_risk(enough)).datastores if n.name == "shared")
    assert again.need_gib == pytest.approx(found.need_gib)
    assert again.fill_probability <= 1 - risk(at_risk(enough)).quantile + 1e-9


@pytest.mark.parametrize(("change", "consolidation"), [(0.15, 2.25), (0.97, 3.6), (1.01, 0), (2, 0)])
def test_deltas_and_their_consolidation_are_never_more_than_the_bound(change: float, consolidation: float) -> None:
    held = {"snapshots.hold_hours": 24, "snapshots.change_per_day": {"scanner": change}}
    assert named(held, "consolidation of scanner-1") == pytest.approx(consolidation, abs=1e-9)
    assert named(held, "deltas of scanner-1") + named(held, "consolidation of scanner-1") <= 90.9 + 2 / 64 + 1e-9
