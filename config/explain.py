"""Turns what pydantic found into problems that say what to write instead."""

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.problems import Problem
from config.references import nearest

_RULES = {
    "missing": ("is given", "add this key"),
    "string_type": ("is not text", "write text, in quotes if it looks like a number"),
    "enum": ("is not one of the choices", "write {expected}"),
    "literal_error": ("is not one of the choices", "write {expected}"),
    "union_tag_invalid": ("is not a known kind", "write {expected_tags}"),
    "union_tag_not_found": ("has no kind", "add the key kind"),
    "ip_v4_address": ("is not an IPv4 address", "write for example 192.0.2.10"),
    "ip_v4_network": ("is not an IPv4 network", "write the network's first address and its length, for example 192.0.2.0/24"),
    "bool_parsing": ("is not a yes or a no", "write true or false"),
    "bool_type": ("is not a yes or a no", "write true or false"),
    "greater_than_equal": ("is too small", "write {ge} or more"),
    "less_than_equal": ("is too large", "write {le} or less"),
    "too_short": ("has too few entries", "give at least {min_length}"),
    "dict_type": ("is not a mapping", "write indented keys below it"),
    "model_type": ("is not a mapping", "write indented keys below it"),
    "model_attributes_type": ("is not a mapping", "write indented keys below it"),
    "list_type": ("is not a list", "write its entries as a list"),
}


def problems(error: ValidationError, model: type[BaseModel], values: Any, prefix: str) -> list[Problem]:
    """Every problem of a failed validation of `values` as a `model` that stands at the path `prefix`."""
    return [_problem(details, model, values, prefix) for details in error.errors(include_url=False)]


def _problem(details: ErrorDetails, model: Any, values: Any, prefix: str) -> Problem:
    steps, owner = _walk(details["loc"], model, values)
    path = ".".join([prefix, *steps])
    if details["type"] == "extra_forbidden":
        return Problem(path, steps[-1], "is not a known key", nearest(steps[-1], getattr(owner, "model_fields", ())))
    if details["type"] == "value_error":
        rule, _, remedy = str(details["ctx"]["error"]).partition("; ")
    else:
        rule, remedy = _RULES.get(details["type"], (f"is not allowed ({details['msg']})", "write another value"))
        remedy = remedy.format_map(_Context(details.get("ctx", {})))
    value = "nothing" if details["type"] == "missing" else shown(details["input"])
    return Problem(path, value, rule, remedy)


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"another value ({key})"


def shown(value: Any) -> str:
    """A value as a message shows it: short, and of a container only its kind."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = "nothing" if value is None else str(value)
    return (text[:77] + "…" if len(text) > 78 else text) or "an empty text"


def _walk(loc: tuple[int | str, ...], model: Any, values: Any) -> tuple[list[str], Any]:
    """The path that the file shows for pydantic's location, and the model that owns its last step."""
    steps: list[str] = []
    owner = model
    for i, step in enumerate(loc):
        if step == "[key]":
            break
        owner = _plain(model)
        if isinstance(owner, tuple):  # a union told apart by `kind`: pydantic adds the kind to the location
            owner = next((m for m in owner if _kind(m) == step), owner[0])
            model = owner
            if i + 1 < len(loc):
                continue
        steps.append(str(step))
        model = _below(owner, step)
        values = values.get(step) if isinstance(values, dict) else None
    return steps, owner


def _plain(annotation: Any) -> Any:
    """The annotation without `Annotated` and `None`; the members of a union of models as a tuple."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        members = tuple(a for a in get_args(annotation) if a is not type(None))
        return members if len(members) > 1 else _plain(members[0])
    return annotation


def _kind(model: Any) -> Any:
    return get_args(model.model_fields["kind"].annotation)[0]


def _below(owner: Any, step: int | str) -> Any:
    if isinstance(owner, type) and issubclass(owner, BaseModel):
        field = owner.model_fields.get(str(step))
        return field.annotation if field else None
    arguments = get_args(owner)
    return arguments[-1] if arguments else None
