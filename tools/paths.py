"""Where things live, and how they get there whole: cache and checkout folders, locks, atomic publishing.

Standard library only: `bootstrap.py` uses this module before any package is installed.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".tools"
BIN = STATE / "bin"
VENV = ROOT / ".venv"


def cache_dir() -> Path:
    """The folder shared by all checkouts of one user: ${XDG_CACHE_HOME:-~/.cache}/mailstead."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The XDG base directory specification: a relative path is invalid and must be ignored.
    return (base if base.is_absolute() else Path.home() / ".cache") / "mailstead"


def outside_path() -> str:
    """PATH without this checkout's own `.tools/bin`, so that set-up never finds what it linked there itself."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if entry and Path(entry).resolve() != BIN.resolve())


def which(name: str) -> Path | None:
    """An executable on PATH that set-up did not put there, or None."""
    found = shutil.which(name, path=outside_path())
    return Path(found) if found else None


@contextlib.contextmanager
def lock(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold `path` exclusively among processes; call `waiting` once when another one has it.

    The kernel frees the lock when its holder ends, however it ends: an interrupted set-up leaves nothing to clean.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def published(target: Path) -> Iterator[Path]:
    """A staging folder that becomes `target` in one rename when the block succeeds and vanishes when it fails.

    The caller holds the lock of `target`, so a staging folder found here belongs to a run that was killed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left_over in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield staging
        staging.chmod(0o755)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
