"""Servers that were perhaps renamed in the stack: to the engine a server is its name, and a rename a new VM beside the old one."""

from collections.abc import Iterator

from checks.ledger.identity import Ledger, made_as
from checks.snapshots.world import World
from config.findings import Finding, Level


def renames(ledger: Ledger, world: World) -> Iterator[Finding]:
    """Each server of the ledger that left the stack where one of the same roles is new; the directory is no role that a name hangs on."""
    recorded, wanted = {vm.name for vm in ledger.vms}, {vm.name for vm in world.plan.vms}
    new = [vm for vm in world.plan.vms if vm.name not in recorded]
    for gone in ledger.vms:
        alike = [vm.server for vm in new if made_as(vm.roles) == made_as(gone.roles)]
        if gone.name in wanted or not alike:
            continue
        found = f"{gone.server} left the stack, and {' and '.join(alike)} {'is' if len(alike) == 1 else 'are'} new"
        said = found, "servers that keep their names"
        consequence = "To the engine a rename is a new VM with empty disks: what the old one holds stays on the old one"
        step = f"If that is a rename, put the name back: {gone.server}. If a new one takes its place, drain it first (docs/draining.md)"
        yield Finding(Level.WARNING, "renamed", gone.name, *said, consequence, step, (gone.name,))
