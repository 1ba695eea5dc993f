"""A VMFS datastore on a LUN: created, or taken over where it exists already.

Deliberately does not carve LUNs: the array presents them, and what it presents was compared with the plan before.
"""

from dataclasses import dataclass

import pulumi
import pulumi_vsphere as vsphere

from components import options
from plan import Datastore as PlannedDatastore
from plan.bindings import Bindings


@dataclass(frozen=True)
class DatastoreArgs:
    """What a datastore needs."""

    datastore: PlannedDatastore
    bindings: Bindings
    disposable: bool
    """Whether the stack's data may be destroyed."""


class Datastore(pulumi.ComponentResource):
    """A VMFS datastore with room for its disks and for their snapshots."""

    datastore_id: pulumi.Output[str]
    """Managed object id of the datastore."""

    def __init__(self, name: str, args: DatastoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mailstead:storage:Datastore", name, None, opts)
        planned = args.datastore
        if planned.adopted:
            self.datastore_id = pulumi.Output.from_input(args.bindings.datastores[planned.name])
        else:
            created = vsphere.VmfsDatastore(
                name,
                name=planned.name,
                host_system_id=args.bindings.host_id,
                disks=[planned.naa],
                opts=options.datastore(disposable=args.disposable, parent=self),
            )
            self.datastore_id = created.id
        self.register_outputs({"datastore_id": self.datastore_id})
