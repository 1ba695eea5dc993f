"""What risk answers: the need of each disk and datastore at a quantile, how sure that number is, and what it depends on."""

import math
from enum import StrEnum

from pydantic import computed_field

from config.base import Model


class Input(StrEnum):
    """An uncertain input."""

    GROWTH = "growth"
    BUSY_HOUR = "busy hour"
    MESSAGE_SIZE = "message size"
    WRITE_RATE = "write rate"
    OUTAGE = "outage"
    SPAM_STORM = "spam storm"
    FORGOTTEN_SNAPSHOT = "forgotten snapshot"


class Sensitivity(Model):
    """How much of a need's uncertainty one input explains."""

    input: Input
    share: float
    """Share of the need's variance that would go if the input were known (first-order Sobol index)."""
    low_gib: float
    """Mean need, GiB, where the input is lowest (5 in 100 scenarios) …"""
    high_gib: float
    """… and where it is highest."""


class YearNeed(Model):
    """The need until the end of a year."""

    months: int
    """Months from now: the end of a year, or the horizon."""
    half_gib: float
    """Half of the scenarios need less, GiB."""
    most_gib: float
    """Nine in ten need less, GiB."""
    need_gib: float
    """Need at the quantile, GiB."""
    error_gib: float
    """Standard error of `need_gib`, since scenarios are drawn."""


class Answer(Model):
    """What the scenarios say of one need."""

    fill_probability: float
    """Share of the scenarios in which what there is fills by the horizon."""
    fill_error: float
    """Standard error of `fill_probability`."""
    months_left: int | None
    """Month in which the share of scenarios that filled it exceeds what the quantile allows; None: not by the horizon."""
    months_until_full: int | None
    """Month by which half of the scenarios that fill it have filled it; None: none does."""
    granularity_gib: int = 1
    """The step in which there can be more of it, GiB."""
    years: tuple[YearNeed, ...]
    """How the need grows, to the horizon."""
    sensitivity: tuple[Sensitivity, ...]
    """Which input to measure better first; empty where nothing is uncertain."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def need_gib(self) -> float:
        """What lasts to the horizon in the quantile's share of the scenarios, GiB."""
        return self.years[-1].need_gib

    @computed_field  # type: ignore[prop-decorator]
    @property
    def error_gib(self) -> float:
        """Standard error of `need_gib`, GiB, since scenarios are drawn."""
        return self.years[-1].error_gib

    @computed_field  # type: ignore[prop-decorator]
    @property
    def smallest_gib(self) -> int:
        """The smallest size that suffices at the quantile: whole GiB, of a LUN in the step in which the array cuts them."""
        return math.ceil(self.need_gib / self.granularity_gib) * self.granularity_gib


class NeedAtRisk(Answer):
    """One disk or datastore, and what the scenarios say of it."""

    name: str
    """Server and label of a disk, or the datastore's name in vCenter."""
    path: str
    """Key of the stack that declares its size."""
    planned_gib: float
    """What it needs if everything happens as planned, GiB; of a datastore without its free fraction."""
    provisioned_gib: float
    """What there is, GiB."""
    declared: bool
    """Whether the stack declares it; else it is sized."""
    lun_gib: float | None = None
    """Of a datastore, what its LUN shows, GiB: more than there is where the array keeps less for it."""


class Risk(Model):
    """Every disk and datastore at one quantile."""

    quantile: float
    horizon_months: int
    scenarios: int
    seed: int
    fill_probability: float
    """Share of the scenarios in which anything fills by the horizon."""
    disks: tuple[NeedAtRisk, ...]
    datastores: tuple[NeedAtRisk, ...]
