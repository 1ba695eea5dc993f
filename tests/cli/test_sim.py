"""`sim start|stop|status` with the real simulator."""

from pathlib import Path

import pytest

from cli import sim
from tests.cli.test_stacks import mailstead
from tools import workspace

pytestmark = pytest.mark.skipif(not workspace.VCSIM.is_file(), reason="no simulated vCenter here: run python3 tools/bootstrap.py")


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sim, "FOLDER", tmp_path)


def test_it_starts_once_says_where_it_is_and_stops() -> None:
    assert mailstead("sim", "status").exit_code == 1
    try:
        started = mailstead("sim", "start", "demo")
        again = mailstead("sim", "start", "demo")
        status = mailstead("sim", "status")
    finally:
        stopped = mailstead("sim", "stop")

    assert started.exit_code == 0
    assert "export VSPHERE_SERVER=127.0.0.1:" in started.stdout
    assert again.stdout == started.stdout
    assert status.exit_code == 0
    assert stopped.stdout == "stopped\n"
    assert mailstead("sim", "status").stdout == "none is running\n"
    assert mailstead("sim", "stop").stdout == "none was running\n"


def test_another_site_is_refused_while_one_runs() -> None:
    try:
        mailstead("sim", "start", "demo")
        other = mailstead("sim", "start", "campus")
    finally:
        mailstead("sim", "stop")

    assert other.exit_code == 1
    assert "stop it first" in other.stderr


@pytest.mark.parametrize("site", ["/dev/null", "", "nowhere", "stacks/sites", "demo.yaml", "x" * 300])
def test_what_is_no_site_is_a_usage_error_that_lists_the_sites(site: str) -> None:
    refused = mailstead("sim", "start", site)

    assert refused.exit_code == 2
    assert "the sites are: campus, campus-2013, campus-test, demo" in " ".join(refused.stderr.replace("│", " ").split())


def test_a_bad_inventory_is_said_in_a_line(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("datacenter: dc\nnonsense: 1\n")

    result = mailstead("sim", "start", str(site))

    assert result.exit_code == 1
    assert "nonsense" in result.stderr
