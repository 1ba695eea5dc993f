"""How uncertain tests let a platform be."""

from typing import Any

import numpy as np

from config import Platform
from config.risk import Inputs, Occasional, RiskTarget
from config.storage import SnapshotPolicy
from sizing import size
from sizing.risk import NeedAtRisk, Risk

NEVER = Occasional(per_month=0, median=1, p95=1, most=1)


def always(size: float) -> Occasional:
    """What happens in every month, and is always as large."""
    return Occasional(per_month=1, median=size, p95=size, most=size)


def certain(platform: Platform, **uncertain: Any) -> Inputs:
    """Everything as the stack says, its planned outage every month included; `uncertain` names what is not."""
    inputs = Inputs(
        growth_sd=0,
        busy_hour_spread=0,
        message_size_p95=1,
        message_size_variation=0,
        write_rate_p95=1,
        outage=always(platform.flow.backlog_hours) if platform.flow.backlog_hours else NEVER,
        spam_storm=NEVER,
        forgotten_snapshot=NEVER,
    )
    return inputs.model_copy(update=uncertain)


def at_risk(platform: Platform, inputs: Inputs | None = None, **target: Any) -> Platform:
    """The platform with a target risk, of few scenarios unless said otherwise."""
    risk = RiskTarget(**{"scenarios": 2000, "quantile": 0.9, "inputs": inputs or Inputs(), **target})
    return platform.model_copy(update={"risk": risk})


def needs(risk: Risk) -> tuple[NeedAtRisk, ...]:
    """Every disk and datastore."""
    return (*risk.disks, *risk.datastores)


def need(risk: Risk, name: str) -> NeedAtRisk:
    """One disk by its server and label, or one datastore by its name."""
    return next(n for n in needs(risk) if n.name == name)


def sized(platform: Platform) -> dict[tuple[str, str], float]:
    """What `sizing` gives each disk, GiB, by server and label."""
    return {(disk.vm, disk.label): disk.gib for disk in size(platform).disks}


def deltas(disk_gib: float, written_gib: float, busy: float, policy: SnapshotPolicy, most: float = 1.01) -> float:
    """The most that a disk's deltas take by brute force, GiB: held and consolidated for as long as may be, so much written in a day.

    The day's writes come evenly, or all of them in the busiest hours around noon, twelve hours after backup.
    """
    half = 0.5 / max(busy, 1 / 24)
    corners = [0.0, 12 - half, 12 + half, 24.0]

    def by_day(at: Any) -> Any:
        return at // 24 + np.interp(at % 24, corners, [0, 0, 1, 1])

    def until(at: float) -> float:
        return max(at / 24, float(by_day(at)))

    begins = np.append(np.linspace(0, 24, 49), corners)
    held, both = until(policy.hold_hours), until(policy.hold_hours + policy.consolidate_hours)
    merging = min(float((by_day(begins + policy.consolidate_hours) - by_day(begins)).max()), both)
    later = np.linspace(max(0.0, both - held), merging, 20_001)

    def file(days: Any) -> Any:
        written = days * written_gib / disk_gib
        return np.minimum(written, most * -np.expm1(-written)) * disk_gib

    return float((policy.per_disk * file(both - later) + file(later)).max())
