"""What sizes are for: the inputs that a reader must agree with before any number on the page is worth reading."""

from config.platform import Platform
from sizing.growth import grown
from sizing.report.model import Given
from sizing.units import show


def given(platform: Platform) -> tuple[Given, ...]:
    """The numbers of a stack that its sizes are made from, those of its disks and LUNs left out."""
    return tuple(
        Given(name=name, value=value, unit=unit, key=key)
        for name, value, unit, key in (*_mail(platform), *_kept(platform), *_held(platform), *_snapshots(platform))
    )


def sized_for(platform: Platform) -> str:
    """The inputs that most of the sizes depend on, in a sentence."""
    flow, spool = platform.flow, platform.spool
    return (
        f"Sized for {grown(flow).offered_per_day:,.0f} messages a day in {show(flow.planning_years)} years "
        f"({show(flow.messages_per_day)} today), {show(spool.users)} mailboxes of {show(spool.quota_gib)} GiB, "
        f"{show(flow.backlog_hours)} h without the spool, and snapshots that are held for {show(platform.snapshots.hold_hours)} h"
    )


_Rows = tuple[tuple[str, float, str, str], ...]


def _mail(platform: Platform) -> _Rows:
    flow = platform.flow
    return (
        ("mail offered today", flow.messages_per_day, "messages/d", "flow.messages_per_day"),
        ("growth", flow.growth_per_year, "of it a year", "flow.growth_per_year"),
        ("sized ahead", flow.planning_years, "years", "flow.planning_years"),
        ("mail offered then", grown(flow).offered_per_day, "messages/d", ""),
        ("recipients", flow.recipients_per_message, "a message", "flow.recipients_per_message"),
        ("size of a message", flow.mean_message_kib, "KiB", "flow.mean_message_kib"),
        ("size of a spam message", flow.mean_spam_kib, "KiB", "flow.mean_spam_kib"),
        ("spam", flow.spam_share, "of the messages", "flow.spam_share"),
        ("spam refused during SMTP", flow.rejected_spam_share, "of the spam", "flow.rejected_spam_share"),
        ("busiest hour", flow.busy_hour_share, "of a day's messages", "flow.busy_hour_share"),
        ("time to scan a message", platform.gateway.scan_seconds_per_message, "s of a core", "gateway.scan_seconds_per_message"),
    )


def _kept(platform: Platform) -> _Rows:
    gateway, spool = platform.gateway, platform.spool
    return (
        ("spool down", platform.flow.backlog_hours, "h", "flow.backlog_hours"),
        ("spam quarantine kept", gateway.quarantine_days, "d", "gateway.quarantine_days"),
        ("message audit log kept", gateway.audit_log_days, "d", "gateway.audit_log_days"),
        ("logs kept on servers", gateway.log_days, "d", "gateway.log_days"),
        ("logs kept in the archive", platform.log_archive.retention_days, "d", "log_archive.retention_days"),
        ("Junk kept", spool.junk_days, "d", "spool.junk_days"),
        ("deleted messages kept", spool.deleted_days, "d", "spool.deleted_days"),
        ("redo log kept", spool.redo_log_days, "d", "spool.redo_log_days"),
    )


def _held(platform: Platform) -> _Rows:
    spool = platform.spool
    return (
        ("mailboxes", spool.users, "", "spool.users"),
        ("quota of a mailbox", spool.quota_gib, "GiB", "spool.quota_gib"),
        ("entries of the directory", platform.directory.entries, "", "directory.entries"),
    )


def _snapshots(platform: Platform) -> _Rows:
    policy = platform.snapshots
    return (
        ("a snapshot is held for", policy.hold_hours, "h", "snapshots.hold_hours"),
        ("its removal takes", policy.consolidate_hours, "h", "snapshots.consolidate_hours"),
        ("snapshots of a disk at a time", policy.per_disk, "", "snapshots.per_disk"),
        ("servers of a datastore with one at a time", policy.concurrent_vms, "", "snapshots.concurrent_vms"),
        ("kept free", platform.storage.free_fraction, "of a LUN", "storage.free_fraction"),
    )
