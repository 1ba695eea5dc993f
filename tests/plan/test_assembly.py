"""The whole plan: the same bytes for the same stack, and the goldens of the stacks."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from config.stackfile import read
from plan import draft, problems
from plan.model import SCSI_UNITS
from tests.conftest import Golden
from tests.plan.conftest import Edit

GOLDEN = Path(__file__).parents[1] / "golden"
STACKS = ["campus", "campus-2013", "campus-test", "demo"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_of_a_stack_is_its_golden(golden: Golden, edited: Edit, stack: str) -> None:
    plan = draft(edited(stack=stack)).model_dump(mode="json")
    plan.pop("files")  # each has a golden of its own

    golden(GOLDEN / stack / "plan.json", json.dumps(plan, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("stack", STACKS)
def test_the_files_of_a_stack_are_their_goldens(golden: Golden, edited: Edit, stack: str) -> None:
    files = draft(edited(stack=stack)).files

    assert len(files) == 3
    for name, text in files.items():
        golden(GOLDEN / stack / name, text)


def _shuffled(value: Any, order: random.Random) -> Any:
    """The same mapping with its keys in another order, at every depth."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: _shuffled(value[key], order) for key in keys}
    return value


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_the_order_of_keys_changes_no_byte_of_the_plan(seed: int) -> None:
    sections = read(config.locate("campus")).sections
    order = random.Random(seed)  # noqa: S311 - not for secrets

    assert draft(config.parse(_shuffled(dict(sections), order))).model_dump_json() == draft(config.parse(sections)).model_dump_json()


@given(scanners=st.integers(2, 8), balancers=st.integers(1, 4), hosts=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_placement_keeps_every_promise_or_says_which_it_breaks(scanners: int, balancers: int, hosts: int) -> None:
    sections: Any = {key: section for key, section in read(config.locate("campus")).sections.items() if key != "risk"}
    luns = ["mail-iscsi", "mail-fc"]
    sections["gateway"]["scanners"] = {f"scanner-{i}": {"address": f"192.0.2.{50 + i}", "lun": luns[i % 2]} for i in range(scanners)}
    sections["balancers"]["nodes"] = {f"balancer-{i}": {"address": f"192.0.2.{70 + i}", "lun": luns[i % 2]} for i in range(balancers)}
    sections["vsphere"]["hosts"] = [f"esx-{i}.campus.example" for i in range(hosts)]
    for lun in sections["storage"]["luns"].values():
        lun["size_gib"] = 60_000
    platform = config.parse(sections)
    plan = draft(platform)

    broken = {problem.path for problem in problems(platform, plan)}

    assert broken == ({"vsphere.hosts"} if hosts <= max(scanners, balancers, 2) else set())
    for role in plan.redundant_roles:
        members = plan.members(role)
        assert len({plan.datastore(vm.lun).fabric for vm in members}) == 2
        assert [set(rule.vms) for rule in plan.apart if rule.role is role] == [{vm.name for vm in members}]


AT_RISK = {"risk": {"quantile": 0.9, "scenarios": 2000, "horizon_months": 12}}
SLOW_SCANS = {"gateway.scan_seconds_per_message": 1.0}


def _problems(platform: config.Platform) -> tuple[config.Problem, ...]:
    return problems(platform, draft(platform))


def test_scanners_that_cannot_do_the_busy_hour_are_refused_with_the_arithmetic(edited: Edit) -> None:
    assert _problems(edited({"gateway.scan_seconds_per_message": 0.1})) == ()
    (problem,) = _problems(edited(SLOW_SCANS))

    assert (problem.path, problem.value) == ("gateway.scanners", "2 scanners")
    assert "245,009 × 0.15 ÷ 3,600 s × 1 s ÷ 0.7 = " in problem.rule


def test_what_is_too_small_at_the_stated_risk_is_refused_and_only_there(edited: Edit) -> None:
    long_outages = {"outage": {"per_month": 1, "median": 120, "p95": 120, "most": 120}}
    queue = "gateway.scanners.scanner-2.disks_gib.queue"
    tight = {"gateway.scanners.scanner-2.disks_gib": {"system": 20, "queue": 39}}

    assert _problems(edited(tight)) == ()
    found = {problem.path: problem for problem in _problems(edited({**tight, "risk": {**AT_RISK["risk"], "inputs": long_outages}}))}

    assert "of 2,000 scenarios within 12 months, and risk.quantile of 0.9 allows 10.00%" in found[queue].rule


def test_a_lun_that_is_too_small_for_two_reasons_is_one_problem_with_both(edited: Edit) -> None:
    small = {"storage.luns.mail-fc.size_gib": 120}
    (headroom,) = _problems(edited(small))

    (both,) = (p for p in _problems(edited({**small, **AT_RISK})) if p.path == headroom.path)

    assert both.rule.startswith(f"{headroom.rule}, and fills in ")
    assert both.remedy == headroom.remedy  # what is kept free makes it the larger of the two


def test_of_two_sizes_that_are_asked_for_the_larger_is_said(edited: Edit) -> None:
    small = {"gateway.scanners.scanner-2.disks_gib": {"system": 20, "queue": 30}}
    long_outages = {"outage": {"per_month": 1, "median": 120, "p95": 120, "most": 120}}
    (planned,) = _problems(edited(small))

    found = {problem.path: problem for problem in _problems(edited({**small, "risk": {**AT_RISK["risk"], "inputs": long_outages}}))}

    both = found[planned.path]
    assert planned.remedy == "write 39 or more, or leave it out"
    assert both.rule.startswith(f"{planned.rule}, and fills in ")
    assert both.remedy.count(" or more") == 1
    assert int(both.remedy.split()[1]) > 39
    assert both.enough_gib == int(both.remedy.split()[1])


def test_one_change_that_mends_two_rules_is_asked_for_once(edited: Edit) -> None:
    (problem,) = _problems(edited({"vsphere.hosts": ["esx-1.campus.example"]}))

    assert [problem.rule.count(role) for role in ("scanner servers", "directory servers", "balancer servers")] == [1, 1, 1]


def test_the_campus_holds_at_the_risk_that_it_states() -> None:
    campus = config.load(config.locate("campus"))

    assert campus.risk is not None
    assert campus.risk.quantile == 0.99
    assert _problems(campus) == ()


@pytest.mark.parametrize(("risk", "loaded"), [("None", False), ("{'scenarios': 1000, 'quantile': 0.9}", True)])
def test_a_stack_without_risk_does_not_wait_for_numpy(risk: str, loaded: bool) -> None:
    program = (
        "import sys, config, plan; from config.stackfile import read\n"
        f"sections = {{**read(config.locate('campus')).sections, 'risk': {risk}}}\n"
        "platform = config.parse({key: value for key, value in sections.items() if value is not None})\n"
        "plan.problems(platform, plan.draft(platform)); sys.exit('numpy' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == loaded


def test_every_disk_label_has_a_unit_of_its_own() -> None:
    """Else an edit of a server's roles could put one kind of data where another is."""
    labels = [label for labels in config.roles.DISK_LABELS.values() for label in labels]

    assert set(labels) == set(SCSI_UNITS)
    assert len(set(SCSI_UNITS.values())) == len(SCSI_UNITS)
    assert SCSI_UNITS["system"] == 0, "a template's disk is on it"
    assert max(SCSI_UNITS.values()) < 7, "unit 7 is the controller's own"
    for stack in STACKS:
        for vm in draft(config.load(config.locate(stack))).vms:
            assert len({disk.unit for disk in vm.disks}) == len(vm.disks)
