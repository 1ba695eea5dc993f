"""Small logs, line by line."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from sizing.flow import Flow, Profile

WRITTEN = datetime(2026, 3, 31, tzinfo=UTC)
"""When the files of these tests were written last, unless a test says otherwise."""


def log(path: Path, lines: Iterable[str | bytes], written: datetime = WRITTEN) -> Path:
    """A log file with a date."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines))
    return dated(path, written)


def dated(path: Path, written: datetime = WRITTEN) -> Path:
    """The file with another date."""
    os.utime(path, (written.timestamp(), written.timestamp()))
    return path


def measured(*paths: Path | str, year: int | None = None, accept: Iterable[str] = ()) -> Profile:
    """The profile of logs."""
    return Flow.from_logs(paths, year=year, accept=accept).profile


def at(stamp: str = "Mar  2 10:00:00", host: str = "mx1") -> Callable[[str], str]:
    """What writes lines of a time and host."""
    return lambda text: f"{stamp} {host} postfix/{text}"


def received(queue_id: str, stamp: str = "Mar  2 10:00:00", host: str = "mx1", client: str = "a.example[192.0.2.1]") -> str:
    return at(stamp, host)(f"smtpd[11]: {queue_id}: client={client}")


def queued(queue_id: str, size: int = 1000, stamp: str = "Mar  2 10:00:00", host: str = "mx1", recipients: int = 1) -> str:
    return at(stamp, host)(f"qmgr[9]: {queue_id}: from=<s@a.example>, size={size}, nrcpt={recipients} (queue active)")


def tried(queue_id: str, status: str = "sent", stamp: str = "Mar  2 10:00:00", host: str = "mx1", delay: str = "1.5") -> str:
    dsn = {"sent": "2.0.0", "deferred": "4.4.1"}.get(status, "5.1.1")
    how = f"relay=b.example[192.0.2.2]:25, delay={delay}, delays=0.5/0.01/0.2/0.79, dsn={dsn}"
    return at(stamp, host)(f"smtp[12]: {queue_id}: to=<r@b.example>, {how}, status={status} (said 250 size=77, so)")


def removed(queue_id: str, stamp: str = "Mar  2 10:00:00", host: str = "mx1") -> str:
    return at(stamp, host)(f"qmgr[9]: {queue_id}: removed")


def message(queue_id: str, size: int = 1000, stamp: str = "Mar  2 10:00:00", host: str = "mx1") -> list[str]:
    """All lines of a message that is delivered at once."""
    said = (received(queue_id, stamp, host), queued(queue_id, size, stamp, host), tried(queue_id, "sent", stamp, host))
    return [*said, removed(queue_id, stamp, host)]
