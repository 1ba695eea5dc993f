"""A block of scenarios, and what disks hold in them month by month.

Arrays are months × scenarios; what does not change with the months is an array over scenarios.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from config.risk import Inputs
from sizing import rules
from sizing.growth import Flow
from sizing.risk.draws import Draws, Floats, Ints
from sizing.risk.lines import DiskLine, Full, Kept, Line
from sizing.units import HOURS_PER_DAY

DAYS_PER_MONTH = 365.25 / 12  # mean


def whole_days(hours: float | Floats) -> tuple[float | Floats, float | Floats]:
    """Whole days, and the hours left over; five times as fast as numpy's divmod."""
    days = np.floor(hours / HOURS_PER_DAY)
    return days, hours - HOURS_PER_DAY * days


class Moments(NamedTuple):
    """Moments of the scenarios of a block."""

    flow: Floats
    """The flow of each, × today's."""
    scenarios: Ints | slice
    """The scenario of each; of all scenarios along the last axis a slice."""


class Spam(NamedTuple):
    """What storms bring within some time, by moment."""

    days: Floats
    """How many days of storms."""
    extra: Floats
    """Their extra spam, in days of today's spam."""

    @property
    def intensity(self) -> Floats:
        """Extra spam on a day of these storms, × today's spam."""
        found: Floats = self.extra / np.maximum(self.days, 1e-9)
        return found


class Futures:
    """A block of scenarios, with what the needs of all disks share."""

    def __init__(self, today: Flow, inputs: Inputs, draws: Draws, ends: Sequence[int]) -> None:
        self.draws, self.storm_days = draws, inputs.storm_days
        months = ends[-1]
        self.shape = months, draws.growth.size
        self._today, self._inputs = today, inputs
        self._spam_offered = today.offered_per_day - today.clean_per_day
        monthly = (1 + draws.growth) ** (1 / 12)
        self._flow = np.empty(self.shape)  # × today's, at the end of each month
        self._flow[0] = monthly
        for month in range(1, months):  # row by row is ten times as fast as numpy's accumulate along the first axis
            np.multiply(self._flow[month - 1], monthly, out=self._flow[month])
        largest = np.maximum(self._flow[[end - 1 for end in ends]], self._flow[0])  # it grows all the time, or shrinks
        self.fullest = Moments(largest, slice(None))
        self._extra_spam = np.zeros(self.shape)  # × ordinary spam, on each day of a storm
        self._extra_spam.reshape(-1)[draws.storms.cells] = draws.storms.size - 1
        self.storming: Floats = self._flow.reshape(-1)[draws.storms.cells] * self._extra_spam.reshape(-1)[draws.storms.cells]
        self._storm_ends = np.zeros(self.shape)
        self._storm_ends.reshape(-1)[draws.storms.cells] = draws.storm_ends
        self._storms_later: dict[int, tuple[Ints, Floats, Floats]] = {}
        self._storm_days: dict[tuple[int, float, float], Floats] = {}
        self._filed_kib = self._filed()
        self._queued_kib = self._queued()

    def held(self, line: DiskLine) -> Floats:
        """What a disk holds, GiB."""
        if line.certain:
            return np.full(self.shape[1], line.held.fixed)
        share_waiting = np.minimum(1, self.draws.busy_hour_share * rules.HOLD_HOURS) * line.waiting
        need: Floats = line.held.fixed + self._flow * (self._of_mail(line.held) + self._filed_kib * share_waiting)
        if line.gathered:
            need += line.gathered * self._gathered_kib()
        if line.waiting:
            storms = self.draws.storms.cells
            need.reshape(-1)[storms] += self.storming * self._spam_filed_kib() * self.of(share_waiting, storms)
        self._add_storms(need, line.storm)
        if line.most:
            np.minimum(need, self._full(line.most), out=need)
        if line.queued:
            need.reshape(-1)[self.draws.outages.cells] += line.queued * self._queued_kib
        if line.clean_chance or line.spam_chance:
            days = self.draws.worst_days
            need.reshape(-1)[days.cells] += self._by_chance(days.cells, days.size, (line.clean_chance, line.spam_chance))
        return need

    def _full(self, most: Full) -> Floats:
        full: Floats = most.held.fixed + self._flow * self._of_mail(most.held)
        self._add_storms(full, most.storm)
        return full

    def months(self, scenarios: Ints) -> Moments:
        """Each month of some scenarios."""
        return Moments(self._flow[:, scenarios], scenarios)

    def moments(self, cells: Ints) -> Moments:
        """The moments of these cells."""
        return Moments(self._flow.reshape(-1)[cells], cells % self.shape[1])

    def is_steady(self, line: DiskLine) -> bool:
        """Whether never more arrives on a disk than is rewritten, so that mail does not matter to what is written."""
        most = float((self.fullest.flow[-1] * self._of_mail(line.arriving)).max()) + line.arriving.fixed
        in_storm = self._spam_offered * line.arriving.spam * float(self.storming.max(initial=0))
        return most + in_storm <= line.rewritten

    def written(self, line: DiskLine, at: Moments) -> Floats:
        """What is written to a disk on a day without a storm, GiB: what is rewritten, or what arrives where that is more."""
        found = self._arriving(line.arriving, at)
        np.maximum(found, line.rewritten, out=found)
        found *= self.draws.write_rate[at.scenarios]
        return found

    def written_beside(self, line: DiskLine, at: Moments, spam: Spam) -> Floats:
        """What storms have written to a disk beside that, GiB: it takes the place of what is rewritten."""
        spared = np.maximum(0, line.rewritten - self._arriving(line.arriving, at)) * spam.days
        arriving = self._spam_offered * line.arriving.spam * spam.extra
        more: Floats = np.maximum(0, arriving - spared) * self.draws.write_rate[at.scenarios]
        return more

    def _arriving(self, line: Line, at: Moments) -> Floats:
        found: Floats = at.flow * self._of_mail(line)[at.scenarios]
        found += line.fixed
        return found

    def storms_within(self, cells: Ints, since: Floats, until: Floats) -> Spam:
        """What storms bring from one time to another, both in days from the beginning of the month of a cell."""
        spam = Spam(np.zeros(cells.size), np.zeros(cells.size))
        months = math.ceil((until.max(initial=0) + self._inputs.storm_days) / DAYS_PER_MONTH)  # a storm may end after its month's beginning
        for later in range(min(months, self.shape[0])):
            then = cells + later * self.shape[1]
            some = np.flatnonzero((until > later * DAYS_PER_MONTH - self._inputs.storm_days) & (then < self._flow.size))
            some = some[self._extra_spam.reshape(-1)[then[some]] > 0]
            ends = DAYS_PER_MONTH * (later + self._storm_ends.reshape(-1)[then[some]])
            days = np.minimum(until[some], ends) - np.maximum(since[some], ends - self._inputs.storm_days)
            np.maximum(days, 0, out=days)
            spam.days[some] += days
            spam.extra[some] += days * (self._flow.reshape(-1)[then[some]] * self._extra_spam.reshape(-1)[then[some]])
        return spam

    def of(self, values: Floats, cells: Ints) -> Floats:
        """The values of these cells."""
        found: Floats = values.reshape(-1)[cells] if values.ndim == 2 else values[cells % self.shape[1]]
        return found

    def _add_storms(self, need: Floats, kept: Kept) -> None:
        """Add what is kept of each storm, in its month and in later ones: there until the next storm's end, or the month's beginning."""
        if not any(kept.gib):
            return
        for later in range(1 + math.ceil(kept.days[-1] / DAYS_PER_MONTH)):
            cells, ago, storming = self._storms(later)
            there = np.zeros(cells.size)
            for (since, until), (less, more) in zip(pairwise(kept.days), pairwise(kept.gib), strict=True):
                there += (more - less) / (until - since) * self._within(later, ago, since, until)
            need.reshape(-1)[cells] += self._spam_offered * storming * there

    def _within(self, later: int, ago: Floats, since: float, until: float) -> Floats:
        """How many days of each storm so many months later are between so many days ago; disks share most of these spans."""
        if (later, since, until) not in self._storm_days:
            ends, begins = np.clip(ago, since, until), np.clip(ago + self._inputs.storm_days, since, until)
            self._storm_days[later, since, until] = begins - ends
        return self._storm_days[later, since, until]

    def _storms(self, later: int) -> tuple[Ints, Floats, Floats]:
        """All storms so many months later: the cells, how many days ago they were, and their extra spam as a multiple of today's spam."""
        if later not in self._storms_later:
            storms, ends = self.draws.storms.cells, self.draws.storm_ends
            within = int(np.searchsorted(storms, self._flow.size - later * self.shape[1]))  # in their order, by month
            cells = storms[:within] + later * self.shape[1]
            ago = DAYS_PER_MONTH * (later + self._storm_ends.reshape(-1)[cells] - ends[:within])
            self._storms_later[later] = cells, np.maximum(0, ago), self.storming[:within]
        return self._storms_later[later]

    def _of_mail(self, line: Line) -> Floats:
        """What today's flow adds to a line on a day without a storm."""
        kib = self._today.clean_kib * self.draws.message_size
        return self._today.clean_per_day * (line.clean + kib * line.clean_kib) + self._spam_offered * line.spam

    def _gathered_kib(self) -> Floats:
        """What has arrived from today to the end of each month, spam apart, KiB."""
        per_day = self._today.clean_per_day * self._today.clean_kib * self.draws.message_size
        found: Floats = np.cumsum(self._flow, axis=0) * DAYS_PER_MONTH * per_day
        return found

    def _by_chance(self, cells: Ints, deviations: Floats, of: tuple[float, float]) -> Floats:
        """What sizes that vary make of a day's mail: KiB beyond the mean, each clean KiB counted as `of` says, and each KiB of spam."""
        today = self._today
        clean = today.clean_per_day * (today.clean_kib * self.of(self.draws.message_size, cells) * of[0]) ** 2
        spam = today.spam_per_day * (today.spam_kib * of[1]) ** 2
        more: Floats = deviations * self._inputs.message_size_variation * np.sqrt(self._flow.reshape(-1)[cells] * (clean + spam))
        return more

    def _filed(self) -> Floats:
        """As `Flow.filed_kib_per_day`, of today's flow."""
        today, block, inode = self._today, rules.BLOCK_KIB, rules.INODE_KIB
        clean = today.clean_per_day * (today.clean_kib * self.draws.message_size + block)
        return np.maximum(clean + today.spam_per_day * (today.spam_kib + block), inode * today.accepted_per_day)

    def _spam_filed_kib(self) -> float:
        """Disk for the spam of an ordinary day, KiB: an inode for each message, whatever the others leave over."""
        return self._today.spam_per_day * max(self._today.spam_kib + rules.BLOCK_KIB, rules.INODE_KIB)

    def _queued(self) -> Floats:
        """What each outage holds up, KiB: days as `Flow.days_within`; a storm of the same month falls into the outage."""
        cells, hours = self.draws.outages
        days, rest = whole_days(hours)
        days = days + np.minimum(1, self.of(self.draws.busy_hour_share, cells) * rest)
        of_storm = np.minimum(days, self._inputs.storm_days) * self._extra_spam.reshape(-1)[cells] * self._spam_filed_kib()
        by_chance = self._by_chance(cells, self.draws.outage_chance * np.sqrt(days), (1, 1))
        expected = self._flow.reshape(-1)[cells] * (self.of(self._filed_kib, cells) * days + of_storm)
        return np.maximum(expected + by_chance, 0)
