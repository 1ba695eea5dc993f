"""Reads CSV exports of a gateway's message audit log: a header, then a message a line. Columns are known by their headers.

Deliberately reads no date whose day and month can't be told apart (03/02/2026): such lines are counted as unreadable.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sizing.flow import columns as c
from sizing.flow.compiled import Table
from sizing.flow.doubts import Tally
from sizing.flow.events import Outcome
from sizing.flow.fields import LARGEST_SIZE, MAX_DIGITS
from sizing.flow.headers import header
from sizing.flow.sources import blocks

_REFUSED_SPAM, _REFUSED = 50_701, 50_000  # 5.7.1 and 5.0.0
_MOST_RECIPIENTS = 100_000  # of a line; 100 times Postfix's default smtpd_recipient_limit; each is an event in memory
_BETWEEN = re.compile(r"[;,\s]+")
_Row = tuple[int, ...]


def read(path: Path, tally: Tally) -> Iterator[tuple[Table, list[str]]]:
    """The events of a CSV file, with the names of their hosts; counts what became of its lines."""
    outcomes = tally.outcomes
    columns, separator = dict[str, int](), ","
    hosts = {path.stem: 0}
    for block in blocks(path):
        tally.add(block)
        rows: list[_Row] = []
        text = bytes(block.data).decode("utf-8-sig", "replace").replace("\0", "")
        if not columns:
            separator, columns = header(text.partition("\n")[0])
            text = text.partition("\n")[2]
        for cells in _read(text, separator, outcomes):
            if not cells:
                outcomes[Outcome.EMPTY] += 1
            elif len(cells) <= max(columns.values(), default=-1):
                outcomes[Outcome.BROKEN] += 1
            else:
                named = {name: cells[at].strip() for name, at in columns.items()}
                events = _events(named, hosts)
                _size_up(named.get("size", ""), tally)
                unreadable = Outcome.UNREADABLE if _time(named.get("time", "")) is None else Outcome.BROKEN
                outcomes[Outcome.EVENT if events else unreadable] += 1
                rows += events
        if rows:
            yield _table(rows), list(hosts)


def _read(text: str, separator: str, outcomes: Counter[Outcome]) -> Iterator[list[str]]:
    """The lines of a table; those that are none, such as with a quote that never ends, are counted and passed over."""
    reader = csv.reader(text.split("\n")[:-1], delimiter=separator)  # splitlines would cut at more than ends of lines
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            outcomes[Outcome.UNREADABLE] += 1


def _events(cells: dict[str, str], hosts: dict[str, int]) -> list[_Row]:
    """What one line says: a message or its refusal, what the filter found, what was delivered; nothing if it can't be read."""
    time, size = _time(cells.get("time", "")), _size(cells.get("size", ""))
    recipients = _recipients(cells.get("recipients", ""))
    if time is None or (size is None and cells.get("size")) or recipients > _MOST_RECIPIENTS:
        return []
    host = hosts.setdefault(cells.get("host") or next(iter(hosts)), len(hosts))
    verdict, action = cells.get("verdict", "").lower(), cells.get("action", "").lower()
    direction = c.OUTBOUND if cells.get("direction", "").lower().startswith("out") else c.INBOUND
    status = c.VIRUS if "virus" in verdict else c.SPAM if "spam" in verdict and "not spam" not in verdict else c.CLEAN

    def event(kind: int, status: int = c.NO_STATUS, code: int = -1, times: int = 1) -> list[_Row]:
        return [(time, host, kind, -1 if size is None else size, recipients, status, direction, code)] * times

    if "reject" in action or "refuse" in action:
        return event(c.REJECTED, code=_REFUSED_SPAM if status == c.SPAM else _REFUSED)
    found = event(c.RECEIVED) + event(c.QUEUED) + (event(c.VERDICT, status) if verdict else [])
    return found + (event(c.DELIVERY, c.SENT, times=max(1, recipients)) if "deliver" in action else [])


def _time(text: str) -> int | None:
    """The ms since 1970 of an ISO 8601 stamp by its own clock; a zone is passed over, as in syslog."""
    try:
        stamp = datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None
    return int(stamp.replace(tzinfo=UTC).timestamp() * 1000) if 1970 <= stamp.year <= 2200 else None


def _size(text: str) -> int | None:
    """The size in B; -1 where it is more than any message's."""
    if not (text.isascii() and text.isdigit()):
        return None
    size = _number(text)
    return size if size is not None and size <= LARGEST_SIZE else -1


def _size_up(text: str, tally: Tally) -> None:
    size = _size(text)
    tally.counts[c.SIZED] += size is not None
    tally.counts[c.ZERO_SIZE] += size == 0
    tally.counts[c.ABSURD] += size == -1


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def _recipients(text: str) -> int:
    counted = _number(text)
    return len([name for name in _BETWEEN.split(text) if name]) or -1 if counted is None else counted


def _table(rows: list[_Row]) -> Table:
    table = np.full((len(rows), c.COLUMNS), -1, np.int64)
    places = (c.TIME, c.HOST, c.KIND, c.SIZE, c.RECIPIENTS, c.STATUS, c.DIRECTION, c.CODE)
    table[:, places] = np.array(rows, np.int64)
    table[:, c.QUEUE_ID], table[:, c.FIRST] = 0, 1
    return table
