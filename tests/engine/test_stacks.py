"""Every other stack of the checkout that may stand is applied as it is, and then nothing is left to do."""

import pytest

from config import load, locate
from plan import build
from tests.engine.conftest import Staged


@pytest.mark.parametrize("stack", ["campus", "campus-test"])
def test_a_stack_is_applied_on_its_site(staged: Staged, stack: str) -> None:
    """What the plan decides is what vCenter then has, down to the size of each disk; the second preview is empty."""
    stage = staged(stack)
    plan = build(load(locate(stack)))
    stage.work.must("up", "--yes")
    assert stage.work.changes() == {}
    made = stage.look()
    assert {vm: sorted(disks.values()) for vm, disks in made.vms.items()} == {
        vm.name: sorted(disk.size_gib for disk in vm.disks) for vm in plan.vms
    }
    assert {store.name for store in plan.datastores} < made.datastores
    assert made.rules == {rule.name: frozenset(rule.vms) for rule in plan.apart}
    assert plan.place.folder in made.folders
