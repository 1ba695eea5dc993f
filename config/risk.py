"""How sure a stack wants to be that nothing fills, and how uncertain what it says is.

A key that ends in `_p95` is a factor on what the stack says elsewhere: 5 in 100 sites find more than that. Its logarithm is normal
around 0, so the stack's own value is the median, and 1 says that the value is certain.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from config.base import Model
from config.types import Count, Number, Positive, Share, Whole

MIN_BEYOND = 10  # scenarios that must lie beyond the quantile, so that its sampling error can be told from the same run


def _quantile(value: float) -> float:
    if not 0.5 <= value < 1:
        raise ValueError("is not a quantile from 0.5 to below 1; write 0.99 to let 1 platform in 100 fill")
    return value


Quantile = Annotated[Number, AfterValidator(_quantile)]
Factor = Annotated[Positive, Field(ge=1, le=1000)]


class Occasional(Model):
    """What happens in some months only: how often, and how large the largest of such a month is."""

    per_month: Share
    """Probability that a month has one."""
    median: Positive
    """Half are smaller; the logarithm is normal."""
    p95: Positive
    """5 in 100 are larger; the same as `median` says that it is certain."""
    most: Positive
    """None is larger: what is drawn above it counts as this."""

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if not self.median <= self.p95 <= self.most:
            raise ValueError("has a median above p95, or p95 above most; write them in ascending order")
        return self


class Inputs(Model):
    """How uncertain what the stack says is, input by input."""

    growth_sd: Annotated[Number, Field(le=1)] = 0.05
    """Standard deviation of the growth in a year around `flow.growth_per_year`; normal (worldwide growth of 7 % in 2014 and 11 % a year \
from 2016 to 2019, Radicati; the rest is a figure)."""
    busy_hour_spread: Share = 0.33
    """The busy hour's share lies within this fraction of `flow.busy_hour_share`; triangular (0.10 to 0.20 are seen around 0.15; figure)."""
    message_size_p95: Factor = 1.65
    """Size of a message that is not spam, attachments included, × `flow.mean_message_kib` (means of 33 to 89 KiB are published: Exchange \
75 KB, Radicati 89 KB)."""
    message_size_variation: Number = 6.65
    """Standard deviation of the size of one message ÷ its mean: on a small site one day brings much more than another by \
chance alone (6.65: public size distribution cut at 25 MiB)."""
    write_rate_p95: Factor = 2.0
    """What is written to each disk in a day, × what the plan says (Veeam: 2 to 5 % of most servers, 10 to 20 % of mail servers)."""
    outage: Occasional = Occasional(per_month=0.05, median=8, p95=72, most=120)
    """Longest outage in a month of what mail is delivered to, hours (repair times are lognormal: MIL-HDBK-338B 5.6.2.1; \
8 h: a working day; 72 h: a long weekend; 120 h: Postfix then returns mail; how often and how long are figures)."""
    spam_storm: Occasional = Occasional(per_month=0.05, median=2, p95=10, most=50)
    """Spam of a storm, × ordinary spam (one site wrote in March 2008 that 50 to 100 an hour had become 3,000; the rest is a figure)."""
    storm_days: Annotated[Number, Field(ge=1, le=28)] = 3.0
    """How long a spam storm lasts, days (figure)."""
    forgotten_snapshot: Occasional = Occasional(per_month=0.01, median=72, p95=336, most=2160)
    """Age at which a forgotten snapshot of one VM is found, hours; within `snapshots.hold_hours` it is as good as not forgotten (Veeam: \
orphans are among the most common support cases; 72 h: the most that VMware advises; two weeks: a holiday; how often is a figure)."""


class RiskTarget(Model):
    """How sure the stack wants to be, and how that is computed."""

    quantile: Quantile = 0.99
    """Each disk and each datastore must last to the horizon in this share of the scenarios."""
    horizon_months: Annotated[Whole, Field(ge=1, le=360)] | None = None
    """How far ahead, months; without it the planning time, `flow.planning_years`, or a year if that is 0."""
    seed: Count = 1
    """Seed of the scenarios: the same seed gives the same numbers."""
    scenarios: Annotated[Whole, Field(ge=1000, le=1_000_000)] = 100_000
    """How many futures are drawn."""
    inputs: Inputs = Inputs()
    """How uncertain what the stack says is."""

    @model_validator(mode="after")
    def _reaches(self) -> Self:
        if self.scenarios * (1 - self.quantile) < MIN_BEYOND - 1e-6:
            raise ValueError(
                f"asks for a quantile that fewer than {MIN_BEYOND} scenarios lie beyond; write more scenarios or a smaller quantile"
            )
        return self
