"""The mail that the platform is sized for: today's, grown over the planning time, split by what becomes of it.

Deliberately knows only the mail that the stack counts at the gateway; mail between users that never passes it isn't there.
"""

import math

from config.base import Model
from config.mail import MailFlow
from sizing import rules
from sizing.units import HOURS_PER_DAY, Amount, show


class Flow(Model):
    """Mail of one day at the end of the planning time."""

    offered_per_day: float
    """Messages offered to the gateway."""
    clean_per_day: float
    """Messages that are not spam."""
    spam_per_day: float
    """Spam messages that are accepted, and so stored."""
    recipients_per_message: float
    clean_kib: float
    """Size of a message that is not spam, KiB, mean."""
    spam_kib: float
    """Size of a spam message, KiB, mean."""
    busy_hour_share: float
    """Share of a day's messages in its busiest hour."""

    @property
    def accepted_per_day(self) -> float:
        """Messages that are accepted."""
        return self.clean_per_day + self.spam_per_day

    @property
    def kib_per_day(self) -> float:
        """Size of the accepted messages of a day, KiB."""
        return self.clean_per_day * self.clean_kib + self.spam_per_day * self.spam_kib

    @property
    def filed_kib_per_day(self) -> Amount:
        """Disk that the accepted messages of a day need with a file for each, KiB: blocks and inodes included."""
        block, inode = rules.BLOCK_KIB, rules.INODE_KIB
        clean = f"{show(self.clean_per_day)} × ({show(self.clean_kib)} + {block})"
        spam = f"{show(self.spam_per_day)} × ({show(self.spam_kib)} + {block})"
        return Amount(
            max(self.kib_per_day + block * self.accepted_per_day, inode * self.accepted_per_day),
            f"max({clean} + {spam}, {inode} × {show(self.accepted_per_day)}) KiB/d",
        )

    @property
    def written_kib_per_day(self) -> Amount:
        """What is written to store the accepted messages of a day once, KiB: whole blocks; inodes are there already."""
        block = rules.BLOCK_KIB
        return Amount(
            self.kib_per_day + block * self.accepted_per_day,
            f"({show(self.kib_per_day)} + {block} × {show(self.accepted_per_day)}) KiB/d",
        )

    def days_within(self, hours: float) -> Amount:
        """The most mail that can arrive within `hours`, in days' worth of mail.

        No day brings more than a day's mail and no hour more than the busy hour, so the busy-hour rate counts only for what is
        left over whole days.
        """
        days, rest = divmod(hours, HOURS_PER_DAY)
        share = self.busy_hour_share
        return Amount(days + min(1.0, share * rest), f"({show(days)} + min(1, {show(share)} × {show(rest)} h)) d")

    def hours_to_bring(self, days: float) -> float:
        """How long it takes at least until so many days' worth of mail have arrived: the other way round from `days_within`."""
        whole = max(0, math.ceil(days) - 1)
        rest = (days - whole) / self.busy_hour_share
        return HOURS_PER_DAY * whole + min(HOURS_PER_DAY, rest)


def grown(flow: MailFlow) -> Flow:
    """The flow at the end of the planning time: today's × (1 + growth)^years."""
    offered = flow.messages_per_day * math.pow(1 + flow.growth_per_year, flow.planning_years)
    return Flow(
        offered_per_day=offered,
        clean_per_day=offered * (1 - flow.spam_share),
        spam_per_day=offered * flow.spam_share * (1 - flow.rejected_spam_share),
        recipients_per_message=flow.recipients_per_message,
        clean_kib=flow.mean_message_kib,
        spam_kib=flow.mean_spam_kib,
        busy_hour_share=flow.busy_hour_share,
    )
