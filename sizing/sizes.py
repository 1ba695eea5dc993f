"""The answer to "how large?": every disk, scanner and datastore of a platform."""

from collections.abc import Mapping

from config.platform import Platform
from sizing import datastore, disks, memory
from sizing.growth import grown
from sizing.model import Key, Sizing


def size(platform: Platform, asked_gib: Mapping[Key, int] | None = None) -> Sizing:
    """What every disk, scanner and datastore of the platform needs.

    `asked_gib` says how large disks have to become that are too small at a risk: their LUNs must hold them so.
    """
    needs = disks.of(platform, grown(platform.flow), asked_gib)
    return Sizing(disks=needs, memory=memory.of(platform), datastores=datastore.of(platform, needs))
