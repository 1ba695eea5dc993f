"""What will exist: names, placement, generated files, and the invariants that must hold before anything is applied.

Deliberately pure: no I/O, no clock, nothing live; `components` makes it so and `checks` compares it with what is there.
"""

from plan.assembly import as_asked, build, draft, problems
from plan.losses import Loss, losses
from plan.model import Apart, Datastore, Disk, Home, Plan, Vm

__all__ = ["Apart", "Datastore", "Disk", "Home", "Loss", "Plan", "Vm", "as_asked", "build", "draft", "losses", "problems"]
