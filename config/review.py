"""What a reviewer has allowed: waivers of findings, each for one thing, with a reason, a person and an end."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BeforeValidator

from config.base import Model
from config.findings import Finding, Level
from config.problems import Problem
from config.types import Text


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("is not a day; write it as year-month-day, for example 2026-12-31") from None


Day = Annotated[date, BeforeValidator(_day)]


BY_RULE = frozenset({"disks-unseen", "foreign-vm", "same-bios-uuid", "vm-exchanged", "vm-exists", "vm-gone"})
"""Rules of findings that bear a VM's name and mean another VM, or disks that nobody has seen: a waiver has to name the rule."""
RULES = BY_RULE | frozenset({
    "mailboxes-there", "mailboxes-unknown",
    "another-vcenter", "busy", "chain-full", "clock-skew", "deleted", "disk-destroyed", "disk-detached", "disk-dropped", "disk-exchanged",
    "disk-lost", "disk-missing", "disk-mode", "disk-renumbered", "disk-shared", "disk-shrunk", "disk-swapped", "filling", "inaccessible",
    "ledger-unreadable", "ledgers-conflict", "no-room", "not-as-said", "not-drained", "other-vcenter", "outside-disk", "overdue",
    "peers-restart", "peers-unseen", "queue-not-empty", "queue-unknown", "refused-network", "refused-place", "refused-server",
    "refused-storage", "replaced", "share-lost", "snapshot-blocks-growth", "too-many", "too-many-at-once", "too-old", "unasked",
    "unconsolidated", "unreachable", "unseen", "vanished",
})  # fmt: skip
"""Rules of reviews and live checks whose findings may be unsafe."""


class Exemption(Model):
    """Lets one thing pass until a day."""

    what: Text
    """What is waived: the name of a VM or another resource, `VM/LABEL` of a disk, a disk's UUID, or the name of a threshold."""
    why: Text
    """The reason."""
    who: Text
    """Who answers for it."""
    until: Day
    """The last day that it holds."""

    def holds(self, today: date) -> bool:
        """Whether it does today."""
        return today <= self.until


E = TypeVar("E", bound=Exemption)


class Waiver(Exemption):
    """Lets one finding of a review or of a live check pass until a day."""

    rule: Text | None = None
    """The one rule whose finding is waived, as the finding's page names it; without it every finding of `what` but those on another VM
    in its place and on disks that nobody has seen."""

    def covers(self, seen: Finding) -> bool:
        """Whether it is of this finding, whatever the day."""
        return self.what in seen.names and (self.rule == seen.rule or (self.rule is None and seen.rule not in BY_RULE))


class Review(Model):
    """What reviews of previews and live checks let pass."""

    waivers: list[Waiver] = []


def best(of_it: Iterable[E], today: date) -> E | None:
    """Of waivers of one thing the one that counts: one that holds today, else one that held before."""
    listed = list(of_it)
    return next((waiver for waiver in listed if waiver.holds(today)), listed[0] if listed else None)


def allowed(seen: Finding, review: Review, today: date) -> Finding:
    """The finding, or a note of it where somebody has allowed it; one whose waiver is over says so."""
    if seen.level is not Level.UNSAFE:
        return seen
    waiver = best((waiver for waiver in review.waivers if waiver.covers(seen)), today)
    if waiver is None:
        named = next((waiver.what for waiver in review.waivers if waiver.rule is None and waiver.what in seen.names), None)
        more = f"{seen.next_step}; the waiver of {named} lets this pass only with rule: {seen.rule}"
        return seen.noted(more, Level.UNSAFE) if named else seen
    said = f"{waiver.who} until {waiver.until}: {waiver.why}"
    return seen.noted(f"Waived by {said}") if waiver.holds(today) else seen.noted(f"The waiver by {said} holds no longer", Level.UNSAFE)


def expired(review: Review, today: date) -> Iterator[Problem]:
    """A problem for each waiver that holds no longer."""
    for at, waiver in enumerate(review.waivers):
        if not waiver.holds(today):
            yield Problem(
                f"review.waivers[{at}].until",
                waiver.until.isoformat(),
                f"is past: the waiver of {waiver.what} holds no longer",
                "take the waiver out, or have it renewed by whoever answers for it",
            )
