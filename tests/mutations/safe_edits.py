"""Safe edits as people make them, within the room that the stack has."""

from tests.mutations.edits import Draw, Family, node
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
    now["vsphere"]["hosts"] = sorted({*now["vsphere"]["hosts"], "esx-9.campus.example"}, key=lambda _: draw.random.random())


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
    node(now, draw.random.choice(["scanner-1", "mailbox-1", "balancer-2"]))["host"] = draw.random.choice(now["vsphere"]["hosts"])
