"""What a stack says wrong, as data: formatted once, here."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

_LOGIN = re.compile(r"://.*@")  # of a URL: it may hold a password


@dataclass(frozen=True, order=True)
class Problem:
    """One thing a stack says that can't stand.

    `rule` continues the sentence that `value` begins ("90 is 58 GiB too small …"), `remedy` says what to write instead.
    `file` and `line` point into the stack file where they are known. `enough_gib` is the size, GiB, that the remedy asks for,
    if it asks for one: of two such problems of one value, the larger satisfies both.
    """

    path: str
    value: str
    rule: str
    remedy: str
    file: str = ""
    line: int = 0
    enough_gib: float | None = field(default=None, compare=False)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}{': ' if place else ''}{self.path}: {self.value} {self.rule}; {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """The problem as JSON-ready data."""
        return {key: value for key, value in asdict(self).items() if key != "enough_gib"}


class Refused(Exception):
    """A stack was refused; carries every problem found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.path, p.value, p.rule)))
        super().__init__("\n".join(map(str, self.problems)))


def repeats(uses: Iterable[tuple[str, str]], rule: str, remedy: str) -> Iterator[Problem]:
    """A problem for each use, a path and a value, of a value that an earlier one has; it names the first of them."""
    first: dict[str, str] = {}
    for path, value in uses:
        if value in first:
            yield Problem(path, value, f"{rule} ({first[value]})", remedy)
        first.setdefault(value, path)


def shown(value: Any) -> str:
    """A value as a message shows it: as the file spells it, on one line, short, and of a container only its kind."""
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    text = _LOGIN.sub("://…@", printable(str(value)))
    text = f'"{text}"' if text != text.strip() else text
    return (text[:77] + "…" if len(text) > 78 else text) or "an empty text"


def printable(text: str) -> str:
    """The text on one line, with an escape for every character that can't be seen."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def step(key: object) -> str:
    """A key as it stands in a path."""
    return printable(str(key)) or "''"
