"""What a disk holds, and what is written to it, as straight lines in the mail that arrives.

Every term of a disk is proportional to messages, to their size, to spam, or to none of them. So the lines are read off the sizing
itself, by sizing the platform for a few made-up flows: nothing of its arithmetic is repeated here, and a new term is in the lines
at once. What is not straight stands apart: the queue of an outage, as a size for each KiB that is filed, and mailboxes that fill up day by
day until their quota keeps them.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from config.platform import Platform
from config.roles import DISK_LABELS, SYSTEM, Role, SizedBy
from sizing import disks, keeping, rules, writes
from sizing.growth import Flow, grown
from sizing.model import DiskNeed, Key, Term
from sizing.units import DAYS_PER_YEAR, HOURS_PER_DAY

_ROUNDING = 1e-9  # relative; what differs by less is the same
_NO_QUOTA = 1e9  # GiB; more than any mailbox holds
_MESSAGES = 1e6  # of a made-up flow; enough that a KiB, to which sums are rounded, does not matter


class Line(NamedTuple):
    """A size, GiB, as a sum: `fixed`, and so much for each message of a day."""

    fixed: float
    clean: float
    """For each message that is not spam, whatever its size …"""
    clean_kib: float
    """… and for each KiB of it."""
    spam: float
    """For each spam message that is offered."""

    @property
    def certain(self) -> bool:
        """Whether mail does not matter."""
        return not (self.clean or self.clean_kib or self.spam)


class Kept(NamedTuple):
    """How much is kept of what arrives at an even rate, by the days for which it has arrived: straight between the days given."""

    days: tuple[float, ...]
    gib: tuple[float, ...]


class Full(NamedTuple):
    """What a disk holds with every mailbox full, without queue and hold."""

    held: Line
    storm: Kept
    """For each extra spam message that a day of a storm offers: Junk is within the quota, and so not in it."""


class DiskLine(NamedTuple):
    """How the need of one disk depends on mail, GiB."""

    held: Line
    """What it holds without queue and hold."""
    storm: Kept
    """For each extra spam message that a day of a storm offers."""
    queued: float
    """For each KiB that is filed in a day, and each day that the queue does not drain."""
    waiting: float
    """For each KiB that is filed, while it waits for a second virus scan."""
    clean_chance: float
    """For each KiB that a day brings more than usual by chance: a bound of what is kept of it, since other days then bring less …"""
    spam_chance: float
    """… and so for stored spam."""
    rewritten: float
    """What is rewritten on it in a day, mail or no mail …"""
    arriving: Line
    """… and what arrives on it: the larger is what is written."""
    gathered: float = 0.0
    """For each KiB of mail but spam that arrives in a day, each day on: what users keep …"""
    most: Full | None = None
    """… until it holds as much as with every mailbox full; None where mailboxes are sized by quota."""

    @property
    def certain(self) -> bool:
        """Whether mail does not matter to what it holds."""
        return self.held.certain and not (self.gathered or any(self.storm.gib) or self.queued or self.waiting)


def of(platform: Platform, needs: tuple[DiskNeed, ...]) -> dict[Key, DiskLine]:
    """The lines of every disk."""
    still = _today(keeping.nothing_back(platform))
    held = _straight(platform, lambda flow: _held(still, flow))
    clean_chance, spam_chance = _chance(still)
    rewritten = {_key(d): writes.rewritten(platform, d.role, d.label, d.counted.value).gib for d in needs}
    arriving = _straight(platform, lambda flow: _arriving(platform, flow, needs))
    storm = _kept(still)
    clean = _flow(platform, clean=_MESSAGES)
    filed, base = clean.filed_kib_per_day.value, _held(still, clean)
    a_day_down = still.model_copy(update={"flow": still.flow.model_copy(update={"backlog_hours": float(HOURS_PER_DAY)})})
    queued = _difference(_held(a_day_down, clean), base, filed)
    holding = still.model_copy(update={"gateway": still.gateway.model_copy(update={"hold_share": platform.gateway.hold_share})})
    waiting = _difference(_held(holding, clean), base, filed * clean.days_within(rules.HOLD_HOURS).value)
    gathered, most = _gathered(still), _most(platform)
    return {
        key: DiskLine(
            held[key],
            storm[key],
            queued[key],
            waiting[key],
            clean_chance[key],
            spam_chance[key],
            rewritten[key],
            arriving[key],
            gathered[key],
            most.get(key),
        )
        for key in held
    }


def _arriving(platform: Platform, flow: Flow, needs: tuple[DiskNeed, ...]) -> dict[Key, float]:
    arrivals = writes.arriving(platform, flow)
    return {_key(need): writes.on_disk(arrivals, need.role, need.label).gib for need in needs}


def _key(need: DiskNeed) -> Key:
    return need.vm, need.label


def _sum(terms: tuple[Term, ...]) -> float:
    return math.fsum(t.gib for t in terms)


def _held(platform: Platform, flow: Flow) -> dict[Key, float]:
    return {_key(need): _sum(need.terms) for need in disks.of(platform, flow)}


def _difference(more: dict[Key, float], less: dict[Key, float], by: float) -> dict[Key, float]:
    return {key: (more[key] - less[key]) / by for key in less}


def _straight(platform: Platform, measure: Callable[[Flow], dict[Key, float]]) -> dict[Key, Line]:
    kib = platform.flow.mean_message_kib
    none = measure(_flow(platform))
    small, large = (_difference(measure(_flow(platform, clean=_MESSAGES, kib=k)), none, _MESSAGES) for k in (kib, 2 * kib))
    spam = _difference(measure(_flow(platform, spam=_MESSAGES)), none, _MESSAGES)
    return {key: Line(none[key], 2 * small[key] - large[key], (large[key] - small[key]) / kib, spam[key]) for key in none}


def _kept(platform: Platform) -> dict[Key, Kept]:
    """How much is kept of the spam of so many days: it bends where something is no longer kept."""
    gateway, spool, archive = platform.gateway, platform.spool, platform.log_archive
    quarantine = gateway.quarantine_days + rules.EXPUNGE_DAYS
    bends = {1, gateway.log_days, gateway.audit_log_days, quarantine, spool.deleted_days, spool.redo_log_days, archive.retention_days}
    bends.add(spool.junk_days)
    days = sorted(float(bend) for bend in bends if bend >= 1)
    spam, none = _flow(platform, spam=_MESSAGES), _flow(platform)
    brief = [keeping.at_most(platform, day) for day in days]
    found = [_difference(_held(kept, spam), _held(kept, none), _MESSAGES) for kept in brief]
    return {key: _bending(days, [gib[key] for gib in found]) for key in found[0]}


def _bending(days: list[float], gib: list[float]) -> Kept:
    """Only where it bends, and until nothing more is kept."""
    points, least = [(0.0, 0.0)], gib[-1] * _ROUNDING
    for day, size in zip(days, gib, strict=True):
        if len(points) > 1 and abs(_on_line(points[-2], points[-1], day) - size) <= least:
            points.pop()
        points.append((day, size))
    if len(points) > 2 and points[-1][1] - points[-2][1] <= least:
        points.pop()
    return Kept(*zip(*points, strict=True))


def _on_line(first: tuple[float, float], second: tuple[float, float], day: float) -> float:
    """What would be kept of so many days if it went on as between the first two points."""
    slope = (second[1] - first[1]) / (second[0] - first[0])
    return second[1] + slope * (day - second[0])


def _chance(platform: Platform) -> tuple[dict[Key, float], dict[Key, float]]:
    """What a KiB costs whose day is the standard deviation above the mean, in clean mail and in stored spam.

    A day that is i days old counts for w(i), what of its mail is still kept. The variance is that of a day × Σ w(i)², and that is at most
    w(1) × Σ w(i): what is kept of the last day, times what is kept of all.
    """
    clean = [_flow(platform, clean=_MESSAGES, kib=kib) for kib in (1.0, 2.0)]
    stored = _flow(platform).model_copy(update={"offered_per_day": _MESSAGES, "spam_per_day": _MESSAGES})
    kib = float(rules.INODE_KIB)  # a message that is smaller costs as much
    spam = [stored.model_copy(update={"spam_kib": size}) for size in (kib, kib + 1)]
    return _kept_by_chance(platform, *clean), _kept_by_chance(platform, *spam)


def _kept_by_chance(platform: Platform, small: Flow, large: Flow) -> dict[Key, float]:
    """Of two flows that differ by a KiB a message."""
    last, every = (_difference(_held(kept, large), _held(kept, small), _MESSAGES) for kept in (keeping.at_most(platform, 1), platform))
    return {key: math.sqrt(max(0.0, last[key] * every[key])) for key in last}


def _flow(platform: Platform, clean: float = 0.0, spam: float = 0.0, kib: float | None = None) -> Flow:
    """A day of so many clean messages, and of so much spam as is offered."""
    flow = platform.flow
    return grown(flow).model_copy(
        update={
            "offered_per_day": clean + spam,
            "clean_per_day": clean,
            "spam_per_day": spam * (1 - flow.rejected_spam_share),
            "clean_kib": flow.mean_message_kib if kib is None else kib,
            "busy_hour_share": 1.0,  # so that a day's mail may wait for a second scan, whatever the stack says
        }
    )


def _today(platform: Platform) -> Platform:
    """The platform whose mailboxes, if they are sized by fill, are as full as today, and kept by no quota."""
    if platform.spool.sized_by is SizedBy.QUOTA:
        return platform
    spool, flow = platform.spool.model_copy(update={"quota_gib": _NO_QUOTA}), platform.flow.model_copy(update={"planning_years": 0})
    return platform.model_copy(update={"spool": spool, "flow": flow})


def _gathered(today: Platform) -> dict[Key, float]:
    """What a year adds to the disks as they are today, for each KiB of a day and each day."""
    year_on = today.model_copy(update={"flow": today.flow.model_copy(update={"planning_years": 1, "growth_per_year": 0.0})})
    clean = _flow(today, clean=_MESSAGES)
    return _difference(_held(year_on, clean), _held(today, clean), clean.clean_per_day * clean.clean_kib * DAYS_PER_YEAR)


def _most(platform: Platform) -> dict[Key, Full]:
    """The disks that hold less if mailboxes are sized by fill, as if they were sized by quota."""
    if platform.spool.sized_by is SizedBy.QUOTA:
        return {}
    spool = platform.spool.model_copy(update={"sized_by": SizedBy.QUOTA})
    full = keeping.nothing_back(platform.model_copy(update={"spool": spool}))
    held, storm = _straight(full, lambda flow: _held(full, flow)), _kept(full)
    return {key: Full(held[key], storm[key]) for key in held if key[1] in DISK_LABELS[Role.MAILBOX] and key[1] != SYSTEM}
