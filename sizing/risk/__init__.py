"""How sure: what disks and datastores need in many possible futures, when what the stack says is uncertain.

Each future (scenario) draws growth, busy hour, message size, write rate, outages, spam storms and forgotten snapshots from the
distributions of `config.risk`, and follows the need month by month to the horizon. Pure and seeded: the same platform gives the same
bytes. Deliberately leaves out the free fraction of datastores: it is a margin for what is not foreseen, and here that is foreseen.
"""

from sizing.risk.assess import asked, risk
from sizing.risk.model import Input, NeedAtRisk, Risk, Sensitivity, YearNeed
from sizing.risk.verdict import problems

__all__ = ["Input", "NeedAtRisk", "Risk", "Sensitivity", "YearNeed", "asked", "problems", "risk"]
