"""The reference of a stack's keys, made from the models: each key with its value, limits, default and meaning.

Limits are found by asking the model which numbers it takes, so they are what holds, however a validator says it.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from math import ceil
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from config.base import Model
from config.platform import Platform

GRIDS = (10**6, 256, 1)  # steps in 1 in which limits are sought: fine ones, those of a VM's memory (4 MiB in GiB), whole numbers
INSIDE = (1, 0.5, 24, 3600)  # each type of number takes one of these
HUGE = 10**12  # from here on a limit only keeps nonsense out
FINE = 1e-9
TEXTS = {
    "name": "name", "fqdn": "domain", "naa": "LUN's device name", "text": "text", "folder": "path of a folder", "_day": "day",
    IPv4Address: "IPv4 address", IPv4Network: "IPv4 network", bool: "`true` or `false`", str: "text",
}  # fmt: skip


def page() -> str:
    """All tables, section by section."""
    found: dict[type[Model], list[str]] = {}
    for name, field in Platform.model_fields.items():
        for model, path in _models(field.annotation, name):
            found.setdefault(model, []).append(path)
    return "\n".join(_table(model, paths) for model, paths in found.items())


def _models(annotation: Any, path: str) -> Iterator[tuple[type[Model], str]]:
    """The models in a type, and below them, each with the path at which it stands."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation, path
        for name, field in annotation.model_fields.items():
            yield from _models(field.annotation, f"{path}.{name}")
        return
    step = {dict: ".NAME", list: "[]"}.get(get_origin(annotation), "")
    for part in get_args(annotation):
        yield from _models(part, path + step)


def _table(model: type[Model], paths: list[str]) -> str:
    kind = model.model_fields.get("kind")
    of_kind = f", kind `{get_args(kind.annotation)[0]}`" if kind else ""
    title = f"### {', '.join(f'`{path}`' for path in dict.fromkeys(paths))}{of_kind}"
    rows = [_row(name, field) for name, field in model.model_fields.items()]
    return "\n".join([title, "", _line(model.__doc__), "", "| key | value | default | meaning |", "|---|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo) -> str:
    annotation = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    default = "**needed**" if field.is_required() else _default(field.default)
    inner = next((model for model, _ in _models(field.annotation, "")), None)
    meaning = _line(field.description) or (_line(inner.__doc__) if inner else "")
    return f"| `{name}` | {_value(annotation, [])} | {default} | {meaning} |"


def _line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _default(value: Any) -> str:
    if isinstance(value, Model):
        return "see its keys"
    if value in (None, {}, []):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else _number(value) if isinstance(value, int | float) else value}`"


def _number(value: float) -> str:
    return f"{value:,.12g}" if value < HUGE else f"{value:,}"


def _value(annotation: Any, metadata: list[Any]) -> str:
    """What may stand there."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(parts[0], [*metadata, *parts[1:]])
    if origin in (dict, list):
        some = ", at least one" if any(getattr(item, "min_length", 0) for item in metadata) else ""
        return f"{'by name' if origin is dict else 'list'}{some}: {_value(parts[-1], [])}"
    if origin in (Union, UnionType):
        members = [part for part in parts if part is not NoneType]
        return _value(members[0], metadata) if len(members) == 1 else "keys of one `kind`, see below"
    return f"`{parts[0]}`" if origin is Literal else _plain(annotation, metadata)


def _plain(kind: type[Any], metadata: list[Any]) -> str:
    if issubclass(kind, Model):
        return "keys, see below"
    if issubclass(kind, StrEnum):
        return " or ".join(f"`{choice}`" for choice in kind)
    if kind in (int, float):
        return ("whole number" if kind is int else "number") + _limits(Annotated[kind, *metadata])
    validators = [item.func.__name__ for item in metadata if isinstance(item, AfterValidator | BeforeValidator)]
    return next((TEXTS[name] for name in validators if name in TEXTS), "") or TEXTS[kind]


def _limits(annotation: Any) -> str:
    """The numbers that a type takes, which are all those between two."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def takes(number: float) -> bool:
        try:
            adapter.validate_python(int(number) if number == int(number) else number)
        except ValidationError:
            return False
        return True

    inside = next(number for number in INSIDE if takes(number))
    grid = next(grid for grid in GRIDS if takes(inside + 1 / grid) or takes(inside - 1 / grid))
    low = -_last(lambda step: takes(-step / grid), int(-inside * grid), grid) / grid
    high = _last(lambda step: takes(step / grid), int(inside * grid), 2 * HUGE * grid) / grid
    least = f"above {_number(ceil(low) - 1)}" if takes(ceil(low) - 1 + FINE) and not takes(ceil(low) - 1) else _number(low)
    if high >= HUGE:
        return f", {least}" if least.startswith("above") else f", {least} or more"
    most = f"below {_number(ceil(high))}" if not takes(ceil(high)) and takes(ceil(high) - FINE) else _number(high)
    return f", {least} to {most}"


def _last(holds: Callable[[int], bool], start: int, end: int) -> int:
    """The last of the numbers from `start` to `end` for which something holds that holds for the first."""
    while start < end - 1:
        middle = (start + end) // 2
        start, end = (middle, end) if holds(middle) else (start, middle)
    return start
