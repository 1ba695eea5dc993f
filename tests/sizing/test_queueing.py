"""Erlang's formulas against published numbers, and how many scanners follow from them."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Refused
from sizing.queueing import cores, erlang_b, erlang_c, long_wait_seconds, mean_wait_seconds, problems, scanning, told
from tests.sizing.arithmetic import evaluate
from tests.sizing.platforms import UNTIMED, platform

MILLION = {"flow.messages_per_day": 1e6, "flow.planning_years": 0, "flow.busy_hour_share": 0.15}  # 41.7 messages a second


def scanners(count: int, cpus: int = 4) -> dict[str, Any]:
    """Changes that leave so many scanners."""
    return {"gateway.scanners": {f"scanner-{i}": {"address": f"192.0.2.{200 + i}", "lun": "all", "cpus": cpus} for i in range(count)}}


@pytest.mark.parametrize(
    ("rate", "seconds", "servers", "published"),
    [
        (10, 0.5, 8, (0.070048, 0.167267, 0.027878, 0.2013)),
        (2, 1.5, 4, (0.206107, 0.509434, 0.764151, 3.4819)),
        (41.7, 0.1, 5, (None, 0.621504, 0.07488, 0.3036)),
    ],
)
def test_the_formulas_give_the_published_numbers(
    rate: float, seconds: float, servers: int, published: tuple[float | None, float, float, float]
) -> None:
    blocked, waits, mean, long = published
    load = rate * seconds

    assert blocked is None or erlang_b(load, servers) == pytest.approx(blocked, abs=5e-7)
    assert erlang_c(load, servers) == pytest.approx(waits, abs=5e-7)
    assert mean_wait_seconds(load, servers, seconds) == pytest.approx(mean, abs=5e-6)
    assert long_wait_seconds(load, servers, seconds) == pytest.approx(long, abs=5e-5)


@pytest.mark.parametrize(
    ("rate", "seconds", "within_a_second", "at_most_busy"), [(41.7, 0.5, 23, 30), (13.9, 1.0, 17, 20), (41.7, 0.1, 5, 6)]
)
def test_the_fewest_cores(rate: float, seconds: float, within_a_second: int, at_most_busy: int) -> None:
    load = rate * seconds

    assert next(n for n in range(1, 100) if long_wait_seconds(load, n, seconds) <= 1) == within_a_second
    assert cores(load) == at_most_busy
    assert load / at_most_busy <= 0.70 < load / (at_most_busy - 1)


@UNTIMED
@given(st.floats(0.01, 60), st.integers(1, 80))
def test_the_recursion_is_the_sum_over_all_states(load: float, servers: int) -> None:
    """Erlang's own form: a^c ÷ c!, divided by the sum of a^k ÷ k! for k from 0 to c."""
    states = [math.exp(k * math.log(load) - math.lgamma(k + 1)) for k in range(servers + 1)]
    blocked = states[-1] / math.fsum(states)

    assert erlang_b(load, servers) == pytest.approx(blocked, rel=1e-9)
    if load < servers:
        busy = states[-1] * servers / (servers - load)
        assert erlang_c(load, servers) == pytest.approx(busy / (math.fsum(states[:-1]) + busy), rel=1e-9)


def test_at_the_limits() -> None:
    assert erlang_b(0, 3) == 0
    assert erlang_c(0, 3) == 0
    assert long_wait_seconds(0, 3, 1) == 0
    assert long_wait_seconds(0.1, 10, 1) == 0  # fewer than 5 in 100 wait at all
    assert erlang_c(4, 4) == 1
    assert mean_wait_seconds(4, 4, 1) == math.inf
    assert long_wait_seconds(4.1, 4, 1) == math.inf
    assert mean_wait_seconds(3.999, 4, 1) > 100


def test_cores_at_the_limit_and_one_step_past_it() -> None:
    assert cores(0) == 1
    assert cores(0.7) == 1
    assert cores(0.7001) == 2
    assert cores(21) == 30  # 21 ÷ 0.7 is 30 and a little in binary


@pytest.mark.parametrize(("seconds", "needed"), [(0.5, 9), (0.1, 3)])
def test_one_scanner_more_than_the_busy_hour_needs(seconds: float, needed: int) -> None:
    """41.7 messages a second: 30 cores of 0.5 s, 6 of 0.1 s; on 4 cores each, and one may be lost."""
    given_platform = platform({**MILLION, **scanners(3), "gateway.scan_seconds_per_message": seconds})

    found = scanning(given_platform)

    assert found.scanners_needed == needed
    assert math.ceil(evaluate(found.formula)) == found.cores_needed == math.ceil(1e6 * 0.15 / 3600 * seconds / 0.7)
    assert found.messages_per_second == pytest.approx(41.667, abs=1e-3)


@pytest.mark.parametrize(
    ("count", "cpus", "fits"), [(9, 4, True), (8, 4, False), (2, 30, True), (2, 29, False), (1, 30, True), (1, 29, False)]
)
def test_the_scanners_that_are_left_must_suffice(count: int, cpus: int, fits: bool) -> None:
    given_platform = platform({**MILLION, **scanners(count, cpus), "gateway.scan_seconds_per_message": 0.5})

    assert [p.path for p in problems(given_platform)] == ([] if fits else ["gateway.scanners"])


def test_the_largest_scanner_is_the_one_that_is_lost() -> None:
    unequal = {**scanners(2, cpus=6), "gateway.scanners.scanner-1.cpus": 60}
    found = scanning(platform({**MILLION, **unequal, "gateway.scan_seconds_per_message": 0.5}))

    assert (found.cores_left, found.cores_needed) == (6, 30)


def test_every_scanner_on_the_lost_fabric_is_lost() -> None:
    iscsi = {"naa": "naa.60003ff44dc75adc0000000000000002", "size_gib": 90, "fabric": "iscsi"}
    of_both = {**scanners(5), "storage.luns.other": iscsi, **{f"gateway.scanners.scanner-{i}.lun": "other" for i in range(2)}}

    assert scanning(platform({**MILLION, **of_both})).cores_left == 16
    assert scanning(platform({**MILLION, **of_both, "storage.lost_fabric": "iscsi"})).cores_left == 12
    assert scanning(platform({**MILLION, **of_both, "storage.lost_fabric": "fc"})).cores_left == 8


def test_how_long_a_scan_takes_must_be_said_and_how_to_measure_it_is_told() -> None:
    """No product publishes it, and it decides on the number of scanners: what was not measured can't be sized for."""
    with pytest.raises(Refused) as refused:
        platform({"gateway.scan_seconds_per_message": ...})

    (problem,) = refused.value.problems
    assert (problem.path, problem.value, problem.rule) == ("gateway.scan_seconds_per_message", "nothing", "is given")
    assert problem.remedy.endswith(
        "measure the processor seconds that all scanners use on a working day, and divide them by the messages offered to them that day"
    )


@pytest.mark.parametrize(("seconds", "taken"), [(0, False), (-1, False), (0.0001, True), (60, True)])
def test_a_scan_takes_some_time(seconds: float, taken: bool) -> None:
    given_seconds = {"gateway.scan_seconds_per_message": seconds}
    if taken:
        assert scanning(platform(given_seconds)).seconds_per_message == seconds
        return
    with pytest.raises(Refused) as refused:
        platform(given_seconds)
    assert [problem.path for problem in refused.value.problems] == ["gateway.scan_seconds_per_message"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (scanners(2),
         "2 scanners leave 4 cores when one is lost, and the busy hour needs 30 cores: 1,000,000 × 0.15 ÷ 3,600 s × 0.5 s ÷ 0.7 = 29.7619; "
         "let those that are left have 30 cores: 9 scanners as large as the smallest suffice"),
        ({**scanners(2), "storage.lost_fabric": "fc"},
         "2 scanners leave 0 cores when fc is lost, and the busy hour needs 30 cores: 1,000,000 × 0.15 ÷ 3,600 s × 0.5 s ÷ 0.7 = 29.7619; "
         "let those that are left have 30 cores: on another fabric"),
        (scanners(1),
         "1 scanner leaves 4 cores, and the busy hour needs 30 cores: 1,000,000 × 0.15 ÷ 3,600 s × 0.5 s ÷ 0.7 = 29.7619; "
         "let those that are left have 30 cores: 8 scanners as large as the smallest suffice"),
    ],
)  # fmt: skip
def test_the_problem_shows_its_arithmetic(changes: dict[str, Any], message: str) -> None:
    (problem,) = problems(platform({**MILLION, **changes, "gateway.scan_seconds_per_message": 0.5}))

    assert str(problem) == f"gateway.scanners: {message}"


def test_a_lost_fabric_that_carries_no_scanner_is_not_blamed() -> None:
    elsewhere = {"storage.luns.other": {"naa": "naa.60003ff44dc75adc0000000000000002", "size_gib": 90, "fabric": "iscsi"}}
    changes = {**MILLION, **scanners(2), **elsewhere, "storage.lost_fabric": "iscsi", "gateway.scan_seconds_per_message": 0.5}

    (problem,) = problems(platform(changes))

    assert problem.rule.startswith("leave 4 cores when one is lost")


@UNTIMED
@given(st.floats(1, 1e7), st.floats(1, 1.5), st.floats(0.01, 5))
def test_more_mail_never_needs_fewer_scanners(messages: float, more: float, seconds: float) -> None:
    few, many = (
        scanning(platform({"flow.messages_per_day": messages * factor, "gateway.scan_seconds_per_message": seconds}))
        for factor in (1, more)
    )

    assert few.scanners_needed <= many.scanners_needed
    assert few.cores_needed <= many.cores_needed


def test_of_hundreds_of_servers_nobody_waits_long() -> None:
    """The chance that all are busy is then less than a computer can hold."""
    assert erlang_c(0.5, 900) == 0.0
    assert long_wait_seconds(0.5, 900, 1.0) == 0.0


@pytest.mark.parametrize(("cpus", "verdict"), [(15, "Scanners keep up: 30 of 45"), (14, "Too few scanner cores: 28 of 42")])
def test_scanners_are_told_to_suffice_or_not(cpus: int, verdict: str) -> None:
    found = scanning(platform({**MILLION, **scanners(3, cpus), "gateway.scan_seconds_per_message": 0.5}))

    assert told(found) == f"{verdict} scanner cores are left when one is lost, and the busy hour needs 30 at 0.5 s a message."


def test_a_scanner_alone_is_told_without_a_loss() -> None:
    sentence = told(scanning(platform({**MILLION, **scanners(1)})))

    assert sentence == "Too few scanner cores: 4 of 4 scanner cores are left, and the busy hour needs 12 at 0.2 s a message."
