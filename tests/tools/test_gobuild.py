"""Builds from Go modules: cached under a hash of what decides them, made once at a time, and honest about what stops them."""

import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from tests.tools.conftest import Program
from tools import golang, paths
from tools.chain import Choice, Missing, NotOpen, Way
from tools.gobuild import GoBuild, build

pytestmark = pytest.mark.usefixtures("machine")

MAIN = 'package main\n\nimport "os"\n\nvar version = "none"\n\nfunc main() { os.Stdout.WriteString(version + "\\n") }\n'
NONE = Missing("Go", ("found on PATH: no go",), "")
BUILD = """
import sys
from pathlib import Path
from tools.chain import Choice
from tools.gobuild import GoBuild, build
recipe = GoBuild(Path(sys.argv[1]), ".", "thing", "1.0", 0.001, "no time", (("main.version", "v1.0"),))
print(build(recipe, Choice("Go", "1", sys.argv[2], "", "")).executables[0])
"""


@pytest.fixture
def recipe(tmp_path: Path) -> GoBuild:
    """A module of one file, built in no time."""
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "go.mod").write_text("module thing\n\ngo 1.21\n", encoding="utf-8")
    (folder / "main.go").write_text(MAIN, encoding="utf-8")
    return GoBuild(folder, ".", "thing", "1.0", 0.001, "no time", (("main.version", "v1.0"),))


@pytest.fixture
def compiler(go: Path, machine: Path) -> Choice:
    return Choice("Go", "1.26", str(machine / "bin" / "go"), Way.PATH, "")


def start(recipe: GoBuild, go: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD, str(recipe.folder), str(go)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)


def test_an_executable_is_built_once_and_then_needs_no_go(recipe: GoBuild, compiler: Choice, go: Path) -> None:
    found = build(recipe, compiler)
    said = subprocess.run([found.executables[0]], capture_output=True, text=True, check=True)
    assert said.stdout == "v1.0\n"
    assert found.why == "built with Go 1.26"
    again = build(recipe, NONE)
    assert again.executables == found.executables
    assert again.why == "built before from the same sources"
    assert go.read_text(encoding="utf-8").splitlines() == [str(recipe.folder)]


def test_a_changed_source_is_built_anew(recipe: GoBuild, compiler: Choice, go: Path) -> None:
    first = build(recipe, compiler)
    (recipe.folder / "main.go").write_text(MAIN.replace("none", "nothing"), encoding="utf-8")
    assert build(recipe, compiler).executables != first.executables
    assert len(go.read_text(encoding="utf-8").splitlines()) == 2


def test_the_key_is_over_all_that_decides_the_executable_and_over_no_more(recipe: GoBuild) -> None:
    key = recipe.key()
    (recipe.folder / "main_test.go").write_text("package main\n", encoding="utf-8")
    (recipe.folder / "README.md").touch()
    assert recipe.key() == key
    others = [
        GoBuild(recipe.folder, "./other", "thing", "1.0", 1, "", recipe.variables),
        GoBuild(recipe.folder, ".", "thing", "1.0", 1, "", (("main.version", "v2.0"),)),
    ]
    keys = {other.key() for other in others}
    (recipe.folder / "go.sum").touch()
    keys.add(recipe.key())
    (recipe.folder / "go.sum").rename(recipe.folder / "embedded.txt")
    keys.add(recipe.key())
    assert len(keys | {key}) == 5


def test_a_build_that_fails_tells_the_compilers_words_and_leaves_nothing(recipe: GoBuild, compiler: Choice) -> None:
    (recipe.folder / "main.go").write_text("package main\n\nfunc main() { nonsense() }\n", encoding="utf-8")
    with pytest.raises(NotOpen, match=r"go build failed: .*undefined: nonsense"):
        build(recipe, compiler)
    assert list(recipe.target().parent.iterdir()) == []


def test_without_a_registry_the_missing_module_is_named(recipe: GoBuild, compiler: Choice) -> None:
    (recipe.folder / "go.mod").write_text("module thing\n\ngo 1.21\n\nrequire example.org/far v1.0.0\n", encoding="utf-8")
    (recipe.folder / "main.go").write_text('package main\n\nimport _ "example.org/far"\n\nfunc main() {}\n', encoding="utf-8")
    (recipe.folder / "go.sum").write_text("example.org/far v1.0.0/go.mod h1:x=\n", encoding="utf-8")
    with pytest.raises(NotOpen, match=r"go build failed: .*example\.org/far"):
        build(recipe, compiler)


def test_without_go_the_reason_is_handed_on(recipe: GoBuild) -> None:
    with pytest.raises(NotOpen, match="there is no Go"):
        build(recipe, NONE)


def test_without_disk_space_nothing_is_started(recipe: GoBuild, compiler: Choice, go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**40, 2**19))
    with pytest.raises(NotOpen, match=r"mailstead has 0\.0 GiB free, the build needs 0\.001 GiB"):
        build(recipe, compiler)
    assert go.read_text(encoding="utf-8") == ""


def test_two_set_ups_at_once_build_once(recipe: GoBuild, compiler: Choice, go: Path) -> None:
    runs = [start(recipe, Path(compiler.path)) for _ in range(3)]
    said = [run.communicate()[0].splitlines()[-1] for run in runs]
    assert said == [str(recipe.target() / "thing")] * 3
    assert len(go.read_text(encoding="utf-8").splitlines()) == 1


def test_a_killed_build_is_made_again(recipe: GoBuild, compiler: Choice, program: Program, tmp_path: Path) -> None:
    reached = tmp_path / "reached"
    slow = program("go", body=f'[ "$1" = build ] && touch {reached} && exec sleep 60\nexec {compiler.path} "$@"', folder=tmp_path / "slow")
    run = start(recipe, slow)
    while not reached.exists():
        assert run.poll() is None
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert [path.name[0] for path in recipe.target().parent.iterdir()] == ["."]
    build(recipe, compiler)
    assert list(recipe.target().parent.iterdir()) == [recipe.target()]


def test_go_is_called_without_a_persons_own_settings(compiler: Choice, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GOFLAGS": "-mod=vendor", "CGO_ENABLED": "1", "GOWORK": "/elsewhere", "GOTOOLCHAIN": "auto"}.items():
        monkeypatch.setenv(name, value)
    environment = golang.Go(compiler).environment()
    assert environment["GOFLAGS"] == "-mod=readonly"
    assert (environment["CGO_ENABLED"], environment["GOWORK"], environment["GOTOOLCHAIN"]) == ("0", "off", "local")
    assert str(paths.BIN) not in environment["PATH"].split(":")
