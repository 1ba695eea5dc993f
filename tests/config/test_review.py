"""Waivers: what they say, and when they hold no longer."""

from datetime import date

import pytest
from pydantic import ValidationError

from config.review import Review, expired

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


def test_a_day_may_be_a_date() -> None:
    assert Review.model_validate({"waivers": [WAIVER | {"until": date(2026, 1, 2)}]}).waivers[0].until == date(2026, 1, 2)
