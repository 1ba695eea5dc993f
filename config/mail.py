"""How much mail: the flow that everything is sized for."""

from typing import Annotated

from pydantic import Field

from config.base import Model
from config.types import BusyHourShare, Hours, Number, Positive, Share, Years


class MailFlow(Model):
    """Mail from and to outside on an average working day, as counted at the gateway, today."""

    messages_per_day: Positive
    """Messages offered to the gateway in a day, before any is rejected."""
    recipients_per_message: Annotated[Number, Field(ge=1)] = 1.5
    """Recipients of a message, mean."""
    mean_message_kib: Positive = 54.3
    """Size of an accepted message that is not spam, KiB, mean (54.3: public size distribution cut at 25 MiB)."""
    mean_spam_kib: Positive = 8.0
    """Size of a spam message, KiB, mean (one sixth to one eighth of the other; Gomes et al. 2007)."""
    spam_share: Share = 0.6
    """Share of the offered messages that are spam."""
    rejected_spam_share: Share = 0.8
    """Share of the spam that is refused during SMTP and so never stored."""
    busy_hour_share: BusyHourShare = 0.15
    """Share of a day's messages in its busiest hour (no primary source: 0.10 to 0.20 are seen; measure it)."""
    growth_per_year: Share = 0.07
    """Growth of the number of messages in a year."""
    planning_years: Years = 3
    """The platform is sized for the flow after this many years; 30 at most, since growth compounds."""
    backlog_hours: Hours = 72.0
    """How long the gateway must hold mail while what it delivers to is down."""
