"""Whatever is done to a good stack, it is accepted or refused, with problems that are whole and point into the file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config import Problem, Refused, load, parse, read
from tests.config.described import CAMPUS, problems

EVERYTHING: dict[str, Any] = json.loads(load(CAMPUS).model_dump_json(exclude_none=True))  # with every default written out
GARBAGE: list[Any] = [
    None, True, 0, -1, 2.5, 10**13, float("inf"), float("nan"), "", " ", "x", "x" * 300, "yes", "90GB", "1", "192.0.2.1", "a\nb",
    [], [1], ["a", "a"], {}, {"a": 1}, {"kind": "iso"}, {"kind": 5}, {"": {}}, {"a b": {}}, [[]], {"secure": "v1:x"},
]  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value within the value."""
    yield at
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*at, step))


def shape(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """The path without the names that a stack chooses: what is true of one server is true of its like."""
    chosen = {"networks", "luns", "scanners", "mtas", "mailboxes", "nodes", "listeners", "name_servers"}
    return tuple("*" if isinstance(key, int) or above in chosen else key for above, key in zip((None, *path), path, strict=False))


PATHS = list({shape(path): path for path in paths(json.loads(load(CAMPUS).model_dump_json())) if path}.values())


def mutated(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Everything, but for another value at the path."""
    sections: dict[str, Any] = json.loads(json.dumps(EVERYTHING))
    owner: Any = sections
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value
    return sections


def assert_whole(found: tuple[Problem, ...]) -> None:
    """Every problem says all it has to, on one line."""
    for problem in found:
        assert all((problem.path, problem.value, problem.rule, problem.remedy)), problem
        assert str(problem).isprintable(), problem


def assert_sound(path: Path, text: str) -> None:
    """A file with the text is accepted or refused, with problems in its lines."""
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = refusal(path)
    assert_whole(found)
    assert [p.line for p in found] == sorted(p.line for p in found)
    for problem in found:
        assert 1 <= problem.line <= len(text.splitlines()) + 1, problem


def refusal(path: Path) -> tuple[Problem, ...]:
    """Why the file is refused; nothing if it is a platform."""
    try:
        load(path)
    except Refused as refused:
        return refused.problems or (Problem("", "a refusal", "gives no reason", ""),)
    return ()


def test_everything_written_out_is_the_same_platform() -> None:
    assert parse(EVERYTHING) == load(CAMPUS)


@pytest.mark.parametrize("section", EVERYTHING)
def test_every_value_can_be_any_garbage(section: str) -> None:
    for path in (path for path in PATHS if path[0] == section):
        for value in GARBAGE:
            found = problems(mutated(path, value))
            assert_whole(found)
            prefix = ".".join(map(str, path))
            if value is not None and isinstance(value, dict) and "secure" in value:
                assert any(p.path.startswith(prefix) for p in found), (prefix, value)


@pytest.mark.parametrize("section", EVERYTHING)
def test_every_key_can_be_missing_or_another(section: str) -> None:
    for path in (path for path in PATHS if path[0] == section and isinstance(path[-1], str)):
        for name in (None, f"{path[-1]}x", "", "a\nb", "x" * 300):
            sections = mutated(path, None)
            owner: Any = sections
            for step in path[:-1]:
                owner = owner[step]
            del owner[path[-1]]
            if name is not None:
                owner[name] = 1
            found = problems(sections)
            assert_whole(found)
            assert found or name is None, path


@settings(max_examples=50)
@given(data=st.data())
def test_changes_to_the_data_of_a_stack(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    sections = json.loads(json.dumps(EVERYTHING))
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from([path for path in paths(sections) if path]))
        owner: Any = sections
        for step in path[:-1]:
            owner = owner[step]
        change = data.draw(st.sampled_from(("drop", "rename", "replace", "insert")))
        value = data.draw(st.sampled_from(GARBAGE))
        if change == "drop":
            del owner[path[-1]]
        elif change == "rename" and isinstance(owner, dict):
            owner[data.draw(st.text(max_size=8))] = owner.pop(path[-1])
        elif change == "insert" and isinstance(owner, list):
            owner.insert(path[-1], value)
        else:
            owner[path[-1]] = value
    text = yaml.safe_dump({"config": {f"mailstead:{name}": value for name, value in sections.items()}}, allow_unicode=True)
    assert_sound(tmp_path_factory.getbasetemp() / "data.yaml", text)


@settings(max_examples=100)
@given(data=st.data())
def test_edits_to_the_text_of_a_stack(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    text = CAMPUS.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        lines = text.split("\n")
        line = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(("delete", "repeat", "indent", "character", "value"))):
            case "delete":
                del lines[line]
            case "repeat":
                lines.insert(line, lines[data.draw(st.integers(0, len(lines) - 1))])
            case "indent":
                lines[line] = data.draw(st.sampled_from((" ", "  ", "\t", "- "))) + lines[line]
            case "character":
                column = data.draw(st.integers(0, len(lines[line])))
                lines[line] = (
                    lines[line][:column] + data.draw(st.characters() | st.sampled_from("{}[],:#&*!|>'\"%@`")) + lines[line][column:]
                )
            case _:
                new = data.draw(
                    st.sampled_from(("0x1", "2024-01-02", "!!str a", "&a b", "*a", "{secure: a}", "|", "", "[[]]", "1e400", ".nan"))
                )
                lines[line] = re.sub(r": [^ ,{}\[\]]+", lambda _: f": {new}", lines[line], count=1)  # noqa: B023 (called at once)
        text = "\n".join(lines) or "\n"
    assert_sound(tmp_path_factory.getbasetemp() / "text.yaml", text)


@settings(max_examples=50)
@given(st.recursive(st.sampled_from(GARBAGE) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))
def test_sections_can_be_any_data(value: Any) -> None:
    assert_whole(problems(dict.fromkeys(EVERYTHING, value)))
    assert problems(value if isinstance(value, dict) else {"site": value})


def test_stack_is_the_same_however_its_keys_are_ordered() -> None:
    sections = dict(read(CAMPUS).sections)
    backwards = {name: _reversed(sections[name]) for name in reversed(sections)}
    assert list(backwards) != list(sections)
    assert parse(backwards) == parse(sections)


def _reversed(value: Any) -> Any:
    return {key: _reversed(value[key]) for key in reversed(value)} if isinstance(value, dict) else value
