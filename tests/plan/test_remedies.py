"""Every problem at once: who does all that one check asks for, to the letter, has no size left that is refused."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

import plan as planning
from config import Platform, Problem
from tests.sizing.platforms import SERVERS, on_one_lun, platform

SIZES = {
    "flow.messages_per_day": st.floats(1_000, 1e6),
    "flow.mean_message_kib": st.floats(1, 300),
    "flow.backlog_hours": st.floats(1, 150),
    "gateway.scan_memory_gib": st.sampled_from([3, 3.7, 6, 7.9]),
    f"{SERVERS['scanner-1']}.disks_gib": st.fixed_dictionaries({"system": st.integers(1, 40), "queue": st.integers(1, 400)}),
    f"{SERVERS['scanner-2']}.disks_gib": st.fixed_dictionaries({"queue": st.integers(1, 100)}),
    f"{SERVERS['mta-1']}.disks_gib": st.fixed_dictionaries({"directory": st.integers(1, 100)}),
    "snapshots.growth": st.sampled_from(["rate", "worst"]),
    "snapshots.hold_hours": st.floats(1, 72),
    "snapshots.memory": st.booleans(),
    "snapshots.concurrent_vms": st.integers(1, 4),
    "storage.free_fraction": st.floats(0.05, 0.5),
    "storage.granularity_gib": st.sampled_from([1, 64]),
    "storage.overheads.vmfs_fraction": st.sampled_from([0.005, 0.1]),
}
THIN = st.tuples(st.integers(50, 20_000), st.integers(20, 5_000)).map(
    lambda gib: {"storage.luns.shared.size_gib": gib[0], "storage.luns.shared.physical_gib": min(gib)}
)
_ASKED = (r"^write ([\d.]+) or more", r"^ask for ≥ (\d+) GiB", r"^have the array keep ≥ (\d+) GiB", r"^have the array keep (\d+) or more")


def sizes(found: Iterable[Problem]) -> list[Problem]:
    """The problems whose remedy is another size."""
    return [problem for problem in found if any(re.match(asked, problem.remedy) for asked in _ASKED)]


def to_the_letter(changes: dict[str, Any], found: Iterable[Problem]) -> dict[str, Any]:
    """The changes with what every remedy asks for."""
    done = dict(changes)

    def larger(path: str, gib: str) -> None:
        size = float(gib) if "." in gib else int(gib)
        done[path] = max(done.get(path, 0), size)

    for problem in found:
        path, _, key = problem.path.rpartition(".")
        larger(problem.path, next(match[1] for asked in _ASKED if (match := re.match(asked, problem.remedy))))
        if kept := re.search(r", (\d+) of them kept by the array", problem.remedy):
            larger(f"{path}.physical_gib", kept[1])
        if key == "physical_gib" and "let it show as much" in problem.remedy:
            larger(f"{path}.size_gib", str(done[problem.path]))
    return done


def problems(described: Platform) -> tuple[Problem, ...]:
    return planning.problems(described, planning.draft(described))


def assert_they_fit_together(changes: dict[str, Any]) -> None:
    found = sizes(problems(platform(changes)))
    apart = {path: value for path, value in changes.items() if not path.endswith(".disks_gib")}
    apart |= {f"{path}.{label}": gib for path, value in changes.items() if path.endswith(".disks_gib") for label, gib in value.items()}

    left = sizes(problems(platform(to_the_letter(apart, found))))

    assert [str(problem) for problem in left] == []


@settings(deadline=None, max_examples=60)
@given(st.fixed_dictionaries(SIZES), THIN)
def test_the_sizes_of_one_check_suffice_together(changes: dict[str, Any], thin: dict[str, Any]) -> None:
    assert_they_fit_together({**on_one_lun("scanner-1", "scanner-2", "mta-1"), **changes, **thin})


@settings(deadline=None, max_examples=8, phases=[Phase.explicit, Phase.generate])  # to find less takes minutes
@given(st.fixed_dictionaries(SIZES), THIN, st.sampled_from([0.9, 0.99]))
@example({}, {"storage.luns.shared.size_gib": 50, "storage.luns.shared.physical_gib": 50}, 0.9)
@example({f"{SERVERS['scanner-1']}.disks_gib": {"queue": 1}}, {"storage.luns.shared.size_gib": 200}, 0.99)
def test_also_at_a_risk(changes: dict[str, Any], thin: dict[str, Any], quantile: float) -> None:
    risk = {"risk": {"quantile": quantile, "scenarios": 1_000, "horizon_months": 12}}
    assert_they_fit_together({**on_one_lun("scanner-1", "scanner-2", "mta-1"), **changes, **thin, **risk})


def test_a_lun_is_asked_for_with_the_disks_and_the_memory_that_are_asked_for() -> None:
    """By hand: a LUN of a scanner whose queue needs more than its 1 GiB, and whose memory is 1.75 GiB too small for 5 GiB of scanning."""
    changes = {
        **on_one_lun("scanner-1", size_gib=60),
        f"{SERVERS['scanner-1']}.disks_gib": {"system": 20, "queue": 1},
        "gateway.scan_memory_gib": 5,
        "flow.messages_per_day": 100_000,
    }
    described = platform(changes)
    queue = next(d for d in planning.draft(described).sizing.disks if (d.vm, d.label) == ("scanner-1", "queue"))
    gib = 20 + queue.smallest_gib
    need = next(d for d in planning.draft(described).sizing.datastores if d.lun == "shared")

    assert queue.smallest_gib > 1 == queue.gib
    terms = {term.name: term for term in need.terms}
    assert (terms["disks"].gib, terms["disks"].formula) == (gib, f"(max(1, {queue.smallest_gib}) + 20) scanner-1 GiB")
    assert (terms["VM swap"].gib, terms["VM swap"].formula) == (5.75, "(max(4, 5.75) − 0) scanner-1 GiB")
    assert queue.written_per_day.gib > 0.15 * queue.smallest_gib
    assert terms["deltas of scanner-1"].gib == pytest.approx(20 * 0.15 + queue.written_per_day.gib + 2 / 64)
    (lun,) = (problem for problem in problems(described) if problem.path == "storage.luns.shared.size_gib")
    grown = f"scanner-1 queue {queue.smallest_gib} GiB for 1, memory of scanner-1 5.75 GiB for 4"
    assert lun.rule.endswith(f", with what is too small as large as it must be: {grown}")
