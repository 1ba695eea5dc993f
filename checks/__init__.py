"""A look at the live vCenter before anything is registered: one login, a few reads, and every problem at once.

Deliberately changes nothing, which `checks.session` enforces call by call, and knows nothing of Pulumi. It does not look
into content libraries, whose items the provider looks up itself, nor for files on datastores.
"""

from checks.bind import bind
from checks.compare import compare
from checks.credentials import Credentials, credentials
from checks.inventory import Inventory
from checks.reading import read
from config import Refused
from plan import Plan
from plan.bindings import Bindings

__all__ = ["Credentials", "Inventory", "bind", "compare", "credentials", "preflight", "read"]


def preflight(plan: Plan, login: Credentials) -> Bindings:
    """What vCenter calls the things that the plan names.

    Raises:
        Refused: vCenter can't be asked, or something is not as the plan needs it.
    """
    inventory = read(login, plan)
    found = tuple(compare(plan, inventory))
    if found:
        raise Refused(found)
    return bind(plan, inventory)
