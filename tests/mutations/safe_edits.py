"""Safe edits as people make them, within the room that the stack has."""

from typing import Any

from tests.mutations.edits import Draw, Family, assign, node, put
from tests.mutations.oracle import servers
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
def larger_messages(draw: Draw, now: Sections) -> None:
    """A quota holds fewer of them, and less beside them: the mailbox server keeps more than the disk that it has."""
    now["flow"]["mean_message_kib"] = draw.random.randint(560, 580) / 10
    disks = node(now, "mailbox-1").setdefault("disks_gib", {})
    disks["mail"] = max(disks.get("mail", 0), round(draw.disks["mailbox-1"]["mail"] * 1.7))


@safe
def larger_quota(draw: Draw, now: Sections) -> None:
    now["spool"]["quota_gib"] = round(draw.random.uniform(1, 1.3), 2)


@safe
def other_lun_of_the_fabric(draw: Draw, now: Sections) -> None:
    role = draw.random.choice(["scanner", "balancer"])
    fabrics = draw.random.sample(["iscsi", "fc"], 2)
    for n, fabric in enumerate(fabrics, 1):
        node(now, f"{role}-{n}")["lun"] = draw.random.choice([f"mail-{fabric}", f"spare-{fabric}"])
    assign(draw, now, [name for name in (f"{role}-1", f"{role}-2") if "host" in node(now, name)])


@safe
def scanner_added(draw: Draw, now: Sections) -> None:
    """The load is then spread over three: the two keep the disks that they have."""
    added = {"address": "192.0.2.29", "lun": draw.random.choice(["mail-fc", "mail-iscsi", "spare-fc"]), "disks_gib": {"queue": 70}}
    now["gateway"]["scanners"]["scanner-3"] = added
    if not now["vsphere"].get("drs", True):
        assign(draw, now, ["scanner-3"])


@safe
def lun_declared_larger(draw: Draw, now: Sections) -> None:
    now["storage"]["luns"][draw.random.choice(list(FABRICS))]["size_gib"] = draw.random.randint(LUN_GIB, 61_000)


@safe
def lun_added(draw: Draw, now: Sections) -> None:
    now["storage"]["luns"]["new-fc"] = {"naa": FREE_NAA, "size_gib": draw.random.randint(200, 500), "fabric": "fc"}
    if "site" in now["storage"]["luns"]["mail-fc"]:
        now["storage"]["luns"]["new-fc"]["site"] = now["storage"]["luns"]["mail-fc"]["site"]


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


SOURCES: list[dict[str, Any]] = [
    {"kind": "template", "template": "debian-12"},
    {"kind": "iso", "datastore": "templates", "path": "iso/debian-12.iso"},
    {"kind": "content-library", "library": "images", "item": "debian-12"},
    {"kind": "ovf", "url": "https://images.example/debian-12.ova", "network": "VM Network"},
    {"kind": "blank"},
]
"""What VMs that are made later may be made from; those that are there stay as they are."""


@safe
def other_source(draw: Draw, now: Sections) -> None:
    now[draw.random.choice(["gateway", "spool", "balancers", "log_archive"])]["source"] = dict(draw.random.choice(SOURCES))


@safe
def other_address(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(["scanner-1", "control-center", "mailbox-1"]))["address"] = "192.0.2.77"


@safe
def zone_renumbered(draw: Draw, now: Sections) -> None:
    now["dns"]["serial"] += draw.random.randint(1, 99)


@safe
def host_assigned(draw: Draw, now: Sections) -> None:
    assign(draw, now, [draw.random.choice(["scanner-1", "mailbox-1", "balancer-2"])])


@safe
def drs_taken_away(draw: Draw, now: Sections) -> None:
    """Nothing finds VMs a host then, so that each is assigned one."""
    now["vsphere"]["drs"] = False
    assign(draw, now, sorted(servers(now)))


@safe
def sites_said(draw: Draw, now: Sections) -> None:
    """The arrays of the two fabrics are in two rooms, with half of the hosts each."""
    listed = [host if isinstance(host, dict) else {"name": host} for host in now["vsphere"]["hosts"]]
    now["vsphere"]["hosts"] = [host | {"site": ("north", "south")[n % 2]} for n, host in enumerate(listed)]
    for lun in now["storage"]["luns"].values():
        lun["site"] = "north" if lun["fabric"] == "iscsi" else "south"
    assign(draw, now, [name for name in sorted(servers(now)) if "host" in node(now, name)])


@safe
def network_added(_draw: Draw, now: Sections) -> None:
    now["networks"]["logs"] = {"port_group": "mail-2", "cidr": "198.18.0.0/24", "gateway": "198.18.0.1"}
    now["log_archive"]["node"] |= {"network": "logs", "address": "198.18.0.40"}


@safe
def listener_added(draw: Draw, now: Sections) -> None:
    """Of another protocol, or of more ports, with a name and an address of its own."""
    service = {"service": "mailbox", "pool": "mailbox", "host": "imap", "address": "192.0.2.110", "ports": [draw.random.choice([143, 993])]}
    now["balancers"]["listeners"]["imap"] = service | {"pool_ports": service["ports"], "client_address": "proxy-protocol"}


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
        {"delta_quantum_gib": 0.03},
    ],
    "storage.lost_fabric": ["iscsi", "fc"],
    "vsphere.spare_hosts": [0],
    "vsphere.folder": ["mail-renamed"],
    "networks.mail.cidr": ["192.0.2.0/23"],
    "data.disposable": ["campus"],
    "flow.recipients_per_message": [1.6],
    "flow.mean_spam_kib": [8.5],
    "flow.spam_share": [0.58],
    "flow.rejected_spam_share": [0.78],
    "flow.busy_hour_share": [0.16],
    "flow.growth_per_year": [0.08],
    "flow.planning_years": [4],
    "flow.backlog_hours": [76],
    "gateway.scan_memory_gib": [2.5],
    "gateway.scan_seconds_per_message": [0.015, 0.022],
    "gateway.quarantine_days": [6, 7.5],
    "gateway.junk_share": [1],
    "gateway.audit_log_days": [31],
    "gateway.log_days": [31],
    "spool.mean_mailbox_gib": [0.6],
    "spool.kept_share": [0.9],
    "spool.junk_days": [31],
    "spool.deleted_days": [15],
    "spool.redo_log_days": [2],
    "spool.index_share": [0.21],
    "spool.database_share": [0.06],
    "directory.entries": [20_500],
    "log_archive.retention_days": [400],
    "log_archive.compression_ratio": [7.5],
    "balancers.access_rows": [64, 256],
    "dns.contact": ["postmaster"],
    "dns.name_servers": [{"ns1.campus.example": "192.0.2.2", "ns2.campus.example": "192.0.2.3", "ns.example.net": None}],
    "vsphere.guest_wait_minutes": [0, 10],
    "vsphere.restart_order": [True],
    "dns.ttl_seconds": [600, 1800],
}
"""Single keys with values that are safe within the room that the stack has, by path."""


@safe
def one_key(draw: Draw, now: Sections) -> None:
    path = draw.random.choice(sorted(SECTIONS))
    put(now, path, draw.random.choice(SECTIONS[path]))


@safe
def memory_reserved(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(sorted(draw.disks)))["memory_reservation_gib"] = draw.random.choice([1, 2])


@safe
def hosts_memory_said(draw: Draw, now: Sections) -> None:
    memory_gib = draw.random.choice([512, 1024])
    listed = [host if isinstance(host, dict) else {"name": host} for host in now["vsphere"]["hosts"]]
    now["vsphere"]["hosts"] = [host | {"memory_gib": memory_gib} for host in listed]


@safe
def array_keeps_all(draw: Draw, now: Sections) -> None:
    lun = now["storage"]["luns"][draw.random.choice(list(FABRICS))]
    lun["physical_gib"] = LUN_GIB - draw.random.randint(0, 99)


@safe
def waived(draw: Draw, now: Sections) -> None:
    what = f"campus-{draw.random.choice(sorted(draw.disks))}"
    waiver = {"what": what, "rule": "unreachable", "why": "its host is in repair", "who": "Ada Lovelace", "until": "2026-12-31"}
    now["review"] = {"waivers": [waiver]}


@safe
def balancers_admit(_draw: Draw, now: Sections) -> None:
    """The scanners then get what was admitted on a port of its own."""
    now["access"]["enforced_by"] = "balancer"
    now["balancers"]["listeners"]["relay"]["pool_ports"] = [2525]
