"""The replays come as foretold, and whatever does not would be said."""

from typing import Any

import pytest

import incident
from config.roles import Role
from incident import figures, telling
from incident.model import Event, State, Stop, Store


def broken(story: incident.Story) -> set[int]:
    """The places of the claims that don't hold."""
    return {place for place, claim in enumerate(telling.claims(story)) if not claim.holds}


def test_all_comes_as_foretold(story: incident.Story) -> None:
    assert broken(story) == set()
    assert len(tuple(telling.claims(story))) == 8


def test_in_2013_every_vm_of_the_gateway_stops_at_the_hour_that_sizing_says(story: incident.Story) -> None:
    assert [stop.datastore for stop in story.full_stops] == ["control-center", "scanner-1", "scanner-2"]
    for stop in story.full_stops:
        assert stop.predicted_hours is not None
        assert stop.replayed_hours is not None
        assert 0 < stop.predicted_hours < 1
        assert abs(stop.replayed_hours - stop.predicted_hours) <= stop.tolerance_hours < 0.1
        assert len(stop.vms) == 1


def test_in_2013_only_what_has_no_room_stops(story: incident.Story) -> None:
    """The others hold snapshots of nobody, and their datastores stay as they were."""
    first, last = story.full.moments[0], story.full.moments[-1]
    stopped = {vm for vm, state in last.vms.items() if state is not State.RUNS}

    assert stopped == {"campus-2013-control-center", "campus-2013-scanner-1", "campus-2013-scanner-2"}
    assert {last.vms[vm] for vm in stopped} == {State.STUNNED}
    assert last.stores["spool-fc"].free_gib == pytest.approx(first.stores["spool-fc"].free_gib, abs=0.001)
    assert all(last.stores[stop.datastore].free_gib < 0.05 for stop in story.full_stops)


@pytest.mark.hazard("H8", "plan", "a platform as sized lives through it, replayed")
def test_as_sized_snapshots_are_held_and_consolidated_while_all_run(story: incident.Story) -> None:
    moments = story.held.moments
    by_hour = {moment.hour: moment for moment in moments}

    assert {state for moment in moments for state in moment.vms.values()} == {State.RUNS}
    assert set(by_hour) >= set(range(figures.HELD_HOURS + 1))
    for name, before in moments[0].stores.items():
        if name != "templates":
            assert by_hour[72].stores[name].free_gib < by_hour[24].stores[name].free_gib < before.free_gib
            assert moments[-1].stores[name].free_gib == pytest.approx(before.free_gib, abs=0.01)
    assert {event.what for event in story.held.events} == {"consolidated"}
    assert min(event.hour for event in story.held.events) > figures.HELD_HOURS


def test_forgotten_snapshots_fill_every_datastore_within_two_in_a_hundred_of_what_sizing_says(story: incident.Story) -> None:
    for stop in story.forgotten.stops:
        if stop.predicted_hours is None or stop.predicted_hours > figures.FORGOTTEN_HOURS:
            assert stop.vms == ()
            continue
        assert stop.replayed_hours == pytest.approx(stop.predicted_hours, rel=figures.ACCURACY)
    assert sum(bool(stop.vms) for stop in story.forgotten.stops) >= 3
    assert all((stop.predicted_hours or 1e9) > figures.HELD_HOURS for stop in story.forgotten.stops)


@pytest.mark.hazard("H11", "plan", "a lost fabric, replayed")
def test_without_iscsi_2013_has_no_scanner_and_the_sized_platform_has_one(story: incident.Story) -> None:
    built, sized = story.fabrics

    assert (built.stack, sized.stack) == ("campus-2013", "campus")
    assert (built.roles[Role.SCANNER], sized.roles[Role.SCANNER]) == ((0, 2), (1, 2))
    assert built.back
    assert sized.back


def test_the_lun_of_just_its_disks_is_refused_by_vcenter_itself(story: incident.Story) -> None:
    assert story.refused == "Insufficient disk space on datastore 'control-center'."


def stopped(**changes: Any) -> Stop:
    """A datastore that fills after 10 hours, and may do so half an hour earlier or later."""
    values = {"datastore": "d", "lun_gib": 100, "vms": ("vm",), "predicted_hours": 10.0, "replayed_hours": 10.0, "tolerance_hours": 0.5}
    return Stop(**(values | changes))


@pytest.mark.parametrize(
    ("predicted", "replayed", "told"),
    [
        (10.0, 10.5, True),
        (10.0, 9.5, True),
        (10.0, 10.51, False),
        (10.0, 9.49, False),
        (10.0, None, False),
        (None, 10.0, False),
        (None, None, True),
        (0.0, 0.5, True),
    ],
)
def test_what_comes_as_foretold(predicted: float | None, replayed: float | None, told: bool) -> None:
    assert stopped(predicted_hours=predicted, replayed_hours=replayed).as_foretold is told


def test_every_claim_can_fail(story: incident.Story) -> None:
    late = (stopped(replayed_hours=11.0),)
    calm = story.full.model_copy(update={"moments": story.full.moments[:2]})
    one = story.held.moments[40]
    halted = one.model_copy(update={"vms": one.vms | {"campus-balancer-1": State.STUNNED}})
    troubled = story.held.model_copy(update={"moments": (*story.held.moments[:40], halted, *story.held.moments[41:])})
    last = story.held.moments[-1]
    less = last.model_copy(update={"stores": last.stores | {"mail-fc": Store(free_gib=1, reachable=True)}})
    kept = story.held.model_copy(update={"moments": (*story.held.moments[:-1], less)})
    unmerged = story.held.model_copy(update={"events": story.held.events[:-1]})
    built, sized = story.fabrics
    changes: list[tuple[dict[str, Any], int]] = [
        ({"full": calm}, 0),
        ({"full_stops": late}, 1),
        ({"recovered": False}, 2),
        ({"held": troubled}, 3),
        ({"held": kept}, 4),
        ({"held": unmerged}, 4),
        ({"forgotten": story.forgotten.model_copy(update={"stops": late})}, 5),
        ({"fabrics": (sized, sized)}, 6),
        ({"fabrics": (built, built)}, 6),
        ({"fabrics": (built, sized.model_copy(update={"back": False}))}, 7),
    ]

    for change, place in changes:
        assert broken(story.model_copy(update=change)) == {place}, change.keys()


def test_a_table_has_every_cell_and_says_what_happened(story: incident.Story) -> None:
    tables = [table for part in telling.parts(story) for table in part.tables]

    assert len(tables) == 5
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    assert "scanner-1 is full: campus-2013-scanner-1 stops; scanner-2 is full: campus-2013-scanner-2 stops" in tables[0].rows[-1]


def test_never_is_a_word_and_not_a_number(story: incident.Story) -> None:
    never = (stopped(vms=(), predicted_hours=None, replayed_hours=None),)
    told = telling.parts(story.model_copy(update={"forgotten": story.forgotten.model_copy(update={"stops": never})}))[2]

    assert told.tables[0].rows == (("d", "100", "never", "never", "0.50"),)


def test_mail_stops_with_the_last_scanner_and_not_with_the_first(story: incident.Story) -> None:
    begin, hour = story.full.moments[1], Event(hour=1, what="stunned", vm="campus-2013-scanner-1")
    one_left = begin.model_copy(update={"hour": 1, "vms": begin.vms | {hour.vm: State.STUNNED}})
    none_left = one_left.model_copy(update={"hour": 2, "vms": one_left.vms | {"campus-2013-scanner-2": State.UNREACHABLE}})

    assert telling.mail_stops(story.full.model_copy(update={"moments": (begin, one_left)})) is None
    assert telling.mail_stops(story.full.model_copy(update={"moments": (begin, one_left, none_left)})) == 2
