"""What the columns of a message audit log's CSV export may be called."""

import csv
from collections.abc import Iterable, Mapping

HEADERS: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "date", "date/time", "timestamp", "received", "time accepted", "date received"),
    "host": ("host", "scanner", "host name", "scanner name"),
    "size": ("size", "message size", "size (bytes)", "bytes"),
    "recipients": ("recipients", "recipient", "recipient(s)", "to", "envelope recipients"),
    "verdict": ("verdict", "verdicts"),
    "action": ("action", "actions", "action taken", "actions taken", "disposition"),
    "direction": ("direction",),
}
"""What the header of each column may be called, in any case and order; others are passed over. `time` must be there."""


SEPARATORS = ",;\t"
"""What may stand between two cells; spreadsheets write a semicolon where the comma is the decimal point."""


def header(line: str) -> tuple[str, dict[str, int]]:
    """What separates the cells of a table with this first line, and the place of each known column; no columns if it is no header."""
    for separator in SEPARATORS:
        try:
            columns = _columns(next(csv.reader([line.rstrip("\r\n")], delimiter=separator), []))
        except csv.Error:
            continue
        if columns:
            return separator, columns
    return ",", {}


def _columns(cells: Iterable[str]) -> dict[str, int]:
    """The place of each known column; nothing if none is the time's, for then it is no header of such a table."""
    names = [name.strip().lower() for name in cells]
    columns = {column: names.index(name) for column, known in HEADERS.items() for name in known if name in names}
    return columns if "time" in columns else {}
