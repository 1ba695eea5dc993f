"""Unsafe edits of single keys, by path, each with values and the guard that must refuse it."""

from typing import Any

from tests.mutations.edits import Draw, Family, node, put
from tests.mutations.stack import Sections
from tests.mutations.unsafe_edits import UNSAFE, unsafe

WORST: list[Any] = [{"growth": "worst", "per_disk": n, "hold_hours": hours} for n in (3, 4, 5) for hours in range(24, 34)]
LOST_SERVERS: list[Any] = [{f"ns{n}.campus.example": None} for n in range(10)] + [{f"ns{n}.example.net": "192.0.2.2"} for n in range(10)]
KEYS: dict[str, tuple[str, list[Any]]] = {
    "data.disposable": ("model", ["other", "campus-2013", *(f"campus-{n}" for n in range(9))]),
    "log_archive.node.network": ("model", ["nowhere", "mail-2"]),
    "spool.source.template": ("live", [f"ubuntu-{n}.10" for n in range(20, 40)]),
    "gateway.source.datastore": ("live", [f"templates-{n}" for n in range(2, 22)]),
    "vsphere.datacenter": ("live", ["no-such", "campus", *(f"campus-dc{n}" for n in range(18))]),
    "vsphere.cluster": ("live", ["no-such", "another", *(f"mail-{n}" for n in range(18))]),
    "networks.mail.port_group": ("live", [f"mail-{n}" for n in range(3, 23)]),
    "vsphere.folder": ("live", [f"no-such-{n}/campus" for n in range(20)]),
    "flow.backlog_hours": ("every_disk_holds_its_need", [*range(1500, 3001, 50)]),
    "gateway.quarantine_days": ("every_disk_holds_its_need", [*range(2000, 3651, 50)]),
    "gateway.audit_log_days": ("every_disk_holds_its_need", [3650]),
    "gateway.scan_memory_gib": ("memory_holds_what_runs", [n / 4 for n in range(16, 46)]),
    "snapshots": ("snapshot_never_fills_a_datastore", WORST),
    "balancers.listeners.inbound.pool": ("services", ["mailbox", "directory"]),
    "balancers.listeners.inbound.client_address": ("services", ["hidden"]),
    "balancers.listeners.inbound.service": ("services", ["outbound-authenticated"]),
    "balancers.listeners.relay.host": ("services", ["smtp", "mx"]),
    "balancers.listeners.inbound.ports": ("services", [[2525], *([n] for n in range(26, 55))]),
    "balancers.listeners.mailbox.pool_ports": ("services", [[993, 443, 995]]),
    "access.devices": ("services", [[], *([f"192.0.2.{n}/32"] for n in (1, 11, 12, 21, 22)), ["127.0.0.0/8"]]),
    "dns.zone": ("services", ["example.net", "mail.campus.example", *(f"campus-{n}.example" for n in range(18))]),
    "dns.name_servers": ("services", LOST_SERVERS),
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
    now["spool"] |= {"sized_by": "fill", "mean_mailbox_gib": draw.random.randint(100, 200) / 1000, "kept_share": 0.1}


@unsafe("model")
def network_without_the_address(draw: Draw, now: Sections) -> None:
    name = draw.random.choice(sorted(draw.disks))
    net = f"198.18.{draw.random.randint(1, 9)}"
    now["networks"]["logs"] = {"port_group": "mail-2", "cidr": f"{net}.0/24", "gateway": f"{net}.1"}
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
