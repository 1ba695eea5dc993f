"""Terms that more than one role has."""

from sizing import rules
from sizing.growth import Flow
from sizing.model import Term, term, total
from sizing.units import Amount, gib_from_bytes, gib_from_kib, show


def survivors(servers: int) -> Amount:
    """How many of a role's servers share the load when one of them is lost: n − 1, but one at least."""
    return Amount(max(1, servers - 1), f"max(1, {servers} − 1)")


def backlog(flow: Flow, hours: float, servers: int, waits_for: str) -> Term:
    """Queue of one of `servers`, GiB, while what it delivers to is down for `hours`.

    Mail that is rejected never queues; every other message is a file. Postfix and gateways queue so.
    """
    filed, days, carried = flow.filed_kib_per_day, flow.days_within(hours), survivors(servers)
    return term(
        f"queue while {waits_for} is down",
        gib_from_kib(filed.value * days.value / carried.value),
        f"{filed.text} × {days.text} ÷ {carried.text} ÷ 2^20",
        "arrivals of the outage, none leaves (Oracle, messaging sizing guide); one server lost",
    )


def logs(name: str, per_day: Amount, days: float, servers: int) -> Term:
    """Logs kept for `days` on one of `servers` that share them, GiB."""
    carried = survivors(servers)
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
    return (*terms, term("file system", held * fraction / (1 - fraction), formula, "mke2fs(8): reserved blocks, inode tables, journal"))
