"""A block of scenarios, and what disks hold in them month by month.

Arrays are months × scenarios; what does not change with the months is an array over scenarios.
"""

import math
from itertools import pairwise

import numpy as np

from config.risk import Inputs
from sizing import rules
from sizing.growth import Flow
from sizing.risk.draws import Draws, Floats, Ints
from sizing.risk.lines import DiskLine, Kept, Line
from sizing.units import HOURS_PER_DAY

_DAYS_PER_MONTH = 365.25 / 12


class Futures:
    """A block of scenarios, with what the needs of all disks share."""

    def __init__(self, today: Flow, inputs: Inputs, draws: Draws, months: int) -> None:
        self.draws = draws
        self.shape = months, draws.growth.size
        self._today, self._inputs = today, inputs
        self._spam_offered = today.offered_per_day - today.clean_per_day
        monthly = (1 + draws.growth) ** (1 / 12)
        self._flow = np.empty(self.shape)  # × today's, at the end of each month
        self._flow[0] = monthly
        for month in range(1, months):  # row by row is ten times as fast as numpy's accumulate along the first axis
            np.multiply(self._flow[month - 1], monthly, out=self._flow[month])
        self._extra_spam = np.zeros(self.shape)  # × ordinary spam, on each day of a storm
        self._extra_spam.reshape(-1)[draws.storms.cells] = draws.storms.size - 1
        self._storming = self._flow.reshape(-1)[draws.storms.cells] * self._extra_spam.reshape(-1)[draws.storms.cells]
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
        if line.most is not None:
            np.minimum(need, line.most.fixed + self._flow * self._of_mail(line.most), out=need)
        storms = self.draws.storms.cells
        need.reshape(-1)[storms] += self._storming * self._spam_filed_kib() * self.of(share_waiting, storms)
        self._add_storms(need, line.storm)
        need.reshape(-1)[self.draws.outages.cells] += line.queued * self._queued_kib
        days = self.draws.worst_days
        need.reshape(-1)[days.cells] += self._by_chance(days.cells, days.size, (line.clean_chance, line.spam_chance))
        return need

    def written(self, line: DiskLine) -> Floats:
        """What is written to a disk in a day, GiB: what is rewritten, or what arrives where that is more."""
        arriving = line.arriving
        if arriving.certain:
            return max(line.rewritten, arriving.fixed) * self.draws.write_rate
        found: Floats = self._flow * self._of_mail(arriving)
        if arriving.spam:
            storms = self.draws.storms.cells
            found.reshape(-1)[storms] += self._spam_offered * arriving.spam * self._storming
        found += arriving.fixed
        if found.max() <= line.rewritten:
            return line.rewritten * self.draws.write_rate
        np.maximum(found, line.rewritten, out=found)
        found *= self.draws.write_rate
        return found

    def of(self, values: Floats, cells: Ints) -> Floats:
        """The values of these cells."""
        found: Floats = values.reshape(-1)[cells] if values.ndim == 2 else values[cells % self.shape[1]]
        return found

    def _add_storms(self, need: Floats, kept: Kept) -> None:
        """Add what is kept of each storm, in its month and in later ones: there until the next storm's end, or the month's beginning."""
        if not any(kept.gib):
            return
        for later in range(1 + math.ceil(kept.days[-1] / _DAYS_PER_MONTH)):
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
            then = self.draws.storms.cells + later * self.shape[1]
            within = then < self._flow.size
            cells = then[within]
            ago = _DAYS_PER_MONTH * (later + self._storm_ends.reshape(-1)[cells] - self.draws.storm_ends[within])
            self._storms_later[later] = cells, np.maximum(0, ago), self._storming[within]
        return self._storms_later[later]

    def _of_mail(self, line: Line) -> Floats:
        """What today's flow adds to a line on a day without a storm."""
        kib = self._today.clean_kib * self.draws.message_size
        return self._today.clean_per_day * (line.clean + kib * line.clean_kib) + self._spam_offered * line.spam

    def _gathered_kib(self) -> Floats:
        """What has arrived from today to the end of each month, spam apart, KiB."""
        per_day = self._today.clean_per_day * self._today.clean_kib * self.draws.message_size
        found: Floats = np.cumsum(self._flow, axis=0) * _DAYS_PER_MONTH * per_day
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
        days, rest = np.divmod(hours, HOURS_PER_DAY)
        days += np.minimum(1, self.of(self.draws.busy_hour_share, cells) * rest)
        of_storm = np.minimum(days, self._inputs.storm_days) * self._extra_spam.reshape(-1)[cells] * self._spam_filed_kib()
        by_chance = self._by_chance(cells, self.draws.outage_chance * np.sqrt(days), (1, 1))
        expected = self._flow.reshape(-1)[cells] * (self.of(self._filed_kib, cells) * days + of_storm)
        return np.maximum(expected + by_chance, 0)
