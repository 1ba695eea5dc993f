"""Computes a profile from the figures of a log."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from sizing.flow import days as daily
from sizing.flow import fit
from sizing.flow.days import HOURS_PER_DAY, Days
from sizing.flow.doubts import Doubt
from sizing.flow.events import Direction, Kind, Outcome, Status
from sizing.flow.fields import LARGEST_SIZE
from sizing.flow.figures import Figures, Numbers, Picked
from sizing.flow.profile import Backlog, Counts, Coverage, Estimate, Profile, Shares, Sizes
from sizing.flow.reading import Reading
from sizing.flow.views import DELAYS, HOURS, QUEUEING, SIZES

QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
_KIB, _GIB = 2**10, 2**30


def profile(answer: pa.Table, readings: Iterable[Reading], notes: Iterable[str]) -> tuple[Profile, list[Doubt]]:
    """The profile of a log from the answer of an engine, and what is doubtful in it."""
    figures = Figures(answer)
    hosts = figures.hosts()
    full, day_doubts, day_notes = daily.full(hosts)
    outcomes: Counter[Outcome] = Counter()
    said, doubts = list(notes), list(day_doubts)
    for reading in readings:
        outcomes += reading.outcomes
        said += reading.notes
        doubts += reading.doubts
    messages = _messages(figures)
    sized, counts, spam = _messages(figures, SIZES), _counts(figures), _spam(figures)
    offered = messages.beside(figures.spam_refusals(), "events") if messages.total("firsts") else messages
    days = daily.split(full, *offered.by("hour", "firsts"))
    trend = fit.trend(days.days, days.messages)
    measured = Profile(
        hosts={name: _coverage(*of_host) for name, of_host in hosts.items()},
        full_days=len(full),
        counts=counts,
        messages_per_day=_per_day(days.working, offered, hosts),
        busy_hour_share=_busy_hour(days.working),
        growth_per_year=trend.growth_per_year if trend else None,
        hour_shares=_shares(days.hourly.sum(axis=0) if len(full) else _by_hour(offered)),
        weekday_ratios=_weekdays(days),
        recipients_per_message=messages.total("recipients") / messages.total("firsts") if messages.total("recipients") else None,
        sizes=_sizes(sized),
        clean_mean_kib=_mean_kib(sized.total("bytes") - spam.total("bytes"), sized.total("firsts") - spam.total("events")),
        spam_mean_kib=_mean_kib(spam.total("bytes"), spam.total("events")),
        shares=_of_whole(figures, counts, offered.total("firsts")),
        delay_seconds=_seconds(figures.pick(DELAYS, Kind.DELIVERY, Status.SENT)),
        queue_seconds=_seconds(figures.pick(QUEUEING, Kind.DELIVERY, Status.SENT)),
        backlog=_backlog(figures),
        lines={str(outcome): outcomes[outcome] for outcome in Outcome},
        notes=(*said, *day_notes, *_warnings(len(full), messages, sized)),
        messages_by_day={_date(day): n for day, n in zip(full.tolist(), days.messages.tolist(), strict=True)},
    )
    return measured, doubts


def _messages(figures: Figures, view: str = HOURS) -> Picked:
    """Messages by hour or size: those that came to the queue, or, in the log of a mail store alone, those that it took."""
    queued = figures.queued(view)
    return queued if queued.total("firsts") else figures.pick(view, Kind.STORED)


def _spam(figures: Figures) -> Picked:
    return figures.pick(SIZES, Kind.VERDICT, Status.SPAM)


def _mean_kib(size: float, messages: float) -> float | None:
    return size / messages / _KIB if size > 0 and messages > 0 else None


def _counts(figures: Figures) -> Counts:
    def total(kind: Kind, status: Status | None = None, column: str = "events") -> int:
        return int(figures.pick(HOURS, kind, status).total(column))

    messages = _messages(figures)
    return Counts(
        received=total(Kind.RECEIVED),
        messages=int(messages.total("firsts")),
        recipients=int(messages.total("recipients")),
        delivered=total(Kind.DELIVERY, Status.SENT) + total(Kind.DELIVERY, Status.HANDED),
        deliveries=total(Kind.DELIVERY, Status.SENT),
        deferred_messages=total(Kind.DELIVERY, Status.DEFERRED, "firsts"),
        deferrals=total(Kind.DELIVERY, Status.DEFERRED),
        bounced=total(Kind.DELIVERY, Status.BOUNCED),
        expired=total(Kind.EXPIRED),
        rejected=total(Kind.REJECTED),
        stored=total(Kind.STORED),
    )


def _coverage(hours: Numbers, events: Numbers) -> Coverage:
    return Coverage(first=_hour(int(hours[0])), last=_hour(int(hours[-1])), events=int(events.sum()))


def _hour(hour: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).strftime("%Y-%m-%d %H:00")


def _date(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y-%m-%d")


def _per_day(days: Days, offered: Picked, hosts: dict[str, tuple[Numbers, Numbers]]) -> Estimate | None:
    """Messages of a working day; of a log without a full day, as many as in 24 of its hours, and nothing said of how exactly."""
    if days.messages.any():
        found = fit.mean(days.messages)
    elif total := offered.total("firsts"):
        covered = max(hours[-1] for hours, _ in hosts.values()) - min(hours[0] for hours, _ in hosts.values()) + 1
        found = Estimate(value=total / covered * HOURS_PER_DAY, low=0, high=total / covered * HOURS_PER_DAY * 3)
    else:
        return None
    return found


def _busy_hour(days: Days) -> Estimate | None:
    rows = days.hourly[days.messages > 0]
    if not len(rows):
        return None
    shares = rows.max(axis=1) / rows.sum(axis=1)
    low, high = np.quantile(shares, (0.05, 0.95))
    return Estimate(value=float(shares.mean()), low=float(low), high=float(high))


def _by_hour(messages: Picked) -> Numbers:
    hours, firsts = messages.by("hour", "firsts")
    return np.asarray(np.bincount(hours.astype(np.int64) % HOURS_PER_DAY, firsts, HOURS_PER_DAY), np.float64)


def _shares(amounts: Numbers) -> tuple[float, ...]:
    return tuple(round(share, 5) for share in (amounts / max(1.0, amounts.sum())).tolist())


def _weekdays(days: Days) -> tuple[float, ...]:
    if not days.messages.sum():
        return (0.0,) * 7
    weekdays = (days.days + 3) % 7
    means = [days.messages[weekdays == weekday].mean() if (weekdays == weekday).any() else 0.0 for weekday in range(7)]
    present = [mean for mean in means if mean]
    return tuple(round(float(mean / np.mean(present)), 4) for mean in means)


def _sizes(found: Picked) -> Sizes | None:
    if not found.total("firsts"):
        return None
    bins, counts = found.by("bin", "firsts")
    fitted = fit.lognormal(bins, counts)
    return Sizes(
        mean_kib=found.total("bytes") / found.total("firsts") / _KIB,
        quantiles_kib={f"{share:g}": fit.quantile(bins, counts, share) / _KIB for share in QUANTILES},
        lognormal_mu=fitted.mu,
        lognormal_sigma=fitted.sigma,
        lognormal_misfit=fitted.misfit,
    )


def _seconds(found: Picked) -> dict[str, float]:
    if not found.total("events"):
        return {}
    bins, counts = found.by("bin", "events")
    return {f"{share:g}": round(fit.quantile(bins, counts, share) / 1000, 3) for share in QUANTILES}


def _of_whole(figures: Figures, counts: Counts, offered: float) -> Shares:
    queued = figures.queued(HOURS).total("firsts")
    outbound = figures.pick(HOURS, Kind.QUEUED, directions=frozenset({Direction.OUTBOUND})).total("firsts")
    judged = figures.pick(HOURS, Kind.VERDICT).total("events")
    refused, found = figures.spam_refusals().total("events"), figures.pick(HOURS, Kind.VERDICT, Status.SPAM).total("events")

    def share(part: float, whole: float) -> float | None:
        return min(1.0, part / whole) if whole else None

    return Shares(
        rejected=share(counts.rejected, counts.rejected + queued),
        spam=share(refused + found, offered) if refused or judged else None,
        rejected_spam=share(refused, refused + found) if judged else None,
        deferred=share(counts.deferred_messages, counts.messages),
        authenticated=share(outbound, queued),
    )


def _backlog(figures: Figures) -> Backlog:
    came, went = figures.pick(HOURS, Kind.QUEUED), figures.pick(HOURS, Kind.REMOVED)
    if not came.total("firsts") or not went.total("firsts"):
        return Backlog(mean_messages=0, largest_messages=0, largest_gib=0)
    first, last = int(min(came["hour"].min(), went["hour"].min())), int(max(came["hour"].max(), went["hour"].max()))

    def standing(column: str) -> Numbers:
        change = np.zeros(last - first + 1)
        for picked, sign in ((came, 1), (went, -1)):
            hours, amounts = picked.by("hour", column)
            change[hours.astype(np.int64) - first] += sign * amounts
        return np.maximum(0.0, np.cumsum(change))

    messages, size = standing("firsts"), standing("bytes")
    return Backlog(mean_messages=float(messages.mean()), largest_messages=int(messages.max()), largest_gib=float(size.max()) / _GIB)


def _warnings(full_days: int, messages: Picked, sized: Picked) -> Iterable[str]:
    if not messages.total("firsts"):
        yield "no message came to the queue in this log"
    if unsized := int(messages.total("firsts") - sized.total("firsts")):
        known = f"of {messages.total('firsts'):,.0f} messages have no readable size, or one of more than {LARGEST_SIZE // _GIB:,} GiB"
        yield f"{unsized:,} {known}: sizes are those of the others"
    if not full_days:
        yield "no day is covered from end to end: the messages of a day are those of the log's hours, scaled to 24"
