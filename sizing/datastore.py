"""What each datastore must hold: the disks on it, what VMs add when they run, their snapshots, and VMFS itself.

Deliberately knows only the VMs that it is given: what else lies on a datastore that is taken over is for the live check to find.
"""

from collections.abc import Sequence
from typing import NamedTuple

from config.platform import Platform
from config.storage import Fabric, Overheads, SnapshotPolicy
from sizing import memory, snapshots
from sizing.model import VMFS, DatastoreNeed, DiskNeed, Term, term, total
from sizing.units import Amount, show


class Vm(NamedTuple):
    """A VM with its disks, one at least."""

    name: str
    memory: Amount
    """GiB."""
    memory_reservation_gib: float
    disks: tuple[snapshots.Disk, ...]


class Store(NamedTuple):
    """A datastore as it is declared."""

    lun: str
    name: str
    fabric: Fabric | None
    declared_gib: float
    physical_gib: float | None = None
    granularity_gib: int = 1


class Allowance(NamedTuple):
    """What is foreseen on every datastore."""

    snapshots: SnapshotPolicy
    overheads: Overheads
    free_fraction: float


def of(platform: Platform, disks: tuple[DiskNeed, ...]) -> tuple[DatastoreNeed, ...]:
    """Every datastore, sorted by the key of its LUN. What is too small on it is counted as it must be: it will have to become so large."""
    storage = platform.storage
    memories = memory.counted(platform)
    by_vm: dict[str, tuple[DiskNeed, ...]] = {}
    for disk in disks:
        by_vm[disk.vm] = (*by_vm.get(disk.vm, ()), disk)
    by_lun: dict[str, list[Vm]] = {lun: [] for lun in sorted(storage.luns)}
    for server in sorted(platform.servers, key=lambda server: server.name):
        node = server.node
        by_lun[node.lun].append(Vm(server.name, memories[server.name], node.memory_reservation_gib, by_vm[server.name]))
    allowance = Allowance(platform.snapshots, storage.overheads, storage.free_fraction)
    return tuple(need(_declared(platform, lun), vms, allowance) for lun, vms in by_lun.items())


def _declared(platform: Platform, key: str) -> Store:
    lun = platform.storage.luns[key]
    return Store(key, lun.datastore or key, lun.fabric, lun.size_gib, lun.physical_gib, platform.storage.granularity_gib)


def vmfs_gib(lun_gib: float, overheads: Overheads) -> float:
    """VMFS's own data on a LUN of so much, GiB."""
    return max(overheads.vmfs_fixed_gib, overheads.vmfs_fraction * lun_gib)


def vmfs(rest_gib: float, overheads: Overheads, free_fraction: float) -> Term:
    """VMFS's own data, GiB, on the smallest LUN that holds `rest_gib` beside it and keeps its fraction free.

    The fraction is of the LUN, and the LUN is not known before: both cases are solved, and the larger one holds.
    """
    fixed, fraction = overheads.vmfs_fixed_gib, overheads.vmfs_fraction
    lun_gib = max((rest_gib + fixed) / (1 - free_fraction), rest_gib / (1 - free_fraction - fraction))
    return term(
        VMFS,
        vmfs_gib(lun_gib, overheads),
        f"max({show(fixed)} GiB, {show(fraction)} × {show(lun_gib)} GiB)",
        "rule of thumb: there is no published calculation; storage.overheads",
    )


def need(store: Store, vms: Sequence[Vm], allowance: Allowance, others: tuple[Term, ...] = ()) -> DatastoreNeed:
    """What a datastore with these VMs must hold, beside what others have on it."""
    policy, overheads, free_fraction = allowance
    taken = snapshots.concurrent((snapshots.of_vm(policy, overheads, vm.disks, vm.memory) for vm in vms), policy.concurrent_vms)
    running = (_disks(vms), *_running(overheads, vms), *others)
    held = (*running, *(t for vm in taken for t in vm.terms))
    usable_gib = store.physical_gib or store.declared_gib  # a thin LUN is full when the array is
    free_gib = usable_gib - total(running) - vmfs_gib(store.declared_gib, overheads)
    own = vmfs(total(held), overheads, free_fraction)
    found = DatastoreNeed(
        lun=store.lun,
        name=store.name,
        fabric=store.fabric,
        declared_gib=store.declared_gib,
        physical_gib=store.physical_gib,
        granularity_gib=store.granularity_gib,
        terms=(*held, own),
        free_fraction=free_fraction,
        vmfs_gib=own.gib,
        hours_to_full=snapshots.hours_to_fill(free_gib - sum(vm.at_once_gib for vm in taken), (g for vm in taken for g in vm.growing)),
    )
    return found.model_copy(update={"vmfs_gib": vmfs_gib(max(store.declared_gib, found.smallest_gib), overheads)})


def beside_disks_gib(memory_gib: float, memory_reservation_gib: float, overheads: Overheads) -> float:
    """What a VM that runs takes of its datastore beside its disks, GiB: both swap files, logs and NVRAM."""
    return memory_gib - memory_reservation_gib + overheads.vmx_swap_gib + overheads.vm_logs_gib


def _disks(vms: Sequence[Vm]) -> Term:
    by_vm = [f"({' + '.join(d.counted.text for d in vm.disks)}) {vm.name}" for vm in vms]
    size = sum(d.counted.value for vm in vms for d in vm.disks)
    return term("disks", size, f"{' + '.join(by_vm) or '0'} GiB", "as provisioned: a thin disk may grow to it")


def _running(overheads: Overheads, vms: Sequence[Vm]) -> tuple[Term, ...]:
    """What VMs add to a datastore when they run."""
    swap = [f"({vm.memory.text} − {show(vm.memory_reservation_gib)}) {vm.name}" for vm in vms]
    return (
        term(
            "VM swap",
            sum(vm.memory.value - vm.memory_reservation_gib for vm in vms),
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
