"""The verdict on a whole preview: levels, waivers, thresholds."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.findings import Level
from config.review import Review
from review import Verdict, judge, read, text
from review.gate import MIN_POPULATION
from review.preview import Preview
from tests.review.made import disk, machine, preview, step

PREVIEWS = Path(__file__).parent / "previews"
TODAY = date(2026, 11, 24)
DROPPED = preview(machine(old={"disks": [disk(uuid="df15")]}, new={"disks": []}))


def waiving(*names: str, until: str = "2026-11-24", rule: str = "disk-destroyed") -> Review:
    every = [{"what": what, "why": "moved by hand", "who": "Ada", "until": until, "rule": rule} for what in names]
    return Review.model_validate({"waivers": every})


def verdict(value: Preview, review: Review | None = None, **more: Any) -> Verdict:
    return judge(value, review or Review(), TODAY, **more).verdict


@pytest.mark.parametrize(
    ("file", "expected", "said"),
    [
        ("safe-disk-grown", Verdict.CHANGES, "Changes, none of them known to be unsafe (1 update)"),
        (
            "unsafe-label-dropped",
            Verdict.UNSAFE,
            "store/spool, 400 GiB (store/store_1.vmdk, df158511-a62f-57d5-8806-9c6f9b68f8a4): no longer",
        ),
        ("unsafe-vdisk-dirs", Verdict.UNSAFE, "VirtualDisk queue: replaced because of createDirectories"),
    ],
)
@pytest.mark.hazard("H4", "review", "`replaced`, with the edit that is the reason")
def test_previews_of_the_official_plugin(file: str, expected: Verdict, said: str) -> None:
    reviewed = judge(read(PREVIEWS / f"{file}.json"), Review(), TODAY)
    assert reviewed.verdict is expected
    assert said in text(reviewed)


def test_nothing_to_do_is_nothing() -> None:
    assert verdict(preview(machine("same"))) is Verdict.NOTHING
    assert verdict(preview()) is Verdict.NOTHING


def test_a_preview_that_failed_is_never_fine() -> None:
    assert verdict(preview(machine("same"), errors=("unable to replace",))) is Verdict.FAILED
    assert verdict(Preview(steps=DROPPED.steps, maybe_corrupt=True)) is Verdict.UNSAFE


def test_each_operation_that_changes_something_changes() -> None:
    for op in ("create", "update", "import"):
        assert verdict(preview(machine(op))) is Verdict.CHANGES


@pytest.mark.parametrize("what", ["store/spool", "df15"])
def test_a_waiver_lets_its_disk_pass_until_its_day(what: str) -> None:
    reviewed = judge(DROPPED, waiving(what), TODAY)
    assert reviewed.verdict is Verdict.CHANGES
    assert reviewed.findings[0].level is Level.NOTE
    assert "Waived by Ada until 2026-11-24: moved by hand" in text(reviewed)


def test_a_waiver_of_yesterday_holds_no_longer() -> None:
    reviewed = judge(DROPPED, waiving("store/spool", until="2026-11-23"), TODAY)
    assert reviewed.verdict is Verdict.UNSAFE
    assert "The waiver by Ada until 2026-11-23: moved by hand does not hold: its day is past" in text(reviewed)


@pytest.mark.parametrize(
    ("until", "expected"), [("2027-11-25", Verdict.CHANGES), ("2027-11-26", Verdict.UNSAFE), ("9999-12-31", Verdict.UNSAFE)]
)
def test_a_waiver_lasts_for_366_days_at_most(until: str, expected: Verdict) -> None:
    reviewed = judge(DROPPED, waiving("store/spool", until=until), TODAY)
    assert reviewed.verdict is expected
    assert ("does not hold: its day is more than 366 days ahead" in text(reviewed)) is (expected is Verdict.UNSAFE)


@pytest.mark.parametrize("rule", ["disk-detached", "disk-lost", "disks-unseen", "queue-unknown"])
def test_a_waiver_of_another_rule_lets_nothing_pass(rule: str) -> None:
    assert verdict(DROPPED, waiving("store/spool", rule=rule)) is Verdict.UNSAFE


@pytest.mark.parametrize(
    ("what", "rule", "said"),
    [
        ("store/spool", "disk-destroyed", False),
        ("store/queue", "disk-destroyed", True),
        ("store/spool", "disk-lost", True),
        ("store/spool", "queue-unknown", False),
        ("store/spool", "disk-mode", False),
    ],
)
def test_a_waiver_of_nothing_is_said_so_that_it_is_taken_out(what: str, rule: str, said: bool) -> None:
    """Of rules that a live check has too, a preview can't tell."""
    notes = [f for f in judge(DROPPED, waiving(what, rule=rule), TODAY).findings if f.rule == "waiver-unused"]
    assert [(f.level, f.subject) for f in notes] == ([(Level.NOTE, f"the waiver of {what}")] if said else [])


@pytest.mark.parametrize("what", ["store", "spool", "store/os", "DF15", "df1"])
def test_a_waiver_lets_nothing_else_pass(what: str) -> None:
    assert verdict(DROPPED, waiving(what)) is Verdict.UNSAFE


@pytest.mark.parametrize(
    ("seen", "waiver"),
    [
        (DROPPED, {"what": "store/spool", "rule": "disk-destroyed"}),
        (preview(machine(new={"disks": "[secret]"})), {"what": "store", "rule": "disks-unseen"}),
        (preview(machine("delete", old={"disks": []})), {"what": "store", "rule": "deleted"}),
    ],
)
def test_an_unsafe_finding_says_which_waiver_lets_it_pass(seen: Preview, waiver: dict[str, str]) -> None:
    (finding,) = judge(seen, Review(), TODAY).findings
    said = " and ".join(f"{key}: {value}" for key, value in waiver.items())
    assert finding.next_step.endswith(f"; if it is meant, the stack waives it in mailstead:review with {said}")
    assert verdict(seen, waiving(waiver["what"], rule=waiver["rule"])) is Verdict.CHANGES


def test_disposable_data_leaves_what_is_no_more_than_a_warning_as_it_is() -> None:
    moved = preview(machine(old={"datastoreId": "a"}, new={"datastoreId": "b"}))
    (finding,) = judge(moved, Review(), TODAY, disposable=True).findings
    assert (finding.rule, finding.level) == ("disk-moved", Level.WARNING)


@pytest.mark.parametrize("op", ["delete", "replace"])
def test_the_name_of_a_vm_waives_its_end_but_none_of_its_disks(op: str) -> None:
    two = preview(machine(op, old={"disks": [disk("os"), disk(uuid="df15"), disk("kept", keepOnRemove=True)]}))
    end = waiving("store", rule="deleted" if op == "delete" else "replaced").waivers
    each = waiving("store/os", "df15", rule="disk-lost").waivers
    assert verdict(two, Review(waivers=end)) is Verdict.UNSAFE
    assert verdict(two, Review(waivers=[*end, each[0]])) is Verdict.UNSAFE
    assert verdict(two, Review(waivers=each)) is Verdict.UNSAFE
    assert verdict(two, Review(waivers=[*end, *each])) is Verdict.CHANGES


def test_data_that_is_declared_disposable_may_go() -> None:
    assert verdict(DROPPED, disposable=True) is Verdict.CHANGES
    assert verdict(DROPPED, disposable=False) is Verdict.UNSAFE


def many(count: int, lost: int) -> Preview:
    kind = "vsphere:index/tag:Tag"
    gone = [step("delete", kind, f"gone-{n}", {}, None) for n in range(lost)]
    return preview(*gone, *(step("same", kind, f"kept-{n}", {}, {}) for n in range(count - lost)))


@pytest.mark.parametrize(("count", "lost", "unsafe"), [(10, 3, False), (10, 4, True), (9, 9, False), (100, 30, False), (100, 31, True)])
def test_many_losses_at_once_are_unsafe_whatever_they_are(count: int, lost: int, unsafe: bool) -> None:
    assert MIN_POPULATION == 10
    assert (verdict(many(count, lost)) is Verdict.UNSAFE) is unsafe


def test_resources_that_were_not_shown_count_as_there() -> None:
    shown = many(10, 4)
    assert verdict(preview(*shown.steps, hidden=3)) is Verdict.UNSAFE
    assert verdict(preview(*shown.steps, hidden=4)) is Verdict.CHANGES


def test_losses_without_a_state_count_among_them() -> None:
    bare = [one.model_copy(update={"old_state": None}) if one.op == "delete" else one for one in many(10, 4).steps]
    assert verdict(preview(*bare)) is Verdict.UNSAFE


def test_the_threshold_is_waived_by_its_name() -> None:
    assert verdict(many(10, 10), waiving("share-lost", rule="share-lost")) is Verdict.CHANGES


def test_a_replacement_is_found_once_though_it_has_three_steps() -> None:
    kept = {"disks": [disk(keepOnRemove=True)]}
    made: tuple[tuple[str, Any], ...] = (("delete-replaced", {}), ("replace", {"replace_reasons": ["clone"]}), ("create-replacement", {}))
    steps = [machine(op, old=kept, **more) for op, more in made]
    assert [f.rule for f in judge(preview(*steps), Review(), TODAY).findings] == ["replaced"]


labels = st.lists(st.sampled_from(["os", "spool", "queue", "index"]), unique=True)


@given(before=labels, after=labels)
def test_an_update_is_unsafe_exactly_when_a_label_is_lost(before: list[str], after: list[str]) -> None:
    units = {label: unit for unit, label in enumerate(["os", "spool", "queue", "index"])}
    old, new = ([disk(label, unitNumber=units[label]) for label in of] for of in (before, after))
    found = verdict(preview(machine(old={"disks": old}, new={"disks": new})))
    assert (found is Verdict.UNSAFE) is bool(set(before) - set(after))
