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
    In the other views `bin` is that of the size in B, that of the delay in ms, or the code itself; `bytes` is the sum of sizes or delays.
    """
    first, sizes = events["first"], [int(kind) for kind in (Kind.QUEUED, Kind.VERDICT, Kind.STORED)]
    handed = (events.kind == int(Kind.DELIVERY)) & (events.status == int(Status.HANDED))
    sized = events.filter(first & (events.kind.isin(sizes) | handed) & events["size"].notnull())
    delayed = events.filter((events.kind == int(Kind.DELIVERY)) & events.delay_ms.notnull())
    queued = events.filter((events.kind == int(Kind.DELIVERY)) & events.in_queue_ms.notnull())
    coded = events.filter((events.kind == int(Kind.REJECTED)) & events.code.notnull())
    return ibis.union(
        _view(events, HOURS, events["size"], hour=_hour(events), host=events.host),
        _view(sized, SIZES, sized["size"], bin=_bin(sized["size"])),
        _view(delayed, DELAYS, delayed.delay_ms, bin=_bin(delayed.delay_ms)),
        _view(queued, QUEUEING, queued.in_queue_ms, bin=_bin(queued.in_queue_ms)),
        _view(coded, CODES, coded["size"], hour=_hour(coded), bin=coded.code.cast("int64")),
    )


def _view(events: ir.Table, name: str, amount: ir.NumericValue, **keys: ir.Value) -> ir.Table:
    """Counts of the events by what they are, and by the keys that are given."""
    counted = events.group_by(kind=events.kind, status=events.status, direction=events.direction, **keys).aggregate(
        events=events.count().cast("int64"),
        firsts=events["first"].cast("int64").sum().cast("int64"),
        bytes=_among_firsts(events, amount) if name == HOURS else _sum(amount),
        recipients=_among_firsts(events, events.recipients),
    )
    none = {"host": ibis.literal(""), "hour": ibis.literal(0).cast("int64"), "bin": ibis.literal(0).cast("int64")}
    return counted.mutate(view=ibis.literal(name), **{key: value for key, value in none.items() if key not in keys}).select(*ANSWER.names)


def _sum(amount: ir.NumericValue) -> ir.NumericValue:
    return ibis.coalesce(amount.cast("float64").sum(), 0.0)


def _among_firsts(events: ir.Table, amount: ir.NumericValue) -> ir.NumericValue:
    return _sum(ibis.cases((events["first"], amount.cast("float64")), else_=0.0))


def _hour(events: ir.Table) -> ir.IntegerValue:
    return (events.time.epoch_seconds() // 3600).cast("int64")


def _bin(amount: ir.NumericValue) -> ir.IntegerValue:
    """The bin of a whole number: a little is added, lest an engine's logarithm of a power of 2 be a hair below the bin's edge."""
    return (ibis.greatest(amount, 1).cast("float64").ln() * (BINS_PER_DOUBLING / math.log(2)) + _HAIR).floor().cast("int64")
