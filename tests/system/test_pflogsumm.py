"""What `mailstead flow` counts is what pflogsumm counts in the same log."""

import subprocess
from pathlib import Path

from benchmarks.flow import COUNTED, counted
from benchmarks.maillog import MailLog
from sizing.flow import Flow
from tests.sizing.flow.logs import dated
from tests.system.daemons import program


def test_counts_are_those_of_pflogsumm(tmp_path: Path) -> None:
    """Of a log small enough that pflogsumm rounds nothing to thousands: it does from 512 Ki on."""
    path = tmp_path / "mail.log"
    MailLog(seed=11).write(path, 4_000_000)
    command = [program("pflogsumm", "pflogsumm"), str(dated(path))]
    theirs = counted(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)
    counts = Flow.from_logs([path]).profile.counts.model_dump()
    assert theirs == {word: counts[name] for word, name in COUNTED.items()}
    assert min(theirs.values()) > 40
