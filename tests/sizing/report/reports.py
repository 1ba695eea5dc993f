"""Reports to look at, and a reader of pages that knows nothing of how they are made."""

import json
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Any

import plan
from config import Platform
from sizing import compare, notes, scanning
from sizing.report.inputs import given, sized_for
from sizing.report.model import Report
from sizing.risk import risk
from tests.sizing.platforms import platform

SCENARIOS = {
    "more": {"title": "30 % more mail", "messages_factor": 1.3},
    "keep": {"audit_log_days": 1095},
    "down": {"title": "FC down", "fabric_down": "fc"},
}
TODAY = date(2026, 11, 24)
FEW = {"scenarios": 1000}
MAIL = {"flow.messages_per_day": 20_000}
SMALL = {**MAIL, "storage.luns.all.size_gib": 300, "gateway.scanners.scanner-1.disks_gib": {"system": 20, "queue": 1}}


def report(changes: dict[str, Any] | None = None) -> Report:
    """The report of the platform of sizing's tests, with some of its keys changed."""
    return of(platform({"scenarios": SCENARIOS, "risk": FEW, **(changes or {})}))


def of(described: Platform) -> Report:
    """The report of a platform."""
    draft = plan.draft(described)
    return Report(
        stack="campus",
        today=TODAY,
        scenarios=(),
        hold_hours=described.snapshots.hold_hours,
        sized_for=sized_for(described),
        inputs=given(described),
        sizing=draft.sizing,
        scanning=scanning(described),
        notes=notes(described, draft.sizing),
        risk=risk(described),
        risk_stated=described.risk is not None,
        comparison=compare(described),
        problems=plan.problems(described, draft),
    )


@dataclass
class Read:
    """What a browser would find on a page."""

    tables: dict[str, list[list[str | float]]] = field(default_factory=dict)
    """By their id: rows of cells, numbers as the element `data` has them."""
    scripts: dict[str, Any] = field(default_factory=dict)
    """By their id: the data that stand in the page."""
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Every element with its attributes."""
    text: str = ""

    def attributes(self, name: str) -> list[str]:
        """Every value of an attribute."""
        return [attributes[name] for _, attributes in self.elements if name in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read = Read()
        self.rows: list[list[str | float]] = []
        self.script: str | None = None
        self.data: float | None = None
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.read.elements.append((tag, attributes))
        self.hidden = tag in ("script", "style")
        if tag == "script":
            self.script = attributes.get("id")
        elif tag == "table":
            self.rows = self.read.tables[attributes["id"]] = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
        elif tag == "data":
            self.data = float(attributes["value"])

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False
        if tag == "script":
            self.script = None
        elif tag == "data":
            self.data = None
        elif tag == "table":
            self.rows = []

    def handle_data(self, data: str) -> None:
        if self.script:
            self.read.scripts[self.script] = json.loads(data)
        if self.hidden:
            return
        self.read.text += data
        if self.rows and self.rows[-1]:
            last = self.rows[-1][-1]
            if self.data is not None:
                self.rows[-1][-1] = self.data
            elif isinstance(last, str):
                self.rows[-1][-1] = (last + data).strip()


def read(html: str) -> Read:
    """What stands on a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.read
