"""How large the snapshots on datastores grow in a block of scenarios: backup's own, and those that it forgot.

Here a delta is as large as what is written while its snapshot is held, whatever the stack's policy foresees: `worst` is the bound that no
scenario exceeds but for what consolidation adds. A block that is written again is in the delta once: of a disk that is written at random,
long-held deltas grow ever slower than the plan's straight line, and so much less is needed.

`snapshots.hold_hours` is how long a snapshot may stay, so consolidation may begin at any hour until then, the busy ones included: what is
asked is the most that both deltas can have together.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from config.platform import Platform
from sizing.risk.draws import Floats, Ints
from sizing.risk.futures import Futures, Moments, Spam, whole_days
from sizing.risk.lines import DiskLine
from sizing.units import HOURS_PER_DAY

Rate = float | tuple[float, DiskLine]
"""How much is written for each GiB of a disk: a share of it in a day, whatever mail does, or what a disk of so many GiB has."""

_NEWTON = 8  # steps, of which each doubles the digits


class Vm(NamedTuple):
    """One VM as its snapshots see it."""

    name: str
    rewritten_gib: dict[Rate, float]
    """Size of its disks, those together of which as much is rewritten in a day for each GiB: the most that can be in their deltas."""
    at_once_gib: float
    """What snapshots take as soon as they are made: the first step of each delta, and memory."""


class Storms(NamedTuple):
    """What storms bring while a snapshot is there: the most that may come …"""

    held: Spam
    """… while it is held …"""
    merging: Spam
    """… while it is consolidated …"""
    both: Spam
    """… and in both times together."""


class Days(NamedTuple):
    """How many days' writes may come at most, as `Storms` has it."""

    held: Floats
    merging: Floats
    both: Floats


class Snapshots:
    """The snapshots of VMs in a block of scenarios."""

    def __init__(self, platform: Platform, vms: Iterable[Vm], futures: Futures) -> None:
        self._policy, self._delta = platform.snapshots, Delta(1 + platform.storage.overheads.delta_fraction)
        self._futures, self._busy, self._storm_days = futures, futures.draws.busy_hour_share, futures.storm_days
        rates = {rate for vm in vms for rate in vm.rewritten_gib}
        self._steady = {rate: _steady(futures, rate) for rate in rates}
        self._held = self._days(self._policy.hold_hours, slice(None))
        self._fullest = {rate: self._of_each_gib(rate, futures.fullest, self._held, None) for rate in rates}

    def fullest(self, vm: Vm) -> Floats:
        """What the snapshots of a VM take, held as long as the policy says, GiB: the most until the end of each year, storms apart."""
        return self._sum(vm, self._fullest)

    def routine(self, vm: Vm, at: Moments, storming: Floats | None = None) -> Floats:
        """The same at some moments, in a storm of so much extra spam; it comes around the clock."""
        storms = self._storms(storming) if storming is not None else None
        days = Days(*(most[at.scenarios] for most in self._held))
        return self._sum(vm, {rate: self._routine(rate, at, days, storms) for rate in vm.rewritten_gib})

    def forgotten(self, vm: Vm, at: Moments, hours: Floats, storms: Storms | None) -> Floats:
        """What they take at some moments, held for so many hours."""
        days = self._days(hours, at.scenarios)
        return self._sum(vm, {rate: self._of_each_gib(rate, at, days, storms) for rate in vm.rewritten_gib})

    def see_mail(self, vms: Iterable[Vm]) -> bool:
        """Whether mail matters to what is written to any of these VMs."""
        return any(not isinstance(self._steady[rate], float) for vm in vms for rate in vm.rewritten_gib)

    def _routine(self, rate: Rate, at: Moments, days: Days, storms: Storms | None) -> Floats:
        steady = isinstance(self._steady[rate], float)
        return self._fullest[rate][at.scenarios] if steady else self._of_each_gib(rate, at, days, storms)

    def _days(self, hours: float | Floats, scenarios: Ints | slice) -> Days:
        busy, merge = np.maximum(self._busy[scenarios], 1 / HOURS_PER_DAY), self._policy.consolidate_hours
        return Days(_since_backup(hours, busy), _busiest(merge, busy), _since_backup(hours + merge, busy))

    def _storms(self, storming: Floats) -> Storms:
        """A storm that comes when most of it is in the deltas."""
        hold, merge = (hours / HOURS_PER_DAY for hours in (self._policy.hold_hours, self._policy.consolidate_hours))
        spans = (min(self._storm_days, days) for days in (hold, merge, hold + merge))
        return Storms(*(Spam(np.full(storming.size, days), storming * days) for days in spans))

    def _sum(self, vm: Vm, by_rate: Mapping[Rate, Floats]) -> Floats:
        size: Floats = np.full(1, vm.at_once_gib)
        for rate, gib in vm.rewritten_gib.items():
            size = size + gib * by_rate[rate]
        return size

    def _of_each_gib(self, rate: Rate, at: Moments, days: Days, storms: Storms | None) -> Floats:
        """The most that each GiB of a disk has in deltas that are held, and then consolidated."""
        steady = self._steady[rate]
        if isinstance(steady, float):
            per_day = self._futures.draws.write_rate[at.scenarios] * steady
        else:
            gib, line = steady
            per_day = self._futures.written(line, at) / gib
        held, merging, both = (per_day * most for most in days)
        if storms and not isinstance(steady, float):
            beside = (self._futures.written_beside(line, at, spam) / gib for spam in storms)
            held, merging, both = (usual + more for usual, more in zip((held, merging, both), beside, strict=True))
        return self._delta.most_of_both(self._policy.per_disk, held, merging, both)


def _steady(futures: Futures, rate: Rate) -> Rate:
    """The rate as a share where mail does not matter to it in these scenarios."""
    if isinstance(rate, float):
        return rate
    gib, line = rate
    return line.rewritten / gib if futures.is_steady(line) else rate


def _since_backup(hours: float | Floats, busy: Floats) -> Floats:
    """How many days' writes come within `hours` of backup, which is at night: by the clock, or more where they reach into the busy hours.

    Twelve hours after backup is the middle of the busy ones; of these there are as many as would bring a day's mail.
    """
    days, rest = whole_days(hours)
    by_day = busy * rest - (HOURS_PER_DAY * busy - 1) / 2
    found: Floats = days + np.maximum(rest / HOURS_PER_DAY, np.minimum(1, by_day))
    return found


def _busiest(hours: float, busy: Floats) -> Floats:
    """How many days' writes come within the busiest of such hours."""
    days, rest = whole_days(hours)
    found: Floats = days + np.minimum(1, busy * rest)
    return found


class Delta:
    """A delta for each GiB of its disk, by what was written since its snapshot was taken.

    A straight line, or what random writes hit and its metadata, whichever is less.
    """

    def __init__(self, most: float) -> None:
        """`most` is what a delta has when every block was written."""
        self._most = most
        self._bend = 2 * math.log(most)  # where the line ends: y = most × (1 − e^(−y)), by Newton from above
        for _ in range(_NEWTON if most > 1 else 0):
            missed = most * math.exp(-self._bend)
            self._bend -= (self._bend - most + missed) / (1 - missed)

    def gib(self, written: Floats) -> Floats:
        """In place of what was written, since most of the time of all is spent here."""
        line = written.copy()
        np.negative(written, out=written)
        np.expm1(written, out=written)
        written *= -self._most
        return np.minimum(written, line, out=written)

    def most_of_both(self, times: int, held: Floats, merging: Floats, both: Floats) -> Floats:
        """The most that so many deltas that are held and one that grows meanwhile can have: each and both have a bound for what is written.

        A delta grows ever slower, so that is where the next block adds as much to either.
        """
        both = np.minimum(both, held + merging)
        evenly = (both - math.log(times)) / 2
        on_line = np.minimum(self._bend, both - max(self._bend, math.log(times * self._most)))
        best = np.where(evenly >= self._bend, evenly, on_line)
        merging = np.clip(best, both - held, np.minimum(merging, both))
        size: Floats = times * self.gib(both - merging)
        return size + self.gib(merging)
