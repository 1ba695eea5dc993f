"""The simulated vCenter as a background process: started for a site, found again, and ended.

A state folder holds one simulator: what is known of it (`simulator.json`), its log (`simulator.log`), and the files of its
datastores while it runs. Standard library only. It deliberately neither builds the binary nor looks for one.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

START_SECONDS = 30.0  # a start takes well under 1 s; a busy machine gets much more
STOP_SECONDS = 10.0  # to end when asked
KILL_SECONDS = 30.0  # to be gone when killed: the kernel needs no more than it takes to schedule the process
POLL_SECONDS = 0.02
LINE = 200  # characters; the longest complaint of a real site file has about 150
BAD_SITE = 1  # the binary's exit code for an inventory that it refuses


class SimulatorError(Exception):
    """The simulator could not be started, found or ended; the message is one line for people.

    `details` are further lines, one for each thing that the site file says wrong.
    """

    def __init__(self, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.details = details


@dataclass(frozen=True)
class Simulator:
    """A running simulated vCenter: where it listens (host:port), the only credentials it accepts, its process and its site."""

    address: str
    user: str
    password: str
    pid: int
    site: str
    inventory: str
    """What distinguishes the content of the site's file, as it was at the start, from any other."""

    @property
    def url(self) -> str:
        """The address of its SOAP API."""
        return f"https://{self.address}/sdk"

    @property
    def environment(self) -> dict[str, str]:
        """What the vSphere provider reads from the environment; the simulator's certificate is self-signed."""
        return {
            "VSPHERE_SERVER": self.address,
            "VSPHERE_USER": self.user,
            "VSPHERE_PASSWORD": self.password,
            "VSPHERE_ALLOW_UNVERIFIED_SSL": "true",
        }


def start(site: Path, binary: Path, state_dir: Path, *, user: str = "user", password: str = "pass") -> Simulator:  # noqa: S107
    """Start the simulator for a site file, or return the one that already runs for it.

    Raises SimulatorError when the binary is missing, the site file is refused, the start takes too long, or the state
    folder already has a simulator for another site, other credentials or the site file as it was before an edit.
    """
    with _locked(state_dir):
        known = _known(state_dir)
        if known:
            if (known.site, known.user, known.password) != (str(site.resolve()), user, password):
                raise SimulatorError(f"a simulator for {known.site} already runs (process {known.pid}): stop it first")
            if known.inventory != _content(site):
                raise SimulatorError(f"{known.site} is not as it was when its simulator (process {known.pid}) started: stop it first")
            return known
        _clean(state_dir)
        inventory = _content(site)
        process = _spawn(site, binary, state_dir, {"VCSIM_USER": user, "VCSIM_PASSWORD": password})
        try:
            url = _announced(process, site, state_dir)
            made = Simulator(url.removeprefix("https://").removesuffix("/sdk"), user, password, process.pid, str(site.resolve()), inventory)
            _record(state_dir, made)
        except BaseException:
            process.kill()
            process.wait()
            _clean(state_dir)
            raise
        return made


def status(state_dir: Path) -> Simulator | None:
    """The simulator that runs with this state folder; None when there is none, or it has ended without being stopped."""
    if not _file(state_dir).exists():
        return None
    with _locked(state_dir):
        return _known(state_dir)


def stop(state_dir: Path) -> bool:
    """End the simulator of this state folder and remove its files; False when none was running.

    Raises SimulatorError when the process does not end.
    """
    if not state_dir.is_dir():
        return False
    with _locked(state_dir):
        known = _known(state_dir)
        if known:
            _end(known.pid, _identity(known.pid))
        _clean(state_dir)
        return known is not None


@contextlib.contextmanager
def running(
    site: Path,
    binary: Path,
    state_dir: Path | None = None,
    *,
    user: str = "user",
    password: str = "pass",  # noqa: S107
) -> Iterator[Simulator]:
    """A simulator that lives as long as the block; without a state folder it has one of its own, which goes with it.

    Raises SimulatorError as start and stop do.
    """
    with contextlib.ExitStack() as after:
        folder = state_dir or Path(after.enter_context(tempfile.TemporaryDirectory(prefix="simulator-")))
        made = start(site, binary, folder, user=user, password=password)
        after.callback(stop, folder)
        yield made


def _content(site: Path) -> str:
    try:
        return hashlib.sha256(site.read_bytes()).hexdigest()
    except OSError as unreadable:
        raise SimulatorError(f"{site}: can't be read: {unreadable.strerror}") from unreadable


def _file(state_dir: Path) -> Path:
    return state_dir / "simulator.json"


@contextlib.contextmanager
def _locked(state_dir: Path) -> Iterator[None]:
    """One start or stop at a time for a state folder; the kernel frees the lock of a process that dies."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / "simulator.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _spawn(site: Path, binary: Path, state_dir: Path, credentials: dict[str, str]) -> subprocess.Popen[bytes]:
    if not os.access(binary, os.X_OK) or not binary.is_file():
        raise SimulatorError(f"there is no simulator at {binary}: run make setup")
    datastores = state_dir / "datastores"
    datastores.mkdir()
    command = [str(binary), "-inventory", str(site), "-l", "127.0.0.1:0"]
    environment = os.environ | credentials | {"TMPDIR": str(datastores.resolve())}
    with (state_dir / "simulator.url").open("wb") as out, (state_dir / "simulator.log").open("wb") as log:
        # A session of its own: Ctrl-C in the terminal ends what the person sees, not the vCenter under it.
        return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=log, start_new_session=True)


def _announced(process: subprocess.Popen[bytes], site: Path, state_dir: Path) -> str:
    """The URL that the simulator prints when it is ready."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll()
        line, end, _ = (state_dir / "simulator.url").read_text(encoding="utf-8").partition("\n")
        if end:
            return line
        if ended is not None:
            said = (state_dir / "simulator.log").read_text(encoding="utf-8", errors="replace").splitlines()
            if ended == BAD_SITE:
                what = "1 thing" if len(said) == 1 else f"{len(said)} things"
                raise SimulatorError(f"{site}: {what} in this site file must change", tuple(map(_short, said)))
            raise SimulatorError(f"the simulator ended with code {ended}: {said[-1] if said else 'it said nothing'}")
        time.sleep(POLL_SECONDS)
    raise SimulatorError(f"the simulator was not ready after {START_SECONDS:.0f} s; its log is {state_dir / 'simulator.log'}")


def _short(line: str) -> str:
    """A line for a person, not the whole of a file that is no site: the simulator quotes what it can't use."""
    return line if len(line) <= LINE else f"{line[:LINE]}…"


def _record(state_dir: Path, made: Simulator) -> None:
    """Written whole or not at all, and readable by its owner only: it has the password."""
    fresh = _file(state_dir).with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(made) | {"identity": _identity(made.pid)}, indent=2), encoding="utf-8")
    fresh.replace(_file(state_dir))


def _known(state_dir: Path) -> Simulator | None:
    """The recorded simulator when its process still is the one that was recorded."""
    try:
        record = json.loads(_file(state_dir).read_text(encoding="utf-8"))
        identity = record.pop("identity")
        known = Simulator(**record)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as bad:
        raise SimulatorError(f"{_file(state_dir)} is not a record of a simulator: delete it") from bad
    return known if identity and _identity(known.pid) == identity else None


def _identity(pid: int) -> str:
    """What distinguishes this process from a later one with the same number: start time and command; empty when it is dead."""
    stat = Path("/proc", str(pid), "stat")
    try:
        if not Path("/proc/self/stat").exists():  # macOS
            done = subprocess.run(["ps", "-o", "lstart=,command=", "-p", str(pid)], capture_output=True, text=True, check=False)
            return done.stdout.strip()
        state, *fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        command = Path("/proc", str(pid), "cmdline").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    started = fields[18]  # field 22 of proc(5): clock ticks since boot
    return "" if state == "Z" else f"{started} {command}"


def _end(pid: int, identity: str) -> None:
    """Ask the process to end and wait; insist when it does not. Each signal goes only to the process that was meant."""
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        if _identity(pid) == identity:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if _gone(pid, identity):
                return
            time.sleep(POLL_SECONDS)
    raise SimulatorError(f"the simulator (process {pid}) does not end")


def _gone(pid: int, identity: str) -> bool:
    """Whether the process has ended. Our own child is reaped by that, so that no zombie stays; one of another run is looked up."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        found = _identity(pid)
        return not (found and identity.startswith(found))  # one that is ending has no command any more, and its ports and files still


def _clean(state_dir: Path) -> None:
    """Remove what a simulator leaves, but its log."""
    for name in ("simulator.json", "simulator.new", "simulator.url"):
        (state_dir / name).unlink(missing_ok=True)
    shutil.rmtree(state_dir / "datastores", ignore_errors=True)
