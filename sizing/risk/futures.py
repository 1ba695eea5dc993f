"""A block of scenarios, and what disks hold in them month by month.

Arrays are months × scenarios; what does not change with the months is an array over scenarios.
"""

import numpy as np

from sizing import rules
from sizing.growth import Flow
from sizing.risk.draws import Draws, Floats, Ints
from sizing.risk.lines import DiskLine, Line
from sizing.units import HOURS_PER_DAY


class Futures:
    """A block of scenarios, with what the needs of all disks share."""

    def __init__(self, today: Flow, storm_days: float, draws: Draws, months: int) -> None:
        self.draws = draws
        self.shape = months, draws.growth.size
        self._today, self._storm_days = today, storm_days
        self._spam_offered = today.offered_per_day - today.clean_per_day
        monthly = (1 + draws.growth) ** (1 / 12)
        self._flow = np.multiply.accumulate(np.broadcast_to(monthly, self.shape), axis=0)  # × today's, at the end of each month
        self._extra_spam = np.zeros(self.shape)  # × ordinary spam, on each day of a storm
        self._extra_spam.flat[draws.storms.cells] = draws.storms.size - 1
        self._filed_kib = self._filed()
        self._queued_kib = self._queued()

    def held(self, line: DiskLine) -> Floats:
        """What a disk holds, GiB."""
        if line.certain:
            return np.full(self.shape[1], line.held.fixed)
        share_waiting = np.minimum(1, self.draws.busy_hour_share * rules.HOLD_HOURS) * line.waiting
        need: Floats = line.held.fixed + self._flow * (self._of_mail(line.held) + self._filed_kib * share_waiting)
        storms = self.draws.storms.cells
        of_storm = self._spam_offered * line.storm + self._spam_filed_kib() * self.of(share_waiting, storms)
        need.flat[storms] += self._flow.flat[storms] * self._extra_spam.flat[storms] * of_storm
        need.flat[self.draws.outages.cells] += line.queued * self._queued_kib
        return need

    def written(self, line: Line) -> Floats:
        """What is written to a disk in a day, GiB."""
        if line.certain:
            return line.fixed * self.draws.write_rate
        of_storms = self._spam_offered * line.spam * self._extra_spam
        return (line.fixed + self._flow * (self._of_mail(line) + of_storms)) * self.draws.write_rate

    def of(self, values: Floats, cells: Ints) -> Floats:
        """The values of these cells."""
        found: Floats = values.flat[cells] if values.ndim == 2 else values[cells % self.shape[1]]
        return found

    def _of_mail(self, line: Line) -> Floats:
        """What today's flow adds to a line on a day without a storm."""
        kib = self._today.clean_kib * self.draws.message_size
        return self._today.clean_per_day * (line.clean + kib * line.clean_kib) + self._spam_offered * line.spam

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
        of_storm = np.minimum(days, self._storm_days) * self._extra_spam.flat[cells] * self._spam_filed_kib()
        return self._flow.flat[cells] * (self.of(self._filed_kib, cells) * days + of_storm)
