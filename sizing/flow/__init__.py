"""Mail flow from logs: `Flow.from_logs` reads log files and says what flow they show.

Deliberately keeps no address, subject or message id: an event has numbers only.
"""

from sizing.flow.backtest import Backtest, backtest
from sizing.flow.engines import Engine
from sizing.flow.flow import VERSION, Flow
from sizing.flow.profile import Estimate, Profile

__all__ = ["VERSION", "Backtest", "Engine", "Estimate", "Flow", "Profile", "backtest"]
