"""A log whose truth is known gives the profile it should, whichever engine is asked; the flow file carries it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from benchmarks.maillog import MailLog
from config import Refused
from config.mail import MailFlow
from sizing.flow import VERSION, Engine, Flow, backtested
from sizing.flow.profile import Counts, Estimate
from tests.sizing.flow.logs import at, dated, log, measured, message, queued, received, removed, tried


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MailLog]:
    """A generated log, over several blocks and days, with its truth."""
    made, path = MailLog(seed=7), tmp_path_factory.mktemp("known") / "mail.log"
    made.write(path, 6_000_000)
    return dated(path), made


@pytest.fixture(scope="module")
def flow(known: tuple[Path, MailLog]) -> Flow:
    """What is measured of it."""
    return Flow.from_logs([known[0]])


def test_counts_are_the_truth(known: tuple[Path, MailLog], flow: Flow) -> None:
    """The numbers that pflogsumm prints too, in the benchmark."""
    truth, counts = known[1].truth, flow.profile.counts
    assert counts.received == counts.messages == truth["received"] > 3000
    assert (counts.delivered, counts.bounced, counts.rejected) == (truth["delivered"], truth["bounced"], truth["rejected"])
    assert (counts.deferred_messages, counts.deferrals) == (truth["deferred"], truth["deferrals"])
    assert truth["retried"] > 50
    assert sum(flow.profile.lines.values()) == truth["lines"]


def test_shares_and_sizes_are_those_it_was_made_of(flow: Flow) -> None:
    profile = flow.profile
    assert profile.shares.rejected == pytest.approx(0.30, abs=0.02)
    assert profile.shares.authenticated == pytest.approx(25 / 70, abs=0.03)
    assert profile.shares.deferred == pytest.approx(0.06 * 25 / 70, abs=0.006)
    assert profile.recipients_per_message == pytest.approx(0.8 + 0.2 * 3, abs=0.05)
    assert profile.sizes
    assert profile.sizes.quantiles_kib["0.5"] == pytest.approx((4634 + 300) / 1024, rel=0.1)
    assert profile.delay_seconds["0.5"] == pytest.approx(0.2, rel=0.05)
    assert profile.queue_seconds["0.99"] == pytest.approx(0.01, rel=0.05)


def by_hand(hour: int, number: int) -> list[str]:
    """A message of two recipients: one gets it at once, the other is put off and then given up; every second client has logged in."""
    queue_id, stamp, kib = f"H{hour}N{number}", f"Mar  2 {hour:02}:{number:02}:00", number + 1
    client = "a.example[192.0.2.1]" + ", sasl_method=PLAIN, sasl_username=u" * (number == 1)
    come = queued(queue_id, 1024 * kib, stamp, recipients=2)
    tries = [tried(queue_id, "sent", stamp, delay="1"), tried(queue_id, "deferred", stamp), come, tried(queue_id, "bounced", stamp)]
    return [received(queue_id, stamp, client=client), come, *tries, removed(queue_id, stamp)]


def test_figures_of_a_day_are_those_found_by_hand(tmp_path: Path) -> None:
    """6 messages at 10:00 and 2 in every other hour, 52; each hour a refusal by policy, 24 offered more, and one for now, which is none."""
    lines = list[str]()
    for hour in range(24):
        lines += [line for number in range(6 if hour == 10 else 2) for line in by_hand(hour, number)]
        refused = ("554 5.7.1 blocked", "450 4.7.1 greylisted")
        lines += [at(f"Mar  2 {hour:02}:59:00")(f"smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.9]: {answer}") for answer in refused]
    flow = Flow.from_logs([log(tmp_path / "mail.log", lines)])
    mean_kib = (23 * (1 + 2) + 1 + 2 + 3 + 4 + 5 + 6) / 52
    assert flow.flow == {
        "messages_per_day": 52 + 24,
        "recipients_per_message": 2,
        "mean_message_kib": pytest.approx(mean_kib, abs=1e-4),
        "busy_hour_share": pytest.approx((6 + 1) / 76, abs=1e-5),
    } | {"spam_share": pytest.approx(24 / 76, abs=1e-5), "rejected_spam_share": 1}  # no filter said anything of what came in
    assert any("all that came in, 68.4% of what was offered, counts as mail that is no spam" in note for note in flow.profile.notes)
    counts, shares = flow.profile.counts, flow.profile.shares
    assert (counts.received, counts.messages, counts.recipients, counts.delivered, counts.bounced) == (52, 52, 104, 52, 52)
    assert (counts.deferred_messages, counts.deferrals, counts.rejected) == (52, 52, 48)
    assert (shares.rejected, shares.spam, shares.deferred) == (48 / 100, 24 / 76, 1)
    assert shares.authenticated == 24 / 52
    assert flow.profile.hour_shares[9:12] == (0.03947, 0.09211, 0.03947)
    assert flow.profile.sizes
    assert flow.profile.sizes.quantiles_kib["0.95"] == pytest.approx(4, rel=0.022)  # the 49.4th: 24 of 1 KiB, 24 of 2, one of 3
    assert flow.profile.delay_seconds["0.5"] == pytest.approx(1, rel=0.022)
    assert flow.profile.backlog.largest_messages == 0


def test_what_a_milter_refuses_at_the_end_of_a_message_was_offered_once(tmp_path: Path) -> None:
    refused = "milter-reject: END-OF-MESSAGE from a.example[192.0.2.1]: 5.7.1 Spam message rejected; from=<s@a.example> to=<r@b.example>"
    lines = []
    for hour in range(24):
        stamp = f"Mar  2 {hour:02}:00:00"
        lines += [*message(f"A{hour}", stamp=stamp), received(f"B{hour}", stamp), at(stamp)(f"cleanup[4]: B{hour}: {refused}")]
    profile = measured(log(tmp_path / "mail.log", lines))
    assert (profile.counts.received, profile.counts.messages, profile.counts.rejected) == (48, 24, 24)
    assert profile.messages_per_day
    assert (profile.messages_per_day.value, profile.shares.spam, profile.shares.rejected) == (48, 0.5, 0.5)


REFUSALS = [
    "smtpd[1]: NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 554 5.7.1 Service unavailable; blocked",
    "postscreen[2]: NOQUEUE: reject: RCPT from [192.0.2.1]:4711: 550 5.7.1 Service unavailable",
    "cleanup[4]: B9: milter-reject: END-OF-MESSAGE from a.example[192.0.2.1]: 5.7.1 Spam message rejected",
    "smtpd[1]: NOQUEUE: milter-reject: MAIL from a.example[192.0.2.1]: 550 5.7.1 Spam",
]


def test_a_burst_of_refusals_is_in_its_own_hour(tmp_path: Path) -> None:
    """Monday: a message an hour and 76 refusals from two to three: 77 of 100. Tuesday: a message an hour: 1 of 24."""
    lines = []
    for day in (2, 3):
        for hour in range(24):
            stamp = f"Mar  {day} {hour:02}:00:00"
            lines += message(f"A{hour}", stamp=stamp)
            if (day, hour) == (2, 14):
                lines += [at(stamp)(REFUSALS[i % 4]) for i in range(76)]
                lines += [at(stamp)("smtpd[1]: NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 450 4.7.1 Greylisted")] * 50
    profile = measured(log(tmp_path / "mail.log", lines))
    assert profile.messages_by_day == {"2026-03-02": 100, "2026-03-03": 24}
    assert profile.busy_hour_share
    assert profile.busy_hour_share.value == pytest.approx((77 / 100 + 1 / 24) / 2)
    assert (profile.hour_shares[14], profile.hour_shares[13]) == (round(78 / 124, 5), round(2 / 124, 5))
    assert profile.weekday_ratios[:3] == (round(100 / 62, 4), round(24 / 62, 4), 0)
    assert profile.messages_per_day
    assert profile.messages_per_day.value == 62
    assert profile.shares.spam == pytest.approx(76 / 124)


@pytest.mark.parametrize("size", [2**40 + 1, 99_999_999_999_999, 999_999_999_999_999_999, 10**30])
def test_absurd_size_is_left_out_and_said(tmp_path: Path, size: int) -> None:
    odd = [line.replace("size=1000,", f"size={size},") for line in message("C3")]
    profile = measured(log(tmp_path / "mail.log", [*message("A1"), *message("B2", 3000), *odd]), accept=["impossible-sizes"])
    assert profile.sizes
    assert (profile.counts.messages, profile.sizes.mean_kib, profile.clean_mean_kib) == (3, 2000 / 1024, 2000 / 1024)
    assert "1 of 3 messages have no readable size, or one of more than 1,024 GiB: sizes are those of the others" in profile.notes


def test_log_that_tells_what_no_stack_takes_is_refused(tmp_path: Path) -> None:
    lines = [line.replace("nrcpt=1", "nrcpt=0") for line in message("A1")]
    with pytest.raises(Refused) as refused:
        measured(log(tmp_path / "mail.log", [*lines, *message("B2")]))
    assert [problem.path for problem in refused.value.problems] == ["the logs.recipients_per_message"]


@pytest.mark.parametrize(
    ("measured_growth", "taken", "noted"),
    [
        (1.55, 1, "growth measured +155.0% a year; the stack's key takes 1 at most"),
        (-0.12, 0, "growth measured -12.0% a year; the stack's key takes 0 at least"),
        (1.0, 1, None),
        (0.0, 0, None),
    ],
)
def test_growth_that_a_stack_cannot_take_is_said(flow: Flow, measured_growth: float, taken: float, noted: str | None) -> None:
    growth = Estimate(value=measured_growth, low=measured_growth - 0.25, high=measured_growth + 0.25)
    of = Flow.of(flow.profile.model_copy(update={"growth_per_year": growth}))
    assert of.flow["growth_per_year"] == taken
    assert [note[: len(noted or "")] for note in of.profile.notes if note.startswith("growth")] == ([noted] if noted else [])


def test_a_queue_that_empties_is_empty_at_the_end(tmp_path: Path) -> None:
    profile = measured(log(tmp_path / "mail.log", [line for i in range(9) for line in message(f"A{i}", stamp=f"Mar  2 1{i}:00:00")]))
    assert (profile.backlog.largest_messages, profile.backlog.largest_gib) == (0, 0)


def test_spark_gives_the_same_answer(known: tuple[Path, MailLog], flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="PySpark isn't installed")
    from pyspark.sql import SparkSession  # noqa: PLC0415 - only where it is installed

    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    stamp, local = "Mar  2 03:00:00", "127.0.0.1[127.0.0.1]"
    back = [received("C2", stamp, "mx2", local), queued("C2", 2**41, stamp, "mx2"), removed("C2", stamp, "mx2")]
    handed = tried("B0", "sent", stamp, "mx2").replace("b.example[192.0.2.2]", local).replace("said 250", "queued as C2")
    sent = [line for i in range(50) for line in message(f"B{i}", stamp=stamp, host="mx2")]
    other = log(tmp_path / "mx2.log", [*sent, *back, handed])
    options: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "Asia/Tokyo",
        "spark.sql.shuffle.partitions": "2",
    }
    builder = SparkSession.builder.master("local[2]").config(map=options)
    session = builder.getOrCreate()
    try:
        spark = Flow.from_logs([known[0], other], engine=Engine.SPARK, accept=["impossible-sizes", "gap"])
        with pytest.raises(Refused) as refused:
            Flow.from_logs([known[0], other], engine=Engine.SPARK)
    finally:
        session.stop()
    assert spark == Flow.from_logs([known[0], other], accept=["impossible-sizes", "gap"])
    assert flow.profile.counts.messages + 50 == spark.profile.counts.messages
    with pytest.raises(Refused) as same:
        Flow.from_logs([known[0], other])
    assert refused.value.problems == same.value.problems


def month(tmp_path: Path, days: int = 84) -> Flow:
    """Twelve weeks of quiet mail: on working days 20 + day of the week messages, 4 on others; one in four in the hour from nine."""
    lines = []
    for day in range(days):
        date = datetime.fromordinal(datetime(2026, 3, 2).toordinal() + day)  # noqa: DTZ001 - the host's own clock
        number = 4 if day % 7 > 4 else 20 + 4 * (day % 7) + (day * 7) % 3
        for i in range(number):
            hour = 9 if i % 4 == 0 else i % 24
            lines.append((day, hour, message(f"D{day}X{i}", 2048, f"{date:%b %e} {hour:02}:15:00")))
        lines += [
            (day, hour, [f"{date:%b %e} {hour:02}:00:00 mx1 postfix/pickup[1]: N{day}{hour}: uid=0 from=<root>"]) for hour in range(24)
        ]
    lines.sort(key=lambda line: line[:2])
    written = datetime(2026, 12, 1, tzinfo=UTC)
    return Flow.from_logs([log(tmp_path / "mail.log", [text for *_, texts in lines for text in texts], written)])


def test_week_and_day_have_their_shape(tmp_path: Path) -> None:
    profile = month(tmp_path).profile
    assert profile.full_days == 84
    ratios = profile.weekday_ratios
    assert ratios[5] == ratios[6] < ratios[0] < ratios[1] < ratios[2] < ratios[3] < ratios[4]
    assert profile.hour_shares.index(max(profile.hour_shares)) == 9
    assert sum(profile.hour_shares) == pytest.approx(1, abs=1e-3)
    assert profile.busy_hour_share
    assert 0.25 < profile.busy_hour_share.value < 0.40
    assert profile.messages_per_day
    assert profile.messages_per_day.low < 29 < profile.messages_per_day.high
    assert profile.growth_per_year
    assert profile.growth_per_year.low < 0 < profile.growth_per_year.high


def test_backtest_predicts_what_goes_on_as_before(tmp_path: Path) -> None:
    result = backtested(month(tmp_path).profile)
    assert (result.fitted_days, result.predicted_days) == (56, 28)
    assert abs(result.error) < 0.1
    assert result.coverage[-1].held > 0.8
    assert [row.held for row in result.coverage] == sorted(row.held for row in result.coverage)


def test_backtest_of_a_short_log_is_refused(flow: Flow) -> None:
    with pytest.raises(Refused, match="are too few: 42 are needed"):
        backtested(flow.profile)


def test_flow_file_says_what_a_stack_takes(flow: Flow, tmp_path: Path) -> None:
    flow.save(tmp_path / "flow.yaml")
    content = yaml.safe_load((tmp_path / "flow.yaml").read_text())
    assert content["version"] == VERSION
    assert MailFlow(**content["flow"]).messages_per_day == pytest.approx(flow.flow["messages_per_day"])
    assert Counts(**content["profile"]["counts"]) == flow.profile.counts
    loaded = Flow.load(tmp_path / "flow.yaml")
    assert (loaded.flow, loaded.profile.counts) == (flow.flow, flow.profile.counts)


@pytest.mark.parametrize(
    "text", ["version: 1\nflow: {}\n", "flow: {}\n", "- 1\n", "version: 2\n", "{", "version: 2\nflow: {}\nprofile: 3\n"]
)
def test_other_flow_files_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(text)
    with pytest.raises(Refused) as refused:
        Flow.load(tmp_path / "flow.yaml")
    assert all(problem.rule and problem.remedy for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("day", "messages", "rule"),
    [
        ("2026-02-29", 5.0, "is no day"),
        ("20260302", 5.0, "is no day"),
        ("2026-03-02", float("nan"), "is not a finite number"),
        ("2026-03-02", -1.0, "is less than 0"),
        ("2026-03-02", "5", "is text in quotes, not a number"),
    ],
)
def test_flow_file_with_a_day_that_cannot_be_is_refused(flow: Flow, tmp_path: Path, day: str, messages: float | str, rule: str) -> None:
    content = flow.model_dump(mode="json")
    content["profile"]["messages_by_day"] = {"2026-03-01": 0.0, day: messages}
    (tmp_path / "flow.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(Refused, match=rf"flow\.yaml: \(file\)\.profile\.messages_by_day.*{rule}"):
        Flow.load(tmp_path / "flow.yaml")


def test_days_of_a_flow_file_are_predicted_in_their_order(flow: Flow) -> None:
    days = {f"2026-{month:02}-{day:02}": 100.0 + 7 * day for month in (1, 2) for day in range(1, 29)}
    ordered, turned = (flow.profile.model_copy(update={"messages_by_day": dict(of)}) for of in (days.items(), reversed(days.items())))
    assert backtested(turned) == backtested(ordered)


def test_flow_file_is_written_whole_or_not_at_all(flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flow.yaml").write_text("as it was")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        flow.save(tmp_path / "flow.yaml")
    assert [path.name for path in tmp_path.iterdir()] == ["flow.yaml"]
    assert (tmp_path / "flow.yaml").read_text() == "as it was"
