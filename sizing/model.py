"""What sizing answers: terms that carry their own proof, summed per disk, per server's memory and per datastore."""

import math
from typing import Annotated

from pydantic import Field, computed_field

from config.base import Model
from config.roles import Role
from config.storage import Fabric
from config.types import memory_step
from sizing.units import Amount, amount, show

VMFS = "VMFS"
"""The term for VMFS's own data."""
_DIGITS = 6  # decimals of a sum in GiB (about 1 KiB): 140.00000000000003 is 140, and a LUN of 140 GiB holds it


class Term(Model):
    """One part of a size: how much, from what, and whose rule it is."""

    name: str
    """What the room is for."""
    gib: float
    """Size, GiB."""
    formula: str
    """The arithmetic with its numbers, checkable by hand; 2^20 turns KiB into GiB, 2^30 bytes."""
    source: str
    """Whose rule or figure it is."""


def term(name: str, gib: float, formula: str, source: str) -> Term:
    """A term of `gib` GiB."""
    return Term(name=name, gib=gib, formula=formula, source=source)


def total(terms: tuple[Term, ...]) -> float:
    """Sum of terms, GiB, to about a KiB."""
    return round(math.fsum(t.gib for t in terms), _DIGITS)


def share(gib: float, need_gib: float) -> float:
    """Which share of a sum a term of it is, 0 to 1; 0 of nothing."""
    return gib / need_gib if need_gib else 0.0


def smallest(terms: tuple[Term, ...]) -> int:
    """The smallest disk that holds the terms, whole GiB, 1 at least."""
    return max(1, math.ceil(total(terms)))


Key = tuple[str, str]
"""A disk: its server and its label."""


class DiskNeed(Model):
    """One disk of one server: what it must hold, and what it gets."""

    vm: str
    """Server it belongs to, by its name in the stack."""
    role: Role
    """The role whose data it carries (the server's first role for the system disk)."""
    label: str
    """Label of the disk, unique on its server."""
    lun: str
    """Key of `storage.luns` that carries it."""
    datastore: str
    """Name in vCenter of the datastore on that LUN."""
    terms: tuple[Term, ...]
    """What it must hold."""
    declared_gib: int | None
    """What the stack declares, GiB; None leaves it to sizing."""
    written_per_day: Term
    """What is written to it in a day, as large as its LUN is computed with: what its snapshots grow by."""
    asked_gib: Annotated[int | None, Field(exclude_if=lambda asked_gib: asked_gib is None)] = None
    """What it is asked to have at the stack's risk, where that is more than it gets, GiB."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def need_gib(self) -> float:
        """Sum of the terms, GiB."""
        return total(self.terms)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def smallest_gib(self) -> int:
        """The smallest disk that holds the need, whole GiB."""
        return smallest(self.terms)

    @property
    def key(self) -> Key:
        """Its server and its label."""
        return self.vm, self.label

    @computed_field  # type: ignore[prop-decorator]
    @property
    def gib(self) -> int:
        """What the disk gets, GiB: as declared, even if that is too small, else the smallest that holds the need."""
        return self.smallest_gib if self.declared_gib is None else self.declared_gib

    @property
    def counted(self) -> Amount:
        """What its LUN is computed with, GiB: what it gets, or what it must have where that is more, since it has to grow to it."""
        return counted(self.gib, self.smallest_gib, self.asked_gib or 0)


def counted(gib: float, *needs_gib: float) -> Amount:
    """A size, GiB, or the largest of what it must be."""
    more = [need for need in needs_gib if need > gib]
    return Amount(max(gib, *more), f"max({', '.join(map(show, (gib, *more)))})") if more else amount(gib)


class MemoryNeed(Model):
    """The memory of one server: what runs there, and what it has."""

    vm: str
    """Server, by its name in the stack."""
    terms: tuple[Term, ...]
    """What runs there."""
    declared_gib: float
    """Memory as declared, GiB."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def need_gib(self) -> float:
        """Sum of the terms, GiB."""
        return total(self.terms)

    @property
    def counted(self) -> Amount:
        """What its LUN is computed with, GiB: what it has, or what it must have where that is more."""
        return counted(self.declared_gib, memory_step(self.need_gib))


class DatastoreNeed(Model):
    """One datastore: what it must hold beside its disks, and how long a forgotten snapshot may stay."""

    lun: str
    """Key of `storage.luns`."""
    name: str
    """Name of the datastore in vCenter."""
    fabric: Fabric | None
    """The storage network it is reached by; None where nobody has said."""
    declared_gib: float
    """Size of the LUN as declared, GiB."""
    physical_gib: Annotated[float | None, Field(exclude_if=lambda physical_gib: physical_gib is None)] = None
    """What the array keeps for the LUN physically, GiB; None where it keeps all of it."""
    granularity_gib: Annotated[int, Field(exclude_if=lambda granularity_gib: granularity_gib == 1)] = 1
    """The step in which the array cuts LUNs, GiB."""
    terms: tuple[Term, ...]
    """Disks, swap, logs, deltas, consolidation, memory snapshots, VMFS."""
    free_fraction: float
    """Kept free of the whole LUN."""
    vmfs_gib: float
    """What VMFS takes of the LUN as declared, GiB, or as large as it must be where that is more; its term is that of the smallest LUN."""
    hours_to_full: float | None
    """Hours until snapshots that are forgotten fill it; None: never, the deltas' bounds fit."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def need_gib(self) -> float:
        """Sum of the terms, GiB."""
        return total(self.terms)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def required_gib(self) -> float:
        """Size of the LUN that holds the need and still keeps its fraction free, GiB: need ÷ (1 − free fraction)."""
        return round(self.need_gib / (1 - self.free_fraction), _DIGITS)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def smallest_gib(self) -> int:
        """The smallest LUN that suffices and that the array can cut, whole GiB."""
        return math.ceil(self.required_gib / self.granularity_gib) * self.granularity_gib

    @property
    def held_gib(self) -> float:
        """What it must hold beside VMFS's own data, GiB."""
        return total(tuple(t for t in self.terms if t.name != VMFS))

    @property
    def backing_gib(self) -> float:
        """What the array must keep for the LUN, GiB: all that it holds, with VMFS's own data of a LUN of that size."""
        return round(self.held_gib + self.vmfs_gib, _DIGITS)

    @property
    def unbacked_gib(self) -> float:
        """How much less than that the array keeps, GiB; 0 where it keeps enough, or all of the LUN."""
        return 0.0 if self.physical_gib is None else max(0.0, round(self.backing_gib - self.physical_gib, _DIGITS))


class Sizing(Model):
    """How much of everything a platform needs. Each part is sorted by name."""

    disks: tuple[DiskNeed, ...]
    memory: tuple[MemoryNeed, ...]
    datastores: tuple[DatastoreNeed, ...]
