"""Whether a snapshot that was just taken may stay, at the limits."""

from datetime import timedelta
from pathlib import Path

import pytest

from checks.snapshots.gate import gate
from checks.snapshots.locks import alone
from checks.snapshots.taken import Taken, found, judged
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm
from config import Refused
from config.findings import Level
from tests.checks.looks import NOW, STEP_GIB, held, platform, world

PLAN = world().plan
ONE = platform(snapshots={"concurrent_vms": 1})


def of(there: World, server: str = "scanner-1") -> LiveVm:
    return next(vm for vm in there.look.vms if vm.name == f"campus-{server}")


def new(there: World, server: str = "scanner-1") -> Taken:
    return Taken(of(there, server), of(there, server).snapshots[-1])


@pytest.mark.parametrize(("less_gib", "stays"), [(0.0, True), (0.001, False)])
def test_it_stays_only_where_its_room_is_still_there(less_gib: float, stays: bool) -> None:
    """What the gate asked for before, without the first step of each delta, which is used now."""
    (room,) = gate(world(), "scanner-1", 24, memory=False).rooms
    steps = len(of(world()).disks) * STEP_GIB
    free = room.free_gib - room.left_gib - steps - less_gib
    there = world(scanner_1=held(PLAN, "scanner-1", 0.0), free={"mail_iscsi": free})
    answer = judged(there, new(there), 24)
    assert (answer.stays, [f.rule for f in answer.findings]) == (stays, [] if stays else ["no-room"])


@pytest.mark.parametrize(
    ("theirs", "stays", "level"),
    [(0.1, False, Level.UNSAFE), (-0.1, True, Level.WARNING), (0.0, False, Level.UNSAFE)],
)
def test_of_two_the_one_that_was_made_later_goes(theirs: float, stays: bool, level: Level) -> None:
    """In one moment the VM's id decides, for both alike: vm-campus-balancer-1 is before vm-campus-scanner-1."""
    there = world(ONE, scanner_1=held(PLAN, "scanner-1", 0.0), balancer_1=held(PLAN, "balancer-1", theirs))
    answer = judged(there, new(there), 24)
    assert (answer.stays, [(f.rule, f.level) for f in answer.findings]) == (stays, [("too-many-at-once", level)])
    assert judged(there, new(there, "balancer-1"), 24).stays is not stays


def test_as_many_as_planned_for_may_stay() -> None:
    there = world(platform(snapshots={"concurrent_vms": 2}), scanner_1=held(PLAN, "scanner-1", 0.0), balancer_1=held(PLAN, "balancer-1", 1))
    assert judged(there, new(there), 24).findings == ()


def test_which_snapshot_is_the_new_one_must_be_clear() -> None:
    before, there = of(world()), world(scanner_1=held(PLAN, "scanner-1", 0.0))
    assert found(there, before, "backup-0") == new(there)
    assert found(there, before, "another") is None
    assert found(there, of(there), "backup-0") is None
    assert found(world(scanner_1=held(PLAN, "scanner-1", 1.0, 0.0)), before, "backup-1") is None
    assert new(there).made.created == NOW - timedelta(0)


def test_a_lock_is_one_taker_s_until_it_ends(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with alone(folder, {"a/b", "c"}) as mine:
        assert mine is None
        with alone(folder, {"c", "d"}) as theirs:
            assert theirs == "c"
        with alone(folder, {"d"}) as free:
            assert free is None
    with alone(folder, {"c"}) as again:
        assert again is None


def test_a_folder_that_can_t_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="can't be written to"), alone(tmp_path / "file", {"a"}):
        pass
