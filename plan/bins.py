"""What is put somewhere, where it is put, and what it takes there: what the quick way and the exact one both speak of."""

from collections.abc import Sequence
from typing import NamedTuple


class Item(NamedTuple):
    """What is put somewhere."""

    name: str
    size_gib: float
    """What it always takes, GiB."""
    burst_gib: float = 0.0
    """What it takes beside that at times, when only a few of a place do so at once, GiB."""
    roles: frozenset[str] = frozenset()
    """Roles whose members are spread."""
    groups: frozenset[str] = frozenset()
    """Roles whose members stand in for nobody, and are spread over places where that costs nothing: mailbox servers."""


class Bin(NamedTuple):
    """Where things are put."""

    name: str
    room_gib: float
    domains: frozenset[str] = frozenset()
    """What it is lost with: a fabric, a site."""
    held: tuple[Item, ...] = ()
    """What is there and stays."""


def load(items: Sequence[Item], at_once: int) -> float:
    """What is taken in a place with these things, GiB: all that they always take, and the largest bursts, as many as come at once."""
    return sum(item.size_gib for item in items) + sum(sorted((item.burst_gib for item in items), reverse=True)[:at_once])
