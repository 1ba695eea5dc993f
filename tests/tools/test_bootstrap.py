"""The first half of set-up: one clear line where Python is not enough, and a venv that is whole or made anew."""

import ast
import importlib.util
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import bootstrap
from tools.bootstrap import StepFailed, Venv

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that asks for one package, which lies in a folder beside it as source."""
    root = tmp_path / "checkout"
    (root / ".tools").mkdir(parents=True)
    for name in (*bootstrap.REQUIREMENTS, bootstrap.CONSTRAINTS):
        (root / name).touch()
    return root


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real virtual environment where there was none, made once since that takes seconds."""
    root = tmp_path_factory.mktemp("made")
    (root / ".tools").mkdir()
    venv = Venv(root)
    assert not venv.is_sound()
    venv.make()
    return venv.folder


def test_an_older_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert bootstrap.missing_python().startswith("Mailstead needs Python 3.11 or newer; this is Python 3.9 (")


def test_an_older_python_can_read_the_file_that_tells_it() -> None:
    ast.parse(Path(bootstrap.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))


def test_a_python_without_venv_is_told_which_package_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name))
    assert f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in bootstrap.missing_python()


def test_this_python_is_enough() -> None:
    assert bootstrap.missing_python() == ""


def test_a_sound_venv_is_left_alone(checkout: Path, made: Path) -> None:
    venv = Venv(checkout)
    shutil.copytree(made, venv.folder, symlinks=True)
    assert venv.is_sound()
    (venv.folder / "mark").touch()
    venv.make()
    assert (venv.folder / "mark").exists()
    venv.python.unlink()
    assert not venv.is_sound()


def test_what_an_interrupted_run_left_is_made_anew(checkout: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = Venv(checkout)
    (venv.folder / "half").mkdir(parents=True)
    venv.unfinished.touch()
    monkeypatch.setattr(bootstrap, "run", lambda *_words, cwd: shutil.copytree(made, cwd / ".venv", symlinks=True))
    venv.make()
    assert not (venv.folder / "half").exists()
    assert venv.is_sound()


def test_packages_are_installed_only_when_a_file_that_names_them_changed(
    checkout: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = Venv(checkout)
    shutil.copytree(made, venv.folder, symlinks=True)
    steps: list[str] = []
    monkeypatch.setattr(bootstrap, "run", lambda what, *_command, cwd: steps.append(f"{what} in {cwd.name}"))
    venv.install()
    venv.install()
    assert steps == ["Installing Python packages in checkout"]
    (checkout / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    venv.install()
    assert steps[1:] == ["Installing Python packages in checkout", "Installing the mailstead command in checkout"]
    for name in (*bootstrap.REQUIREMENTS, bootstrap.CONSTRAINTS):
        (checkout / name).write_text("# changed\n", encoding="utf-8")
        venv.install()
    assert len(steps) == 9
    assert not venv.unfinished.exists()


def test_a_package_that_cannot_be_had_is_told_and_the_venv_is_kept(checkout: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    venv = Venv(checkout)
    shutil.copytree(made, venv.folder, symlinks=True)
    (checkout / "requirements.txt").write_text("no-such-package==1.0\n", encoding="utf-8")
    with pytest.raises(StepFailed, match=r"(?s)No matching distribution found for no-such-package.*Installing Python packages: failed"):
        venv.install()
    assert venv.is_sound()
    assert not venv.installed.exists()


def test_an_install_that_was_interrupted_is_not_trusted(checkout: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    venv = Venv(checkout)
    shutil.copytree(made, venv.folder, symlinks=True)
    monkeypatch.setattr(bootstrap, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        venv.install()
    assert not venv.is_sound()


@pytest.mark.parametrize(
    ("code", "arguments", "expected"), [(0, [], 0), (3, [], 3), (3, ["--keep-going"], 0), (130, ["--keep-going"], 130)]
)
def test_the_exit_code_is_that_of_the_second_half(code: int, arguments: list[str], expected: int, checkout: Path, made: Path) -> None:
    """The whole of bootstrap.py in a checkout whose second half does nothing but end with a code."""
    shutil.copytree(made, checkout / ".venv", symlinks=True)
    (checkout / "tools").mkdir()
    for name in ("__init__.py", "bootstrap.py", "paths.py"):
        shutil.copy(ROOT / "tools" / name, checkout / "tools")
    (checkout / "tools" / "setup.py").write_text(f"raise SystemExit({code})\n", encoding="utf-8")
    Venv(checkout).installed.write_text(Venv(checkout).wanted(), encoding="ascii")
    done = subprocess.run([sys.executable, checkout / "tools" / "bootstrap.py", *arguments], cwd="/", capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (expected, b"")


def test_a_disk_that_is_full_is_told_in_a_line(
    checkout: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_venv: Venv) -> None:
        raise OSError(28, "No space left on device", str(checkout / ".venv"))

    monkeypatch.setattr(Venv, "make", full)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert bootstrap.main() == 1
    assert capsys.readouterr().out.endswith(
        f"Set-up stopped: {checkout / '.venv'}: No space left on device. Run it again when that is mended.\n"
    )


def test_every_package_of_the_product_is_installed_and_its_types_are_checked() -> None:
    """The command would not start without one that it imports, though the tests, run from here, would all pass."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    assert {name.rstrip("*") for name in project["setuptools"]["packages"]["find"]["include"]} == packages
    assert packages <= set(project["mypy"]["packages"])


def pins(*names: str) -> dict[str, str]:
    """The exact versions in requirement files, by canonical name."""
    lines = [line.strip() for name in names for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in found}


def brought(names: Iterable[str]) -> dict[str, str]:
    """The installed version of each package, and of each that these bring with them on this machine."""
    waiting, found = list(names), dict[str, str]()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found[name] = metadata.version(name)
            further = map(Requirement, metadata.requires(name) or ())
            waiting += [each.name for each in further if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def test_every_package_that_is_installed_has_an_exact_version_in_a_file(pytestconfig: pytest.Config) -> None:
    """Two machines get the same: what the requirements bring with them is pinned in constraints.txt.

    After a change of the requirements: install them without constraints.txt, then run this with --update-goldens.
    """
    direct = pins(*bootstrap.REQUIREMENTS)
    needed = brought(direct)
    if pytestconfig.getoption("--update-goldens"):
        lines = (ROOT / bootstrap.CONSTRAINTS).read_text(encoding="utf-8").splitlines()
        comments = [line for line in lines if line.startswith("#")]
        further = [f"{name}=={version}" for name, version in sorted(needed.items()) if name not in direct]
        (ROOT / bootstrap.CONSTRAINTS).write_text("\n".join([*comments, *further, ""]), encoding="utf-8")
    pinned = direct | pins(bootstrap.CONSTRAINTS)
    assert len(needed) > len(direct)
    assert {name: pinned.get(name) for name in needed} == needed
