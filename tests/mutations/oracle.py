"""What makes an edit unsafe, said a second time: from the description alone, by rules of thumb with wide margins.

Deliberately imports nothing of the product: it would otherwise share its mistakes. It knows the disks that are there, as an administrator
who looks at vCenter does.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
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
        *_known(now),
        *_reached(now),
        *_headers(now),
        *_admitted(now),
        *_zone(now),
        *_kept(was, now),
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
    directory = {now["directory"]["master"], *now["directory"].get("replicas", [])}
    for role in ("scanner", "balancer", "directory"):
        on = [node["lun"] for name, (kind, node) in servers(now).items() if kind == role or (role == "directory" and name in directory)]
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
        if now.get("snapshots", {}).get("growth") == "worst" and lun["size_gib"] < held * (1 + now["snapshots"].get("per_disk", 1)):
            yield f"{name} has no room for deltas as large as its disks"
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
    used += sorted({listener["address"] for listener in now["balancers"]["listeners"].values()})
    used.append(now["networks"]["mail"]["gateway"])
    ends = [(listener["address"], port) for listener in now["balancers"]["listeners"].values() for port in listener["ports"]]
    if len(used) != len(set(used)) or len(ends) != len(set(ends)):
        yield "two things have one address"
    for name, (_, node) in servers(now).items():
        network = now["networks"].get(node.get("network", "mail"))
        if network is None or ip_address(node["address"]) not in ip_network(network["cidr"]):
            yield f"{name} is on no network with its address"


def _known(now: Mapping[str, Any]) -> Iterator[str]:
    """Names that vCenter has."""
    known = {"datacenter": {"campus-dc"}, "cluster": {"mail"}}
    for key, values in known.items():
        if now["vsphere"][key] not in values:
            yield f"there is no {key} of that name"
    if any(network["port_group"] not in {"mail", "mail-2"} for network in now["networks"].values()):
        yield "there is no such network in vCenter"
    for source in (now[section]["source"] for section in ("gateway", "spool", "balancers", "log_archive")):
        if source.get("template", "debian-12") not in {"debian-12", "ubuntu-22.04"} or source.get("datastore", "templates") != "templates":
            yield "there is nothing of that name to make a VM from"
    listed = [host["name"] if isinstance(host, dict) else host for host in now["vsphere"]["hosts"]]
    if {*listed} - {f"esx-{n}.campus.example" for n in (1, 2, 3, 4, 9)}:
        yield "there is no such host"
    if "/" in now["vsphere"]["folder"]:
        yield "there is no folder to make that one in"


def _reached(now: Mapping[str, Any]) -> Iterator[str]:
    """How mail finds the platform."""
    listeners = now["balancers"]["listeners"].values()
    inbound = [listener for listener in listeners if listener["service"] == "inbound"]
    if not any(listener["ports"] == [25] for listener in inbound):
        yield "nobody else's server finds a port to send mail to"
    if any(listener["pool"] != "scanner" or listener.get("client_address") == "hidden" for listener in inbound):
        yield "mail from outside is not scanned, or judged by the balancer's address"
    if len({listener["host"] for listener in listeners}) < len({(listener["host"], listener["address"]) for listener in listeners}):
        yield "a name has two addresses"
    outbound = {(listener["host"], listener["service"]) for listener in listeners if listener["service"].startswith("outbound")}
    if len({host for host, _ in outbound}) < len(outbound):
        yield "the two outbound services share a name"
    ports = {25: 25, 143: 143, 993: 993, 995: 995, 443: 443}
    for listener in listeners:
        led = dict(zip(listener["ports"], listener.get("pool_ports") or listener["ports"], strict=True))
        answers = {"outbound-authenticated": {"mta", "scanner"}, "mailbox": {"mailbox"}, "directory": {"directory"}}
        if listener["pool"] not in answers.get(listener["service"], {"scanner"}):
            yield "nobody there answers that service"
        if any(ports.get(port, to) != to and to in ports for port, to in led.items()):
            yield "a port leads to one that speaks otherwise"
        if listener["service"] == "outbound-open" and now["access"]["enforced_by"] == "balancer" and led.get(25) == 25:
            yield "the scanners can't tell admitted mail from any other"


def _headers(now: Mapping[str, Any]) -> Iterator[str]:
    """The PROXY header comes on every connection to a port of a server, or on none."""
    directory = {now["directory"]["master"], *now["directory"].get("replicas", [])}
    asked: dict[tuple[str, int], set[bool]] = {}
    for listener in now["balancers"]["listeners"].values():
        pool = listener["pool"]
        behind = directory if pool == "directory" else {name for name, (role, _) in servers(now).items() if role == pool}
        for port in listener.get("pool_ports") or listener["ports"]:
            for name in behind:
                asked.setdefault((name, port), set()).add(listener.get("client_address", "proxy-protocol") == "proxy-protocol")
    if any(len(each) > 1 for each in asked.values()):
        yield "a port expects a PROXY header from some only"


def _admitted(now: Mapping[str, Any]) -> Iterator[str]:
    """Who may send by the platform."""
    devices = now["access"].get("devices", [])
    through = {node["address"] for role, node in servers(now).values() if role in ("balancer", "scanner")}
    own = through | {network["gateway"] for network in now["networks"].values()}
    if not devices or any(device.split("/")[0] in own or device.startswith("127.") for device in devices):
        yield "the list of devices admits nobody, or whoever comes through one of our own"
    if any(device.endswith(("/0", "/1", "/2")) for device in devices):
        yield "anyone may relay"
    networks = {device.rpartition(".")[0] for device in devices}
    if now["access"]["enforced_by"] == "balancer" and len(networks) > now["balancers"]["access_rows"]:
        yield "the balancer has too few rows for the devices"


def _zone(now: Mapping[str, Any]) -> Iterator[str]:
    """What names mail by."""
    domain, zone = now["site"]["domain"], now["dns"]["zone"]
    if not f".{domain}".endswith(f".{zone}"):
        yield "the zone does not hold the mail domain"
    if any(name.endswith(f".{zone}") != (address is not None) for name, address in now["dns"]["name_servers"].items()):
        yield "a name server is not found"


def _kept(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What is kept for how long, and how full it is taken to be."""
    if now.get("data", {}).get("disposable") not in (None, now["site"]["name"]):
        yield "the data of another platform is declared disposable"
    if now["spool"].get("sized_by") == "fill":
        yield "mailboxes that are not taken to be full ask for smaller disks, and none can shrink"
    usual = {"flow": {"backlog_hours": 72}, "gateway": {"quarantine_days": 7, "audit_log_days": 30}}
    for section, keys in usual.items():
        for key, days in keys.items():
            if now[section].get(key, days) > was[section].get(key, days) * 4:
                yield f"{key} several times as long does not fit the disks that are there"
    scanning = now["gateway"].get("scan_memory_gib", 3)
    if any(node.get("memory_gib", 4) < scanning + 0.5 for role, node in servers(now).values() if role == "scanner"):
        yield "a scanner has too little memory to scan"


def doubtful(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What rules of thumb can't tell: amounts that have changed, from which sizes are computed, and sizes that are no longer said."""
    found = [f"{section} is computed with" for section in AMOUNTS if _amounts(was.get(section)) != _amounts(now.get(section))]
    for name, (_, node) in servers(was).items():
        said = servers(now).get(name, ("", {}))[1]
        if node.get("disks_gib", {}) != said.get("disks_gib", {}):
            found.append(f"what {name} needs")
        if node.get("memory_gib") != said.get("memory_gib"):
            found.append(f"the memory that {name} needs")
    return found


AMOUNTS = ("flow", "snapshots", "gateway", "spool", "directory", "log_archive")


def _amounts(section: Any) -> Any:
    """A section without its servers, of which the oracle knows more."""
    if isinstance(section, Mapping):
        return {
            key: _amounts(value) for key, value in section.items() if key not in ("scanners", "mtas", "mailboxes", "control_center", "node")
        }
    return section
