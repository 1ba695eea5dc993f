"""The answer to "how large?": every disk, scanner and datastore of a platform."""

from config.platform import Platform
from sizing import datastore, disks, memory
from sizing.growth import grown
from sizing.model import Sizing


def size(platform: Platform) -> Sizing:
    """What every disk, scanner and datastore of the platform needs."""
    needs = disks.of(platform, grown(platform.flow))
    return Sizing(disks=needs, memory=memory.of(platform), datastores=datastore.of(platform, needs))
