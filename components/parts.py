"""The parts of a mail platform."""

from components.pool import Pool
from config import Role


class Gateway(Pool):
    """The control center, and the scanners that it manages."""

    type_name = "mailstead:gateway:Gateway"
    roles = frozenset({Role.CONTROL_CENTER, Role.SCANNER})


class Spool(Pool):
    """The MTAs and mailbox servers, with the directory's master and replicas on them."""

    type_name = "mailstead:spool:Spool"
    roles = frozenset({Role.MTA, Role.MAILBOX})


class Balancers(Pool):
    """The balancers in front of every service."""

    type_name = "mailstead:balancers:Balancers"
    roles = frozenset({Role.BALANCER})


class LogArchive(Pool):
    """The separate storage for all logs."""

    type_name = "mailstead:logs:LogArchive"
    roles = frozenset({Role.LOG_ARCHIVE})


PARTS: tuple[tuple[str, type[Pool]], ...] = (
    ("gateway", Gateway),
    ("spool", Spool),
    ("balancers", Balancers),
    ("log-archive-vms", LogArchive),
)
"""Every part, with the suffix of its logical name."""
