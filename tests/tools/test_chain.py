"""The chain of ways: the first open one wins, the others are remembered, and what is chosen is placed safely."""

from pathlib import Path

import pytest

from tests.tools.conftest import Program
from tools.chain import Choice, Found, Missing, NotOpen, Tool, Way, choose, place

pytestmark = pytest.mark.usefixtures("machine")


def closed(reason: str) -> Found:
    raise NotOpen(reason)


def test_the_first_open_way_is_taken_and_the_closed_ones_are_told(tmp_path: Path, program: Program) -> None:
    executable = program("thing", folder=tmp_path / "cache")
    ways = (
        (Way.PATH, lambda: closed("no thing")),
        (Way.DOWNLOAD, lambda: Found("1.2.3", (executable,), "official")),
        (Way.BUILD, lambda: pytest.fail("a later way was tried")),
    )
    choice = choose(Tool("thing", ("thing",), ways, "remedy"), tmp_path / "bin")
    assert choice == Choice("thing", "1.2.3", str(executable), "official download", "official; found on PATH: no thing")
    assert (tmp_path / "bin" / "thing").readlink() == executable


def test_where_no_way_is_open_every_reason_is_told_and_nothing_older_stays(tmp_path: Path, program: Program) -> None:
    program("thing", folder=tmp_path / "bin")
    (tmp_path / "bin" / "helper").symlink_to(tmp_path / "gone")
    program("other", folder=tmp_path / "bin")
    ways = ((Way.PATH, lambda: closed("no thing")), (Way.BUILD, lambda: closed("no Go")))
    missing = choose(Tool("thing", ("thing", "helper"), ways, "install it", required=False), tmp_path / "bin")
    assert missing == Missing("thing", ("found on PATH: no thing", "built from Go modules: no Go"), "install it", required=False)
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["other"]


def test_what_was_built_here_gets_a_name_of_its_own_in_the_checkout(tmp_path: Path, program: Program) -> None:
    """Then the checkout outlives the cache, and the engine finds its language host beside itself."""
    executable = program("thing", folder=tmp_path / "cache")
    choice = choose(Tool("thing", ("thing",), ((Way.BUILD, lambda: Found("1", (executable,), "")),), ""), tmp_path / "bin")
    assert isinstance(choice, Choice)
    assert choice.path == str(tmp_path / "bin" / "thing")
    executable.unlink()
    assert (tmp_path / "bin" / "thing").read_text(encoding="utf-8").startswith("#!/bin/sh")


def test_across_file_systems_what_was_built_is_copied(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr("os.link", refuse)
    executable = program("thing", "one", folder=tmp_path / "cache")
    target = tmp_path / "bin" / "thing"
    place(executable, target, own=True)
    inode = target.stat().st_ino
    place(executable, target, own=True)
    assert target.stat().st_ino == inode, "an equal copy is left alone"
    assert target.stat().st_mode & 0o111
    place(program("thing", "another", folder=tmp_path / "cache"), target, own=True)
    assert "another" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize("own", [False, True])
def test_a_place_is_taken_over_whatever_held_it(own: bool, tmp_path: Path, program: Program) -> None:
    target = tmp_path / "bin" / "thing"
    target.parent.mkdir()
    target.symlink_to(tmp_path / "gone")
    source = program("thing", folder=tmp_path / "cache")
    place(source, target, own=own)
    assert target.samefile(source)
    assert target.is_symlink() != own
    assert [path.name for path in target.parent.iterdir()] == ["thing"]
