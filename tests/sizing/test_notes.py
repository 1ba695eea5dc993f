"""What is said of sizes that stand: short holds, and what would not fit beside ClamAV."""

from typing import Any

import pytest

from sizing import notes, size
from sizing.growth import grown
from sizing.queues import until_full
from sizing.terms import Group
from tests.sizing.platforms import disk, on_one_lun, platform

BOTH = {"gateway.scanners.scanner-1.memory_gib": 4.5, "gateway.scanners.scanner-2.memory_gib": 4.5}


def told(changes: dict[str, Any]) -> tuple[str, ...]:
    """The notes of a platform."""
    described = platform(changes)
    return notes(described, size(described))


def test_scanners_and_mailboxes_are_told_first() -> None:
    first, second, third = told(BOTH)
    assert first.startswith("Scanners keep up: ")
    assert second.startswith("Mailboxes are sized by quota: ")
    assert third.startswith("Queues as declared are full at the earliest after ")


@pytest.mark.parametrize(("hours", "short"), [(1, True), (23.9, True), (24, False), (72, False)])
def test_a_hold_of_less_than_a_day_is_told(hours: float, short: bool) -> None:
    found = [note for note in told({**BOTH, "snapshots.hold_hours": hours}) if note.startswith("Snapshots")]
    assert bool(found) is short


def test_a_short_hold_names_the_luns_that_a_forgotten_snapshot_fills_within_a_day() -> None:
    briefly = {**BOTH, "snapshots": {"hold_hours": 1, "change_per_day": {"scanner": 5}}}
    *_, tight = told({**briefly, **on_one_lun("scanner-1", size_gib=40)})
    *_, wide = told({**BOTH, "snapshots.hold_hours": 1})
    assert tight.startswith("Snapshots are planned to be gone after 1 h: one that is found a day later is not planned for. Forgotten, ")
    assert "shared after " in tight
    assert wide.endswith("No LUN would be full within 24 h.")


@pytest.mark.parametrize(("memory_gib", "said"), [(4, True), (4.25, True), (4.5, False), (8, False)])
def test_four_gib_are_said_to_be_too_little_for_clamav_a_filter_and_an_mta(memory_gib: float, said: bool) -> None:
    """3 + 0.7 + 0.25 + 0.5 = 4.45 GiB."""
    found = [note for note in told({f"gateway.scanners.scanner-{i}.memory_gib": memory_gib for i in (1, 2)}) if "ClamAV" in note]
    assert bool(found) is said
    assert all(f"need 4.45 GiB: too much for scanner-1 ({memory_gib:g}), scanner-2 ({memory_gib:g})." in note for note in found)
    assert all("scan_memory_gib to 3.7 or more" in note for note in found)


@pytest.mark.parametrize(("fraction", "said"), [(0.005, True), (0.0078, True), (0.0079, False), (0.01, False)])
def test_deltas_that_are_taken_as_smaller_than_their_tables_are_told(fraction: float, said: bool) -> None:
    """vmfsSparse: 16 KiB and 4 B for each 2 MiB, that is 0.00781 of the disk, and a header of 2 KiB."""
    found = [note for note in told({**BOTH, "storage.overheads.delta_fraction": fraction}) if "delta_fraction" in note]
    assert bool(found) is said


QUEUE = {
    "flow": {"messages_per_day": 1000, "planning_years": 0, "spam_share": 0, "mean_message_kib": 1020, "busy_hour_share": 0.1},
    "gateway.audit_log_days": 1,
    "gateway.log_days": 1,
    "gateway.hold_share": 0,
}
"""A day brings 1,000 files of 1 MiB each: 0.977 GiB; an hour a tenth of it at most."""


@pytest.mark.parametrize(("gib", "messages", "hours"), [(2, 1902, 33), (3, 2854, 56.5), (1, 949, 9.5)])
def test_a_queue_is_full_after_what_it_holds(gib: int, messages: int, hours: float) -> None:
    """2 GiB × 0.93 − 0.0025 of logs and audit log = 1.8575 GiB: 1,902 messages, the first thousand in 24 h, the others in 9 h at least."""
    described = platform({**QUEUE, "gateway.scanners.scanner-1.disks_gib": {"system": 20, "queue": gib}})
    found = until_full(grown(described.flow), disk(size(described), "scanner-1", "queue"), Group(2))
    assert found is not None
    assert (found.messages, round(found.hours * 2) / 2) == (messages, hours)


def test_the_queue_that_is_full_first_is_told_and_no_other_disk() -> None:
    described = platform({**QUEUE, "gateway.scanners.scanner-2.disks_gib": {"system": 20, "queue": 2}})
    sizing = size(described)
    (note,) = [note for note in notes(described, sizing) if note.startswith("Queues")]
    assert note.startswith(
        "Queues as declared are full at the earliest after 33 h without the spool (scanner-2: 1,902 messages), and after "
    )
    assert "without a mailbox server (mta-1: " in note
    assert until_full(grown(described.flow), disk(sizing, "scanner-1", "system"), Group(2)) is None


@pytest.mark.parametrize("hours", [0, 1, 9, 24, 25, 33, 72, 120])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.5, 1])
def test_hours_to_bring_is_days_within_the_other_way_round(hours: float, share: float) -> None:
    flow = grown(platform({"flow.busy_hour_share": share}).flow)
    days = flow.days_within(hours).value
    assert flow.hours_to_bring(days) <= hours + 1e-9
    assert flow.days_within(flow.hours_to_bring(days) + 1e-9).value == pytest.approx(days, abs=1e-6)


def test_a_queue_into_which_no_mail_comes_is_never_full() -> None:
    assert not any(note.startswith("Queues") for note in told({"flow.spam_share": 1, "flow.rejected_spam_share": 1}))
