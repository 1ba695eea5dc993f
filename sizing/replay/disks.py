"""What each data disk holds in each hour of the years: the server that is left when the others of its role, as many as may be, are lost."""

import math
from collections.abc import Iterable

import numpy as np

from config.platform import Platform
from config.roles import DISK_LABELS, SYSTEM, Role, SizedBy
from sizing import rules
from sizing.replay.mail import Mail, kept, queued_gib
from sizing.replay.years import HOURS, Floats, Happening

_GIB = 2**30
_KIB_PER_GIB = 2**20


class Logged:
    """What the roles log in each hour, bytes of all their servers together."""

    def __init__(self, platform: Platform, mail: Mail) -> None:
        recipients = platform.flow.recipients_per_message
        sessions = mail.busy(platform.spool.users * rules.SESSIONS_PER_USER)
        lookups = mail.offered * recipients + sessions
        lines = rules.LINES_PER_MESSAGE + rules.LINES_PER_RECIPIENT * recipients
        self.of: dict[Role, Floats] = {
            Role.SCANNER: mail.offered * lines,
            Role.MTA: mail.accepted * lines,
            Role.MAILBOX: sessions * rules.LINES_PER_SESSION + mail.accepted * recipients * rules.LINES_PER_STORED_COPY,
            Role.DIRECTORY: lookups * rules.LINES_PER_LOOKUP,
            Role.BALANCER: (mail.offered + sessions + lookups) * rules.LINES_PER_CONNECTION,
        }
        for role, count in self.of.items():
            self.of[role] = count * rules.LOG_LINE_BYTES
        self.audit = mail.offered * recipients * rules.AUDIT_LOG_BYTES
        self.all = np.sum([*self.of.values(), self.audit], axis=0)


def held(platform: Platform, mail: Mail, logged: Logged, outages: Iterable[Happening]) -> dict[Role, Floats]:
    """GiB on the data disk of one server of each role, years × hours; of a balancer on its system disk."""
    queue, gateway, archive = queued_gib(mail, outages), platform.gateway, platform.log_archive
    logs = {role: kept(mail, size, gateway.log_days) / _GIB for role, size in logged.of.items()}
    audit = kept(mail, logged.audit, gateway.audit_log_days) / _GIB
    nightly = math.ceil(gateway.quarantine_days) + rules.EXPUNGE_DAYS
    scanners, mtas, members = (left(platform, role) for role in (Role.SCANNER, Role.MTA, Role.DIRECTORY))
    entries = platform.directory.entries * platform.directory.bytes_per_entry * rules.LDAP_MAP_FACTOR / _GIB
    beside_kib = _beside(platform.flow.mean_spam_kib) * platform.flow.mean_spam_kib
    quarantined = kept(mail, (mail.spam_kib + mail.spam * beside_kib) * _shares(platform)[0], nightly)
    found = {
        Role.SCANNER: (queue + audit + logs[Role.SCANNER] + _waiting(platform, mail)) / scanners,
        Role.CONTROL_CENTER: quarantined * (1 + rules.QUARANTINE_DATABASE_FRACTION) / _KIB_PER_GIB + audit + logs[Role.SCANNER],
        Role.MTA: (queue + logs[Role.MTA]) / mtas,
        Role.MAILBOX: _mailboxes(platform, mail) + logs[Role.MAILBOX] / len(platform.spool.mailboxes),
        Role.DIRECTORY: entries + logs[Role.DIRECTORY] / members,
        Role.BALANCER: rules.OPERATING_SYSTEM_GIB + rules.JOURNAL_GIB + logs[Role.BALANCER],
        Role.LOG_ARCHIVE: _archived(mail, logged.all, archive.retention_days, archive.compression_ratio),
    }
    return {role: gib / (1 - rules.FILE_SYSTEM_FRACTION) for role, gib in found.items()}


def label(role: Role) -> str:
    """The disk that `held` tells of."""
    return next((label for label in DISK_LABELS[role] if label != SYSTEM), SYSTEM)


def left(platform: Platform, role: Role) -> int:
    """How many servers of a role are left to share its load."""
    fabrics = [platform.storage.luns[server.node.lun].fabric for server in platform.servers if role in server.roles]
    lost = max(1, sum(fabric is platform.storage.lost_fabric for fabric in fabrics))
    return max(1, len(fabrics) - lost)


def _waiting(platform: Platform, mail: Mail) -> Floats:
    """What waits for a second virus scan: a share of all mail, each message for the same hours."""
    days = rules.HOLD_HOURS / 24
    files, kib = kept(mail, mail.accepted, days), kept(mail, mail.kib, days)
    needed = np.maximum(kib + files * (rules.BLOCK_KIB / 2), files * rules.INODE_KIB)
    return np.asarray(needed * platform.gateway.hold_share / _KIB_PER_GIB, np.float64)


def _shares(platform: Platform) -> tuple[float, float]:
    """Of the accepted spam, what is quarantined and what is delivered: each all of it where nobody says."""
    junk = platform.gateway.junk_share
    return (1.0, 1.0) if junk is None else (1 - junk, junk)


def _mailboxes(platform: Platform, mail: Mail) -> Floats:
    """Mailboxes that are full, so that what arrives pushes something out that can be recovered for a while; or that still fill up."""
    spool, delivered = platform.spool, _shares(platform)[1]
    users = math.ceil(spool.users / len(spool.mailboxes))
    of_each = platform.flow.recipients_per_message * users / spool.users / _KIB_PER_GIB
    stored = (mail.kib - mail.spam_kib * (1 - delivered)) * of_each
    full: float | Floats = users * spool.quota_gib
    if spool.sized_by is SizedBy.FILL:
        arrived = np.cumsum((mail.kib - mail.spam_kib)[:, mail.before :] * of_each, axis=1)
        junk = kept(mail, mail.spam_kib * delivered * of_each, spool.junk_days)
        full = np.minimum(full, users * (spool.mean_mailbox_gib or 0) + spool.kept_share * arrived + junk)
    items = full + full * (rules.RECOVERABLE_FRACTION + rules.VERSIONS_FRACTION) + kept(mail, stored, spool.deleted_days)
    items = items + kept(mail, stored, 1)
    each = _beside(platform.flow.mean_message_kib)
    spam = sum(kept(mail, mail.spam_kib * delivered * of_each, days) for days in (spool.junk_days, spool.deleted_days, 1))
    files = items * each + spam * max(0.0, _beside(platform.flow.mean_spam_kib) - each)
    beside = 1 + spool.index_share + spool.database_share
    return np.asarray(items * beside + files + kept(mail, stored, spool.redo_log_days) + rules.REDO_LOG_FILE_GIB, np.float64)


def _beside(kib: float) -> float:
    """What a file of a message of so much takes beside it, for each KiB: half of its last block, and 16 KiB at least."""
    return max(rules.BLOCK_KIB / 2, rules.INODE_KIB - kib) / kib


def _archived(mail: Mail, written: Floats, days: float, ratio: float) -> Floats:
    """Whole days compressed, and what was written since midnight as it is."""
    by_day = written.reshape(written.shape[0], -1, 24)
    today = np.cumsum(by_day, axis=2).reshape(written.shape)[:, mail.before :]
    until_midnight = np.repeat(np.cumsum(by_day.sum(axis=2), axis=1), 24, axis=1)
    until_midnight = np.pad(until_midnight, ((0, 0), (24, 0)))[:, : written.shape[1]]
    gone = np.pad(until_midnight, ((0, 0), (24 * round(days), 0)))[:, mail.before : mail.before + HOURS]
    return np.asarray(((until_midnight[:, mail.before :] - gone) / ratio + today) / _GIB, np.float64)
