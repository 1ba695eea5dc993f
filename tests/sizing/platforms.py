"""Platforms for sizing: the one that plan's tests describe, with its servers on LUNs of their own."""

from copy import deepcopy
from typing import Any

from hypothesis import settings

from config import Platform, parse
from sizing import DatastoreNeed, DiskNeed, Sizing
from tests.plan.described import SECTIONS

UNTIMED = settings(deadline=None, max_examples=30)
"""How property tests run here: never by the clock."""

SERVERS = {
    "control-center": "gateway.control_center",
    "scanner-1": "gateway.scanners.scanner-1",
    "scanner-2": "gateway.scanners.scanner-2",
    "mta-1": "spool.mtas.mta-1",
    "mailbox-1": "spool.mailboxes.mailbox-1",
    "balancer-1": "balancers.nodes.balancer-1",
    "balancer-2": "balancers.nodes.balancer-2",
    "log-archive": "log_archive.node",
}
LUN = {"size_gib": 90, "fabric": "iscsi"}
PUBLISHED_OVERHEADS = {  # those of the published vectors: metadata of a delta counts only where the delta is the whole disk
    "vmfs_fixed_gib": 1.5, "vmfs_fraction": 0, "vm_logs_gib": 0.5, "vmx_swap_gib": 0, "delta_fraction": 0.01, "delta_quantum_gib": 0,
}  # fmt: skip


def platform(changes: dict[str, Any] | None = None) -> Platform:
    """The platform with some of its keys changed, each by its dotted path; `...` removes a key."""
    sections = deepcopy(SECTIONS)
    for path, value in (changes or {}).items():
        *steps, last = path.split(".")
        section = sections
        for step in steps:
            section = section.setdefault(step, {})
        if value is ...:
            del section[last]
        else:
            section[last] = value
    return parse(sections)


def on_one_lun(*servers: str, size_gib: float = 90) -> dict[str, Any]:
    """Changes that put these servers, and no others, on a LUN named `shared`."""
    lun = {**LUN, "naa": "naa.60003ff44dc75adc0000000000000002", "size_gib": size_gib}
    return {"storage.luns.shared": lun, **{f"{SERVERS[server]}.lun": "shared" for server in servers}}


def datastore(sizing: Sizing, lun: str = "shared") -> DatastoreNeed:
    """The need of one datastore."""
    return next(need for need in sizing.datastores if need.lun == lun)


def disk(sizing: Sizing, vm: str, label: str) -> DiskNeed:
    """The need of one disk."""
    return next(need for need in sizing.disks if (need.vm, need.label) == (vm, label))


def gib(need: DiskNeed | DatastoreNeed, term: str) -> float:
    """The size of one term, GiB."""
    return next(t.gib for t in need.terms if t.name == term)
