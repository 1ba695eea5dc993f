"""Folders: where the cache is, what counts as outside, one process at a time, all or nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import paths

pytestmark = pytest.mark.usefixtures("machine")

HOLD = """
import sys
from pathlib import Path
from tools import paths
with paths.lock(Path(sys.argv[1]), lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("setting", ["", "relative/folder"])
def test_the_cache_is_in_the_home_folder_unless_set_to_an_absolute_path(
    setting: str, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paths.cache_dir() == machine / "cache" / "mailstead"
    monkeypatch.setenv("XDG_CACHE_HOME", setting)
    assert paths.cache_dir() == machine / ".cache" / "mailstead"


def test_what_set_up_placed_in_the_checkout_is_not_on_the_path_that_it_searches(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([f"{paths.BIN}/", "", str(machine / "bin")]))
    assert paths.outside_path() == str(machine / "bin")


def test_a_folder_is_published_whole(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "thing"
    with paths.published(target) as staging:
        (staging / "file").touch()
        assert not target.exists()
    assert [path.name for path in target.iterdir()] == ["file"]
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_that_could_not_be_finished_leaves_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    def interrupted() -> None:
        with paths.published(cache / "thing") as staging:
            (staging / "file").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(cache.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for left_over in (".thing-x1", ".other-x1"):
        (cache / left_over).mkdir(parents=True)
    with paths.published(cache / "thing"):
        pass
    assert {path.name for path in cache.iterdir()} == {"thing", ".other-x1"}


def test_a_lock_is_held_by_one_process_and_freed_when_it_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "locks" / "thing.lock"
    waited: list[bool] = []
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"

        def waiting() -> None:
            waited.append(True)
            holder.kill()

        with paths.lock(file, waiting):
            assert waited == [True]
    with paths.lock(file, lambda: waited.append(False)):
        assert waited == [True]
