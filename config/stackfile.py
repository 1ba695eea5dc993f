"""Reads a stack file and remembers the line of every key, so that a problem can point at it.

Deliberately reads less than YAML can say: tags, merges, keys that aren't text and files beyond any stack's size are refused
rather than interpreted, since the engine may interpret them otherwise. Time and memory are linear in the file's size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from config.problems import Problem, shown, step
from config.scalars import plain

PREFIX = "mailstead:"
MAX_BYTES = 2 * 2**20  # B; a stack of 1,000 VMs has a tenth of it
MAX_NODES = 100_000  # YAML nodes; aliases can multiply a small file without end
MAX_DEPTH = 16  # levels; a stack has 7
ENCRYPTED = "is a secret, and sizes and plans are made without any; write it in clear, secrets belong to vsphere: keys"
MAX_KEY = 253  # characters; the longest key is a domain name (RFC 1035, 2.3.4)


@dataclass(frozen=True)
class StackFile:
    """The `mailstead:` keys of a stack file, with the line of every path and what could not be read."""

    name: str
    sections: Mapping[str, Any]
    lines: Mapping[str, int]
    problems: tuple[Problem, ...] = ()
    refused: frozenset[str] = frozenset()
    """Paths whose value is in `problems` already."""

    @property
    def unreadable(self) -> bool:
        """Whether nothing of the file can be used."""
        return not self.lines

    def reported(self, path: str) -> bool:
        """Whether the value at the path, or one that it is part of, is in `problems` already."""
        while path and path not in self.refused:
            path = path.rpartition(".")[0]
        return path in self.refused

    def line(self, path: str) -> int:
        """The line of the path, or of the nearest key above it, at the top `config`; 0 where there is none."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 0)


def read(path: Path) -> StackFile:
    """The stack file at `path`; what is wrong with its YAML is in `problems`, never raised."""
    name = _display(path)
    try:
        reader = _Reader(name)
        reader.document(_text(path))
    except _UnreadableError as error:
        return StackFile(name, {}, {}, (Problem("(file)", "the file", error.rule, error.remedy, name, error.line),))
    return StackFile(name, reader.sections, reader.lines, tuple(reader.problems), frozenset(reader.refused))


def _display(path: Path) -> str:
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


class _UnreadableError(Exception):
    """Nothing of the file can be used."""

    def __init__(self, rule: str, remedy: str, line: int = 0) -> None:
        self.rule, self.remedy, self.line = rule, remedy, line
        super().__init__(rule)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _UnreadableError(f"can't be read ({error.strerror})", "check the path and its permissions") from None
    if len(content) > MAX_BYTES:
        raise _UnreadableError(f"is larger than {MAX_BYTES // 2**20} MiB", "check that it is a stack file", 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _UnreadableError("is not UTF-8 text", "save it as UTF-8", line) from None


class _Loader(yaml.SafeLoader):
    """Composes nodes only: stops at a depth, and remembers which nodes carry a tag."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.tags: dict[yaml.Node, str] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        tag = getattr(event, "tag", None)
        if tag is not None and node is not None:
            self.tags[node] = tag.replace("tag:yaml.org,2002:", "!!")
        return node


def _compose(text: str) -> tuple[yaml.Node | None, Mapping[yaml.Node, str]]:
    """The document's nodes, and the tags that some carry."""
    try:
        loader = _Loader(text)
        return loader.get_single_node(), loader.tags
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _UnreadableError(f"holds a character that YAML does not allow, {error.character:#x}", "remove it", line) from None
    except yaml.MarkedYAMLError as error:
        raise _syntax(error) from None


def _syntax(error: yaml.MarkedYAMLError) -> _UnreadableError:
    mark = error.problem_mark or error.context_mark
    place, line = (f" at column {mark.column + 1}", mark.line + 1) if mark else ("", 0)
    what = ", ".join(part for part in (error.context, error.problem) if part)
    return _UnreadableError(f"can't be read as YAML ({what})", f"correct it{place} or just before", line)


@dataclass
class _Reader:
    name: str
    sections: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    tags: Mapping[yaml.Node, str] = field(default_factory=dict)
    nodes: int = 0

    def problem(self, path: str, value: Any, fault: str, line: int) -> None:
        rule, _, remedy = fault.partition("; ")
        self.problems.append(Problem(path, shown(value), rule, remedy, self.name, line))

    def refuse(self, path: str, value: Any, fault: str, line: int) -> None:
        self.problem(path, value, fault, line)
        self.refused.add(path)

    def document(self, text: str) -> None:
        root, self.tags = _compose(text)
        for key, node in self._config(root):
            line = self.lines[f"config.{key}"]
            if f"{key.rstrip(':')}:" == PREFIX:
                self.problem(key, key, f"names no section; write for example {PREFIX}site", line)
            elif key.startswith(PREFIX):
                section = key.removeprefix(PREFIX)
                self.lines[section] = line
                try:
                    self.sections[section] = self._value(node, section, 3)
                except yaml.MarkedYAMLError as error:
                    raise _syntax(error) from None
            elif ":" not in key:  # the engine reads such a key as one of the project's own
                self.refuse(key, key, f"has no namespace; write {PREFIX}{key}", line)
            elif get_close_matches(key.partition(":")[0], [PREFIX.rstrip(":")], cutoff=0.8):
                self.problem(key, key, f"is misspelt; write {PREFIX}{key.rpartition(':')[2]}", line)

    def _config(self, root: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
        """The entries below `config:`."""
        top = dict(self._entries(root, "")) if isinstance(root, yaml.MappingNode) else {}
        self.lines = {"": self.lines.get("config", 1)}
        for twice in (problem for problem in self.problems if problem.path == "config"):
            raise _UnreadableError(f"has the key config twice, first in line {self.lines['']}", twice.remedy, twice.line)
        config = top.get("config")
        if isinstance(config, yaml.MappingNode):
            return self._entries(config, "config")
        raise _UnreadableError("has no mapping named config", "write the platform's keys below config:", self.lines[""])

    def _entries(self, node: yaml.MappingNode, path: str) -> list[tuple[str, yaml.Node]]:
        """The entries with usable keys; of a key that is given twice the first."""
        entries: dict[str, yaml.Node] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            here = f"{path}.{step(name)}" if path else step(name)
            fault = self._key_fault(key) or _glued(node, key)
            if fault:
                self.refuse(here, key.value, fault, line)
                continue
            if name in entries:
                self.problem(here, name, f"is given twice, first in line {first[name]}; keep one of the two", line)
                continue
            entries[name], first[name], self.lines[here] = value, line, line
        return list(entries.items())

    def _key_fault(self, key: yaml.Node) -> str:
        if not isinstance(key, yaml.ScalarNode):
            return "stands where a key belongs; write the key as text"
        if key in self.tags:
            return f"is a key with the YAML tag {self.tags[key]}; remove the tag"
        if key.style is None and not _is_text(key.value):
            return "is a key that is not read as text; put it in quotes"
        if key.style is None and key.value == "<<":
            return "is a YAML merge; write the merged keys out"
        if not key.value or len(key.value) > MAX_KEY or not key.value.isprintable():
            return f"is not a key of 1 to {MAX_KEY} printable characters; write another"
        return ""

    def _value(self, node: yaml.Node, path: str, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise yaml.MarkedYAMLError(problem=f"more than {MAX_NODES} values", problem_mark=node.start_mark)
        if depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=node.start_mark)
        if node in self.tags:
            fault = "is a YAML tag, which a stack does without; remove it, and put the value in quotes if it is text"
            self.refuse(path, self.tags[node], fault, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            self.lines.update({f"{path}.{i}": item.start_mark.line + 1 for i, item in enumerate(node.value)})
            return [self._value(item, f"{path}.{i}", depth + 1) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        entries = self._entries(node, path)
        if [name for name, _ in entries] == ["secure"]:
            self.refuse(path, "this value", ENCRYPTED, node.start_mark.line + 1)
        return {name: self._value(value, f"{path}.{name}", depth + 1) for name, value in entries}

    def _scalar(self, node: yaml.Node, path: str) -> Any:
        if not isinstance(node, yaml.ScalarNode) or node.style is not None:
            return node.value
        try:
            return plain(node.value)
        except ValueError as fault:
            self.refuse(path, node.value, str(fault), node.start_mark.line + 1)
            return node.value


def _glued(node: yaml.MappingNode, key: yaml.Node) -> str:
    """A colon in braces without a blank after it: the engine makes it part of the key, or refuses the file."""
    mark = key.end_mark
    if not node.flow_style or not isinstance(key, yaml.ScalarNode) or key.style is not None or mark.buffer is None:
        return ""
    rest = mark.buffer[mark.pointer : mark.pointer + 2]
    return f"has no blank after its colon; write {key.value}: and then its value" if rest[:1] == ":" and not rest[1:].isspace() else ""


def _is_text(value: str) -> bool:
    try:
        return isinstance(plain(value), str)
    except ValueError:
        return False
