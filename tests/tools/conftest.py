"""A machine of one's own for a test: an empty home, an empty cache, and a PATH that holds only what the test puts there."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import downloads

BASICS = ("sh", "dirname", "cat", "sleep", "mkdir", "cp", "touch", "grep")
Program = Callable[..., Path]


@pytest.fixture(scope="session")
def real_go() -> Path:
    """The machine's Go, which a few tests build a trivial module with; `.tools/bin` has one where PATH has none."""
    found = shutil.which("go") or shutil.which("go", path=str(Path(__file__).parents[2] / ".tools" / "bin"))
    if found is None:
        pytest.skip("there is no Go: run python3 tools/bootstrap.py")
    return Path(found)


@pytest.fixture(scope="session")
def go_cache(real_go: Path) -> str:
    """Go's own cache of compiled packages, so that the standard library is compiled once and not for every test."""
    done = subprocess.run([real_go, "env", "GOCACHE"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own home folder; its `bin` is the whole PATH, and no download is tried unless a test says where."""
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    for name in BASICS:
        found = shutil.which(name)
        assert found, f"the tests need {name}"
        (home / "bin" / name).symlink_to(found)
    for name in [name for name in os.environ if name.startswith(("GO", "PULUMI_", "PIP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("PATH", str(home / "bin"))
    monkeypatch.setenv(downloads.SETTING, "none")
    return home


@pytest.fixture
def program(machine: Path) -> Program:
    """Makes a shell script (on PATH, or in another folder) that prints `says`, or does what `body` says."""

    def make(name: str, says: str = "", *, body: str = "", folder: Path = machine / "bin") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{body or f'echo {says!r}'}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def go(machine: Path, program: Program, real_go: Path, go_cache: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go on PATH, reaching no network, and counting its builds: the returned file has one line for each."""
    log = machine / "builds.log"
    log.touch()
    monkeypatch.setenv("GOCACHE", go_cache)
    monkeypatch.setenv("GOMODCACHE", str(machine / "modules"))
    monkeypatch.setenv("GOPROXY", "off")
    program("go", body=f'[ "$1" = build ] && echo "$PWD" >> {log}\nexec {real_go} "$@"')
    return log
