"""Which versions are wanted, and which found ones fit. The pins themselves stand in requirements.txt and in go.mod."""

import re
from pathlib import Path

from tools import paths

Version = tuple[int, int, int]
_NUMBER = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def parse(text: str) -> Version | None:
    """The first dotted version number in `text`, or None: `v3.259.0`, `go version go1.26 linux/amd64`."""
    found = _NUMBER.search(text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def parse_exactly(text: str) -> Version:
    """The first dotted version number in `text`; ValueError when there is none."""
    found = parse(text)
    if found is None:
        raise ValueError(f"no version in {text!r}")
    return found


def pin(package: str, requirements: Path = paths.ROOT / "requirements.txt") -> str:
    """The exact version that requirements.txt asks for; LookupError when it names none."""
    for line in requirements.read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition("==")
        if name.strip() == package and version:
            return version.strip()
    raise LookupError(f"{requirements.name} has no exact pin for {package}")


def go_directive(module: Path) -> str:
    """The Go version that a module asks for at least, from its go.mod; LookupError when it names none."""
    for line in (module / "go.mod").read_text(encoding="utf-8").splitlines():
        if line.startswith("go "):
            return line.split()[1]
    raise LookupError(f"{module.name}/go.mod has no go directive")


def fits(found: str, wanted: str) -> bool:
    """Whether a found version serves where `wanted` is pinned: the same major version, and not older.

    Pulumi's engine and its providers promise compatibility within a major version and grow by minor ones: an older
    engine or plugin may lack what the pinned Python SDK calls, a newer one has it.
    """
    have, need = parse(found), parse(wanted)
    return have is not None and need is not None and have[0] == need[0] and have >= need


def required_module(module: Path, required: str) -> str:
    """The version of another module that a module's go.mod requires; LookupError when it does not require it."""
    for line in (module / "go.mod").read_text(encoding="utf-8").splitlines():
        words = line.removeprefix("require").split()
        if words[:1] == [required]:
            return words[1].removeprefix("v")
    raise LookupError(f"{module.name}/go.mod does not require {required}")
