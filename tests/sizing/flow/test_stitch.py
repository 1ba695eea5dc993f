"""Lines of a message are joined, whatever lies between them: retries, ids used again, rotation, new years and clocks set back."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizing.flow import Profile, sources
from tests.sizing.flow.logs import at, log, measured, message, queued, received, removed, tried


def test_retries_repeat_the_size_line_but_not_the_message(tmp_path: Path) -> None:
    retried = [received("A1"), queued("A1", 5000), tried("A1", "deferred"), queued("A1", 5000), tried("A1", "deferred")]
    counts = measured(log(tmp_path / "mail.log", [*retried, queued("A1", 5000), tried("A1"), removed("A1")])).counts
    assert (counts.messages, counts.recipients, counts.delivered) == (1, 1, 1)
    assert (counts.deferred_messages, counts.deferrals) == (1, 2)


def test_an_id_used_again_is_another_message(tmp_path: Path) -> None:
    profile = measured(log(tmp_path / "mail.log", [*message("A1", 1000), *message("A1", 3000), *message("A1", 5000)]))
    assert (profile.counts.messages, profile.sizes and profile.sizes.mean_kib) == (3, 3000 / 1024)


def test_an_id_used_again_after_its_removal_was_lost(tmp_path: Path) -> None:
    counts = measured(log(tmp_path / "mail.log", [received("A1"), queued("A1"), received("A1"), queued("A1"), removed("A1")])).counts
    assert counts.messages == 2


def test_deferral_of_an_id_used_again_is_another_messages(tmp_path: Path) -> None:
    one = [received("A1"), queued("A1"), tried("A1", "deferred"), queued("A1"), tried("A1"), removed("A1")]
    assert measured(log(tmp_path / "mail.log", one * 3)).counts.deferred_messages == 3


def test_same_id_on_two_hosts_is_two_messages(tmp_path: Path) -> None:
    both = [line for pair in zip(message("A1", host="mx1"), message("A1", host="mx2"), strict=True) for line in pair]
    profile = measured(log(tmp_path / "mail.log", both))
    assert profile.counts.messages == 2
    assert set(profile.hosts) == {"mx1", "mx2"}


def test_message_received_before_the_log_begins_is_not_received_again(tmp_path: Path) -> None:
    late = [queued("OLD"), tried("OLD", "deferred"), queued("OLD"), tried("OLD"), removed("OLD")]
    counts = measured(log(tmp_path / "mail.log", [*late, *message("A1")])).counts
    assert (counts.messages, counts.delivered, counts.deferred_messages) == (1, 2, 1)


def test_notice_of_the_mail_system_is_a_message_of_its_own(tmp_path: Path) -> None:
    notice = [at()("cleanup[4]: B2: message-id=<x@mx1>"), queued("B2"), tried("B2"), removed("B2")]
    counts = measured(log(tmp_path / "mail.log", [*message("A1"), *notice])).counts
    assert (counts.received, counts.messages) == (1, 2)


def test_message_that_a_filter_hands_back_counts_once(tmp_path: Path) -> None:
    handed = tried("A1").replace("b.example[192.0.2.2]:25", "127.0.0.1[127.0.0.1]:10024").replace("said 250", "250 Ok: queued as B2")
    back = [received("B2", client="localhost[127.0.0.1]"), queued("B2"), handed, removed("A1"), tried("B2"), removed("B2")]
    profile = measured(log(tmp_path / "mail.log", [received("A1"), queued("A1"), *back]))
    assert (profile.counts.messages, profile.counts.received, profile.counts.delivered) == (1, 2, 2)
    assert profile.shares.authenticated == 0


def handed(queue_id: str, onward: str) -> str:
    """A delivery to a filter on the loopback, which hands the message back under another id."""
    line = tried(queue_id).replace("b.example[192.0.2.2]:25", "127.0.0.1[127.0.0.1]:10024")
    return line.replace("said 250", f"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {onward}")


def filtered(number: int) -> list[str]:
    """A message of two recipients that a filter makes larger and hands back."""
    a, b = f"A{number}", f"B{number}"
    back = [received(b, client="localhost[127.0.0.1]"), queued(b, 3000, recipients=2)]
    return [received(a), queued(a, 1000, recipients=2), *back, *[handed(a, b)] * 2]


OUT = [tried("B0"), removed("B0")]


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5, 6, 7), (0, 1, 2, 3, 6, 7, 4, 5), (0, 1, 2, 4, 3, 5, 6, 7), (0, 1, 2, 4, 5, 3, 6, 7)])
def test_message_that_came_back_counts_once_whenever_its_hand_over_is_told(tmp_path: Path, order: tuple[int, ...]) -> None:
    """After it was queued, after it was removed, before it was queued; in the next hour, in the next file."""
    lines = [[*filtered(0), *OUT][i] for i in order]
    lines[4:] = [line.replace("10:00:00", "11:00:00") for line in lines[4:]]
    for cut in range(1, len(lines)):
        log(tmp_path / f"{cut}" / "mail.log.1", lines[:cut])
        log(tmp_path / f"{cut}" / "mail.log", lines[cut:])
        profile = measured(str(tmp_path / f"{cut}" / "mail.log*"))
        assert (profile.counts.messages, profile.counts.recipients, profile.counts.received, profile.counts.delivered) == (1, 2, 2, 3)
        assert profile.sizes
        assert (profile.sizes.mean_kib, profile.clean_mean_kib) == (1000 / 1024, 1000 / 1024)
        assert profile.hour_shares[10] == 1


RELAYS = {"192.0.2.9": ":10024", "2001:db8::9": ":10024", "192.0.2.1": ":2525"}


def elsewhere(lines: list[str], address: str) -> list[str]:
    """As from a filter on another address."""
    return [
        line.replace("localhost[127.0.0.1]", f"f.example[{address}]").replace("127.0.0.1[127.0.0.1]:10024", f"f.example[{address}]{port}")
        for port in [RELAYS[address]]
        for line in lines
    ]


@pytest.mark.parametrize("address", RELAYS)
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5, 6, 7), (0, 1, 2, 4, 3, 5, 6, 7), (0, 1, 2, 4, 5, 3, 6, 7)])
def test_message_that_a_filter_on_another_address_hands_back_counts_once(tmp_path: Path, address: str, order: tuple[int, ...]) -> None:
    lines = elsewhere([[*filtered(0), *OUT][i] for i in order], address)
    counts = measured(log(tmp_path / "mail.log", lines)).counts
    assert (counts.messages, counts.recipients, counts.received, counts.delivered, counts.deliveries) == (1, 2, 2, 3, 1)


def test_filter_that_is_known_may_be_told_of_after_its_message_is_gone(tmp_path: Path) -> None:
    lines = elsewhere([*filtered(0), *OUT, *[[*filtered(1), tried("B1"), removed("B1")][i] for i in (0, 1, 2, 3, 6, 7, 4, 5)]], "192.0.2.9")
    counts = measured(log(tmp_path / "mail.log", lines)).counts
    assert (counts.messages, counts.delivered, counts.deliveries) == (2, 6, 2)


@pytest.mark.parametrize(("relay", "client"), [("192.0.2.9]:10024", "192.0.2.8"), ("192.0.2.9]:25", "192.0.2.9")])
def test_answer_of_another_server_that_names_an_id_of_this_host_is_no_hand_over(tmp_path: Path, relay: str, client: str) -> None:
    sent = tried("A1").replace("192.0.2.2]:25", relay).replace("said 250", "250 2.0.0 Ok: queued as B2")
    lines = [
        received("A1"),
        queued("A1"),
        received("B2", client=f"f[{client}]"),
        queued("B2"),
        sent,
        removed("A1"),
        tried("B2"),
        removed("B2"),
    ]
    counts = measured(log(tmp_path / "mail.log", lines)).counts
    assert (counts.messages, counts.delivered, counts.deliveries) == (2, 2, 2)


def test_message_from_the_loopback_that_nothing_handed_over_is_one_of_its_own(tmp_path: Path) -> None:
    own = [received("C1", client="localhost[127.0.0.1]"), *message("C1")[1:]]
    profile = measured(log(tmp_path / "mail.log", [*filtered(0), *own, *OUT, handed("A9", "X9"), handed("A9", "A0")]))
    assert (profile.counts.messages, profile.counts.received) == (2, 3)


def test_id_that_came_back_once_is_another_message_later(tmp_path: Path) -> None:
    again = [received("B0", client="localhost[127.0.0.1]"), *message("B0")[1:]]
    before = [received("B1", client="localhost[127.0.0.1]"), *message("B1")[1:]]
    profile = measured(log(tmp_path / "mail.log", [*before, *filtered(0), *OUT, *again, *filtered(1), *again]))
    assert profile.counts.messages == 5


def test_messages_that_a_filter_passed_before_they_were_taken_count_once(tmp_path: Path) -> None:
    """`smtpd_proxy_filter`: what the filter hands in is the only message that comes to the queue."""
    lines = [received("NOQUEUE"), received("C1", client="localhost[127.0.0.1]"), *message("C1")[1:]] * 3
    counts = measured(log(tmp_path / "mail.log", lines)).counts
    assert (counts.messages, counts.delivered, counts.received) == (3, 3, 6)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Interleaved messages with retries, in one file."""
    return measured(log(tmp_path_factory.mktemp("whole") / "mail.log", interleaved()))


def interleaved() -> list[str]:
    lines = []
    for number in range(40):
        later = f"Mar  2 10:{number:02}:00"
        lines += [received(f"Q{number}", later), queued(f"Q{number}", 1000 + number, later), tried(f"Q{number}", "deferred", later)]
        if number >= 3:
            done = f"Q{number - 3}"
            lines += [queued(done, 997 + number, later), tried(done, "sent", later), removed(done, later)]
    return lines


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 230), max_size=4))
def test_joins_go_on_across_rotated_files(tmp_path_factory: pytest.TempPathFactory, whole: Profile, cuts: list[int]) -> None:
    folder, lines, edges = tmp_path_factory.mktemp("cut"), interleaved(), sorted({0, *cuts, 240})
    parts = [lines[a:b] for a, b in pairwise(edges) if lines[a:b]]
    for number, part in enumerate(reversed(parts)):
        log(folder / f"mail.log.{number}", part)
    assert measured(str(folder / "mail.log*")) == whole


@pytest.mark.parametrize("block", [300, 457, 1000])
def test_joins_go_on_across_blocks(tmp_path: Path, whole: Profile, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", block)
    path = log(tmp_path / "mail.log", interleaved())
    assert len(list(sources.blocks(path))) > 20
    assert measured(path) == whole


def test_year_begins_within_a_file(tmp_path: Path) -> None:
    lines = [*message("A1", stamp="Dec 31 23:59:59"), received("B2", "Dec 31 23:59:59"), queued("B2", 1000, "Jan  1 00:00:01")]
    profile = measured(log(tmp_path / "mail.log", lines, datetime(2026, 1, 2, tzinfo=UTC)))
    assert (profile.hosts["mx1"].first, profile.hosts["mx1"].last) == ("2025-12-31 23:00", "2026-01-01 00:00")
    assert profile.counts.messages == 2


def test_year_begins_between_files_and_december_comes_first(tmp_path: Path) -> None:
    log(tmp_path / "mail.log.1", [received("A1", "Dec 31 23:00:00")], datetime(2026, 1, 1, tzinfo=UTC))
    log(tmp_path / "mail.log", [queued("A1", 1000, "Jan  1 00:00:01")], datetime(2026, 1, 2, tzinfo=UTC))
    profile = measured(str(tmp_path / "mail.log*"))
    assert (profile.hosts["mx1"].first, profile.counts.messages) == ("2025-12-31 23:00", 1)


def test_leap_day(tmp_path: Path) -> None:
    lines = [*message("A1", stamp="Feb 28 23:00:00"), *message("B2", stamp="Feb 29 01:00:00"), *message("C3", stamp="Mar  1 01:00:00")]
    profile = measured(log(tmp_path / "mail.log", lines, datetime(2024, 3, 2, tzinfo=UTC)))
    assert (profile.hosts["mx1"].first, profile.hosts["mx1"].last) == ("2024-02-28 23:00", "2024-03-01 01:00")
    assert profile.full_days == 1


def test_clock_set_back_splits_no_message(tmp_path: Path) -> None:
    lines = [
        received("A1", "Mar  2 10:00:05"),
        queued("A1", 9, "Mar  2 09:59:58"),
        tried("A1", "sent", "Mar  2 09:59:59"),
        removed("A1", "Mar  2 10:00:00"),
    ]
    profile = measured(log(tmp_path / "mail.log", [*lines, *message("B2", stamp="Mar  2 11:00:00")]))
    assert (profile.counts.messages, profile.backlog.largest_messages) == (2, 1)


def test_clock_set_back_over_new_year_is_no_new_year(tmp_path: Path) -> None:
    lines = [*message("A1", stamp="Jan  1 00:00:01"), *message("B2", stamp="Dec 31 23:59:59"), *message("C3", stamp="Jan  1 00:00:02")]
    profile = measured(log(tmp_path / "mail.log", lines, datetime(2026, 1, 2, tzinfo=UTC)))
    assert (profile.hosts["mx1"].first, profile.hosts["mx1"].last) == ("2025-12-31 23:00", "2026-01-01 00:00")


def test_ids_that_are_never_removed_are_forgotten_but_not_while_they_may_live(tmp_path: Path) -> None:
    lost = [line for i in range(9000) for line in (received(f"L{i:X}", "Mar  1 00:00:00"), queued(f"L{i:X}", 7, "Mar  1 00:00:00"))]
    later = [line for i in range(9000) for line in message(f"M{i:X}", stamp="Mar  6 00:00:00")]
    lines = [*lost, *later, queued("L1", 7, "Mar  6 01:00:00"), removed("L1", "Mar  6 01:00:00")]
    assert measured(log(tmp_path / "mail.log", lines), accept=["gap"]).counts.messages == 18_000
