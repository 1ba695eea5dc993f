"""Official downloads: verified and unpacked whole, or refused with a reason and no trace; never waited for twice."""

import socket
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools import mirror
from tools import paths
from tools.chain import Found, NotOpen
from tools.downloads import Downloads, Release, published_digest, unpack

pytestmark = pytest.mark.usefixtures("machine")

RELEASE = Release("pulumi", "3.259.0", "https://unused.invalid", "pulumi.tar.gz", "sums.txt", ("pulumi", "pulumi-language-python"))
CONTENT = mirror.archive({"pulumi/pulumi": "#!/bin/sh\n", "pulumi/pulumi-language-python": "host", "pulumi/README": "read"})


@pytest.fixture
def server() -> Iterator[mirror.Mirror]:
    with mirror.running() as running:
        running.publish(RELEASE.archive, CONTENT, RELEASE.checksums)
        yield running


def get(downloads: Downloads, release: Release = RELEASE) -> Found:
    return downloads.get(release, instead=Path("/nonexistent"))


def refusal(downloads: Downloads, release: Release = RELEASE) -> str:
    """Why a download is refused; nothing of it may stay behind."""
    with pytest.raises(NotOpen) as refused:
        get(downloads, release)
    cache = paths.cache_dir() / "downloads"
    assert not cache.exists() or list(cache.iterdir()) == []
    return str(refused.value)


def test_a_release_is_fetched_once_and_then_taken_from_the_cache(server: mirror.Mirror) -> None:
    found = get(Downloads(server.url + "/"))
    assert [path.name for path in found.executables] == list(RELEASE.executables)
    assert all(path.stat().st_mode & 0o111 for path in found.executables)
    assert found.executables[1].read_text(encoding="utf-8") == "host"
    assert {path.name for path in found.executables[0].parent.iterdir()} == set(RELEASE.executables)
    assert get(Downloads(server.url)) == found
    assert get(Downloads("none")) == found
    assert server.asked == ["sums.txt", "pulumi.tar.gz"]


def test_a_provider_plugin_is_verified_by_the_sha1_that_is_published_for_it(server: mirror.Mirror) -> None:
    server.publish(RELEASE.archive, CONTENT, RELEASE.checksums, "sha1", prefix="./")
    assert get(Downloads(server.url)).version == "3.259.0"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_an_archive_that_is_not_what_was_published_is_refused(server: mirror.Mirror, algorithm: str) -> None:
    server.publish(RELEASE.archive, CONTENT, RELEASE.checksums, algorithm)
    server.files[RELEASE.archive] = CONTENT + b"!"
    assert "pulumi.tar.gz refused: checksum" in refusal(Downloads(server.url))


@pytest.mark.parametrize("text", ["", "0123  pulumi.tar.gz", f"{'a' * 64}  pulumi.tar.gz.sig", f"{'a' * 64} x pulumi.tar.gz"])
def test_without_a_published_checksum_nothing_is_trusted(server: mirror.Mirror, text: str) -> None:
    server.files[RELEASE.checksums] = text.encode()
    assert refusal(Downloads(server.url)) == "the published checksums do not name pulumi.tar.gz"
    assert server.asked == ["sums.txt"]


def test_the_line_of_the_very_archive_counts() -> None:
    text = f"{'a' * 64}  other.tar.gz\n{'B' * 64} *pulumi.tar.gz\n"
    assert published_digest(text, "pulumi.tar.gz") == "b" * 64


def test_a_file_that_is_not_published_closes_this_way_for_this_tool_only(server: mirror.Mirror) -> None:
    downloads = Downloads(server.url)
    del server.files[RELEASE.checksums]
    assert "HTTP Error 404" in refusal(downloads)
    server.publish(RELEASE.archive, CONTENT, RELEASE.checksums)
    assert get(downloads).version == "3.259.0"


@pytest.mark.parametrize("stuck", ["sums.txt", "pulumi.tar.gz"])
def test_a_host_that_does_not_answer_in_time_is_not_asked_again(server: mirror.Mirror, stuck: str) -> None:
    server.stuck.add(stuck)
    downloads = Downloads(server.url, answer_seconds=2)
    assert f"127.0.0.1:{server.server_port} cannot be reached" in refusal(downloads)
    asked = list(server.asked)
    other = Release("plugin", "4.18.2", "", "plugin.tar.gz", "plugin.txt", ("plugin",))
    assert "cannot be reached" in refusal(downloads, other)
    assert server.asked == asked
    assert asked[-1] == stuck


def test_an_archive_that_trickles_is_given_up(server: mirror.Mirror) -> None:
    assert "too slow, given up after 0 s" in refusal(Downloads(server.url, archive_seconds=0))


def test_a_host_that_is_not_there_says_so_in_words() -> None:
    with socket.socket() as deaf:  # has the port, so that nobody else can listen on it
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        assert refusal(Downloads(url)).endswith("cannot be reached (Connection refused)")


@pytest.mark.parametrize("base", ["file:///etc", "mirror.example/pulumi"])
def test_a_mirror_must_be_a_web_address(base: str) -> None:
    assert "not a web address" in refusal(Downloads(base))


def test_downloads_can_be_switched_off(server: mirror.Mirror) -> None:
    assert refusal(Downloads()) == "switched off (MAILSTEAD_DOWNLOADS=none)"
    assert server.asked == []


def test_the_setting_names_a_mirror(server: mirror.Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILSTEAD_DOWNLOADS", server.url)
    assert get(Downloads()).version == "3.259.0"


def test_what_was_built_here_before_is_not_downloaded(server: mirror.Mirror, tmp_path: Path) -> None:
    with pytest.raises(NotOpen, match="built here before"):
        Downloads(server.url).get(RELEASE, instead=tmp_path)
    assert server.asked == []


def test_two_set_ups_at_once_download_once(server: mirror.Mirror) -> None:
    found: list[Found] = []
    threads = [threading.Thread(target=lambda: found.append(get(Downloads(server.url)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert server.asked == ["sums.txt", "pulumi.tar.gz"]


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "evil",
    [
        member("../pulumi", tarfile.REGTYPE),
        member("pulumi/../../pulumi", tarfile.REGTYPE),
        member("/etc/pulumi", tarfile.REGTYPE),
        member("pulumi", tarfile.SYMTYPE, "/etc/passwd"),
        member("pulumi", tarfile.LNKTYPE, "../outside"),
        member("pulumi", tarfile.FIFOTYPE),
        member("pulumi", tarfile.CHRTYPE),
    ],
    ids=lambda info: f"{info.name}-{info.type.decode()}",
)
def test_an_archive_with_an_unsafe_member_is_refused_whole(server: mirror.Mirror, evil: tarfile.TarInfo, tmp_path: Path) -> None:
    server.publish(RELEASE.archive, mirror.archive({"pulumi/pulumi": "x", "pulumi/pulumi-language-python": "x"}, evil), "sums.txt")
    before = sorted(tmp_path.iterdir())
    assert f"unsafe member {evil.name!r}" in refusal(Downloads(server.url))
    assert sorted(tmp_path.iterdir()) == before


def test_an_archive_without_a_wanted_executable_is_refused(server: mirror.Mirror) -> None:
    server.publish(RELEASE.archive, mirror.archive({"pulumi/pulumi": "x"}), "sums.txt")
    assert refusal(Downloads(server.url)) == "pulumi.tar.gz lacks pulumi-language-python"


@pytest.mark.parametrize("content", [b"", b"not an archive", CONTENT[:-20]], ids=["empty", "text", "cut short"])
def test_a_broken_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "pulumi.tar.gz"
    file.write_bytes(content)
    with pytest.raises(NotOpen, match=r"pulumi\.tar\.gz cannot be unpacked"):
        unpack(file, RELEASE.executables, tmp_path)
