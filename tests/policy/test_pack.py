"""From the engine's questions to its findings: levels, waivers, what a stack has declared disposable, what can't be seen."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import (
    EnforcementLevel,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_BOOLEAN_VALUE, UnknownValueError, unknown_checking_proxy

from config import Problem
from config.review import Exemption
from policy.findings import Breach, standing
from policy.pack import RULES, policies
from policy.resources import PLATFORM, whole
from policy.settings import Headroom, Hosts, Settings
from policy.sight import says_what_it_cannot_see
from review.disks import MACHINE
from review.preview import UNKNOWN
from review.stateful import APART
from tests.policy.made import TODAY, disk, own, said, urn, vm

PAGE = Path("docs/policy.md")
ROOT = "pulumi:pulumi:Stack"
PLAIN_VM = {"name": "mx", "disks": [disk("system", unit=0), disk("spool")]}
PARENT = urn(PLATFORM, "mail")
CHILD = urn(f"{PLATFORM}${MACHINE}", "mx")


def options(parent: str = "") -> PolicyResourceOptions:
    return PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], parent)


def question(kind: str, at: str, props: dict[str, Any], parent: str = "", config: Any = None) -> ResourceValidationArgs:
    return ResourceValidationArgs(kind, unknown_checking_proxy(props), at, "mx", options(parent), None, config)


def asked(*questions: ResourceValidationArgs, rule: str = "keep-on-remove") -> list[str]:
    """What a rule says to questions about resources, in the engine's order."""
    (policy,) = (each for each in policies() if each.name == rule)
    assert isinstance(policy, ResourceValidationPolicy)
    reported: list[str] = []

    def report(text: str, _urn: str | None = None) -> None:
        reported.append(text)

    for each in questions:
        policy.validate(each, report)
    return reported


def test_a_stack_that_has_declared_its_data_disposable_is_asked_nothing_and_any_other_is() -> None:
    child = question(MACHINE, CHILD, PLAIN_VM, PARENT)
    assert asked(question(PLATFORM, PARENT, {"disposable": True}), child) == []
    assert len(asked(question(PLATFORM, PARENT, {}), child)) == 1
    assert len(asked(question("other:index:Component", PARENT, {"disposable": True}), child)) == 1


def test_a_wrong_configuration_is_said_once_and_no_rule_is_judged_by_it() -> None:
    wrong = {"sytem": ["os"]}
    root, machine = question(ROOT, urn(ROOT, "s"), {}, config=wrong), question(MACHINE, urn(MACHINE, "mx"), PLAIN_VM, config=wrong)
    assert asked(root, machine, machine) == ["keep-on-remove.sytem: sytem is not a known key; write system"]


def test_unknown_values_reach_the_rules_and_make_an_advisory_finding() -> None:
    unsure = {"name": "mx", "disks": [disk("os", unit=0), disk("spool", keepOnRemove=UNKNOWN_BOOLEAN_VALUE)]}
    with pytest.raises(UnknownValueError) as raised:
        asked(question(MACHINE, urn(MACHINE, "mx"), unsure))
    assert raised.value.message.endswith("mx/spool, 100 GiB: whether keepOnRemove is true is known only after the apply")


def test_a_whole_stack_is_plain_data_in_the_order_of_its_urns() -> None:
    store = PolicyResource("t", {}, urn("t", "b"), "b", options(), None, None, [], {})
    machine = PolicyResource(
        MACHINE, unknown_checking_proxy({"name": UNKNOWN, "n": [1]}), urn(MACHINE, "a"), "a", options(), None, None, [], {"disks": [store]}
    )
    first, second = whole([machine, store])
    assert (first.name, second.title, second.values, second.needs) == ("b", "a", {"name": UNKNOWN, "n": [1]}, {"disks": (store.urn,)})


@pytest.mark.parametrize("asked_before", [True, False])
def test_what_the_engine_leaves_out_of_a_whole_stack_is_unknown_and_no_breach(asked_before: bool) -> None:
    """In a preview the engine shows neither ids nor a flag that only the apply tells; it showed them as unknown when it asked before."""
    machines = [PolicyResource(MACHINE, each.values, each.urn, each.name, options(), None, None, [], {}) for each in (vm("a"), vm("b"))]
    at, needs = urn(APART, "mx"), {"virtualMachineIds": machines, "mandatory": machines[:1]}
    rule = PolicyResource(APART, {"name": "mx", "enabled": True}, at, "mx", options(), None, None, [], needs)
    pack = {each.name: each for each in policies()}
    one, all_of_them = pack["keep-on-remove"], pack["host-spread"]
    assert isinstance(one, ResourceValidationPolicy)
    assert isinstance(all_of_them, StackValidationPolicy)
    reported: list[str] = []

    def report(text: str, _at: str | None = None) -> None:
        reported.append(text)

    if asked_before:
        one.validate(question(APART, at, {"virtualMachineIds": [UNKNOWN, UNKNOWN], "mandatory": UNKNOWN_BOOLEAN_VALUE}), report)
    with pytest.raises(UnknownValueError) as raised:
        all_of_them.validate(StackValidationArgs([*machines, rule], {"hosts": 3.0}), report)
    assert reported == []
    said = "mx: whether mx keeps its VMs apart" if asked_before else "mx: which of a, b it keeps apart"
    assert raised.value.message.endswith(f"{said} is known only after the apply")


def test_breaches_of_a_stack_are_reported_with_their_resource() -> None:
    machines = [PolicyResource(MACHINE, each.values, each.urn, each.name, options(), None, None, [], {}) for each in (vm("a"), vm("b"))]
    config = {"hosts": 3.0, "roles": {"mx": ["a", "b"]}}
    (policy,) = (each for each in policies() if each.name == "host-spread")
    assert isinstance(policy, StackValidationPolicy)
    reported: list[str | None] = []

    def report(_text: str, at: str | None = None) -> None:
        reported.append(at)

    policy.validate(StackValidationArgs(machines, config), report)
    assert reported == [machines[1].urn]


@pytest.mark.parametrize(("days", "passes"), [(0, True), (1, True), (366, True), (367, False), (-1, False)])
def test_a_waiver_holds_until_its_last_day_and_is_named_from_then_on(days: int, passes: bool) -> None:
    breach = Breach(Problem("mx", "x", "is wrong", "mend it"), ("mx", "mx/spool"))
    waiver = Exemption(what="mx/spool", why="moved", who="Ada", until=TODAY + timedelta(days))
    found = [text for text, _ in standing([breach], [waiver], TODAY)]
    assert found == ([] if passes else [f"mx: x is wrong; mend it (the waiver by Ada does not hold: {waiver.until} {waiver.over(TODAY)})"])
    assert len(list(standing([breach], [waiver.model_copy(update={"what": "other"})], TODAY))) == 1


def test_what_no_configuration_can_tell_is_said_of_other_programs_only() -> None:
    (text,) = said(says_what_it_cannot_see([vm(f"mx-{n}") for n in range(7)], Settings()))
    assert text.startswith("retain_on_delete: of mx-0, mx-1, mx-2, mx-3, mx-4 and 2 more is not shown to policies")
    assert said(says_what_it_cannot_see([own("mx")], Settings())) == []


def test_numbers_of_the_engine_are_taken_as_they_were_written() -> None:
    hosts, problems = Hosts.given("host-spread", {"hosts": 3.0})
    assert (hosts and hosts.hosts, problems) == (3, [])
    _, problems = Headroom.given("r", {"snapshots": {"change_per_day": {"scanner": 0.1}}})
    assert [problem.path for problem in problems] == ["r.snapshots"]


def test_the_page_has_every_rule_with_its_level() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (mandatory|advisory) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {rule.name: rule.level.value for rule in RULES}
    assert {EnforcementLevel.MANDATORY, EnforcementLevel.ADVISORY} == {rule.level for rule in RULES}


def test_the_page_has_every_setting_of_every_rule() -> None:
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {name for rule in RULES for name in rule.settings.model_fields}
