"""How much: disks, memory and datastores of a platform, each as terms with their arithmetic and source.

Pure: no I/O and no clock, and the same platform gives the same bytes. Deliberately judges nothing: whether what a stack declares
suffices is for the plan's invariants to say.
"""

from config.platform import Platform
from sizing import datastore, disks, memory
from sizing.gateway import audit_log
from sizing.growth import grown
from sizing.model import DatastoreNeed, DiskNeed, MemoryNeed, Sizing, Term
from sizing.snapshots import hours_to_fill
from sizing.spool import mailboxes
from sizing.units import gib_from_gb

__all__ = ["DatastoreNeed", "DiskNeed", "MemoryNeed", "Sizing", "Term", "audit_log", "gib_from_gb", "hours_to_fill", "mailboxes", "size"]


def size(platform: Platform) -> Sizing:
    """What every disk, scanner and datastore of the platform needs."""
    needs = disks.of(platform, grown(platform.flow))
    return Sizing(disks=needs, memory=memory.of(platform), datastores=datastore.of(platform, needs))
