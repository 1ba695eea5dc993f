"""What a person sees while set-up works: a live line with the elapsed time on a terminal, plain lines elsewhere."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

HEARTBEAT_SECONDS = 30
console = Console(highlight=False, emoji=False)


@contextlib.contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Show one lengthy step; the yielded function takes a short note about how far it is."""
    started = time.monotonic()
    with _live(title) if console.is_terminal else _plain(title, started) as note:
        yield note
    console.print(f"{escape(title)}: done in {time.monotonic() - started:.0f} s")


@contextlib.contextmanager
def _live(title: str) -> Iterator[Callable[[str], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description} [dim]{task.fields[note]}[/]"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(escape(title), total=None, note="")
        yield lambda note: progress.update(task, note=escape(note))


@contextlib.contextmanager
def _plain(title: str, started: float) -> Iterator[Callable[[str], None]]:
    """One line at the start and one each half minute, so that a log shows that the step is alive."""
    console.print(f"{escape(title)} …")
    latest = [""]
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            console.print(f"  {time.monotonic() - started:.0f} s {escape(latest[0])}")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield lambda note: latest.__setitem__(0, note)
    finally:
        over.set()
        thread.join()
