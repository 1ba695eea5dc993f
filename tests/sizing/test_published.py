"""The published numbers: each formula gives the figure that its source gives."""

from typing import Any

import pytest

from config.storage import Overheads
from sizing import DatastoreNeed, audit_log, gib_from_gb, mailboxes, size
from sizing.queues import messages_held
from sizing.snapshots import metadata_fraction, sparse_header_bytes
from tests.sizing.platforms import PUBLISHED_OVERHEADS, SERVERS, datastore, on_one_lun, platform


def lun(*servers: str, growth: str, hold_hours: float = 24, free_fraction: float = 0.2) -> DatastoreNeed:
    """The LUN of the published vectors: a control center of 300 GiB, scanners of 90 GiB, every disk changing 0.15 a day."""
    changes: dict[str, Any] = {
        **on_one_lun(*servers),
        "storage.overheads": PUBLISHED_OVERHEADS,
        "storage.free_fraction": free_fraction,
        "snapshots": {"growth": growth, "hold_hours": hold_hours, "change_per_day": {"scanner": 0.15, "control-center": 0.15}},
        f"{SERVERS['control-center']}.disks_gib": {"system": 20, "quarantine": 280},
        f"{SERVERS['control-center']}.memory_gib": 8,
        f"{SERVERS['scanner-1']}.disks_gib": {"system": 20, "queue": 70},
        f"{SERVERS['scanner-2']}.disks_gib": {"system": 20, "queue": 70},
    }
    return datastore(size(platform(changes)))


@pytest.mark.parametrize(
    ("growth", "free_fraction", "need", "smallest"),
    [("rate", 0.20, 111.75, 140), ("rate", 0.25, 111.75, 149), ("worst", 0.10, 186.9, 208)],
)
def test_lun_of_one_scanner(growth: str, free_fraction: float, need: float, smallest: int) -> None:
    found = lun("scanner-1", growth=growth, free_fraction=free_fraction)
    assert (found.need_gib, found.smallest_gib) == (need, smallest)


@pytest.mark.parametrize(
    ("growth", "hold_hours", "free_fraction", "need", "smallest"),
    [("rate", 24, 0.20, 583, 729), ("rate", 72, 0.20, 727, 909), ("worst", 24, 0.10, 983.8, 1094)],
)
def test_lun_of_the_whole_gateway(growth: str, hold_hours: float, free_fraction: float, need: float, smallest: int) -> None:
    found = lun("control-center", "scanner-1", "scanner-2", growth=growth, hold_hours=hold_hours, free_fraction=free_fraction)
    assert (found.need_gib, found.smallest_gib) == (need, smallest)


def test_lun_of_2013_is_no_hour_from_full() -> None:
    """A LUN of 90 GiB for a scanner of 90 GiB: not even the swap file fits."""
    assert lun("scanner-1", growth="rate").hours_to_full == 0


def test_mailbox_of_exchange() -> None:
    """Quota 2 GiB, 100 messages a day of 75 KB, 14 days: 2,048 + 7.3 + 188.6 = 2,243.9 MB."""
    terms = mailboxes(users=1, mailbox_gib=2, kib_per_user_day=100 * 75, deleted_days=14)
    assert [round(term.gib * 1024, 1) for term in terms] == [2048.0, 7.3, 188.6]
    assert round(sum(term.gib for term in terms) * 1024, 1) == 2243.9


def test_audit_log_of_a_million_messages() -> None:
    """A million entries a day for 30 days: 22.35 GiB; with 5 recipients each, 112 GiB."""
    assert round(audit_log(1_000_000, 30).gib, 2) == 22.35
    assert round(audit_log(5_000_000, 30).gib) == 112


def test_queue_of_cisco() -> None:
    """10 GiB hold 699,050 messages of 15 KiB (published: 690,000), 70 GiB 4.89 million."""
    assert messages_held(10, 15) == 699_050
    assert messages_held(70, 15) == pytest.approx(4.89e6, rel=1e-3)


def test_90_gb_are_83_8_gib() -> None:
    assert round(gib_from_gb(90), 1) == 83.8


def test_delta_of_vmfs_sparse() -> None:
    """206,848 B of a disk of 100 GiB before anything is written, as in the sizes of real files; 16 GB of 2 TB at most."""
    assert sparse_header_bytes(100) == 206_848
    assert metadata_fraction(2048) * 2048 == pytest.approx(16, rel=1e-3)


@pytest.mark.parametrize("gib", [1, 20, 100, 2048, 63_488])
def test_default_delta_metadata_covers_both_formats(gib: float) -> None:
    assert 8 / 4096 < metadata_fraction(gib) < Overheads().delta_fraction


def test_markup_is_not_a_free_fraction() -> None:
    """Keeping 20 % of the LUN free is ÷ 0.80, a quarter more; a markup of 20 % (× 1.20) would keep only a sixth free."""
    found = lun("scanner-1", growth="rate", free_fraction=0.20)
    assert found.required_gib == pytest.approx(found.need_gib * 1.25)
    assert found.required_gib > found.need_gib * 1.20
    assert found.required_gib - found.need_gib == pytest.approx(0.20 * found.required_gib)
