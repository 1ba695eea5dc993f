"""Waivers: what they say, and when they hold no longer."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.findings import Finding, Level
from config.review import IN_PREVIEWS, MAX_DAYS_AHEAD, RULES, Review, allowed, untimely, unused
from review import rules as reviews

WAIVER = {"what": "store/spool", "why": "moved by hand", "who": "Ada", "until": "2026-11-24", "rule": "disk-destroyed"}


def test_a_waiver_holds_on_its_last_day_and_not_on_the_next() -> None:
    review = Review.model_validate({"waivers": [WAIVER]})
    assert list(untimely(review, date(2026, 11, 24))) == []
    (problem,) = untimely(review, date(2026, 11, 25))
    assert (problem.path, problem.value) == ("review.waivers[0].until", "2026-11-24")
    assert problem.rule == "is past: the waiver of store/spool does not hold"


def test_a_waiver_is_for_366_days_at_most() -> None:
    review, last = Review.model_validate({"waivers": [WAIVER]}), date(2026, 11, 24) - timedelta(MAX_DAYS_AHEAD)
    assert list(untimely(review, last)) == []
    assert review.waivers[0].holds(last)
    (problem,) = untimely(review, last - timedelta(1))
    assert problem.rule == "is more than 366 days ahead: the waiver of store/spool does not hold"
    assert problem.remedy.endswith("until 2026-11-23 at most")
    assert not review.waivers[0].holds(last - timedelta(1))


def test_a_waiver_that_nothing_was_found_for_is_a_note_whatever_its_day() -> None:
    review = Review.model_validate({"waivers": [WAIVER]})
    (note,) = unused(review, [seen("disk-destroyed", "store/queue")], IN_PREVIEWS)
    assert (note.level, note.rule, note.subject) == (Level.NOTE, "waiver-unused", "the waiver of store/spool")
    assert list(unused(review, [seen("disk-destroyed", "store/spool")], IN_PREVIEWS)) == []
    assert list(unused(review, [], ["deleted"])) == []


@pytest.mark.parametrize("missing", sorted(WAIVER))
def test_a_waiver_says_what_why_who_and_until_when(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        Review.model_validate({"waivers": [{k: v for k, v in WAIVER.items() if k != missing}]})


@pytest.mark.parametrize("until", ["never", "24.11.2026", "", 20261124, None, True])
def test_an_end_is_a_day(until: object) -> None:
    with pytest.raises(ValidationError, match="is not a day; write it as year-month-day"):
        Review.model_validate({"waivers": [WAIVER | {"until": until}]})


def seen(rule: str, *names: str) -> Finding:
    return Finding(Level.UNSAFE, rule, "store", "gone", "there", "Mail is lost", "Look", names)


@pytest.mark.parametrize(("finding", "level"), [("queue-unknown", Level.NOTE), ("deleted", Level.UNSAFE)])
def test_a_waiver_is_of_its_rule_alone(finding: str, level: Level) -> None:
    review = Review.model_validate({"waivers": [WAIVER | {"what": "store", "rule": "queue-unknown"}]})
    assert allowed(seen(finding, "store"), review, date(2026, 11, 24)).level is level
    assert allowed(seen(finding, "other"), review, date(2026, 11, 24)).level is Level.UNSAFE


def test_every_rule_that_may_be_unsafe_can_be_named() -> None:
    """Of live checks also those that are no more than a warning are found here; these need no waiver."""
    rules = {name for name, rule in reviews.RULES.items() if rule.level is Level.UNSAFE}
    for source in Path("checks").glob("*.py"):
        rules |= set(re.findall(r'Level\.UNSAFE,\s*"([a-z-]+)"', source.read_text(encoding="utf-8")))
        rules |= set(re.findall(r'rule = .*?"([a-z]+-[a-z-]+)"', source.read_text(encoding="utf-8")))
    assert len(rules) > 25
    assert rules <= RULES
    assert {name for name, rule in reviews.RULES.items() if rule.level is Level.UNSAFE} == IN_PREVIEWS


def test_a_day_may_be_a_date() -> None:
    assert Review.model_validate({"waivers": [WAIVER | {"until": date(2026, 1, 2)}]}).waivers[0].until == date(2026, 1, 2)
