"""What is doubtful in logs: refused, unless it is accepted by name. Deliberately looks at counts only, never at lines."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np

from config.problems import Problem, Refused, shown
from config.references import nearest
from sizing.flow import columns as c
from sizing.flow.accept import Accept
from sizing.flow.compiled import Table
from sizing.flow.events import Outcome
from sizing.flow.sources import Block

TOLERATED = 0.01  # of a file's lines, bytes or events; what so few say moves no figure by more than the days differ (figure)
TORN = 2  # lines of a file; its first and its last may be cut where the log was rotated
TOLERATED_SIZES = 0.001  # of the lines that say a size; a mail program writes no impossible one (figure)
FORMATS = ("stamps without a year", "ISO 8601 stamps", "mailbox.log's stamps")


class Doubt(NamedTuple):
    """A problem, and the name by which it may be accepted; none if it can't be."""

    problem: Problem
    name: Accept | None = None

    def packed(self) -> list[Any]:
        """As data that JSON can hold."""
        return [*astuple(self.problem), self.name]

    @classmethod
    def unpacked(cls, data: list[Any]) -> Self:
        """From what `packed` gave."""
        return cls(Problem(*data[:-1]), data[-1] and Accept(data[-1]))


def names(accepted: Iterable[str]) -> frozenset[Accept]:
    """The kinds of doubt that are accepted.

    Raises:
        Refused: a name is none of them.
    """
    known, given = set(map(str, Accept)), list(accepted)
    if strange := [name for name in given if name not in known]:
        raise Refused(Problem("accept", shown(name), "is no kind of doubt that can be accepted", nearest(name, known)) for name in strange)
    return frozenset(map(Accept, given))


def settled(doubts: Iterable[Doubt], accepted: frozenset[Accept]) -> tuple[list[Problem], list[str]]:
    """The problems that stand, and notes on those that are accepted and on what was accepted for nothing."""
    found = list(doubts)
    standing = [doubt.problem for doubt in found if doubt.name not in accepted]
    notes = [
        f"accepted ({doubt.name}): {doubt.problem.path}: {doubt.problem.value} {doubt.problem.rule}"
        for doubt in found
        if doubt.name in accepted
    ]
    idle = sorted(accepted - {doubt.name for doubt in found})
    return standing, notes + [f"--accept {name} matches nothing: the logs have no such problem" for name in idle]


@dataclass
class Tally:
    """What became of one file."""

    name: str
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    counts: Table = field(default_factory=lambda: np.zeros(c.TALLIES, np.int64))
    """Lines by format, lines that say a size, and of these the impossible ones."""
    read: int = 0
    """Bytes of whole lines, decompressed."""
    skipped: int = 0
    """Bytes of lines too long to be read."""
    damage: str = ""
    """Why the file was not read to its end."""

    def add(self, block: Block) -> None:
        """Count the bytes of a block, and what was left out before it."""
        self.outcomes[Outcome.OVERLONG] += block.overlong
        self.skipped += block.skipped
        self.read += len(block.data)

    def told(self) -> tuple[list[Doubt], list[str]]:
        """What is doubtful, and notes on what is but is too little to be."""
        doubts, notes = list[Doubt](), list[str]()
        for name, value, rule, remedy, much in self._found():
            if much:
                accept = f"{remedy}, or accept it with --accept {name}"
                doubts.append(Doubt(Problem(shown(self.name), value, rule, accept), name))
            else:
                notes.append(f"{self.name}: {value} {rule}")
        return doubts, notes

    def _found(self) -> Iterator[tuple[Accept, str, str, str, bool]]:
        yield from self._lines()
        yield from self._sizes()
        if self.skipped:
            whole = self.read + self.skipped
            value = f"{self.skipped:,} of {whole:,} B"
            rule = f"are lines too long to be read ({self.outcomes[Outcome.OVERLONG]:,} of more than 1 MiB)"
            yield Accept.LONG_LINES, value, rule, "look what wrote them and cut them out", self.skipped > TOLERATED * whole
        if self.damage:
            rule = f"can't be read: the file is damaged ({self.damage})"
            value = f"what comes after line {self.outcomes.total():,}"
            yield Accept.DAMAGED_FILE, value, rule, "copy it again from its host", True

    def _lines(self) -> Iterator[tuple[Accept, str, str, str, bool]]:
        lost = {outcome: self.outcomes[outcome] for outcome in (Outcome.UNREADABLE, Outcome.BROKEN) if self.outcomes[outcome]}
        total, lines = sum(lost.values()), self.outcomes.total()
        if total:
            rule = f"can't be read: {', '.join(f'{n:,} {outcome}' for outcome, n in lost.items())}"
            much = total > max(TORN, TOLERATED * lines)
            yield Accept.UNREADABLE_LINES, f"{total:,} of {lines:,} lines", rule, "name the log as the mail program wrote it", much
        by_format = self.counts[: len(FORMATS)]
        foreign, stamped = int(by_format.sum() - by_format.max()), int(by_format.sum())
        if foreign:
            said = ", ".join(f"{n:,} have {form}" for form, n in zip(FORMATS, by_format.tolist(), strict=True) if n)
            rule = f"have another format than the others: {said}"
            remedy = "name a file for each format"
            yield Accept.MIXED_FORMATS, f"{foreign:,} of {stamped:,} lines", rule, remedy, foreign > TOLERATED * stamped

    def _sizes(self) -> Iterator[tuple[Accept, str, str, str, bool]]:
        sized, zero, absurd = (int(self.counts[place]) for place in (c.SIZED, c.ZERO_SIZE, c.ABSURD))
        if zero or absurd:
            rule = f"say a size that no message has: {zero:,} say 0 B, {absurd:,} more than 1,024 GiB"
            much = zero + absurd > TOLERATED_SIZES * sized
            yield Accept.IMPOSSIBLE_SIZES, f"{zero + absurd:,} of {sized:,} lines with a size", rule, "cut these lines out", much
