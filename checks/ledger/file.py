"""Ledgers as files: JSON, one a stack, replaced whole and only by who has read what is there."""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from checks.ledger.identity import FORMAT, Ledger
from config import Problem, Refused

FOLDER = "MAILSTEAD_LEDGERS"  # variable that names the folder of the ledgers, where they are not kept beside the local state
MAX_BYTES = 16 * 2**20  # B; a ledger of 1,000 VMs has half a MiB
_RESTORE = "restore it from a copy, or look at every disk in vCenter, delete it and write it anew"


def place(stack_file: Path, root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the ledger of a stack is: in the folder that a variable names, else below `root`, by the stack's name."""
    name = stack_file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    folder = environment.get(FOLDER)
    return (Path(folder) if folder else root / ".mailstead" / "ledgers") / f"{name}.json"


def load(path: Path, site: str | None = None) -> Ledger | None:
    """The ledger in a file, of a site where one is given; None where there is no file.

    Raises:
        Refused: there is one that can't be read, is no ledger, says something twice, or is another site's.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused([_problem(path, f"is larger than any ledger ({MAX_BYTES // 2**20} MiB)")])
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise Refused([_problem(path, "is no text")]) from None
    except OSError as error:
        raise Refused([Problem("(ledger)", str(path), f"can't be read ({error.strerror})", "see its permissions")]) from None
    try:
        ledger = Ledger.model_validate_json(text)
    except ValidationError as error:
        raise Refused([_problem(path, _rule(text, error))]) from None
    twice = [f"has {what} twice: no program can know which one holds" for what in _repeated(ledger)]
    if twice:
        raise Refused([_problem(path, rule) for rule in twice])
    if site is not None and ledger.site != site:
        raise Refused([Problem("(ledger)", str(path), f"is the ledger of {ledger.site}, not of {site}", f"put that of {site} there")])
    return ledger


def _repeated(ledger: Ledger) -> Iterator[str]:
    """What should be there once."""
    disks = [(vm.name, disk) for vm in ledger.vms for disk in vm.disks]
    said = [f"the VM {vm.name}" for vm in ledger.vms] + [f"the instance {vm.instance_uuid}" for vm in ledger.vms if vm.instance_uuid]
    said += [f"the disk {name}/{disk.label}" for name, disk in disks] + [f"unit {disk.unit} of {name}" for name, disk in disks]
    return (what for what, times in Counter(said).items() if times > 1)


def _problem(path: Path, rule: str) -> Problem:
    return Problem("(ledger)", str(path), rule, _RESTORE)


def _rule(text: str, error: ValidationError) -> str:
    marks = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(("<<<<<<<", ">>>>>>>", "======="))]
    if marks:
        return f"is two ledgers that a merge could not make one (line {marks[0]}): no program can know which disk is the right one"
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    if where == "format":
        return f"is a ledger of another format than {FORMAT}: it was written by another version of Mailstead"
    return f"is no ledger ({f'{where}: ' if where else ''}{first['msg']})"


def names(ledger: Ledger | None) -> dict[str, str]:
    """The names of a ledger's VMs, by instance UUID; none where there is no ledger."""
    return {vm.instance_uuid: vm.name for vm in ledger.vms if vm.instance_uuid} if ledger else {}


def others(path: Path) -> tuple[dict[str, Ledger], tuple[Problem, ...]]:
    """The other ledgers in a ledger's folder by their files' names, and what is wrong with those that can't be read."""
    found: dict[str, Ledger] = {}
    wrong: list[Problem] = []
    for file in sorted(path.parent.glob("*.json")):
        try:
            ledger = load(file) if file != path else None
        except Refused as refused:
            wrong += refused.problems
            continue
        if ledger:
            found[file.name] = ledger
    return found, tuple(wrong)


def store(path: Path, ledger: Ledger, last: Ledger | None) -> None:
    """Replace what is there by a newer ledger, whole or not at all.

    Raises:
        Refused: it can't be written, or somebody else has written it since `last` was read.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            if load(path) != last:
                raise Refused(
                    [Problem("(ledger)", str(path), "was written by somebody else meanwhile", "see that nobody applies, and run it again")]
                )
            fresh = path.with_name(f".{path.name}.new")
            with fresh.open("w", encoding="utf-8") as file:
                file.write(ledger.model_dump_json(indent=1) + "\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
    except OSError as error:
        raise Refused(
            [Problem("(ledger)", str(path), f"can't be written ({error.strerror})", "see its folder's permissions and room")]
        ) from None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One writer at a time; the kernel frees the lock of one that dies."""
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
