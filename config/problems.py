"""What a stack says wrong, as data: formatted once, here."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Problem:
    """One thing a stack says that can't stand.

    `rule` continues the sentence that `value` begins ("90 is 58 GiB too small …"), `remedy` says what to write instead.
    `file` and `line` point into the stack file where they are known.
    """

    path: str
    value: str
    rule: str
    remedy: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}{': ' if place else ''}{self.path}: {self.value} {self.rule}; {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """The problem as JSON-ready data."""
        return asdict(self)


class Refused(Exception):
    """A stack was refused; carries every problem found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.path, p.value, p.rule)))
        super().__init__("\n".join(map(str, self.problems)))
