"""The one place that knows Numba: functions over bytes are compiled, so that a log is read at the speed of memory.

They are plain Python all the same: `NUMBA_DISABLE_JIT=1` runs them uncompiled, some hundred times slower.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Table = NDArray[np.int64]
Event = NDArray[np.int64]
"""A column of a table: what one line says."""


F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function as machine code, compiled at its first call, kept on disk, and run without Python's lock."""
    return cast(F, numba.njit(nogil=True, cache=True)(function))
