"""What a reviewer has allowed: waivers of findings, each for one thing, with a reason, a person and an end."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Annotated

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


class Waiver(Model):
    """Lets one finding of a review or of a live check pass until a day."""

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


class Review(Model):
    """What reviews of previews and live checks let pass."""

    waivers: list[Waiver] = []


def waiver_of(waivers: Iterable[Waiver], names: Collection[str], today: date) -> Waiver | None:
    """The waiver of something that has these names: one that holds today, else one that held before."""
    of_it = [waiver for waiver in waivers if waiver.what in names]
    return next((waiver for waiver in of_it if waiver.holds(today)), of_it[0] if of_it else None)


def allowed(seen: Finding, review: Review, today: date) -> Finding:
    """The finding, or a note of it where somebody has allowed it; one whose waiver is over says so."""
    waiver = waiver_of(review.waivers, seen.names, today) if seen.level is Level.UNSAFE else None
    if waiver is None:
        return seen
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
