"""What-ifs: each key changes what it says, they go together in any order, and one that can't be is refused by its own key."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Platform, Refused
from config.scenarios import Scales, Scenario, Sets
from sizing import compare, size, what_if
from sizing.scenarios import each_and_all
from tests.sizing.platforms import UNTIMED, datastore, disk, gib, platform

SETTING = {
    "growth_per_year": 0.3, "planning_years": 5, "spam_share": 0.7, "rejected_spam_share": 0.5, "busy_hour_share": 0.2,
    "backlog_hours": 100, "quarantine_days": 14, "audit_log_days": 1095, "log_days": 60, "deleted_days": 30, "redo_log_days": 2,
    "retention_days": 1095, "growth": "worst", "hold_hours": 48, "per_disk": 2, "fabric_down": "fc",
}  # fmt: skip
SCALING = {name for name, field in Scenario.model_fields.items() if any(isinstance(m, Scales) for m in field.metadata)}
ISCSI = {"naa": "naa.60003ff44dc75adc0000000000000009", "size_gib": 4000, "fabric": "iscsi"}
APART = {"storage.luns.other": ISCSI, "gateway.scanners.scanner-2.lun": "other", "balancers.nodes.balancer-2.lun": "other"}


def imagined(scenarios: dict[str, Any], changes: dict[str, Any] | None = None) -> Platform:
    """The platform with these scenarios in its stack."""
    return platform({"scenarios": scenarios, **(changes or {})})


def target(name: str) -> tuple[str, str]:
    """The section and key that a key of a scenario changes."""
    found = next(m for m in Scenario.model_fields[name].metadata if isinstance(m, Sets | Scales))
    return found.section, found.key


def told(scenarios: dict[str, Any], changes: dict[str, Any] | None = None) -> list[str]:
    """What a stack with these scenarios is refused for."""
    with pytest.raises(Refused) as refused:
        imagined(scenarios, changes)
    return [str(problem) for problem in refused.value.problems]


def test_every_key_of_the_vocabulary_changes_one_that_there_is() -> None:
    changing = set(Scenario.model_fields) - {"title", "combines"}
    assert changing == set(SETTING) | SCALING | {"change_per_day"}
    for name in changing:
        section, key = target(name)
        assert key in type(getattr(platform(), section)).model_fields
    assert len({target(name) for name in changing}) == len(changing), "no value is changed by two keys"


@pytest.mark.parametrize("name", SETTING)
def test_a_key_sets_its_value_and_nothing_else(name: str) -> None:
    before = imagined({"x": {name: SETTING[name]}})
    section, key = target(name)
    assert getattr(getattr(before, section), key) != SETTING[name]
    expected = platform({f"{section}.{key}": SETTING[name]})
    assert what_if(before, "x").model_copy(update={"scenarios": {}}) == expected


@pytest.mark.parametrize("name", sorted(SCALING))
def test_a_factor_multiplies_its_value_and_nothing_else(name: str) -> None:
    before = imagined({"x": {name: 1.3}})
    section, key = target(name)
    value = getattr(getattr(before, section), key)
    expected = platform({f"{section}.{key}": value * 1.3})
    assert what_if(before, "x").model_copy(update={"scenarios": {}}) == expected


@pytest.mark.parametrize(("factor", "users"), [(1.1, 13_200), (1.00001, 12_001), (0.5, 6_000), (1e-9, 1)])
def test_what_comes_whole_is_rounded_up(factor: float, users: int) -> None:
    assert what_if(imagined({"x": {"users_factor": factor}}, {"spool.users": 12_000}), "x").spool.users == users


def test_writes_are_set_for_the_roles_that_are_named() -> None:
    described = imagined({"x": {"change_per_day": {"scanner": 0.5}}}, {"snapshots.change_per_day": {"scanner": 0.1, "mta": 0.2}})
    assert what_if(described, "x").snapshots.change_per_day == {"scanner": 0.5, "mta": 0.2}


PARTS: dict[str, dict[str, Any]] = {
    "flow": {"messages_factor": 1.3},
    "mail": {"messages_factor": 1.7, "message_size_factor": 2, "users_factor": 1.1},
    "quota": {"quota_factor": 3},
    "keep": {"audit_log_days": 1095, "retention_days": 1095},
    "outage": {"backlog_hours": 96, "change_per_day": {"scanner": 0.4}},
    "agrees": {"backlog_hours": 96, "change_per_day": {"mta": 0.4}},
    "lots": {"combines": ["flow", "mail"], "recipients_factor": 2},
}


@UNTIMED
@given(st.lists(st.sampled_from(sorted(PARTS)), max_size=5))
def test_the_order_of_scenarios_and_their_repetition_are_of_no_account(names: list[str]) -> None:
    described = imagined(PARTS)
    expected = what_if(described, *sorted(set(names)))
    assert all(what_if(described, *order) == expected for order in list(permutations(names))[:8])


def test_scenarios_together_multiply_their_factors() -> None:
    described = imagined(PARTS)
    once = described.flow.messages_per_day
    assert what_if(described, "flow").flow.messages_per_day == pytest.approx(1.3 * once)
    assert what_if(described, "flow", "mail").flow.messages_per_day == pytest.approx(1.3 * 1.7 * once)
    assert what_if(described, "lots") == what_if(described, "lots", "flow", "mail", "flow")
    assert what_if(described, "lots").flow.recipients_per_message == 3


def test_no_scenario_changes_nothing() -> None:
    assert what_if(imagined(PARTS)) == imagined(PARTS)


def test_a_change_reaches_the_sizes() -> None:
    described = imagined({"keep": {"audit_log_days": 90}, "twice": {"messages_factor": 2}})
    kept = gib(disk(size(described), "scanner-1", "queue"), "message audit log")
    outcomes = compare(described, ("keep",), ("twice", "keep")).outcomes
    found = [gib(disk(outcome.sizing, "scanner-1", "queue"), "message audit log") for outcome in outcomes]
    assert found == pytest.approx([kept, 3 * kept, 6 * kept])


def test_every_scenario_of_the_stack_is_compared_with_the_platform_as_described() -> None:
    described = imagined({"b": {"messages_factor": 2, "title": "twice the mail"}, "a": {"audit_log_days": 60}})
    outcomes = compare(described).outcomes
    assert [(outcome.scenarios, outcome.title) for outcome in outcomes] == [
        ((), "as described"),
        (("b",), "twice the mail"),
        (("a",), "a"),
    ]
    assert outcomes[0].sizing == size(described)
    assert outcomes[1].sizing == size(what_if(described, "b"))
    assert compare(described, ("a", "b", "a")).outcomes[1].title == "a and twice the mail"


@pytest.mark.parametrize(
    ("names", "combinations"),
    [([], ()), (["a"], (("a",),)), (["a", "a"], (("a",),)), (["a", "b"], (("a",), ("b",), ("a", "b")))],
)
def test_named_scenarios_are_compared_each_and_all(names: list[str], combinations: tuple[tuple[str, ...], ...]) -> None:
    assert each_and_all(names) == combinations


def test_the_servers_of_a_fabric_that_is_down_leave_their_load_to_the_others() -> None:
    """Three scanners, two on the fabric that is lost: the third carries all of what it shared with one before."""
    third = {"gateway.scanners.scanner-3": {"address": "192.0.2.23", "lun": "other"}}
    outcomes = compare(imagined({"down": {"fabric_down": "iscsi"}}, {**APART, **third}), ("down",)).outcomes
    assert (outcomes[0].servers_down, outcomes[0].roles_stopped) == ((), ())
    assert outcomes[1].servers_down == ("balancer-2", "scanner-2", "scanner-3")
    assert outcomes[1].roles_stopped == ()
    before, after = (disk(outcome.sizing, "scanner-1", "queue") for outcome in outcomes)
    for term in ("queue while the spool is down", "message audit log", "logs", "hold for a second virus scan"):
        assert gib(after, term) == pytest.approx(2 * gib(before, term))


def test_a_fabric_that_carries_a_whole_role_stops_it() -> None:
    outcome = compare(imagined({"down": {"fabric_down": "fc"}}, APART), ("down",)).outcomes[1]
    assert [str(role) for role in outcome.roles_stopped] == ["control-center", "directory", "log-archive", "mailbox", "mta"]


def test_one_lost_mailbox_server_stops_its_users() -> None:
    second = {"spool.mailboxes.mailbox-2": {"address": "192.0.2.33", "lun": "other"}}
    outcome = compare(imagined({"down": {"fabric_down": "iscsi"}}, {**APART, **second}), ("down",)).outcomes[1]
    assert outcome.roles_stopped == ("mailbox",)


def test_disks_that_are_declared_stay_as_declared() -> None:
    declared = {"gateway.scanners.scanner-1.disks_gib": {"system": 20, "queue": 5}}
    outcome = compare(imagined({"keep": {"audit_log_days": 3650, "messages_factor": 100}}, declared), ("keep",)).outcomes[1]
    need = disk(outcome.sizing, "scanner-1", "queue")
    assert need.gib == 5 < need.need_gib
    assert gib(datastore(outcome.sizing, "all"), "disks") > 5


@pytest.mark.parametrize(
    ("scenarios", "problem"),
    [
        ({"x": {"combines": ["mor"]}, "more": {"log_days": 2}}, "scenarios.x.combines.0: mor is not a scenario of scenarios; write more"),
        ({"x": {"fabric_down": "iscsi"}}, "scenarios.x.fabric_down: iscsi carries no LUN of storage.luns; use one of: fc"),
        ({"x": {"messages_facto": 2}}, "scenarios.x.messages_facto: messages_facto is not a known key; write messages_factor"),
        ({"x": {"messages_factor": 0}}, "scenarios.x.messages_factor: 0 is not more than 0; write a number above 0"),
        ({"x": {"backlog_hours": "72h"}}, "scenarios.x.backlog_hours: 72h is not a number; write a bare number without quotes or unit"),
        ({"X": {"messages_factor": 2}}, "scenarios.X: X is not a name of lower-case letters"),
        ({"x": {"title": "nothing"}}, "scenarios.x: x changes nothing; give it one or more of: combines, messages_factor"),
        ({"x": {"combines": ["x"], "log_days": 2}}, "scenarios.x.combines.0: x combines x in turn; leave this entry out, or that one"),
        (
            {"x": {"messages_factor": 1e12}},
            "scenarios.x.messages_factor: 1000000000000 makes flow.messages_per_day 1000000000000000, which is more than 1000000000000; "
            "there write 1000000000000 or less",
        ),
        (
            {"x": {"planning_years": 31}},
            "scenarios.x.planning_years: 31 is more than 30 years; write 30 or less",
        ),
        (
            {"x": {"hold_hours": 48, "combines": ["y"]}, "y": {"hold_hours": 24}},
            "scenarios.y.hold_hours: 24 is not what scenarios.x.hold_hours sets snapshots.hold_hours to, which is 48; "
            "put only scenarios together that agree",
        ),
        (
            {"x": {"change_per_day": {"mta": 1}, "combines": ["y"]}, "y": {"change_per_day": {"scanner": 1, "mta": 2}}},
            "scenarios.y.change_per_day: 2 is not what scenarios.x.change_per_day sets snapshots.change_per_day to, which is 1; "
            "put only scenarios together that agree",
        ),
    ],
)  # fmt: skip
def test_a_scenario_that_can_not_be_is_refused_by_its_own_key(scenarios: dict[str, Any], problem: str) -> None:
    found = told(scenarios)
    assert len(found) == 1, found
    assert found[0].startswith(problem)


def test_scenarios_that_combine_one_another_in_a_circle_are_refused_at_each_and_others_are_not() -> None:
    circle = {"x": {"combines": ["y"]}, "y": {"combines": ["z"]}, "z": {"combines": ["once", "x"]}, "once": {"log_days": 2}}
    assert [line.partition(";")[0] for line in told({**circle, "outside": {"combines": ["x"]}})] == [
        "scenarios.x.combines.0: y combines x in turn",
        "scenarios.y.combines.0: z combines y in turn",
        "scenarios.z.combines.1: x combines z in turn",
    ]
    assert imagined({"x": {"combines": ["y", "once"]}, "y": {"combines": ["once"]}, "once": {"log_days": 2}}).scenarios


def test_a_number_that_is_computed_is_told_without_an_exponent() -> None:
    (problem,) = told({"x": {"messages_factor": 1e12}}, {"flow.messages_per_day": 200_000})
    assert " makes flow.messages_per_day 200000000000000000, which is more than " in problem


def test_a_fabric_to_size_for_must_carry_a_lun() -> None:
    assert told({}, {"storage.lost_fabric": "iscsi"}) == ["storage.lost_fabric: iscsi carries no LUN of storage.luns; use one of: fc"]


def test_all_scenarios_are_refused_at_once_and_beside_other_sections() -> None:
    scenarios = {"x": {"messages_factor": 1e10}, "y": {"quota_factor": 1e12, "users_factor": 1e12}, "z": {"log_days": 3}}
    found = told(scenarios, {"flow.spam_share": 2, "spool.quota_gib": 10})
    assert [line.split(":")[0] for line in found] == ["flow.spam_share", "scenarios.y.quota_factor", "scenarios.y.users_factor"]


def test_names_that_are_not_scenarios_of_the_stack_are_refused_together() -> None:
    with pytest.raises(Refused) as refused:
        what_if(imagined({"more": {"messages_factor": 2}}), "mor", "more", "zzz")
    assert [str(problem) for problem in refused.value.problems] == [
        "scenarios: mor is not a scenario of the stack; write more",
        "scenarios: zzz is not a scenario of the stack; use one of: more",
    ]


def test_scenarios_that_contradict_one_another_can_stand_in_a_stack_but_not_together() -> None:
    described = imagined({"a": {"fabric_down": "fc"}, "b": {"fabric_down": "iscsi"}}, APART)
    assert len(compare(described).outcomes) == 3
    with pytest.raises(Refused, match=r"b.fabric_down: iscsi is not what scenarios.a.fabric_down sets storage.lost_fabric to"):
        what_if(described, "a", "b")


def test_outcomes_of_one_title_are_told_apart() -> None:
    """Two columns of one name say nothing: where a title is another outcome's too, the scenarios' names stand beside it."""
    titled = {"as": "as described", "one": "more", "two": "more", "three": "less"}
    scenarios = {name: {"title": title, "messages_factor": 2} for name, title in titled.items()}
    titles = [outcome.title for outcome in compare(platform({"scenarios": scenarios})).outcomes]
    assert titles == ["as described", "as described (as)", "more (one)", "more (two)", "less"]
