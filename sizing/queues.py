"""How long queues as declared hold what can't be delivered: the other way round from the backlog that a stack asks for."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from config.platform import Platform
from config.roles import Node, Role
from sizing import rules
from sizing.growth import Flow, grown
from sizing.model import DiskNeed, Sizing, total
from sizing.terms import FILE_SYSTEM, WAITING, Group, group
from sizing.units import KIB_PER_GIB


class Filling(NamedTuple):
    """When the queue of a server is full."""

    vm: str
    messages: int
    """What it holds by then."""
    hours: float
    """How long that takes to arrive at least, when one such server is lost."""


def messages_held(gib: float, kib: float) -> int:
    """How many messages of so much each a queue of so much holds; Cisco tells its queues so: 10 GB at 15 KB."""
    return math.floor(gib * KIB_PER_GIB / kib)


def until_full(flow: Flow, need: DiskNeed, servers: Group) -> Filling | None:
    """When a disk with a queue is full, beside all else that it holds; None on which nothing queues."""
    if not need.terms[0].name.startswith(WAITING) or not flow.accepted_per_day:
        return None
    beside = total(tuple(term for term in need.terms[1:] if term.name != FILE_SYSTEM))
    room = max(0.0, need.gib * (1 - rules.FILE_SYSTEM_FRACTION) - beside)
    filed = flow.filed_kib_per_day.value
    days = room * KIB_PER_GIB * servers.carried_by.value / filed
    return Filling(need.vm, messages_held(room, filed / flow.accepted_per_day), flow.hours_to_bring(days))


def told(platform: Platform, sizing: Sizing) -> Iterator[str]:
    """In a sentence how long an outage may last at scanners and MTAs, by the queue of each that is full first."""
    flow, spool = grown(platform.flow), platform.spool
    roles: tuple[tuple[Role, dict[str, Node], str], ...] = (
        (Role.SCANNER, dict(platform.gateway.scanners), "without the spool"),
        (Role.MTA, dict(spool.mtas), "without a mailbox server"),
    )
    found = []
    for role, nodes, outage in roles:
        servers = group(platform.storage, nodes.values())
        full = [until_full(flow, need, servers) for need in sizing.disks if need.role is role]
        first = min(filter(None, full), key=lambda each: each.hours, default=None)
        if first is not None:
            found.append(f"after {first.hours:,.0f} h {outage} ({first.vm}: {first.messages:,} messages)")
    if found:
        yield f"Queues as declared are full at the earliest {', and '.join(found)}."
