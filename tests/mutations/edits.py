"""What families of edits need: each changes a stack in one way, by chance."""

import random
from collections.abc import Callable
from copy import deepcopy
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


def site_of(sections: Sections, name: str) -> Any:
    """Where the LUN of a server is; None where there are no sites."""
    return sections["storage"]["luns"][node(sections, name)["lun"]].get("site")


def open_hosts(sections: Sections, name: str) -> list[str]:
    """The hosts that a server may be on: at the site of its LUN, with nobody on them who stands in for it."""
    directory = {sections["directory"]["master"], *sections["directory"].get("replicas", [])}
    roles = {server: role for server, (role, _) in servers(sections).items()}
    peers = [other for other in roles if other != name and (roles[other] == roles[name] != "mailbox" or {name, other} <= directory)]
    taken = {node(sections, other).get("host") for other in peers}
    listed = [host if isinstance(host, dict) else {"name": host} for host in sections["vsphere"]["hosts"]]
    here = [host["name"] for host in listed if "site" not in host or host["site"] == site_of(sections, name)]
    return [host for host in here if host not in taken]


def assign(draw: Draw, sections: Sections, names: list[str]) -> None:
    """A host by chance for each of these servers, wherever they were."""
    for name in names:
        node(sections, name).pop("host", None)
    for name in names:
        node(sections, name)["host"] = draw.random.choice(open_hosts(sections, name))


def put(sections: Sections, path: str, value: Any) -> None:
    """Writes a key, and the sections above it where there are none."""
    *above, key = path.split(".")
    section: Any = sections
    for name in above:
        section = section.setdefault(name, {})
    section[key] = deepcopy(value)


def used(sections: Sections) -> list[str]:
    """The LUNs with servers."""
    return sorted({one["lun"] for _, one in servers(sections).values()})
