"""What a replay tells: values that tables, charts and tests are made from."""

from enum import StrEnum

from config.base import Model
from config.roles import Role


class State(StrEnum):
    """What a VM does, as vCenter tells it."""

    RUNS = "runs"
    STUNNED = "stunned"
    """It waits for an answer: its datastore is full."""
    UNREACHABLE = "unreachable"
    """Its storage network is lost."""
    OFF = "off"


class Event(Model):
    """Something that happened to the simulated site."""

    hour: float
    what: str
    vm: str = ""
    datastore: str = ""
    host: str = ""
    detail: str = ""


class Store(Model):
    """A datastore at a moment."""

    free_gib: float
    reachable: bool


class Moment(Model):
    """The site at an hour of its clock."""

    hour: float
    stores: dict[str, Store]
    """By name."""
    vms: dict[str, State]
    """By name."""


class Stop(Model):
    """When the first VM of a datastore stops for want of space, as foretold and as it came."""

    datastore: str
    lun_gib: float
    vms: tuple[str, ...]
    """Those that stopped."""
    predicted_hours: float | None
    """What sizing says; None: never."""
    replayed_hours: float | None
    """What came of it; None: nothing, until the end of the replay."""
    tolerance_hours: float
    """How far the two may be apart: `incident.figures` says what makes it up."""

    @property
    def as_foretold(self) -> bool:
        """Whether the replay did what sizing said, within the tolerance."""
        if self.predicted_hours is None or self.replayed_hours is None:
            return self.predicted_hours is self.replayed_hours
        return abs(self.replayed_hours - self.predicted_hours) <= self.tolerance_hours


class Forgotten(Model):
    """Snapshots of every VM of a platform that nobody removes."""

    moments: tuple[Moment, ...]
    stops: tuple[Stop, ...]
    """By datastore."""


class Replay(Model):
    """Snapshots of a platform, and what came of them."""

    stack: str
    scanners: tuple[str, ...]
    """The VMs without which no mail passes."""
    moments: tuple[Moment, ...]
    events: tuple[Event, ...]


class Fabrics(Model):
    """The servers that are left when a fabric is lost."""

    stack: str
    fabric: str
    roles: dict[Role, tuple[int, int]]
    """Servers that are left and servers that there are, by role."""
    back: bool
    """Whether all of them ran again when the fabric came back."""


class Story(Model):
    """All replays together."""

    refused: str
    """Why the VMs of 2013 can't even be made on LUNs of just their disks' size."""
    full: Replay
    """2013's platform: a snapshot, a full datastore, no mail."""
    full_stops: tuple[Stop, ...]
    recovered: bool
    """Whether its scanners ran again after they were powered off, consolidated and started, without any other space."""
    held: Replay
    """The platform as sized: snapshots held, and consolidated."""
    forgotten: Forgotten
    """The platform as sized, with snapshots that nobody removes."""
    fabrics: tuple[Fabrics, ...]
