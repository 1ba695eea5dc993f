"""What-ifs: named changes that a stack may be looked at with, in a closed vocabulary.

Deliberately only the vocabulary: `config.changing` makes the changes, `sizing.scenarios` says what comes of them.
"""

from typing import Annotated, NamedTuple

from config.base import Model
from config.roles import Role
from config.storage import Fabric, Growth
from config.types import BusyHourShare, Count, Days, Hours, KeptDays, Name, Number, Positive, Share, Text, Years


class Sets(NamedTuple):
    """A key of a scenario that replaces a value of the stack; of a mapping, the entries it names."""

    section: str
    key: str


class Scales(NamedTuple):
    """A key of a scenario that multiplies a value of the stack; what comes whole is rounded up."""

    section: str
    key: str


class Scenario(Model):
    """What may happen, or be decided otherwise. Keys that are left out change nothing.

    Scenarios can be put together in any order: factors multiply, and two that set one value must agree.
    """

    title: Text | None = None
    """What a person reads, such as "30 % more mail"; without it the scenario's name."""
    combines: list[Name] = []
    """Other scenarios that happen with this one."""

    messages_factor: Annotated[Positive | None, Scales("flow", "messages_per_day")] = None
    """Multiplies the messages offered in a day."""
    recipients_factor: Annotated[Positive | None, Scales("flow", "recipients_per_message")] = None
    """Multiplies the recipients of a message."""
    message_size_factor: Annotated[Positive | None, Scales("flow", "mean_message_kib")] = None
    """Multiplies the size of accepted messages; attachments are nearly all of it."""
    users_factor: Annotated[Positive | None, Scales("spool", "users")] = None
    """Multiplies the mailboxes."""
    quota_factor: Annotated[Positive | None, Scales("spool", "quota_gib")] = None
    """Multiplies the quota of each mailbox."""
    entries_factor: Annotated[Positive | None, Scales("directory", "entries")] = None
    """Multiplies the directory's entries."""

    growth_per_year: Annotated[Share | None, Sets("flow", "growth_per_year")] = None
    """Growth of the number of messages in a year."""
    planning_years: Annotated[Years | None, Sets("flow", "planning_years")] = None
    """Years that the platform is sized ahead."""
    spam_share: Annotated[Share | None, Sets("flow", "spam_share")] = None
    """Share of the offered messages that are spam."""
    rejected_spam_share: Annotated[Share | None, Sets("flow", "rejected_spam_share")] = None
    """Share of the spam that is refused during SMTP."""
    busy_hour_share: Annotated[BusyHourShare | None, Sets("flow", "busy_hour_share")] = None
    """Share of a day's messages in its busiest hour."""
    backlog_hours: Annotated[Hours | None, Sets("flow", "backlog_hours")] = None
    """How long the spool is down while the gateway holds mail, hours."""
    quarantine_days: Annotated[KeptDays | None, Sets("gateway", "quarantine_days")] = None
    """How long the spam quarantine keeps a message."""
    audit_log_days: Annotated[KeptDays | None, Sets("gateway", "audit_log_days")] = None
    """How long a scanner keeps its message audit log."""
    log_days: Annotated[KeptDays | None, Sets("gateway", "log_days")] = None
    """How long a server keeps its own logs."""
    deleted_days: Annotated[Days | None, Sets("spool", "deleted_days")] = None
    """How long deleted messages can be recovered."""
    redo_log_days: Annotated[Days | None, Sets("spool", "redo_log_days")] = None
    """How long the mailbox server's redo log is kept."""
    retention_days: Annotated[KeptDays | None, Sets("log_archive", "retention_days")] = None
    """How long the log archive keeps logs."""
    growth: Annotated[Growth | None, Sets("snapshots", "growth")] = None
    """How a delta's size is foreseen."""
    hold_hours: Annotated[Hours | None, Sets("snapshots", "hold_hours")] = None
    """How long a snapshot may stay, hours."""
    per_disk: Annotated[Count | None, Sets("snapshots", "per_disk")] = None
    """Snapshots that may exist of one disk at a time."""
    change_per_day: Annotated[dict[Role, Number], Sets("snapshots", "change_per_day")] = {}
    """By role: the share of a disk that is rewritten in a day."""
    fabric_down: Annotated[Fabric | None, Sets("storage", "lost_fabric")] = None
    """A storage network that is lost: the servers on others carry the load of those on it."""
