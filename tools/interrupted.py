"""What was under way when an engine was killed, from the state that `pulumi stack export` prints.

`python3 tools/interrupted.py < STATE` lists it, and exits with 1 while something may be half made: applied again, it would be made a
second time. The engine itself says so only once an apply has begun, and no preview does. Standard library only.
"""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple


class Operation(NamedTuple):
    """Something that had begun and whose end nobody recorded."""

    kind: str
    """creating, updating, deleting, reading or importing."""
    type: str
    name: str


def under_way(state: dict[str, Any]) -> list[Operation]:
    """The operations that a state holds as begun."""
    pending = (state.get("deployment") or {}).get("pending_operations") or []
    parts = ((operation["type"], operation["resource"]["urn"].split("::")) for operation in pending)
    return sorted(Operation(kind, urn[2].rpartition("$")[2], urn[-1]) for kind, urn in parts)


def main() -> None:
    """List them, for a person. Where the engine gives no state, it has said why itself."""
    text = sys.stdin.read()
    found = under_way(json.loads(text)) if text else []
    if not found:
        return
    lines = [
        "An earlier run was killed. What vCenter made of this, nobody recorded:",
        *(f"  {operation.type} {operation.name}, interrupted while {operation.kind}" for operation in found),
        "docs/interrupted.md (After a kill) says what to look at, and what to type.",
    ]
    sys.stderr.writelines(f"{line}\n" for line in lines)
    if any(operation.kind == "creating" for operation in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
