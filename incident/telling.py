"""The story in sentences and tables, the same on a terminal and on the page."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from config.roles import Role
from incident import figures
from incident.model import Moment, Replay, State, Stop, Story

NEVER = "never"
_HOURS = (0, 24, 48, 72)


class Table(NamedTuple):
    """Cells of text below headings; the first column is a name."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Part(NamedTuple):
    """A part of the story."""

    title: str
    text: str
    tables: tuple[Table, ...]


class Claim(NamedTuple):
    """Something that the story is to show, and whether it does."""

    text: str
    holds: bool


def parts(story: Story) -> tuple[Part, ...]:
    """The story from beginning to end."""
    return (
        Part(
            "1. The platform of 2013: LUNs as large as what lies on them",
            f"On LUNs of exactly its disks' size its VMs can't even be made: {story.refused} So each of these LUNs is as small here as its "
            "VM can run on, and the checks, which refuse that, are bypassed. At hour 0 backup takes a snapshot of each VM of the gateway.",
            (_minutes(story.full), _stops(story.full_stops)),
        ),
        Part(
            "2. The same servers as Mailstead sizes them: a snapshot of every VM, held for 72 h and consolidated",
            f"Free space in GiB. Consolidation merges {figures.CONSOLIDATION_GIB_PER_HOUR:g} GiB an hour for each VM, while mail goes on.",
            (_days(story.held),),
        ),
        Part(
            "3. The same, but nobody removes the snapshots",
            "When the first VM of each datastore stops, as sizing says beforehand and as it comes in the replay.",
            (_stops(story.forgotten.stops),),
        ),
        Part(
            f"4. The {story.fabrics[0].fabric} storage network is lost for {figures.LOST_HOURS:g} h",
            "Servers that are left, of those that there are.",
            (_left(story),),
        ),
    )


def claims(story: Story) -> Iterator[Claim]:
    """What the story shows; a claim that does not hold is a defect of sizing or of the simulator."""
    stopped = mail_stops(story.full)
    when = "none" if stopped is None else f"{stopped:.2f}"
    yield Claim(f"2013: mail stops {when} h after the snapshot: no scanner runs", stopped is not None)
    yield Claim("2013: each datastore of the gateway fills when sizing says", all(stop.as_foretold for stop in story.full_stops))
    yield Claim("2013: the way out is to power off, consolidate and start again", story.recovered)
    ran = all(set(moment.vms.values()) == {State.RUNS} for moment in story.held.moments)
    yield Claim(f"as sized: snapshots of every VM are held for {figures.HELD_HOURS} h and nothing stops", ran)
    yield Claim("as sized: all are consolidated, and their room is free again", _free_again(story.held))
    yield Claim("as sized: forgotten snapshots fill each datastore when sizing says", all(s.as_foretold for s in story.forgotten.stops))
    built, sized = (one.roles[Role.SCANNER] for one in story.fabrics)
    text = f"iSCSI lost: of 2013's scanners {built[0]} of {built[1]} is left, as sized {sized[0]} of {sized[1]}"
    yield Claim(text, built[0] == 0 < sized[0])
    yield Claim("iSCSI back: every server runs again", all(one.back for one in story.fabrics))


def mail_stops(replay: Replay) -> float | None:
    """The hour at which no scanner runs any more; None: there always is one."""
    return next((m.hour for m in replay.moments if all(m.vms[vm] is not State.RUNS for vm in replay.scanners)), None)


def _free_again(replay: Replay) -> bool:
    """To a tenth of a GiB: VMs write logs."""
    merged = {event.vm for event in replay.events if event.what == "consolidated"}
    before, after = replay.moments[0].stores, replay.moments[-1].stores
    return merged == set(replay.moments[0].vms) and all(abs(after[name].free_gib - one.free_gib) < 0.1 for name, one in before.items())


def _minutes(replay: Replay) -> Table:
    """Every tenth minute, and each at which something happens."""
    stores = sorted({event.datastore for event in replay.events})
    happened: dict[float, list[str]] = {}
    for event in replay.events:
        happened.setdefault(round(event.hour, 6), []).append(f"{event.datastore} is full: {event.vm} stops")
    rows = []
    for number, moment in enumerate(replay.moments[1:]):  # the first is before the snapshot
        what = happened.get(round(moment.hour, 6), ["the snapshot"] if not number else [])
        if what or not number % 10:
            rows.append((f"{number} min", *(f"{moment.stores[store].free_gib:.2f}" for store in stores), "; ".join(what)))
    return Table(("after", *(f"{store}, free GiB" for store in stores), "what happens"), tuple(rows))


def _days(replay: Replay) -> Table:
    moments = {moment.hour: moment for moment in replay.moments}
    stores = shown(replay.moments[0])
    last = {event.vm: event.hour for event in replay.events if event.what == "consolidated"}
    rows = [_row(moments[hour], stores, "snapshots of all VMs" if not hour else "") for hour in _HOURS]
    rows[-1] = (*rows[-1][:-1], "snapshots are removed")
    slowest = max(last, key=lambda vm: last[vm])
    rows.append(_row(replay.moments[-1], stores, f"all is consolidated (the last one, {slowest}, at hour {last[slowest]:.1f})"))
    return Table(("hour", *stores, "VMs that stopped", "what happens"), tuple(rows))


def shown(moment: Moment) -> tuple[str, ...]:
    """The datastores of a platform: all but the site's own."""
    return tuple(sorted(set(moment.stores) - {"templates"}))


def _row(moment: Moment, stores: Sequence[str], what: str) -> tuple[str, ...]:
    stopped = sum(state is not State.RUNS for state in moment.vms.values())
    free = (f"{moment.stores[store].free_gib:,.1f}" for store in stores)
    return (f"{moment.hour:g}", *free, str(stopped) if stopped else "none", what)


def _stops(stops: Sequence[Stop]) -> Table:
    rows = (
        (stop.datastore, f"{stop.lun_gib:,g}", _hours(stop.predicted_hours), _hours(stop.replayed_hours), f"{stop.tolerance_hours:.2f}")
        for stop in stops
    )
    return Table(("datastore", "LUN GiB", "sizing says: full after h", "replayed: full after h", "may differ by h"), tuple(rows))


def _hours(value: float | None) -> str:
    return NEVER if value is None else f"{value:.2f}"


def _left(story: Story) -> Table:
    roles = [role for role in Role if any(role in one.roles for one in story.fabrics)]
    rows = ((role, *("{} of {}".format(*one.roles[role]) for one in story.fabrics)) for role in roles)
    return Table(("role", *(one.stack for one in story.fabrics)), tuple(rows))
