"""Disks of the spool: the MTAs' queue, the mailboxes, and the directory on the same servers.

Junk has no term: its messages count against the quota until they expire.
"""

import math

from config.platform import Platform
from config.roles import Role
from sizing import rules
from sizing.growth import Flow
from sizing.logs import per_day as logs_per_day
from sizing.model import Term, term, total
from sizing.terms import backlog, group, logs
from sizing.units import gib_from_bytes, gib_from_kib, show


def queue(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the queue disk of an MTA holds, when the others carry the flow of one that is lost."""
    mtas = group(platform.storage, platform.spool.mtas.values())
    return (
        backlog(flow, platform.flow.backlog_hours, mtas, "the mailbox server"),
        logs("logs", logs_per_day(platform, flow)[Role.MTA], platform.gateway.log_days, mtas),
    )


def mailboxes(users: int, quota_gib: float, kib_per_user_day: float, deleted_days: float) -> tuple[Term, ...]:
    """Mailboxes that are full to their quota, with what stands beside the quota, GiB; Microsoft, Sizing Exchange 2013."""
    arriving = f"{show(users)} users × {show(kib_per_user_day)} KiB/d"
    recoverable, versions = rules.RECOVERABLE_FRACTION, rules.VERSIONS_FRACTION
    source = "Microsoft, Sizing Exchange 2013: quota + whitespace + recoverable items"
    return (
        term("mailboxes", users * quota_gib, f"{show(users)} users × {show(quota_gib)} GiB", source),
        term("whitespace of one day", gib_from_kib(users * kib_per_user_day), f"{arriving} × 1 d ÷ 2^20", source),
        term(
            "recoverable items",
            users * quota_gib * (recoverable + versions) + gib_from_kib(users * kib_per_user_day * deleted_days),
            f"{show(users)} users × {show(quota_gib)} GiB × ({recoverable} + {versions}) + {arriving} × {show(deleted_days)} d ÷ 2^20",
            source,
        ),
    )


def mail(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the mail disk of a mailbox server holds. Users are spread evenly; no server stands in for another."""
    spool, servers = platform.spool, len(platform.spool.mailboxes)
    users = math.ceil(spool.users / servers)
    kib_per_user_day = flow.kib_per_day * flow.recipients_per_message / spool.users
    boxes = mailboxes(users, spool.quota_gib, kib_per_user_day, spool.deleted_days)
    held = total(boxes)
    arriving = f"{show(users)} users × {show(kib_per_user_day)} KiB/d"
    per_day, days = logs_per_day(platform, flow)[Role.MAILBOX], platform.gateway.log_days
    return (
        *boxes,
        _share("partly used blocks", held, rules.PARTLY_USED_FRACTION, "ext4: a block of 4 KiB for each message at most"),
        _share("search index", held, spool.index_share, "Microsoft, Sizing Exchange 2013: 20 % of the mailboxes"),
        _share("database", held, spool.database_share, "figure: not published"),
        term(
            "redo log",
            gib_from_kib(users * kib_per_user_day * spool.redo_log_days) + rules.REDO_LOG_FILE_GIB,
            f"{arriving} × {show(spool.redo_log_days)} d ÷ 2^20 + {rules.REDO_LOG_FILE_GIB} GiB",
            "Zimbra, RedoConfig: what arrives, and the current file",
        ),
        term(
            "logs",
            gib_from_bytes(per_day.value * days / servers),
            f"{per_day.text} × {show(days)} d ÷ {servers} ÷ 2^30",
            "lines as written by Zimbra; 200 B a line is a figure",
        ),
    )


def _share(name: str, held_gib: float, share: float, source: str) -> Term:
    return term(name, held_gib * share, f"{show(held_gib)} GiB × {show(share)}", source)


def directory(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the directory disk of each member holds: the whole LMDB map, since any of it may be written, and logs."""
    entries, size, factor = platform.directory.entries, platform.directory.bytes_per_entry, rules.LDAP_MAP_FACTOR
    nodes = {**platform.spool.mtas, **platform.spool.mailboxes}
    members = group(platform.storage, (nodes[name] for name in (platform.directory.master, *platform.directory.replicas)))
    return (
        term(
            "LDAP map",
            gib_from_bytes(entries * size * factor),
            f"{show(entries)} × {show(size)} B × {factor} ÷ 2^30",
            "Symas, LMDB sizing guide: five times the data; OpenLDAP guide: the file system must hold the map",
        ),
        logs("logs", logs_per_day(platform, flow)[Role.DIRECTORY], platform.gateway.log_days, members),
    )


def software() -> tuple[Term, ...]:
    """What the system disk of an MTA or a mailbox server holds beside the system."""
    size = rules.SPOOL_SOFTWARE_GIB
    return (term("mail software", size, f"{size} GiB", "figure, after Zimbra's installation guide"),)
