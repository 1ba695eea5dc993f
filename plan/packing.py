"""Puts things that take room into places that have some: servers on LUNs, VMs on hosts. The same answer every time.

First the largest thing goes where it is spread best, and so on. That is quick, and now and then leaves out or leaves together what need not
be; then an exact search decides (`plan/exact.py`), so that "there is no room" is proven wherever the search ends. Figures:
docs/placement.md.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from plan.bins import Bin, Item, load

_LACKING = 1e-6  # GiB; less is rounding
_NAMED = 3  # places named in a message; more make it unreadable


class Packing(NamedTuple):
    """Where each thing goes."""

    places: dict[str, str]
    """The bin of each item, by its name."""
    missing_gib: dict[str, float]
    """What bins lack for that, GiB; empty if all fits."""
    proven: bool = True
    """If anything is missing, whether it is certain that not all fits, and not only that no way was found."""

    def lacks(self, title: Callable[[str], str] = str) -> str:
        """What is missing and on which bins, each by its title, in whole GiB; another arrangement may lack it elsewhere."""
        said = ", ".join(f"{math.ceil(gib):,} GiB on {title(name)}" for name, gib in sorted(self.missing_gib.items())[:_NAMED])
        more = len(self.missing_gib) - _NAMED
        said += f" and more on {more} other{'s' * (more != 1)}" if more > 0 else ""
        return f"{said} are missing in the best arrangement that was found"

    @property
    def doubt(self) -> str:
        """What to try beside, where it is not certain that not all fits; empty where it is."""
        return "" if self.proven else " (the search ended early: write the places of some yourself, and choose again)"


def pack(items: Sequence[Item], bins: Sequence[Bin], at_once: int = 0, *, apart: bool = False) -> Packing | None:
    """Items into bins whose room holds them and the bursts of as many as have one at once; `apart`: no two of a role in one bin.

    If they don't fit, a packing that lacks little; None if there is none that keeps `apart`.
    """
    quick = greedy(items, bins, at_once, apart=apart)
    if quick and not quick.missing_gib and not huddled(quick.places, items, bins):
        return quick
    if sum(item.size_gib for item in items) > sum(place.room_gib - load(place.held, at_once) for place in bins):
        return quick
    from plan import exact  # noqa: PLC0415 - only where it is needed: the solver takes longer to load than all of the rest

    found = exact.search(items, bins, at_once, apart=apart)
    if found.places is None:
        return quick and quick._replace(proven=found.proven)
    if quick and not quick.missing_gib and len(huddled(found.places, items, bins)) >= len(huddled(quick.places, items, bins)):
        return quick
    return Packing(found.places, {})


def huddled(places: Mapping[str, str], items: Sequence[Item], bins: Sequence[Bin]) -> list[str]:
    """Roles whose members, two or more, would all be lost with one bin or one of what bins are lost with, unless every bin is."""
    everywhere = frozenset.intersection(*(place.domains | {place.name} for place in bins))
    lost_with = {place.name: (place.domains | {place.name}) - everywhere for place in bins}
    on = [(item, lost_with[places[item.name]]) for item in items] + [(item, lost_with[b.name]) for b in bins for item in b.held]
    found = {role: [domains for item, domains in on if role in item.roles] for role in {role for item, _ in on for role in item.roles}}
    return sorted(role for role, domains in found.items() if len(domains) > 1 and frozenset.intersection(*domains))


def greedy(items: Sequence[Item], bins: Sequence[Bin], at_once: int = 0, *, apart: bool = False) -> Packing | None:
    """Each item, the largest first, into the bin with room where its roles have the fewest, and of these into the emptiest."""
    places = [_Place(place, at_once, list(place.held)) for place in bins]
    domains = Counter((role, domain) for place in places for item in place.held for role in item.roles for domain in place.bin.domains)
    found: dict[str, str] = {}
    for item in sorted(items, key=lambda item: (-item.size_gib, -item.burst_gib, item.name)):
        open_to = [place for place in places if not (apart and place.holds_one_of(item.roles))]
        if not open_to:
            return None

        def worth(place: _Place, item: Item = item) -> tuple[float, ...]:
            in_domain = sum(domains[role, domain] for role in item.roles for domain in place.bin.domains)
            taken = place.with_it(item)
            return max(0.0, taken - place.bin.room_gib), in_domain, place.members(item), taken / max(1.0, place.bin.room_gib)

        best = min(open_to, key=worth)
        best.held.append(item)
        domains.update((role, domain) for role in item.roles for domain in best.bin.domains)
        found[item.name] = best.bin.name
    lacks = {place.bin.name: load(place.held, at_once) - place.bin.room_gib for place in places if len(place.held) > len(place.bin.held)}
    return Packing(found, {name: lack for name, lack in lacks.items() if lack > _LACKING})


@dataclass
class _Place:
    """A bin while it is filled."""

    bin: Bin
    at_once: int
    held: list[Item] = field(default_factory=list)

    def holds_one_of(self, roles: frozenset[str]) -> bool:
        """Whether something is there that has one of the roles."""
        return any(roles & other.roles for other in self.held)

    def members(self, item: Item) -> int:
        """How many are there that share a role or a group with the item."""
        own = item.roles | item.groups
        return sum(len(own & (other.roles | other.groups)) for other in self.held) if own else 0

    def with_it(self, item: Item) -> float:
        """What would be taken with the item, GiB."""
        return load([*self.held, item], self.at_once)
