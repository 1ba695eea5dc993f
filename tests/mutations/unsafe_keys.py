"""Unsafe edits of single keys, by path, each with values and the guard that must refuse it."""

from typing import Any

from tests.mutations.edits import Draw, Family, node, put
from tests.mutations.stack import Sections
from tests.mutations.unsafe_edits import UNSAFE, unsafe

KEYS: dict[str, tuple[str, list[Any]]] = {
    "data.disposable": ("model", ["other", "campus-2013"]),
    "log_archive.node.network": ("model", ["nowhere", "mail-2"]),
    "spool.source.template": ("live", ["ubuntu-22.10", "no-such"]),
    "gateway.source.datastore": ("live", ["no-such", "templates-2"]),
    "vsphere.datacenter": ("live", ["no-such", "campus"]),
    "vsphere.cluster": ("live", ["no-such", "another"]),
    "networks.mail.port_group": ("live", ["no-such"]),
    "vsphere.folder": ("live", ["no-such/campus"]),
    "flow.backlog_hours": ("every_disk_holds_its_need", [1500, 3000]),
    "gateway.quarantine_days": ("every_disk_holds_its_need", [2000, 3650]),
    "gateway.audit_log_days": ("every_disk_holds_its_need", [3650]),
    "gateway.scan_memory_gib": ("memory_holds_what_runs", [4, 8]),
    "snapshots": ("snapshot_never_fills_a_datastore", [{"growth": "worst", "per_disk": 3}, {"growth": "worst", "per_disk": 5}]),
    "balancers.listeners.inbound.pool": ("services", ["mailbox", "directory"]),
    "balancers.listeners.inbound.client_address": ("services", ["hidden"]),
    "balancers.listeners.inbound.service": ("services", ["outbound-authenticated"]),
    "balancers.listeners.relay.host": ("services", ["smtp", "mx"]),
    "balancers.listeners.inbound.ports": ("services", [[2525], [26]]),
    "balancers.listeners.mailbox.pool_ports": ("services", [[993, 443, 995]]),
    "access.devices": ("services", [[], ["192.0.2.11/32"], ["192.0.2.1/32"], ["127.0.0.0/8"]]),
    "dns.zone": ("services", ["example.net", "mail.campus.example"]),
    "dns.name_servers": ("services", [{"ns1.campus.example": None}, {"ns1.example.net": "192.0.2.2"}]),
}  # fmt: skip


def _family(path: str, values: list[Any]) -> Family:
    def family(draw: Draw, now: Sections) -> None:
        put(now, path, draw.random.choice(values))

    family.__name__ = path
    return family


for _path, (_guard, _values) in KEYS.items():
    UNSAFE[_family(_path, _values)] = _guard


@unsafe("live")
def mailboxes_taken_to_be_as_full_as_today(draw: Draw, now: Sections) -> None:
    """What is sized by it is smaller than the disks that are there."""
    now["spool"] |= {"sized_by": "fill", "mean_mailbox_gib": draw.random.choice([0.1, 0.2]), "kept_share": 0.1}


@unsafe("model")
def network_without_the_address(draw: Draw, now: Sections) -> None:
    name = draw.random.choice(sorted(draw.disks))
    now["networks"]["logs"] = {"port_group": "mail-2", "cidr": "198.18.0.0/24", "gateway": "198.18.0.1"}
    node(now, name)["network"] = "logs"


@unsafe("services")
def rows_too_few(draw: Draw, now: Sections) -> None:
    now["access"]["enforced_by"] = "balancer"
    now["balancers"]["listeners"]["relay"]["pool_ports"] = [2525]
    now["balancers"]["access_rows"] = draw.random.choice([0, 1])


@unsafe("services")
def admitted_where_nobody_can_tell(_draw: Draw, now: Sections) -> None:
    now["access"]["enforced_by"] = "balancer"
    now["balancers"]["listeners"]["relay"].pop("pool_ports", None)
