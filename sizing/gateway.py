"""Disks of the gateway: the scanners' queue and the control center's quarantine."""

from config.platform import Platform
from config.roles import Role
from sizing import rules
from sizing.growth import Flow
from sizing.logs import audit_per_day
from sizing.logs import per_day as logs_per_day
from sizing.model import Term, term
from sizing.terms import ALONE, Group, backlog, group, logs
from sizing.units import gib_from_bytes, gib_from_kib, gib_from_mib, show


def audit_log(recipients_per_day: float, days: float, scanners: Group = ALONE) -> Term:
    """Message audit log of one scanner, GiB; Broadcom KB 179052."""
    per_day, carried = audit_per_day(recipients_per_day), scanners.carried_by
    return term(
        "message audit log",
        gib_from_bytes(per_day.value * days / carried.value),
        f"{per_day.text} × {show(days)} d ÷ {carried.text} ÷ 2^30",
        "Broadcom KB 179052: about 800 B, read as for each recipient",
    )


def held(flow: Flow, share: float, scanners: Group) -> Term:
    """Messages that wait for a second virus scan on one scanner, GiB; Broadcom KB 162441."""
    filed, days, carried = flow.filed_kib_per_day, flow.days_within(rules.HOLD_HOURS), scanners.carried_by
    return term(
        "hold for a second virus scan",
        gib_from_kib(filed.value * share * days.value / carried.value),
        f"{filed.text} × {show(share)} × {days.text} ÷ {carried.text} ÷ 2^20",
        "Broadcom KB 162441: scanned again after 6 h",
    )


def queue(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the queue disk of a scanner holds, when the others carry the flow of one that is lost."""
    gateway, scanners = platform.gateway, group(platform.storage, platform.gateway.scanners.values())
    return (
        backlog(flow, platform.flow.backlog_hours, scanners, "the spool"),
        audit_log(flow.offered_per_day * flow.recipients_per_message, gateway.audit_log_days, scanners),
        logs("logs", logs_per_day(platform, flow)[Role.SCANNER], gateway.log_days, scanners),
        held(flow, gateway.hold_share, scanners),
    )


def spam_quarantine(flow: Flow, days: float, share: float = 1.0) -> Term:
    """The share of the spam that is not delivered, kept for `days` and until the next expunge, in files and a database, GiB."""
    kept, overhead = days + rules.EXPUNGE_DAYS, rules.QUARANTINE_DATABASE_FRACTION
    block, inode = rules.BLOCK_KIB, rules.INODE_KIB
    spam = f"{show(flow.spam_per_day)} × {show(share)} × max({show(flow.spam_kib)} + {block}, {inode}) KiB/d"
    return term(
        "spam quarantine",
        gib_from_kib(flow.spam_per_day * share * max(flow.spam_kib + block, inode) * kept * (1 + overhead)),
        f"{spam} × ({show(days)} + {rules.EXPUNGE_DAYS}) d × (1 + {overhead}) ÷ 2^20",
        "retention, nightly expunger, files and databases: Symantec gateway administration guide; TechNet bb738147",
    )


def report_database(recipients_per_day: float, days: float) -> Term:
    """Rows of the report database for `days`, GiB: at most an audit log's entry for each recipient."""
    per_day = audit_per_day(recipients_per_day)
    return term(
        "report database",
        gib_from_bytes(per_day.value * days),
        f"{per_day.text} × {show(days)} d ÷ 2^30",
        "figure: a row is no larger than the audit log's entry for the same recipient",
    )


def quarantine(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the quarantine disk of the control center holds."""
    gateway = platform.gateway
    return (
        spam_quarantine(flow, gateway.quarantine_days, 1.0 if gateway.junk_share is None else 1 - gateway.junk_share),
        report_database(flow.offered_per_day * flow.recipients_per_message, gateway.audit_log_days),
        logs("copies of the scanners' logs", logs_per_day(platform, flow)[Role.SCANNER], gateway.log_days, ALONE),
    )


def software() -> tuple[Term, ...]:
    """What a scanner's system disk holds beside the system."""
    threads, limit = rules.SCAN_THREADS, rules.SCAN_LIMIT_MIB
    return (
        term("virus and spam definitions", rules.DEFINITIONS_GIB, f"{rules.DEFINITIONS_GIB} GiB", "ClamAV manual: 5 GB beside the system"),
        term(
            "scratch for unpacking",
            gib_from_mib(threads * limit),
            f"{threads} × {limit} MiB ÷ 1,024",
            "clamd.conf(5): MaxThreads scans of MaxScanSize",
        ),
    )
