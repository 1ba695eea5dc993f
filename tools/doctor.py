"""What is here, how it came and why: recorded by set-up, looked at again by `mailstead doctor`.

Looking never changes anything: no download, no build, no link. Only set-up does that.
"""

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tools import catalog, paths, present, versions
from tools.chain import Choice, Missing, NotOpen

RECORD = paths.STATE / "doctor.json"
SETUP = "python3 tools/bootstrap.py"


@dataclass(frozen=True)
class Report:
    """The tools of this machine: those chosen, and those that are not here."""

    choices: tuple[Choice, ...]
    absent: tuple[Missing, ...]

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What the engine cannot do without; empty when `pulumi up` can work here."""
        return tuple(missing for missing in self.absent if missing.required)

    @property
    def skipped(self) -> tuple[Missing, ...]:
        """What is only used to check results, and is not here."""
        return tuple(missing for missing in self.absent if not missing.required)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data for JSON."""
        return {
            "choices": [asdict(choice) for choice in self.choices],
            "missing": [asdict(missing) for missing in self.missing],
            "skipped": [asdict(missing) for missing in self.skipped],
        }


def record(outcomes: list[Choice | Missing], path: Path = RECORD) -> None:
    """Keep what set-up found, replacing the record of an earlier run in one step."""
    report = _report(outcomes)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(report.as_dict(), indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def inspect(path: Path = RECORD) -> Report:
    """The report as of now: what set-up recorded, each entry looked at again, and this Python."""
    return _report([_python(), *_recorded(path)])


def changed(before: Report, after: Report) -> bool:
    """Whether another tool is here than before, or another is missing; for what reasons is no change."""
    return _here(before) != _here(after) or [m.tool for m in before.absent] != [m.tool for m in after.absent]


def render(report: Report, console: Console) -> None:
    """Print a report as one table."""
    table = Table("tool", "version", title="What Mailstead works with", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("where it is, how it came and why", overflow="fold", ratio=1)
    for choice in report.choices:
        why = Text(f"{choice.way}: {choice.why}", "dim")
        table.add_row(choice.tool, choice.version, Text("\n").join([Text(_short(choice.path)), why]))
    for missing in report.absent:
        state = Text("missing", "bold red") if missing.required else Text("not here", "yellow")
        table.add_row(missing.tool, state, escape("\n".join([*missing.tried, missing.remedy])))
    console.print(table)


def _here(report: Report) -> list[tuple[str, ...]]:
    return [(choice.tool, choice.version, choice.path, choice.way) for choice in report.choices]


def _report(outcomes: list[Choice | Missing]) -> Report:
    choices = tuple(outcome for outcome in outcomes if isinstance(outcome, Choice))
    return Report(choices, tuple(outcome for outcome in outcomes if isinstance(outcome, Missing)))


def _recorded(path: Path) -> list[Choice | Missing]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        choices = [Choice(**entry) for entry in known["choices"]]
        absent = [Missing(**{**entry, "tried": tuple(entry["tried"])}) for entry in known["missing"] + known["skipped"]]
    except (OSError, ValueError, KeyError, TypeError):
        return [Missing(tool, ("set-up has not finished here",), f"Run: {SETUP}") for tool in catalog.REQUIRED]
    return [*map(_again, choices), *absent]


def _again(choice: Choice) -> Choice | Missing:
    """A recorded choice if it still holds: the file is there and still says a fitting version."""
    required = choice.tool in catalog.REQUIRED
    path = Path(choice.path)
    if not os.access(path, os.X_OK):
        return Missing(choice.tool, (f"{path}: chosen by set-up, but gone since",), f"Run: {SETUP}", required)
    probe = catalog.PROBES.get(choice.tool)
    try:
        if probe:
            present.fitting(path, probe.option, versions.pin(probe.package))
    except NotOpen as reason:
        return Missing(choice.tool, (str(reason),), f"Run: {SETUP}", required)
    return choice


def _python() -> Choice:
    return Choice("Python", platform.python_version(), sys.executable, "this process", "3.11 or newer is needed")


def _short(path: str) -> str:
    """A path as a person would write it: from the checkout, or from the home folder."""
    for base, name in ((paths.ROOT, ""), (Path.home(), "~/")):
        if Path(path).is_relative_to(base):
            return name + str(Path(path).relative_to(base))
    return path
