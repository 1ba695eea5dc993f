"""What a preview or a live check sees, as data: the counterpart of a `Problem`, which is what a stack says."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How much a finding matters, worst first."""

    UNSAFE = "unsafe"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that was seen, why it matters, and what to do.

    `rule` is the short name of what was looked for; `names` are what a waiver may call the subject by: the name of a
    resource or VM, `VM/LABEL` of a disk, its UUID.
    """

    level: Level
    rule: str
    subject: str
    found: str
    expected: str
    consequence: str
    next_step: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.subject}: {self.found}; expected {self.expected}. {self.consequence}. {self.next_step}."

    def noted(self, why: str, level: Level = Level.NOTE) -> "Finding":
        """The same finding with who or what has judged it, as a note if nothing else is said."""
        return replace(self, level=level, next_step=why)

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready data."""
        return asdict(self)


def unsafe(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that forbid what was asked about."""
    return tuple(finding for finding in found if finding.level is Level.UNSAFE)


def as_text(found: Iterable[Finding]) -> str:
    """Findings as lines of text under a heading for each level, worst first; nothing where there is none."""
    found, lines = tuple(found), list[str]()
    for level in Level:
        of_level = [finding for finding in found if finding.level is level]
        if of_level:
            lines += ["", f"{level.upper()} ({len(of_level)})"]
        for finding in of_level:
            lines.append(f"  {finding.subject}: {finding.found}; expected {finding.expected}")
            lines += [f"    {finding.consequence}", f"    → {finding.next_step}"]
    return "".join(f"{_printable(line)}\n" for line in lines)


def _printable(line: str) -> str:
    """The line without characters that move a terminal's cursor: a name must not write lines of its own."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in line)


def ordered(found: list[Finding]) -> tuple[Finding, ...]:
    """Findings worst first, then by subject and rule; each once."""
    levels = list(Level)
    return tuple(sorted(set(found), key=lambda f: (levels.index(f.level), f.subject, f.rule, f.found)))
