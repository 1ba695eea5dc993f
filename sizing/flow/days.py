"""Which days a log covers from end to end, and how many messages each of their hours had."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizing.flow.figures import Numbers
from sizing.flow.fit import weekday

HOURS_PER_DAY = 24
_QUIET_HOURS = 1  # a log may begin or end so much inside a day of which it is full: at night nothing comes for an hour
_BUSY_EVENTS = 100  # a day; a host that has so many does not fall silent for a whole day by chance


class Days(NamedTuple):
    """Full days since 1970-01-01, and messages in each of their hours."""

    days: NDArray[np.int64]
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


def full(hosts: Mapping[str, tuple[Numbers, Numbers]]) -> tuple[NDArray[np.int64], list[str]]:
    """The days that every host's log covers, and what to know of those that not every one does."""
    covered, notes = [], []
    for name, (hours, events) in hosts.items():
        first, last = int(hours[0]) - _QUIET_HOURS, int(hours[-1]) + _QUIET_HOURS
        days = np.arange(-(-first // HOURS_PER_DAY), (last + 1) // HOURS_PER_DAY)
        by_day = np.bincount(hours.astype(np.int64) // HOURS_PER_DAY - int(hours[0]) // HOURS_PER_DAY, events)
        of_days = by_day[days - int(hours[0]) // HOURS_PER_DAY] if len(days) else np.zeros(0)
        silent = days[of_days == 0] if len(days) and np.median(of_days) >= _BUSY_EVENTS else days[:0]
        if len(silent):
            notes.append(f"host {name} logged nothing on {len(silent)} days; rates leave these days out")
        covered.append(np.setdiff1d(days, silent))
    some = np.unique(np.concatenate([np.zeros(0, np.int64), *covered]))
    every = some
    for days in covered:
        every = np.intersect1d(every, days)
    if len(every) < len(some):
        notes.append(f"only {len(every)} of {len(some)} days are in the logs of all {len(hosts)} hosts; rates are of these")
    if len(some) and not len(every):
        notes[-1] = f"no day is in the logs of all {len(hosts)} hosts: rates are of days that some log has, and too low"
        every = some
    return every.astype(np.int64), notes


def split(days: NDArray[np.int64], hours: Numbers, messages: Numbers) -> Days:
    """The messages of some days by hour."""
    hourly = np.zeros((len(days), HOURS_PER_DAY))
    day, hour = np.divmod(hours.astype(np.int64), HOURS_PER_DAY)
    chosen = np.isin(day, days)
    hourly[np.searchsorted(days, day[chosen]), hour[chosen]] = messages[chosen]
    return Days(days, hourly)
