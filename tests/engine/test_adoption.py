"""A datastore that is there already is taken over, never made and never removed; one with too little room is refused."""

import pytest

from tests.engine.conftest import Staged
from tests.engine.stage import Stage

FC = "naa.60003ff44dc75adc0000000000000012"
GUEST = "other-service"
SITE = {
    "datastores.1": {"name": "legacy fc", "lun": FC},
    "templates.1": {"name": GUEST, "datastore": "legacy fc", "disks_gib": [30], "guest_id": "ubuntu64Guest"},
    "luns.1.size_gib": 640,
}
ADOPTED = {"storage.luns.mail-fc.datastore": "legacy fc", "storage.luns.mail-fc.size_gib": 640}


@pytest.fixture(scope="module")
def stage(staged: Staged) -> Stage:
    """The demo, whose FC LUN holds a datastore with somebody else's VM."""
    return staged("demo", edits=ADOPTED, site=SITE)


@pytest.mark.parametrize(
    ("size_gib", "said"),
    [
        (
            700,
            (
                "storage.luns.mail-fc.size_gib: 700 is more than the 640 GiB that the array presents",
                "GiB of the datastore legacy fc on it; grow the datastore to the LUN's size in vCenter",
            ),
        ),
        (560, ("GiB too small for the plan and what else the datastore holds (other-service 30 GiB); move those away, or ask for ≥ ",)),
    ],
)
def test_real_room_below_the_plan_is_refused(stage: Stage, size_gib: int, said: tuple[str, ...]) -> None:
    """Whether the datastore is smaller than declared, or other VMs have taken the room."""
    before = stage.look()
    with stage.edited({"storage.luns.mail-fc.size_gib": size_gib}):
        done = stage.work.run("up", "--yes")
    assert done.returncode != 0
    assert [text for text in said if text not in done.stdout] == [], done.stdout
    assert stage.look() == before
    assert stage.resources() == {}


def test_an_adopted_datastore_is_used_and_left(stage: Stage) -> None:
    """Its VMs are on it, no resource stands for it, and destroy takes the VMs alone."""
    before = stage.look()
    stage.work.must("up", "--yes")
    made = stage.look()
    assert made.datastores - before.datastores == {"mail-iscsi"}
    assert {path.partition("]")[0] for path in made.vms["demo-mailbox-1"]} == {"[legacy fc"}
    assert [name for name, resource in stage.resources().items() if "vmfsDatastore" in resource["type"]] == ["demo-mail-iscsi"]
    assert stage.work.changes() == {}
    stage.work.must("destroy", "--yes")
    assert stage.look() == before
