"""The room that a snapshot takes now is what sizing kept for it, to the MiB."""

import math
from datetime import timedelta

import pytest

from checks.snapshots.room import Snapshot, room, usable_gib
from checks.snapshots.world import World
from checks.vcenter.chains import Chain, Work
from config import Platform
from config.storage import Growth
from plan import Plan
from sizing.model import DatastoreNeed
from tests.checks.looks import NOW, STEP_GIB, held, live, platform, vm, world
from tests.checks.worlds import MIB


def sized(lun: str, size_gib: float) -> Platform:
    """The campus with one LUN of another size."""
    loaded = platform()
    luns = {key: lun_.model_copy(update={"size_gib": size_gib}) if key == lun else lun_ for key, lun_ in loaded.storage.luns.items()}
    return loaded.model_copy(update={"storage": loaded.storage.model_copy(update={"luns": luns})})


def need(world: World, lun: str) -> DatastoreNeed:
    return next(n for n in world.plan.sizing.datastores if n.lun == lun)


def plan_of(world: World) -> Plan:
    return world.plan


def left(world: World, server: str, hours: float = 24.0, *, memory: bool = False) -> float:
    """GiB left on the datastore of a server when a snapshot of it is held."""
    asked = vm(world.plan, server)
    live_vm = next(v for v in world.look.vms if v.name == asked.name)
    store = world.look.store(asked.home)
    assert store
    return room(world, store, Snapshot(live_vm, hours, memory)).left_gib


@pytest.mark.parametrize("lun", ["mail-iscsi", "mail-fc", "spool-fc", "spool-iscsi", "logs-iscsi"])
@pytest.mark.parametrize("less", [0.0, MIB])
def test_a_lun_as_large_as_sizing_asks_for_has_room_for_every_snapshot_at_a_time_and_for_no_mib_more(lun: str, less: float) -> None:
    """All VMs but one have just got theirs, and the last one asks."""
    required = need(world(), lun).required_gib
    changed = sized(lun, required - less)
    plan = plan_of(world(changed))
    servers = [v.server for v in plan.vms if v.lun == lun]
    *others, last = servers
    free = need(world(changed), lun)
    taken = sum(t.gib for t in free.terms if t.name in ("disks", "VM swap", "VMX swap", "VM logs and NVRAM", "VMFS"))
    disks = sum(len(v.disks) for v in plan.vms if v.server in others)
    now = {lun.replace("-", "_"): free.declared_gib - taken - disks * STEP_GIB}
    snapshots = {server.replace("-", "_"): held(plan, server, 0.0) for server in others}
    there = world(changed, free=now, **snapshots)
    assert left(there, last) == pytest.approx(-less * 0.8, abs=1e-5)  # a fifth of what the LUN lacks would have stayed free


def test_a_longer_hold_takes_more_until_every_block_is_in_the_deltas() -> None:
    sizes = [left(world(), "scanner-1", hours) for hours in (1, 2, 24, 72, 160, 161, 1000)]
    assert sizes[:5] == sorted(sizes[:5], reverse=True)
    assert sizes[1] - sizes[0] == pytest.approx(-0.15 * 90 / 24)
    assert left(world(), "scanner-1", 7000) == left(world(), "scanner-1", 8000)


@pytest.mark.parametrize(("on", "memory", "takes"), [(True, True, 4 + 1.3 * MIB), (False, True, 0.0), (True, False, 0.0)])
def test_memory_is_kept_only_of_a_vm_that_runs(on: bool, memory: bool, takes: float) -> None:
    there = world(scanner_1={"on": on})
    off = 0 if on else 4  # GiB of swap that it needs to start again
    assert left(there, "scanner-1", memory=memory) == pytest.approx(left(world(), "scanner-1") - takes - off)


def test_only_the_plan_s_own_vms_must_be_able_to_start_again() -> None:
    own = next(v for v in world().plan.vms if v.server == "balancer-2")
    theirs = live(world().plan, own, id="vm-x", name="theirs", folder="theirs", on=False)
    assert left(world(None, theirs), "scanner-2") == left(world(), "scanner-2")
    assert left(world(balancer_2={"on": False}), "scanner-2") == pytest.approx(left(world(), "scanner-2") - own.memory_gib)


def growth(there: World, hours: float = 24) -> float:
    """What is kept for the deltas of the first scanner while a snapshot of its neighbour is held, GiB."""
    store = there.look.store("mail-iscsi")
    asked = Snapshot(next(v for v in there.look.vms if v.name == "campus-balancer-1"), hours, memory=False)
    assert store
    return next(t.gib for t in room(there, store, asked).terms if t.name == "growth of campus-scanner-1's deltas")


def aged(age: float, **changes: object) -> World:
    """The first scanner has a snapshot of some age, and 1 GiB in each delta."""
    made = held(world().plan, "scanner-1", age, deltas_gib=1.0)
    return world(scanner_1=made | {"snapshots": tuple(s.model_copy(update=changes) for s in made["snapshots"])})


@pytest.mark.hazard("H8", "operation", "`mailstead snapshot check` asks vCenter for the room before each")
def test_a_snapshot_of_another_vm_ends_with_the_policy_and_a_forgotten_one_takes_its_whole_disks() -> None:
    """What is written in 24 h to the 90 GiB of a scanner is 13.5 GiB."""
    assert growth(aged(0)) == pytest.approx(13.5)
    assert growth(aged(12)) == pytest.approx(6.75)
    assert growth(aged(24)) == 0
    assert growth(aged(24.01)) == pytest.approx(90 * 1.01 - 2 * 1.0)


@pytest.mark.parametrize("hours", [1, 8, 24, 72])
def test_what_another_s_snapshot_still_grows_is_kept_for_however_short_the_new_one_is_held(hours: float) -> None:
    """It was allowed for all of its time; one that is taken after it may not spend that room."""
    assert growth(aged(0), hours) == pytest.approx(13.5)


@pytest.mark.parametrize(
    ("description", "kept"),
    [
        ("Mailstead: to be removed by 2026-11-26T12:00+00:00", 27.0),  # 48 h from now
        ("Mailstead: to be removed by 2026-11-24T13:00+00:00", 13.5),  # the policy's 24 h are later
        ("Mailstead: to be removed by 2026-11-26T12:00", 13.5),  # of no zone
        ("Mailstead: to be removed by whenever", 13.5),
        ("to be removed by 2026-11-26T12:00+00:00", 13.5),
    ],
)
def test_a_snapshot_that_was_taken_for_longer_than_the_policy_s_time_keeps_its_room_for_longer(description: str, kept: float) -> None:
    assert growth(aged(0, description=description)) == pytest.approx(kept)


@pytest.mark.parametrize(("hours", "whole"), [(24 + 47, False), (24 + 49, True)])
def test_after_its_promised_time_it_is_forgotten(hours: float, whole: bool) -> None:
    """Made when it was to stay for 72 h."""
    end = (NOW - timedelta(hours=hours) + timedelta(hours=72)).isoformat(timespec="minutes")
    assert (growth(aged(hours, description=f"Mailstead: to be removed by {end}")) > 80) is whole


@pytest.mark.parametrize("shown", ["snapshot", "task"])
def test_a_snapshot_that_has_just_begun_counts_in_full_though_no_delta_shows(shown: str) -> None:
    """vCenter shows the snapshot, or only its task, before the files."""
    task = Work(what="CreateSnapshot_Task", state="queued", who="", percent=None, started=None)
    made: dict[str, object] = {"snapshots": held(world().plan, "scanner-1", 0.0)["snapshots"]} if shown == "snapshot" else {"work": (task,)}
    assert growth(world(scanner_1=made)) == pytest.approx(13.5)
    other = task.model_copy(update={"what": "ReconfigVM_Task"})
    with pytest.raises(StopIteration):
        growth(world(scanner_1={"work": (other,)}))


def test_two_one_after_the_other_get_no_more_room_than_two_at_once() -> None:
    """What the second is told right after the first one has begun: that both grow, to the MiB."""
    after = world(scanner_1=held(world().plan, "scanner-1", 0.0, deltas_gib=0.0))
    alone = left(world(), "balancer-1") - left(after, "balancer-1")
    assert alone == pytest.approx(0.15 * 90 * 28 / 24)  # the hold and the consolidation of 4 h


def test_one_that_is_there_has_what_it_has_and_keeps_the_rest() -> None:
    deltas = held(world().plan, "scanner-2", 0.0, deltas_gib=1.0)
    there = world(scanner_2=deltas)
    store, live_vm = there.look.store("mail-fc"), next(v for v in there.look.vms if v.name == "campus-scanner-2")
    assert store
    asked, taken = (room(there, store, Snapshot(live_vm, 24, memory=False, taken=taken)).need_gib for taken in (False, True))
    assert asked - taken == pytest.approx(2.0)


def test_deltas_that_no_snapshot_has_take_their_whole_disks() -> None:
    orphan = held(world().plan, "scanner-1", 0, deltas_gib=1.0) | {"snapshots": ()}
    assert growth(world(scanner_1=orphan)) == pytest.approx(90 * 1.01 - 2 * 1.0)


def test_a_delta_never_grows_beyond_its_disk() -> None:
    full = held(world().plan, "scanner-1", 100, deltas_gib=200.0)
    there = world(scanner_1=full)
    store = there.look.store("mail-iscsi")
    assert store
    asked = Snapshot(next(v for v in there.look.vms if v.name == "campus-balancer-1"), 24, memory=False)
    assert next(t.gib for t in room(there, store, asked).terms if t.name.startswith("growth of")) == 0


def test_the_worst_case_policy_takes_whole_disks_and_no_consolidation() -> None:
    there = world(platform(snapshots={"growth": Growth.WORST}))
    store = there.look.store("mail-fc")
    assert store
    answer = room(there, store, Snapshot(next(v for v in there.look.vms if v.name == "campus-scanner-2"), 24, memory=False))
    assert [t.name for t in answer.terms] == ["deltas of campus-scanner-2"]
    assert answer.need_gib == pytest.approx(90 * 1.01 + 2 * STEP_GIB)


def test_an_independent_disk_has_no_delta() -> None:
    whole = vm(world().plan, "scanner-2")
    system, queue = whole.disks
    there = world(scanner_2={"disks": (system, queue.model_copy(update={"mode": "independent_persistent"}))})
    assert left(there, "scanner-2") - left(world(), "scanner-2") == pytest.approx(0.15 * 70 * 28 / 24 + STEP_GIB)


def test_a_disk_that_no_plan_knows_is_taken_to_change_as_much_as_any() -> None:
    theirs = Chain(key=3000, unit=None, uuid="x", base="[mail-fc] x/x.vmdk", top="[mail-fc] x/x.vmdk", capacity_gib=100)
    whole = vm(world().plan, "balancer-2")
    there = world(balancer_2={"disks": (*whole.disks, theirs)})
    assert left(world(), "balancer-2") - left(there, "balancer-2") == pytest.approx(0.15 * 100 * 28 / 24 + STEP_GIB)


def test_a_vm_of_another_folder_is_not_the_plan_s_even_by_name() -> None:
    own = next(v for v in world().plan.vms if v.server == "balancer-2")
    elsewhere = live(world().plan, own, folder="theirs", id="vm-x")
    rate = world().rate(elsewhere, elsewhere.disks[0])
    assert not rate.known
    assert rate.gib_per_day == pytest.approx(0.15 * own.disks[0].size_gib)


def test_a_thin_disk_takes_what_is_written_but_no_more_than_it_may() -> None:
    system, queue = vm(world().plan, "scanner-2").disks

    def takes(unallocated: float) -> float:
        thin = queue.model_copy(update={"unallocated_gib": unallocated})
        return left(world(), "balancer-2") - left(world(scanner_2={"disks": (system, thin)}), "balancer-2")

    assert takes(1) == pytest.approx(1)
    assert takes(60) == pytest.approx(0.15 * 70 * 28 / 24)


@pytest.mark.hazard("H29", "operation", "`mailstead snapshot check` counts with what the array has left")
def test_a_thin_lun_has_no_more_than_the_array() -> None:
    loaded = platform()
    luns = {**loaded.storage.luns, "mail-fc": loaded.storage.luns["mail-fc"].model_copy(update={"physical_gib": 150.0})}
    there = world(loaded.model_copy(update={"storage": loaded.storage.model_copy(update={"luns": luns})}), free={"mail_fc": 80.0})
    store = there.look.store("mail-fc")
    assert store
    assert usable_gib(there, store) == pytest.approx(150 - (200 - 80))
    assert usable_gib(world(free={"mail_fc": 80.0}), store) == 80


def test_how_long_a_forgotten_snapshot_may_stay_is_the_same_arithmetic_as_sizing_s() -> None:
    """A datastore with one VM: free ÷ what is written in an hour, from the first step of each delta on."""
    there = world(free={"spool_iscsi": 5.0})
    store = there.look.store("spool-iscsi")
    mta = next(v for v in there.look.vms if v.name == "campus-mta-1")
    assert store
    answer = room(there, store, Snapshot(mta, 24, memory=False))
    per_hour = sum(d.written_per_day.gib for d in there.plan.sizing.disks if d.vm == "mta-1") / 24
    assert answer.hours_to_full == pytest.approx((5 - len(mta.disks) * STEP_GIB) / per_hour)
    assert math.isfinite(answer.left_gib)


def test_a_clock_that_is_behind_makes_no_snapshot_younger_than_new() -> None:
    ahead = held(world().plan, "scanner-1", 0)
    first = ahead["snapshots"][0].model_copy(update={"created": NOW + timedelta(hours=50)})
    there = world(scanner_1=ahead | {"snapshots": (first,)})
    assert left(there, "balancer-1") == pytest.approx(left(world(scanner_1=ahead), "balancer-1"))


def test_a_vm_is_the_plan_s_as_recorded_by_name_in_its_folder_or_by_name_alone_where_no_other_has_it() -> None:
    there = world()
    own = next(v for v in there.look.vms if v.name == "campus-scanner-1")
    moved, renamed = own.model_copy(update={"folder": "old", "id": "vm-x"}), own.model_copy(update={"name": "x"})
    alone = there._replace(look=there.look.model_copy(update={"vms": (moved,)}))
    recorded = {own.instance_uuid: own.name}
    assert [bool(there.own(v)) for v in (own, moved, renamed)] == [True, False, False]
    assert [bool(alone.own(v)) for v in (own, moved, renamed)] == [True, True, False]
    assert [there._replace(recorded=recorded).own(v) for v in (own, moved, renamed)] == [there.own(own)] * 3
    assert there._replace(recorded={own.instance_uuid: "gone"}).own(own) is None, "the ledger knows better than the name"


@pytest.mark.parametrize(("recorded", "counts"), [({}, True), ({"instance-of-another": "campus-mta-1"}, False)])
def test_without_a_ledger_whatever_is_in_the_stack_s_folder_may_be_its_own(recorded: dict[str, str], counts: bool) -> None:
    own = next(v for v in world().plan.vms if v.server == "balancer-2")
    unknown = live(world().plan, own, id="vm-x", name="x", instance_uuid="x", on=False)
    there = world(None, unknown)._replace(recorded=recorded)
    assert left(there, "scanner-2") == pytest.approx(left(world(), "scanner-2") - (own.memory_gib if counts else 0))
