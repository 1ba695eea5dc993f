"""Turns what pydantic found into problems that say what to write instead."""

from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.problems import Problem, shown, step
from config.references import nearest

_RULES = {
    "string_type": ("is not text", "write text, in quotes if it looks like a number"),
    "bool_type": ("is neither true nor false", "write true or false"),
    "greater_than_equal": ("is too small", "write {ge} or more"),
    "less_than_equal": ("is too large", "write {le} or less"),
    "too_short": ("has too few entries", "give at least {min_length}"),
    "dict_type": ("is not a mapping", "write indented keys below it"),
    "model_type": ("is not a mapping", "write indented keys below it"),
    "model_attributes_type": ("is not a mapping", "write indented keys below it"),
    "list_type": ("is not a list", "write its entries as a list"),
}


def problems(error: ValidationError, model: Any, prefix: str) -> list[Problem]:
    """Every problem of a failed validation as a `model` (or another type) that stands at the path `prefix`."""
    return [_problem(details, model, prefix) for details in error.errors(include_url=False)]


def meaning(field: FieldInfo) -> str:
    """What a key is for, to follow a colon: its description or what its model is, and its choices."""
    annotation = _plain(field.annotation)
    if isinstance(annotation, tuple):
        return f"a mapping of kind {', '.join(map(_kind, annotation))}"
    by_name = get_origin(annotation) is dict
    model = _plain(get_args(annotation)[-1]) if by_name else annotation
    described = isinstance(model, type) and issubclass(model, BaseModel) and not field.description
    sentence = _within_sentence((model.__doc__ if described else field.description) or "a value").partition("\n")[0]
    choices = f"; one of {', '.join(annotation)}" if isinstance(annotation, type) and issubclass(annotation, StrEnum) else ""
    return ("by name, " if by_name and described else "") + sentence.rstrip(".") + choices


def _within_sentence(text: str) -> str:
    first = text.partition(" ")[0]
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:]  # names such as HAProxy and LUN stay


def _problem(details: ErrorDetails, model: Any, prefix: str) -> Problem:
    steps, owner = _walk(details["loc"], model)
    kind, context, value = details["type"], details.get("ctx", {}), shown(details["input"])
    match kind:
        case "extra_forbidden":
            told = shown(steps[-1]), "is not a known key", nearest(steps[-1], owner.model_fields)
        case "missing":
            told = "nothing", "is given", f"add this key: {meaning(owner.model_fields[steps[-1]])}"
        case "union_tag_not_found":
            known = _plain(owner.model_fields[steps[-1]].annotation)
            told = "nothing", "is given", f"add this key: one of {', '.join(map(_kind, known))}"
        case "union_tag_invalid":
            tag, kinds = str(context["tag"]), str(context["expected_tags"]).replace("'", "")
            told = shown(tag), "is not a known kind", nearest(tag, kinds.split(", "))
        case "enum" | "literal_error":
            told = value, _unless_empty(details, "is not one of the choices"), f"write {context['expected']}".replace("'", "")
        case "value_error":
            rule, _, remedy = str(context["error"]).partition("; ")
            told = value, _unless_empty(details, rule), remedy
        case _:
            rule, remedy = _RULES.get(kind, (f"can't stand ({details['msg']})", "write another value"))
            told = value, _unless_empty(details, rule), remedy.format_map(context)
    if kind.startswith("union_tag_"):
        steps.append("kind")
    return Problem(".".join([prefix, *steps]), *told)


def _unless_empty(details: ErrorDetails, rule: str) -> str:
    return "is written here" if details["input"] is None else rule


def _walk(loc: tuple[int | str, ...], model: Any) -> tuple[list[str], Any]:
    """The path that the file shows for pydantic's location, and the type that owns its last step."""
    steps: list[str] = []
    owner = model
    for key in loc:
        if key == "[key]":
            break
        owner = _plain(model)
        if isinstance(owner, tuple):  # a union told apart by `kind`: pydantic adds the kind to the location
            model = next(member for member in owner if _kind(member) == key)
            continue
        steps.append(step(key))
        model = _below(owner, key)
    return steps, owner


def _plain(annotation: Any) -> Any:
    """The annotation without `Annotated` and `None`; the members of a union of models as a tuple."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        members = tuple(a for a in get_args(annotation) if a is not type(None))
        return members if len(members) > 1 else _plain(members[0])
    return annotation


def _kind(model: Any) -> str:
    return str(get_args(model.model_fields["kind"].annotation)[0])


def _below(owner: Any, key: int | str) -> Any:
    if isinstance(owner, type) and issubclass(owner, BaseModel):
        field = owner.model_fields.get(str(key))
        return field.annotation if field else None
    return get_args(owner)[-1]
