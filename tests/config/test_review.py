"""Waivers: what they say, and when they hold no longer."""

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.findings import Finding, Level
from config.review import BY_RULE, RULES, Review, allowed, expired
from review import rules as reviews

WAIVER = {"what": "store/spool", "why": "moved by hand", "who": "Ada", "until": "2026-11-24"}


def test_a_waiver_holds_on_its_last_day_and_not_on_the_next() -> None:
    review = Review.model_validate({"waivers": [WAIVER]})
    assert list(expired(review, date(2026, 11, 24))) == []
    (problem,) = expired(review, date(2026, 11, 25))
    assert (problem.path, problem.value) == ("review.waivers[0].until", "2026-11-24")


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


@pytest.mark.parametrize(
    ("rule", "finding", "level"),
    [
        (None, "queue-unknown", Level.NOTE),
        ("queue-unknown", "queue-unknown", Level.NOTE),
        ("queue-unknown", "deleted", Level.UNSAFE),
        *((None, rule, Level.UNSAFE) for rule in sorted(BY_RULE)),
        *((rule, rule, Level.NOTE) for rule in sorted(BY_RULE)),
    ],
)
def test_a_waiver_that_names_a_rule_is_of_that_rule_alone_and_some_rules_must_be_named(
    rule: str | None, finding: str, level: Level
) -> None:
    review = Review.model_validate({"waivers": [WAIVER | {"what": "store", "rule": rule}]})
    assert allowed(seen(finding, "store"), review, date(2026, 11, 24)).level is level
    assert allowed(seen(finding, "other"), review, date(2026, 11, 24)).level is Level.UNSAFE


def test_a_waiver_that_lacks_its_rule_is_told_so() -> None:
    review = Review.model_validate({"waivers": [WAIVER | {"what": "store"}]})
    found = allowed(seen("vm-exists", "store"), review, date(2026, 11, 24))
    assert found.next_step == "Look; the waiver of store lets this pass only with rule: vm-exists"
    assert allowed(seen("vm-exists", "other"), review, date(2026, 11, 24)).next_step == "Look"


def test_every_rule_that_may_be_unsafe_can_be_named() -> None:
    """Of live checks also those that are no more than a warning are found here; these need no waiver."""
    rules = {name for name, rule in reviews.RULES.items() if rule.level is Level.UNSAFE}
    for source in Path("checks").glob("*.py"):
        rules |= set(re.findall(r'Level\.UNSAFE,\s*"([a-z-]+)"', source.read_text(encoding="utf-8")))
        rules |= set(re.findall(r'rule = .*?"([a-z]+-[a-z-]+)"', source.read_text(encoding="utf-8")))
    assert len(rules) > 25
    assert rules <= RULES


def test_a_day_may_be_a_date() -> None:
    assert Review.model_validate({"waivers": [WAIVER | {"until": date(2026, 1, 2)}]}).waivers[0].until == date(2026, 1, 2)
