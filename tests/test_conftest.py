"""The test suite's own rules: goldens change only on purpose, and CI skips nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMPARES = 'from pathlib import Path\ndef test_it(golden): golden(Path(__file__).parent / "kept.txt", "new\\n")\n'
SKIPS = 'import pytest\ndef test_it(): pytest.skip("no daemon here")\ndef test_other(): pass\n'


def run(folder: Path, test: str, *flags: str, ci: bool = False) -> subprocess.CompletedProcess[str]:
    """Run one test file in a project of its own with this suite's conftest."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_one.py").write_text(test, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "PYTEST_ADDOPTS")} | ({"CI": "1"} if ci else {})
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder), "-q", *flags, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=folder)


def test_golden_that_differs_fails_and_leaves_what_came_out(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("old\n", encoding="utf-8")
    done = run(tmp_path, COMPARES)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "-old" in done.stdout
    assert "+new" in done.stdout
    assert (tmp_path / "kept.txt").read_text(encoding="utf-8") == "old\n"
    assert (tmp_path / "kept.txt.actual").read_text(encoding="utf-8") == "new\n"


def test_golden_that_is_missing_fails(tmp_path: Path) -> None:
    assert run(tmp_path, COMPARES).returncode == pytest.ExitCode.TESTS_FAILED
    assert not (tmp_path / "kept.txt").exists()


def test_golden_is_written_anew_by_the_flag_only(tmp_path: Path) -> None:
    (tmp_path / "kept.txt.actual").write_text("stale\n", encoding="utf-8")
    assert run(tmp_path, COMPARES, "--update-goldens").returncode == pytest.ExitCode.OK
    assert (tmp_path / "kept.txt").read_text(encoding="utf-8") == "new\n"
    assert not (tmp_path / "kept.txt.actual").exists()
    assert run(tmp_path, COMPARES).returncode == pytest.ExitCode.OK


def test_skip_fails_where_ci_is_set(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPS, ci=True)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "CI is set, and tests were skipped" in done.stdout
    assert run(tmp_path, SKIPS).returncode == pytest.ExitCode.OK


def test_skip_in_a_parallel_run_fails_where_ci_is_set(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPS, "-n", "1", ci=True).returncode == pytest.ExitCode.TESTS_FAILED
