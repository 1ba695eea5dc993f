"""From a platform to the peaks of its years."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from config.platform import Platform
from config.risk import RiskTarget
from config.roles import Role
from sizing import rules, size
from sizing.model import DiskNeed
from sizing.replay import disks, mail
from sizing.replay.disks import Written
from sizing.replay.mail import Mail
from sizing.replay.snapshots import Deltas
from sizing.replay.years import HOURS, Floats, Happening, Years, drawn, happenings


class Replay(NamedTuple):
    """The peaks of each year, GiB, arrays over years."""

    disks: dict[str, Floats]
    """Of the disks whose load is mail, by server and label as `sizing.risk` names them."""
    datastores: dict[str, Floats]
    """The LUN that would just not have filled, by name of the datastore."""


def replay(platform: Platform, years: int, seed: int) -> Replay:
    """Lives through the first year from today so many times; the same seed gives the same years."""
    rng, inputs, needs = np.random.default_rng(seed), (platform.risk or RiskTarget()).inputs, size(platform).disks
    lives = drawn(rng, platform, inputs, years)
    storms = list(happenings(rng, inputs.spam_storm, years))
    arrived = mail.arriving(rng, platform, inputs, lives, storms)
    outages = list(happenings(rng, inputs.outage, years))
    written = disks.Written(platform, arrived)
    forgotten = {vm: list(happenings(rng, inputs.forgotten_snapshot, years)) for vm in sorted({need.vm for need in needs})}
    held = disks.held(platform, arrived, written, outages)
    return Replay(
        disks={f"{n.vm} {n.label}": held[n.role].max(axis=1) for n in needs if n.label == disks.label(n.role)},
        datastores=_datastores(platform, needs, _hourly(platform, needs, arrived, written, lives), forgotten),
    )


def _hourly(platform: Platform, needs: tuple[DiskNeed, ...], arrived: Mail, written: Written, lives: Years) -> Callable[[int], Floats]:
    """What is written to each disk in an hour, GiB, disks × years: a day's writes follow the day's curve, or are the logs that arrive."""
    per_day = np.array([[need.written_per_day.gib] for need in needs]) * lives.write_rate
    shares = Role.LOG_ARCHIVE in platform.snapshots.change_per_day
    archives = [] if shares else [i for i, need in enumerate(needs) if need.label == disks.label(Role.LOG_ARCHIVE)]
    plain_and_compressed = (1 + 1 / platform.log_archive.compression_ratio) * lives.write_rate / 2**30

    def at(hour: int) -> Floats:
        found: Floats = per_day * arrived.shape[:, hour % 24]
        found[archives] = written.all[:, arrived.before + hour] * plain_and_compressed
        return found

    return at


def _datastores(
    platform: Platform, needs: tuple[DiskNeed, ...], written: Callable[[int], Floats], forgotten: dict[str, list[Happening]]
) -> dict[str, Floats]:
    """The peaks of each datastore."""
    years = written(0).shape[1]
    deltas = Deltas(platform, needs, years)
    luns = sorted(platform.storage.luns)
    on = {server.name: luns.index(server.node.lun) for server in platform.servers}
    of_disk = np.array([[on[need.vm] == lun for need in needs] for lun in range(len(luns))], np.float64)
    memory = {server.name: server.node.memory_gib + rules.MEMORY_SNAPSHOT_EXTRA_MIB / 1024 for server in platform.servers}
    of_vm = np.array([[(on[vm] == lun) * memory[vm] for vm in deltas.vms] for lun in range(len(luns))], np.float64)
    peak = np.zeros((len(luns), years))
    begins = _by_hour(forgotten)
    for hour in range(HOURS):
        for vm, happening in begins.get(hour, ()):
            deltas.forget(vm, happening)
        taken = of_disk @ deltas.live(hour, written(hour))
        if platform.snapshots.memory:
            taken += of_vm @ deltas.memories()
        peak = np.maximum(peak, taken)
    return {platform.storage.luns[lun].datastore or lun: _lun(platform, lun, needs, peak[i]) for i, lun in enumerate(luns)}


def _by_hour(forgotten: dict[str, list[Happening]]) -> dict[int, list[tuple[str, Happening]]]:
    found: dict[int, list[tuple[str, Happening]]] = {}
    for vm, happened in forgotten.items():
        for happening in happened:
            found.setdefault(happening.hour, []).append((vm, happening))
    return found


def _lun(platform: Platform, lun: str, needs: tuple[DiskNeed, ...], snapshots_gib: Floats) -> Floats:
    """The smallest LUN that holds disks, swap, the VMs' own files and so much of snapshots, beside VMFS."""
    overheads, nodes = platform.storage.overheads, [server.node for server in platform.servers if server.node.lun == lun]
    disks_gib = sum(need.gib for need in needs if need.lun == lun)
    files_gib = sum(n.memory_gib - n.memory_reservation_gib + overheads.vmx_swap_gib + overheads.vm_logs_gib for n in nodes)
    used = disks_gib + files_gib + snapshots_gib
    return np.maximum(used + overheads.vmfs_fixed_gib, used / (1 - overheads.vmfs_fraction))
