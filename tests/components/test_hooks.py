"""Hooks of VMs: what they hand to the last line, and that what is unsafe fails the step with words and no traceback."""

import asyncio
from typing import Any

import pulumi
import pytest

from components import hooks
from components.hooks import StepRefused, binding, disks, stated
from config.findings import Finding, Level


def finding(level: Level) -> Finding:
    return Finding(level, "rule", "campus-mta-1/queue", "is gone", "there", "Mail is lost", "Find it", ())


class Line:
    """Notes what it is asked, and answers as it is told."""

    def __init__(self, *answers: Finding) -> None:
        self.answers, self.asked = answers, list[tuple[Any, ...]]()

    def before_create(self, name: str) -> tuple[Finding, ...]:
        self.asked.append(("create", name))
        return self.answers

    def before_update(self, name: str, disks: hooks.Disks | None, stated: hooks.Stated | None) -> tuple[Finding, ...]:
        self.asked.append(("update", name, disks, stated))
        return self.answers


class Unregistered:
    """A hook without an engine."""

    def __init__(self, name: str, callback: Any) -> None:
        self.name, self.callback = name, callback


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "ResourceHook", Unregistered)


def run(made: pulumi.ResourceHookBinding, when: str) -> None:
    (hook,) = getattr(made, when)
    listed = [{"label": "queue", "unitNumber": 1.0}]
    had = [{"label": "orphaned_disk_0", "unitNumber": 1.0, "uuid": "6ee5"}]
    args = pulumi.ResourceHookArgs(
        "urn", "id", "campus-mta-1", "vm", new_inputs={"name": "mta", "disks": listed}, old_outputs={"name": "mta", "disks": had}
    )
    asyncio.run(hook.callback(args))


def test_each_step_asks_its_own_question_by_the_vm_s_name_in_vcenter() -> None:
    line = Line()
    made = binding(lambda: line, disposable=False)
    for when in ("before_create", "before_update"):
        run(made, when)
    assert line.asked == [("create", "mta"), ("update", "mta", {"queue": 1}, {"orphaned_disk_0": "6ee5"})]


@pytest.mark.parametrize("disposable", [True, False])
def test_none_stands_before_a_delete(disposable: bool) -> None:
    """The engine would then refuse a destroy without the program, and the program protects what a person has unprotected."""
    assert not binding(Line, disposable=disposable).before_delete


def test_what_is_asked_is_made_once_and_before_a_step_not_at_all() -> None:
    made: list[Line] = []

    def make() -> Line:
        made.append(Line())
        return made[-1]

    hooked = binding(make, disposable=False)
    assert made == []
    for when in ("before_create", "before_update", "before_update"):
        run(hooked, when)
    assert len(made) == 1


def test_of_disposable_data_only_what_is_made_is_looked_at() -> None:
    made = binding(Line, disposable=True)
    assert made.before_create
    assert not made.before_update


def test_what_is_unsafe_fails_the_step_in_words() -> None:
    made = binding(lambda: Line(finding(Level.UNSAFE), finding(Level.WARNING)), disposable=False)
    with pytest.raises(StepRefused, match=r"refused, and campus-mta-1 was not touched:\n(.|\n)*is gone; expected there") as refused:
        run(made, "before_update")
    assert "WARNING" not in str(refused.value)


def test_what_is_a_warning_is_said_and_the_step_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    run(binding(lambda: Line(finding(Level.WARNING)), disposable=False), "before_update")
    assert "is gone" in said[0]


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        (None, None),
        ({}, None),
        ({"disks": []}, {}),
        ({"disks": [{"label": "a"}]}, {"a": None}),
        ({"disks": [{"label": "a", "unitNumber": 0}]}, {"a": 0}),
        ({"disks": [{"unitNumber": 0}]}, None),
        ({"disks": "x"}, None),
        ({"disks": [1]}, None),
    ],
)
def test_disks_of_inputs(values: dict[str, Any] | None, seen: dict[str, int | None] | None) -> None:
    assert disks(values) == seen


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        (None, None),
        ({"disks": []}, {}),
        ({"disks": [{"label": "a", "uuid": "6ee5"}, {"label": "b"}, {"label": "c", "uuid": 1}]}, {"a": "6ee5", "b": "", "c": ""}),
        ({"disks": [{"uuid": "6ee5"}]}, None),
    ],
)
def test_disks_of_the_state(values: dict[str, Any] | None, seen: dict[str, str] | None) -> None:
    assert stated(values) == seen
