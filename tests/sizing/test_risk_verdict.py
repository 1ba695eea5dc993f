"""What risk advises where something is too small: the key that is too small, and a size that a LUN can have."""

import re
from typing import Any

import pytest

from config import load, locate
from sizing.risk import problems, risk
from tests.sizing.platforms import on_one_lun, platform
from tests.sizing.uncertainty import at_risk, certain

HUGE = {"gateway.scanners.scanner-1.memory_gib": 6000, "snapshots.per_disk": 30}


@pytest.mark.parametrize(
    ("shown", "kept", "more", "key", "remedy"),
    [
        (400, 30, {}, "physical_gib", r"have the array keep 36 or more \(± 0\.0 GiB\)$"),
        (36, 30, {}, "physical_gib", r"have the array keep 36 or more \(± 0\.0 GiB\)$"),
        (35, 30, {}, "physical_gib", r"have the array keep 36 or more \(± 0\.0 GiB\), and let it show as much: size_gib is 35$"),
        (30, 30, {}, "physical_gib", r"have the array keep 36 or more \(± 0\.0 GiB\), and let it show as much: size_gib is 30$"),
        (400, 30, HUGE, "physical_gib", r"move a server to another LUN: it would have to be 187\d{3} or more .* larger than 65536 GiB$"),
    ],
)
def test_a_remedy_names_the_size_that_is_too_small(shown: float, kept: float, more: dict[str, Any], key: str, remedy: str) -> None:
    """Of a thin LUN what the array keeps, and also what it shows if that is less than is needed."""
    thin = {**on_one_lun("scanner-1", size_gib=shown), "storage.luns.shared.physical_gib": kept, "snapshots.memory": True}
    given = platform({**thin, **more})

    found = {p.path: p for p in problems(at_risk(given, certain(given), horizon_months=12))}

    assert re.match(remedy, found[f"storage.luns.shared.{key}"].remedy)


def test_a_thin_lun_that_the_array_keeps_enough_for_is_no_problem() -> None:
    given = platform({**on_one_lun("scanner-1", size_gib=400), "storage.luns.shared.physical_gib": 36, "snapshots.memory": True})

    assert not [p for p in problems(at_risk(given, certain(given), horizon_months=12)) if p.path.startswith("storage.luns.shared")]


@pytest.mark.parametrize(("step", "ask"), [(1, 36), (36, 36), (35, 70), (100, 100)])
def test_a_remedy_is_a_size_that_the_array_can_cut(step: int, ask: int) -> None:
    given = platform({**on_one_lun("scanner-1", size_gib=30), "storage.granularity_gib": step, "snapshots.memory": True})

    found = {p.path: p for p in problems(at_risk(given, certain(given), horizon_months=12))}

    problem = found["storage.luns.shared.size_gib"]
    assert problem.remedy.startswith(f"write {ask} or more")
    assert problem.enough_gib == ask


def test_no_disk_is_asked_to_be_larger_than_a_disk_can_be() -> None:
    kept = {"log_archive.retention_days": 36_500, "log_archive.node.disks_gib": {"archive": 60_000}}
    given = platform({"flow.messages_per_day": 20_000_000, **kept})

    found = [p for p in problems(at_risk(given, certain(given), horizon_months=12)) if p.path.endswith("disks_gib.archive")]

    assert [re.sub(r"\d{5,}", "N", p.remedy.partition("; ")[0]) for p in found] == [
        "spread the load over more servers: it would have to be N or more (± 0.0 GiB), and no disk can be larger than N GiB"
    ]


def test_an_answer_that_is_handed_over_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    given = at_risk(platform(on_one_lun("scanner-1", size_gib=30)))
    answer, said = risk(given), list(problems(given))
    monkeypatch.setattr("sizing.risk.verdict.risk", lambda _: pytest.fail("computed again"))

    assert list(problems(given, answer)) == said != []


def test_the_campus_is_as_sure_as_it_wants_to_be() -> None:
    assert list(problems(load(locate("campus")))) == []
