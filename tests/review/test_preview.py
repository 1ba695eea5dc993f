"""Reading what the engine prints, and saying why it can't be read."""

import json
import random
from pathlib import Path

import pytest

from review import Unreadable, parse, read
from review.disks import MACHINE
from review.preview import KNOWN, State, Step

PREVIEWS = Path(__file__).parent / "previews"
PLATFORM = "mailstead:platform:MailPlatform"
SAMPLE = (PREVIEWS / "unsafe-label-dropped.json").read_bytes()


@pytest.mark.parametrize("file", sorted(PREVIEWS.glob("*.json")), ids=lambda file: file.stem)
def test_reads_the_official_plugins_previews(file: Path) -> None:
    made = read(file)
    assert [step.op for step in made.steps] == [step["op"] for step in json.loads(file.read_text(encoding="utf-8"))["steps"]]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (SAMPLE[:-100], "is cut short"),
        (b"error: no stack selected", "is no JSON: "),
        (b"[]", "is no preview: the whole: "),
        (b"{}", "is no preview: steps: Field required"),
        (b'{"version": 3, "deployment": {}}', "is no preview: steps: Field required"),
        (b'{"steps": [{"op": 7, "urn": "u"}]}', "is no preview: steps.0.op: "),
        (b'{"steps": [{"op": "teleport", "urn": "u"}]}', r"has operations that this version does not know \(teleport\)"),
        (b'{"sequence": 0, "preludeEvent": {}}\n{"sequence": 1}', "is a stream of events"),
        (b'{"steps": ' + b"[" * 500_000, "is (no preview: it is nested too deeply|cut short)"),
        (b'{"steps": ' + b"[" * 500_000 + b"]" * 500_000 + b"}", "is no preview: it is nested too deeply"),
        (b'{"steps": null}', "is no preview: steps: "),
        (b'{"diagnostics": []}', "is no preview: steps: Field required"),
        (b'{"steps": [], "steps": []}', "is no preview: steps stands twice in one object"),
        (SAMPLE.replace(b'"label": "os"', b'"label": "os", "label": "spool"'), "is no preview: label stands twice in one object"),
        (b'{"steps": [], "duration": NaN}', "is no preview: NaN is no number that the engine writes"),
        (b'{"steps": [], "duration": -Infinity}', "is no preview: -Infinity is no number that the engine writes"),
        (b'{"steps": [], "duration": 1e999}', "is no preview: 1e999 is no number that the engine writes"),
        (b'{"steps": [], "duration": ' + b"9" * 26 + b"}", "is no preview: a number of 26 digits is no number that the engine writes"),
        (b'{"steps": [], "duration": ' + b"9" * 5000 + b"}", "is no preview: a number of 5000 digits"),
        (b'{"steps": [], "x": "\xff"}', "is no JSON: not all of it is text"),
        (b'{"steps": [], "x": "\\ud800"}', "is no JSON: not all of it is text"),
        (b"\xff\xfe\x00", "is no JSON: not all of it is text"),
    ],
)
def test_says_what_a_file_is_that_is_no_preview(text: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=f"^the preview {why}.*pulumi preview --json --show-sames$"):
        parse(text)


@pytest.mark.parametrize("op", ["delete", "update", "replace", "create", "teleport"])
def test_fewer_operations_than_are_counted_are_no_preview(op: str) -> None:
    shown = [{"op": op, "urn": "u"}] if op in KNOWN else []
    with pytest.raises(Unreadable, match=rf"it shows other operations than it counts \({op}: {len(shown)} of 2\)"):
        parse(json.dumps({"steps": shown, "changeSummary": {op: 2, "same": 2}}).encode())


@pytest.mark.parametrize("op", ["delete", "update", "replace", "create", "import", "same"])
@pytest.mark.parametrize("counted", [0, 1])
def test_more_operations_than_are_counted_are_no_preview(op: str, counted: int) -> None:
    count = {op: counted} if counted else {}
    shown = [{"op": op, "urn": f"u{n}"} for n in range(2)]
    with pytest.raises(Unreadable, match=rf"incomplete, or was edited: .*\({op}: 2 of {count.get(op, 0)}\)"):
        parse(json.dumps({"steps": shown, "changeSummary": count}).encode())
    assert len(parse(json.dumps({"steps": shown, "changeSummary": {op: 2}}).encode()).steps) == 2


def test_what_a_refresh_looks_at_and_the_parts_of_a_replacement_are_not_counted() -> None:
    shown = ["refresh", "read", "create-replacement", "replace", "delete-replaced"]
    text = json.dumps({"steps": [{"op": op, "urn": "u"} for op in shown], "changeSummary": {"replace": 1}}).encode()
    assert [step.op for step in parse(text).steps] == shown


def test_of_a_preview_that_failed_the_reason_counts_and_not_what_is_missing() -> None:
    failed = {"diagnostics": [{"severity": "error", "message": "no stack"}], "changeSummary": {"same": 1}}
    assert parse(json.dumps(failed).encode()).errors == ("no stack",)
    assert parse(json.dumps(failed | {"steps": [{"op": "delete", "urn": "u"}]}).encode()).errors == ("no stack",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_an_encoding_that_a_shell_may_write_is_read(encoding: str) -> None:
    assert len(parse(SAMPLE.decode().encode(encoding)).steps) == 3


@pytest.mark.parametrize("name", ["store", "store::2", "a::vsphere:index/folder:Folder::b"])
def test_a_name_may_hold_what_separates_the_parts_of_a_urn(name: str) -> None:
    step = Step(op="delete", urn=f"urn:pulumi:dev::mail::{PLATFORM}${MACHINE}::{name}")
    assert (step.name, step.type) == (name, MACHINE)


def test_what_stays_need_not_be_shown() -> None:
    assert parse(b'{"steps": [{"op": "delete", "urn": "u"}], "changeSummary": {"delete": 1, "same": 2, "read": 3}}').hidden == 2


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="can't be read: No such file"):
        read(tmp_path / "none.json")


def test_every_cut_of_a_preview_is_refused() -> None:
    whole = (PREVIEWS / "unsafe-vdisk-dirs.json").read_bytes().rstrip()
    ends = {*range(0, len(whole), 97), *random.Random(5).sample(range(len(whole)), 200)}  # noqa: S311 - places, not secrets
    for end in ends:
        with pytest.raises(Unreadable, match=r"is (empty|cut short|no JSON)"):
            parse(whole[:end])


def test_a_large_preview_keeps_only_what_reviews_need() -> None:
    noise = json.dumps({"steps": [{"op": "same", "urn": "u", "provider": "x" * 1_000_000}] * 20, "changeSummary": {"same": 20}}).encode()
    made = parse(noise)
    assert len(made.steps) == 20
    assert not hasattr(made.steps[0], "provider")


def test_every_known_operation_is_read() -> None:
    for op in KNOWN:
        assert parse(json.dumps({"steps": [{"op": op, "urn": "u"}], "changeSummary": {op: 1}}).encode()).steps[0].op == op


def test_what_has_changed_comes_from_the_engine_and_from_the_inputs() -> None:
    before, after = (State(type="t", inputs={"size": size, "__defaults": [size]}) for size in (1, 2))
    step = Step(op="update", urn="u", old_state=before, new_state=after, detailed_diff={"disks[1].label": {}}, diff_reasons=("clone",))
    assert step.changed == {"size", "disks", "clone"}


def test_errors_of_the_engine_are_kept() -> None:
    made = parse(b'{"steps": [], "diagnostics": [{"severity": "error", "message": "boom\\n"}, {"severity": "info", "message": "x"}]}')
    assert made.errors == ("boom",)
    assert parse(b'{"steps": [], "maybeCorrupt": true}').errors == ("the engine says that this preview may be corrupt",)
