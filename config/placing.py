"""Servers of a stack that name no LUN, and the edit of its file that names one: nothing else of it changes, comments stay."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import yaml

from config.scalars import plain
from config.stackfile import PREFIX

ONE = ("gateway.control_center", "log_archive.node")
MANY = ("gateway.scanners", "spool.mtas", "spool.mailboxes", "balancers.nodes")


def unplaced(sections: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths of the servers without `lun`: those that there is one of first, then section by section."""
    return tuple(path for path, node in _nodes(sections) if "lun" not in node)


def placed(sections: Mapping[str, Any], luns: Mapping[str, str]) -> dict[str, Any]:
    """The sections with the LUN of each server, given by its path."""
    found = deepcopy(dict(sections))
    for path, node in _nodes(found):
        if path in luns:
            node["lun"] = luns[path]
    return found


def _nodes(sections: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every server as it is written; what is no mapping is left to the models to refuse."""
    for path in (*ONE, *MANY):
        section, key = path.split(".")
        above = sections.get(section)
        value = above.get(key) if isinstance(above, Mapping) else None
        if path in MANY:
            named = value.items() if isinstance(value, Mapping) else ()
            yield from ((f"{path}.{name}", node) for name, node in named if isinstance(node, dict))
        elif isinstance(value, dict):
            yield path, value


def written(text: str, luns: Mapping[str, str]) -> str:
    """The text of a stack file with `lun` as the first key of each server, given by its path."""
    mark = text[: text.startswith("\ufeff")]  # of the encoding, which YAML does not count
    text = text.removeprefix(mark)
    edits: list[tuple[int, str]] = []
    newline = "\r\n" if "\r\n" in text else "\n"
    config = _value(yaml.compose(text, yaml.SafeLoader), "config")
    for path, lun in luns.items():
        section, *steps = path.split(".")
        node = _value(config, f"{PREFIX}{section}")
        for step in steps:
            node = _value(node, step)
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - the file was read as a stack before
        first = node.value[0][0].start_mark
        edits.append((first.index, f"lun: {_scalar(lun)}" + (", " if node.flow_style else newline + " " * first.column)))
    for at, added in sorted(edits, reverse=True):
        text = text[:at] + added + text[at:]
    return mark + text


def _scalar(name: str) -> str:
    """A name as YAML has it: in quotes where it would else be a number."""
    try:
        return name if plain(name) == name else f'"{name}"'
    except ValueError:
        return f'"{name}"'


def _value(node: yaml.Node | None, key: str) -> yaml.Node:
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - the same
    found: yaml.Node = next(value for name, value in node.value if name.value == key)
    return found
