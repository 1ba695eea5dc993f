"""Every term's arithmetic, read as text, comes to the term's size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Platform, load, locate
from sizing import Term, size
from tests.sizing.arithmetic import evaluate
from tests.sizing.platforms import UNTIMED, platform

STACKS = ("campus", "campus-2013", "campus-test", "demo")
VARIED = {
    "flow.messages_per_day": st.floats(1, 1e8),
    "flow.recipients_per_message": st.floats(1, 50),
    "flow.mean_message_kib": st.floats(0.1, 10_000),
    "flow.mean_spam_kib": st.floats(0.1, 1_000),
    "flow.spam_share": st.floats(0, 1),
    "flow.rejected_spam_share": st.floats(0, 1),
    "flow.busy_hour_share": st.floats(1 / 24, 1),
    "flow.backlog_hours": st.floats(0, 8_760),
    "gateway.quarantine_days": st.floats(1, 400),
    "spool.users": st.integers(1, 1_000_000),
    "spool.quota_gib": st.floats(1, 100),
    "spool.sized_by": st.sampled_from(["quota", "fill"]),
    "spool.mean_mailbox_gib": st.floats(0, 1),
    "spool.kept_share": st.floats(0, 1),
    "spool.junk_days": st.floats(1, 400),
    "gateway.junk_share": st.floats(0, 1),
    "snapshots.growth": st.sampled_from(["rate", "worst"]),
    "snapshots.hold_hours": st.floats(1, 72),
    "snapshots.per_disk": st.integers(1, 31),
    "snapshots.concurrent_vms": st.integers(1, 10),
    "snapshots.memory": st.booleans(),
    "storage.free_fraction": st.floats(0.05, 0.9),
    "log_archive.compression_ratio": st.floats(1, 50),
}


def terms_of(described: Platform) -> list[Term]:
    """Every term of a platform's sizing."""
    sizing = size(described)
    sums = [*(d.terms for d in sizing.disks), *(m.terms for m in sizing.memory), *(d.terms for d in sizing.datastores)]
    return [*(term for terms in sums for term in terms), *(disk.written_per_day for disk in sizing.disks)]


def assert_proven(terms: list[Term]) -> None:
    for term in terms:
        assert evaluate(term.formula) == pytest.approx(term.gib, rel=1e-4, abs=1e-6), term
        assert term.gib >= 0, term
        assert term.source, term


@pytest.mark.parametrize("stack", STACKS)
def test_each_term_of_a_stack_can_be_checked_by_hand(stack: str) -> None:
    terms = terms_of(load(locate(stack)))
    assert len(terms) > 50
    assert_proven(terms)


@UNTIMED
@given(st.fixed_dictionaries(VARIED))
def test_each_term_of_any_platform_can_be_checked_by_hand(changes: dict[str, object]) -> None:
    assert_proven(terms_of(platform(changes)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 GiB", 5),
        ("12,000 users × 1.5 GiB", 18_000),
        ("(20 + 70) scanner-1 + (28) balancer-2 GiB", 118),
        ("max(1, 2 − 1)", 1),
        ("2^20 × 1e-05 ÷ min(2 d, 0.5 KiB/d)", 20.97152),
    ],
)
def test_arithmetic_is_read_as_a_person_reads_it(text: str, value: float) -> None:
    assert evaluate(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["5 % of 3", "5 * 3", "two", "3 4"])
def test_arithmetic_that_a_person_could_not_read_is_refused(text: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        evaluate(text)
