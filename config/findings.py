"""What a preview or a live check sees, as data: the counterpart of a `Problem`, which is what a stack says."""

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


def ordered(found: list[Finding]) -> tuple[Finding, ...]:
    """Findings worst first, then by subject and rule; each once."""
    levels = list(Level)
    return tuple(sorted(set(found), key=lambda f: (levels.index(f.level), f.subject, f.rule, f.found)))
