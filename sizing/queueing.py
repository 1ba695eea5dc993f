"""How many scanners: Erlang's formulas for messages that wait for a free core.

They hold for arrivals at random and for scan times that vary as much as exponential ones do. A few huge attachments vary more, and are why
cores are kept idle beyond what the waiting time alone asks for.
"""

import math
from collections.abc import Iterator

from config.base import Model
from config.platform import Platform
from config.problems import Problem
from config.roles import Node
from sizing import rules
from sizing.growth import grown
from sizing.units import SECONDS_PER_HOUR, show

_DIGITS = 9  # decimals of a number of cores: 30.000000000000004 cores are 30
_TAIL = 0.05  # of the messages wait longer than the time that is told


def erlang_b(load: float, servers: int) -> float:
    """Probability that all servers are busy when nobody waits; `load` is arrivals per second × seconds each (A. K. Erlang, 1917)."""
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Probability that a message waits: 1 where `load` is more than the servers can do (A. K. Erlang, 1917)."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait_seconds(load: float, servers: int, seconds: float) -> float:
    """How long a message of `seconds` waits, mean; infinite where the servers can't keep up."""
    return erlang_c(load, servers) * seconds / (servers - load) if load < servers else math.inf


def long_wait_seconds(load: float, servers: int, seconds: float) -> float:
    """What 5 in 100 messages wait longer than: 0 where fewer wait at all, infinite where the servers can't keep up."""
    if load >= servers:
        return math.inf
    waiting = erlang_c(load, servers)  # of hundreds of servers so small that it is nothing to a computer
    return math.log(waiting / _TAIL) * seconds / (servers - load) if waiting > _TAIL else 0.0


def cores(load: float) -> int:
    """The fewest cores that are busy for no more than their fraction of the busy hour."""
    return max(1, math.ceil(round(load / rules.SCAN_BUSY_FRACTION, _DIGITS)))


class Scanning(Model):
    """Whether the scanners keep up in the busy hour, at the end of the planning time and with scanners lost."""

    seconds_per_message: float
    """How long one core scans a message."""
    messages_per_second: float
    """Messages offered in the busy hour, each scanned once."""
    cores_needed: int
    cores_left: int
    """Cores of the scanners that are left."""
    cores_declared: int
    """Cores of all scanners."""
    lost: str
    """What they are judged without: the fabric, or "one"; empty where a scanner is alone."""
    scanners: int
    """Scanners that the stack has."""
    scanners_needed: int
    """Scanners of the smallest kind that the stack has, one of which may be lost."""
    formula: str
    """The arithmetic of `cores_needed` with its numbers, before it is rounded up."""
    source: str
    long_wait_seconds: float | None
    """What 5 in 100 messages wait longer than with the scanners that are left; None: they can't keep up."""


def scanning(platform: Platform) -> Scanning:
    """The scanners' work; one that is alone is not sized for being lost."""
    flow, nodes = grown(platform.flow), list(platform.gateway.scanners.values())
    each, rate = platform.gateway.scan_seconds_per_message, flow.offered_per_day * flow.busy_hour_share / SECONDS_PER_HOUR
    needed, cpus, spare = cores(rate * each), min(node.cpus for node in nodes), min(1, len(nodes) - 1)
    left = sum(node.cpus for node in _left(platform, nodes))
    wait = long_wait_seconds(rate * each, left, each)
    arriving = f"{show(flow.offered_per_day)} × {show(flow.busy_hour_share)} ÷ {show(SECONDS_PER_HOUR)} s"
    return Scanning(
        seconds_per_message=each,
        messages_per_second=rate,
        cores_needed=needed,
        cores_left=left,
        cores_declared=sum(node.cpus for node in nodes),
        lost=_lost(platform),
        scanners=len(nodes),
        scanners_needed=math.ceil(needed / cpus) + spare,
        formula=f"{arriving} × {show(each)} s ÷ {show(rules.SCAN_BUSY_FRACTION)}",
        source="Erlang C, one scanner lost; gateway.scan_seconds_per_message",
        long_wait_seconds=None if math.isinf(wait) else wait,
    )


def told(found: Scanning) -> str:
    """In a sentence whether the scanners keep up."""
    left = f"{found.cores_left} of {found.cores_declared} scanner cores are left{f' when {found.lost} is lost' if found.lost else ''}"
    verdict = "Scanners keep up" if found.cores_left >= found.cores_needed else "Too few scanner cores"
    return f"{verdict}: {left}, and the busy hour needs {found.cores_needed} at {show(found.seconds_per_message)} s a message."


def problems(platform: Platform) -> Iterator[Problem]:
    """A problem if the scanners that are left can't do the busy hour's work."""
    found = scanning(platform)
    if found.cores_left < found.cores_needed:
        lost = found.lost
        work = show(found.messages_per_second * found.seconds_per_message / rules.SCAN_BUSY_FRACTION)
        enough = f"{found.scanners_needed} scanners as large as the smallest suffice" if lost in ("", "one") else "on another fabric"
        yield Problem(
            path="gateway.scanners",
            value=f"{found.scanners} scanner{'s' if found.scanners > 1 else ''}",
            rule=f"leave{'s' if found.scanners == 1 else ''} {found.cores_left} cores{f' when {lost} is lost' if lost else ''}, "
            f"and the busy hour needs {found.cores_needed} cores: {found.formula} = {work}",
            remedy=f"let those that are left have {found.cores_needed} cores: {enough}",
        )


def _lost(platform: Platform) -> str:
    """What the scanners are judged without: a fabric that carries any of them, or else one of them; nothing where one is alone."""
    nodes, fabric = list(platform.gateway.scanners.values()), platform.storage.lost_fabric
    if len(nodes) == 1:
        return ""
    return str(fabric) if fabric in {platform.storage.luns[node.lun].fabric for node in nodes} else "one"


def _left(platform: Platform, nodes: list[Node]) -> list[Node]:
    """The scanners that are left when the stack's fabric is lost, or else the largest scanner; one that is alone is left."""
    if len(nodes) == 1:
        return nodes
    on_others = [node for node in nodes if platform.storage.luns[node.lun].fabric is not platform.storage.lost_fabric]
    return on_others if len(on_others) < len(nodes) else sorted(nodes, key=lambda node: node.cpus)[:-1]
