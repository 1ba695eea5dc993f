"""What will exist: names, placement, generated files, and the invariants that must hold before anything is applied.

Deliberately pure: no I/O, no clock, nothing live; `components` makes it so and `checks` compares it with what is there.
"""

from plan.assembly import build, draft, problems
from plan.losses import Loss, losses
from plan.model import Apart, Datastore, Disk, Home, Plan, Vm

__all__ = ["Apart", "Datastore", "Disk", "Home", "Loss", "Plan", "Vm", "build", "draft", "losses", "problems"]
