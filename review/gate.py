"""May this preview be applied? All that was found in it, and one verdict.

Deliberately reads nothing but the preview and what the stack says of its data: the same preview gives the same verdict.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import groupby

from config.findings import Finding, Level, ordered, unsafe
from config.review import IN_PREVIEWS, IN_VCENTER, Review, allowed, unused
from review import clusters, disks, files, restarts, sharing, stateful
from review.preview import REPLACED, UNCHANGED, Preview, Step
from review.rules import finding

MAX_SHARE_LOST = 0.3  # of the resources that exist; the share at which octoDNS refuses deletes
MIN_POPULATION = 10  # resources; below it every edit is a large share; octoDNS's minimum


class Verdict(IntEnum):
    """What a review comes to, as its exit code."""

    NOTHING = 0
    FAILED = 1
    CHANGES = 2
    UNSAFE = 3


@dataclass(frozen=True)
class Reviewed:
    """A preview, judged."""

    verdict: Verdict
    operations: dict[str, int]
    """How often each operation occurs."""
    findings: tuple[Finding, ...]
    errors: tuple[str, ...]
    """Why the preview itself failed."""

    def as_dict(self) -> dict[str, object]:
        """The review as JSON-ready data."""
        return {
            "verdict": self.verdict.name.lower(),
            "operations": self.operations,
            "findings": [one.as_dict() for one in self.findings],
            "errors": list(self.errors),
        }


def judge(preview: Preview, review: Review, today: date, *, disposable: bool = False) -> Reviewed:
    """What a preview would do. `disposable`: the stack has declared by name that its data may be destroyed."""
    seen = tuple(_findings(preview))
    found = [*(_allowed(one, review, today, disposable) for one in seen), *unused(review, seen, IN_PREVIEWS - IN_VCENTER)]
    operations = Counter(step.op for step in preview.steps)
    if unsafe(found):
        verdict = Verdict.UNSAFE
    elif preview.errors:
        verdict = Verdict.FAILED
    else:
        verdict = Verdict.CHANGES if set(operations) - UNCHANGED else Verdict.NOTHING
    return Reviewed(verdict, dict(sorted(operations.items())), ordered(found), preview.errors)


def _findings(preview: Preview) -> Iterator[Finding]:
    by_urn = sorted(preview.steps, key=lambda step: step.urn)
    leaving = {step.old_state.id for step in by_urn if step.op == "delete" and step.type == disks.MACHINE and step.old_state}
    for _, group in groupby(by_urn, key=lambda step: step.urn):
        yield from _of_resource(tuple(group), leaving)
    yield from sharing.shared(preview)
    yield from files.moved(preview)
    yield from stateful.made_twice(by_urn)
    yield from stateful.handed_over(by_urn)
    yield from restarts.restarted(preview)
    yield from _share_lost(preview)


def _of_resource(steps: tuple[Step, ...], leaving: Collection[str]) -> Iterator[Finding]:
    yield from stateful.elsewhere(steps[-1])
    yield from stateful.upgraded(steps[-1])
    yield from stateful.unretained(steps[-1])
    yield from stateful.gone(steps)
    if any(step.op in REPLACED for step in steps):
        yield from stateful.replaced(steps)
        return
    for step in steps:
        if step.op == "delete":
            yield from stateful.deleted(step)
        elif step.op in ("create", "import") and step.type == disks.MACHINE:
            yield from disks.made(step)
        elif step.op == "update" and step.type == disks.MACHINE:
            yield from disks.updated(step)
            yield from restarts.noise(step)
        yield from stateful.shrunk(step)
        yield from stateful.weakened(step, leaving)
        yield from clusters.out_of_service(step)
        yield from clusters.taken_apart(step)
        yield from stateful.snapshot_made(step)


def _share_lost(preview: Preview) -> Iterator[Finding]:
    steps = preview.steps
    going = REPLACED | {"delete"}
    there = {step.urn for step in steps if (step.old_state.custom if step.old_state else step.op in going)}
    lost = {step.urn for step in steps if step.op in going and step.urn in there}
    population = len(there) + preview.hidden
    if population >= MIN_POPULATION and len(lost) > MAX_SHARE_LOST * population:
        found = f"{len(lost)} of {population} resources are deleted or replaced"
        yield finding("share-lost", "the stack", found, ("share-lost",), most=f"{MAX_SHARE_LOST:.0%}")


def _allowed(seen: Finding, review: Review, today: date, disposable: bool) -> Finding:
    """The finding, or a note of it where somebody, or the stack as a whole, has allowed it."""
    judged = allowed(seen, review, today)
    if judged.level is Level.UNSAFE and disposable:
        return seen.noted("The stack declares that its data may be destroyed (data.disposable)")
    return judged
