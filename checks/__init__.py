"""A look at the live vCenter before anything is registered: one login, a few reads, and every problem at once.

Deliberately changes nothing, which `checks.vcenter.session` enforces call by call (`checks.snapshots.operations` alone may take and
remove snapshots, when it is told to), and knows nothing of Pulumi. It does not look into content libraries, whose items the provider looks
up itself. Parts, each of which imports those before it only: `vcenter` asks, `snapshots` judges room and takes them, `ledger` knows which
disk is which; what is directly here compares vCenter with the plan.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from checks.bind import bind
from checks.compare import compare
from checks.existing import existing
from checks.vcenter.credentials import Credentials, credentials
from checks.vcenter.inventory import Inventory
from checks.vcenter.reading import read
from config import Platform, Problem, Refused
from plan import Plan
from plan.bindings import Bindings

if TYPE_CHECKING:
    from checks.ledger.last_line import LastLine

__all__ = ["Credentials", "Inventory", "Look", "bind", "compare", "credentials", "existing", "last_look", "preflight", "read"]


class Look(NamedTuple):
    """What a look at a vCenter that has what the plan needs has brought."""

    bindings: Bindings
    """What vCenter calls the things that the plan names."""
    existing: tuple[Problem, ...]
    """What is there already of what the plan makes: problems only if the stack has not made it."""


def preflight(plan: Plan, login: Credentials) -> Look:
    """Look at the vCenter.

    Raises:
        Refused: vCenter can't be asked, or something is not as the plan needs it.
    """
    inventory = read(login, plan)
    found = tuple(compare(plan, inventory))
    if found:
        raise Refused(found)
    return Look(bind(plan, inventory), tuple(existing(plan, inventory)))


def last_look(platform: Platform, plan: Plan, login: Credentials, stack_file: Path, root: Path) -> "LastLine":
    """What compares each VM with the stack's ledger once more, right before its step. A preview has no step, and so loads none of it."""
    from checks.ledger.file import place  # noqa: PLC0415
    from checks.ledger.last_line import LastLine  # noqa: PLC0415

    return LastLine(platform, plan, login, place(stack_file, root))
