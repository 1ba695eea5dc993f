"""Whether a server may go: what it says of its queue, at both sides of each boundary, and through the simulator."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from checks.ledger.identity import record
from checks.queues import MAX_AGE, leaving, may_go
from checks.snapshots.gate import CLOCK_SKEW
from checks.vcenter.look import look
from checks.vcenter.queue_variable import VARIABLE
from checks.vcenter.untyped import vim
from config.findings import Level
from plan import Plan
from tests.checks.conftest import Start
from tests.checks.looks import NOW, vm, world
from tests.checks.stand import administering, described
from tests.checks.worlds import PLAN

LEDGER = record(world(), "vcenter-1", None)
KNOWN = next(v for v in LEDGER.vms if v.server == "scanner-1")
SECOND = timedelta(seconds=1)


def said(queued: object = 0, accepting: object = False, age: timedelta = timedelta(), **more: object) -> str:
    return json.dumps({"queued": queued, "accepting": accepting, "at": (NOW - age).isoformat()} | more)


def rules(text: str) -> list[str]:
    return [f.rule for f in may_go(KNOWN, vm(PLAN, "scanner-1", queue=text), NOW)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (said(), None),
        (said(age=MAX_AGE), None),
        (said(age=MAX_AGE + SECOND), "queue-unknown"),
        (said(age=-CLOCK_SKEW), None),
        (said(age=-CLOCK_SKEW - SECOND), "queue-unknown"),
        (said(queued=1), "queue-not-empty"),
        (said(accepting=True), "not-drained"),
        (said(queued=-1), "queue-unknown"),
        ("", "queue-unknown"),
        ("0", "queue-unknown"),
        ('{"queued": 0, "accepting": false, "at": "2026-11-24T12:00:00"}', "queue-unknown"),  # of no zone
        (said(queued=False), "queue-unknown"),
        (said(queued="0"), "queue-unknown"),
        (said(queued=0.0), "queue-unknown"),
        (said(accepting="no"), "queue-unknown"),
        (said(accepting=0), "queue-unknown"),
        (f'{{"queued": 0, "accepting": false, "at": {NOW.timestamp():.0f}}}', "queue-unknown"),
        (f'{{"queued": 0, "accepting": false, "at": "{NOW.timestamp():.0f}"}}', "queue-unknown"),
        (said().replace("{", '{"queued": 5, '), "queue-unknown"),  # said twice
        ("[]", "queue-unknown"),
        ("[" * 100_000, "queue-unknown"),
    ],
)
def test_what_a_server_says_lets_it_go_or_not(text: str, rule: str | None) -> None:
    assert rules(text) == ([rule] if rule else [])


def test_a_server_that_can_t_be_seen_may_not_go_and_one_without_a_queue_may() -> None:
    assert [f.rule for f in may_go(KNOWN, None, NOW)] == ["queue-unknown"]
    balancer = next(v for v in LEDGER.vms if v.server == "balancer-1")
    assert list(may_go(balancer, None, NOW)) == []


MAILBOX = next(v for v in LEDGER.vms if v.server == "mailbox-1")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (said(), "mailboxes-unknown"),
        ("", "mailboxes-unknown"),
        (said(mailboxes=0), None),
        (said(mailboxes=1), "mailboxes-there"),
        (said(mailboxes=-1), "mailboxes-unknown"),
        (said(mailboxes="0"), "mailboxes-unknown"),
        (said(mailboxes=0, age=MAX_AGE + SECOND), "mailboxes-unknown"),
        (said(mailboxes=0, queued=7), None),  # it has no disk for a queue
    ],
)
@pytest.mark.hazard("H13", "live", "preflight forbids that a server leaves that keeps users' mail, or does not say that none is left")
def test_a_server_that_keeps_users_mail_goes_when_it_says_that_nobody_s_is_left(text: str, rule: str | None) -> None:
    found = list(may_go(MAILBOX, vm(PLAN, "mailbox-1", queue=text), NOW))
    assert [(f.rule, f.level) for f in found] == ([(rule, Level.UNSAFE)] if rule else [])
    assert all(f"what: {MAILBOX.name} and rule: {rule}" in f.next_step for f in found)
    assert [f.rule for f in may_go(MAILBOX, None, NOW)] == ["mailboxes-unknown"]


def smaller(*, disposable: bool = False) -> Plan:
    vms = tuple(v for v in PLAN.vms if v.server != "scanner-1")
    return PLAN.model_copy(update={"vms": vms, "disposable": disposable})


@pytest.mark.hazard("H13", "live", "preflight forbids that a server leaves with mail queued, or that does not say")
def test_a_server_that_leaves_the_stack_is_asked_and_one_that_stays_is_not() -> None:
    there = world()
    assert leaving(LEDGER, there) == ()
    (finding,) = leaving(LEDGER, there._replace(plan=smaller()))
    assert (finding.rule, finding.subject, finding.level) == ("queue-unknown", KNOWN.name, Level.UNSAFE)
    assert finding.names == (KNOWN.name,)
    (noted,) = leaving(LEDGER, there._replace(plan=smaller(disposable=True)))
    assert noted.level is Level.WARNING
    drained = world(scanner_1={"queue": said()})
    assert leaving(LEDGER, drained._replace(plan=smaller())) == ()


def test_what_the_guest_writes_is_seen_and_no_other_variable(start: Start) -> None:
    with administering(start(described(PLAN)), PLAN) as stand:
        own = next(v for v in PLAN.vms if v.server == "scanner-1")
        stand.make(own)
        secret = vim.option.OptionValue(key="guestinfo.userdata", value="a secret")
        stand.reconfigure("scanner-1", extraConfig=[secret])
        (before,) = look(stand.login, PLAN).vms
        stand.reconfigure("scanner-1", extraConfig=[vim.option.OptionValue(key=VARIABLE, value=said())])
        (after,) = look(stand.login, PLAN).vms
    assert (before.queue, after.queue) == ("", said())
    assert "a secret" not in after.model_dump_json()


def test_the_page_has_the_variable_that_is_read() -> None:
    page = Path(__file__).parents[2] / "docs" / "draining.md"
    assert VARIABLE in page.read_text(encoding="utf-8")
