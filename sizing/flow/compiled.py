"""The one place that knows Numba: functions over bytes are compiled, so that a log is read at the speed of memory.

They are plain Python all the same: `NUMBA_DISABLE_JIT=1` runs them uncompiled, some hundred times slower.
"""

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
"""A column of a table: what one line says."""


def _cache() -> Path:
    """The folder for machine code of just these sources: Numba itself looks at a function's own file, not at those that it calls."""
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "mailstead" / f"compiled-{hashlib.sha256(sources).hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # compiled anew in each process, then
        return Path(tempfile.mkdtemp(prefix="mailstead-compiled-"))
    return folder


numba.config.CACHE_DIR = str(_cache())  # type: ignore[attr-defined]  # made at run time
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function as machine code, compiled at its first call, kept on disk, and run without Python's lock."""
    return cast(F, numba.njit(nogil=True, cache=True)(function))
