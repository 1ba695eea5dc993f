"""Reading what the engine prints, and saying why it can't be read."""

import json
from pathlib import Path

import pytest

from review import Unreadable, parse, read
from review.preview import KNOWN, State, Step

PREVIEWS = Path(__file__).parent / "previews"
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
        (b'{"steps": ' + b"[" * 5000, "is (no JSON|cut short)"),
        (b"\xff\xfe\x00", "is no JSON: "),
    ],
)
def test_says_what_a_file_is_that_is_no_preview(text: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=f"^the preview {why}.*pulumi preview --json --show-sames$"):
        parse(text)


@pytest.mark.parametrize("op", ["delete", "update", "replace", "create", "teleport"])
def test_fewer_operations_than_are_counted_are_no_preview(op: str) -> None:
    shown = [{"op": op, "urn": "u"}] if op in KNOWN else []
    with pytest.raises(Unreadable, match=rf"it shows fewer operations than it counts \({op}: {len(shown)} of 2\)"):
        parse(json.dumps({"steps": shown, "changeSummary": {op: 2, "same": 2}}).encode())


def test_what_stays_need_not_be_shown() -> None:
    assert parse(b'{"steps": [{"op": "delete", "urn": "u"}], "changeSummary": {"delete": 1, "same": 2, "read": 3}}').hidden == 2


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="can't be read: No such file"):
        read(tmp_path / "none.json")


def test_every_cut_of_a_preview_is_refused() -> None:
    whole = (PREVIEWS / "unsafe-vdisk-dirs.json").read_bytes().rstrip()
    for end in range(0, len(whole), 97):
        with pytest.raises(Unreadable):
            parse(whole[:end])


def test_a_large_preview_keeps_only_what_reviews_need() -> None:
    noise = json.dumps({"steps": [{"op": "same", "urn": "u", "provider": "x" * 1_000_000}] * 20}).encode()
    made = parse(noise)
    assert len(made.steps) == 20
    assert not hasattr(made.steps[0], "provider")


def test_every_known_operation_is_read() -> None:
    for op in KNOWN:
        assert parse(json.dumps({"steps": [{"op": op, "urn": "u"}]}).encode()).steps[0].op == op


def test_what_has_changed_comes_from_the_engine_and_from_the_inputs() -> None:
    before, after = (State(type="t", inputs={"size": size, "__defaults": [size]}) for size in (1, 2))
    step = Step(op="update", urn="u", old_state=before, new_state=after, detailed_diff={"disks[1].label": {}}, diff_reasons=("clone",))
    assert step.changed == {"size", "disks", "clone"}


def test_errors_of_the_engine_are_kept() -> None:
    made = parse(b'{"steps": [], "diagnostics": [{"severity": "error", "message": "boom\\n"}, {"severity": "info", "message": "x"}]}')
    assert made.errors == ("boom",)
    assert parse(b'{"steps": [], "maybeCorrupt": true}').errors == ("the engine says that this preview may be corrupt",)
