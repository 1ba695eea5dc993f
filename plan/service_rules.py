"""What services, names and the access list must never be: named functions over a platform, each yielding its breaches.

Complements `plan/invariants.py`, which is about what will exist in vCenter. A rule's source stands in its docstring;
"2013" is a university's published migration of 2012/13.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from config import Platform, Problem, Role
from config.services import ClientAddress, Enforcer, Listener, Service
from config.types import NO_HOSTS
from plan import access, haproxy, zone

Rule = Callable[[Platform], Iterator[Problem]]

ANSWERS = {
    Service.INBOUND: (Role.SCANNER,),
    Service.OUTBOUND_OPEN: (Role.SCANNER,),
    Service.OUTBOUND_AUTHENTICATED: (Role.SCANNER, Role.MTA),
    Service.MAILBOX: (Role.MAILBOX,),
    Service.DIRECTORY: (Role.DIRECTORY,),
}
"""The roles that can answer a service; both kinds of mail without authentication must be scanned."""

MX_PORT = 25  # an MX record has no place for a port; RFC 5321, 4.5.4.2 and 5.1
MAX_DEVICES = 2**24  # addresses in all; 10.0.0.0/8 is the largest network that one site can have to itself; RFC 1918, 3
MAX_NAME = 253  # characters of a name without its final dot; RFC 1035, 2.3.4


def mail_can_arrive(platform: Platform) -> Iterator[Problem]:
    """At least one listener is named by an MX record, and all of those listen where senders connect (RFC 5321, 5.1)."""
    inbound = _of(platform, Service.INBOUND)
    if not inbound:
        remedy = "add a listener with service: inbound, ports: [25] and pool: scanner"
        yield Problem("balancers.listeners", "no listener", "receives mail from outside, so there is no MX record", remedy)
    for name, listener in inbound.items():
        if MX_PORT not in listener.ports:
            yield Problem(
                path=f"balancers.listeners.{name}.ports",
                value=", ".join(map(str, listener.ports)),
                rule=f"leaves out port {MX_PORT}, the only one that senders from outside try",
                remedy=f"add {MX_PORT}",
            )


def outbound_services_are_told_apart(platform: Platform) -> Iterator[Problem]:
    """Outbound with and without authentication have different host names (2013: sharing one confused users)."""
    open_hosts = {listener.host: name for name, listener in _of(platform, Service.OUTBOUND_OPEN).items()}
    for name, listener in _of(platform, Service.OUTBOUND_AUTHENTICATED).items():
        if listener.host in open_hosts:
            yield Problem(
                path=f"balancers.listeners.{name}.host",
                value=listener.host,
                rule=f"is the name of {Service.OUTBOUND_OPEN} ({open_hosts[listener.host]}) and {Service.OUTBOUND_AUTHENTICATED} ({name})",
                remedy="give each its own host name: sharing one confuses users",
            )


def every_name_has_one_address(platform: Platform) -> Iterator[Problem]:
    """A host name has one address: two would be answered in turn, each for half of the clients (RFC 1794)."""
    places = defaultdict(list)
    for path, name, address in zone.hosts(platform):
        places[name].append((path, address))
    for name, uses in places.items():
        first_path, first_address = uses[0]
        for path, address in uses[1:]:
            if address != first_address:
                rule = f"is the name of {address} and of {first_address} ({first_path})"
                yield Problem(path, name, rule, "give each address its own name")


def names_fit_dns(platform: Platform) -> Iterator[Problem]:
    """No host name is longer than DNS allows (253 characters; RFC 1035, 2.3.4); its labels are checked as they are read."""
    for path, name, _ in zone.hosts(platform):
        if len(name) > MAX_NAME:
            yield Problem(path, name, f"is {len(name)} characters long, and DNS allows {MAX_NAME}", "use a shorter name or zone")


def the_zone_holds_the_mail_domain(platform: Platform) -> Iterator[Problem]:
    """The mail domain is in the zone, so that its MX records can be (RFC 1034, 4.2: other zones hold other names)."""
    if not zone.within(platform.site.domain, platform.dns.zone):
        yield Problem(
            path="dns.zone",
            value=platform.dns.zone,
            rule=f"does not hold the mail domain {platform.site.domain}, so its MX records can't stand there",
            remedy=f"write {platform.site.domain}, or the zone above that holds it",
        )


def name_servers_are_found(platform: Platform) -> Iterator[Problem]:
    """A name server inside the zone has its address there, and no other has (RFC 1034, 4.2.1: glue)."""
    for name, address in sorted(platform.dns.name_servers.items()):
        inside = zone.within(name, platform.dns.zone)
        if inside and address is None:
            rule = f"is inside the zone {platform.dns.zone}, so that nobody can find it without its address"
            yield Problem(f"dns.name_servers.{name}", name, rule, "write its IPv4 address")
        if not inside and address is not None:
            rule = f"is outside the zone {platform.dns.zone}, which can't say its address"
            yield Problem(f"dns.name_servers.{name}", name, rule, "leave the address empty")


def a_pool_can_answer(platform: Platform) -> Iterator[Problem]:
    """The servers behind a listener are of a role that speaks its service (2013: which server did what)."""
    for name, listener in sorted(platform.balancers.listeners.items()):
        roles = ANSWERS[listener.service]
        if listener.pool not in roles:
            rule = f"can't answer the service {listener.service}"
            yield Problem(f"balancers.listeners.{name}.pool", listener.pool, rule, f"write {' or '.join(roles)}")


def the_access_list_fits(platform: Platform) -> Iterator[Problem]:
    """The access list has no more rows than the balancer's can have (2013: it was too short, and the list moved)."""
    needed, limit = len(access.rows(platform.access)), platform.balancers.access_rows
    if platform.access.enforced_by is Enforcer.BALANCER and needed > limit:
        yield Problem(
            path="access.devices",
            value=f"{len(platform.access.devices)} devices",
            rule=f"need {needed} rows after merging, and the balancer's list can have {limit}",
            remedy="write access.enforced_by: gateway, whose list has no limit, or list whole networks",
        )


def the_relay_is_not_open(platform: Platform) -> Iterator[Problem]:
    """The rows admit no more than a site's own network can be (simplelogin-postfix-docker issue 41: 6,000 spam mails in 40 min)."""
    rows = access.rows(platform.access)
    admitted = sum(row.num_addresses for row in rows)
    if admitted > MAX_DEVICES:
        widest = max(rows, key=lambda row: row.num_addresses)
        alone = widest.num_addresses > MAX_DEVICES
        yield Problem(
            path="access.devices",
            value=str(widest) if alone else f"{len(platform.access.devices)} devices",
            rule=f"admit{'s' if alone else ''} {admitted:,} addresses, more than any site has to itself ({MAX_DEVICES:,}): an open relay",
            remedy="list the devices' own networks or single addresses",
        )


def devices_can_send(platform: Platform) -> Iterator[Problem]:
    """No device has an address that no host has: loopback, link-local, multicast, reserved (RFC 6890, 2.2.2)."""
    for i, device in enumerate(platform.access.devices):
        nowhere = [str(none) for none in NO_HOSTS if device.overlaps(none)]
        if nowhere and device.num_addresses <= MAX_DEVICES:  # of a wider one, that it is wide is what is wrong
            rule = f"holds addresses of {', '.join(nowhere)}, from which no device can send (RFC 6890)"
            yield Problem(f"access.devices.{i}", str(device), rule, "list the devices' own networks or single addresses")


def nobody_in_between_is_a_device(platform: Platform) -> Iterator[Problem]:
    """No device is a balancer, service or router address: whoever comes through it would be admitted (mailcow issue 1145)."""
    between = {f"balancers.nodes.{name}.address": node.address for name, node in platform.balancers.nodes.items()}
    between |= {f"balancers.listeners.{name}.address": listener.address for name, listener in platform.balancers.listeners.items()}
    between |= {f"networks.{name}.gateway": network.gateway for name, network in platform.networks.items()}
    for i, device in enumerate(platform.access.devices):
        caught = sorted(path for path, address in between.items() if address in device)
        if caught:
            more = f" and {len(caught) - 1} more" if len(caught) > 1 else ""
            yield Problem(
                path=f"access.devices.{i}",
                value=str(device),
                rule=f"contains {between[caught[0]]} ({caught[0]}{more}): whoever connects through it could relay",
                remedy="list the devices' own networks or single addresses",
            )


def own_servers_are_devices_one_by_one(platform: Platform) -> Iterator[Problem]:
    """A server of the platform relays only if it is listed by its own address, and a scanner never (2013: mail looped).

    An MTA may need to: it then sends what its users authenticated for. A network that happens to hold servers lets each of them send
    whatever it is made to.
    """
    servers = [server for server in platform.servers if Role.BALANCER not in server.roles]
    for i, device in enumerate(platform.access.devices):
        caught = [server for server in servers if server.node.address in device]
        scanners = [server for server in caught if Role.SCANNER in server.roles]
        if scanners or (caught and device.prefixlen < device.max_prefixlen):
            server, *others = scanners or caught
            yield Problem(
                path=f"access.devices.{i}",
                value=str(device),
                rule=f"contains {server.node.address} ({server.path}.address{f' and {len(others)} more' if others else ''}): "
                + ("a scanner that relays through itself sends mail in a loop" if scanners else "servers of the platform are no devices"),
                remedy="list the devices' own networks or single addresses"
                + ("" if scanners else "; a server that must relay is listed by its address"),
            )


def the_gateway_gets_a_list(platform: Platform) -> Iterator[Problem]:
    """A gateway is never handed an empty list, which some take for "everybody"; a balancer's empty list admits nobody."""
    relays = _of(platform, Service.OUTBOUND_OPEN)
    if relays and platform.access.enforced_by is Enforcer.GATEWAY and not platform.access.devices:
        rule = f"may send through {', '.join(relays)}, and a gateway may take an empty list for everybody"
        remedy = "list the devices, remove the listener, or write access.enforced_by: balancer, which then admits nobody"
        yield Problem("access.devices", "no device", rule, remedy)


def the_client_is_known(platform: Platform) -> Iterator[Problem]:
    """Who accepts mail by the client's address is told that address (stalwart issue 36: else SPF and blocklists judge the balancer)."""
    for service in (Service.INBOUND, Service.OUTBOUND_OPEN):
        for name, listener in _of(platform, service).items():
            if listener.client_address is ClientAddress.HIDDEN:
                yield Problem(
                    path=f"balancers.listeners.{name}.client_address",
                    value=listener.client_address,
                    rule=f"shows the {listener.pool}s the balancer in place of every client, by whose address {service} mail is judged",
                    remedy=f"write {ClientAddress.PROXY}, or {ClientAddress.ROUTED} if they don't speak it",
                )


def a_port_expects_a_proxy_header_or_none(platform: Platform) -> Iterator[Problem]:
    """All that reaches a server's port begins with a PROXY header, or nothing does (PROXY protocol 2: a receiver must not guess)."""
    first: dict[tuple[str, int], tuple[str, ClientAddress]] = {}
    for name, listener in sorted(platform.balancers.listeners.items()):
        kind = listener.client_address
        for port in dict.fromkeys(listener.pool_ports or listener.ports):
            others = {server.name: first.setdefault((server.name, port), (name, kind)) for server in haproxy.pool(platform, listener)}
            for server, (other, its_kind) in others.items():
                if (kind is ClientAddress.PROXY) is not (its_kind is ClientAddress.PROXY):
                    yield Problem(
                        path=f"balancers.listeners.{name}.client_address",
                        value=kind,
                        rule=f"and {its_kind} of {other} both lead to port {port} of {server}, which expects a PROXY header or none",
                        remedy=f"write {its_kind}, or give one of the two pool_ports of its own",
                    )
                    break  # the pool's other servers are like it


def mapped_ports_speak_alike(platform: Platform) -> Iterator[Problem]:
    """A listener leads to a port that speaks as its clients do: the balancer passes on what it hears (HAProxy manual, `mode tcp`)."""
    for name, listener in sorted(platform.balancers.listeners.items()):
        for port, pool_port in haproxy.mapped(listener):
            heard, answered = haproxy.WELL_KNOWN.get(port), haproxy.WELL_KNOWN.get(pool_port)
            if heard and answered and heard != answered:
                yield Problem(
                    path=f"balancers.listeners.{name}.pool_ports",
                    value=str(pool_port),
                    rule=f"speaks {answered}, and clients of port {port} speak {heard}",
                    remedy=f"write {port}, or a port of the pool's own choosing that speaks {heard}",
                )


def admitted_mail_is_told_apart(platform: Platform) -> Iterator[Problem]:
    """Where the balancer admits the devices, their mail has pool ports of its own: the pool must not have to guess."""
    if platform.access.enforced_by is not Enforcer.BALANCER:
        return
    taken = {
        (listener.pool, port): name
        for name, listener in sorted(platform.balancers.listeners.items())
        if listener.service is not Service.OUTBOUND_OPEN
        for port in listener.pool_ports or listener.ports
    }
    for name, listener in _of(platform, Service.OUTBOUND_OPEN).items():
        for port in listener.pool_ports or listener.ports:
            if other := taken.get((listener.pool, port)):
                yield Problem(
                    path=f"balancers.listeners.{name}",
                    value=f"port {port}",
                    rule=f"of the {listener.pool}s gets the admitted devices' mail and that of {other}: they can't tell who may relay",
                    remedy="add pool_ports that no other listener leads to, such as 2525, or write access.enforced_by: gateway",
                )


def _of(platform: Platform, service: Service) -> dict[str, Listener]:
    return {name: listener for name, listener in sorted(platform.balancers.listeners.items()) if listener.service is service}


RULES: tuple[Rule, ...] = (
    mail_can_arrive,
    outbound_services_are_told_apart,
    every_name_has_one_address,
    names_fit_dns,
    the_zone_holds_the_mail_domain,
    name_servers_are_found,
    a_pool_can_answer,
    the_access_list_fits,
    the_relay_is_not_open,
    devices_can_send,
    nobody_in_between_is_a_device,
    own_servers_are_devices_one_by_one,
    the_gateway_gets_a_list,
    the_client_is_known,
    a_port_expects_a_proxy_header_or_none,
    mapped_ports_speak_alike,
    admitted_mail_is_told_apart,
)


def check(platform: Platform) -> Iterator[Problem]:
    """A problem for every breach of every rule."""
    for rule in RULES:
        yield from rule(platform)
