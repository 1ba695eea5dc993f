"""The chain of ways to a tool: try each in its order, take the first that is open, remember why the others were not."""

import filecmp
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tools import paths


class Way(StrEnum):
    """How a tool came to be here."""

    PATH = "found on PATH"
    PLUGIN_FOLDER = "found among Pulumi's plugins"
    BUNDLE = "beside the Pulumi CLI"
    DOWNLOAD = "official download"
    BUILD = "built from Go modules"
    WHEEL = "PyPI wheel"
    DEBIAN = "unpacked from Debian packages"


class NotOpen(Exception):
    """A way that is not open on this machine; the text says why, in a few words, for a person."""


@dataclass(frozen=True)
class Found:
    """What a way yields: a version, the executables (the tool itself first), and why this one is right."""

    version: str
    executables: tuple[Path, ...]
    why: str


@dataclass(frozen=True)
class Choice:
    """A tool that is here: which version, where, how it came and why that way was taken."""

    tool: str
    version: str
    path: str
    way: str
    why: str


@dataclass(frozen=True)
class Missing:
    """A tool that is not here: everything that was tried with its reason, what to do, and whether the engine needs it."""

    tool: str
    tried: tuple[str, ...]
    remedy: str
    required: bool = True


@dataclass(frozen=True)
class Tool:
    """A tool that is wanted, the programs it consists of, and the ways to it in the order of preference."""

    name: str
    programs: tuple[str, ...]
    ways: Sequence[tuple[Way, Callable[[], Found]]]
    remedy: str
    required: bool = True


def choose(tool: Tool, folder: Path = paths.BIN) -> Choice | Missing:
    """Take the first way that is open and place its executables in `folder`; if none is, say what was tried.

    Then nothing of the tool stays in `folder`: an older one there would only look as if all were well.
    """
    tried: list[str] = []
    for way, find in tool.ways:
        try:
            found = find()
        except NotOpen as reason:
            tried.append(f"{way}: {reason}")
            continue
        own = way is Way.BUILD
        for executable in found.executables:
            place(executable, folder / executable.name, own=own)
        path = folder / found.executables[0].name if own else found.executables[0]
        return Choice(tool.name, found.version, str(path), way, "; ".join([found.why, *tried]))
    for program in tool.programs:  # what an earlier set-up placed is of other sources or of another version
        (folder / program).unlink(missing_ok=True)
    return Missing(tool.name, tuple(tried), tool.remedy, tool.required)


def place(source: Path, target: Path, *, own: bool) -> None:
    """Make `target` stand for `source`: a link, or for what was built here a second name or copy.

    The engine looks for its language host beside its own real file. A symbolic link would lead it into the cache that
    all checkouts share, where this checkout's host is not; a second name keeps the two together in `.tools/bin`.
    """
    if target.exists() and (target.samefile(source) or (own and filecmp.cmp(source, target))):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent)) / target.name
    try:
        if own:
            _second_name(source, fresh)
        else:
            fresh.symlink_to(source.absolute())
        fresh.replace(target)
    finally:
        shutil.rmtree(fresh.parent)


def _second_name(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)
