"""What may be said to each rule in the pack's configuration: exceptions, and what can't be seen in a program.

The keys are spelled as in a stack's file and mean the same; unknown keys and wrong values are problems.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError

from config import Problem, SnapshotPolicy
from config.base import Model
from config.explain import problems
from config.review import Exemption
from config.storage import ChangePerDay, Fabric, Overheads, Storage
from config.types import Count, Fraction, LunGib, Name, Positive, RoomGib, Text
from config.vsphere import VSphere
from sizing import rules

MOST_PROMISED = 1.0  # of what is there: disks may not grow to more than the datastore has, unless the site says by how much


def _without_roles(policy: SnapshotPolicy) -> SnapshotPolicy:
    if policy.change_per_day:
        raise ValueError("gives shares by role, and other programs' VMs have none; write one change_per_day beside snapshots")
    return policy


def _as_written(value: Any) -> Any:
    """A value as the site wrote it: the engine makes 3.0 of every 3."""
    if isinstance(value, Mapping):
        return {key: _as_written(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_written(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Datastore(Model):
    """What can't be seen of a datastore."""

    size_gib: LunGib | None = None
    """Size of its LUN, GiB; without it the capacity that the provider reports, if the program made it."""
    physical_gib: LunGib | None = None
    """Of a LUN that is thin on the array: what the array keeps for it physically, GiB."""
    fabric: Fabric | None = None
    """The storage network it is reached by."""
    site: Name | None = None
    """The room or building of its array, if there are several."""
    others_gib: RoomGib | None = None
    """What lies on it that is not in the program, GiB."""


class Settings(Model):
    """What every rule may be told."""

    waivers: list[Exemption] = []
    """Who lets what pass, why, and until when: as `review.waivers` of a stack."""

    @classmethod
    def given(cls, rule: str, config: Any) -> tuple[Self | None, list[Problem]]:
        """The settings in a rule's configuration, or what is wrong with it."""
        try:
            return cls.model_validate(_as_written(config)), []
        except ValidationError as error:
            return None, problems(error, cls, rule)

    @classmethod
    def for_engine(cls) -> dict[str, dict[str, Any]]:
        """The properties as the engine knows them, for people; what is wrong with them `given` says better, by path and remedy."""
        described = cls.model_json_schema()["properties"]
        return {name: {"description": made["description"]} for name, made in described.items()}


class Disks(Settings):
    """Of which disks must be kept."""

    system: list[Text] = []
    """Labels of system disks, which need not be kept; without it the first disk at unit 0 of a VM is its system disk."""


class Datastores(Settings):
    """Of the datastores, by name, by logical name, or by managed object id."""

    datastores: dict[Text, Datastore] = {}
    """What can't be seen of each."""


class Headroom(Datastores):
    """Of what datastores must hold."""

    snapshots: Annotated[SnapshotPolicy, AfterValidator(_without_roles)] = SnapshotPolicy()
    """The snapshots that are foreseen: as `snapshots` of a stack."""
    change_per_day: ChangePerDay = rules.SCANNER_CHANGE_PER_DAY
    """Share of a disk that is rewritten in a day."""
    free_fraction: Fraction = Storage.model_fields["free_fraction"].default
    """Kept free of the whole LUN."""
    overheads: Overheads = Overheads()
    """As `storage.overheads` of a stack."""


class Overcommit(Datastores):
    """Of what may be promised."""

    most: Positive = MOST_PROMISED
    """Promised ÷ there, at most."""


class Roles(Settings):
    """Of which VMs stand in for one another, beside those that a rule keeps apart."""

    roles: dict[Text, list[Text]] = {}
    """Names of a role's VMs, or patterns such as `mx-*`."""


class Fabrics(Roles, Datastores):
    """Of the fabrics."""


class Hosts(Roles):
    """Of the hosts."""

    hosts: Annotated[Count, Field(ge=1)] | None = None
    """How many hosts the cluster has; without it those of a cluster that the program made."""
    spare_hosts: Annotated[Count, Field(le=1)] = VSphere.model_fields["spare_hosts"].default
    """Hosts that may be lost with every member still finding its place: as `vsphere.spare_hosts` of a stack."""


class Versions(Settings):
    """Of the provider."""

    versions: list[Text] = []
    """Versions that were tried; without it any exact one passes."""
