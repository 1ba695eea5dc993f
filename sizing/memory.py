"""The memory of servers where it decides whether mail flows: a scanner that runs out of it stops scanning.

Deliberately says nothing of the other roles: their memory is a matter of speed.
"""

from collections.abc import Iterator

from config.platform import Platform
from sizing import rules
from sizing.model import MemoryNeed, term
from sizing.units import Amount, amount, show

_NAMED = 4  # servers that a sentence names


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


def counted(platform: Platform) -> dict[str, Amount]:
    """What each server's LUN is computed with, GiB: its memory as it must be, or as declared where nobody says what must be."""
    needed = {need.vm: need.counted for need in of(platform)}
    return {server.name: needed.get(server.name, amount(server.node.memory_gib)) for server in platform.servers}


def told(needs: tuple[MemoryNeed, ...]) -> Iterator[str]:
    """A sentence where ClamAV, a spam filter of its own and an MTA would not fit on a scanner, whatever scanning is said to need."""
    beside = rules.OPERATING_SYSTEM_MEMORY_GIB + rules.MTA_MEMORY_GIB
    least = beside + rules.CLAMAV_MEMORY_GIB + rules.FILTER_MEMORY_GIB
    small = [f"{need.vm} ({show(need.declared_gib)})" for need in needs if need.declared_gib < least]
    if len(small) > _NAMED:
        small[_NAMED:] = [f"{len(small) - _NAMED} more"]
    if small:
        yield (
            f"ClamAV ({rules.CLAMAV_MEMORY_GIB} GiB at least), a spam filter beside it ({rules.FILTER_MEMORY_GIB}), an MTA and the system "
            f"({show(beside)}) need {show(least)} GiB: too much for {', '.join(small)}. If these run there, raise memory_gib, "
            f"and gateway.scan_memory_gib to {show(least - beside)} or more."
        )
