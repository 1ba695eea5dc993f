"""Terms that more than one role has."""

from collections.abc import Iterable
from typing import NamedTuple

from config.roles import Node
from config.storage import Storage
from sizing import rules
from sizing.growth import Flow
from sizing.model import Term, term, total
from sizing.units import Amount, gib_from_bytes, gib_from_kib, show

WAITING = "queue while "
"""How the name of a term begins that is for mail which can't be delivered."""
FILE_SYSTEM = "file system"
"""The term for what the file system itself takes."""


class Group(NamedTuple):
    """The servers of a role that share its load, and how many of them are lost."""

    servers: int
    lost: int = 1

    @property
    def carried_by(self) -> Amount:
        """How many servers share the load: those that are left, but one at least."""
        return Amount(max(1, self.servers - self.lost), f"max(1, {self.servers} − {self.lost})")


ALONE = Group(1)
"""A server that carries all of its role's load."""


def group(storage: Storage, nodes: Iterable[Node]) -> Group:
    """The servers of a role, when one of them is lost, or all that are on the fabric that the stack says is lost."""
    fabrics = [storage.luns[node.lun].fabric for node in nodes]
    down = 0 if storage.lost_fabric is None else fabrics.count(storage.lost_fabric)
    return Group(len(fabrics), max(1, down))


def backlog(flow: Flow, hours: float, servers: Group, waits_for: str) -> Term:
    """Queue of one of `servers`, GiB, while what it delivers to is down for `hours`.

    Mail that is rejected never queues; every other message is a file. Postfix and gateways queue so.
    """
    filed, days, carried = flow.filed_kib_per_day, flow.days_within(hours), servers.carried_by
    return term(
        f"{WAITING}{waits_for} is down",
        gib_from_kib(filed.value * days.value / carried.value),
        f"{filed.text} × {days.text} ÷ {carried.text} ÷ 2^20",
        "arrivals of the outage, none leaves (Oracle, messaging sizing guide); one server lost",
    )


def beside_a_file(kib: float) -> Amount:
    """What the file system needs beside a message of so many KiB that is a file of its own, for each KiB: a block, and 16 KiB at least."""
    block, inode = rules.BLOCK_KIB, rules.INODE_KIB
    return Amount(max(block, inode - kib) / kib, f"max({block}, {inode} − {show(kib)}) ÷ {show(kib)}")


def logs(name: str, per_day: Amount, days: float, servers: Group) -> Term:
    """Logs kept for `days` on one of `servers` that share them, GiB."""
    carried = servers.carried_by
    return term(
        name,
        gib_from_bytes(per_day.value * days / carried.value),
        f"{per_day.text} × {show(days)} d ÷ {carried.text} ÷ 2^30",
        "lines as written by Postfix, OpenLDAP, HAProxy; 200 B a line is a figure",
    )


def with_file_system(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """The terms and what the file system itself takes of a disk that holds them."""
    held, fraction = total(terms), rules.FILE_SYSTEM_FRACTION
    formula = f"{show(held)} × {fraction} ÷ (1 − {fraction})"
    return (*terms, term(FILE_SYSTEM, held * fraction / (1 - fraction), formula, "mke2fs(8): reserved blocks, inode tables, journal"))
