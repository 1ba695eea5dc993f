"""What stops a whole role when one thing is lost: the conditions and their wording, for servers of any program.

A role's source stands with the invariants, which ask these about a plan; the policy pack asks them about resources.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from config import Problem

LARGEST_SHARE = 10  # one in this many members may change at a time: what is left then carries the role, and 900 are not one queue


class Member(NamedTuple):
    """A server that stands in for the others of its role."""

    name: str
    path: str
    """Where it is described."""
    datastores: frozenset[str]
    """What it needs all of."""
    fabrics: frozenset[str]
    """The same; fabrics that nobody has named are not in it."""
    sites: frozenset[str] = frozenset()
    """The same, of the places where its datastores are."""


def at_a_time(members: int) -> int:
    """How many of a role's members may be down at a time when they are changed."""
    return max(1, members // LARGEST_SHARE)


def on_one_fabric(role: str, members: Sequence[Member], remedy: str) -> Iterator[Problem]:
    """Whether every member needs the same fabric, though not the same datastore."""
    if _needed_by_all([member.datastores for member in members]):
        return
    for fabric in _needed_by_all([member.fabrics for member in members]):
        rule = f"carries every {role} ({_names(members)}): losing that fabric stops the role"
        yield Problem(members[-1].path, fabric, rule, remedy)


def on_one_datastore(role: str, members: Sequence[Member], remedy: str) -> Iterator[Problem]:
    """Whether every member needs the same datastore."""
    for store in _needed_by_all([member.datastores for member in members]):
        fabrics = _needed_by_all([member.fabrics for member in members])
        also = f", or its fabric {fabrics[0]}," if fabrics else ""
        rule = f"carries every {role} ({_names(members)}): losing that datastore{also} stops the role"
        yield Problem(members[-1].path, store, rule, remedy)


def at_one_site(role: str, members: Sequence[Member], remedy: str) -> Iterator[Problem]:
    """Whether every member needs the same site, though not the same datastore."""
    if _needed_by_all([member.datastores for member in members]):
        return
    for site in _needed_by_all([member.sites for member in members]):
        rule = f"has every {role} ({_names(members)}): losing that site stops the role"
        yield Problem(members[-1].path, site, rule, remedy)


def together(role: str, members: Sequence[tuple[str, str]], kept: Collection[str]) -> Iterator[Problem]:
    """Whether a member, by name and path, is not among those that a rule keeps on different hosts."""
    outside = [(name, path) for name, path in members if name not in kept]
    if outside:
        name, path = outside[0]
        rule = f"has no rule that keeps it on another host than the other {role} servers"
        yield Problem(path, name, rule, "add it to the role's anti-affinity rule")


def too_few_hosts(role: str, names: Sequence[str], hosts: int, path: str) -> Iterator[Problem]:
    """Whether there are fewer hosts than members, so that no rule can keep these apart."""
    if hosts < len(names):
        yield Problem(
            path=path,
            value=f"{hosts} host{'s' if hosts > 1 else ''}",
            rule=f"can't keep {len(names)} {role} servers apart ({', '.join(names)})",
            remedy=f"name at least {len(names)} hosts, or have fewer {role} servers",
        )


def none_to_spare(role: str, names: Sequence[str], hosts: int, path: str, accept: str = "vsphere.spare_hosts: 0") -> Iterator[Problem]:
    """Whether there are as many hosts as members, so that a member waits for its lost host although others have room."""
    if hosts == len(names):
        yield Problem(
            path=path,
            value=f"{hosts} host{'s' if hosts > 1 else ''}",
            rule=f"can keep {len(names)} {role} servers apart, but not after one is lost: HA then can't restart its {role} elsewhere",
            remedy=f"name at least {len(names) + 1} hosts, have fewer {role} servers, or accept it with {accept}",
        )


def _needed_by_all(needed: Sequence[frozenset[str]]) -> list[str]:
    return sorted(frozenset.intersection(*needed)) if needed else []


def _names(members: Sequence[Member]) -> str:
    return ", ".join(member.name for member in members)
