"""The disk of the log archive: every server's logs and the scanners' message audit log, compressed after a day."""

from config.platform import Platform
from sizing.growth import Flow
from sizing.logs import audit_per_day
from sizing.logs import per_day as logs_per_day
from sizing.model import Term, term
from sizing.units import Amount, gib_from_bytes, show

_SOURCE = "all logs reach separate storage; the ratio is the stack's, to be measured"


def archive(platform: Platform, flow: Flow) -> tuple[Term, ...]:
    """What the archive disk holds: for each kind of log the kept days, and today's of all before it is compressed."""
    kinds = _per_day(platform, flow)
    days, ratio = platform.log_archive.retention_days, platform.log_archive.compression_ratio
    today = _today(kinds)
    return (
        *(_kept(name, amount, days, ratio) for name, amount in kinds.items()),
        term("today's logs, not yet compressed", today, f"{show(today)} GiB/d × 1 d", _SOURCE),
    )


def written(platform: Platform, flow: Flow) -> Term:
    """What is written to the archive disk in a day: the day's logs, plain and once more compressed."""
    today, ratio = _today(_per_day(platform, flow)), platform.log_archive.compression_ratio
    return term("written in a day", today * (1 + 1 / ratio), f"{show(today)} GiB × (1 + 1 ÷ {show(ratio)})", _SOURCE)


def _per_day(platform: Platform, flow: Flow) -> dict[str, Amount]:
    kinds = {f"{role} logs": amount for role, amount in logs_per_day(platform, flow).items()}
    kinds["message audit log"] = audit_per_day(flow.offered_per_day * flow.recipients_per_message)
    return kinds


def _today(kinds: dict[str, Amount]) -> float:
    return gib_from_bytes(sum(amount.value for amount in kinds.values()))


def _kept(name: str, per_day: Amount, days: float, ratio: float) -> Term:
    formula = f"{per_day.text} × {show(days)} d ÷ {show(ratio)} ÷ 2^30"
    return term(name, gib_from_bytes(per_day.value * days / ratio), formula, _SOURCE)
