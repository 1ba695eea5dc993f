"""Searches for a way to put all things into places that have room for them, or proves that there is none.

An integer program for HiGHS with one thread, a fixed seed and limits that are no times, so that the answer is the same every time.
Things that are alike are counted, not told apart: 900 scanners are one number for each LUN.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import highspy

from plan.bins import Bin, Item

MAX_NODES = 200  # nodes of the search tree; what fits is found in the first few, as measured, and more take minutes
MAX_VARIABLES = 5_000  # of the program; a larger one is not begun, since it takes minutes
MAX_THRESHOLDS = 12  # that are tried for the largest bursts of a place; more are exacter where no two servers are alike
ON_ONE_DOMAIN, ON_ONE_PLACE, FULLEST = 100, 10, 1  # weights: first spread over fabrics and sites, then over places, then fill evenly
_GAP = 0.05  # of the objective: how evenly places are filled is not worth a longer search
_SPREAD_GAP = 0.02  # of the same, relative: of 900 members 450 or 459 on one fabric is no matter


class Found(NamedTuple):
    """What a search found."""

    places: dict[str, str] | None
    """The bin of each item, by its name; None if there is no way, or none was found."""
    proven: bool
    """Whether it is certain."""


def search(items: Sequence[Item], bins: Sequence[Bin], at_once: int, *, apart: bool, nodes: int = MAX_NODES) -> Found:
    """All items into bins with room for them and for as many bursts as come at once; `apart`: no two of a role in one bin."""
    groups = _alike(items)
    program = _Program(groups, bins, at_once, apart)
    if len(groups) * len(bins) > MAX_VARIABLES:
        return Found(None, proven=False)
    if program.solved(nodes):
        return Found(program.places(), proven=True)
    status = highspy.HighsModelStatus
    impossible = program.solver.getModelStatus() in (status.kInfeasible, status.kUnboundedOrInfeasible)
    return Found(None, proven=impossible and program.exact)


def _alike(items: Iterable[Item]) -> list[list[Item]]:
    """Groups of items that differ in their names only, the largest first."""
    groups: dict[Any, list[Item]] = {}
    for item in sorted(items, key=lambda item: item.name):
        groups.setdefault((-item.size_gib, -item.burst_gib, tuple(sorted(item.roles))), []).append(item)
    return [group for _, group in sorted(groups.items())]


@dataclass
class _Program:
    groups: list[list[Item]]
    bins: Sequence[Bin]
    at_once: int
    apart: bool
    exact: bool = True
    """Whether every threshold is tried that may be the one."""
    solver: Any = field(default_factory=highspy.Highs)

    def solved(self, nodes: int) -> bool:
        """Whether a solution was found, which is then in the solver."""
        solver = self.solver
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_max_nodes", nodes)):
            solver.setOptionValue(option, value)
        solver.setOptionValue("mip_rel_gap", _SPREAD_GAP)
        solver.setOptionValue("mip_abs_gap", _GAP)
        fullest = solver.addVariable(0, math.inf)
        columns = [self._room(at, fullest) for at in range(len(self.bins))]
        self.counts = [list(row) for row in zip(*columns, strict=True)]
        for group, row in zip(self.groups, self.counts, strict=True):
            solver.addConstr(_sum(row) == len(group))
        solver.minimize(_sum([FULLEST * fullest, *self._spread()]))
        return bool(solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible)

    def _room(self, at: int, fullest: Any) -> list[Any]:
        """How many of each group the bin gets, which it has room for by one threshold t.

        k × t and what each burst is above t is never less than the k largest bursts, and for one t is just that.
        """
        place, columns = self.bins[at], []
        thresholds = self._thresholds(place)
        chosen = [self.solver.addIntegral(0, 1) for _ in thresholds]
        self.solver.addConstr(_sum(chosen) == 1)
        for threshold, this in zip(thresholds, chosen, strict=True):
            column = [self.solver.addIntegral(0, len(group)) for group in self.groups]
            left = place.room_gib - sum(_taken(item, threshold) for item in place.held) - self.at_once * threshold
            load = _sum([_taken(group[0], threshold) * count for group, count in zip(self.groups, column, strict=True)])
            self.solver.addConstr(load - left * this <= 0)
            for group, count in zip(self.groups, column, strict=True):
                self.solver.addConstr(count - len(group) * this <= 0)
            columns.append(column)
        counts = [_sum(list(row)) for row in zip(*columns, strict=True)]
        if place.room_gib > 0:
            always = _sum([group[0].size_gib * count for group, count in zip(self.groups, counts, strict=True)])
            self.solver.addConstr(always - place.room_gib * fullest <= -sum(item.size_gib for item in place.held))
        return counts

    def _thresholds(self, place: Bin) -> list[float]:
        """Sizes of bursts to try: all of the few that there are, or some of many; 0 counts every burst."""
        all_of_them = [*place.held, *(item for group in self.groups for item in group)]
        bursts = sorted({item.burst_gib for item in all_of_them if item.burst_gib > 0})
        if not bursts or self.at_once >= len(all_of_them):
            return [0.0]
        most = max(2, min(MAX_THRESHOLDS, MAX_VARIABLES // (len(self.groups) * len(self.bins))))
        self.exact &= len(bursts) <= most
        return [0.0, *bursts[:: -math.ceil(len(bursts) / most)]]

    def _spread(self) -> list[Any]:
        """Costs of what is not spread: for each role, the most members in one domain, and in one bin; `apart` is no cost but must be."""
        roles = sorted({role for group in self.groups for role in group[0].roles})
        domains = sorted({domain for place in self.bins for domain in place.domains})
        each = [[at] for at in range(len(self.bins))]
        shared = [[at for at, place in enumerate(self.bins) if domain in place.domains] for domain in domains]
        costs: list[Any] = []
        for role in roles:
            for weight, parts in ((0, each),) if self.apart else ((ON_ONE_DOMAIN, shared), (ON_ONE_PLACE, each)):
                most = self.solver.addVariable(0, 1 if self.apart else math.inf)
                costs.append(weight * most)
                for part in parts:
                    self.solver.addConstr(self._members(role, part) - most <= -self._held(role, part))
        return costs

    def _members(self, role: str, part: Collection[int]) -> Any:
        return _sum([row[at] for group, row in zip(self.groups, self.counts, strict=True) if role in group[0].roles for at in part])

    def _held(self, role: str, part: Collection[int]) -> int:
        return sum(role in item.roles for at in part for item in self.bins[at].held)

    def places(self) -> dict[str, str]:
        """The bin of each item: of those that are alike in turn, so that scanner-1 and scanner-2 part."""
        found: dict[str, str] = {}
        for group, row in zip(self.groups, self.counts, strict=True):
            left = {place.name: round(self.solver.val(count)) for place, count in zip(self.bins, row, strict=True)}
            found |= dict(zip((item.name for item in group), _in_turn(left), strict=True))
        return found


def _in_turn(counts: Mapping[str, int]) -> list[str]:
    """Each name as often as counted, one after the other."""
    return [name for turn in range(max(counts.values(), default=0)) for name, count in counts.items() if turn < count]


def _taken(item: Item, threshold: float) -> float:
    return item.size_gib + max(0.0, item.burst_gib - threshold)


def _sum(terms: Sequence[Any]) -> Any:
    return highspy.Highs.qsum(terms)
