"""The hours of the years that are lived through: mail, queues, what is kept, and deltas, each against arithmetic by hand."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Role
from config.risk import Occasional
from sizing import size
from sizing.replay.disks import Logged, held
from sizing.replay.mail import Mail, arriving, day, kept, queued_gib
from sizing.replay.messages import Messages
from sizing.replay.snapshots import Deltas
from sizing.replay.writes import Writes, arriving_gib, disks
from sizing.replay.years import HOURS, Happening, drawn, happenings
from tests.sizing.platforms import UNTIMED, on_one_lun, platform
from tests.sizing.uncertainty import NEVER, always, at_risk, certain, sized

KIB = 100.0  # of each message that arrives in `even`
BEFORE = 24 * 10


def even(messages_per_hour: float = 10.0) -> Mail:
    """Mail at an even rate, none of it rejected or spam, in one year."""
    count = np.full((1, BEFORE + HOURS), messages_per_hour)
    return Mail(BEFORE, np.full((1, 24), 1 / 24), count, count, count * KIB, count * 0, count * 0)


@UNTIMED
@given(st.floats(1 / 24, 0.9))
def test_a_day_s_busiest_hour_has_its_share(share: float) -> None:
    curve = day(np.array([share, 1 / 24]))

    assert curve.sum(axis=1) == pytest.approx([1, 1])
    assert curve.max(axis=1) == pytest.approx([share, 1 / 24], rel=0.01)
    assert curve[0].argmax() == 13 or share < 0.042


def test_mail_of_a_year_is_what_the_stack_says_with_growth_and_storms() -> None:
    given_platform = platform({"flow.messages_per_day": 50_000, "flow.growth_per_year": 0.21, "log_archive.retention_days": 40})
    inputs, rng = certain(given_platform, message_size_variation=6.65), np.random.default_rng(1)
    years = drawn(rng, given_platform, inputs, 3)

    found = arriving(rng, given_platform, inputs, years, [Happening(2, 1000, 5.0)])

    first, last = found.before, found.before + HOURS
    assert found.before == 24 * 41
    assert found.offered[:2, first:last].sum(axis=1) == pytest.approx(50_000 * 365 * 0.21 / np.log(1.21), rel=0.002)  # mean of 1.21^t
    assert found.offered[0, :24].sum() == pytest.approx(50_000 * 1.21 ** (-41 / 365), rel=0.03)
    assert found.accepted.sum() / found.offered.sum() == pytest.approx(0.4 + 0.6 * 0.2, rel=0.01)
    assert (found.kib - found.spam_kib).sum() == pytest.approx(54.3 * 0.4 * found.offered[:2].sum() * 1.5, rel=0.01)
    storm = found.spam_kib[2, first + 1000 : first + 1072].sum() / found.spam_kib[1, first + 1000 : first + 1072].sum()
    assert storm == pytest.approx(5, rel=0.15)
    assert found.spam_kib[2, first + 1072 : first + 2000].sum() / found.spam_kib[1, first + 1072 : first + 2000].sum() == pytest.approx(
        1, rel=0.1
    )


def test_what_happens_in_some_months_happens_as_often_and_as_large() -> None:
    found = list(happenings(np.random.default_rng(1), Occasional(per_month=0.25, median=8, p95=72, most=200), 2000))

    assert len(found) == pytest.approx(2000 * 12 * 0.25, rel=0.05)
    sizes = np.array([h.size for h in found])
    assert np.quantile(sizes, [0.5, 0.95]) == pytest.approx([8, 72], rel=0.1)
    assert sizes.max() == 200
    assert {h.hour // 730 for h in found} == set(range(12))
    assert list(happenings(np.random.default_rng(1), NEVER, 100)) == []


def test_a_queue_grows_while_nothing_leaves_and_drains_as_fast_as_the_busiest_hour() -> None:
    """10 messages of 100 KiB an hour, 2 KiB unused in each one's last block; the day is flat, so 10 messages an hour leave."""
    queue = queued_gib(even(), [Happening(0, 100, 5.5)])[0] * 2**20

    assert queue[99] == 0
    assert queue[100:105] == pytest.approx([n * 10 * (100 + 2) for n in range(1, 6)])
    assert queue[105] == pytest.approx(55 * 102)  # down for half of that hour
    assert queue[106] == pytest.approx(50 * 102)  # in that hour's other half 5 left
    assert queue[111] == pytest.approx(0, abs=1e-6)


def test_small_messages_need_an_inode_each() -> None:
    tiny = even()._replace(kib=even().accepted * 3)

    assert queued_gib(tiny, [Happening(0, 100, 4)])[0].max() * 2**20 == pytest.approx(40 * 16)


def test_an_outage_may_last_beyond_the_year() -> None:
    queue = queued_gib(even(), [Happening(0, HOURS - 2, 100)])[0]

    assert queue.argmax() == HOURS - 1
    assert queue.max() * 2**20 == pytest.approx(2 * 10 * 102)


def test_things_are_kept_for_their_days() -> None:
    mail = even()

    assert kept(mail, mail.offered, 2)[0] == pytest.approx(np.full(HOURS, 480))
    assert kept(mail, mail.offered, 0)[0] == pytest.approx(np.zeros(HOURS))
    once = np.zeros_like(mail.offered)
    once[0, BEFORE + 50] = 7
    assert np.flatnonzero(kept(mail, once, 1)[0]).tolist() == list(range(50, 74))


def test_disks_of_mail_that_is_even_are_those_of_the_plan() -> None:
    """Without peaks and chance there is nothing that hours could add: each disk is its plan, but for the bounds the plan takes."""
    changes = {"flow.messages_per_day": 240, "flow.spam_share": 0, "flow.growth_per_year": 0, "flow.mean_message_kib": KIB}
    briefly = {"gateway.audit_log_days": 5, "gateway.log_days": 5, "spool.deleted_days": 5, "log_archive.retention_days": 5}
    given_platform = platform({**changes, **briefly, "flow.busy_hour_share": 1 / 24, "flow.backlog_hours": 36})
    planned = {(d.vm, d.label): d.need_gib for d in size(given_platform).disks}
    blocks = next(t for d in size(given_platform).disks if d.label == "mail" for t in d.terms if t.name == "partly used blocks").gib
    assert KIB > 16  # whole blocks decide, and of each file's last one half is used

    peaks = {role: gib.max() for role, gib in held(given_platform, even(), Logged(given_platform, even()), [Happening(0, 100, 36)]).items()}

    assert peaks[Role.CONTROL_CENTER] == pytest.approx(planned["control-center", "quarantine"], rel=1e-6, abs=1e-6)
    assert peaks[Role.MAILBOX] == pytest.approx(planned["mailbox-1", "mail"] - blocks / 2 / (1 - 0.07), rel=1e-6, abs=1e-6)
    assert peaks[Role.DIRECTORY] == pytest.approx(planned["mta-1", "directory"], rel=1e-6, abs=1e-6)
    assert peaks[Role.BALANCER] == pytest.approx(planned["balancer-1", "system"], rel=1e-6, abs=1e-6)
    assert peaks[Role.LOG_ARCHIVE] == pytest.approx(planned["log-archive", "archive"], rel=1e-6, abs=1e-6)
    assert peaks[Role.MTA] == pytest.approx(planned["mta-1", "queue"], rel=0.02)  # a block is half empty, not empty
    assert peaks[Role.SCANNER] == pytest.approx(planned["scanner-1", "queue"], rel=0.02)


class Live:
    """The deltas of scanner-1 alone, with the same written to each of its two disks in every hour."""

    def __init__(self, written_gib: float = 1.0, **policy: Any) -> None:
        changes = {f"snapshots.{key}": value for key, value in policy.items()}
        plain = {"storage.overheads": {"delta_fraction": 0, "delta_quantum_gib": 0}, "gateway.scanners.scanner-1.disks_gib": {"queue": 100}}
        made = platform({**on_one_lun("scanner-1"), **plain, **changes})
        own = tuple(d for d in disks(made, sized(made)) if d.vm == "scanner-1")
        self.queue = [d.label for d in own].index("queue")
        self.deltas = Deltas(made, own, [1.0, 1.0], 1)
        self._written = written_gib
        self._hour = 0

    def until(self, hour: int) -> list[float]:
        """What the queue disk's deltas take at the end of each hour until this one."""
        hours, self._hour = range(self._hour, hour), hour
        return [float(self.deltas.live(at, np.full((2, 1), self._written))[self.queue, 0]) for at in hours]


def unique(hours: int) -> float:
    """What a delta of a disk of 100 GiB has after so many hours of 1 GiB at random."""
    return 100 * -math.expm1(-hours / 100)


def test_a_delta_grows_while_its_snapshot_is_held_and_goes_when_it_is_consolidated() -> None:
    found = Live(hold_hours=6, consolidate_hours=3).until(26)

    assert found[0] == 0
    assert found[1:7] == pytest.approx([unique(n) for n in range(1, 7)])  # from one o'clock at night
    assert found[7:10] == pytest.approx([unique(6) + unique(n) for n in range(1, 4)])  # what is written meanwhile
    assert found[10:25] == [0] * 15
    assert found[25] == pytest.approx(unique(1))


def test_a_snapshot_that_is_held_for_a_day_is_followed_by_the_next() -> None:
    found = Live(hold_hours=24, consolidate_hours=4).until(49)

    assert found[24] == pytest.approx(unique(24))
    assert found[25:29] == pytest.approx([unique(24) + unique(n) for n in range(1, 5)])
    assert found[29] == pytest.approx(unique(5))
    assert max(found) == pytest.approx(unique(24) + unique(4))


def test_a_forgotten_snapshot_is_found_after_its_hours_and_no_other_is_taken_before() -> None:
    live = Live(hold_hours=6, consolidate_hours=0.5)
    live.deltas.forget("scanner-1", Happening(0, 0, 100.4))
    found = live.until(150)

    assert found[100] == pytest.approx(unique(100))
    assert found[101:121] == [0] * 20
    assert found[121] == pytest.approx(unique(1))
    assert max(found[121:]) == pytest.approx(unique(6))


def test_a_delta_never_outgrows_its_disk() -> None:
    live = Live(written_gib=200, hold_hours=24)
    assert max(live.until(30)) <= 200  # one that is held and one that is consolidated


def test_a_delta_s_file_has_metadata_and_grows_in_steps() -> None:
    live = Live(hold_hours=6)
    live.deltas._overheads = live.deltas._overheads.model_copy(update={"delta_fraction": 0.01, "delta_quantum_gib": 0.5})

    assert live.until(3)[1:] == [1.5, 2.0]  # 1.005 and 1.99995 GiB with metadata


def test_memory_is_held_as_long_as_deltas() -> None:
    live = Live(hold_hours=6, consolidate_hours=3)
    held_in = []
    for hour in range(24):
        live.until(hour + 1)
        held_in.append(bool(live.deltas.memories()[0, 0]))

    assert [hour for hour, memory in enumerate(held_in) if memory] == list(range(1, 10))


def test_backup_takes_as_many_at_a_time_as_it_may() -> None:
    made = platform({**on_one_lun("scanner-1", "scanner-2", "mta-1"), "snapshots.concurrent_vms": 1})
    some = tuple(d for d in disks(made, sized(made)) if d.vm in {"scanner-1", "scanner-2", "mta-1"})
    deltas = Deltas(made, some, [1.0] * len(some), 1)
    together, ever = 0, np.zeros(3, np.bool_)
    for hour in range(24 * 14):
        deltas.live(hour, np.zeros((len(some), 1)))
        together, ever = max(together, int(deltas.memories().sum())), ever | deltas.memories()[:, 0]

    assert together == 1
    assert ever.all()


def test_years_that_are_certain_are_all_the_same() -> None:
    made = at_risk(platform(), certain(platform(), outage=always(3)))
    assert made.risk is not None
    years = drawn(np.random.default_rng(1), made, made.risk.inputs, 5)

    assert years.growth.tolist() == [0.07] * 5
    assert years.busy_hour_share.tolist() == [0.15] * 5
    assert years.message_size.tolist() == years.write_rate.tolist() == [1.0] * 5


@pytest.mark.parametrize("variation", [0, 1, 6.65])
def test_messages_vary_as_they_should_and_the_largest_is_cut(variation: float) -> None:
    rng = np.random.default_rng(1)
    messages = Messages(rng, variation)

    alone = messages.together(rng, np.ones(400_000, np.int64))
    many = messages.together(rng, np.full(20_000, 400))

    assert alone.mean() == pytest.approx(1, abs=0.05)
    assert alone.std() == pytest.approx(variation, rel=0.1, abs=1e-9)
    assert alone.max() < 600
    assert many.mean() == pytest.approx(400, rel=0.01)
    assert many.std() == pytest.approx(variation * 20, rel=0.1, abs=1e-6)  # as of 400 that are drawn one by one
    assert messages.together(rng, np.array([0, 2**21])).tolist() == pytest.approx([0, 2**21])


def test_a_file_is_written_with_half_a_block_and_its_inode() -> None:
    made = platform({"flow.recipients_per_message": 1, "gateway.hold_share": 0})
    logged = Logged(made, even())

    found = {role: gib[0] * 2**30 for role, gib in arriving_gib(made, even(), logged).items()}

    filed = 10 * (KIB + 2 + 0.25) * 1024
    assert found[Role.MTA] == pytest.approx(np.full(BEFORE + HOURS, filed + 10 * 7 * 200))
    assert found[Role.SCANNER] == pytest.approx(np.full(BEFORE + HOURS, filed + 10 * (7 * 200 + 800)))  # one of two is left
    assert found[Role.CONTROL_CENTER] == pytest.approx(np.full(BEFORE + HOURS, 10 * (7 * 200 + 800)))
    plain = logged.all[0, 0]
    assert found[Role.LOG_ARCHIVE][1:24] == pytest.approx(np.full(23, plain))
    assert found[Role.LOG_ARCHIVE][24] == pytest.approx(plain + 24 * plain / 8)  # those of the day before, compressed


@pytest.mark.parametrize(("messages", "arrives"), [(10.0, False), (1e6, True)])
def test_a_disk_takes_its_share_or_what_arrives_if_that_is_more(messages: float, arrives: bool) -> None:
    made = platform({"gateway.scanners.scanner-1.disks_gib": {"system": 20, "queue": 100}, "snapshots.change_per_day": {"scanner": 0.24}})
    own = tuple(d for d in disks(made, sized(made)) if d.vm == "scanner-1")
    mail = even(messages)
    logged = Logged(made, mail)
    years = drawn(np.random.default_rng(1), made, certain(made), 1)._replace(write_rate=np.array([2.0]))
    writes = Writes(made, own, mail, logged, years)

    found = dict(zip((d.label for d in own), writes.at(5)[:, 0], strict=True))

    assert found["system"] == pytest.approx(2 * 0.24 * 20 / 24)
    assert found["queue"] == pytest.approx(2 * (float(arriving_gib(made, mail, logged)[Role.SCANNER][0, 0]) if arrives else 1.0))
    assert writes.daily() == pytest.approx([24 * found[d.label] for d in own])
