"""How much: disks, memory and datastores of a platform, each as terms with their arithmetic and source.

Pure: no I/O and no clock, and the same platform gives the same bytes. Deliberately judges nothing: whether what a stack declares
suffices is for the plan's invariants to say. Logs are measured by `sizing.flow`, and how sure a size is says `sizing.risk`.
"""

from sizing.filling import Filling, filling
from sizing.gateway import audit_log
from sizing.model import DatastoreNeed, DiskNeed, MemoryNeed, Sizing, Term
from sizing.notes import notes
from sizing.queueing import Scanning, scanning
from sizing.scenarios import Comparison, Outcome, compare, what_if
from sizing.sizes import size
from sizing.snapshots import hours_to_fill
from sizing.spool import mailboxes
from sizing.units import gib_from_gb

__all__ = [
    "Comparison",
    "DatastoreNeed",
    "DiskNeed",
    "Filling",
    "MemoryNeed",
    "Outcome",
    "Scanning",
    "Sizing",
    "Term",
    "audit_log",
    "compare",
    "filling",
    "gib_from_gb",
    "hours_to_fill",
    "mailboxes",
    "notes",
    "scanning",
    "size",
    "what_if",
]
