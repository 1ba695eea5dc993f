"""How large the snapshots on datastores grow in a block of scenarios: backup's own, and those that it forgot.

Here a delta is as large as what is written while its snapshot is held, whatever the stack's policy foresees: `worst` is the bound that no
scenario exceeds but for what consolidation adds. A block that is written again is in the delta once: of a disk that is written at random,
long-held deltas grow ever slower than the plan's straight line, and so much less is needed.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from config.platform import Platform
from sizing.risk.draws import Floats, Ints
from sizing.risk.futures import Futures, Moments, Spam
from sizing.risk.lines import DiskLine
from sizing.units import HOURS_PER_DAY

Rate = float | tuple[float, DiskLine]
"""How much is written for each GiB of a disk: a share of it in a day, whatever mail does, or what a disk of so many GiB has."""


class Vm(NamedTuple):
    """One VM as its snapshots see it."""

    name: str
    rewritten_gib: dict[Rate, float]
    """Size of its disks, those together of which as much is rewritten in a day for each GiB: the most that can be in their deltas."""
    at_once_gib: float
    """What snapshots take as soon as they are made: the first step of each delta, and memory."""


class Storms(NamedTuple):
    """What storms bring while a snapshot is there."""

    held: Spam
    merging: Spam
    """While it is consolidated."""


class Days(NamedTuple):
    """How many days' writes come within some time."""

    by_clock: Floats
    busiest: Floats
    """If they were its busiest hours."""


class Spans(NamedTuple):
    """How many days' writes come while a snapshot is there."""

    held: Days
    merging: Days
    """While it is consolidated."""


class Snapshots:
    """The snapshots of VMs in a block of scenarios."""

    def __init__(self, platform: Platform, vms: Iterable[Vm], futures: Futures) -> None:
        self._policy, self._metadata = platform.snapshots, 1 + platform.storage.overheads.delta_fraction
        self._futures, self._busy, self._storm_days = futures, futures.draws.busy_hour_share, futures.storm_days
        rates = {rate for vm in vms for rate in vm.rewritten_gib}
        self._steady = {rate: _steady(futures, rate) for rate in rates}
        self._held = self._spans(self._policy.hold_hours, slice(None))
        self._fullest = {rate: self._of_each_gib(rate, futures.fullest, self._held, None) for rate in rates}

    def fullest(self, vm: Vm) -> Floats:
        """What the snapshots of a VM take, held as long as the policy says, GiB: the most until the end of each year, storms apart."""
        return self._sum(vm, self._fullest)

    def routine(self, vm: Vm, at: Moments, storming: Floats | None = None) -> Floats:
        """The same at some moments, in a storm of so much extra spam; it comes around the clock."""
        storms = self._storms(storming) if storming is not None else None
        spans = Spans(*(Days(*(days[at.scenarios] for days in span)) for span in self._held))
        return self._sum(vm, {rate: self._routine(rate, at, spans, storms) for rate in vm.rewritten_gib})

    def forgotten(self, vm: Vm, at: Moments, hours: Floats, storms: Storms | None) -> Floats:
        """What they take at some moments, held for so many hours."""
        spans = self._spans(hours, at.scenarios)
        return self._sum(vm, {rate: self._of_each_gib(rate, at, spans, storms) for rate in vm.rewritten_gib})

    def see_mail(self, vms: Iterable[Vm]) -> bool:
        """Whether mail matters to what is written to any of these VMs."""
        return any(not isinstance(self._steady[rate], float) for vm in vms for rate in vm.rewritten_gib)

    def _routine(self, rate: Rate, at: Moments, spans: Spans, storms: Storms | None) -> Floats:
        steady = isinstance(self._steady[rate], float)
        return self._fullest[rate][at.scenarios] if steady else self._of_each_gib(rate, at, spans, storms)

    def _spans(self, hours: float | Floats, scenarios: Ints | slice) -> Spans:
        busy, merge = self._busy[scenarios], self._policy.consolidate_hours
        held = _days(hours, busy)
        return Spans(Days(held, _busiest(hours, busy)), Days(_days(hours + merge, busy) - held, _busiest(merge, busy)))

    def _storms(self, storming: Floats) -> Storms:
        """A storm that is shared by both deltas as evenly as may be: where they are nearly full, this is when they are largest."""
        hold, merge = (hours / HOURS_PER_DAY for hours in (self._policy.hold_hours, self._policy.consolidate_hours))
        merging = min(merge, max(self._storm_days / 2, self._storm_days - hold))
        held = min(hold, self._storm_days - merging)
        return Storms(*(Spam(np.full(storming.size, days), storming * days) for days in (held, merging)))

    def _sum(self, vm: Vm, by_rate: Mapping[Rate, Floats]) -> Floats:
        size: Floats = np.full(1, vm.at_once_gib)
        for rate, gib in vm.rewritten_gib.items():
            size = size + gib * by_rate[rate]
        return size

    def _of_each_gib(self, rate: Rate, at: Moments, spans: Spans, storms: Storms | None) -> Floats:
        """What each GiB of a disk has in deltas that are held, and then consolidated."""
        held_beside: float | Floats = 0.0
        merging_beside: float | Floats = 0.0
        steady = self._steady[rate]
        if isinstance(steady, float):
            per_day = self._futures.draws.write_rate[at.scenarios] * steady
        else:
            gib, line = steady
            per_day = self._futures.written(line, at) / gib
            if storms:
                held_beside, merging_beside = (self._futures.written_beside(line, at, spam) / gib for spam in storms)
        size: Floats = self._policy.per_disk * _delta(self._metadata, per_day, spans.held, held_beside)
        return size + _delta(self._metadata, per_day, spans.merging, merging_beside)


def _steady(futures: Futures, rate: Rate) -> Rate:
    """The rate as a share where mail does not matter to it in these scenarios."""
    if isinstance(rate, float):
        return rate
    gib, line = rate
    return line.rewritten / gib if futures.is_steady(line) else rate


def _days(hours: float | Floats, busy: Floats) -> Floats:
    """How many days' writes come within `hours` of backup, which is at night: by the clock, or more where they reach into the busy hours.

    Twelve hours after backup is the middle of the busy ones; of these there are as many as would bring a day's mail.
    """
    days, rest = _whole(hours)
    most = np.maximum(busy, 1 / HOURS_PER_DAY)
    by_day = most * rest - (HOURS_PER_DAY * most - 1) / 2
    found: Floats = days + np.maximum(rest / HOURS_PER_DAY, np.minimum(1, by_day))
    return found


def _busiest(hours: float | Floats, busy: Floats) -> Floats:
    """How many days' writes come within the busiest of such hours."""
    days, rest = _whole(hours)
    found: Floats = days + np.minimum(1, busy * rest)
    return found


def _whole(hours: float | Floats) -> tuple[float | Floats, float | Floats]:
    """Whole days, and the hours left over; five times as fast as numpy's divmod."""
    days = np.floor(hours / HOURS_PER_DAY)
    return days, hours - HOURS_PER_DAY * days


def _delta(most: float, per_day: Floats, days: Days, beside: float | Floats) -> Floats:
    """A delta for each GiB of its disk: a straight line, or what random writes hit in the busiest hours, whichever is less.

    `beside` is written whatever the hour.
    """
    size: Floats = per_day * days.busiest
    size += beside
    np.negative(size, out=size)
    np.expm1(size, out=size)
    size *= -most
    np.minimum(size, per_day * days.by_clock + beside, out=size)
    return np.minimum(size, most, out=size)
