"""What VMs are made from, on the real provider: template, image, nothing, OVF. (Content library: tests/components.)"""

from pathlib import Path

from config import load
from plan import build
from tests.engine.conftest import Staged
from tests.engine.looking import machines

APPLIANCE = Path(__file__).with_name("appliance.ovf")
SOURCES = {
    "balancers.source": {"kind": "blank"},
    "log_archive.source": {"kind": "ovf", "url": str(APPLIANCE), "network": "outside"},
}


def test_a_vm_is_made_from_each_kind_of_source_and_has_the_plan_s_disks(staged: Staged) -> None:
    """All in one stack; each runs, on the plan's network; the second preview is empty."""
    stage = staged("demo", edits=SOURCES)
    stage.work.must("up", "--yes", "--skip-preview")
    assert stage.work.changes() == {}
    seen = machines(stage.server)
    template, image, blank, appliance = (seen[f"demo-{name}"] for name in ("mta-1", "scanner-1", "balancer-1", "log-archive"))
    assert (template.guest_id, template.host_name, template.address) == ("ubuntu64Guest", "demo-mta-1", "192.0.2.31")
    assert (template.images, blank.images, appliance.images) == ((), (), ())
    assert image.images == ("[templates] iso/gateway.iso",)
    assert (image.host_name, blank.host_name) == (None, None)
    assert {machine.running for machine in seen.values()} == {True}
    assert {machine.networks for machine in seen.values()} == {("mail",)}
    assert {name: sorted(disks.values()) for name, disks in stage.look().vms.items()} == {
        vm.name: sorted(disk.size_gib for disk in vm.disks) for vm in build(load(stage.work.stack_file)).vms
    }
    assert "[mail-fc] demo-log-archive/disk-0.vmdk" in stage.look().vms["demo-log-archive"], "the appliance's own disk, grown"
