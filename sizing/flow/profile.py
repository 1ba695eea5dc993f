"""What a mail flow looks like, with what is uncertain about it. Counts are of the whole log; rates are of its full days."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from config.base import Model
from config.types import Number

LARGEST_MISFIT = 0.1  # of a fitted distribution; with more it isn't to be relied on (figure)
FEWEST_TO_FIT = 100  # messages; below it the critical distance of the same test is more than 0.13, and says nothing (1.36 ÷ √n at 5 %)


def _day(value: str) -> str:
    try:
        if date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise ValueError("is no day; write it as 2026-03-02")


class Estimate(Model):
    """A figure and the interval that it is in with 90 % probability."""

    value: float
    low: float
    high: float


class Counts(Model):
    """Three numbers that are easily taken for one another are messages, deliveries and deferrals."""

    received: int
    """Messages that clients and programs on the hosts began to hand in; a message back from a filter counts again (as in pflogsumm)."""
    messages: int
    """Messages that came to the queue, each once, however often it was tried."""
    recipients: int
    """Recipients of these."""
    delivered: int
    """Deliveries done, one for each recipient; to a filter on the same host too (as in pflogsumm)."""
    deliveries: int
    """Deliveries done to where a recipient's mail goes: of `delivered`, without those to a filter that hands the message back."""
    deferred_messages: int
    """Messages that could not be delivered at once to some recipient."""
    deferrals: int
    """Tries to deliver that were put off."""
    bounced: int
    """Recipients that were given up."""
    expired: int
    """Messages that were given up because they were too long in the queue."""
    rejected: int
    """Recipients and messages refused during SMTP, for good or for now."""
    stored: int
    """Messages that mail stores took."""


class Sizes(Model):
    """Size of a message."""

    mean_kib: float
    quantiles_kib: dict[str, float]
    """Quantiles by their share, KiB, exact to 2.2 %."""
    lognormal_mu: float
    """Mean of ln(bytes)."""
    lognormal_sigma: float
    """Standard deviation of ln(bytes)."""
    lognormal_misfit: float
    """The largest difference between the share of messages up to some size and what the fitted distribution says (Kolmogorov–Smirnov)."""


class Shares(Model):
    """Parts of a whole, 0 to 1; none where the log can't tell."""

    rejected: float | None
    """Of what clients offered, refused, for good or for now: refusals, of these and the messages that came to the queue."""
    spam: float | None
    """Of the offered messages, spam: refused by policy (5.7.x) or found by a filter."""
    rejected_spam: float | None
    """Of the spam, refused during SMTP; none without a filter's verdicts, for then what was let in isn't known."""
    deferred: float | None
    """Of the messages, deferred at least once."""
    authenticated: float | None
    """Of the messages that came to the queue, from clients that logged in."""


class Backlog(Model):
    """Messages in the queue, counted at the end of each hour; what was there before the log began isn't in it."""

    mean_messages: float
    largest_messages: int
    largest_gib: float


class Coverage(Model):
    """What a host's log covers, by its own clock, to the hour."""

    first: str
    last: str
    events: int
    """What happened, by its lines; several lines together tell that one message came to the queue."""


class Profile(Model):
    """A mail flow as measured."""

    hosts: dict[str, Coverage]
    full_days: int
    """Days that every host's log covers from end to end: rates are of these."""
    counts: Counts
    messages_per_day: Estimate | None
    """Messages offered on a working day, mean: those that came to the queue, and those refused as spam."""
    busy_hour_share: Estimate | None
    """Share of a day's offered messages in its busiest hour, mean over working days; the interval holds 90 % of the days."""
    growth_per_year: Estimate | None
    """Growth of the messages in a year; none for a log of less than four weeks."""
    hour_shares: tuple[float, ...]
    """Share of a day's offered messages in each hour of the day."""
    weekday_ratios: tuple[float, ...]
    """Offered messages of a Monday, Tuesday … relative to the mean day; 0 for a day of the week that no full day is of."""
    recipients_per_message: float | None
    sizes: Sizes | None
    clean_mean_kib: float | None
    """Size of a message that no filter called spam, KiB, mean."""
    spam_mean_kib: float | None
    """Size of a message that a filter called spam, KiB, mean."""
    shares: Shares
    delay_seconds: dict[str, float]
    """Quantiles of the time from arrival to delivery, s."""
    queue_seconds: dict[str, float]
    """Quantiles of the part of it spent in the queue, s."""
    backlog: Backlog
    lines: dict[str, int]
    """How many lines became what."""
    notes: tuple[str, ...]
    """What to know before relying on it."""
    messages_by_day: dict[Annotated[str, AfterValidator(_day)], Number]
    """Messages offered on each full day."""
