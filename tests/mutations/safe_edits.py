"""Safe edits as people make them, within the room that the stack has."""

from typing import Any

from tests.mutations.edits import Draw, Family, hosts, node
from tests.mutations.stack import FABRICS, FREE_NAA, LUN_GIB, Sections

SAFE: list[Family] = []


def safe(family: Family) -> Family:
    """Marks a family as safe."""
    SAFE.append(family)
    return family


@safe
def more_cpus(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(sorted(draw.disks)))["cpus"] = draw.random.randint(4, 16)


@safe
def more_memory(draw: Draw, now: Sections) -> None:
    name = draw.random.choice(sorted(draw.disks.keys() - {"mailbox-1"}))
    node(now, name)["memory_gib"] = draw.random.choice([4, 6, 8, 12, 16])


@safe
def larger_disk(draw: Draw, now: Sections) -> None:
    """Large enough for more mail too, should that come with it."""
    name = draw.random.choice(sorted(draw.disks))
    label = draw.random.choice(sorted(draw.disks[name]))
    node(now, name).setdefault("disks_gib", {})[label] = round(draw.disks[name][label] * draw.random.uniform(1.7, 2))


@safe
def more_mail(draw: Draw, now: Sections) -> None:
    now["flow"]["messages_per_day"] = round(now["flow"]["messages_per_day"] * draw.random.uniform(1, 1.2))


@safe
def larger_quota(draw: Draw, now: Sections) -> None:
    now["spool"]["quota_gib"] = round(draw.random.uniform(1, 1.3), 2)


@safe
def other_lun_of_the_fabric(draw: Draw, now: Sections) -> None:
    role = draw.random.choice(["scanner", "balancer"])
    fabrics = draw.random.sample(["iscsi", "fc"], 2)
    for n, fabric in enumerate(fabrics, 1):
        node(now, f"{role}-{n}")["lun"] = draw.random.choice([f"mail-{fabric}", f"spare-{fabric}"])


@safe
def scanner_added(draw: Draw, now: Sections) -> None:
    """The load is then spread over three: the two keep the disks that they have."""
    added = {"address": "192.0.2.29", "lun": draw.random.choice(["mail-fc", "mail-iscsi", "spare-fc"]), "disks_gib": {"queue": 70}}
    now["gateway"]["scanners"]["scanner-3"] = added


@safe
def lun_declared_larger(draw: Draw, now: Sections) -> None:
    now["storage"]["luns"][draw.random.choice(list(FABRICS))]["size_gib"] = draw.random.randint(LUN_GIB, 61_000)


@safe
def lun_added(draw: Draw, now: Sections) -> None:
    now["storage"]["luns"]["new-fc"] = {"naa": FREE_NAA, "size_gib": draw.random.randint(200, 500), "fabric": "fc"}


@safe
def hosts_reordered(draw: Draw, now: Sections) -> None:
    draw.random.shuffle(now["vsphere"]["hosts"])


@safe
def host_added(draw: Draw, now: Sections) -> None:
    listed = now["vsphere"]["hosts"]
    listed.append("esx-9.campus.example" if isinstance(listed[0], str) else listed[0] | {"name": "esx-9.campus.example"})
    draw.random.shuffle(listed)


@safe
def snapshots_held_longer(draw: Draw, now: Sections) -> None:
    now["snapshots"]["hold_hours"] = draw.random.randint(24, 72)


@safe
def more_kept_free(draw: Draw, now: Sections) -> None:
    now["storage"]["free_fraction"] = round(draw.random.uniform(0.2, 0.35), 2)


@safe
def devices_added(draw: Draw, now: Sections) -> None:
    now["access"]["devices"].append(f"203.0.113.{draw.random.randint(8, 250)}/32")


@safe
def other_port_group(draw: Draw, now: Sections) -> None:
    now["networks"]["mail"]["port_group"] = "mail-2"


@safe
def other_template(draw: Draw, now: Sections) -> None:
    now[draw.random.choice(["spool", "balancers"])]["source"]["template"] = "debian-12"


@safe
def other_address(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(["scanner-1", "control-center", "log-archive"]))["address"] = "192.0.2.77"


@safe
def zone_renumbered(draw: Draw, now: Sections) -> None:
    now["dns"]["serial"] += draw.random.randint(1, 99)


@safe
def host_assigned(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(["scanner-1", "mailbox-1", "balancer-2"]))["host"] = draw.random.choice(hosts(now))


SECTIONS: dict[str, list[Any]] = {
    "gateway.hold_share": [0.02, 0.021],
    "directory.bytes_per_entry": [8192, 8200],
    "networks.mail.dns_servers": [["192.0.2.3"], ["192.0.2.3", "192.0.2.4"]],
    "networks.mail.gateway": ["192.0.2.254"],
    "site.domain": ["mail.campus.example"],
    "snapshots.concurrent_vms": [4, 5],
    "snapshots.consolidate_hours": [4, 6],
    "snapshots.memory": [True],
    "snapshots.per_disk": [2],
    "snapshots.change_per_day": [{"scanner": 0.2}],
    "storage.granularity_gib": [1, 10],
    "storage.overheads": [
        {"vm_logs_gib": 1},
        {"vmx_swap_gib": 0.3},
        {"vmfs_fixed_gib": 3},
        {"vmfs_fraction": 0.006},
        {"delta_fraction": 0.02},
    ],
    "vsphere.guest_wait_minutes": [0, 10],
    "vsphere.restart_order": [True],
    "dns.ttl_seconds": [600, 1800],
}
"""Single keys with values that are safe within the room that the stack has, by path."""


@safe
def one_key(draw: Draw, now: Sections) -> None:
    path = draw.random.choice(sorted(SECTIONS))
    *above, key = path.split(".")
    section: Any = now
    for name in above:
        section = section.setdefault(name, {})
    section[key] = draw.random.choice(SECTIONS[path])


@safe
def memory_reserved(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(sorted(draw.disks)))["memory_reservation_gib"] = draw.random.choice([1, 2])


@safe
def hosts_memory_said(draw: Draw, now: Sections) -> None:
    memory_gib = draw.random.choice([512, 1024])
    now["vsphere"]["hosts"] = [{"name": name, "memory_gib": memory_gib} for name in hosts(now)]


@safe
def array_keeps_all(draw: Draw, now: Sections) -> None:
    lun = now["storage"]["luns"][draw.random.choice(list(FABRICS))]
    lun["physical_gib"] = LUN_GIB - draw.random.randint(0, 99)


@safe
def waived(draw: Draw, now: Sections) -> None:
    what = f"campus-{draw.random.choice(sorted(draw.disks))}"
    waiver = {"what": what, "rule": "unreachable", "why": "its host is in repair", "who": "Ada Lovelace", "until": "2026-12-31"}
    now["review"] = {"waivers": [waiver]}
