"""What families of edits need: each changes a stack in one way, by chance."""

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.mutations.oracle import Disks, servers
from tests.mutations.stack import Sections


class Draw(NamedTuple):
    """What a family needs to make an edit."""

    random: random.Random
    disks: Disks
    """GiB of the disks that are there."""


Family = Callable[[Draw, Sections], None]


def node(sections: Sections, name: str) -> Any:
    """The description of a server."""
    return servers(sections)[name][1]


def on(sections: Sections, lun: str) -> list[str]:
    """The servers of a LUN."""
    return [name for name, (_, one) in servers(sections).items() if one["lun"] == lun]


def hosts(sections: Sections) -> list[str]:
    """The names of the hosts."""
    return [host if isinstance(host, str) else host["name"] for host in sections["vsphere"]["hosts"]]


def used(sections: Sections) -> list[str]:
    """The LUNs with servers."""
    return sorted({one["lun"] for _, one in servers(sections).values()})
