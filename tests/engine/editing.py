"""Edits of YAML files by dotted path, as a person would make them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

GONE = object()
"""As a value of an edit: the key is taken out, if it is there."""

Edits = Mapping[str, Any]
"""New values by dotted path; a step into a list is its index, and its length appends."""


def edited(source: Path, target: Path, edits: Edits) -> Path:
    """Writes the source with its edits to the target."""
    whole = yaml.safe_load(source.read_text(encoding="utf-8"))
    for path, value in edits.items():
        _edit(whole, path, value)
    target.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return target


def _edit(whole: Any, path: str, value: Any) -> None:
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in steps:
        whole = whole[step]
    if value is GONE:
        whole.pop(last, None)
    elif isinstance(whole, list) and last == len(whole):
        whole.append(value)
    else:
        whole[last] = value
