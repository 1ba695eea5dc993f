"""The hosts that a stack assigns, on the real engine: VMs come up there, and nothing that happens later moves one by an edit."""

from pathlib import Path

import pytest

from tests.engine.clusters import move, running_on, switch_drs_off
from tests.engine.conftest import Staged
from tests.engine.editing import Edits
from tests.engine.test_sources import SOURCES

ESX = [f"esx-{n}.demo.example" for n in (1, 2, 3)]
ASSIGNED: Edits = {
    "gateway.control_center.host": ESX[2], "gateway.scanners.scanner-1.host": ESX[1], "gateway.scanners.scanner-2.host": ESX[2],
    "spool.mtas.mta-1.host": ESX[2], "spool.mailboxes.mailbox-1.host": ESX[1], "balancers.nodes.balancer-1.host": ESX[2],
    "balancers.nodes.balancer-2.host": ESX[0], "log_archive.node.host": ESX[1],
}  # fmt: skip
THERE = {f"demo-{path.removesuffix('.node.host').removesuffix('.host').rpartition('.')[2]}": host for path, host in ASSIGNED.items()}
THERE = {name.replace("_", "-"): host for name, host in THERE.items()}
"""Where each VM is to be."""


@pytest.mark.hazard("H11", "engine", "VMs from each kind of source are first powered on where the stack says; no edit of `host` moves one")
def test_vms_come_up_on_their_hosts_and_an_edit_moves_none(staged: Staged) -> None:
    stage = staged("demo", edits={**ASSIGNED, **SOURCES})
    stage.work.must("up", "--yes", "--skip-preview")
    assert running_on(stage.server) == THERE
    assert stage.work.changes() == {}

    move(stage.server, "demo-scanner-1", ESX[0])  # as DRS may
    moved = THERE | {"demo-scanner-1": ESX[0]}
    assert stage.work.changes() == {}
    stage.work.must("refresh", "--yes")
    assert stage.work.changes() == {}

    stage.edit({"spool.mtas.mta-1.host": ESX[0], "balancers.nodes.balancer-2.host": ESX[1]})
    assert stage.steps() == {}
    stage.edit({"gateway.scanners.scanner-1.cpus": 6})
    assert stage.steps() == {"demo-scanner-1": "update"}
    stage.work.must("up", "--yes")
    assert running_on(stage.server) == moved
    assert stage.work.changes() == {}


def test_without_drs_vms_are_apart_by_their_hosts_alone_and_no_rule_is_asked_for(staged: Staged) -> None:
    stage = staged("demo", edits={**ASSIGNED, "vsphere.drs": False})
    switch_drs_off(stage.server)
    stage.work.must("up", "--yes", "--skip-preview")
    assert running_on(stage.server) == THERE
    assert stage.look().rules == {}
    assert stage.work.changes() == {}

    with stage.edited({"gateway.scanners.scanner-2.host": ESX[1]}):
        refused = stage.work.run("preview")
    assert refused.returncode != 0
    assert f"gateway.scanners.scanner-2.host: {ESX[1]} is also the host of scanner-1, another scanner" in refused.stdout
    stage.edit({"vsphere.drs": True})
    rules = ("balancer-apart", "directory-apart", "scanner-apart")
    assert stage.steps() == {f"demo-{rule}": "create" for rule in rules}


def test_the_stack_that_place_writes_is_applied_as_written(staged: Staged) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415 - the command line, as a person would

    from cli.main import app  # noqa: PLC0415
    from config import load  # noqa: PLC0415

    stage = staged("demo")
    assert CliRunner().invoke(app, ["place", str(stage.work.stack_file), "--write"]).exit_code == 0
    stage.work.must("up", "--yes", "--skip-preview")
    assert running_on(stage.server) == {f"demo-{server.name}": server.node.host for server in load(Path(stage.work.stack_file)).servers}
