"""What an apply puts on a datastore against what is free of it now: at the limit and one step past it, with what it frees."""

from typing import Any

import pytest

from checks.change_room import change_room, changes
from checks.snapshots.world import World
from config.findings import Level
from plan import Plan
from tests.checks.looks import held, live, platform, world

PLAN = world().plan
BALANCER = next(v for v in PLAN.vms if v.server == "balancer-2")
OVERHEADS = platform().storage.overheads
NEW_GIB = 34 + 4 + OVERHEADS.vmx_swap_gib + OVERHEADS.vm_logs_gib
"""What a balancer takes that is yet to be made: its disk, its swap and its logs."""


def without(there: World, name: str = BALANCER.name) -> World:
    return there._replace(look=there.look.model_copy(update={"vms": tuple(v for v in there.look.vms if v.name != name)}))


def found(there: World) -> list[tuple[str, Level, str]]:
    return [(f.rule, f.level, f.subject) for f in change_room(there)]


def test_a_platform_that_stands_takes_nothing_more() -> None:
    assert found(world(free={"mail_fc": 0.0})) == []


@pytest.mark.parametrize(("less", "short"), [(0.0, False), (0.001, True)])
def test_a_server_that_is_yet_to_be_made_needs_its_disks_and_its_swap(less: float, short: bool) -> None:
    there = without(world(free={"mail_fc": NEW_GIB - less}))
    assert found(there) == ([("no-room-now", Level.UNSAFE, "datastore mail-fc")] if short else [])


@pytest.mark.parametrize(("less", "short"), [(0.0, False), (0.001, True)])
def test_a_disk_that_grows_needs_what_it_grows_by(less: float, short: bool) -> None:
    system = live(PLAN, BALANCER).disks[0].model_copy(update={"capacity_gib": 30.0})
    assert bool(found(world(free={"mail_fc": 4 - less}, balancer_2={"disks": (system,)}))) is short


def moving(there: World) -> World:
    """The balancer is to move to the other datastore, and another server from there in its place."""
    luns = {"balancer-2": "mail-iscsi", "balancer-1": "mail-fc"}
    vms = tuple(v.model_copy(update={"lun": luns.get(v.server, v.lun)}) for v in PLAN.vms)
    plan: Plan = PLAN.model_copy(update={"vms": vms})
    return there._replace(plan=plan)


@pytest.mark.parametrize(
    ("free_gib", "level"), [(NEW_GIB, None), (NEW_GIB - 0.01, Level.WARNING), (0.7, Level.WARNING), (0.6, Level.UNSAFE)]
)
def test_what_the_same_apply_takes_away_counts_and_is_to_go_first(free_gib: float, level: Level | None) -> None:
    """The balancer that leaves frees its disk and the swap of a VM that runs, 38 GiB of the 38.65 that the other takes."""
    there = moving(world(free={"mail_fc": free_gib}))
    assert [one for _, one, subject in found(there) if subject == "datastore mail-fc"] == ([level] if level else [])
    if level is Level.WARNING:
        assert all("in two steps" in f.next_step for f in change_room(there) if f.subject == "datastore mail-fc")


def test_a_server_that_leaves_takes_its_deltas_along() -> None:
    store = world().look.store("mail-fc")
    assert store
    still = changes(moving(world()), store).more_gib
    assert changes(moving(world(balancer_2=held(PLAN, "balancer-2", 1, deltas_gib=5.0))), store).more_gib == pytest.approx(still - 5)


@pytest.mark.hazard("H29", "live", "preflight counts what an apply puts on a thin LUN against what the array has left")
@pytest.mark.parametrize(("physical", "rule"), [(200.0 - 90 + NEW_GIB, None), (200.0 - 90 + NEW_GIB - 0.1, "array-thin")])
def test_of_a_thin_lun_it_is_what_the_array_has_left(physical: float, rule: str | None) -> None:
    loaded = platform()
    luns: dict[str, Any] = {**loaded.storage.luns}
    luns["mail-fc"] = luns["mail-fc"].model_copy(update={"physical_gib": physical})
    thin = loaded.model_copy(update={"storage": loaded.storage.model_copy(update={"luns": luns})})
    there = without(world(thin, free={"mail_fc": 90.0}))
    assert [one for one, _, _ in found(there)] == ([rule] if rule else [])
