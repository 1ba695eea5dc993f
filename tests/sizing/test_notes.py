"""What is said of sizes that stand: short holds, and what would not fit beside ClamAV."""

from typing import Any

import pytest

from sizing import notes, size
from tests.sizing.platforms import on_one_lun, platform

BOTH = {"gateway.scanners.scanner-1.memory_gib": 4.5, "gateway.scanners.scanner-2.memory_gib": 4.5}


def told(changes: dict[str, Any]) -> tuple[str, ...]:
    """The notes of a platform."""
    described = platform(changes)
    return notes(described, size(described))


def test_scanners_and_mailboxes_are_told_first() -> None:
    first, second, *rest = told(BOTH)
    assert first.startswith("Scanners keep up: ")
    assert second.startswith("Mailboxes are sized by quota: ")
    assert rest == []


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
