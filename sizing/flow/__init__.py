"""Mail flow from logs: `Flow.from_logs` reads log files and says what flow they show.

Deliberately keeps no address, subject or message id: an event has numbers only. What is named here is loaded when it is first used,
for the engines take seconds that a command without logs shouldn't wait.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sizing.flow.accept import Accept
from sizing.flow.engine import Engine

if TYPE_CHECKING:
    from sizing.flow.backtest import Backtest, backtested
    from sizing.flow.compiled import compiled_before
    from sizing.flow.flow import VERSION, Flow, check_output
    from sizing.flow.profile import Estimate, Profile

__all__ = ["VERSION", "Accept", "Backtest", "Engine", "Estimate", "Flow", "Profile", "backtested", "check_output", "compiled_before"]

_HOMES = {
    "Backtest": "backtest",
    "backtested": "backtest",
    "compiled_before": "compiled",
    "VERSION": "flow",
    "Flow": "flow",
    "check_output": "flow",
    "Estimate": "profile",
    "Profile": "profile",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
