"""What is written to each disk in each hour, which is what its snapshots grow by.

A server rewrites a share of its disks in a day, mail or no mail: databases, indexes, files that are moved. What arrives must be written
too, and where that is more than the share, it counts: each message as a file, as often as it is stored, and lines of logs. Deleting a file
rewrites the inode that writing it wrote, and the journal is a circle of a GiB at most: neither reaches blocks that are not counted here.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from config.platform import Platform
from config.roles import DISK_LABELS, SYSTEM, Role
from config.servers import Server
from sizing import rules
from sizing.replay.disks import Logged, label, left
from sizing.replay.mail import Mail
from sizing.replay.years import Floats, Years

_GIB = 2**30
_KIB_PER_GIB = 2**20
_INODE_KIB = 0.25  # written with each file; ext4, mke2fs.conf(5) inode_size
_SHARES = {
    Role.CONTROL_CENTER: rules.CONTROL_CENTER_CHANGE_PER_DAY,
    Role.SCANNER: rules.SCANNER_CHANGE_PER_DAY,
    Role.MTA: rules.MTA_CHANGE_PER_DAY,
    Role.MAILBOX: rules.MAILBOX_CHANGE_PER_DAY,
    Role.DIRECTORY: rules.DIRECTORY_CHANGE_PER_DAY,
    Role.BALANCER: rules.BALANCER_CHANGE_PER_DAY,
    Role.LOG_ARCHIVE: rules.LOG_ARCHIVE_CHANGE_PER_DAY,
}


class Disk(NamedTuple):
    """One disk of one server."""

    vm: str
    role: Role
    """Whose data it carries; of a system disk the server's first role."""
    label: str
    lun: str
    gib: float


def disks(platform: Platform, sized: Mapping[tuple[str, str], float]) -> tuple[Disk, ...]:
    """Every disk of the platform, sorted by server and label; `sized` says the size of those that the stack doesn't declare."""
    found = []
    for server in platform.servers:
        for name in server.labels:
            gib = server.node.disks_gib.get(name) or sized[server.name, name]
            found.append(Disk(server.name, _owner(server, name), name, server.node.lun, float(gib)))
    return tuple(sorted(found))


def _owner(server: Server, name: str) -> Role:
    return next(role for role in server.roles if name in DISK_LABELS[role])


class Writes:
    """What is written to some disks, hour by hour."""

    def __init__(self, platform: Platform, of: tuple[Disk, ...], mail: Mail, logged: Logged, years: Years) -> None:
        self._shape, self._before, self._rate = mail.shape, mail.before, years.write_rate
        self._rewritten = np.array([[_share(platform, disk) * disk.gib] for disk in of])
        arriving = arriving_gib(platform, mail, logged)
        self._arriving = [(i, arriving[disk.role]) for i, disk in enumerate(of) if disk.label == label(disk.role)]

    def at(self, hour: int) -> Floats:
        """GiB written in an hour of the years, disks × years."""
        found: Floats = self._rewritten * self._shape[:, hour % 24]
        for disk, arriving in self._arriving:
            found[disk] = np.maximum(found[disk], arriving[:, self._before + hour])
        return np.asarray(found * self._rate, np.float64)

    def daily(self) -> list[float]:
        """GiB written to each disk on the first day, mean of the years."""
        return [float(gib) for gib in np.sum([self.at(hour) for hour in range(24)], axis=0).mean(axis=1)]


def _share(platform: Platform, disk: Disk) -> float:
    """The archive's disk takes what arrives, unless the stack has measured a share."""
    own = 0.0 if disk.role is Role.LOG_ARCHIVE and disk.label != SYSTEM else _SHARES[disk.role]
    return platform.snapshots.change_per_day.get(disk.role, own)


def arriving_gib(platform: Platform, mail: Mail, logged: Logged) -> dict[Role, Floats]:
    """GiB that arrive in each hour for the data of one server of each role that is left when others are lost, years × hours."""
    per_file = rules.BLOCK_KIB / 2 + _INODE_KIB  # half of the last block is unused, mean
    filed = (mail.kib + mail.accepted * per_file) / _KIB_PER_GIB
    boxes, copies = len(platform.spool.mailboxes), platform.flow.recipients_per_message
    beside = 1 + platform.spool.index_share + platform.spool.database_share
    redo = mail.kib / _KIB_PER_GIB
    found = {
        Role.SCANNER: (filed + logged.audit / _GIB) / left(platform, Role.SCANNER),
        Role.CONTROL_CENTER: mail.spam_kib / _KIB_PER_GIB * (1 + rules.QUARANTINE_DATABASE_FRACTION)
        + (logged.audit + logged.of[Role.SCANNER]) / _GIB,
        Role.MTA: filed / left(platform, Role.MTA),
        Role.MAILBOX: (filed * beside + redo) * copies / boxes,
        Role.LOG_ARCHIVE: _archived_gib(platform, logged),
    }
    servers = {Role.MAILBOX: boxes, Role.BALANCER: 1}  # a balancer has all of the traffic, whoever is there beside it
    for role, size in logged.of.items():
        logs = size / _GIB / servers.get(role, left(platform, role))
        found[role] = found[role] + logs if role in found else logs
    return found


def _archived_gib(platform: Platform, logged: Logged) -> Floats:
    """Logs as they come, and in the first hour after midnight those of the day before once more, compressed."""
    found = logged.all / _GIB
    by_day = found.reshape(found.shape[0], -1, 24).sum(axis=2)
    found[:, 24::24] += by_day[:, :-1] / platform.log_archive.compression_ratio
    return np.asarray(found, np.float64)
