"""What a rule finds: a breach, or something that it can't see."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from config.findings import Finding
from config.problems import Problem
from config.review import Exemption, best


class Breach(NamedTuple):
    """A resource, or several, that break a rule."""

    said: Problem | Finding
    names: tuple[str, ...]
    """What a waiver may call it by."""
    urn: str = ""
    """The resource that it is shown with; empty for the stack."""


class Unseen(NamedTuple):
    """What neither the program nor the configuration says, so that a rule can't judge."""

    text: str


Found = Iterator[Breach | Unseen]


def standing(breaches: Iterable[Breach], waivers: Iterable[Exemption], today: date) -> Iterator[tuple[str, str]]:
    """The text and URN of each breach that no waiver lets pass today; a waiver that does not hold is named."""
    waived = list(waivers)
    for breach in breaches:
        waiver = best((waiver for waiver in waived if waiver.what in breach.names), today)
        if waiver is None or not waiver.holds(today):
            late = f" (the waiver by {waiver.who} does not hold: {waiver.until} {waiver.over(today)})" if waiver else ""
            yield f"{breach.said}{late}", breach.urn
