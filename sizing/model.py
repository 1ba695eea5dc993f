"""What sizing answers: terms that carry their own proof, summed per disk and per datastore."""

from pydantic import computed_field

from config.base import Model
from config.roles import Role
from config.storage import Fabric


class Term(Model):
    """One part of a size: how much, from what, and whose rule it is."""

    name: str
    """What the room is for."""
    gib: float
    """Size, GiB."""
    formula: str
    """The arithmetic with its numbers, checkable by hand."""
    source: str
    """Whose rule or figure it is."""


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
    terms: tuple[Term, ...]
    """What it must hold."""
    declared_gib: int | None
    """What the stack declares, GiB; None leaves it to sizing."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def need_gib(self) -> float:
        """Sum of the terms, GiB."""
        return sum(term.gib for term in self.terms)


class DatastoreNeed(Model):
    """One datastore: what it must hold beside its disks, and how long a forgotten snapshot may stay."""

    lun: str
    """Key of `storage.luns`."""
    name: str
    """Name of the datastore in vCenter."""
    fabric: Fabric
    declared_gib: float
    """Size of the LUN as declared, GiB."""
    terms: tuple[Term, ...]
    """Disks, swap, logs, deltas, consolidation, memory snapshots, VMFS."""
    free_fraction: float
    """Kept free of the whole LUN."""
    hours_to_full: float | None
    """Hours until snapshots that are forgotten fill it; None: never, the deltas' bounds fit."""
