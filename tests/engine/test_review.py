"""The gate on previews of the real engine: of a program that protects nothing, where what it warns of comes true."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.review import Review
from review import Reviewed, Verdict, judge, parse
from tests.engine.looking import contents
from tools import simulator, workspace
from tools.simulator import Simulator
from tools.workspace import Workspace

PROGRAM = Path(__file__).parent / "foreign"
OS = {"label": "os", "size": 10, "unit_number": 0}
SPOOL = {"label": "spool", "size": 40, "unit_number": 1}
FIRST: dict[str, Any] = {"cpus": 1, "disks": [OS, SPOOL]}


@pytest.fixture(scope="module")
def applied(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Simulator]]:
    """Two protected VMs that are kept apart, each with a disk of mail."""
    folder = tmp_path_factory.mktemp("foreign")
    inputs = folder / "inputs.json"
    inputs.write_text(json.dumps(FIRST), encoding="utf-8")
    with ExitStack() as running:
        server = running.enter_context(simulator.running(Path("stacks/sites/demo.yaml"), workspace.VCSIM))
        made = workspace.create(folder / "work", "demo", server.environment, program=PROGRAM)
        work = replace(made, environment={**made.environment, "FOREIGN_INPUTS": str(inputs)})
        work.must("up", "--yes", "--skip-preview")
        yield work, server


def reviewed(work: Workspace, **edits: Any) -> Reviewed:
    """The review of an edit's preview."""
    Path(work.environment["FOREIGN_INPUTS"]).write_text(json.dumps(FIRST | edits), encoding="utf-8")
    return judge(parse(work.run("preview", "--json", "--show-sames").stdout.encode()), Review(), date(2026, 11, 24))


def rules(found: Reviewed) -> list[str]:
    return [finding.rule for finding in found.findings]


def test_without_an_edit_nothing_changes(applied: tuple[Workspace, Simulator]) -> None:
    assert reviewed(applied[0]).verdict is Verdict.NOTHING


def test_a_disk_that_grows_is_a_change(applied: tuple[Workspace, Simulator]) -> None:
    found = reviewed(applied[0], disks=[OS, SPOOL | {"size": 41}])
    assert (found.verdict, rules(found)) == (Verdict.CHANGES, [])


@pytest.mark.parametrize(
    ("change", "key"),
    [({"thin_provisioned": False}, "thin_provisioned"), ({"thin_provisioned": False, "eagerly_scrub": True}, "eagerly_scrub")],
)
def test_a_disk_that_is_to_be_laid_out_otherwise_is_refused_by_the_provider(
    applied: tuple[Workspace, Simulator], change: dict[str, Any], key: str
) -> None:
    """Thin, thick and eagerly scrubbed are for life: the preview itself fails, and says so."""
    found = reviewed(applied[0], disks=[OS, SPOOL | change])
    assert found.verdict is Verdict.FAILED
    assert any(f'cannot change the value of "{key}"' in error for error in found.errors)


@pytest.mark.hazard("H10", "review", "the same on the real engine")
def test_two_peers_that_restart_together_are_unsafe(applied: tuple[Workspace, Simulator]) -> None:
    found = reviewed(applied[0], cpus=2)
    assert found.verdict is Verdict.UNSAFE
    assert rules(found) == ["peers-restart", "restart", "restart"]


def test_a_disk_that_is_renumbered_is_unsafe(applied: tuple[Workspace, Simulator]) -> None:
    found = reviewed(applied[0], disks=[OS, SPOOL | {"unit_number": 3}])
    assert found.verdict is Verdict.UNSAFE
    assert rules(found).count("disk-renumbered") == 2


@pytest.mark.hazard("H1", "review", "the same on the real engine, where the file is then gone")
def test_a_label_that_is_dropped_destroys_and_the_gate_says_so_before(applied: tuple[Workspace, Simulator]) -> None:
    work, server = applied
    before = contents(server).disks
    found = reviewed(work, disks=[OS])
    assert (found.verdict, found.operations.get("update")) == (Verdict.UNSAFE, 2)
    assert rules(found) == ["disk-destroyed", "disk-destroyed"]
    work.must("up", "--yes", "--skip-preview")
    gone = before - contents(server).disks
    assert {path for path in gone if "_1.vmdk" in path} == {"[templates] store-1/store-1_1.vmdk", "[templates] store-2/store-2_1.vmdk"}
