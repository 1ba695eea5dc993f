"""What a person sees of a lengthy step: a live line on a terminal, plain lines in a log, and no "done" for what failed."""

import io
import re
import threading

import pytest
from rich.console import Console

from tools import progress


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    out = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=out, width=100, highlight=False))
    return out


def test_a_log_shows_the_start_and_the_end_with_the_time_taken(log: io.StringIO) -> None:
    with progress.step("Building [thing]"):
        pass
    begun, done = log.getvalue().splitlines()
    assert begun == "Building [thing] …"
    assert re.fullmatch(r"Building \[thing\]: done in \d+ s", done)


def test_a_log_shows_now_and_then_that_the_step_is_alive(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT_SECONDS", 0.01)
    over = threading.Event()
    monkeypatch.setattr(log, "write", lambda text: over.set() if "7 packages [so far]" in text else None)
    with progress.step("Building") as note:
        note("7 packages [so far]")
        assert over.wait(60)


def test_a_step_that_fails_is_never_called_done(log: io.StringIO) -> None:
    def fail() -> None:
        with progress.step("Building"):
            raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert "done" not in log.getvalue()
    assert threading.active_count() == before


def test_a_terminal_shows_a_live_line_that_vanishes_into_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=out, width=100, force_terminal=True, highlight=False))
    with progress.step("Building [thing]") as note:
        note("7 packages [so far]")
    assert "7 packages [so far]" in out.getvalue()
    assert re.search(r"Building \[thing\]: done in \d+ s$", out.getvalue().splitlines()[-1])
