"""Official releases: fetched with short time-outs, checked against the published checksums, unpacked whole or not at all.

Deliberately does not retry: a machine that cannot reach the release host has another way, and must not wait for this one.
"""

import hashlib
import http.client
import io
import os
import platform
import shutil
import tarfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar

from tools import paths
from tools.chain import Found, NotOpen
from tools.progress import console, step

T = TypeVar("T")

SETTING = "MAILSTEAD_DOWNLOADS"
ANSWER_SECONDS = 4.0  # for a host to answer at all, name look-up included
ARCHIVE_SECONDS = 600.0  # for a whole archive: 150 MB at 2 Mbit/s
DIGESTS = {40: "sha1", 64: "sha256"}  # by length: Pulumi publishes SHA-256 for the CLI, SHA-1 for provider plugins
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Release:
    """One official archive: where it is published and which of its executables are wanted (the tool itself first)."""

    name: str
    version: str
    base_url: str
    archive: str
    checksums: str
    executables: tuple[str, ...]


@dataclass
class Downloads:
    """All downloads of one set-up. One host that does not answer ends them all: they have the same host.

    `base` is the setting MAILSTEAD_DOWNLOADS: empty for the official hosts, `none` for no attempt at all, or the URL of a
    mirror that holds the archives and checksum files side by side under their official names.
    """

    base: str = field(default_factory=lambda: os.environ.get(SETTING, ""))
    answer_seconds: float = ANSWER_SECONDS
    archive_seconds: float = ARCHIVE_SECONDS
    _unreachable: str = ""

    def get(self, release: Release, instead: Path) -> Found:
        """The release from the cache, or fetched into it; NotOpen saying what failed.

        `instead` is where an equal tool built here would be. One that is there already is good enough: a machine that had
        to build has no fast way out, and set-up should not wait for it every time.
        """
        target = paths.cache_dir() / "downloads" / f"{release.name}-{release.version}-{platform_name()}"
        if instead.exists() and not target.exists():
            raise NotOpen("not tried, since it was built here before")
        waiting = f"Waiting for another set-up that downloads {release.name} …"
        with paths.lock(paths.cache_dir() / "locks" / f"{target.name}.lock", lambda: console.print(waiting)):
            if not target.exists():
                with paths.published(target) as staging:
                    self._fetch(release, staging)
        why = f"official {release.name} {release.version}, checksum verified"
        return Found(release.version, tuple(target / name for name in release.executables), why)

    def _fetch(self, release: Release, staging: Path) -> None:
        if self.base == "none":
            raise NotOpen(f"switched off ({SETTING}=none)")
        if self._unreachable:
            raise NotOpen(self._unreachable)
        base = (self.base or release.base_url).rstrip("/")
        expected = published_digest(self._text(f"{base}/{release.checksums}"), release.archive)
        archive = staging / release.archive
        with step(f"Downloading {release.archive}") as note, archive.open("wb") as sink:
            self._copy(f"{base}/{release.archive}", sink, self.archive_seconds, note)
        verify(archive, expected)
        unpack(archive, release.executables, staging)
        archive.unlink()

    def _text(self, url: str) -> str:
        text = io.BytesIO()
        self._copy(url, text, 2 * self.answer_seconds, lambda _: None)
        return text.getvalue().decode("utf-8", errors="replace")

    def _copy(self, url: str, sink: IO[bytes], seconds: float, note: Callable[[str], None]) -> None:
        """Copy what a URL holds. A host that does not answer is remembered; a mere refusal (404) is not."""
        deadline = time.monotonic() + seconds
        try:
            with within(self.answer_seconds, lambda: _open(url, self.answer_seconds)) as answer:
                while chunk := answer.read1(1 << 18):
                    sink.write(chunk)
                    note(f"{sink.tell() / 1e6:.0f} MB")
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"too slow, given up after {seconds:g} s")
        except urllib.error.HTTPError as error:
            raise NotOpen(f"{url}: {error}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._unreachable = f"{urllib.parse.urlsplit(url).netloc or url} cannot be reached ({_words(error)})"
            raise NotOpen(self._unreachable) from error


def _words(error: Exception) -> str:
    """What went wrong with a connection, without the number that the system gives it."""
    cause = getattr(error, "reason", "") or error
    return str(getattr(cause, "strerror", "") or cause)


def _open(url: str, seconds: float) -> http.client.HTTPResponse:
    if not url.startswith(("https://", "http://")):
        raise ValueError("not a web address")
    answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=seconds)  # noqa: S310 (scheme checked)
    return answer


def within(seconds: float, call: Callable[[], T]) -> T:
    """The result of `call`, or TimeoutError after `seconds`: the system's name look-up itself knows no time-out."""
    results: list[T] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 (handed to the caller below)
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"no answer within {seconds:g} s")
    if errors:
        raise errors[0]
    return results[0]


def platform_name() -> str:
    """This machine as official archives name it, such as linux-amd64."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{MACHINES.get(machine, machine)}"


def published_digest(text: str, archive: str) -> str:
    """The hexadecimal digest of `archive` in a published checksum file; NotOpen when it has none that can be checked."""
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and words[1].lstrip("*").removeprefix("./") == archive and len(words[0]) in DIGESTS:
            return words[0].lower()
    raise NotOpen(f"the published checksums do not name {archive}")


def verify(archive: Path, expected: str) -> None:
    """Refuse (NotOpen) an archive whose digest is not the published one."""
    with archive.open("rb") as file:
        actual = hashlib.file_digest(file, DIGESTS[len(expected)]).hexdigest()
    if actual != expected:
        raise NotOpen(f"{archive.name} refused: checksum {actual[:16]}… instead of {expected[:16]}…")


def unpack(archive: Path, executables: tuple[str, ...], target: Path) -> None:
    """Take the named executables out of a tar archive, flat into `target`.

    Only plain files are ever written, and only under the names asked for, so no member can land elsewhere; an archive
    that tries (absolute or parent paths, links) is refused as a whole, since an official one never does.
    """
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
                    raise NotOpen(f"{archive.name} refused: unsafe member {member.name!r}")
                content = tar.extractfile(member) if path.name in executables else None
                if content is not None:
                    with (target / path.name).open("wb") as file:
                        shutil.copyfileobj(content, file)
                    (target / path.name).chmod(0o755)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise NotOpen(f"{archive.name} cannot be unpacked: {error}") from error
    absent = [name for name in executables if not (target / name).exists()]
    if absent:
        raise NotOpen(f"{archive.name} lacks {', '.join(absent)}")
