"""What the roles write into their logs in a day, for the whole platform, in bytes."""

from config.platform import Platform
from config.roles import Role
from sizing import rules
from sizing.growth import Flow
from sizing.units import Amount, show


def per_day(platform: Platform, flow: Flow) -> dict[Role, Amount]:
    """Bytes that each role's servers log in a day, all of them together. The other roles log only to the system's journal."""
    recipients = flow.offered_per_day * flow.recipients_per_message
    sessions = platform.spool.users * rules.SESSIONS_PER_USER
    lookups = recipients + sessions  # the gateway looks up each recipient, the spool each user who logs in
    stored = flow.accepted_per_day * flow.recipients_per_message
    per_message = rules.LINES_PER_MESSAGE + rules.LINES_PER_RECIPIENT * flow.recipients_per_message
    message_text = f"({rules.LINES_PER_MESSAGE} + {rules.LINES_PER_RECIPIENT} × {show(flow.recipients_per_message)})"
    connections = flow.offered_per_day + sessions + lookups
    session_lines, copy_lines = rules.LINES_PER_SESSION, rules.LINES_PER_STORED_COPY
    return {
        Role.SCANNER: _lines(flow.offered_per_day * per_message, f"{show(flow.offered_per_day)} × {message_text}"),
        Role.MTA: _lines(flow.accepted_per_day * per_message, f"{show(flow.accepted_per_day)} × {message_text}"),
        Role.MAILBOX: _lines(
            sessions * session_lines + stored * copy_lines, f"({show(sessions)} × {session_lines} + {show(stored)} × {copy_lines})"
        ),
        Role.DIRECTORY: _lines(lookups * rules.LINES_PER_LOOKUP, f"{show(lookups)} × {rules.LINES_PER_LOOKUP}"),
        Role.BALANCER: _lines(connections * rules.LINES_PER_CONNECTION, f"{show(connections)} × {rules.LINES_PER_CONNECTION}"),
    }


def audit_per_day(recipients_per_day: float) -> Amount:
    """Bytes of the message audit log of a day; Broadcom KB 179052."""
    return Amount(recipients_per_day * rules.AUDIT_LOG_BYTES, f"{show(recipients_per_day)} × {rules.AUDIT_LOG_BYTES} B/d")


def _lines(lines: float, text: str) -> Amount:
    return Amount(lines * rules.LOG_LINE_BYTES, f"{text} lines × {rules.LOG_LINE_BYTES} B/d")
