"""How large snapshots grow, and how long until they fill what is free.

A delta grows by what is written to its disk, at most to the whole disk. Growth is taken as linear on purpose: a block that is written
again does not enlarge a delta, so random writes of w GiB/h to a disk of B GiB grow it to B × (1 − e^(−w·t ÷ B)), and w × t is never less.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple, Protocol

from config.storage import Growth, Overheads, SnapshotPolicy
from sizing import rules
from sizing.model import Term, term, total
from sizing.units import GIB, HOURS_PER_DAY, MIB_PER_GIB, Amount, gib_from_mib, show


class Disk(Protocol):
    """What snapshots depend on: a disk that sizing knows, or one of another program."""

    @property
    def vm(self) -> str:
        """The VM it belongs to."""

    @property
    def counted(self) -> Amount:
        """Its size, GiB, as large as it must be."""

    @property
    def written_per_day(self) -> Term:
        """What is written to it in a day."""


class Growing(NamedTuple):
    """How the deltas of one disk grow."""

    gib_per_hour: float
    bound_gib: float


class Snapshots(NamedTuple):
    """The snapshots of one VM."""

    terms: tuple[Term, ...]
    """Deltas as large as the policy foresees, consolidation, memory."""
    at_once_gib: float
    """What they take as soon as they are made, GiB: the first step of each delta, and memory."""
    growing: tuple[Growing, ...]
    """How they grow from then on, a disk each."""


def concurrent(vms: Iterable[Snapshots], at_a_time: int) -> tuple[Snapshots, ...]:
    """The VMs whose snapshots are largest, as many as may have one at a time; the first of equals."""
    return tuple(sorted(vms, key=lambda vm: -total(vm.terms))[:at_a_time])


def of_vm(policy: SnapshotPolicy, overheads: Overheads, disks: tuple[Disk, ...], memory: Amount) -> Snapshots:
    """The snapshots of the VM that has these disks, one at least."""
    count, step, vm = policy.per_disk, overheads.delta_quantum_gib, disks[0].vm
    terms = [_deltas(policy, overheads, disks)]
    if policy.growth is Growth.RATE:  # with `worst` every block is in the delta already, and writing it again needs no room
        terms.append(_consolidation(policy, overheads, disks))
    memories = count * (memory.value + gib_from_mib(rules.MEMORY_SNAPSHOT_EXTRA_MIB)) if policy.memory else 0.0
    if policy.memory:
        formula = f"{count} × ({memory.text} GiB + {rules.MEMORY_SNAPSHOT_EXTRA_MIB} MiB ÷ 1,024)"
        terms.append(term(f"memory snapshots of {vm}", memories, formula, "measured: a .vmsn is the memory and 1.3 MiB"))
    growing = (Growing(count * d.written_per_day.gib / HOURS_PER_DAY, count * _bound(overheads, d).value) for d in disks)
    return Snapshots(tuple(terms), count * step * len(disks) + memories, tuple(growing))


def hours_to_fill(free_gib: float, growing: Iterable[Growing]) -> float | None:
    """Hours until deltas that start empty fill `free_gib`: 0 where nothing is free, None where their bounds fit.

    Each grows in a straight line until its bound, so the sum is a chain of straight lines, solved one after the other.
    """
    if free_gib <= 0:
        return 0.0
    left = sorted((g.bound_gib / g.gib_per_hour, g.gib_per_hour) for g in growing if g.gib_per_hour > 0)
    rates = list(accumulate(rate for _, rate in reversed(left)))  # of those that still grow: the last one's, the last two's …
    hours = 0.0
    for bounded_at, _ in left:
        rate = rates.pop()
        written = rate * (bounded_at - hours)
        if written > free_gib:
            return hours + free_gib / rate
        free_gib -= written
        hours = bounded_at
    return None


def sparse_header_bytes(gib: float) -> int:
    """What a vmfsSparse delta of a disk takes before anything is written, B: its header, and an entry for each grain table."""
    tables = math.ceil(gib * MIB_PER_GIB / rules.SPARSE_TABLE_MIB)
    return rules.SPARSE_HEADER_BYTES + tables * rules.SPARSE_ENTRY_BYTES


def metadata_fraction(gib: float) -> float:
    """The most that a delta's own tables take, as a fraction of its disk: of the two formats the larger."""
    tables = math.ceil(gib * MIB_PER_GIB / rules.SPARSE_TABLE_MIB) * rules.SPARSE_TABLE_BYTES
    return max((tables + sparse_header_bytes(gib)) / (gib * GIB), rules.SE_SPARSE_FRACTION)


def told(overheads: Overheads, disks: Iterable[Disk]) -> Iterator[str]:
    """A sentence where a stack takes deltas as smaller than they can become."""
    most = max((metadata_fraction(disk.counted.value) for disk in disks), default=0.0)
    if overheads.delta_fraction < most:
        yield (
            f"storage.overheads.delta_fraction of {show(overheads.delta_fraction)} is less than what a delta's own tables can take, "
            f"{most:.4f} of its disk: a whole disk that is written again makes a larger delta than the bound here."
        )


def _bound(overheads: Overheads, disk: Disk) -> Amount:
    fraction = overheads.delta_fraction
    return Amount(disk.counted.value * (1 + fraction), f"{disk.counted.text} × (1 + {show(fraction)})")


def _written(overheads: Overheads, disk: Disk, hours: float) -> Amount:
    bound, written = _bound(overheads, disk), disk.written_per_day
    text = f"min({bound.text}, {written.formula} × {show(hours)} ÷ {HOURS_PER_DAY})"
    return Amount(min(bound.value, written.gib * hours / HOURS_PER_DAY), text)


def _deltas(policy: SnapshotPolicy, overheads: Overheads, disks: tuple[Disk, ...]) -> Term:
    rate, step = policy.growth is Growth.RATE, overheads.delta_quantum_gib
    sizes = [_written(overheads, d, policy.hold_hours) if rate else _bound(overheads, d) for d in disks]
    return term(
        f"deltas of {disks[0].vm}",
        policy.per_disk * sum(size.value + step for size in sizes),
        f"{policy.per_disk} × ({' + '.join(f'{size.text} + {show(step)}' for size in sizes)}) GiB",
        "vSphere: a delta lies beside its disk and grows by what is written, to its size at most",
    )


def _consolidation(policy: SnapshotPolicy, overheads: Overheads, disks: tuple[Disk, ...]) -> Term:
    written = [_merging(policy, overheads, d) for d in disks]
    return term(
        f"consolidation of {disks[0].vm}",
        sum(w.value for w in written),
        f"{' + '.join(w.text for w in written)} GiB",
        "VMware: consolidation needs room for what is written meanwhile",
    )


def _merging(policy: SnapshotPolicy, overheads: Overheads, disk: Disk) -> Amount:
    """What is written while a disk's deltas are consolidated: no more than what they lack until each holds the whole disk."""
    bound, held = _bound(overheads, disk), _written(overheads, disk, policy.hold_hours)
    written, left = _written(overheads, disk, policy.consolidate_hours), policy.per_disk * (bound.value - held.value)
    if written.value <= left:
        return written
    return Amount(left, f"{policy.per_disk} × ({bound.text} − {held.text})")
