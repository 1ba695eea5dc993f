"""The two platforms of the story, and the simulated site of each."""

import math
from pathlib import Path
from typing import Any

import yaml

import config
import plan as planning
from incident import figures
from sizing import DatastoreNeed
from sizing.units import HOURS_PER_DAY, MIB_PER_GIB

AS_BUILT = "campus-2013"
AS_SIZED = "campus"
_RUNNING = ("disks", "VM swap", "VMX swap", "VM logs and NVRAM")


def described(stack: str) -> config.Platform:
    """A platform as its stack describes it."""
    return config.load(config.locate(stack))


def barely_running(platform: config.Platform) -> config.Platform:
    """The platform on LUNs that are as it says, but large enough for its VMs to run: no LUN of a disk's size holds disk and VMFS."""
    needs = {need.lun: need for need in planning.draft(platform).sizing.datastores}
    luns = {
        name: lun.model_copy(update={"size_gib": max(lun.size_gib, _smallest(platform, needs[name]))})
        for name, lun in platform.storage.luns.items()
    }
    return platform.model_copy(update={"storage": platform.storage.model_copy(update={"luns": luns})})


def _smallest(platform: config.Platform, need: DatastoreNeed) -> int:
    overheads = platform.storage.overheads
    running = sum(term.gib for term in need.terms if term.name in _RUNNING)
    return math.ceil(max(running + overheads.vmfs_fixed_gib, running / (1 - overheads.vmfs_fraction)))


def site(stack: str, platform: config.Platform, plan: planning.Plan) -> dict[str, Any]:
    """The inventory of the stack's site with the platform's LUNs, its datastores on them, and physics as sizing takes them to be."""
    inventory: dict[str, Any] = yaml.safe_load((config.STACKS / "sites" / f"{stack}.yaml").read_text(encoding="utf-8"))
    sizes = {lun.naa: lun.size_gib for lun in platform.storage.luns.values()}
    for lun in inventory["luns"]:
        lun["size_gib"] = math.floor(sizes.get(lun["naa"], lun["size_gib"]))
    inventory["datastores"] += [{"name": store.name, "lun": store.naa} for store in plan.datastores]
    return inventory | {"physics": physics(platform, plan)}


def physics(platform: config.Platform, plan: planning.Plan) -> dict[str, Any]:
    """The laws of the site: what each guest writes, and how deltas grow and go."""
    overheads = platform.storage.overheads
    units = {(vm.server, disk.label): (vm.name, disk.unit) for vm in plan.vms for disk in vm.disks}
    writes = []
    for need in plan.sizing.disks:
        vm, unit = units[need.vm, need.label]
        writes.append({"vm": vm, "unit": unit, "gib_per_hour": need.written_per_day.gib / HOURS_PER_DAY})
    return {
        "delta_step_mib": round(overheads.delta_quantum_gib * MIB_PER_GIB),
        "delta_overhead": overheads.delta_fraction,
        "vm_files_gib": overheads.vmx_swap_gib + overheads.vm_logs_gib,
        "consolidation_gib_per_hour": figures.CONSOLIDATION_GIB_PER_HOUR,
        "writes": writes,
    }


def written(inventory: dict[str, Any], folder: Path) -> Path:
    """The file of an inventory."""
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(inventory, sort_keys=False), encoding="utf-8")
    return path
