"""What Mailstead adds to `pulumi preview`, against a raw Pulumi program with the same resources, in pairs.

    python benchmarks/preview.py [--vms 10 100 1000] [--pairs 5] [--applied]

For each size two simulated vCenters of the same site and two stacks: one of this project's program, one of
`benchmarks/raw`, whose resources have the very inputs that this project gives the provider. The previews alternate, so that
what else the machine does slows both. It deliberately sets no limit and is no part of the tests: a time is no test.
Without `--applied` nothing has been applied before and all resources are to be created; with it, all of them stay.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
from components import options, sources
from config.vsphere import Iso, Template
from plan import Plan, Vm, build
from plan.bindings import Bindings, TemplateFacts
from tools import simulator, workspace
from tools.paths import ROOT

SMALLEST = 8  # VMs of the stack demo, one of them a mailbox server; all that a larger platform has more are mailbox servers
VMS_PER_LUN = 40
LUN_GIB = 60_000  # room is not what this measures
FACTS = TemplateFacts(uuid="", guest_id="ubuntu64Guest", firmware="bios", scsi_type="pvscsi", system_disk_gib=20)


def main() -> None:
    """Measure each size and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--vms", type=int, nargs="+", default=[10, 100, 1000], help=f"numbers of VMs, each ≥ {SMALLEST}")
    parser.add_argument("--pairs", type=int, default=5, help="previews of each program, for each number")
    parser.add_argument("--applied", action="store_true", help="run `pulumi up` first, so that previews are empty")
    asked = parser.parse_args()
    print("VMs   resources  raw min/median  Mailstead min/median  ratio min  ratio median")
    for vms in asked.vms:
        measure(vms, asked.pairs, asked.applied)


def measure(vms: int, pairs: int, applied: bool) -> None:
    """One size."""
    with tempfile.TemporaryDirectory(prefix="mailstead-benchmark-") as folder, stacks(vms, Path(folder)) as both:
        for work in both if applied else ():
            work.must("up", "--yes", "--skip-preview", "--suppress-outputs")
        counts = [counted(work) for work in both]  # also warms what a first run warms
        if counts[0] != counts[1]:
            raise SystemExit(f"the programs differ, so their times say nothing: {counts}")
        times = [[seconds(work) for work in both] for _ in range(pairs)]
    raw, ours = zip(*times, strict=True)
    median = statistics.median(mine / other for other, mine in times)
    shown = (f"{min(column):.2f} / {statistics.median(column):.2f} s" for column in (raw, ours))
    print(f"{vms:<5} {sum(counts[0].values()):<10} {'  '.join(shown)}  {min(ours) / min(raw):.3f}  {median:.3f}", flush=True)


def seconds(work: workspace.Workspace) -> float:
    """How long a preview takes, s."""
    began = time.perf_counter()
    work.must("preview")
    return time.perf_counter() - began


def counted(work: workspace.Workspace) -> dict[str, int]:
    """The resources of a preview by type and operation, without components, which only one of the programs has."""
    found: dict[str, int] = {}
    for step in work.preview()["steps"]:
        kind = step["urn"].split("::")[2].rpartition("$")[2]
        if kind.startswith("vsphere:"):
            key = f"{step['op']} {kind}"
            found[key] = found.get(key, 0) + 1
    return dict(sorted(found.items()))


@contextmanager
def stacks(vms: int, folder: Path) -> Iterator[list[workspace.Workspace]]:
    """The raw stack and ours, each with a vCenter of its own."""
    stack, site = described(vms)
    stack_file, site_file, inputs = (folder / name for name in ("Pulumi.demo.yaml", "site.yaml", "inputs.json"))
    stack_file.write_text(yaml.safe_dump(stack), encoding="utf-8")
    site_file.write_text(yaml.safe_dump(site), encoding="utf-8")
    inputs.write_text(json.dumps(raw_inputs(build(config.load(stack_file)))), encoding="utf-8")
    with ExitStack() as running:
        made = []
        for name, program in (("raw", ROOT / "benchmarks" / "raw"), ("ours", ROOT)):
            server = running.enter_context(simulator.running(site_file, workspace.VCSIM))
            environment = {**server.environment, "RAW_INPUTS": str(inputs)}
            made.append(workspace.create(folder / name, "demo", environment, program=program, stack_file=stack_file))
        yield made


def described(vms: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The demo's stack and site with so many VMs: more mailbox servers, on LUNs of their own."""
    stack = yaml.safe_load((ROOT / "stacks" / "Pulumi.demo.yaml").read_text(encoding="utf-8"))
    site = yaml.safe_load((ROOT / "stacks" / "sites" / "demo.yaml").read_text(encoding="utf-8"))
    own = {key.removeprefix("mailstead:"): value for key, value in stack["config"].items()}
    own["networks"]["mail"]["cidr"] = "192.0.0.0/16"
    for lun in (*own["storage"]["luns"].values(), *site["luns"]):
        lun["size_gib"] = LUN_GIB
    for node in own["balancers"]["nodes"].values():
        node["disks_gib"] = {"system": 300}  # for the logs of so many connections
    for number in range(vms - SMALLEST):
        lun = f"spool-{number // VMS_PER_LUN}"
        if lun not in own["storage"]["luns"]:
            made = {"naa": f"naa.60003ff44dc75adc{number:016x}", "size_gib": LUN_GIB, "fabric": "fc"}
            own["storage"]["luns"][lun] = made
            site["luns"].append(made)
        address = f"192.0.{10 + number // 200}.{1 + number % 200}"
        own["spool"]["mailboxes"][f"mailbox-{number + 2}"] = {"address": address, "lun": lun, "memory_gib": 8}
    own["spool"]["users"] = 200 * (vms - SMALLEST + 1)
    return stack, site


def raw_inputs(plan: Plan) -> dict[str, Any]:
    """What the raw program makes: the same inputs, with names where ids come from vCenter."""
    return {
        "datacenter": plan.place.datacenter,
        "cluster": plan.place.cluster,
        "host": plan.place.hosts[0],
        "folder": plan.place.folder,
        "networks": sorted({vm.address.port_group for vm in plan.vms}),
        "templates": sorted({vm.source.template for vm in plan.vms if isinstance(vm.source, Template)}),
        "datastores": sorted({vm.source.datastore for vm in plan.vms if isinstance(vm.source, Iso)}),
        "luns": {store.name: store.naa for store in plan.datastores},
        "vms": [raw_vm(vm, plan) for vm in plan.vms],
        "rules": {rule.name: rule.vms for rule in plan.apart},
        "files": plan.files,
    }


def raw_vm(vm: Vm, plan: Plan) -> dict[str, Any]:
    """One VM."""
    template = vm.source.template if isinstance(vm.source, Template) else ""
    image_datastore = vm.source.datastore if isinstance(vm.source, Iso) else ""
    bindings = Bindings(
        datacenter_id="",
        cluster_id="",
        resource_pool_id="",
        host_id="",
        networks={},
        templates={template: FACTS},
        datastores={image_datastore: ""},
    )
    disks = [
        {
            "label": disk.label,
            "unit_number": disk.unit,
            "size": disk.size_gib,
            "keep_on_remove": options.keep_on_remove(disk, disposable=plan.disposable),
        }
        for disk in vm.disks
    ]
    inputs = {
        "name": vm.name,
        "num_cpus": vm.cpus,
        "memory": round(vm.memory_gib * 1024),
        "memory_reservation": round(vm.memory_reservation_gib * 1024),
        "enable_disk_uuid": True,
        "disks": disks,
        **sources.inputs(vm, bindings, plan.place.guest_wait_minutes),
    }
    where = {"lun": vm.lun, "network": vm.address.port_group, "template": template, "image_datastore": image_datastore}
    return {**where, "inputs": inputs}


if __name__ == "__main__":
    main()
