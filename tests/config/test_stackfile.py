"""Reading a stack file: values, the line of every path, and what can't be read; nothing is ever raised."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import StackFile, read
from config.stackfile import MAX_BYTES, MAX_DEPTH, MAX_KEY, MAX_NODES
from tests.config.described import CAMPUS


def file(folder: Path, content: str | bytes) -> StackFile:
    """What is read of a file with the content."""
    path = folder / "Pulumi.x.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path)


def section(folder: Path, text: str) -> Any:
    """What is read of a section that stands below its key in a file without other problems."""
    found = file(folder, f"config:\n  mailstead:x:\n{text}\n")
    assert found.problems == ()
    return found.sections["x"]


def messages(found: StackFile) -> list[str]:
    """The problems without the file's name."""
    return [str(problem).removeprefix(f"{found.name}:") for problem in found.problems]


def test_campus_is_read_with_the_line_of_every_path() -> None:
    found = read(CAMPUS)
    lines = CAMPUS.read_text(encoding="utf-8").splitlines()
    assert found.problems == ()
    assert len(found.lines) > 150
    for path, line in found.lines.items():
        key = path.removeprefix("config.").rpartition(".")[2] if not path.endswith(".example") else path.partition("name_servers.")[2]
        assert key.isdigit() or key in lines[line - 1], (path, line)


def test_line_is_that_of_the_nearest_key_above() -> None:
    found = read(CAMPUS)
    assert found.line("site.name") == found.line("site") + 1
    assert found.line("site.name.of.nothing") == found.line("site.name")
    assert found.line("site.nothing") == found.line("site")
    assert found.line("vsphere.hosts.1") == found.line("vsphere.hosts")
    top = CAMPUS.read_text(encoding="utf-8").splitlines().index("config:") + 1
    assert found.line("nothing") == found.line("") == found.line("(file)") == top


@pytest.mark.parametrize(("text", "value"), [
    ("    5", 5), ("    '5'", "5"), ('    "5"', "5"), ("    |\n      5\n", "5\n"), ("    >-\n      a\n      b\n", "a b"),
    ("    [1, [a, {b: 2}]]", [1, ["a", {"b": 2}]]),
    ("    a: 1\n    b: [2]", {"a": 1, "b": [2]}), ("    a: &x {b: 1}\n    c: *x", {"a": {"b": 1}, "c": {"b": 1}}), ("    a:", {"a": None}),
    ("    a: x # why", {"a": "x"}), ("    {a: , 'b':1, \"c\":{}}", {"a": None, "b": 1, "c": {}}),
    ("    'on': 1\n    '1': 2\n    \"null\": 3", {"on": 1, "1": 2, "null": 3}),
    ("    a\n     b", "a b"), ("    on: yes", {"on": "yes"}), ('    "\\u5927\\u5b66"', "大学"),
])  # fmt: skip
def test_values(text: str, value: Any, tmp_path: Path) -> None:
    assert section(tmp_path, text) == value


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(ending: str, tmp_path: Path) -> None:
    found = file(tmp_path, "# one\nconfig:\n  mailstead:x:\n    a: 1\n    b: 2\n".replace("\n", ending))
    assert (found.sections, found.line("x.b")) == ({"x": {"a": 1, "b": 2}}, 5)


def test_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert file(tmp_path, "\ufeffconfig:\n  mailstead:x: 1\n").sections == {"x": 1}


def test_keys_with_dots_keep_lines_of_their_own(tmp_path: Path) -> None:
    found = file(tmp_path, "config:\n  mailstead:x:\n    a.b:\n      c: 1\n    d.e.f: 2\n")
    assert [found.line(path) for path in ("x.a.b", "x.a.b.c", "x.d.e.f", "x.d.e", "x.a")] == [3, 4, 5, 2, 2]


def test_what_belongs_to_others_is_left_alone(tmp_path: Path) -> None:
    others = "  vsphere:password: {secure: v1:b}\n  aws:x: !tag [1, {2: 3}]\n"
    found = file(tmp_path, f"secretsprovider: x\nencryptionsalt: v1:a\nconfig:\n{others}  mailstead:x: 1\n")
    assert (found.sections, found.problems) == ({"x": 1}, ())


@pytest.mark.parametrize(("content", "message"), [
    (b"", "1: (file): the file has no mapping named config; write the platform's keys below config:"),
    (b"\n\n", "1: (file): the file has no mapping named config; write the platform's keys below config:"),
    (b"--- 5\n", "1: (file): the file has no mapping named config; write the platform's keys below config:"),
    (b"a: 1\nconfig:\n", "2: (file): the file has no mapping named config; write the platform's keys below config:"),
    (b"a: 1\nconfig: [a]\n", "2: (file): the file has no mapping named config; write the platform's keys below config:"),
    (b"[config]: 1\n? {config: 1}\n: 1\n", "1: (file): the file has no mapping named config; write the platform's keys below config:"),
    (b"config: {}\na: b\nconfig: {}\nconfig: {}\n", "3: (file): the file has the key config twice, first in line 1; keep one of the two"),
    (b"config:\n  a: caf\xe9\n", "2: (file): the file is not UTF-8 text; save it as UTF-8"),
    ("config: {}".encode("utf-16"), "1: (file): the file is not UTF-8 text; save it as UTF-8"),
    (b"config:\n\n  a: \0\n", "3: (file): the file holds a character that YAML does not allow, 0x0; remove it"),
    (b"config:\n  a: [1, 2\n", "3: (file): the file can't be read as YAML (while parsing a flow sequence, expected ',' or ']', "
                              "but got '<stream end>'); correct it at column 1 or just before"),
    (b"config:\n  a: *b\n", "2: (file): the file can't be read as YAML (found undefined alias 'b'); correct it at column 6 or just before"),
    (b"config:\n  mailstead:a: &b [*b]\n", "2: (file): the file can't be read as YAML (nested deeper than 16 levels); "
                                           "correct it at column 16 or just before"),
    (b"#" * (MAX_BYTES + 1), "1: (file): the file is larger than 2 MiB; check that it is a stack file"),
    (b"a: " + b"x" * 10_000_000, "1: (file): the file is larger than 2 MiB; check that it is a stack file"),
], ids=lambda value: repr(value)[:20])  # fmt: skip
def test_file_that_can_not_be_used_has_one_problem(content: bytes, message: str, tmp_path: Path) -> None:
    found = file(tmp_path, content)
    assert messages(found) == [message]
    assert found.unreadable
    assert (found.sections, found.line("site")) == ({}, 0)


def test_file_that_can_not_be_opened_has_a_problem_without_a_line(tmp_path: Path) -> None:
    for path, why in ((tmp_path, "Is a directory"), (tmp_path / "none.yaml", "No such file or directory")):
        found = read(path)
        assert [str(p) for p in found.problems] == [f"{path}: (file): the file can't be read ({why}); check the path and its permissions"]
        assert found.unreadable


def test_file_is_named_as_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    file(tmp_path / "sub", "config: {}\n")
    assert read(tmp_path / "sub" / "Pulumi.x.yaml").name == str(tmp_path / "sub" / "Pulumi.x.yaml")
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path / "sub" / "Pulumi.x.yaml").name == read(Path("sub/Pulumi.x.yaml")).name == "sub/Pulumi.x.yaml"


def test_depth_has_a_limit_and_is_met(tmp_path: Path) -> None:
    room = MAX_DEPTH - 3  # the file, config and the section's own value
    assert section(tmp_path, "    " + "[" * room + "1" + "]" * room)
    for wide in ("[" * (room + 1) + "1" + "]" * (room + 1), "[" * 100_000, "{a: " * 100_000, "- " * 100_000):
        (message,) = messages(file(tmp_path, f"config:\n  mailstead:x:\n    {wide}\n"))
        assert "nested deeper than 16 levels" in message


def test_aliases_multiply_up_to_a_limit(tmp_path: Path) -> None:
    ten = "".join(f"    {name}: &{name} [{', '.join(['*' + below] * 10)}]\n" for below, name in zip("abcd", "bcde", strict=False))
    base = "    a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    assert len(section(tmp_path, base + "".join(ten.splitlines(keepends=True)[:3]))["d"]) == 10
    assert MAX_NODES == 100_000
    (message,) = messages(file(tmp_path, f"config:\n  mailstead:x:\n{base}{ten}"))
    assert "more than 100000 values" in message


def test_key_is_text_of_a_length_that_a_name_can_have(tmp_path: Path) -> None:
    assert section(tmp_path, f"    ? {'k' * MAX_KEY}\n    : 1") == {"k" * MAX_KEY: 1}
    found = file(tmp_path, f"config:\n  mailstead:x:\n    a: 1\n    ? {'k' * (MAX_KEY + 1)}\n    : 1\n")
    assert found.sections == {"x": {"a": 1}}
    (problem,) = found.problems
    assert (problem.rule, problem.line) == ("is not a key of 1 to 253 printable characters", 4)


def test_first_of_two_equal_keys_counts_and_both_lines_are_said(tmp_path: Path) -> None:
    found = file(tmp_path, "config:\n  mailstead:x:\n    a: 1\n    b: 2\n    'a': 3\n    a: 4\n")
    assert found.sections == {"x": {"a": 1, "b": 2}}
    rule = "is given twice, first in line 3; keep one of the two"
    assert messages(found) == [f"5: x.a: a {rule}", f"6: x.a: a {rule}"]
    assert not found.reported("x.a")


def test_refused_value_is_reported_and_so_is_all_below_it(tmp_path: Path) -> None:
    found = file(
        tmp_path, "config:\n  mailstead:x:\n    a: {secure: v1:b}\n    b: 0x1\n    c: !!int 5\n    d: [{secure: c}, 1]\n    1: e\n"
    )
    assert [p.path for p in found.problems] == ["x.1", "x.a", "x.b", "x.c", "x.d.0"]  # keys before values
    for path in ("x.a", "x.a.secure", "x.b", "x.c", "x.d.0", "x.1"):
        assert found.reported(path), path
    for path in ("x", "x.d", "x.d.1", "x.e", "", "y"):
        assert not found.reported(path), path


@pytest.mark.parametrize("name", ["mailsted:x", "Mailstead:x", "mailstea:d:x", "mailstead2:x"])
def test_misspelt_namespace_is_not_taken_for_another_project(name: str, tmp_path: Path) -> None:
    found = file(tmp_path, f"config:\n  {name}: 1\n  mail:x: 1\n  steady:x: 1\n")
    assert messages(found) == [f"2: {name}: {name} is misspelt; write mailstead:x"]
    assert found.sections == {}


def test_secret_is_never_shown(tmp_path: Path) -> None:
    found = file(tmp_path, "config:\n  mailstead:x: {secure: hunter2}\n  mailstead:y:\n    a: {secure: !!str hunter2}\n")
    assert len(found.problems) == 3
    assert "hunter2" not in str(found.problems)


@given(st.text() | st.text("{}[],:#&*!|>'\"%@`-?~<>= \n\tab1", max_size=60))
def test_any_text_is_read_without_an_exception(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    assert_sound(tmp_path_factory.getbasetemp(), text.encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_any_bytes_are_read_without_an_exception(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    assert_sound(tmp_path_factory.getbasetemp(), content)


@given(st.text("{}[],:#&*!|>'\"%@`-?~<>= \n\tab1.", max_size=60))
def test_any_section_is_read_without_an_exception(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    assert_sound(tmp_path_factory.getbasetemp(), f"config:\n  mailstead:x:\n    {text}\n".encode())


def assert_sound(folder: Path, content: bytes) -> None:
    """The content is read, and each problem is whole and in a line of it."""
    found = file(folder, content)
    lines = len(content.decode("utf-8", "replace").splitlines()) + 1
    for problem in found.problems:
        assert all((problem.path, problem.value, problem.rule, problem.remedy)), problem
        assert 1 <= problem.line <= lines, problem
        assert str(problem).isprintable(), problem
    assert found.unreadable == (not found.lines)
