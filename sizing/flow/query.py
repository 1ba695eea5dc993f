"""The one question that is asked of the events, as an expression that any of Ibis's engines answers.

The answer is a few counts for each hour, size, delay and code; everything a profile says is computed from them. Sizes and delays are
counted in bins, 32 to a doubling, so that quantiles are the same whatever the engine, and exact to 2.2 %.
"""

import math

import ibis
from ibis.expr import types as ir

from sizing.flow.events import Kind, Status
from sizing.flow.views import ANSWER, BINS_PER_DOUBLING, CODES, DELAYS, HOURS, QUEUEING, SIZES

_HAIR = 1e-9  # bins; 10^5 times the error of a logarithm, and less than between any two whole numbers below 10^9


def figures(events: ir.Table) -> ir.Table:
    """Counts by hour, of sizes, of delays, of the time in the queue and of codes by hour, one below the other.

    `hours` has events, `firsts` of them that are the first of their kind and status for a message, and bytes and recipients of these.
    In the other views `bin` is that of the size in B, that of the delay of a delivery done in ms, or the code itself. `sizes` has
    `firsts` only, and their bytes; the others have the number of events. What a view doesn't count is 0.
    """
    first, sizes = events["first"], [int(kind) for kind in (Kind.QUEUED, Kind.VERDICT, Kind.STORED)]
    delivered = events.kind == int(Kind.DELIVERY)
    handed, sent = delivered & (events.status == int(Status.HANDED)), delivered & (events.status == int(Status.SENT))
    sized = events.filter(first & (events.kind.isin(sizes) | handed) & events["size"].notnull())
    delayed, queued = events.filter(sent & events.delay_ms.notnull()), events.filter(sent & events.in_queue_ms.notnull())
    coded = events.filter((events.kind == int(Kind.REJECTED)) & events.code.notnull())
    firsts = {"firsts": _count(first.cast("int64").sum()), "bytes": _of(first, events["size"]), "recipients": _of(first, events.recipients)}
    return ibis.union(
        _view(events, HOURS, {"hour": _hour(events), "host": events.host}, **firsts),
        _view(sized, SIZES, {"bin": _bin(sized["size"])}, firsts=_count(sized.count()), bytes=_sum(sized["size"])),
        _view(delayed, DELAYS, {"bin": _bin(delayed.delay_ms)}),
        _view(queued, QUEUEING, {"bin": _bin(queued.in_queue_ms)}),
        _view(coded, CODES, {"hour": _hour(coded), "bin": coded.code.cast("int64")}),
    )


def _view(events: ir.Table, name: str, keys: dict[str, ir.Value], **amounts: ir.Value) -> ir.Table:
    """The number of events, and other amounts, by what they are and by the keys that are given."""
    counted = events.group_by(kind=events.kind, status=events.status, direction=events.direction, **keys).aggregate(
        events=_count(events.count()), **amounts
    )
    none = {"host": ibis.literal("")} | {key: _count(ibis.literal(0)) for key in ("hour", "bin", "firsts")}
    none |= {key: ibis.literal(0.0) for key in ("bytes", "recipients")}
    given = {key: value for key, value in none.items() if key not in keys and key not in amounts}
    return counted.mutate(view=ibis.literal(name), **given).select(*ANSWER.names)


def _count(amount: ir.Value) -> ir.Value:
    return amount.cast("int64")


def _sum(amount: ir.NumericValue) -> ir.NumericValue:
    return ibis.coalesce(amount.cast("float64").sum(), 0.0)


def _of(first: ir.BooleanValue, amount: ir.NumericValue) -> ir.NumericValue:
    """The sum of an amount over the events that are firsts."""
    return _sum(ibis.cases((first, amount.cast("float64")), else_=0.0))


def _hour(events: ir.Table) -> ir.IntegerValue:
    return (events.time.epoch_seconds() // 3600).cast("int64")


def _bin(amount: ir.NumericValue) -> ir.IntegerValue:
    """The bin of a whole number: a little is added, lest an engine's logarithm of a power of 2 be a hair below the bin's edge."""
    return (ibis.greatest(amount, 1).cast("float64").ln() * (BINS_PER_DOUBLING / math.log(2)) + _HAIR).floor().cast("int64")
