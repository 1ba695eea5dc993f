"""One taker of snapshots a datastore, of those that share a folder: two that ask at once would both be told that there is room.

Whom another folder serves no lock keeps away: `checks.snapshots.taken` judges what both have done.
"""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from config import Problem, Refused


@contextmanager
def alone(folder: Path, stores: Iterable[str]) -> Iterator[str | None]:
    """Locks datastores by their names until the end of the block; gives the one that somebody else has, or None where all are ours.

    The kernel frees the locks of a program that dies.

    Raises:
        Refused: the folder can't be written to.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            files = [(name, held.enter_context((folder / f".snapshots-{quote(name, safe='')}.lock").open("w"))) for name in sorted(stores)]
        except OSError as error:
            rule = f"can't be written to ({error.strerror}): two snapshots at once could not be told from one"
            raise Refused([Problem("(ledger)", str(folder), rule, "see its permissions and room, or set MAILSTEAD_LEDGERS")]) from None
        busy: str | None = None
        for name, file in files:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                busy = name
                break
        yield busy
