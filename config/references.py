"""What the sections of a stack say about one another: names that must exist, and things that must be unique.

Each check names the sections it reads and is run when those are well-formed, so that one bad section does not hide the
problems of the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from config.platform import Data
from config.problems import Problem, repeats
from config.review import RULES, Review
from config.roles import Directory, Spool, mailboxes_fit_their_quota
from config.scenarios import Scenario
from config.servers import Server, servers
from config.services import Balancers, Dns
from config.storage import Storage
from config.types import NO_HOSTS
from config.vsphere import Network, Site, VSphere

_ASK_DNS = "write the address of the machine that serves the zone"  # remedy

SERVER_SECTIONS = ("gateway", "spool", "directory", "balancers", "log_archive")


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy that points at the known name most like `name`, or lists them all."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f"write {close[0]}" if close else f"use one of: {', '.join(names) or '(there is none)'}"


def check(sections: Mapping[str, Any]) -> Iterator[Problem]:
    """Every problem between the given sections; a section that is missing or malformed is left out."""
    for needs, function in _CHECKS:
        if all(need in sections for need in needs):
            yield from function(*(sections[need] for need in needs))
    known = tuple(servers(*(sections.get(section) for section in SERVER_SECTIONS)))
    for needs, over_servers in _SERVER_CHECKS:
        if all(need in sections for need in needs):
            yield from over_servers(known, *(sections[need] for need in needs))


def _known_luns(known: tuple[Server, ...], storage: Storage) -> Iterator[Problem]:
    for server in known:
        if server.node.lun not in storage.luns:
            yield Problem(f"{server.path}.lun", server.node.lun, "is not a LUN of storage.luns", nearest(server.node.lun, storage.luns))


def _known_hosts(known: tuple[Server, ...], vsphere: VSphere) -> Iterator[Problem]:
    hosts = [host.name for host in vsphere.hosts]
    for server in known:
        host = server.node.host
        if host is None and not vsphere.drs:
            rule = "is given, and without DRS (vsphere.drs: false) vCenter finds a VM none"
            yield Problem(f"{server.path}.host", "nothing", rule, "add this key; `mailstead place STACK --write` chooses a host")
        elif host is not None and host not in hosts:
            yield Problem(f"{server.path}.host", host, "is not a host of vsphere.hosts", nearest(host, hosts))


def _known_networks(known: tuple[Server, ...], networks: Mapping[str, Network]) -> Iterator[Problem]:
    for server in known:
        network = networks.get(server.node.network)
        if network is None:
            yield Problem(
                f"{server.path}.network", server.node.network, "is not a network of networks", nearest(server.node.network, networks)
            )
        elif not _usable(server.node.address, network):
            yield Problem(
                f"{server.path}.address", str(server.node.address), f"is not a free host address of {server.node.network} ({network.cidr})",
                f"use an address of {network.cidr} but the network's own, its broadcast, the gateway's and a resolver's",
            )  # fmt: skip


def _usable(address: IPv4Address, network: Network) -> bool:
    taken = {network.gateway, network.cidr.network_address, network.cidr.broadcast_address, *network.dns_servers}
    return address in network.cidr and address not in taken


def _known_labels(known: tuple[Server, ...], _directory: Directory, _spool: Spool) -> Iterator[Problem]:
    for server in known:
        for label in sorted(set(server.node.disks_gib) - set(server.labels)):
            yield Problem(f"{server.path}.disks_gib.{label}", label, "is not a disk of this server", nearest(label, server.labels))


def _reservation_fits(known: tuple[Server, ...]) -> Iterator[Problem]:
    for server in known:
        node = server.node
        if node.memory_reservation_gib > node.memory_gib:
            yield Problem(
                f"{server.path}.memory_reservation_gib", f"{node.memory_reservation_gib:.12g}",
                f"is more than the server's memory of {node.memory_gib:.12g} GiB", f"write {node.memory_gib:.12g} or less",
            )  # fmt: skip


def _unique_servers(known: tuple[Server, ...]) -> Iterator[Problem]:
    yield from repeats(((s.path, s.name) for s in known), "is the name of another server too", "rename one of them")


def _unique_addresses(known: tuple[Server, ...], balancers: Balancers) -> Iterator[Problem]:
    """Servers and service addresses are all different; listeners may share an address on different ports."""
    uses = [(f"{server.path}.address", str(server.node.address)) for server in known]
    listeners = {listener.address: name for name, listener in sorted(balancers.listeners.items(), reverse=True)}
    uses += [(f"balancers.listeners.{name}.address", str(address)) for address, name in sorted(listeners.items())]
    yield from repeats(uses, "is used already", "give each server and service its own address")
    ports = [
        (f"balancers.listeners.{name}.ports", f"{listener.address}:{port}")
        for name, listener in sorted(balancers.listeners.items())
        for port in listener.ports
    ]
    yield from repeats(ports, "is listened on already", "use another port or address")


def _listeners_reachable(balancers: Balancers, networks: Mapping[str, Network]) -> Iterator[Problem]:
    for name, listener in sorted(balancers.listeners.items()):
        if not any(_usable(listener.address, network) for network in networks.values()):
            yield Problem(
                f"balancers.listeners.{name}.address", str(listener.address), "is not a free host address of any network",
                f"use an address of {', '.join(str(n.cidr) for n in networks.values())}",
            )  # fmt: skip


def _listeners_held(balancers: Balancers, networks: Mapping[str, Network]) -> Iterator[Problem]:
    """Each balancer may have to hold each service address, and can do so only where it has a card."""
    nodes = sorted(balancers.nodes.items())
    for name, listener in sorted(balancers.listeners.items()):
        for key in (key for key, network in sorted(networks.items()) if listener.address in network.cidr):
            elsewhere = [node for node, balancer in nodes if balancer.network != key]
            if elsewhere:
                shared = sorted({balancer.network for _, balancer in nodes})
                cidr = networks[shared[0]].cidr if len(shared) == 1 and shared[0] in networks else None
                yield Problem(
                    f"balancers.listeners.{name}.address", str(listener.address),
                    f"is on the network {key}, where {', '.join(elsewhere)} can't hold it: it has no card there",
                    f"use an address of {cidr}" if cidr else f"put every balancer on the network of the service addresses, such as {key}",
                )  # fmt: skip


def _name_servers_serve(known: tuple[Server, ...], balancers: Balancers, dns: Dns, networks: Mapping[str, Network]) -> Iterator[Problem]:
    """No server or service of the platform answers DNS, and neither does what is no host. One on a resolver's address is told so itself."""
    resolvers = {resolver for network in networks.values() for resolver in network.dns_servers}
    others = {server.node.address: server.path for server in known}
    others |= {listener.address: f"balancers.listeners.{name}" for name, listener in sorted(balancers.listeners.items(), reverse=True)}
    for name, address in sorted(dns.name_servers.items()):
        if address in others and address not in resolvers:
            yield Problem(f"dns.name_servers.{name}", str(address), f"is the address of {others[address]}, which answers no DNS", _ASK_DNS)
        elif address is not None and not _is_host(address, networks):
            yield Problem(f"dns.name_servers.{name}", str(address), "is not an address that a host can have", _ASK_DNS)


def _is_host(address: IPv4Address, networks: Mapping[str, Network]) -> bool:
    ends = {end for network in networks.values() for end in (network.cidr.network_address, network.cidr.broadcast_address)}
    return address not in ends and not any(address in none for none in NO_HOSTS)


def _unique_luns(storage: Storage) -> Iterator[Problem]:
    luns = sorted(storage.luns.items())
    devices = ((f"storage.luns.{n}.naa", lun.naa) for n, lun in luns)
    yield from repeats(devices, "is the device of another LUN's entry too", "give each LUN one entry, with one datastore on it")
    names = ((f"storage.luns.{n}.datastore", lun.datastore or n) for n, lun in luns)
    yield from repeats(names, "is another LUN's datastore too", "name each datastore once")


def _luns_are_backed(storage: Storage) -> Iterator[Problem]:
    for name, lun in sorted(storage.luns.items()):
        if lun.physical_gib is not None and lun.physical_gib > lun.size_gib:
            yield Problem(
                f"storage.luns.{name}.physical_gib", f"{lun.physical_gib:.10g}", f"is more than the LUN's size of {lun.size_gib:.10g} GiB",
                f"write what the array keeps for it, {lun.size_gib:.10g} or less, or leave it out if it keeps all",
            )  # fmt: skip


def _luns_keep_something(storage: Storage) -> Iterator[Problem]:
    free, vmfs = storage.free_fraction, storage.overheads.vmfs_fraction
    if free + vmfs >= 1:
        rule = f"and storage.overheads.vmfs_fraction of {vmfs:g} leave nothing of a LUN"
        yield Problem("storage.free_fraction", f"{free:g}", rule, "write fractions that add up to less than 1")


def _scenarios_known(scenarios: Mapping[str, Scenario]) -> Iterator[Problem]:
    for name, scenario in sorted(scenarios.items()):
        for i, other in enumerate(scenario.combines):
            if other not in scenarios:
                yield Problem(f"scenarios.{name}.combines.{i}", other, "is not a scenario of scenarios", nearest(other, scenarios))
        if not scenario.model_fields_set - {"title"}:
            keys = ", ".join(key for key in Scenario.model_fields if key != "title")
            yield Problem(f"scenarios.{name}", name, "changes nothing", f"give it one or more of: {keys}")


def _lost_fabrics_known(storage: Storage, scenarios: Mapping[str, Scenario]) -> Iterator[Problem]:
    known = {lun.fabric for lun in storage.luns.values()}
    uses = [("storage.lost_fabric", storage.lost_fabric)]
    uses += [(f"scenarios.{name}.fabric_down", scenario.fabric_down) for name, scenario in sorted(scenarios.items())]
    for path, fabric in uses:
        if fabric is not None and fabric not in known:
            yield Problem(path, fabric, "carries no LUN of storage.luns", nearest(fabric, known))


def _networks_apart(networks: Mapping[str, Network]) -> Iterator[Problem]:
    seen: list[tuple[str, IPv4Network]] = []
    for name, network in sorted(networks.items()):
        for other, cidr in seen:
            if network.cidr.overlaps(cidr):
                yield Problem(
                    f"networks.{name}.cidr", str(network.cidr), f"overlaps networks.{other} ({cidr})", "give each network its own addresses"
                )
        seen.append((name, network.cidr))
        ends = (network.cidr.network_address, network.cidr.broadcast_address)
        if network.gateway not in network.cidr or network.gateway in ends:
            rule = f"is not a host address of {network.cidr}"
            yield Problem(f"networks.{name}.gateway", str(network.gateway), rule, "use the address of the network's own router")


def _directory_members(directory: Directory, spool: Spool) -> Iterator[Problem]:
    known = {*spool.mtas, *spool.mailboxes}
    uses = [("directory.master", directory.master), *((f"directory.replicas.{i}", name) for i, name in enumerate(directory.replicas))]
    for path, name in uses:
        if name not in known:
            yield Problem(path, name, "is not a server of the spool", nearest(name, known))
    yield from repeats(uses, "is in the directory already", "name each server once")


def _disposable_by_name(data: Data, site: Site) -> Iterator[Problem]:
    if data.disposable not in (None, site.name):
        yield Problem(
            "data.disposable", str(data.disposable), f"is not this site's name, {site.name}",
            f"write {site.name} if its mail data may be destroyed, or remove the key to keep it",
        )  # fmt: skip


def _unique_hosts(vsphere: VSphere) -> Iterator[Problem]:
    uses = ((f"vsphere.hosts.{i}", host.name) for i, host in enumerate(vsphere.hosts))
    yield from repeats(uses, "is listed already", "name each host once")


def _memory_of_all_hosts(vsphere: VSphere) -> Iterator[Problem]:
    known = [host.name for host in vsphere.hosts if host.memory_gib is not None]
    for i, host in enumerate(vsphere.hosts):
        if known and host.memory_gib is None:
            rule = f"is given, and {known[0]} has one: whether all VMs fit can't be proven"
            yield Problem(f"vsphere.hosts.{i}.memory_gib", "nothing", rule, "give every host's memory_gib, or none")


def _sites_known(vsphere: VSphere, storage: Storage) -> Iterator[Problem]:
    """Either nothing has a site, or all hosts and LUNs have one of two or more, each with hosts and LUNs."""
    hosts = {f"vsphere.hosts.{i}.site": host.site for i, host in enumerate(vsphere.hosts)}
    luns = {f"storage.luns.{name}.site": lun.site for name, lun in sorted(storage.luns.items())}
    known = sorted({site for site in (*hosts.values(), *luns.values()) if site})
    if len(known) == 1:
        path = next(path for path, site in (*hosts.items(), *luns.items()) if site)
        yield Problem(path, known[0], "is the only site, and what is in one place can't be spread", "name the other site's too, or no site")
        return
    for uses, others, missing in ((hosts, luns, "LUN of storage.luns"), (luns, hosts, "host of vsphere.hosts")):
        for path, site in uses.items() if known else ():
            if site is None:
                yield Problem(path, "nothing", "is given, and others name their site", f"add site: {' or '.join(known)}")
            elif site not in others.values():
                yield Problem(path, site, f"is the site of no {missing}", nearest(site, {*known} - {site}) + ", or name one there")


def _waived_rules_known(review: Review) -> Iterator[Problem]:
    for at, waiver in enumerate(review.waivers):
        if waiver.rule not in RULES:
            rule = "is no rule of a review or a live check that may be waived"
            yield Problem(f"review.waivers[{at}].rule", waiver.rule, rule, nearest(waiver.rule, RULES))


_CHECKS: tuple[tuple[tuple[str, ...], Callable[..., Iterator[Problem]]], ...] = (
    (("storage",), _unique_luns),
    (("storage",), _luns_are_backed),
    (("storage",), _luns_keep_something),
    (("scenarios",), _scenarios_known),
    (("storage", "scenarios"), _lost_fabrics_known),
    (("networks",), _networks_apart),
    (("directory", "spool"), _directory_members),
    (("spool",), mailboxes_fit_their_quota),
    (("review",), _waived_rules_known),
    (("data", "site"), _disposable_by_name),
    (("vsphere",), _unique_hosts),
    (("vsphere",), _memory_of_all_hosts),
    (("vsphere", "storage"), _sites_known),
    (("balancers", "networks"), _listeners_reachable),
    (("balancers", "networks"), _listeners_held),
)
_SERVER_CHECKS: tuple[tuple[tuple[str, ...], Callable[..., Iterator[Problem]]], ...] = (
    ((), _unique_servers),
    ((), _reservation_fits),
    (("directory", "spool"), _known_labels),
    (("storage",), _known_luns),
    (("vsphere",), _known_hosts),
    (("networks",), _known_networks),
    (("balancers",), _unique_addresses),
    (("balancers", "dns", "networks"), _name_servers_serve),
)
