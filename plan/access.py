"""The access list: which devices may send without authentication, in as few rows as possible.

The same file serves a balancer (`acl … src -f`) and a gateway that imports one network a line. Deliberately has no
comment lines, since a gateway may take them for rows.
"""

from ipaddress import IPv4Network

from netaddr import cidr_merge

from config.services import Access

FILE = "access.list"
"""Name of the file, among the plan's files and on the balancers."""


def rows(access: Access) -> tuple[IPv4Network, ...]:
    """The fewest networks that cover exactly the listed devices, sorted."""
    return tuple(IPv4Network(str(network)) for network in cidr_merge([str(device) for device in access.devices]))


def render(access: Access) -> str:
    """The access list as a file, one network a line."""
    return "".join(f"{row}\n" for row in rows(access))
