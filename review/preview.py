"""Reads what `pulumi preview --json` prints, of any program and with any plugin.

Deliberately judges nothing; keeps what reviews need and drops the rest, so that a file of hundreds of megabytes fits.
"""

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from config.base import Model

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # what the engine writes for a value that is known only after apply
SECRET = "[secret]"  # noqa: S105 - what the engine writes in place of a secret

UNCHANGED = frozenset({"same", "read", "refresh", "discard", "discard-replaced", "remove-pending-replace", "read-replacement", "diff"})
REPLACED = frozenset({"replace", "create-replacement", "delete-replaced", "import-replacement"})
KNOWN = UNCHANGED | REPLACED | {"create", "update", "delete", "import"}


class Unreadable(Exception):
    """The file is not the preview that it should be; the message says what it is instead, and what to do."""


class _Foreign(Model):
    """A value of the engine's: spelled its way, and with keys that no review needs."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, validate_by_name=True)


class State(_Foreign):
    """A resource as it is, or as it will be."""

    type: str
    id: str = ""
    custom: bool = False
    """Whether a provider has it; else it only groups others."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    retain_on_delete: bool = False
    dependencies: tuple[str, ...] = ()
    """URNs."""


class Step(_Foreign):
    """What will happen to one resource."""

    op: str
    urn: str
    old_state: State | None = None
    new_state: State | None = None
    detailed_diff: dict[str, Any] | None = None
    diff_reasons: tuple[str, ...] | None = None
    replace_reasons: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        """The type token of the resource; the URN says it too, where the preview shows no state."""
        state = self.new_state or self.old_state
        return state.type if state else self.urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2]

    @property
    def old(self) -> dict[str, Any]:
        """What is there, as last seen: the provider's view, over what the program had asked for."""
        return (self.old_state.inputs | self.old_state.outputs) if self.old_state else {}

    @property
    def new(self) -> dict[str, Any]:
        """What the program asks for."""
        return self.new_state.inputs if self.new_state else {}

    @property
    def title(self) -> str:
        """What people call it: the name in vCenter, or the logical name."""
        known = [of.get("name") for of in (self.old, self.new)]
        return next((n for n in known if isinstance(n, str) and n and n not in (UNKNOWN, SECRET)), self.name)

    @cached_property
    def changed(self) -> frozenset[str]:
        """First-level inputs that differ, whether the program or the world has changed them."""
        said = {*(self.diff_reasons or ()), *(self.detailed_diff or {})}
        keys = {path.partition("[")[0].partition(".")[0] for path in said}
        if self.op in REPLACED | {"update"} and self.old_state and self.new_state:
            before, after = self.old_state.inputs, self.new_state.inputs
            keys |= {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        return frozenset(keys - {"__defaults"})


class Diagnostic(_Foreign):
    """What the engine or the program said."""

    message: str = ""
    severity: str = ""


class Preview(_Foreign):
    """A whole preview."""

    steps: tuple[Step, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    change_summary: dict[str, int] = Field(default_factory=dict)
    """How many resources there are for each operation, shown or not."""
    maybe_corrupt: bool = False

    @property
    def hidden(self) -> int:
        """How many resources stay as they are and are not shown: the engine shows them with --show-sames only."""
        return max(0, self.change_summary.get("same", 0) - sum(step.op == "same" for step in self.steps))

    @property
    def short(self) -> tuple[str, ...]:
        """Operations that change something and of which fewer are shown than counted; the engine leaves out only what stays."""
        shown = Counter(step.op for step in self.steps)
        counted = sorted(self.change_summary.items())
        return tuple(f"{op}: {shown[op]} of {count}" for op, count in counted if op not in UNCHANGED and shown[op] < count)

    @property
    def errors(self) -> tuple[str, ...]:
        """Why the preview itself failed; empty when it did not."""
        said = tuple(d.message.strip() for d in self.diagnostics if d.severity == "error")
        return (*said, "the engine says that this preview may be corrupt") if self.maybe_corrupt else said


def read(path: Path) -> Preview:
    """The preview in a file.

    Raises:
        Unreadable: the file is missing, empty, cut short, or no preview.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} can't be read: {error.strerror}") from None
    return parse(text, str(path))


def parse(text: bytes, source: str = "the preview") -> Preview:
    """The preview in what `pulumi preview --json` printed.

    Raises:
        Unreadable: it is empty, cut short, or no preview.
    """
    again = "write it anew with: pulumi preview --json --show-sames"
    if not text.strip():
        raise Unreadable(f"{source} is empty; {again}")
    try:
        made = Preview.model_validate_json(text)
    except ValidationError as bad:
        raise Unreadable(f"{source} {_why(bad, text)}; {again}") from None
    strange = sorted({step.op for step in made.steps} - KNOWN)
    if strange:
        raise Unreadable(f"{source} has operations that this version does not know ({', '.join(strange)}); {again}")
    short = ", ".join(made.short)
    if short:
        raise Unreadable(f"{source} is incomplete: it shows fewer operations than it counts ({short}); {again}")
    return made


def _why(bad: ValidationError, text: bytes) -> str:
    first = bad.errors(include_url=False, include_input=False)[0]
    if first["type"] != "json_invalid":
        place = ".".join(map(str, first["loc"])) or "the whole"
        return f"is no preview: {place}: {first['msg']}"
    if b'"sequence"' in text[:2000]:
        return "is a stream of events, not one preview (PULUMI_ENABLE_STREAMING_JSON_PREVIEW is set where it was written)"
    if "EOF" in first["msg"]:
        return "is cut short"
    return f"is no JSON: {first['msg'].removeprefix('Invalid JSON: ')}"
