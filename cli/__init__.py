"""What can be typed: the `mailstead` command.

Deliberately holds no rule and no arithmetic: it reads a stack, asks the other packages, and shows what they say.
"""

import gc
import sys

gc.set_threshold(1_000_000)  # objects; looking for cycles while libraries are loaded is a sixth of a command's start, and it ends soon


def settle() -> None:
    """Say that what is loaded by now stays: no need to look for cycles in it, not even at the end. DuckDB's library counts on that look."""
    if "duckdb" not in sys.modules:
        gc.freeze()
