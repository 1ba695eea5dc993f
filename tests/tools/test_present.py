"""Tools that are here already: only those whose version fits are taken."""

from pathlib import Path

import pytest

from tests.tools.conftest import Program
from tools import present
from tools.chain import NotOpen

pytestmark = pytest.mark.usefixtures("machine")

PLUGIN = "pulumi-resource-vsphere"


@pytest.mark.parametrize("says", ["v3.259.0", "3.260.1", "v3.300.0-alpha.1"])
def test_a_fitting_program_on_path_is_taken(says: str, program: Program) -> None:
    path = program("pulumi", body=f'[ "$1" = version ] && echo {says}')
    found = present.on_path("pulumi", "version", "3.259.0")
    assert found.executables == (path,)
    assert found.version == says.lstrip("v").split("-")[0]


@pytest.mark.parametrize(
    ("says", "reason"),
    [("v3.258.9", "is 3.258.9"), ("v4.0.0", "is 4.0.0"), ("v2.300.0", "is 2.300.0"), ("dev", "does not tell its version")],
)
def test_another_version_is_not(says: str, reason: str, program: Program) -> None:
    program("pulumi", says)
    with pytest.raises(NotOpen, match=reason):
        present.on_path("pulumi", "version", "3.259.0")


def test_a_program_that_is_not_there_or_does_not_start_is_told(program: Program) -> None:
    with pytest.raises(NotOpen, match="no pulumi"):
        present.on_path("pulumi", "version", "3.259.0")
    program("pulumi", body="echo wrong architecture >&2; exit 126")
    with pytest.raises(NotOpen, match="pulumi: wrong architecture"):
        present.on_path("pulumi", "version", "3.259.0")


@pytest.mark.parametrize("named", [True, False])
def test_the_newest_fitting_plugin_of_the_user_is_taken(
    named: bool, machine: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = machine / ("elsewhere" if named else ".pulumi")
    if named:
        monkeypatch.setenv("PULUMI_HOME", str(home))
    for version in ("4.9.0", "4.18.2", "4.100.0", "5.0.0"):
        program(PLUGIN, version, folder=home / "plugins" / f"resource-vsphere-v{version}")
    (home / "plugins" / "resource-vsphere-v4.200.0").mkdir()  # a download that was never finished
    found = present.in_plugin_folder("resource-vsphere", PLUGIN, "4.18.2")
    assert found.version == "4.100.0"
    assert found.executables[0].parent == home / "plugins" / "resource-vsphere-v4.100.0"


def test_no_plugin_that_fits_is_told_with_the_folder(machine: Path, program: Program) -> None:
    program(PLUGIN, "4.9.0", folder=machine / ".pulumi" / "plugins" / "resource-vsphere-v4.9.0")
    with pytest.raises(NotOpen, match=r"none that fits 4\.18\.2 in .*/\.pulumi/plugins"):
        present.in_plugin_folder("resource-vsphere", PLUGIN, "4.18.2")
