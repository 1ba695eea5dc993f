"""Reads a stack file and remembers the line of every key, so that a problem can point at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from config.problems import Problem

PREFIX = "mailstead:"
MAX_NODES = 100_000  # YAML nodes; aliases can multiply a small file without end


@dataclass(frozen=True)
class StackFile:
    """The `mailstead:` keys of a stack file, with the line of every path and what could not be read."""

    name: str
    sections: Mapping[str, Any]
    lines: Mapping[str, int]
    problems: tuple[Problem, ...] = ()

    def line(self, path: str) -> int:
        """The line of the path, or of the nearest key above it; 0 where there is none."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 0)


def read(path: Path) -> StackFile:
    """The stack file at `path`; what is wrong with its YAML is in `problems`, never raised."""
    reader = _Reader(_display(path))
    try:
        reader.file(path.read_text(encoding="utf-8"))
    except OSError as error:
        reader.problem("", str(error.strerror), "is what reading the file gave", "check the path and its permissions")
    except UnicodeDecodeError:
        reader.problem("", "the file", "is not UTF-8 text", "write it as plain YAML")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        reader.problem("", str(what), "is what is wrong with its YAML", "correct the line", mark.line + 1 if mark else 0)
    return StackFile(reader.name, reader.sections, reader.lines, tuple(reader.problems))


def _display(path: Path) -> str:
    absolute, here = path.resolve(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


@dataclass
class _Reader:
    name: str
    sections: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def problem(self, path: str, value: str, rule: str, remedy: str, line: int = 0) -> None:
        self.problems.append(Problem(path or "(file)", value, rule, remedy, self.name, line))

    def file(self, text: str) -> None:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            config = self._config(root)
            for key, node in config:
                if key.startswith(PREFIX):
                    section = key.removeprefix(PREFIX)
                    self.lines[section] = node.start_mark.line + 1
                    self.sections[section] = self._value(loader, node, section)
        finally:
            loader.dispose()

    def _config(self, root: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
        """The entries below `config:`."""
        if isinstance(root, yaml.MappingNode):
            for key, node in root.value:
                if key.value == "config" and isinstance(node, yaml.MappingNode):
                    return self._unique(node, "config")
        self.problem("", "the file", "has no mapping named config", "write the platform's keys below config:")
        return []

    def _unique(self, node: yaml.MappingNode, path: str) -> list[tuple[str, yaml.Node]]:
        entries: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in entries:
                rule = f"is given twice, first in line {self.lines.get(f'{path}.{name}', 0) or entries[name].start_mark.line + 1}"
                self.problem(f"{path}.{name}", name, rule, "keep one of the two", key.start_mark.line + 1)
                continue
            entries[name] = value
            self.lines[f"{path}.{name}"] = key.start_mark.line + 1
        return list(entries.items())

    def _value(self, loader: yaml.SafeLoader, node: yaml.Node, path: str) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or path.count(".") > 30:
            raise yaml.MarkedYAMLError(problem=f"more than {MAX_NODES} values, or nested too deep", problem_mark=node.start_mark)
        if isinstance(node, yaml.MappingNode):
            entries = self._unique(node, path)
            if [name for name, _ in entries] == ["secure"]:
                rule = "is a secret, and sizes and plans are made without any"
                self.problem(path, "this value", rule, "write it in clear; secrets belong to vsphere: keys", node.start_mark.line + 1)
            return {name: self._value(loader, value, f"{path}.{name}") for name, value in entries}
        if isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                self.lines[f"{path}.{i}"] = item.start_mark.line + 1
            return [self._value(loader, item, f"{path}.{i}") for i, item in enumerate(node.value)]
        return loader.construct_object(node)
