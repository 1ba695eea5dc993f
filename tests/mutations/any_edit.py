"""Edits of which nobody has said beforehand whether they are safe: anything in a stack, changed by chance."""

import random
from collections.abc import Iterator
from typing import Any

from tests.mutations.stack import Sections, before

Path = tuple[Any, ...]


def any_edit(seed: int) -> tuple[Sections, list[str]]:
    """A stack with one or two things changed, and what they were."""
    chance = random.Random(f"any {seed}")  # noqa: S311 - edits, not secrets
    now = before()
    now.pop("scenarios", None)  # nothing is applied by them
    return now, [_change(chance, now) for _ in range(chance.choice([1, 1, 2]))]


def _places(node: Any, above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything in a stack, with the keys that lead there."""
    listed = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in listed:
        yield (*above, key), value
        yield from _places(value, (*above, key))


def _at(now: Any, path: Path) -> Any:
    for key in path:
        now = now[key]
    return now


def _change(chance: random.Random, now: Sections) -> str:
    every = [(path, value) for path, value in _places(now) if len(path) > 1]
    path, value = chance.choice(every)
    above, key, name = _at(now, path[:-1]), path[-1], ".".join(map(str, path))
    alike = [place for place, other in every if place != path and _alike(place, path) and type(other) is type(value)]
    how = chance.choice(["drop", "scale", "scale", "swap", "swap", "copy"])
    if how == "scale" and isinstance(value, int | float) and not isinstance(value, bool):
        above[key] = type(value)(round(value * chance.choice([0.25, 0.5, 0.8, 1.02, 1.05, 1.5, 3, 6]), 3))
        return f"{name}: {value} becomes {above[key]}"
    if how == "scale" and isinstance(value, bool):
        above[key] = not value
        return f"{name}: {value} becomes {above[key]}"
    if alike and how in ("scale", "swap", "copy"):
        other = chance.choice(alike)
        there = _at(now, other[:-1])
        above[key], there[other[-1]] = there[other[-1]], above[key] if how == "swap" else there[other[-1]]
        return f"{name} {how} {'.'.join(map(str, other))}"
    del above[key]
    return f"{name} is dropped"


def _alike(one: Path, other: Path) -> bool:
    """Whether two places hold the same kind of thing: the same key elsewhere, or a sibling."""
    return len(one) == len(other) and (one[-1] == other[-1] or one[:-1] == other[:-1])
