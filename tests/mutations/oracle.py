"""What makes an edit unsafe, said a second time: from the description alone, by rules of thumb with wide margins.

Deliberately imports nothing of the product: it would otherwise share its mistakes. It knows the disks that are there, as an administrator
who looks at vCenter does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Disks = Mapping[str, Mapping[str, int]]
"""GiB of each disk that is there, by server and label."""


def unsafe(was: Mapping[str, Any], now: Mapping[str, Any], disks: Disks) -> list[str]:
    """Every reason why the edit may cost mail, or stop it; none where it is safe."""
    return [
        *_servers(was, now),
        *_roles(was, now),
        *_hosts(now),
        *_disks(now, disks),
        *_luns(was, now, disks),
        *_policy(was, now),
        *_network(now),
    ]


def servers(of: Mapping[str, Any]) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Every server with its first role."""
    gateway, spool = of["gateway"], of["spool"]
    found = {"control-center": ("control-center", gateway["control_center"]), "log-archive": ("log-archive", of["log_archive"]["node"])}
    groups = {"scanner": gateway["scanners"], "mta": spool["mtas"], "mailbox": spool["mailboxes"], "balancer": of["balancers"]["nodes"]}
    return found | {name: (role, node) for role, nodes in groups.items() for name, node in nodes.items()}


def _servers(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if was["site"]["name"] != now["site"]["name"]:
        yield "another name makes another platform"
    for name, (role, _) in servers(was).items():
        if name not in servers(now):
            yield f"{name} is gone"
        elif servers(now)[name][0] != role:
            yield f"{name} has another role, and its data another place"
    keepers = [{of["directory"]["master"], *of["directory"].get("replicas", [])} for of in (was, now)]
    if keepers[0] - keepers[1]:
        yield "a server of the directory loses it"


def _roles(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    luns = now["storage"]["luns"]
    for role in ("scanner", "balancer"):
        on = [node["lun"] for kind, node in servers(now).values() if kind == role]
        fabrics = {luns[lun]["fabric"] for lun in on if lun in luns}
        if len(on) > 1 and (len(set(on)) == 1 or len(fabrics) == 1):
            yield f"every {role} depends on one LUN or fabric"
        sites = {luns[lun].get("site") for lun in on if lun in luns}
        if len(on) > 1 and len(sites) == 1 and None not in sites:
            yield f"every {role} is at one site"
    if len(now["vsphere"]["hosts"]) < 3:
        yield "two that stand in for one another need two hosts when one is lost"
    memory = [host["memory_gib"] for host in now["vsphere"]["hosts"] if isinstance(host, dict) and "memory_gib" in host]
    if memory and sum(sorted(memory)[:-1]) < sum(node.get("memory_gib", 4) for _, node in servers(now).values()):
        yield "the hosts' memory is too small when one is lost"
    for name, (role, node) in servers(now).items():
        if role == "scanner" and node.get("memory_gib", 4) < 3.5:
            yield f"{name} has too little memory for a virus scanner"


def _hosts(now: Mapping[str, Any]) -> Iterator[str]:
    hosts = [host if isinstance(host, dict) else {"name": host} for host in now["vsphere"]["hosts"]]
    known, luns = {host["name"]: host for host in hosts}, now["storage"]["luns"]
    on: dict[Any, list[tuple[str, Mapping[str, Any]]]] = {}
    for name, (role, node) in servers(now).items():
        host = known.get(node.get("host"), {})
        if host or not now["vsphere"].get("drs", True):
            on.setdefault(node.get("host"), []).append((role, node))
        if "host" in node and not host:
            yield f"{name} is to be on a host that is not there"
        if "site" in host and host["site"] != luns.get(node["lun"], {}).get("site"):
            yield f"{name} is at another site than its disks"
    if None in on:
        yield "without DRS nobody finds some servers a host"
    for at, there in on.items():
        if any(sum(role == other for role, _ in there) > 1 for other in ("scanner", "balancer")):
            yield f"{at} has two that stand in for one another"
        if sum(node.get("memory_gib", 4) for _, node in there) > known.get(at, {}).get("memory_gib", 10**9):
            yield f"{at} has not the memory for its VMs"


def _disks(now: Mapping[str, Any], disks: Disks) -> Iterator[str]:
    for name, (_, node) in servers(now).items():
        for label, size in node.get("disks_gib", {}).items():
            if size < disks.get(name, {}).get(label, 0):
                yield f"{name}/{label} is smaller than it is"


def _luns(was: Mapping[str, Any], now: Mapping[str, Any], disks: Disks) -> Iterator[str]:
    luns, before = now["storage"]["luns"], was["storage"]["luns"]
    for name, lun in luns.items():
        on = [server for server, (_, node) in servers(now).items() if node["lun"] == name]
        held = sum(sum(disks.get(server, {}).values()) for server in on)
        if lun["size_gib"] < held * 1.2:
            yield f"{name} has no room for snapshots beside {held} GiB of disks"
        if lun["size_gib"] > 61_000:
            yield f"{name} is more than the array presents"
        if lun.get("physical_gib", 10**9) < held:
            yield f"the array does not have {name}"
        if name in before and (before[name]["naa"], before[name]["fabric"]) != (lun["naa"], lun["fabric"]):
            yield f"{name} is another LUN than its datastore is on"
        if name in before and "datastore" in lun:
            yield f"the stack lets go of the datastore of {name}"
    for name in before.keys() - luns.keys():
        yield f"{name} is gone, and its datastore with it"


def _policy(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    snapshots = now.get("snapshots", {})
    if not snapshots.get("hold_hours", 24) or not snapshots.get("concurrent_vms", 4):
        yield "a policy without snapshots leaves no room for the first"
    if now["storage"].get("free_fraction", 0.2) < 0.05:
        yield "a full datastore stops its VMs"
    growth = [(of["flow"]["messages_per_day"], of["spool"]["users"] * of["spool"]["quota_gib"]) for of in (was, now)]
    for before, after in zip(*growth, strict=True):
        if after > before * 4:
            yield "several times the mail does not fit where it was"
        if after < before * 0.9:
            yield "less mail asks for smaller disks, and none can shrink"


def _network(now: Mapping[str, Any]) -> Iterator[str]:
    used = [node["address"] for _, node in servers(now).values()]
    used += [listener["address"] for listener in now["balancers"]["listeners"].values()]
    used.append(now["networks"]["mail"]["gateway"])
    if len(used) != len(set(used)):
        yield "two things have one address"
    if any(not address.startswith("192.0.2.") for address in used):
        yield "an address is on no network"
    if any(device.endswith(("/0", "/1", "/2")) for device in now["access"]["devices"]):
        yield "anyone may relay"
    known = {"datacenter": {"campus-dc"}, "cluster": {"mail"}}
    for key, values in known.items():
        if now["vsphere"][key] not in values:
            yield f"there is no {key} of that name"
    if any(network["port_group"] not in {"mail", "mail-2"} for network in now["networks"].values()):
        yield "there is no such network in vCenter"
