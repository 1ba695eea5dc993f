"""An edit that restarts every member of a role never stops the role: its members are changed one after the other."""

import pytest

from config import load
from plan import build
from tests.engine.conftest import Staged
from tests.engine.looking import machines, power_changes
from tests.engine.stage import Stage

ROLES = {"scanner": ("scanner-1", "scanner-2"), "balancer": ("balancer-1", "balancer-2"), "directory": ("mailbox-1", "mta-1")}
EDITS = {
    "gateway.scanners.scanner-1.cpus": 5,
    "gateway.scanners.scanner-2.cpus": 5,
    "balancers.nodes.balancer-1.memory_gib": 3,
    "balancers.nodes.balancer-2.memory_gib": 3,
    "spool.mtas.mta-1.cpus": 3,
    "spool.mailboxes.mailbox-1.cpus": 5,
}


@pytest.fixture(scope="module")
def stage(staged: Staged) -> Stage:
    """The demo, applied, on LUNs with room for larger swap files."""
    roomy = {"storage.luns.mail-iscsi.size_gib": 900, "storage.luns.mail-fc.size_gib": 900}
    made = staged("demo", edits=roomy, site={"luns.0.size_gib": 900, "luns.1.size_gib": 900})
    made.work.must("up", "--yes", "--skip-preview")
    return made


def test_the_engine_knows_who_waits_for_whom(stage: Stage) -> None:
    """Every rule that keeps a role's members on different hosts keeps their changes apart too."""
    resources = stage.resources()
    apart = build(load(stage.work.stack_file)).apart
    assert {rule.role: tuple(vm.removeprefix("demo-") for vm in rule.vms) for rule in apart} == ROLES
    for rule in apart:
        first, second = rule.vms
        assert resources[first]["urn"] in resources[second]["dependencies"]


def test_no_moment_of_an_edit_stops_a_role(stage: Stage) -> None:
    """As vCenter's own events tell: each member is off and on again before the next is off."""
    before = len(power_changes(stage.server))
    stage.edit(EDITS)
    stage.work.must("up", "--yes", "--skip-preview")
    changes = [(name.removeprefix("demo-"), on) for name, on in power_changes(stage.server)[before:]]
    for members in ROLES.values():
        of_role = [change for change in changes if change[0] in members]
        assert of_role == [(name, on) for name in members for on in (False, True)]
    assert {machine.running for machine in machines(stage.server).values()} == {True}
    assert stage.work.changes() == {}
