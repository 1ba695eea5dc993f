"""Mailboxes by quota and by fill: both numbers, how a mailbox fills up, and Junk within it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Refused
from config.roles import SizedBy
from sizing import filling, size
from sizing.filling import told
from sizing.replay import replay
from sizing.risk import risk
from tests.sizing.platforms import UNTIMED, disk, gib, platform
from tests.sizing.uncertainty import NEVER, always, at_risk, certain, need, sized

FILL = {"spool.sized_by": "fill", "spool.mean_mailbox_gib": 0.25}
STILL = {"flow.growth_per_year": 0, "flow.planning_years": 2, "flow.recipients_per_message": 1, "flow.mean_message_kib": 50}
"""400 messages of 50 KiB a day that are not spam, for 100 mailboxes: 200 KiB a day each."""


def mail(changes: dict[str, Any], term: str) -> float:
    """The size of a term of the mail disk."""
    return gib(disk(size(platform(changes)), "mailbox-1", "mail"), term)


@pytest.mark.parametrize(("kept", "gathered"), [(0, 0), (0.5, 0.5), (1, 1)])
def test_a_mailbox_gathers_what_arrives_and_is_kept(kept: float, gathered: float) -> None:
    filed = mail({**FILL, **STILL, "spool.quota_gib": 5, "spool.kept_share": kept}, "mailboxes")
    assert filed == pytest.approx(100 * (0.25 + gathered * 200 * 365 * 2 / 2**20))


def test_growing_mail_fills_faster_by_the_mean_of_the_first_and_the_last_day() -> None:
    doubling = {**FILL, **STILL, "flow.growth_per_year": 1, "flow.planning_years": 1, "spool.quota_gib": 5}
    assert mail(doubling, "mailboxes") == pytest.approx(100 * (0.25 + 200 * (1 + 2) / 2 * 365 / 2**20))


@UNTIMED
@given(st.floats(0, 1), st.floats(1, 400), st.floats(0, 1), st.floats(1, 1e5))
def test_no_mailbox_holds_more_than_its_quota(kept: float, junk_days: float, mean: float, messages: float) -> None:
    changes = {"spool.mean_mailbox_gib": mean, "spool.kept_share": kept, "spool.junk_days": junk_days, "flow.messages_per_day": messages}
    for policy in SizedBy:
        both = [mail({**changes, "spool.sized_by": policy}, term) for term in ("mailboxes", "Junk")]
        assert sum(both) <= 100 + 1e-9
        assert min(both) >= -1e-9
    found = filling(platform(changes))
    assert found.by_fill_gib is not None
    assert found.by_fill_gib <= found.by_quota_gib + 1e-6


@pytest.mark.parametrize(("days", "share", "expected"), [(30, 1, 30), (15, 1, 15), (30, 0.5, 15), (30, 0, 0)])
@pytest.mark.parametrize("policy", SizedBy)
def test_junk_is_what_is_delivered_to_it_until_it_expires(policy: str, days: float, share: float, expected: float) -> None:
    """120 spam messages of 8 KiB a day are accepted, of 1.5 recipients each."""
    changes = {**FILL, "spool.sized_by": policy, "flow.planning_years": 0, "spool.junk_days": days, "gateway.junk_share": share}
    assert mail(changes, "Junk") == pytest.approx(120 * 8 * 1.5 * expected / 2**20)


def test_by_quota_junk_is_in_the_quota_and_adds_only_its_files() -> None:
    """Junk counts against the quota, so a longer Junk leaves less for the rest of a mailbox that is full; its files are smaller."""
    short, long = (disk(size(platform({"spool.junk_days": days})), "mailbox-1", "mail") for days in (1, 300))
    assert gib(long, "Junk") > gib(short, "Junk")
    blocks = gib(long, "partly used blocks") - gib(short, "partly used blocks")
    assert blocks == pytest.approx((gib(long, "Junk") - gib(short, "Junk")) * 1.042 * (16 / 8 - 1 - 4 / 54.3))
    assert long.need_gib - short.need_gib == pytest.approx(blocks / (1 - 0.07), abs=1e-5)


def test_spam_that_stays_in_the_quarantine_does_not_arrive() -> None:
    all_of_it, none = (mail({"gateway.junk_share": share, "flow.planning_years": 0}, "whitespace of one day") for share in (1, 0))
    assert all_of_it - none == pytest.approx(120 * 8 * 1.5 / 2**20)


def test_by_fill_needs_to_be_told_how_full_mailboxes_are() -> None:
    with pytest.raises(Refused) as refused:
        platform({"spool.sized_by": "fill"})
    (problem,) = refused.value.problems
    assert str(problem) == (
        "spool.mean_mailbox_gib: nothing is given, and mailboxes are sized by fill; "
        "add the sum of all mailboxes ÷ their number, in GiB, or write spool.sized_by: quota"
    )


@pytest.mark.parametrize("policy", SizedBy)
def test_both_needs_are_told_whichever_sizes_the_disk(policy: SizedBy) -> None:
    described = {**FILL, "spool.kept_share": 0, "gateway.junk_share": 0}
    found = filling(platform({**described, "spool.sized_by": policy}))
    by = {p: disk(size(platform({**described, "spool.sized_by": p})), "mailbox-1", "mail").need_gib for p in SizedBy}
    assert (found.by_quota_gib, found.by_fill_gib) == (by[SizedBy.QUOTA], by[SizedBy.FILL])
    assert found.promised == pytest.approx(4)
    sentence = told(found)
    assert f"every one full) a mailbox server's mail disk needs {by[SizedBy.QUOTA]:,.1f} GiB, by fill" in sentence
    assert f"planning time) {by[SizedBy.FILL]:,.1f}" in sentence
    assert ("Quotas are 4.00 × what the disk is sized for: if users fill them, the disk is full" in sentence) is (policy is SizedBy.FILL)


def test_a_stack_that_does_not_say_how_full_mailboxes_are_is_told_so() -> None:
    found = filling(platform())
    assert (found.fill_gib, found.by_fill_gib, found.promised) == (None, None, None)
    assert told(found).endswith("By fill is not known: spool.mean_mailbox_gib says how full they are.")


def test_empty_mailboxes_promise_more_than_nothing() -> None:
    found = filling(platform({**FILL, "spool.mean_mailbox_gib": 0, "spool.kept_share": 0, "gateway.junk_share": 0}))
    assert (found.fill_gib, found.promised) == (0, None)
    assert "Quotas promise what nothing is kept for: if users fill them" in told(found)


@pytest.mark.parametrize("quota", [0.3, 50])
def test_without_uncertainty_risk_needs_what_is_planned_by_fill(quota: float) -> None:
    """By month here, by the mean of the first and the last day there: within a hundredth; at the quota the same."""
    given_platform = platform({**FILL, "spool.quota_gib": quota, "flow.messages_per_day": 50_000, "flow.planning_years": 3})
    planned = disk(size(given_platform), "mailbox-1", "mail").need_gib
    found = need(risk(at_risk(given_platform, certain(given_platform))), "mailbox-1 mail")
    assert found.need_gib == pytest.approx(planned, rel=0.01)
    assert found.years[0].need_gib <= found.years[-1].need_gib


def test_with_risk_mailboxes_fill_up_but_never_beyond_their_quota() -> None:
    described = {**FILL, "flow.messages_per_day": 2_000, "spool.quota_gib": 1}
    by_fill, by_quota = (at_risk(platform({**described, "spool.sized_by": policy}), horizon_months=24) for policy in ("fill", "quota"))
    filled, full = (need(risk(given_platform), "mailbox-1 mail") for given_platform in (by_fill, by_quota))
    assert filled.years[0].half_gib < filled.years[1].half_gib
    assert filled.years[0].half_gib < full.years[0].half_gib
    assert filled.need_gib <= full.need_gib * 1.001


@pytest.mark.parametrize("quantile", [0.5, 0.9])
def test_what_is_sized_by_fill_lasts_in_years_that_are_lived_through(quantile: float) -> None:
    given_platform = platform({**FILL, "flow.messages_per_day": 20_000, "spool.quota_gib": 20, "log_archive.retention_days": 40})
    enough = need(risk(at_risk(given_platform, scenarios=20_000, horizon_months=12), quantile), "mailbox-1 mail").need_gib
    peaks = replay(at_risk(given_platform), sized(given_platform), 150, seed=7).disks["mailbox-1 mail"]
    assert np.count_nonzero(peaks > enough * 1.01) <= 150 * (1 - quantile) + 3 * np.sqrt(150 * quantile * (1 - quantile))
    assert enough <= 1.3 * np.quantile(peaks, quantile)


@pytest.mark.parametrize(("kept", "junk_is_on_top"), [(0.0, True), (1.0, False)])
def test_a_storm_fills_junk_until_the_quota_keeps_it(kept: float, junk_is_on_top: bool) -> None:
    """Below the quota a storm's Junk is on top; at a full one only what stands beside the quota grows."""
    described = {**FILL, "spool.quota_gib": 1, "spool.kept_share": kept, "flow.messages_per_day": 100_000, "flow.planning_years": 3}

    def grows_by(policy: str) -> float:
        made = platform({**described, "spool.sized_by": policy})
        calm, stormy = (risk(at_risk(made, certain(made, spam_storm=storm))) for storm in (NEVER, always(20)))
        return need(stormy, "mailbox-1 mail").need_gib - need(calm, "mailbox-1 mail").need_gib

    by_fill, by_quota = grows_by("fill"), grows_by("quota")

    assert by_quota > 1  # recoverable items and the redo log
    assert (by_fill > 1.3 * by_quota) is junk_is_on_top
    assert junk_is_on_top or by_fill == pytest.approx(by_quota, rel=1e-6)
