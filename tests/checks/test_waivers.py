"""An unsafe finding says which waiver would let it pass, and that one does, until its last day."""

from datetime import timedelta

import pytest

from checks.ledger.identity import differences, record
from checks.waivers import judged
from config.findings import Finding, Level
from config.review import Review, Waiver
from tests.checks.looks import NOW, world

LEDGER = record(world(), "vcenter-1", None)
TODAY = NOW.date()


def gone() -> Finding:
    """A VM of the ledger that is not there."""
    there = world()
    look = there.look.model_copy(update={"vms": there.look.vms[1:]})
    (finding,) = differences(LEDGER, there._replace(look=look), "vcenter-1")
    return finding


def review(what: str, rule: str, days: int = 0) -> Review:
    return Review(waivers=[Waiver(what=what, rule=rule, why="moved away", who="Ada Lovelace", until=TODAY + timedelta(days))])


def test_the_waiver_that_is_named_lets_it_pass() -> None:
    said = judged(gone(), Review(), TODAY)
    assert said.level is Level.UNSAFE
    what, rule = said.next_step.rpartition("mailstead:review with what: ")[2].split(" and rule: ")
    assert judged(gone(), review(what, rule), TODAY).level is Level.NOTE
    assert judged(gone(), review(what, rule, -1), TODAY).level is Level.UNSAFE


@pytest.mark.parametrize("rule", ["refused-storage", "nothing-known"])
def test_what_no_waiver_lets_pass_names_none(rule: str) -> None:
    finding = Finding(Level.UNSAFE, rule, "it", "a", "b", "c", "d", ("it",))
    assert judged(finding, Review(), TODAY) == finding
    assert judged(finding.noted("d", Level.WARNING), Review(), TODAY).next_step == "d"


def test_one_that_names_it_already_says_it_once() -> None:
    finding = Finding(Level.UNSAFE, "queue-unknown", "it", "a", "b", "c", "Waive it: what: it and rule: queue-unknown", ("it",))
    assert judged(finding, Review(), TODAY) == finding
