"""Compiles functions over bytes with Numba, so that a log is read at the speed of memory."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Table = NDArray[np.int64]
Event = NDArray[np.int64]
"""What one line says: a row of a table."""


def _cache() -> Path:
    """The folder for machine code of just these sources: Numba itself looks at a function's own file, not at those that it calls."""
    texts = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    sources = b"".join(text for text in texts if b"@compiled" in text or b"intrinsic" in text)
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "mailstead" / f"compiled-{hashlib.sha256(sources).hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # compiled anew in each process, then
        return Path(tempfile.mkdtemp(prefix="mailstead-compiled-"))
    return folder


def compiled_before() -> bool:
    """Whether machine code is there already, so that the first block is read at once and not after a minute's work or so."""
    return any(Path(numba.config.CACHE_DIR).rglob("*.nbi"))  # type: ignore[attr-defined]  # made at run time


numba.config.CACHE_DIR = str(_cache())  # type: ignore[attr-defined]  # made at run time
_OPTIONS: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": False}
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function as machine code, compiled at its first call, kept on disk, and run without Python's lock.

    It can't make arrays: nothing is counted of who uses those that it is given, which would take as long as the reading itself.
    """
    return cast(F, numba.njit(**_OPTIONS)(function))
