"""What each datastore must hold: the disks on it, what VMs add when they run, their snapshots, and VMFS itself.

Deliberately knows only the platform's own VMs: what else lies on a datastore that is taken over is for the live check to find.
"""

from typing import NamedTuple

from config.platform import Platform
from config.roles import Node
from config.storage import Overheads
from sizing import snapshots
from sizing.model import DatastoreNeed, DiskNeed, Term, term, total
from sizing.units import show


class Vm(NamedTuple):
    """A VM with its disks."""

    name: str
    node: Node
    disks: tuple[DiskNeed, ...]


def of(platform: Platform, disks: tuple[DiskNeed, ...]) -> tuple[DatastoreNeed, ...]:
    """Every datastore, sorted by the key of its LUN."""
    by_vm: dict[str, tuple[DiskNeed, ...]] = {}
    for disk in disks:
        by_vm[disk.vm] = (*by_vm.get(disk.vm, ()), disk)
    by_lun: dict[str, list[Vm]] = {lun: [] for lun in sorted(platform.storage.luns)}
    for server in sorted(platform.servers, key=lambda server: server.name):
        by_lun[server.node.lun].append(Vm(server.name, server.node, by_vm[server.name]))
    return tuple(_need(platform, lun, vms) for lun, vms in by_lun.items())


def vmfs(rest_gib: float, overheads: Overheads, free_fraction: float) -> Term:
    """VMFS's own data, GiB, on the smallest LUN that holds `rest_gib` beside it and keeps its fraction free.

    The fraction is of the LUN, and the LUN is not known before: both cases are solved, and the larger one holds.
    """
    fixed, fraction = overheads.vmfs_fixed_gib, overheads.vmfs_fraction
    lun_gib = max((rest_gib + fixed) / (1 - free_fraction), rest_gib / (1 - free_fraction - fraction))
    return term(
        "VMFS",
        max(fixed, fraction * lun_gib),
        f"max({show(fixed)} GiB, {show(fraction)} × {show(lun_gib)} GiB)",
        "rule of thumb: there is no published calculation; storage.overheads",
    )


def _need(platform: Platform, lun: str, vms: list[Vm]) -> DatastoreNeed:
    storage, overheads = platform.storage, platform.storage.overheads
    declared = storage.luns[lun]
    taken = snapshots.concurrent((snapshots.of_vm(platform, vm.disks, vm.node.memory_gib) for vm in vms), platform.snapshots.concurrent_vms)
    running = (_disks(vms), *_running(overheads, vms))
    need = (*running, *(t for vm in taken for t in vm.terms))
    usable_gib = declared.physical_gib or declared.size_gib  # a thin LUN is full when the array is
    free_gib = usable_gib - total(running) - max(overheads.vmfs_fixed_gib, overheads.vmfs_fraction * declared.size_gib)
    return DatastoreNeed(
        lun=lun,
        name=declared.datastore or lun,
        fabric=declared.fabric,
        declared_gib=declared.size_gib,
        physical_gib=declared.physical_gib,
        granularity_gib=storage.granularity_gib,
        terms=(*need, vmfs(total(need), overheads, storage.free_fraction)),
        free_fraction=storage.free_fraction,
        hours_to_full=snapshots.hours_to_fill(free_gib - sum(vm.at_once_gib for vm in taken), (g for vm in taken for g in vm.growing)),
    )


def _disks(vms: list[Vm]) -> Term:
    by_vm = [f"({' + '.join(show(d.gib) for d in vm.disks)}) {vm.name}" for vm in vms]
    size = sum(d.gib for vm in vms for d in vm.disks)
    return term("disks", size, f"{' + '.join(by_vm) or '0'} GiB", "as provisioned: a thin disk may grow to it")


def _running(overheads: Overheads, vms: list[Vm]) -> tuple[Term, ...]:
    """What VMs add to a datastore when they run."""
    swap = [f"({show(vm.node.memory_gib)} − {show(vm.node.memory_reservation_gib)}) {vm.name}" for vm in vms]
    return (
        term(
            "VM swap",
            sum(vm.node.memory_gib - vm.node.memory_reservation_gib for vm in vms),
            f"{' + '.join(swap) or '0'} GiB",
            "Broadcom KB 318856: memory − reservation, or the VM can't power on",
        ),
        term(
            "VMX swap",
            len(vms) * overheads.vmx_swap_gib,
            f"{len(vms)} × {show(overheads.vmx_swap_gib)} GiB",
            "VMware: a second swap file of 50 to 150 MB a VM; storage.overheads",
        ),
        term(
            "VM logs and NVRAM",
            len(vms) * overheads.vm_logs_gib,
            f"{len(vms)} × {show(overheads.vm_logs_gib)} GiB",
            "figure; storage.overheads",
        ),
    )
