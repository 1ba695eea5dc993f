"""Reads what `pulumi preview --json` prints, of any program and with any plugin.

Deliberately judges nothing; keeps what reviews need and drops the rest, so that a file of hundreds of megabytes fits.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from config.base import Model

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # what the engine writes for a value that is known only after apply
SECRET = "[secret]"  # noqa: S105 - what the engine writes in place of a secret
MOST_DIGITS = 25  # of a whole number; the engine writes float64, and those of more than 21 digits with an exponent
_DROPPED = frozenset({"propertyDependencies", "created", "modified", "policies"})
"""Keys of the engine's that no review needs."""

UNCHANGED = frozenset({"same", "read", "refresh", "discard", "discard-replaced", "remove-pending-replace", "diff"})
REPLACED = frozenset({"replace", "create-replacement", "delete-replaced", "import-replacement", "read-replacement"})
_PARTS = REPLACED - {"replace"}
"""The single steps of a replacement, which are shown by --show-replacement-steps, and counted as one `replace`."""
KNOWN = UNCHANGED | REPLACED | {"create", "update", "delete", "import"}


class Unreadable(Exception):
    """The file is not the preview that it should be; the message says what it is instead, and what to do."""


_NAME = 3  # separators before the name in a URN; a name may hold more of them


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
    protect: bool = False
    retain_on_delete: bool = False
    provider: str = ""
    """URN and id of the provider that it is asked of."""
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
        return self.urn.split("::", _NAME)[-1]

    @property
    def type(self) -> str:
        """The type token of the resource; the URN says it too, where the preview shows no state."""
        state = self.new_state or self.old_state
        return state.type if state else self.urn.split("::", _NAME)[-2:][0].rpartition("$")[2]

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
        return next((n for n in known if isinstance(n, str) and n and seen(n)), self.name)

    @cached_property
    def changed(self) -> frozenset[str]:
        """First-level inputs that differ, whether the program or the world has changed them."""
        said = {*(self.diff_reasons or ()), *(self.detailed_diff or {})}
        keys = {path.partition("[")[0].partition(".")[0] for path in said}
        if self.op in REPLACED | {"update"} and self.old_state and self.new_state:
            before, after = self.old_state.inputs, self.new_state.inputs
            keys |= {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
            if self.detailed_diff is None and self.diff_reasons is None:  # then only the two states tell
                keys |= {key for key in after if self.old.get(key) != after[key]}
        return frozenset(keys - {"__defaults"})


class Diagnostic(_Foreign):
    """What the engine or the program said."""

    message: str = ""
    severity: str = ""


class Preview(_Foreign):
    """A whole preview."""

    steps: tuple[Step, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    change_summary: dict[str, int] = Field(default_factory=dict)
    """How many resources there are for each operation, shown or not."""
    maybe_corrupt: bool = False

    @property
    def hidden(self) -> int:
        """How many resources stay as they are and are not shown: the engine shows them with --show-sames only."""
        return max(0, self.change_summary.get("same", 0) - sum(step.op == "same" for step in self.steps))

    @property
    def miscounted(self) -> tuple[str, ...]:
        """Operations of which more or fewer are shown than counted; of what stays, the engine shows some, all or nothing."""
        shown, counted = Counter(step.op for step in self.steps), self.change_summary
        wrong = []
        for op in sorted({*shown, *counted} - (UNCHANGED - {"same"})):
            more, fewer = shown[op] > counted.get(op, 0) and op not in _PARTS, shown[op] < counted.get(op, 0) and op != "same"
            wrong += [f"{op}: {shown[op]} of {counted.get(op, 0)}"] if more or fewer else []
        return tuple(wrong)

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
        Unreadable: it is empty, cut short, no preview, or shows more or less than it counts.
    """
    try:
        return _preview(_decoded(text))
    except Unreadable as why:
        raise Unreadable(f"{source} {why}; write it anew with: pulumi preview --json --show-sames") from None


def _preview(whole: Any) -> Preview:
    if isinstance(whole, dict) and "steps" not in whole and not whole.get("diagnostics"):  # of a failed one the engine leaves steps out
        raise Unreadable("is no preview: steps: Field required")
    try:
        made = Preview.model_validate(whole)
    except ValidationError as bad:
        first = bad.errors(include_url=False, include_input=False)[0]
        raise Unreadable(f"is no preview: {'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}") from None
    strange = sorted({step.op for step in made.steps} - KNOWN)
    if strange:
        raise Unreadable(f"has operations that this version does not know ({', '.join(strange)})")
    if made.miscounted and not made.errors:
        raise Unreadable(f"is incomplete, or was edited: it shows other operations than it counts ({', '.join(made.miscounted)})")
    return made


def _decoded(text: bytes) -> Any:
    """What a JSON text says, without what no review needs; refuses what the engine never writes and readers take differently."""
    if not text or text.isspace():
        raise Unreadable("is empty")
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole, parse_float=_finite, parse_constant=_no_number)
    try:
        read = text.decode(json.detect_encoding(text))
        found = decoder.decode(read)
        if "\\ud" in read or "\\uD" in read:  # halves of characters, which nobody can print
            json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as bad:
        raise Unreadable(_why(bad)) from None
    except UnicodeError:
        raise Unreadable("is no JSON: not all of it is text") from None
    except RecursionError:
        raise Unreadable("is no preview: it is nested too deeply") from None
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {sys.intern(key): value for key, value in pairs if key not in _DROPPED}
    if len(found) != sum(key not in _DROPPED for key, _ in pairs):
        keys = [key for key, _ in pairs]
        raise Unreadable(f"is no preview: {next(key for key in keys if keys.count(key) > 1)} stands twice in one object")
    return found


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else _no_number(f"a number of {len(digits)} digits")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits[:MOST_DIGITS])


def _no_number(text: str) -> NoReturn:
    raise Unreadable(f"is no preview: {text} is no number that the engine writes")


def _why(bad: json.JSONDecodeError) -> str:
    if '"sequence"' in bad.doc[:2000]:
        return "is a stream of events, not one preview (PULUMI_ENABLE_STREAMING_JSON_PREVIEW is set where it was written)"
    if bad.msg.startswith("Unterminated string") or len(bad.doc.rstrip()) - bad.pos < len("false"):
        return "is cut short"
    return f"is no JSON: {bad.msg} at line {bad.lineno} column {bad.colno}"


def texts(values: Mapping[str, Any], key: str) -> list[str]:
    """The texts in a list of values; none where there is no list, or none that can be seen."""
    found = values.get(key)
    return [each for each in found if isinstance(each, str) and seen(each)] if isinstance(found, list) else []


def seen(value: Any) -> bool:
    """Whether a value of the engine's can be read: a plain one, neither known only after the apply nor secret."""
    return value not in _UNSEEN if isinstance(value, str) else isinstance(value, bool | int | float)


_UNSEEN = frozenset({
    UNKNOWN, SECRET, "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", "030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
})  # fmt: skip
"""What stands for an unseen value: a text, a flag, a number, a list, an asset, an archive, an object (Pulumi, plugin/rpc.go)."""
