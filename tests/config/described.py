"""The campus stack as data, for tests to change one thing of, and what is then said about it."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from config import Problem, Refused, StackFile, parse, read

STACKS = Path(__file__).parents[2] / "stacks"
CAMPUS = STACKS / "Pulumi.campus.yaml"
_SECTIONS = read(CAMPUS).sections


def campus() -> dict[str, Any]:
    """The sections of the campus stack, to be changed at will."""
    return deepcopy(dict(_SECTIONS))


def changed(**values: Any) -> dict[str, Any]:
    """The sections of the campus stack with values at paths, whose dots are written as two underscores."""
    sections = campus()
    for path, value in values.items():
        *parents, last = path.split("__")
        owner: Any = sections
        for step in parents:
            owner = owner[int(step)] if isinstance(owner, list) else owner.setdefault(step, {})
        owner[last] = value
    return sections


def problems(sections: Mapping[str, Any], file: StackFile | None = None) -> tuple[Problem, ...]:
    """What is wrong with the sections; nothing if they are a platform."""
    try:
        parse(sections, file)
    except Refused as refused:
        return refused.problems
    return ()


def said(sections: Mapping[str, Any], file: StackFile | None = None) -> list[str]:
    """What is wrong with the sections, as it is shown."""
    return [str(problem) for problem in problems(sections, file)]
