"""The ways in which mail or its service gets lost, and which test shows the guard against each: the source of docs/safety.md.

A test that breaks something and shows the guard is marked `@pytest.mark.hazard("H1", "review", "what refuses or warns")`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LAYERS = ("model", "plan", "review", "policy", "live", "engine", "operation")
"""Where a guard is, earliest first: the description, the plan's invariants, the review of a preview, the policy pack, the look at vCenter,
the engine with the options of resources, and commands that do one thing to vCenter."""

HAZARDS = {
    "H1": "A disk is dropped or relabelled, and its file deleted in what previews as an update",
    "H2": "An edit of a template or of a guest's customization replaces a VM, the old one first",
    "H3": "`retain_on_delete` comes in the same change as the replacement that it should survive",
    "H4": "A cosmetic edit of a virtual disk makes a new, empty one",
    "H5": "A refresh loses a VM that is there, and the next apply makes a second one",
    "H6": "A restored or cloned VM is taken for the managed one",
    "H7": "A disk grows or leaves while a snapshot is there, and the apply stops half way",
    "H8": "A forgotten snapshot fills the datastore, and every VM on it stops",
    "H9": "A snapshot is replaced by an edit of its text, or its removal is cut off by a time-out",
    "H10": "One apply restarts all that stand in for one another",
    "H11": "All members of a role depend on one host, datastore or fabric",
    "H12": "A guest takes one disk for another after their order has changed",
    "H13": "A server is deleted while mail is queued on it",
    "H14": "A DNS zone shrinks by a bad template or an empty source",
    "H15": "An editor of DNS overwrites another's change",
    "H16": "MX records change before the new store is ready, or before old answers have expired",
    "H17": "A change of SPF, DKIM or DMARC makes receivers refuse mail",
    "H18": "MTA-STS or TLSA disagree with MX or certificates",
    "H19": "A balancer's address is trusted, or a PROXY header expected on one side only",
    "H20": "A push of balancer rules removes others', or fails when it is loaded later",
    "H21": "A very long access list stalls a reload, or a partial one leaves stale entries",
    "H22": "Master and replica of the directory are mixed up, or its map is full",
    "H23": "Synchronization with deletion runs after the cutover",
    "H24": "The log archive is deleted with its VM, or kept too short",
    "H25": "The engine's state is lost or forked, or its lock broken by hand",
    "H26": "A secret stands in the state, in a report or in a message",
    "H27": "A preview is stale: vCenter is no longer what the state says",
    "H28": "A new version of the provider does something else",
    "H29": "A thin LUN has no more room on the array, while vCenter shows free space",
    "H30": "A size in another unit than meant",
}
"""By number: the survey's, with one sentence each."""
LATER = frozenset(f"H{n}" for n in range(14, 24)) - {"H19", "H21", "H22"}
"""What concerns DNS updates, pushes of balancer rules and migrations, which Mailstead does not do."""


class Guard(NamedTuple):
    """A test that shows a guard."""

    hazard: str
    layer: str
    guard: str
    test: str


def guards(root: Path) -> tuple[Guard, ...]:
    """Every marked test, read and not imported, in the order of hazards, layers and names."""
    found = {guard for file in sorted((root / "tests").rglob("test_*.py")) for guard in _in_file(file, root)}
    return tuple(sorted(found, key=lambda g: (int(g.hazard[1:]), LAYERS.index(g.layer), g.test)))


def _in_file(file: Path, root: Path) -> Iterator[Guard]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.hazard":
                hazard, layer, guard = (ast.literal_eval(argument) for argument in mark.args)
                yield Guard(hazard, layer, guard, f"{file.relative_to(root)}::{getattr(node, 'name', '')}")


def table(found: tuple[Guard, ...]) -> str:
    """The table of docs/safety.md."""
    lines = ["| | What goes wrong | Guard | Layer | Shown by |", "|---|---|---|---|---|"]
    for hazard, what in HAZARDS.items():
        rows = [guard for guard in found if guard.hazard == hazard]
        for at, guard in enumerate(rows):
            file, _, name = guard.test.partition("::")
            shown = f"[{name.removeprefix('test_').replace('_', ' ')}](../{file})"
            lines.append(f"| {hazard if not at else ''} | {what if not at else ''} | {guard.guard} | {guard.layer} | {shown} |")
        if not rows:
            lines.append(f"| {hazard} | {what} | {'Mailstead does none of this' if hazard in LATER else '**none**'} | | |")
    return "\n".join(lines) + "\n"
