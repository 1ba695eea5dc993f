"""What a stack may not say of mail and sizes: refused with path, value, rule and remedy; at the limit it is taken."""

from typing import Any

import pytest

from config import Refused
from plan import draft, problems
from tests.sizing.platforms import platform

PAST = [
    ("log_archive.retention_days", 0),
    ("log_archive.retention_days", -1),
    ("flow.busy_hour_share", 1.01),
    ("flow.busy_hour_share", -0.01),
    ("storage.free_fraction", 1),
    ("storage.free_fraction", 1.2),
    ("flow.messages_per_day", -1),
    ("flow.growth_per_year", float("nan")),
    ("spool.quota_gib", 0),
    ("snapshots.hold_hours", 73),
]
AT = [("log_archive.retention_days", 0.01), ("flow.busy_hour_share", 1), ("storage.free_fraction", 0.95), ("snapshots.hold_hours", 72)]


@pytest.mark.parametrize(("path", "value"), PAST)
def test_past_a_limit_is_refused(path: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        platform({path: value})
    (problem,) = refused.value.problems
    assert problem.path == path
    assert problem.value
    assert problem.rule
    assert problem.remedy


@pytest.mark.parametrize(("path", "value"), AT)
def test_at_a_limit_is_taken(path: str, value: Any) -> None:
    platform({path: value})


def test_users_whose_quotas_do_not_fit_on_the_disk_are_refused() -> None:
    """100 users of 1 GiB need 151 GiB with all that lies beside the mailboxes."""
    paths = {}
    for gib in (150, 151):
        stack = platform({"spool.mailboxes.mailbox-1.disks_gib": {"mail": gib}})
        paths[gib] = [problem.path for problem in problems(stack, draft(stack))]
    assert "spool.mailboxes.mailbox-1.disks_gib.mail" in paths[150]
    assert "spool.mailboxes.mailbox-1.disks_gib.mail" not in paths[151]
