"""What every test may use: golden files, renewed only on purpose, and the rule that a CI run skips nothing."""

import difflib
import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")  # no test's verdict depends on how busy the machine is

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files change by this flag alone."""
    parser.addoption("--update-goldens", action="store_true", help="write golden files anew instead of comparing with them")


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """Compares a text with the file at a path; on a mismatch what came out instead is beside it, as `.actual`."""

    def compare(path: Path, text: str) -> None:
        actual = path.with_name(f"{path.name}.actual")
        if pytestconfig.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if path.exists() and expected == text:
            actual.unlink(missing_ok=True)
            return
        actual.parent.mkdir(parents=True, exist_ok=True)
        actual.write_text(text, encoding="utf-8")
        diff = difflib.unified_diff(expected.splitlines(), text.splitlines(), path.name, actual.name, lineterm="")
        pytest.fail("\n".join([*diff, "(if the new text is meant: pytest --update-goldens)"]), pytrace=False)

    return compare


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI set, a skipped test fails the run: there everything that the tests need must be installed."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and terminal and terminal.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        terminal.write_line("CI is set, and tests were skipped: that is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
