"""Which days a log covers from end to end, and how many messages each of their hours had."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.problems import Problem
from sizing.flow.accept import Accept
from sizing.flow.doubts import Doubt
from sizing.flow.figures import Numbers
from sizing.flow.fit import weekday

HOURS_PER_DAY = 24
BUSY_EVENTS = 100  # a day, or in hours without any: a host that has so many does not fall silent by chance (figure)
GAP_HOURS = 12  # without an event: longer than the nights of a busy host, shorter than a file of a day (figure)
ENDS_DAYS = 1  # by so much may the logs of hosts begin and end at different times: files are rotated by day
_QUIET_HOURS = 1  # a log may begin or end so much inside a day of which it is full: at night nothing comes for an hour
Whole = NDArray[np.int64]


class Days(NamedTuple):
    """Full days since 1970-01-01, and messages in each of their hours."""

    days: Whole
    hourly: Numbers
    """A row of 24 for each day."""

    @property
    def messages(self) -> Numbers:
        """Messages of each day."""
        return np.asarray(self.hourly.sum(axis=1))

    @property
    def working(self) -> "Days":
        """Monday to Friday, if there are any with messages; all days otherwise."""
        chosen = np.array([weekday(int(day)) < 5 for day in self.days], bool)
        return Days(self.days[chosen], self.hourly[chosen]) if self.messages[chosen].any() else self


class Full(NamedTuple):
    """The days that the logs of all hosts cover, what is doubtful in what they cover, and what to know of it."""

    days: Whole
    doubts: tuple[Doubt, ...]
    notes: tuple[str, ...]


class _Host(NamedTuple):
    """Hours since 1970 with events, and how many."""

    hours: Whole
    events: Numbers

    @property
    def span(self) -> Whole:
        """The days from its first to its last full one."""
        first, last = int(self.hours[0]) - _QUIET_HOURS, int(self.hours[-1]) + _QUIET_HOURS
        return np.arange(-(-first // HOURS_PER_DAY), (last + 1) // HOURS_PER_DAY)

    @property
    def busy(self) -> bool:
        """Whether it has so many events that it does not fall silent by chance."""
        hours = max(int(self.hours[-1] - self.hours[0]) + 1, HOURS_PER_DAY)
        return bool(self.events.sum() * HOURS_PER_DAY >= BUSY_EVENTS * hours)

    def gaps(self) -> Iterator[tuple[int, int]]:
        """The first and last hours of its silences that are too long for its own rhythm."""
        for at in np.flatnonzero(np.diff(self.hours) > GAP_HOURS):
            silent = np.arange(self.hours[at] + 1, self.hours[at + 1])
            if self._expected(silent) >= BUSY_EVENTS:
                yield int(silent[0]), int(silent[-1])

    def _expected(self, silent: Whole) -> float:
        """Events that some hours mostly have: each as many as the mean of the same hour, of working days or of the others."""
        every = np.setdiff1d(np.arange(self.hours[0], self.hours[-1] + 1), silent)
        seen, events = np.bincount(_kind(every), minlength=48), np.bincount(_kind(self.hours), self.events, 48)
        return float((events / np.maximum(seen, 1))[_kind(silent)].sum())


def _kind(hours: Whole) -> Whole:
    """The hour of the day, 24 more on Saturdays and Sundays."""
    return np.asarray(hours % HOURS_PER_DAY + HOURS_PER_DAY * ((hours // HOURS_PER_DAY + 3) % 7 >= 5))


def full(hosts: Mapping[str, tuple[Numbers, Numbers]]) -> Full:
    """The days that every host's log covers. Hosts with few events don't count beside those with many."""
    known = {name: _Host(hours.astype(np.int64), events) for name, (hours, events) in hosts.items()}
    counted = {name: host for name, host in known.items() if host.busy} or known
    covered, doubts, notes = dict[str, Whole](), list[Doubt](), list[str]()
    for name, host in counted.items():
        gaps = list(host.gaps())
        doubts += [_gap(name, *gap) for gap in gaps]
        lost = [np.arange(first // HOURS_PER_DAY, last // HOURS_PER_DAY + 1) for first, last in gaps]
        days = np.setdiff1d(host.span, np.concatenate([np.zeros(0, np.int64), *lost]))
        silent = np.setdiff1d(days, host.hours // HOURS_PER_DAY) if host.busy else days[:0]
        if len(silent):
            notes.append(f"host {name} logged nothing on {len(silent)} days; rates leave these days out")
        covered[name] = np.setdiff1d(days, silent)
    doubts += _missing({name: host.span for name, host in counted.items()})
    some = np.unique(np.concatenate([np.zeros(0, np.int64), *covered.values()]))
    every = some
    for days in covered.values():
        every = np.intersect1d(every, days)
    if len(some) and not len(every):
        notes.append(f"no day is in the logs of all {len(covered)} hosts: rates are of days that some log has, and too low")
        every = some
    elif len(every) < len(some):
        notes.append(f"only {len(every)} of {len(some)} days are in the logs of all {len(covered)} hosts; rates are of these")
    return Full(every.astype(np.int64), tuple(doubts), tuple(notes))


def _gap(name: str, first: int, last: int) -> Doubt:
    hours = last - first + 1
    rule = f"has no line, {hours:,} hours in which it mostly logs much: a file may be missing; rates leave these days out"
    remedy = f"name the file with these hours, or accept it with --accept {Accept.GAP} if the host was down"
    return Doubt(Problem(f"host {name}", f"{_time(first)} to {_time(last + 1)}", rule, remedy), Accept.GAP)


def _missing(spans: Mapping[str, Whole]) -> Iterator[Doubt]:
    """Hosts whose logs begin days after, or end days before, those of others."""
    some = np.unique(np.concatenate([np.zeros(0, np.int64), *spans.values()]))
    for name, span in spans.items():
        ends = [some[some < span[0]], some[some > span[-1]]] if len(span) else [some]
        for days in ends:
            if len(days) > ENDS_DAYS:
                others = ", ".join(other for other, of in spans.items() if np.isin(days, of).any())
                rule = f"are in the logs of {others} but not in this host's, so its mail of them is not counted; rates leave these days out"
                remedy = f"name its log of these days, or accept it with --accept {Accept.ONE_HOST_MISSING}"
                value = f"{len(days)} days, {_time(int(days[0]) * 24)[:10]} to {_time(int(days[-1]) * 24)[:10]},"
                yield Doubt(Problem(f"host {name}", value, rule, remedy), Accept.ONE_HOST_MISSING)


def _time(hour: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).strftime("%Y-%m-%d %H:00")


def split(days: Whole, hours: Numbers, messages: Numbers) -> Days:
    """The messages of some days by hour."""
    hourly = np.zeros((len(days), HOURS_PER_DAY))
    day, hour = np.divmod(hours.astype(np.int64), HOURS_PER_DAY)
    chosen = np.isin(day, days)
    hourly[np.searchsorted(days, day[chosen]), hour[chosen]] = messages[chosen]
    return Days(days, hourly)
