"""Checkers from Debian packages: unpacked once, without root, and told in words where that cannot be."""

import subprocess
from pathlib import Path

import pytest

from tests.tools.conftest import Program
from tools import debian, paths
from tools.chain import NotOpen

pytestmark = pytest.mark.usefixtures("machine")

THING = debian.Package("thing-check", "thing-utils", ("-v",))
APT = """
echo "$@" >> {log}
for word in "$@"; do
  case $word in
    Dir::Cache::archives=*) archives=${{word#*=}};;
    Dir::State::lists=*) lists=${{word#*=}};;
    update) [ -n "$lists" ] && touch "$lists/known"; exit 0;;
    install) [ -e "{known}" ] || [ -e "$lists/known" ] || {{ echo "E: Unable to locate package" >&2; exit 100; }};;
  esac
done
touch "$archives/thing-utils.deb" "$archives/libthing.deb"
"""
DPKG = """
[ "$1" = --print-architecture ] && echo amd64 && exit
case $2 in
  */thing-utils.deb) mkdir -p "$3/usr/bin"; cp {thing} "$3/usr/bin/thing-check"; cp {thing} "$3/usr/bin/thing-list";;
  */libthing.deb) mkdir -p "$3/usr/lib/x"; touch "$3/usr/lib/x/libthing.so.1";;
esac
"""


@pytest.fixture
def log(machine: Path, program: Program) -> Path:
    """apt-get and dpkg that know one program and its library; the file returned has a line for each call of apt-get."""
    thing = program(
        "thing", folder=machine / "packed", body='case $LD_LIBRARY_PATH in */usr/lib/x) echo "thing 1.2.3 $2";; *) exit 127;; esac'
    )
    calls = machine / "apt.log"
    (machine / "known").touch()
    program("apt-get", body=APT.format(log=calls, known=machine / "known"))
    program("dpkg", body=DPKG.format(thing=thing))
    return calls


def test_an_installed_program_is_taken_as_it_is(program: Program) -> None:
    path = program("thing-check", "thing version 2.6.12-1+deb12u4")
    found = debian.on_path(THING)
    assert (found.version, found.executables) == ("2.6.12", (path,))


def test_a_program_that_is_nowhere_is_told() -> None:
    with pytest.raises(NotOpen, match="no thing-check"):
        debian.on_path(THING)


def test_a_package_is_unpacked_once_and_runs_with_its_own_libraries(log: Path) -> None:
    found = debian.unpacked(THING)
    assert found.version == "1.2.3"
    said = subprocess.run([found.executables[0], "-c", "a b"], capture_output=True, text=True, check=True).stdout
    assert said == "thing 1.2.3 a b\n"
    beside = found.executables[0].with_name("thing-list")
    assert subprocess.run([beside, "-l", "c"], capture_output=True, text=True, check=True).stdout == "thing 1.2.3 c\n"
    assert debian.unpacked(THING) == found
    calls = log.read_text(encoding="utf-8").splitlines()
    assert len(calls) == 1
    assert "--download-only" in calls[0]
    assert "--no-install-recommends" in calls[0]
    assert {path.name for path in found.executables[0].parents[1].iterdir()} == {"bin", "root"}


def test_package_lists_that_are_missing_are_fetched_into_a_folder_of_our_own(log: Path, machine: Path) -> None:
    (machine / "known").unlink()
    assert debian.unpacked(THING).version == "1.2.3"
    verbs = [word for line in log.read_text(encoding="utf-8").splitlines() for word in line.split() if word in {"update", "install"}]
    assert verbs == ["install", "update", "install"]


def test_a_home_folder_from_a_machine_with_other_libraries_is_repaired(log: Path) -> None:
    launcher = debian.unpacked(THING).executables[0]
    launcher.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    assert debian.unpacked(THING).version == "1.2.3"
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2


def test_without_apt_or_without_an_archive_the_reason_is_told(program: Program) -> None:
    with pytest.raises(NotOpen, match="no apt-get"):
        debian.unpacked(THING)
    program("dpkg", "amd64")
    program("apt-get", body="echo 'E: Could not resolve the archive' >&2; exit 100")
    with pytest.raises(NotOpen, match="apt-get: E: Could not resolve the archive"):
        debian.unpacked(THING)
    assert list((paths.cache_dir() / "debian").iterdir()) == []
