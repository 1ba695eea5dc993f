"""What a reviewer has allowed: waivers of findings, each for one thing, with a reason, a person and an end."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
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


MAX_DAYS_AHEAD = 366  # days; who answers for a waiver looks at it once a year at least; figure
IN_PREVIEWS = frozenset({
    "another-vcenter", "controller-changed", "deleted", "disk-destroyed", "disk-detached", "disk-exchanged", "disk-lost", "disk-mode",
    "disk-moved", "disk-renumbered", "disk-shared", "disk-shrunk", "disks-unseen", "file-moved", "file-overwritten", "gone-from-vcenter",
    "made-twice", "peers-restart", "peers-unseen", "replaced", "share-lost", "vm-exchanged", "vsan-taken-apart",
})  # fmt: skip
"""Rules of reviews whose findings may be unsafe."""
IN_VCENTER = frozenset({
    "mailboxes-there", "mailboxes-unknown",
    "array-thin", "foreign-vmdk", "no-room-now", "role-changed",
    "busy", "chain-full", "clock-skew", "disk-exchanged", "disk-missing", "disk-mode", "disk-shared", "disk-swapped", "filling",
    "foreign-vm", "inaccessible", "ledger-unreadable", "ledgers-conflict", "no-room", "not-as-said", "not-drained", "other-vcenter",
    "outside-disk", "overdue", "queue-not-empty", "queue-unknown", "refused-network", "refused-place", "refused-server",
    "refused-storage", "same-bios-uuid", "snapshot-blocks-growth", "too-many", "too-many-at-once", "too-old", "unconsolidated",
    "unreachable", "unrecorded", "vm-exchanged", "vm-gone",
})  # fmt: skip
"""Rules of `mailstead preflight` whose findings may be unsafe."""
IN_STEPS = frozenset({"disk-dropped", "unasked", "unseen", "vanished", "vm-exists"})
"""Rules of hooks and snapshot commands, which look at one VM in the moment before it is changed."""
RULES = IN_PREVIEWS | IN_VCENTER | IN_STEPS
"""Rules of which a waiver may be."""


class Exemption(Model):
    """Lets one thing pass until a day."""

    what: Text
    """What is waived: the name of a VM or another resource, `VM/LABEL` of a disk, a disk's UUID, or the name of a threshold."""
    why: Text
    """The reason."""
    who: Text
    """Who answers for it."""
    until: Day
    """The last day that it holds, 366 days ahead at most."""

    def holds(self, today: date) -> bool:
        """Whether it does today; one that is to last for longer than a waiver may does not."""
        return self.over(today) is None

    def over(self, today: date) -> str | None:
        """Why it does not hold today; None if it does."""
        if today > self.until:
            return "is past"
        return f"is more than {MAX_DAYS_AHEAD} days ahead" if (self.until - today).days > MAX_DAYS_AHEAD else None


E = TypeVar("E", bound=Exemption)


class Waiver(Exemption):
    """Lets one finding of a review or of a live check pass until a day."""

    rule: Text
    """The rule whose finding is waived, as the finding names it: of `what`, no other finding passes."""

    def covers(self, seen: Finding) -> bool:
        """Whether it is of this finding, whatever the day."""
        return self.what in seen.names and self.rule == seen.rule


class Review(Model):
    """What reviews of previews and live checks let pass."""

    waivers: list[Waiver] = []


def best(of_it: Iterable[E], today: date) -> E | None:
    """Of waivers of one thing the one that counts: one that holds today, else one that does not."""
    listed = list(of_it)
    return next((waiver for waiver in listed if waiver.holds(today)), listed[0] if listed else None)


def allowed(seen: Finding, review: Review, today: date) -> Finding:
    """The finding, or a note of it where somebody has allowed it; one whose waiver does not hold says so."""
    if seen.level is not Level.UNSAFE:
        return seen
    waiver = best((waiver for waiver in review.waivers if waiver.covers(seen)), today)
    if waiver is None:
        return seen
    said, over = f"{waiver.who} until {waiver.until}: {waiver.why}", waiver.over(today)
    return seen.noted(f"The waiver by {said} does not hold: its day {over}", Level.UNSAFE) if over else seen.noted(f"Waived by {said}")


def unused(review: Review, found: Iterable[Finding], rules: Collection[str]) -> Iterator[Finding]:
    """A note of each waiver of some rules that nothing was found for: such ones stay behind when what they were for is done."""
    found = tuple(found)
    for waiver in review.waivers:
        if waiver.rule in rules and not any(waiver.covers(seen) for seen in found):
            yield Finding(
                Level.NOTE,
                "waiver-unused",
                f"the waiver of {waiver.what}",
                f"nothing is found that it lets pass ({waiver.rule})",
                "waivers of what is there",
                f"It would let the same pass unseen until {waiver.until}",
                f"Take it out of the stack once what it is for is done; {waiver.who} answers for it",
                (waiver.what,),
            )


def untimely(review: Review, today: date) -> Iterator[Problem]:
    """A problem for each waiver that holds no longer, or is to hold for longer than one may."""
    for at, waiver in enumerate(review.waivers):
        over = waiver.over(today)
        if over:
            rule = f"{over}: the waiver of {waiver.what} does not hold"
            last = f"or have it renewed by whoever answers for it, until {today + timedelta(MAX_DAYS_AHEAD)} at most"
            yield Problem(f"review.waivers[{at}].until", waiver.until.isoformat(), rule, f"take the waiver out, {last}")
