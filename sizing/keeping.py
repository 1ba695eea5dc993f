"""A platform that keeps things for less long: what a part of the time adds to its disks is told by sizing it so."""

from config.platform import Platform
from sizing import rules


def at_most(platform: Platform, days: float) -> Platform:
    """The platform that keeps nothing for longer than `days`, 1 at least: what it holds is what arrives within them."""
    gateway, spool, archive = platform.gateway, platform.spool, platform.log_archive
    return platform.model_copy(
        update={
            "gateway": gateway.model_copy(
                update={
                    "quarantine_days": min(gateway.quarantine_days, days - rules.EXPUNGE_DAYS),
                    "audit_log_days": min(gateway.audit_log_days, days),
                    "log_days": min(gateway.log_days, days),
                }
            ),
            "spool": spool.model_copy(
                update={
                    "deleted_days": min(spool.deleted_days, days),
                    "redo_log_days": min(spool.redo_log_days, days),
                    "junk_days": min(spool.junk_days, days),
                }
            ),
            "log_archive": archive.model_copy(update={"retention_days": min(archive.retention_days, days)}),
        }
    )


def nothing_back(platform: Platform) -> Platform:
    """The platform on which no outage and no second scan holds mail up."""
    flow = platform.flow.model_copy(update={"backlog_hours": 0.0})
    return platform.model_copy(update={"flow": flow, "gateway": platform.gateway.model_copy(update={"hold_share": 0.0})})
