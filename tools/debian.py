"""HAProxy, BIND's zone checker, Postfix and pflogsumm from Debian packages, unpacked into the cache to check Mailstead's work with.

Deliberately does not install them: unpacked files start no daemon, add no user and need no root, and apt has verified the
packages' signatures all the same. No service is ever started from here; tests start some on loopback, with folders of their own.
"""

import os
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import commands, paths, versions
from tools.chain import Found, NotOpen
from tools.progress import console, step

APT_SECONDS = 300
LIBRARY_FOLDERS = ("usr/lib", "lib")


@dataclass(frozen=True)
class Package:
    """A program, the Debian package that has it, and the words after its name that make it print its version."""

    program: str
    package: str
    version: tuple[str, ...]


HAPROXY = Package("haproxy", "haproxy", ("-v",))
NAMED_CHECKZONE = Package("named-checkzone", "bind9-utils", ("-v",))
POSTCONF = Package("postconf", "postfix", ("-d", "mail_version"))
PFLOGSUMM = Package("pflogsumm", "pflogsumm", ("--version",))


def on_path(package: Package) -> Found:
    """The program where the system has it (the sbin folders included, which an ordinary user's PATH may lack)."""
    candidates = [paths.which(package.program), *(Path(folder, package.program) for folder in ("/usr/sbin", "/sbin"))]
    for candidate in candidates:
        if candidate is not None and os.access(candidate, os.X_OK):
            return Found(_version(candidate, package), (candidate,), "installed on this machine")
    raise NotOpen(f"no {package.program}")


def unpacked(package: Package) -> Found:
    """The program from its Debian package and the libraries it lacks here; NotOpen where there is no apt or no archive."""
    if not all(map(paths.which, ("apt-get", "dpkg"))):
        raise NotOpen("this system has no apt-get")
    folder = paths.cache_dir() / "debian" / f"{package.package}-{_release()}"
    waiting = f"Waiting for another set-up that unpacks {package.package} …"
    with paths.lock(paths.cache_dir() / "locks" / f"{folder.name}.lock", lambda: console.print(waiting)):
        if not _runs(folder / "bin" / package.program, package):
            shutil.rmtree(folder, ignore_errors=True)
            with step(f"Unpacking {package.package} from Debian packages"), paths.published(folder) as staging:
                _unpack(package, staging, folder)
    launcher = folder / "bin" / package.program
    return Found(_version(launcher, package), (launcher,), f"package {package.package}, unpacked, not installed")


def _unpack(package: Package, staging: Path, folder: Path) -> None:
    archives = staging / "archives"
    (archives / "partial").mkdir(parents=True)
    # Own folders and no lock: an ordinary user may do this, and a package manager at work is not disturbed.
    options = [f"Dir::Cache::archives={archives}", "Debug::NoLocking=1"]
    try:
        _fetch(package.package, options)
    except NotOpen:
        lists = staging / "lists"
        (lists / "partial").mkdir(parents=True)
        options += [f"Dir::State::lists={lists}", f"Dir::Cache::pkgcache={staging}/pkgs", "Dir::Cache::srcpkgcache="]
        _apt("update", options)
        _fetch(package.package, options)
    for archive in sorted(archives.glob("*.deb")):
        commands.run(["dpkg", "-x", str(archive), str(staging / "root")])
    for leftover in ("archives", "lists"):
        shutil.rmtree(staging / leftover, ignore_errors=True)
    _write_launchers(package, staging, folder)


def _fetch(package: str, options: Sequence[str]) -> None:
    """Download a package and those it depends on that this system lacks."""
    _apt("install", options, "--download-only", "--no-install-recommends", "--yes", "--reinstall", package)


def _write_launchers(package: Package, staging: Path, folder: Path) -> None:
    """For each unpacked program a script that runs it with its unpacked libraries; `folder` is where they will be in the end.

    Not for the one program alone: those of Postfix start each other, and find them all in one folder.
    """
    root = staging / "root"
    programs = [path for path in root.glob("usr/*bin/*") if path.is_file()]
    if package.program not in {path.name for path in programs}:
        raise NotOpen(f"package {package.package} has no {package.program}")
    parents = {path.parent for place in LIBRARY_FOLDERS for path in (root / place).rglob("*.so*")}
    libraries = ":".join(str(folder / path.relative_to(staging)) for path in sorted(parents))
    (staging / "bin").mkdir()
    for program in programs:
        launcher = staging / "bin" / program.name
        launcher.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH={shlex.quote(libraries)} exec {shlex.quote(str(folder / program.relative_to(staging)))} "$@"\n',
            encoding="utf-8",
        )
        launcher.chmod(0o755)


def _release() -> str:
    """Which packages these are: distribution, release and architecture, for one home folder on several machines."""
    names = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines() if "=" in line)
    words = (names.get(key, "").strip('"') for key in ("ID", "VERSION_ID"))
    return "-".join([*words, commands.run(["dpkg", "--print-architecture"])])


def _runs(program: Path, package: Package) -> bool:
    """Whether it is there with all its libraries: a home folder may be shared with a machine that has others."""
    try:
        return bool(_version(program, package))
    except NotOpen:
        return False


def _version(program: Path, package: Package) -> str:
    found = versions.parse(commands.run([str(program), *package.version]))
    if found is None:
        raise NotOpen(f"{program} does not tell its version")
    return ".".join(map(str, found))


def _apt(command: str, options: Sequence[str], *words: str) -> None:
    pairs = [word for option in options for word in ("-o", option)]
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    commands.run(["apt-get", "-q", *pairs, command, *words], env=quiet, seconds=APT_SECONDS)
