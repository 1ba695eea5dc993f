"""From a platform to the peaks of its years."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from config.platform import Platform
from config.risk import RiskTarget
from sizing import rules
from sizing.replay import disks, mail
from sizing.replay.snapshots import Deltas
from sizing.replay.writes import Disk, Writes
from sizing.replay.writes import disks as disks_of
from sizing.replay.years import HOURS, Floats, Happening, drawn, happenings


class Replay(NamedTuple):
    """The peaks of each year, GiB, arrays over years."""

    disks: dict[str, Floats]
    """Of the disks whose load is mail, by server and label as `sizing.risk` names them."""
    datastores: dict[str, Floats]
    """The LUN that would just not have filled, by name of the datastore."""


def replay(platform: Platform, sized: Mapping[tuple[str, str], float], years: int, seed: int) -> Replay:
    """Lives through the first year from today so many times; the same seed gives the same years.

    `sized` says how large those disks are, GiB by server and label, whose size the stack doesn't declare.
    """
    rng, inputs, every = np.random.default_rng(seed), (platform.risk or RiskTarget()).inputs, disks_of(platform, sized)
    lives = drawn(rng, platform, inputs, years)
    storms = list(happenings(rng, inputs.spam_storm, years))
    arrived = mail.arriving(rng, platform, inputs, lives, storms)
    outages = list(happenings(rng, inputs.outage, years))
    logged = disks.Logged(platform, arrived)
    forgotten = {vm: list(happenings(rng, inputs.forgotten_snapshot, years)) for vm in sorted({disk.vm for disk in every})}
    held = disks.held(platform, arrived, logged, outages)
    return Replay(
        disks={f"{disk.vm} {disk.label}": held[disk.role].max(axis=1) for disk in every if disk.label == disks.label(disk.role)},
        datastores=_datastores(platform, every, Writes(platform, every, arrived, logged, lives), forgotten),
    )


def _datastores(platform: Platform, every: tuple[Disk, ...], writes: Writes, forgotten: dict[str, list[Happening]]) -> dict[str, Floats]:
    """The peaks of each datastore."""
    years = writes.at(0).shape[1]
    deltas = Deltas(platform, every, writes.daily(), years)
    luns = sorted(platform.storage.luns)
    on = {server.name: luns.index(server.node.lun) for server in platform.servers}
    of_disk = np.array([[on[disk.vm] == lun for disk in every] for lun in range(len(luns))], np.float64)
    memory = {server.name: server.node.memory_gib + rules.MEMORY_SNAPSHOT_EXTRA_MIB / 1024 for server in platform.servers}
    of_vm = np.array([[(on[vm] == lun) * memory[vm] for vm in deltas.vms] for lun in range(len(luns))], np.float64)
    peak = np.zeros((len(luns), years))
    begins = _by_hour(forgotten)
    for hour in range(HOURS):
        for vm, happening in begins.get(hour, ()):
            deltas.forget(vm, happening)
        taken = of_disk @ deltas.live(hour, writes.at(hour))
        if platform.snapshots.memory:
            taken += of_vm @ deltas.memories()
        peak = np.maximum(peak, taken)
    return {platform.storage.luns[lun].datastore or lun: _lun(platform, lun, every, peak[i]) for i, lun in enumerate(luns)}


def _by_hour(forgotten: dict[str, list[Happening]]) -> dict[int, list[tuple[str, Happening]]]:
    found: dict[int, list[tuple[str, Happening]]] = {}
    for vm, happened in forgotten.items():
        for happening in happened:
            found.setdefault(happening.hour, []).append((vm, happening))
    return found


def _lun(platform: Platform, lun: str, every: tuple[Disk, ...], snapshots_gib: Floats) -> Floats:
    """The smallest LUN that holds disks, swap, the VMs' own files and so much of snapshots, beside VMFS."""
    overheads, nodes = platform.storage.overheads, [server.node for server in platform.servers if server.node.lun == lun]
    disks_gib = sum(disk.gib for disk in every if disk.lun == lun)
    files_gib = sum(n.memory_gib - n.memory_reservation_gib + overheads.vmx_swap_gib + overheads.vm_logs_gib for n in nodes)
    used = disks_gib + files_gib + snapshots_gib
    return np.maximum(used + overheads.vmfs_fixed_gib, used / (1 - overheads.vmfs_fraction))
