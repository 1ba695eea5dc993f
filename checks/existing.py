"""What the plan would make and vCenter has already: whose is it, where the engine has no memory of making it?

Deliberately no part of `compare`: for a stack that has been applied all of this is as it should be. Only the engine knows.
"""

from collections.abc import Iterator

from checks.vcenter.inventory import Inventory, canonical
from config import Problem
from plan import Plan

_NOT_OURS = "nothing in this stack's state says that it is this stack's"
_BRING_BACK = "bring back the state of the stack that made it (docs/edits.md, Coming back)"
SHOWN = 5  # VMs named in a problem


def existing(plan: Plan, inventory: Inventory) -> Iterator[Problem]:
    """The folder with its VMs, the datastores and the rules that bear the names of what is to be made."""
    folder = plan.place.folder
    if folder in inventory.folders:
        names = sorted(machine.name for machine in inventory.machines if machine.folder == folder)
        listed = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        rule = f"is there already{f' with the VMs {listed}' if names else ''}, and {_NOT_OURS}"
        yield Problem("vsphere.folder", folder, rule, f"{_BRING_BACK}, or name another folder")
    made = {(store.name, store.naas) for store in inventory.datastores}
    for planned in plan.datastores:
        if not planned.adopted and (planned.name, (canonical(planned.naa),)) in made:
            rule = f"holds the datastore {planned.name} already, and {_NOT_OURS}"
            remedy = f"{_BRING_BACK}, or take it over with datastore: {planned.name}"
            yield Problem(f"storage.luns.{planned.lun}.naa", planned.naa, rule, remedy)
    for apart in plan.apart:
        if apart.name in inventory.rules:
            rule = f"has the rule {apart.name} already, and {_NOT_OURS}"
            yield Problem("vsphere.cluster", plan.place.cluster, rule, f"{_BRING_BACK}, or delete the rule in vCenter")
