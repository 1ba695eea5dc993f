"""How uncertain tests let a platform be."""

from typing import Any

from config import Platform
from config.risk import Inputs, Occasional, RiskTarget
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
