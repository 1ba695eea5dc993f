"""Risk: the same seed gives the same bytes, certainty gives the plan, and more is never needed for being less sure."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Platform, Refused, load, locate
from config.risk import Inputs, Occasional
from config.servers import Server
from sizing import DiskNeed, rules, size
from sizing.risk import problems, risk
from tests.sizing.platforms import SERVERS, UNTIMED, on_one_lun, platform
from tests.sizing.uncertainty import NEVER, always, at_risk, certain, deltas, need, needs

FLOWS = st.fixed_dictionaries(
    {
        "flow.messages_per_day": st.floats(10, 1e7),
        "flow.recipients_per_message": st.floats(1, 5),
        "flow.mean_message_kib": st.floats(1, 500),
        "flow.mean_spam_kib": st.floats(1, 50),
        "flow.spam_share": st.floats(0, 1),
        "flow.rejected_spam_share": st.floats(0, 1),
        "flow.busy_hour_share": st.floats(1 / 24, 0.5),
        "flow.growth_per_year": st.floats(0, 1),
        "flow.planning_years": st.integers(1, 5),
        "flow.backlog_hours": st.floats(0, 200),
        "snapshots.hold_hours": st.floats(1, 72),
        "snapshots.per_disk": st.integers(1, 3),
        "snapshots.concurrent_vms": st.integers(1, 9),
        "snapshots.memory": st.booleans(),
        "storage.overheads.vmfs_fraction": st.sampled_from([0, 0.005, 0.1]),
    }
)


@UNTIMED
@given(FLOWS)
def test_without_uncertainty_every_need_is_the_plan_s(flow: dict[str, Any]) -> None:
    """Datastores without their free fraction, a margin for what nobody foresaw; and of a delta each block counts once."""
    given_platform = platform({**on_one_lun(*list(SERVERS)[:5]), **flow})

    found = risk(at_risk(given_platform, certain(given_platform), scenarios=1000))

    assert [n.need_gib for n in found.disks] == pytest.approx([n.need_gib for n in size(given_platform).disks], rel=1e-8, abs=1e-4)
    stores = [_each_block_once(given_platform, lun) for lun in sorted(given_platform.storage.luns)]
    assert [n.need_gib for n in found.datastores] == pytest.approx(stores, rel=1e-8, abs=1e-4)
    assert [n.error_gib for n in needs(found)] == pytest.approx([0] * len(needs(found)), abs=1e-4)


def _each_block_once(given: Platform, lun: str) -> float:
    """A datastore's need when random writes hit blocks that are in the delta already, and consolidation comes at the worst hour."""
    policy, overheads, sizing = given.snapshots, given.storage.overheads, size(given)
    store = next(store for store in sizing.datastores if store.lun == lun)

    def delta(disk: DiskNeed) -> float:
        return deltas(disk.gib, disk.written_per_day.gib, given.flow.busy_hour_share, policy, 1 + overheads.delta_fraction)

    def snapshots(server: Server) -> float:
        own = [disk for disk in sizing.disks if disk.vm == server.name]
        memory = server.node.memory_gib + rules.MEMORY_SNAPSHOT_EXTRA_MIB / 1024 if policy.memory else 0
        return policy.per_disk * (memory + overheads.delta_quantum_gib * len(own)) + sum(delta(disk) for disk in own)

    of_vms = sorted((snapshots(server) for server in given.servers if server.node.lun == lun), reverse=True)
    always = sum(term.gib for term in store.terms if term.name in ("disks", "VM swap", "VMX swap", "VM logs and NVRAM"))
    used = always + sum(of_vms[: policy.concurrent_vms])
    return max(used + overheads.vmfs_fixed_gib, used / (1 - overheads.vmfs_fraction))


def test_the_free_fraction_does_not_matter() -> None:
    tight, roomy = (platform({"storage.free_fraction": f}) for f in (0.05, 0.4))

    assert risk(at_risk(tight)).model_dump() == risk(at_risk(roomy)).model_dump()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    campus = load(locate("campus"))
    first, again, other = (risk(at_risk(campus, seed=seed)).model_dump_json() for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_being_surer_never_needs_less() -> None:
    campus = at_risk(load(locate("campus")), scenarios=20_000)
    found = [risk(campus, quantile) for quantile in (0.5, 0.8, 0.9, 0.99, 0.999)]

    for less, more in pairwise(found):
        for weak, strong in zip(needs(less), needs(more), strict=True):
            assert weak.need_gib <= strong.need_gib, weak.name
            assert weak.fill_probability == strong.fill_probability
    assert need(found[0], "scanner-1 queue").need_gib < need(found[-1], "scanner-1 queue").need_gib


def test_looking_further_ahead_never_needs_less() -> None:
    found = risk(at_risk(load(locate("campus")), horizon_months=60))

    for n in needs(found):
        by_year = [year.need_gib for year in n.years]
        assert [year.months for year in n.years] == [12, 24, 36, 48, 60]
        assert by_year == sorted(by_year)
        assert all(year.half_gib <= year.most_gib <= year.need_gib for year in n.years)  # the quantile is 0.9
        assert n.need_gib == by_year[-1]


@pytest.mark.parametrize(("months", "ends"), [(1, [1]), (11, [11]), (12, [12]), (13, [12, 13]), (30, [12, 24, 30])])
def test_years_end_at_the_horizon(months: int, ends: list[int]) -> None:
    found = risk(at_risk(platform(), horizon_months=months))

    assert found.horizon_months == months
    assert [year.months for year in found.disks[0].years] == ends


def test_the_horizon_is_the_planning_time_unless_said() -> None:
    assert risk(at_risk(platform({"flow.planning_years": 2}))).horizon_months == 24
    assert risk(at_risk(platform({"flow.planning_years": 0}))).horizon_months == 12


def test_the_sampling_error_shrinks_with_the_root_of_the_scenarios() -> None:
    """And is honest: the needs of many seeds scatter by what each of them says of itself."""
    few = [_queue(seed, 1000) for seed in range(40)]
    many = [_queue(seed, 9000) for seed in range(40)]

    assert _scatter([n for n, _ in few]) / _scatter([n for n, _ in many]) == pytest.approx(3, rel=0.35)
    assert _mean([e for _, e in few]) / _mean([e for _, e in many]) == pytest.approx(3, rel=0.25)
    assert _scatter([n for n, _ in many]) == pytest.approx(_mean([e for _, e in many]), rel=0.35)


def _queue(seed: int, scenarios: int) -> tuple[float, float]:
    """Need of a queue at 0.9 and its error, when growth alone is uncertain: its density is smooth."""
    base = platform({"flow.messages_per_day": 200_000, "flow.planning_years": 1})
    found = need(risk(at_risk(base, certain(base, growth_sd=0.1), seed=seed, scenarios=scenarios)), "scanner-1 queue")
    return found.need_gib, found.error_gib


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _scatter(values: list[float]) -> float:
    mean = _mean(values)
    return float((sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5)


@pytest.mark.parametrize(("months", "left"), [(11, None), (12, 12), (13, 12), (24, 12)])
def test_a_disk_fills_in_the_month_that_arithmetic_says(months: int, left: int | None) -> None:
    """The quarantine grows by 44 % a year without uncertainty: 1.44 = 1.2 × 1.2, so it is 1.2 times as large after six months."""
    growing = {"flow.messages_per_day": 200_000, "flow.growth_per_year": 0.44, "flow.planning_years": 1}
    after_a_year = need(risk(at_risk(platform(growing), certain(platform(growing)))), "control-center quarantine").need_gib
    given = platform({**growing, "gateway.control_center.disks_gib": {"quarantine": int(after_a_year)}})

    found = need(risk(at_risk(given, certain(given), horizon_months=months)), "control-center quarantine")

    assert found.months_left == left
    assert found.months_until_full == left
    assert found.fill_probability == (0 if left is None else 1)
    assert found.fill_error == 0


def test_the_time_left_ends_when_more_scenarios_fill_than_the_quantile_allows() -> None:
    """One month in ten has a forgotten snapshot that fills the LUN: after n months 1 − 0.9^n of the scenarios are full."""
    given = platform({**on_one_lun("scanner-1", size_gib=90), "flow.messages_per_day": 200_000, "flow.growth_per_year": 0})
    filling = always(1000).model_copy(update={"per_month": 0.1})
    made = at_risk(given, certain(given, forgotten_snapshot=filling), quantile=0.5, scenarios=40_000, horizon_months=12)

    found = need(risk(made), "shared")

    assert found.months_left == 7  # 1 − 0.9^6 = 0.47, 1 − 0.9^7 = 0.52
    assert found.fill_probability == pytest.approx(1 - 0.9**12, abs=4 * found.fill_error)
    assert found.fill_error == pytest.approx((found.fill_probability * (1 - found.fill_probability) / 40_000) ** 0.5)
    assert found.months_until_full == 5  # half of 1 − 0.9^12 is 0.36: 1 − 0.9^4 = 0.34 is less, 1 − 0.9^5 = 0.41 more


def test_anything_fills_at_least_as_often_as_each() -> None:
    found = risk(at_risk(load(locate("campus"))))
    each = [n.fill_probability for n in needs(found)]

    assert max(each) <= found.fill_probability <= min(1, sum(each))


def test_a_stack_that_states_no_risk_is_not_assessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sizing.risk.verdict.risk", lambda _: pytest.fail("assessed"))

    assert list(problems(platform())) == []


def test_what_is_too_small_at_the_quantile_is_a_problem() -> None:
    given = platform({**on_one_lun("scanner-1", size_gib=90), "flow.messages_per_day": 200_000, "flow.growth_per_year": 0})
    filling = always(1000).model_copy(update={"per_month": 0.1})

    found = {p.path: p for p in problems(at_risk(given, certain(given, forgotten_snapshot=filling), horizon_months=12))}

    problem = found["storage.luns.shared.size_gib"]
    assert problem.value == "90"
    assert "of 2,000 scenarios within 12 months, and risk.quantile of 0.9 allows 10.00%" in problem.rule
    assert problem.remedy.endswith("measure first: forgotten snapshot")
    needed = need(risk(at_risk(given, certain(given, forgotten_snapshot=filling), horizon_months=12)), "shared").smallest_gib
    assert problem.remedy.startswith(f"write {needed} or more")


def test_at_the_size_that_the_problem_asks_for_there_is_none() -> None:
    inputs = Inputs(forgotten_snapshot=Occasional(per_month=0.1, median=100, p95=1000, most=1000))
    needed = need(risk(at_risk(platform(on_one_lun("scanner-1", size_gib=150)), inputs)), "shared").smallest_gib

    def paths(size_gib: int) -> set[str]:
        return {p.path for p in problems(at_risk(platform(on_one_lun("scanner-1", size_gib=size_gib)), inputs))}

    assert "storage.luns.shared.size_gib" not in paths(needed)
    assert "storage.luns.shared.size_gib" in paths(needed - 1)


@pytest.mark.parametrize("concurrent", [1, 3])
def test_what_is_found_while_backup_would_hold_it_anyway_is_not_forgotten(concurrent: int) -> None:
    """At `hold_hours` it is backup's own, one of those that may be there at a time; an hour past it comes on top of them."""
    given = platform({**on_one_lun("scanner-1", "mta-1", "log-archive"), "snapshots.concurrent_vms": concurrent})
    hold = given.snapshots.hold_hours
    never, at_hold, past_hold = (
        need(risk(at_risk(given, certain(given, forgotten_snapshot=found))), "shared").need_gib
        for found in (NEVER, always(hold), always(hold + 1))
    )

    assert at_hold == never
    assert past_hold > never
    assert (past_hold - never > 5) == (concurrent == 1)  # GiB: another VM's turn comes on top


def test_a_disk_that_is_left_to_sizing_says_so() -> None:
    given = platform({"flow.messages_per_day": 1e6})
    found = [p for p in problems(at_risk(given)) if p.path == "gateway.scanners.scanner-1.disks_gib.queue"]

    assert len(found) == 1
    assert found[0].rule.startswith("(as sized) fills in")


@pytest.mark.parametrize("quantile", [-1, 0, 0.49, 1, 1.5, float("nan"), float("inf")])
def test_a_quantile_that_is_none_is_refused(quantile: float) -> None:
    with pytest.raises(Refused) as refused:
        risk(platform(), quantile)

    assert [p.path for p in refused.value.problems] == ["risk.quantile"]


def test_a_quantile_that_too_few_scenarios_lie_beyond_is_refused() -> None:
    assert risk(at_risk(platform(), scenarios=10_000), 0.999).quantile == 0.999
    with pytest.raises(Refused) as refused:
        risk(at_risk(platform(), scenarios=9_000), 0.999)

    assert "fewer than 10 scenarios" in str(refused.value)


@pytest.mark.parametrize(
    ("section", "path", "says"),
    [
        ({"quantile": 1}, "risk.quantile", "is not a quantile"),
        ({"quantile": "0.9"}, "risk.quantile", "is text in quotes"),
        ({"horizon_months": 0}, "risk.horizon_months", "write 1 or more"),
        ({"horizon_months": 361}, "risk.horizon_months", "write 360 or less"),
        ({"scenarios": 999}, "risk.scenarios", "write 1000 or more"),
        ({"seed": -1}, "risk.seed", "write 0 or more"),
        ({"seed": 0.5}, "risk.seed", "is not a whole number"),
        ({"scenarios": 5000, "quantile": 0.999}, "risk", "fewer than 10 scenarios"),
        ({"inputs": {"growth_sd": -0.1}}, "risk.inputs.growth_sd", "write 0 or more"),
        ({"inputs": {"message_size_p95": 0.9}}, "risk.inputs.message_size_p95", "write 1 or more"),
        ({"inputs": {"storm_days": 0.5}}, "risk.inputs.storm_days", "write 1 or more"),
        ({"inputs": {"outage": {"per_month": 2, "median": 1, "p95": 2, "most": 3}}}, "risk.inputs.outage.per_month", "from 0 to 1"),
        ({"inputs": {"outage": {"per_month": 0, "median": 3, "p95": 2, "most": 3}}}, "risk.inputs.outage", "ascending"),
        ({"inputs": {"outage": {"per_month": 0, "median": 1, "p95": 4, "most": 3}}}, "risk.inputs.outage", "ascending"),
        ({"inputs": {"outages": {}}}, "risk.inputs.outages", "write outage"),
        ([], "risk", "is not a mapping"),
    ],
)
def test_bad_input_is_refused_by_its_key(section: Any, path: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        platform({"risk": section})

    assert [p.path for p in refused.value.problems] == [path]
    assert says in str(refused.value)


def test_a_stack_may_leave_everything_to_the_defaults() -> None:
    stated = platform({"risk": {}})

    assert stated.risk is not None
    assert stated.risk.quantile == 0.99
    assert platform().risk is None
