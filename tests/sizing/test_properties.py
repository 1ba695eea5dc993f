"""More mail, longer keeping or longer snapshots never need less; the same platform gives the same bytes."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config import Platform
from sizing import Sizing, size
from tests.sizing.platforms import SERVERS, UNTIMED, on_one_lun, platform

RAISES = {
    "flow.messages_per_day": st.floats(1, 1e7),
    "flow.recipients_per_message": st.floats(1, 100),
    "flow.mean_message_kib": st.floats(0.1, 1e4),
    "flow.mean_spam_kib": st.floats(0.1, 1e4),
    "flow.growth_per_year": st.floats(0, 0.5),
    "flow.planning_years": st.integers(0, 10),
    "flow.busy_hour_share": st.floats(1 / 24, 1),
    "flow.backlog_hours": st.floats(0, 8_760),
    "gateway.quarantine_days": st.floats(1, 3_650),
    "gateway.audit_log_days": st.floats(1, 3_650),
    "gateway.log_days": st.floats(1, 3_650),
    "gateway.hold_share": st.floats(0, 1),
    "spool.users": st.integers(1, 10**6),
    "spool.quota_gib": st.floats(0.01, 1_000),
    "spool.junk_days": st.floats(1, 3_650),
    "spool.deleted_days": st.floats(0, 3_650),
    "spool.redo_log_days": st.floats(0, 3_650),
    "spool.index_share": st.floats(0, 1),
    "spool.database_share": st.floats(0, 1),
    "directory.entries": st.integers(1, 10**7),
    "directory.bytes_per_entry": st.floats(1, 1e6),
    "log_archive.retention_days": st.floats(1, 36_500),
    "snapshots.hold_hours": st.floats(1, 72),
    "snapshots.per_disk": st.integers(1, 31),
    "snapshots.concurrent_vms": st.integers(1, 10),
    "snapshots.consolidate_hours": st.floats(0.5, 8_760),
    "snapshots.memory": st.booleans(),
    "storage.free_fraction": st.floats(0.05, 0.9),
    f"{SERVERS['mailbox-1']}.memory_gib": st.integers(256, 256_000).map(lambda steps: steps / 256),
}


MESSAGE_SIZES = ("flow.mean_message_kib", "flow.mean_spam_kib")
"""Of larger messages fewer fill a mailbox, and fewer files waste less: the disk of the mailboxes stands apart."""


def needs(described: Platform, apart: str = "") -> list[float]:
    """Every need of a platform, disks and then datastores, in their order, but for what lies on the LUN that stands apart."""
    sizing = size(described)
    disks = [d for d in sizing.disks if d.lun != apart]
    return [*(d.need_gib for d in disks), *(d.gib for d in disks), *(d.required_gib for d in sizing.datastores if d.lun != apart)]


@pytest.mark.parametrize("path", RAISES)
@UNTIMED
@given(data=st.data())
def test_more_never_needs_less(path: str, data: st.DataObject) -> None:
    low, high = sorted([data.draw(RAISES[path]), data.draw(RAISES[path])])
    growth = data.draw(st.sampled_from(["rate", "worst"]))
    apart = "shared" if path in MESSAGE_SIZES else ""
    described = {**on_one_lun("mailbox-1"), "snapshots.growth": growth}
    less, more = (needs(platform({**described, path: value}), apart) for value in (low, high))
    assert all(a <= b + 1e-6 for a, b in zip(less, more, strict=True))


WRITTEN = ("snapshots.hold_hours", "snapshots.per_disk", "snapshots.consolidate_hours", "flow.messages_per_day")
BY_FILL = {"spool.sized_by": "fill", "spool.mean_mailbox_gib": 0.01}


@pytest.mark.parametrize("path", ["flow.messages_per_day", "flow.growth_per_year", "flow.planning_years",
                                  "spool.quota_gib", "spool.junk_days", "spool.kept_share", "spool.mean_mailbox_gib"])  # fmt: skip
@UNTIMED
@given(data=st.data())
def test_more_never_needs_less_by_fill_either(path: str, data: st.DataObject) -> None:
    values = {
        **RAISES,
        "spool.kept_share": st.floats(0, 1),
        "spool.mean_mailbox_gib": st.floats(0, 1),
        "spool.quota_gib": st.floats(0.01, 50),
    }
    low, high = sorted([data.draw(values[path]), data.draw(values[path])])
    less, more = (needs(platform({**BY_FILL, path: value})) for value in (low, high))
    assert all(a <= b + 1e-6 for a, b in zip(less, more, strict=True))


@UNTIMED
@given(st.fixed_dictionaries({path: RAISES[path] for path in WRITTEN}), st.floats(0.001, 3))
@example({"snapshots.hold_hours": 72}, 0.5)
def test_worst_growth_is_never_less_than_the_rate(changes: dict[str, Any], change_per_day: float) -> None:
    changes = {**changes, "snapshots.change_per_day": dict.fromkeys(("scanner", "mta", "mailbox"), change_per_day)}
    rate, worst = (needs(platform({**changes, "snapshots.growth": growth})) for growth in ("rate", "worst"))
    assert all(a <= b + 1e-6 for a, b in zip(rate, worst, strict=True))


@UNTIMED
@given(st.fixed_dictionaries(RAISES))
def test_no_need_is_negative_and_each_size_suffices(changes: dict[str, Any]) -> None:
    sizing = size(platform(changes))
    assert all(term.gib >= 0 for disk in sizing.disks for term in disk.terms)
    assert all(term.gib >= 0 for need in sizing.datastores for term in need.terms)
    assert all(disk.need_gib <= disk.smallest_gib < max(disk.need_gib + 1, 2) for disk in sizing.disks)
    assert all(need.required_gib <= need.smallest_gib < need.required_gib + 1 for need in sizing.datastores)
    assert all(need.required_gib * (1 - need.free_fraction) >= need.need_gib * (1 - 1e-12) - 1e-5 for need in sizing.datastores)


def test_the_same_platform_gives_the_same_bytes() -> None:
    first, second = (size(platform()).model_dump_json() for _ in range(2))
    assert first == second


def test_the_order_of_a_stack_does_not_matter() -> None:
    scanners = {f"scanner-{i}": {"address": f"192.0.2.{40 + i}", "lun": "all"} for i in (3, 1, 2)}
    swapped = dict(reversed(scanners.items()))
    assert size(platform({"gateway.scanners": scanners})) == size(platform({"gateway.scanners": swapped}))


def test_json_has_what_readers_are_promised() -> None:
    found = size(platform()).model_dump(mode="json")
    for disk in found["disks"]:
        assert {"vm", "label", "gib", "datastore", "terms"} <= set(disk)
        assert all({"name", "gib", "formula", "source"} == set(term) for term in disk["terms"])
    for need in found["datastores"]:
        assert {"name", "fabric", "declared_gib", "required_gib", "free_fraction", "hours_to_full"} <= set(need)
    assert found["disks"][0]["gib"] > 0


def test_a_sizing_is_a_value() -> None:
    sizing = size(platform())
    assert isinstance(hash(sizing), int)
    assert isinstance(sizing, Sizing)
    with pytest.raises(ValueError, match="frozen"):
        sizing.disks = ()  # type: ignore[misc]
