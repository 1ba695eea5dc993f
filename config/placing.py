"""Servers of a stack that name no LUN or no host, and the edit of its file that names one: nothing else of it changes, comments stay."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import yaml

from config.scalars import plain
from config.stackfile import PREFIX

ONE = ("gateway.control_center", "log_archive.node")
MANY = ("gateway.scanners", "spool.mtas", "spool.mailboxes", "balancers.nodes")


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # text that YAML needs no quotes for, unless it is a number or the like

Values = Mapping[str, Mapping[str, str]]
"""By the path of a server, what each of some keys is to be."""


def lacking(sections: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The paths of the servers without a key: those that there is one of first, then section by section."""
    return tuple(path for path, node in _nodes(sections) if key not in node)


def placed(sections: Mapping[str, Any], chosen: Values) -> dict[str, Any]:
    """The sections with what was chosen for servers."""
    found = deepcopy(dict(sections))
    for path, node in _nodes(found):
        node.update(chosen.get(path, {}))
    return found


def first_host(sections: Mapping[str, Any]) -> str | None:
    """The first host of the cluster; None where it is not written as a host is, which is left to the models to refuse."""
    vsphere = sections.get("vsphere")
    hosts = vsphere.get("hosts") if isinstance(vsphere, Mapping) else None
    first = hosts[0] if isinstance(hosts, list) and hosts else None
    name = first.get("name") if isinstance(first, Mapping) else first
    return name if isinstance(name, str) else None


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


def written(text: str, chosen: Values) -> str:
    """The text of a stack file with what was chosen as the first keys of each server."""
    mark = text[: text.startswith("\ufeff")]  # of the encoding, which YAML does not count
    text = text.removeprefix(mark)
    edits: list[tuple[int, str]] = []
    newline = "\r\n" if "\r\n" in text else "\n"
    config = _value(yaml.compose(text, yaml.SafeLoader), "config")
    for path, values in chosen.items():
        section, *steps = path.split(".")
        node = _value(config, f"{PREFIX}{section}")
        for step in steps:
            node = _value(node, step)
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - the file was read as a stack before
        first = node.value[0][0].start_mark
        end = ", " if node.flow_style else newline + " " * first.column
        edits.append((first.index, "".join(f"{key}: {_scalar(value)}{end}" for key, value in values.items())))
    for at, added in sorted(edits, reverse=True):
        text = text[:at] + added + text[at:]
    return mark + text


def _scalar(name: str) -> str:
    """A name as YAML has it: in quotes where it would else be a number, or more than a name."""
    try:
        bare = _PLAIN.fullmatch(name) is not None and plain(name) == name
    except ValueError:
        bare = False
    return name if bare else json.dumps(name, ensure_ascii=False)


def _value(node: yaml.Node | None, key: str) -> yaml.Node:
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - the same
    found: yaml.Node = next(value for name, value in node.value if name.value == key)
    return found
