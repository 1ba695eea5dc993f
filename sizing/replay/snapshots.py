"""The deltas on the datastores, hour by hour: backup takes snapshots at night, holds them, forgets some, and consolidates.

While a snapshot is there its VM gets no further one, so with `snapshots.per_disk` above 1 the plan is an upper bound that is not lived
through here. Times are rounded to whole hours.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.platform import Platform
from sizing.replay.writes import Disk
from sizing.replay.years import Floats, Happening

_BACKUP_HOUR = 1  # o'clock


class Night(NamedTuple):
    """When backup comes to the VMs: each on one night of so many."""

    of_vm: NDArray[np.int64]
    """VMs × 1."""
    nights: int


class Deltas:
    """The deltas of all disks in all years. Arrays of VMs are VMs × years, those of disks disks × years."""

    def __init__(self, platform: Platform, disks: tuple[Disk, ...], daily_gib: Sequence[float], years: int) -> None:
        """`daily_gib` is what is written to each disk on a usual day: it says which VMs are busiest."""
        self.vms = sorted({disk.vm for disk in disks})
        self._policy, self._overheads = platform.snapshots, platform.storage.overheads
        self._of_vm = np.array([self.vms.index(disk.vm) for disk in disks])
        self._disk_gib = np.array([[disk.gib] for disk in disks], np.float64)
        self._night = _nights(platform, self.vms, disks, daily_gib)
        self._there, self._merging = np.zeros((2, len(self.vms), years), np.bool_)
        self._removed_at, self._merged_at = np.zeros((2, len(self.vms), years), np.int64)
        self._forgotten_for = np.zeros((len(self.vms), years))
        self._written, self._left = np.zeros((2, len(disks), years))

    def forget(self, vm: str, happening: Happening) -> None:
        """The next snapshot of the VM will be forgotten for so many hours."""
        self._forgotten_for[self.vms.index(vm), happening.year] = happening.size

    def live(self, hour: int, written_gib: Floats) -> Floats:
        """GiB that snapshots take of each disk's datastore after an hour in which so much was written to each disk."""
        self._remove(hour)
        if hour % 24 == _BACKUP_HOUR:
            self._take(hour)
        growing = (self._there | self._merging)[self._of_vm]
        missing = self._disk_gib - self._written  # blocks that are not in the delta yet: of these, random writes hit ever fewer
        self._written += growing * missing * -np.expm1(-written_gib / self._disk_gib)
        return self._file(self._written) + self._left

    def memories(self) -> NDArray[np.bool_]:
        """The VMs whose memory a snapshot holds."""
        return self._there | self._merging

    def _remove(self, hour: int) -> None:
        due = self._there & (self._removed_at <= hour)
        self._there &= ~due
        of_due = due[self._of_vm]
        self._left = np.where(of_due, self._file(self._written), self._left)
        self._written[of_due] = 0
        self._merged_at[due] = hour + round(self._policy.consolidate_hours)
        self._merging |= due
        merged = self._merging & (self._merged_at <= hour)
        self._merging &= ~merged
        self._left[merged[self._of_vm]] = 0
        self._written[(merged & ~self._there)[self._of_vm]] = 0

    def _take(self, hour: int) -> None:
        takes = ~self._there & (self._night.of_vm == hour // 24 % self._night.nights)
        held = np.maximum(self._policy.hold_hours, self._forgotten_for[takes])
        self._removed_at[takes] = hour + np.round(held).astype(np.int64)
        self._forgotten_for[takes] = 0
        self._there |= takes

    def _file(self, written_gib: Floats) -> Floats:
        """A delta's file with its metadata, which grows by whole steps."""
        size, step = written_gib * (1 + self._overheads.delta_fraction), self._overheads.delta_quantum_gib
        return np.asarray(np.ceil(size / step) * step if step else size, np.float64)


def _nights(platform: Platform, names: list[str], disks: tuple[Disk, ...], daily_gib: Sequence[float]) -> Night:
    """Of the VMs on one datastore backup takes as many in a night as may have a snapshot at a time, the busiest first."""
    written = {name: sum(gib for disk, gib in zip(disks, daily_gib, strict=True) if disk.vm == name) for name in names}
    policy, lun_of = platform.snapshots, {server.name: server.node.lun for server in platform.servers}
    takes = math.ceil((policy.hold_hours + policy.consolidate_hours) / 24)
    of_vm, groups = np.zeros((len(names), 1), np.int64), 1
    for lun in platform.storage.luns:
        on = sorted((name for name in names if lun_of[name] == lun), key=lambda name: -written[name])
        for place, name in enumerate(on):
            group = place // policy.concurrent_vms
            of_vm[names.index(name)], groups = group * takes, max(groups, group + 1)
    return Night(of_vm, groups * takes if groups > 1 else 1)
