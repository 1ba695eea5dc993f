"""The memory of servers where it decides whether mail flows: a scanner that runs out of it stops scanning.

Deliberately says nothing of the other roles: their memory is a matter of speed.
"""

from config.platform import Platform
from sizing import rules
from sizing.model import MemoryNeed, term


def of(platform: Platform) -> tuple[MemoryNeed, ...]:
    """What runs on each scanner, sorted by name."""
    scan = platform.gateway.scan_memory_gib
    system, mta = rules.OPERATING_SYSTEM_MEMORY_GIB, rules.MTA_MEMORY_GIB
    terms = (
        term("operating system", system, f"{system} GiB", "figure"),
        term("MTA", mta, f"{mta} GiB", "postconf(5): 100 processes; their size is a figure"),
        term("scanning", scan, f"{scan:g} GiB", "gateway.scan_memory_gib; ClamAV manual: 3 GiB at least, 4 preferred"),
    )
    return tuple(MemoryNeed(vm=name, terms=terms, declared_gib=node.memory_gib) for name, node in sorted(platform.gateway.scanners.items()))
