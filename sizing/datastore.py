"""What each datastore must hold: the disks on it, what VMs add when they run, their snapshots, and VMFS itself.

Deliberately knows only the platform's own VMs: what else lies on a datastore that is taken over is for the live check to find.
"""

from config.platform import Platform
from config.problems import Problem, Refused
from config.servers import Server
from config.storage import Overheads
from sizing import snapshots
from sizing.model import DatastoreNeed, DiskNeed, Term, term, total
from sizing.units import show


def of(platform: Platform, disks: tuple[DiskNeed, ...]) -> tuple[DatastoreNeed, ...]:
    """Every datastore, sorted by the key of its LUN.

    Raises:
        Refused: the free fraction and the fraction for VMFS leave nothing of a LUN.
    """
    _leaves_room(platform)
    servers = sorted(platform.servers, key=lambda server: server.name)
    return tuple(
        _need(platform, lun, [s for s in servers if s.node.lun == lun], [d for d in disks if d.lun == lun])
        for lun in sorted(platform.storage.luns)
    )


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


def _leaves_room(platform: Platform) -> None:
    free, fraction = platform.storage.free_fraction, platform.storage.overheads.vmfs_fraction
    if free + fraction >= 1:
        rule = f"and storage.overheads.vmfs_fraction of {show(fraction)} leave nothing of a LUN"
        raise Refused([Problem("storage.free_fraction", show(free), rule, "write fractions that add up to less than 1")])


def _need(platform: Platform, lun: str, servers: list[Server], disks: list[DiskNeed]) -> DatastoreNeed:
    storage, policy = platform.storage, platform.snapshots
    declared = storage.luns[lun]
    vms = [snapshots.of_vm(platform, tuple(d for d in disks if d.vm == s.name), s.node.memory_gib) for s in servers]
    taken = snapshots.concurrent(vms, policy.concurrent_vms)
    running = (_disks(servers, disks), *_running(storage.overheads, servers))
    need = (*running, *(t for vm in taken for t in vm.terms))
    at_once = sum(vm.at_once_gib for vm in taken)
    vmfs_gib = max(storage.overheads.vmfs_fixed_gib, storage.overheads.vmfs_fraction * declared.size_gib)
    return DatastoreNeed(
        lun=lun,
        name=declared.datastore or lun,
        fabric=declared.fabric,
        declared_gib=declared.size_gib,
        terms=(*need, vmfs(total(need), storage.overheads, storage.free_fraction)),
        free_fraction=storage.free_fraction,
        hours_to_full=snapshots.hours_to_fill(
            declared.size_gib - total(running) - vmfs_gib - at_once, (g for vm in taken for g in vm.growing)
        ),
    )


def _disks(servers: list[Server], disks: list[DiskNeed]) -> Term:
    by_vm = [f"({' + '.join(show(d.gib) for d in disks if d.vm == s.name)}) {s.name}" for s in servers]
    return term("disks", sum(d.gib for d in disks), f"{' + '.join(by_vm) or '0'} GiB", "as provisioned: thin disks may grow to it")


def _running(overheads: Overheads, servers: list[Server]) -> tuple[Term, ...]:
    """What VMs add to a datastore when they run."""
    swap = [f"({show(s.node.memory_gib)} − {show(s.node.memory_reservation_gib)}) {s.name}" for s in servers]
    count = len(servers)
    return (
        term(
            "VM swap",
            sum(s.node.memory_gib - s.node.memory_reservation_gib for s in servers),
            f"{' + '.join(swap) or '0'} GiB",
            "Broadcom KB 318856: memory − reservation, or the VM can't power on",
        ),
        term("VMX swap", count * overheads.vmx_swap_gib, f"{count} × {show(overheads.vmx_swap_gib)} GiB", "storage.overheads"),
        term("VM logs and NVRAM", count * overheads.vm_logs_gib, f"{count} × {show(overheads.vm_logs_gib)} GiB", "storage.overheads"),
    )
