"""Disks of the spool: the MTAs' queue, the mailboxes, and the directory on the same servers."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from config.platform import Platform
from config.problems import Problem
from config.roles import DISK_LABELS, Role, SizedBy
from sizing import rules
from sizing.growth import Flow
from sizing.logs import per_day as logs_per_day
from sizing.model import Term, term, total
from sizing.terms import backlog, beside_a_file, group, logs
from sizing.units import DAYS_PER_YEAR, Amount, gib_from_bytes, gib_from_kib, show

_JUNK = "within the quota; Zimbra, zimbraMailSpamLifetime: 30 days"  # source


def queue(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the queue disk of an MTA holds, when the others carry the flow of one that is lost."""
    mtas = group(platform.storage, platform.spool.mtas.values())
    return (
        backlog(flow, platform.flow.backlog_hours, mtas, "the mailbox server"),
        logs("logs", logs_per_day(platform, flow)[Role.MTA], platform.gateway.log_days, mtas),
    )


def mailboxes(users: int, mailbox_gib: float, kib_per_user_day: float, deleted_days: float) -> tuple[Term, ...]:
    """Mailboxes of so much each, with what stands beside the quota, GiB; Microsoft, Sizing Exchange 2013."""
    arriving = f"{show(users)} users × {show(kib_per_user_day)} KiB/d"
    recoverable, versions = rules.RECOVERABLE_FRACTION, rules.VERSIONS_FRACTION
    source = "Microsoft, Sizing Exchange 2013: quota + whitespace + recoverable items"
    return (
        term("mailboxes", users * mailbox_gib, f"{show(users)} users × {show(mailbox_gib)} GiB", source),
        term("whitespace of one day", gib_from_kib(users * kib_per_user_day), f"{arriving} × 1 d ÷ 2^20", source),
        term(
            "recoverable items",
            users * mailbox_gib * (recoverable + versions) + gib_from_kib(users * kib_per_user_day * deleted_days),
            f"{show(users)} users × {show(mailbox_gib)} GiB × ({recoverable} + {versions}) + {arriving} × {show(deleted_days)} d ÷ 2^20",
            source,
        ),
    )


class Mailbox(NamedTuple):
    """What a mailbox holds, GiB, mean: at most its quota."""

    filed: Amount
    """All but Junk."""
    junk: Amount
    """Spam that was delivered and has not expired; it counts against the quota."""


def mailbox(platform: Platform, flow: Flow) -> Mailbox:
    """A mailbox at the end of the planning time: full, or as full as it is then foreseen to be. Junk is within the quota either way."""
    quota, junk = platform.spool.quota_gib, _junk(platform, flow)
    if platform.spool.sized_by is SizedBy.QUOTA:
        within = min(quota, junk.value)
        return Mailbox(Amount(quota - within, f"({show(quota)} − {show(within)})"), Amount(within, f"min({show(quota)}, {junk.text})"))
    kept = _kept(platform, flow)
    filed = min(quota, kept.value)
    left = f"({show(quota)} − {show(filed)})"
    return Mailbox(Amount(filed, f"min({show(quota)}, {kept.text})"), Amount(min(quota - filed, junk.value), f"min({left}, {junk.text})"))


def _kept(platform: Platform, flow: Flow) -> Amount:
    """What a mailbox holds by then if no quota keeps it: today's, and of the mail that is not spam what users keep, GiB.

    The mean of the first and of the last day stands for all days between; growth compounds, so that this is never too little.
    """
    spool, growth, years = platform.spool, platform.flow.growth_per_year, platform.flow.planning_years
    today, kib = spool.mean_mailbox_gib or 0.0, flow.clean_per_day * flow.clean_kib * flow.recipients_per_message / spool.users
    days = (1 + math.pow(1 + growth, -years)) / 2 * DAYS_PER_YEAR * years
    text = f"{show(spool.kept_share)} × {show(kib)} KiB/d × (1 + 1 ÷ (1 + {show(growth)})^{years}) ÷ 2 × {DAYS_PER_YEAR} d × {years} ÷ 2^20"
    return Amount(today + gib_from_kib(spool.kept_share * kib * days), f"{show(today)} + {text}")


def _junk(platform: Platform, flow: Flow) -> Amount:
    """Junk of a mailbox if no quota keeps it, GiB."""
    spool, share = platform.spool, delivered_share(platform)
    kib = flow.spam_per_day * flow.spam_kib * flow.recipients_per_message / spool.users
    return Amount(gib_from_kib(share * kib * spool.junk_days), f"{show(share)} × {show(kib)} KiB/d × {show(spool.junk_days)} d ÷ 2^20")


def delivered_share(platform: Platform) -> float:
    """The share of the accepted spam that mailboxes must have room for: all of it, where nobody says what is quarantined."""
    return 1.0 if platform.gateway.junk_share is None else platform.gateway.junk_share


def mail(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the mail disk of a mailbox server holds. Users are spread evenly; no server stands in for another."""
    spool, servers = platform.spool, len(platform.spool.mailboxes)
    users, box = math.ceil(spool.users / servers), mailbox(platform, flow)
    delivered_kib = flow.clean_per_day * flow.clean_kib + flow.spam_per_day * flow.spam_kib * delivered_share(platform)
    kib_per_user_day = delivered_kib * flow.recipients_per_message / spool.users
    _, *beside = mailboxes(users, box.filed.value + box.junk.value, kib_per_user_day, spool.deleted_days)
    boxes = (
        _of_users("mailboxes", users, box.filed, f"spool.sized_by: {spool.sized_by}"),
        _of_users("Junk", users, box.junk, _JUNK),
        *beside,
    )
    held = total(boxes)
    arriving = f"{show(users)} users × {show(kib_per_user_day)} KiB/d"
    per_day, days = logs_per_day(platform, flow)[Role.MAILBOX], platform.gateway.log_days
    return (
        *boxes,
        _partly_used(platform, flow, users, held),
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


def _partly_used(platform: Platform, flow: Flow, users: int, held_gib: float) -> Term:
    """What messages cost beside their size, each a file: as if none were spam, and what spam costs more where it is smaller.

    Spam is counted as it arrives, whatever the quota lets in.
    """
    spool, source = platform.spool, "ext4: a block of 4 KiB for each message, and an inode for each 16 KiB"
    each, junk = beside_a_file(platform.flow.mean_message_kib), beside_a_file(platform.flow.mean_spam_kib)
    share, kib = delivered_share(platform), flow.spam_per_day * flow.spam_kib * flow.recipients_per_message / spool.users
    recoverable = rules.RECOVERABLE_FRACTION + rules.VERSIONS_FRACTION
    days = f"({show(spool.junk_days)} × (1 + {show(recoverable)}) + 1 + {show(spool.deleted_days)}) d"
    spam_gib = gib_from_kib(users * share * kib * (spool.junk_days * (1 + recoverable) + 1 + spool.deleted_days))
    more = f"{show(users)} users × {show(share)} × {show(kib)} KiB/d × {days} ÷ 2^20 × max(0, {junk.text} − {each.text})"
    return term(
        "partly used blocks",
        held_gib * each.value + spam_gib * max(0.0, junk.value - each.value),
        f"{show(held_gib)} GiB × {each.text} + {more}",
        source,
    )


def overpromised(platform: Platform) -> Iterator[Problem]:
    """A problem for each declared mail disk that is smaller than the quotas of its users alone, where every mailbox is taken as full.

    That is no size that turns out too small, but two statements of the stack that exclude each other.
    """
    spool = platform.spool
    users = math.ceil(spool.users / len(spool.mailboxes))
    promised = users * spool.quota_gib
    for name, node in spool.mailboxes.items() if spool.sized_by is SizedBy.QUOTA else ():
        declared = node.disks_gib.get(DISK_LABELS[Role.MAILBOX][-1])
        if declared is not None and declared < promised:
            yield Problem(
                path=f"spool.mailboxes.{name}.disks_gib.{DISK_LABELS[Role.MAILBOX][-1]}",
                value=str(declared),
                rule=f"is less than the quotas of its users, {show(users)} × {show(spool.quota_gib)} GiB = {show(promised)} GiB",
                remedy="leave it out, lower spool.quota_gib, or say by spool.mean_mailbox_gib and spool.sized_by how full mailboxes are",
            )


def _of_users(name: str, users: int, each: Amount, source: str) -> Term:
    return term(name, users * each.value, f"{show(users)} users × {each.text} GiB", source)


def stored(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What a day's mail adds to the mail disk of a mailbox server: a file for each recipient's copy, what goes with it, and logs."""
    spool, servers, written = platform.spool, len(platform.spool.mailboxes), flow.written_kib_per_day
    copies = f"× {show(flow.recipients_per_message)} ÷ {servers} ÷ 2^20"
    mail = gib_from_kib(written.value * flow.recipients_per_message / servers)
    return (
        term("mail", mail, f"{written.text} {copies}", "a file for each copy"),
        _share("search index", mail, spool.index_share, "as of what is kept"),
        _share("database", mail, spool.database_share, "as of what is kept"),
        term(
            "redo log",
            gib_from_kib(flow.kib_per_day * flow.recipients_per_message / servers),
            f"{show(flow.kib_per_day)} KiB/d {copies}",
            "Zimbra: each message once more",
        ),
        term("logs", gib_from_bytes(logs_per_day(platform, flow)[Role.MAILBOX].value / servers), f"a day ÷ {servers}", "as above"),
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
