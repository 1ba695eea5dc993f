"""Servers that are given another role: a name stays, so that to the engine the VM stays, with the disks and the system of the old one."""

from typing import Any

from tests.mutations.edits import Draw, put
from tests.mutations.stack import Sections
from tests.mutations.unsafe_edits import unsafe

GROUPS = {"scanner": "gateway.scanners", "mta": "spool.mtas", "mailbox": "spool.mailboxes", "balancer": "balancers.nodes"}
"""Where the servers of a role are."""


def _group(now: Sections, role: str) -> dict[str, Any]:
    section, key = GROUPS[role].split(".")
    found: dict[str, Any] = now[section][key]
    return found


def _swap(now: Sections, one: str, other: str) -> None:
    """Two servers take each other's role, and each keeps the place that it has."""
    groups = [_group(now, name.rpartition("-")[0]) for name in (one, other)]
    groups[0][other], groups[1][one] = groups[1].pop(other), groups[0].pop(one)
    for name, group in ((other, groups[0]), (one, groups[1])):
        group[name].pop("disks_gib", None)


@unsafe("live")
def mta_and_mailbox_swapped(draw: Draw, now: Sections) -> None:
    _swap(now, "mta-1", "mailbox-1")
    now["spool"]["mailboxes"]["mta-1"]["memory_gib"] = draw.random.choice([8, 12, 16, 24, 32])


@unsafe("ledger")
def scanner_and_mta_swapped(draw: Draw, now: Sections) -> None:
    """They have disks of the same labels, so that only the roles tell."""
    _swap(now, f"scanner-{draw.random.randint(1, 2)}", "mta-1")
    for group in (now["gateway"]["scanners"], now["spool"]["mtas"]):
        for node in group.values():
            node["disks_gib"] = {"queue": draw.random.randint(90, 140)}
    now["directory"] |= {"master": "mailbox-1", "replicas": [next(iter(now["spool"]["mtas"]))]}


@unsafe("ledger")
def scanner_becomes_an_mta(draw: Draw, now: Sections) -> None:
    """One way: a scanner of another name takes its place."""
    name = f"scanner-{draw.random.randint(1, 2)}"
    scanners = now["gateway"]["scanners"]
    was = scanners.pop(name)
    now["spool"]["mtas"][name] = {"address": was["address"], "lun": was["lun"], "disks_gib": {"queue": draw.random.randint(90, 140)}}
    scanners[f"scanner-{draw.random.randint(3, 9)}"] = {"address": "192.0.2.29", "lun": was["lun"], "disks_gib": {"queue": 90}}


@unsafe("ledger")
def mta_becomes_a_scanner(draw: Draw, now: Sections) -> None:
    was = now["spool"]["mtas"].pop("mta-1")
    now["gateway"]["scanners"]["mta-1"] = {
        "address": was["address"],
        "lun": was["lun"],
        "disks_gib": {"queue": draw.random.randint(90, 140)},
    }
    now["spool"]["mtas"]["mta-2"] = {"address": "192.0.2.29", "lun": was["lun"]}
    now["directory"] |= {"master": "mailbox-1", "replicas": ["mta-2"]}


@unsafe("ledger")
def balancer_becomes_another_server(draw: Draw, now: Sections) -> None:
    """It had no disk of mail, so that its disks stay; its system is a balancer's."""
    name = f"balancer-{draw.random.randint(1, 2)}"
    role = draw.random.choice(["mta", "scanner"])
    was = now["balancers"]["nodes"].pop(name)
    _group(now, role)[name] = {
        "address": was["address"],
        "lun": was["lun"],
        "disks_gib": {"queue": draw.random.randint(90, 140), "system": 60},
    }
    put(now, f"balancers.nodes.balancer-{draw.random.randint(3, 9)}", {"address": "192.0.2.29", "lun": was["lun"]})


@unsafe("live")
def directory_moved(draw: Draw, now: Sections) -> None:
    now["directory"] |= draw.random.choice([{"replicas": []}, {"master": "mailbox-1", "replicas": []}])
