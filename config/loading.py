"""From a stack file, or from the engine's configuration, to a `Platform` or to every problem at once.

A stack file is Pulumi's own structured configuration. Deliberately needs no secret: a description is readable by all.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config import changing, explain
from config.base import Model
from config.platform import Platform
from config.problems import Problem, Refused, shown, step
from config.references import check, nearest
from config.stackfile import ENCRYPTED, PREFIX, StackFile, read

STACKS = Path(__file__).parent.parent / "stacks"


def locate(stack: str) -> Path:
    """The file of a stack: a path to it, or its name in `stacks/`.

    Raises:
        FileNotFoundError: there is neither; the message lists the stacks there are.
    """
    for path in (STACKS / f"Pulumi.{stack}.yaml", Path(stack)):
        with suppress(OSError):  # a name too long, a folder that may not be read
            if path.is_file():
                return path
    known = ", ".join(sorted(p.name.split(".", 2)[1] for p in STACKS.glob("Pulumi.*.yaml")))
    raise FileNotFoundError(f"there is no stack or file named {shown(stack)}; the stacks are: {known}")


class Decrypted:
    """In place of a section that holds a secret: the engine hands it over in clear, and nothing may be made of it, a message least."""


def load(path: Path) -> Platform:
    """The platform that a stack file describes.

    Raises:
        Refused: with every problem of the file.
    """
    file = read(path)
    if file.unreadable:
        raise Refused(file.problems)
    return parse(file.sections, file)


def parse(sections: Mapping[str, Any], file: StackFile | None = None) -> Platform:
    """The platform that the `mailstead:` keys describe; `file` adds file and line to what is wrong.

    Raises:
        Refused: with every problem of every section.
    """
    found: list[Problem] = []
    good: dict[str, Any] = {}
    for name, field in Platform.model_fields.items():
        if name not in sections:
            if field.is_required():
                found.append(Problem(name, "nothing", "is given", f"add the key {PREFIX}{name}: {explain.meaning(field)}"))
            else:
                good[name] = field.default
            continue
        if isinstance(sections[name], Decrypted):
            found += _encrypted(name, file)
            continue
        try:
            good[name] = _adapter(name).validate_python(sections[name])
            found += _empty(sections[name], good[name], name)
        except ValidationError as error:
            found += explain.problems(error, field.annotation, name)
    known = Platform.model_fields
    found += [Problem(step(k), shown(k), "is not a known key", nearest(k, known)) for k in sections if k not in known]
    found += check(good)
    found += changing.problems(good)
    if file:
        found = [*file.problems, *(problem for problem in located(found, file) if not file.reported(problem.path))]
    if found:
        raise Refused(found)
    return Platform(**good)


def _empty(said: Any, meant: Any, path: str) -> Iterator[Problem]:
    """Keys with nothing behind them, below a path: who writes `risk:` wants more than what holds without it."""
    if said is None and meant is None:
        yield Problem(path, "nothing", "is written here", "write a value, or remove the key")
    elif isinstance(said, Mapping) and isinstance(meant, Model):
        for key, value in said.items():
            yield from _empty(value, getattr(meant, key), f"{path}.{key}")
    elif isinstance(said, Mapping) and isinstance(meant, Mapping):
        for key in (key for key, value in said.items() if value is not None):  # a name may say all, such as a name server's
            yield from _empty(said[key], meant[key], f"{path}.{step(key)}")
    elif isinstance(said, list) and isinstance(meant, list):
        for i, (value, member) in enumerate(zip(said, meant, strict=True)):
            yield from _empty(value, member, f"{path}.{i}")


def _encrypted(name: str, file: StackFile | None) -> Iterator[Problem]:
    """That a section is secret, unless the file has it already, by line."""
    if not file or not any(f"{path}.".startswith(f"{name}.") for path in file.refused):
        rule, _, remedy = ENCRYPTED.partition("; ")
        yield Problem(name, "this section", rule, remedy)


@cache
def _adapter(section: str) -> TypeAdapter[Any]:
    field = Platform.model_fields[section]
    return TypeAdapter(field.rebuild_annotation())


def located(found: Iterable[Problem], file: StackFile | None) -> list[Problem]:
    """The problems with the file and the line of the nearest key that the file has; a login need not be in any file."""
    return [_placed(problem, file) for problem in found] if file else list(found)


def _placed(problem: Problem, file: StackFile) -> Problem:
    if not problem.path.startswith("vsphere:"):
        return replace(problem, file=file.name, line=problem.line or file.line(problem.path))
    line = file.lines.get(f"config.{problem.path}")
    return replace(problem, file=file.name, line=line) if line else problem


def describing(path: Path, sections: Mapping[str, Any]) -> StackFile | None:
    """The file at `path`, if it says just these sections, as far as they may be read: what is wrong can then be shown by line."""
    file = read(path) if path.is_file() else None
    if file is None:
        return None
    readable = {name: file.sections.get(name) if isinstance(value, Decrypted) else value for name, value in sections.items()}
    return file if file.sections == readable else None
