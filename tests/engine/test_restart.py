"""What the cluster is told about lost hosts, on the real engine: groups and a rule for each site, and who HA restarts first."""

import pytest

from tests.engine.clusters import told
from tests.engine.conftest import Staged

HOSTS = [f"esx-{n}.demo.example" for n in (1, 2, 3)]
EDITS = {
    "vsphere.hosts": [{"name": name, "site": "north" if n < 2 else "south"} for n, name in enumerate(HOSTS)],
    "vsphere.restart_order": True,
    "storage.luns.mail-iscsi.site": "north",
    "storage.luns.mail-fc.site": "south",
}


@pytest.mark.hazard("H11", "engine", "the same on the real engine, with the order in which HA restarts VMs")
def test_groups_rules_and_restart_priorities_are_made_kept_and_taken_down(staged: Staged) -> None:
    stage = staged("demo", edits=EDITS)
    before, nothing = stage.look(), told(stage.server)
    stage.work.must("up", "--yes", "--skip-preview")
    assert stage.work.changes() == {}

    seen = told(stage.server)
    assert seen.groups["demo-hosts-north"] == set(HOSTS[:2])
    assert seen.groups["demo-vms-north"] == {f"demo-{name}" for name in ("balancer-1", "control-center", "mta-1", "scanner-1")}
    assert seen.homes == {"demo-at-north": ("demo-vms-north", "demo-hosts-north"), "demo-at-south": ("demo-vms-south", "demo-hosts-south")}
    assert seen.restarts == {"demo-control-center": "low", "demo-log-archive": "low", "demo-mailbox-1": "highest", "demo-mta-1": "highest"}

    assert "unchanged" in stage.work.must("refresh", "--yes", "--expect-no-changes")
    stage.work.must("destroy", "--yes")
    assert stage.look() == before
    assert told(stage.server) == nothing
