"""Unsafe edits as people make them, each with the guard that must refuse it."""

from collections.abc import Callable

from tests.mutations.edits import Draw, Family, hosts, node, on, used
from tests.mutations.stack import FABRICS, NAA, Sections

UNSAFE: dict[Family, str] = {}
"""Families of unsafe edits, with the guard that must refuse each."""


def unsafe(guard: str) -> Callable[[Family], Family]:
    """Marks a family as unsafe, and names the guard."""

    def mark(family: Family) -> Family:
        UNSAFE[family] = guard
        return family

    return mark


@unsafe("snapshot_never_fills_a_datastore")
def lun_too_small(draw: Draw, now: Sections) -> None:
    lun = draw.random.choice(used(now))
    held = sum(sum(draw.disks.get(name, {}).values()) for name in on(now, lun))
    now["storage"]["luns"][lun]["size_gib"] = max(1, round(held * draw.random.uniform(0.3, 1.1)))


@unsafe("snapshot_never_fills_a_datastore")
def lun_cut_to_its_disks(draw: Draw, now: Sections) -> None:
    lun = draw.random.choice(used(now))
    now["storage"]["luns"][lun]["size_gib"] = sum(sum(draw.disks.get(name, {}).values()) for name in on(now, lun)) + draw.random.randint(
        0, 5
    )


@unsafe("thin_lun_is_backed_by_the_array")
def lun_thinner_than_its_disks(draw: Draw, now: Sections) -> None:
    lun = draw.random.choice(used(now))
    held = sum(sum(draw.disks.get(name, {}).values()) for name in on(now, lun))
    now["storage"]["luns"][lun]["physical_gib"] = round(held * draw.random.uniform(0.3, 0.99), 1)


@unsafe("live")
def lun_larger_than_the_array(draw: Draw, now: Sections) -> None:
    now["storage"]["luns"][draw.random.choice(list(FABRICS))]["size_gib"] = draw.random.randint(61_001, 65_000)


@unsafe("live")
def luns_swapped(draw: Draw, now: Sections) -> None:
    one, other = draw.random.sample(list(FABRICS), 2)
    luns = now["storage"]["luns"]
    luns[one]["naa"], luns[other]["naa"] = luns[other]["naa"], luns[one]["naa"]


@unsafe("live")
def lun_unknown(draw: Draw, now: Sections) -> None:
    now["storage"]["luns"][draw.random.choice(list(FABRICS))]["naa"] = f"{NAA[:-3]}{draw.random.randint(100, 999)}f"


@unsafe("live")
def fabric_miscalled(draw: Draw, now: Sections) -> None:
    for name in draw.random.sample(list(FABRICS), draw.random.randint(1, 3)):
        lun = now["storage"]["luns"][name]
        lun["fabric"] = "fc" if lun["fabric"] == "iscsi" else "iscsi"


@unsafe("engine")
def unused_lun_taken_out(draw: Draw, now: Sections) -> None:
    unused = sorted(FABRICS.keys() - set(used(now)))
    for lun in draw.random.sample(unused, draw.random.randint(1, len(unused))):
        del now["storage"]["luns"][lun]


@unsafe("model")
def used_lun_taken_out(draw: Draw, now: Sections) -> None:
    for lun in draw.random.sample(used(now), draw.random.randint(1, 2)):
        del now["storage"]["luns"][lun]


@unsafe("engine")
def datastore_let_go(draw: Draw, now: Sections) -> None:
    for lun in draw.random.sample(list(FABRICS), draw.random.randint(1, 3)):
        now["storage"]["luns"][lun]["datastore"] = f"campus-{lun}"


@unsafe("survives_loss_of_any_fabric")
def pair_on_one_fabric(draw: Draw, now: Sections) -> None:
    role = draw.random.choice(["scanner", "balancer"])
    fabric = draw.random.choice(["iscsi", "fc"])
    luns = [lun for lun, its in FABRICS.items() if its == fabric]
    node(now, f"{role}-1")["lun"], node(now, f"{role}-2")["lun"] = draw.random.sample(luns, 2)


@unsafe("survives_loss_of_any_datastore")
def pair_on_one_lun(draw: Draw, now: Sections) -> None:
    role, lun = draw.random.choice(["scanner", "balancer"]), draw.random.choice(list(FABRICS))
    node(now, f"{role}-1")["lun"] = node(now, f"{role}-2")["lun"] = lun


@unsafe("survives_loss_of_any_host")
def one_host(draw: Draw, now: Sections) -> None:
    now["vsphere"]["hosts"] = [draw.random.choice(now["vsphere"]["hosts"])]


@unsafe("memory_holds_what_runs")
def scanner_starved(draw: Draw, now: Sections) -> None:
    node(now, f"scanner-{draw.random.randint(1, 2)}")["memory_gib"] = draw.random.randint(1, 13) / 4


@unsafe("every_disk_holds_its_need")
def disk_below_its_need(draw: Draw, now: Sections) -> None:
    name = draw.random.choice(["scanner-1", "scanner-2"])
    node(now, name)["disks_gib"]["queue"] = draw.random.randint(1, 20)


@unsafe("live")
def disk_shrunk(draw: Draw, now: Sections) -> None:
    name = draw.random.choice(sorted(draw.disks))
    label = draw.random.choice(sorted(draw.disks[name]))
    node(now, name).setdefault("disks_gib", {})[label] = max(1, draw.disks[name][label] - draw.random.randint(1, 3))


@unsafe("live")
def less_mail(draw: Draw, now: Sections) -> None:
    now["spool"]["quota_gib"] = round(draw.random.uniform(0.2, 0.8), 2)


@unsafe("snapshot_never_fills_a_datastore")
def many_times_the_mail(draw: Draw, now: Sections) -> None:
    now["spool"]["quota_gib"] = round(draw.random.uniform(5, 9), 1)


@unsafe("every_disk_can_exist")
def more_than_a_disk_can_hold(draw: Draw, now: Sections) -> None:
    now["spool"]["users"] *= draw.random.randint(6, 60)


@unsafe("engine")
def server_taken_out(draw: Draw, now: Sections) -> None:
    group = draw.random.choice([now["gateway"]["scanners"], now["balancers"]["nodes"]])
    del group[draw.random.choice(sorted(group.keys() & draw.disks.keys()))]  # one that is there, not one of the same edit


@unsafe("engine")
def server_renamed(draw: Draw, now: Sections) -> None:
    group = draw.random.choice([now["gateway"]["scanners"], now["balancers"]["nodes"]])
    group[f"renamed-{draw.random.randint(1, 99)}"] = group.pop(draw.random.choice(sorted(group.keys() & draw.disks.keys())))


@unsafe("engine")
def platform_renamed(draw: Draw, now: Sections) -> None:
    now["site"]["name"] = f"campus-{draw.random.randint(2, 99)}"


@unsafe("model")
def address_taken(draw: Draw, now: Sections) -> None:
    one, other = draw.random.sample(sorted(draw.disks), 2)
    node(now, one)["address"] = node(now, other)["address"]


@unsafe("model")
def address_elsewhere(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(sorted(draw.disks)))["address"] = f"198.51.100.{draw.random.randint(1, 254)}"


@unsafe("model")
def no_snapshots(draw: Draw, now: Sections) -> None:
    now["snapshots"][draw.random.choice(["hold_hours", "concurrent_vms"])] = 0


@unsafe("model")
def nothing_kept_free(draw: Draw, now: Sections) -> None:
    now["storage"]["free_fraction"] = draw.random.randint(0, 49) / 1000


EVERYONE = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"]


@unsafe("services")
def anyone_may_relay(draw: Draw, now: Sections) -> None:
    now["access"]["devices"].append(draw.random.choice(EVERYONE))


@unsafe("survives_loss_of_any_host")
def as_many_hosts_as_a_pair(draw: Draw, now: Sections) -> None:
    now["vsphere"]["hosts"] = draw.random.sample(now["vsphere"]["hosts"], 2)


@unsafe("memory_holds_every_vm")
def hosts_too_small_for_one_to_be_lost(draw: Draw, now: Sections) -> None:
    memory_gib = draw.random.randint(8, 32) / 2
    now["vsphere"]["hosts"] = [{"name": name, "memory_gib": memory_gib} for name in hosts(now)]


def _at_sites(draw: Draw, now: Sections, at_south: list[str]) -> None:
    """Put some LUNs, and all hosts but one, at another site than the rest."""
    north, south = draw.random.sample(["north", "south", "east", "west", "library", "hospital"], 2)
    for n, name in enumerate(hosts(now)):
        now["vsphere"]["hosts"][n] = {"name": name, "site": south if n else north}
    for name, lun in now["storage"]["luns"].items():
        lun["site"] = south if name in at_south else north


@unsafe("survives_loss_of_any_site")
def pair_at_one_site(draw: Draw, now: Sections) -> None:
    _at_sites(draw, now, draw.random.choice([["spare-fc"], ["spare-iscsi"], ["spare-fc", "logs-iscsi"]]))


@unsafe("each_site_runs_what_it_stores")
def site_with_one_host_for_two(draw: Draw, now: Sections) -> None:
    _at_sites(draw, now, draw.random.choice([["spare-fc"], ["spare-iscsi"], ["spare-fc", "logs-iscsi"]]))


@unsafe("members_start_on_different_hosts")
def peers_on_one_host(draw: Draw, now: Sections) -> None:
    role, host = draw.random.choice(["scanner", "balancer"]), draw.random.choice(hosts(now))
    for n in (1, 2):
        node(now, f"{role}-{n}")["host"] = host


@unsafe("starts_at_the_site_of_its_lun")
def host_away_from_its_lun(draw: Draw, now: Sections) -> None:
    north = hosts(now)[0]
    _at_sites(draw, now, [name for name, fabric in FABRICS.items() if fabric == "fc"])
    at_south = [name for lun, fabric in FABRICS.items() if fabric == "fc" for name in on(now, lun)]
    node(now, draw.random.choice(at_south))["host"] = north


@unsafe("memory_holds_what_starts_there")
def host_too_small_for_its_vms(draw: Draw, now: Sections) -> None:
    now["vsphere"]["hosts"] = [{"name": name, "memory_gib": draw.random.randint(72, 86) / 2} for name in hosts(now)]
    for name in ("mailbox-1", "control-center", "log-archive", "scanner-1"):
        node(now, name)["host"] = hosts(now)[0]


@unsafe("model")
def host_unknown(draw: Draw, now: Sections) -> None:
    node(now, draw.random.choice(["scanner-1", "mta-1", "log-archive"]))["host"] = f"esx-{draw.random.randint(10, 99)}.campus.example"


@unsafe("model")
def drs_gone_and_nobody_has_a_host(draw: Draw, now: Sections) -> None:
    now["vsphere"]["drs"] = False
    node(now, draw.random.choice(["scanner-1", "mta-1", "log-archive"]))["host"] = draw.random.choice(hosts(now))
