"""What the sections say of one another: every check by a stack that breaks it, and by one that just doesn't."""

from typing import Any

import pytest

from config import load, references
from tests.config.described import CAMPUS, campus, changed, said

NODE = {"address": "192.0.2.50", "lun": "mail-fc"}
BACKUP = {"networks__backup": {"port_group": "backup", "cidr": "198.51.100.0/24", "gateway": "198.51.100.1"}}
NO_DISKS: dict[str, Any] = {f"spool__{server}__disks_gib": {} for server in ("mtas__mta-1", "mailboxes__mailbox-1")}
INBOUND = {"service": "inbound", "host": "mx", "ports": [25], "pool": "scanner"}
SITES: dict[str, Any] = {
    "vsphere__hosts": [{"name": "esx-1", "site": "north"}, {"name": "esx-2", "site": "south"}],
    **{
        f"storage__luns__{name}": {**lun, "site": "south" if lun["fabric"] == "fc" else "north"}
        for name, lun in campus()["storage"]["luns"].items()
    },
}
"""The campus with its hosts and its two arrays at two sites."""
HOSTS = [f"{server.path.replace('.', '__')}__host" for server in load(CAMPUS).servers]
"""The key of each server's host."""
BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a LUN that is not there": (
        {"spool__mtas__mta-1__lun": "spool-iscsy"},
        ["spool.mtas.mta-1.lun: spool-iscsy is not a LUN of storage.luns; write spool-iscsi"],
    ),
    "mailboxes by fill that nobody measured": (
        {"spool__sized_by": "fill"},
        ["spool.mean_mailbox_gib: nothing is given, and mailboxes are sized by fill; "
         "add the sum of all mailboxes ÷ their number, in GiB, or write spool.sized_by: quota"],
    ),
    "mailboxes that hold more than their quota": (
        {"spool__mean_mailbox_gib": 1.5},
        ["spool.mean_mailbox_gib: 1.5 is more than the quota of 1 GiB, which no mailbox exceeds; "
         "write the mean of all mailboxes, or the quota that they have"],
    ),
    "a host that is not there": (
        {"spool__mtas__mta-1__host": "esx-4.campus.example"},
        ["spool.mtas.mta-1.host: esx-4.campus.example is not a host of vsphere.hosts; write esx-3.campus.example"],
    ),
    "a server without a host where there is no DRS": (
        {"vsphere__drs": False, **dict.fromkeys(HOSTS[1:], "esx-1.campus.example")},
        [f"{HOSTS[0].replace('__', '.')}: nothing is given, and without DRS (vsphere.drs: false) vCenter finds a VM none; "
         "add this key; `mailstead place STACK --write` chooses a host"],
    ),
    "a waiver of a rule that is not there": (
        {"review": {"waivers": [{"what": "mta-1", "why": "drained", "who": "Ada", "until": "2026-11-24", "rule": rule}
                                for rule in ("queue-unknow", "queue-unknown")]}},
        ["review.waivers[0].rule: queue-unknow is no rule of a review or a live check that may be waived; write queue-unknown"],
    ),
    "a network that is not there": (
        {"log_archive__node__network": "logs"},
        ["log_archive.node.network: logs is not a network of networks; use one of: mail"],
    ),
    "an address outside of its network": (
        {"spool__mtas__mta-1__address": "192.0.3.31"},
        ["spool.mtas.mta-1.address: 192.0.3.31 is not a free host address of mail (192.0.2.0/24); use an address of 192.0.2.0/24 but the "
         "network's own, its broadcast, the gateway's and a resolver's"],
    ),
    "a disk that its server does not have": (
        {"gateway__control_center__disks_gib": {"queue": 5}},
        ["gateway.control_center.disks_gib.queue: queue is not a disk of this server; use one of: quarantine, system"],
    ),
    "a directory disk on a server outside of the directory": (
        {"directory__replicas": [], "spool__mailboxes__mailbox-1__disks_gib": {"directory": 5}},
        ["spool.mailboxes.mailbox-1.disks_gib.directory: directory is not a disk of this server; use one of: mail, system"],
    ),
    "more memory reserved than there is": (
        {"spool__mailboxes__mailbox-1__memory_reservation_gib": 32.5},
        ["spool.mailboxes.mailbox-1.memory_reservation_gib: 32.5 is more than the server's memory of 32 GiB; write 32 or less"],
    ),
    "a server's name in two sections": (
        {"spool__mtas__scanner-1": NODE},
        ["spool.mtas.scanner-1: scanner-1 is the name of another server too (gateway.scanners.scanner-1); rename one of them"],
    ),
    "the name of a server that has no key": (
        {"gateway__scanners__log-archive": NODE, "balancers__nodes__control-center": {**NODE, "address": "192.0.2.51"}},
        ["balancers.nodes.control-center: control-center is the name of another server too (gateway.control_center); rename one of them",
         "log_archive.node: log-archive is the name of another server too (gateway.scanners.log-archive); rename one of them"],
    ),
    "an address on two servers": (
        {"log_archive__node__address": "192.0.2.21"},
        ["log_archive.node.address: 192.0.2.21 is used already (gateway.scanners.scanner-1.address); give each server and "
         "service its own address"],
    ),
    "a service address on a server": (
        {"balancers__listeners__inbound__address": "192.0.2.40"},
        ["balancers.listeners.inbound.address: 192.0.2.40 is used already (log_archive.node.address); give each server and "
         "service its own address"],
    ),
    "an address of two listeners on a server": (
        {"balancers__listeners__submission__address": "192.0.2.40", "balancers__listeners__mailbox__address": "192.0.2.40"},
        ["balancers.listeners.mailbox.address: 192.0.2.40 is used already (log_archive.node.address); give each server and service its own "
         "address"],
    ),
    "a port that two listeners of one address have": (
        {"balancers__listeners__mailbox__address": "192.0.2.102", "balancers__listeners__mailbox__ports": [993, 587]},
        ["balancers.listeners.submission.ports: 192.0.2.102:587 is listened on already (balancers.listeners.mailbox.ports); use "
         "another port or address"],
    ),
    "a listener outside of every network": (
        {"balancers__listeners__inbound__address": "198.51.100.1"},
        ["balancers.listeners.inbound.address: 198.51.100.1 is not a free host address of any network; use an address of 192.0.2.0/24"],
    ),
    "a LUN's device twice, in another case": (
        {"storage__luns__mail-fc__naa": "naa.60003FF44DC75ADC0000000000000001"},
        ["storage.luns.mail-iscsi.naa: naa.60003ff44dc75adc0000000000000001 is the device of another LUN's entry too "
         "(storage.luns.mail-fc.naa); give each LUN one entry, with one datastore on it"],
    ),
    "more kept for a thin LUN than its size": (
        {"storage__luns__mail-fc__physical_gib": 200.5},
        ["storage.luns.mail-fc.physical_gib: 200.5 is more than the LUN's size of 200 GiB; write what the array keeps for it, 200 or less, "
         "or leave it out if it keeps all"],
    ),
    "a service address where no balancer has a card": (
        {**BACKUP, "balancers__listeners__inbound__address": "198.51.100.9"},
        ["balancers.listeners.inbound.address: 198.51.100.9 is on the network backup, where balancer-1, balancer-2 can't hold it: it has "
         "no card there; use an address of 192.0.2.0/24"],
    ),
    "a service address where one balancer has no card": (
        {**BACKUP, "balancers__nodes__balancer-2": {**NODE, "network": "backup", "address": "198.51.100.12"},
         "balancers__listeners": {"inbound": {**INBOUND, "address": "192.0.2.100"}}},
        ["balancers.listeners.inbound.address: 192.0.2.100 is on the network mail, where balancer-2 can't hold it: it has no card there; "
         "put every balancer on the network of the service addresses, such as mail"],
    ),
    "a name server on a server": (
        {"dns__name_servers": {"ns1.campus.example": "192.0.2.21"}},
        ["dns.name_servers.ns1.campus.example: 192.0.2.21 is the address of gateway.scanners.scanner-1, which answers no DNS; "
         "write the address of the machine that serves the zone"],
    ),
    "a name server on a service address": (
        {"dns__name_servers": {"ns1.campus.example": "192.0.2.100"}},
        ["dns.name_servers.ns1.campus.example: 192.0.2.100 is the address of balancers.listeners.inbound, which answers no DNS; "
         "write the address of the machine that serves the zone"],
    ),
    "name servers that no host can be": (
        {"dns__name_servers": {"a.campus.example": "192.0.2.255", "b.campus.example": "127.0.0.1", "c.campus.example": "224.0.0.251"}},
        [f"dns.name_servers.{name}.campus.example: {address} is not an address that a host can have; "
         "write the address of the machine that serves the zone"
         for name, address in (("a", "192.0.2.255"), ("b", "127.0.0.1"), ("c", "224.0.0.251"))],
    ),
    "a datastore that another LUN's will be called": (
        {"storage__luns__spool-fc__datastore": "mail-fc"},
        ["storage.luns.spool-fc.datastore: mail-fc is another LUN's datastore too (storage.luns.mail-fc.datastore); name each "
         "datastore once"],
    ),
    "fractions that leave nothing": (
        {"storage__free_fraction": 0.995, "storage__overheads": {"vmfs_fraction": 0.005}},
        ["storage.free_fraction: 0.995 and storage.overheads.vmfs_fraction of 0.005 leave nothing of a LUN; write fractions that add up to "
         "less than 1"],
    ),
    "networks that overlap": (
        {"networks__backup": {"port_group": "backup", "cidr": "192.0.2.128/25", "gateway": "192.0.2.129"}},
        ["networks.mail.cidr: 192.0.2.0/24 overlaps networks.backup (192.0.2.128/25); give each network its own addresses"],
    ),
    "a router that is elsewhere": (
        {"networks__backup": {"port_group": "backup", "cidr": "198.51.100.0/24", "gateway": "192.0.2.1"}},
        ["networks.backup.gateway: 192.0.2.1 is not a host address of 198.51.100.0/24; use the address of the network's own router"],
    ),
    "a directory of others": (
        {"directory__master": "scanner-1", "directory__replicas": ["mailbox1"], **NO_DISKS},
        ["directory.master: scanner-1 is not a server of the spool; use one of: mailbox-1, mta-1",
         "directory.replicas.0: mailbox1 is not a server of the spool; write mailbox-1"],
    ),
    "a directory's member twice": (
        {"directory__replicas": ["mailbox-1", "mta-1", "mailbox-1"]},
        ["directory.replicas.1: mta-1 is in the directory already (directory.master); name each server once",
         "directory.replicas.2: mailbox-1 is in the directory already (directory.replicas.0); name each server once"],
    ),
    "data that is another site's to destroy": (
        {"data__disposable": "demo"},
        ["data.disposable: demo is not this site's name, campus; write campus if its mail data may be destroyed, or remove the key "
         "to keep it"],
    ),
    "a host twice": (
        {"vsphere__hosts": ["esx-1", "esx-2", "esx-1", "esx-1"]},
        ["vsphere.hosts.2: esx-1 is listed already (vsphere.hosts.0); name each host once",
         "vsphere.hosts.3: esx-1 is listed already (vsphere.hosts.0); name each host once"],
    ),
    "the memory of one host": (
        {"vsphere__hosts": ["esx-1", {"name": "esx-2", "memory_gib": 64}]},
        ["vsphere.hosts.0.memory_gib: nothing is given, and esx-2 has one: whether all VMs fit can't be proven; give every host's "
         "memory_gib, or none"],
    ),
    "one site": (
        {"vsphere__hosts": ["esx-1", "esx-2", {"name": "esx-3", "site": "north"}]},
        ["vsphere.hosts.2.site: north is the only site, and what is in one place can't be spread; name the other site's too, or no site"],
    ),
    "a LUN without a site": (
        {**SITES, "storage__luns__mail-fc": {k: v for k, v in SITES["storage__luns__mail-fc"].items() if k != "site"}},
        ["storage.luns.mail-fc.site: nothing is given, and others name their site; add site: north or south"],
    ),
    "a site that is misspelt": (
        {**SITES, "vsphere__hosts": [{"name": "esx-1", "site": "north"}, {"name": "esx-2", "site": "sout"}]},
        ["storage.luns.mail-fc.site: south is the site of no host of vsphere.hosts; write sout, or name one there",
         "storage.luns.spool-fc.site: south is the site of no host of vsphere.hosts; write sout, or name one there",
         "vsphere.hosts.1.site: sout is the site of no LUN of storage.luns; write south, or name one there"],
    ),
}  # fmt: skip
WHOLE: dict[str, dict[str, Any]] = {
    "sites of all hosts and LUNs": SITES,
    "hosts as names and as mappings": {"vsphere__hosts": ["esx-1", {"name": "esx-2"}]},
    "all memory reserved": {"spool__mailboxes__mailbox-1__memory_reservation_gib": 32},
    "listeners of one address on other ports": {"balancers__listeners__mailbox__address": "192.0.2.102"},
    "fractions that leave a little": {"storage__free_fraction": 0.99, "storage__overheads": {"vmfs_fraction": 0.009}},
    "networks side by side": {
        "networks__mail": {"port_group": "mail", "cidr": "192.0.2.0/25", "gateway": "192.0.2.1"},
        "networks__backup": {"port_group": "backup", "cidr": "192.0.2.128/25", "gateway": "192.0.2.254"},
    },
    "the network's first and last host": {"gateway__control_center__address": "192.0.2.254", "log_archive__node__address": "192.0.2.4"},
    "a directory disk in the directory": {"spool__mtas__mta-1__disks_gib": {"directory": 5, "queue": 5, "system": 5}},
    "all of a LUN kept by the array": {"storage__luns__mail-fc__physical_gib": 200},
    "service addresses on another network than the servers'": {
        **BACKUP,
        **{
            f"balancers__nodes__balancer-{i}": {"lun": lun, "network": "backup", "address": f"198.51.100.{i + 10}"}
            for i, lun in ((1, "mail-iscsi"), (2, "mail-fc"))
        },
        "balancers__listeners": {
            "inbound": {"service": "inbound", "host": "mx", "address": "198.51.100.9", "ports": [25], "pool": "scanner"}
        },
    },
    "a name server on the router or outside of every network": {
        "dns__name_servers": {"ns1.campus.example": "192.0.2.1", "ns2.campus.example": "203.0.113.53", "ns.isp.example": None},
    },
    "the site's own data to destroy": {"data__disposable": "campus"},
    "an existing datastore": {"storage__luns__spool-fc__datastore": "old-mail"},
}


@pytest.mark.parametrize(("values", "messages"), BROKEN.values(), ids=BROKEN)
def test_stack_that_breaks_a_check(values: dict[str, Any], messages: list[str]) -> None:
    assert said(changed(**values)) == messages


@pytest.mark.parametrize("values", WHOLE.values(), ids=WHOLE)
def test_stack_that_breaks_none(values: dict[str, Any]) -> None:
    assert said(changed(**values)) == []


@pytest.mark.parametrize("address", ["192.0.2.0", "192.0.2.255", "192.0.2.1", "192.0.2.2", "192.0.2.3"])
def test_server_does_not_take_an_address_of_the_network_itself(address: str) -> None:
    for path in ("gateway__control_center__address", "balancers__listeners__inbound__address"):
        (message,) = said(changed(**{path: address}))
        assert f": {address} is not a free host address of " in message


@pytest.mark.parametrize("address", ["198.51.100.0", "198.51.100.255", "198.51.101.1"])
def test_router_is_a_host_of_its_network(address: str) -> None:
    network = {"port_group": "backup", "cidr": "198.51.100.0/24", "gateway": address}
    (message,) = said(changed(networks__backup=network))
    assert message.startswith(f"networks.backup.gateway: {address} is not a host address of 198.51.100.0/24; ")


def test_bad_section_hides_no_problem_of_the_others() -> None:
    sections = changed(networks__mail__cidr="nonsense", vsphere__hosts=["esx-1", "esx-1"], directory__master="nobody", **NO_DISKS)
    del sections["flow"]
    assert [message.partition(":")[0] for message in said(sections)] == [
        "directory.master",
        "flow",
        "networks.mail.cidr",
        "vsphere.hosts.1",
    ]


CHECKS = [
    (table, entry)
    for table in ("_CHECKS", "_SERVER_CHECKS")
    for entry in getattr(references, table)
    if "scenarios" not in entry[0]  # those are tested with the scenarios
]


@pytest.mark.parametrize(("table", "entry"), CHECKS, ids=[entry[1].__name__ for _, entry in CHECKS])
def test_every_check_is_needed_by_a_stack_that_breaks_it(table: str, entry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, table, [other for other in getattr(references, table) if other is not entry])
    assert any(said(changed(**values)) != messages for values, messages in BROKEN.values())


@pytest.mark.parametrize(("name", "known", "remedy"), [
    ("mial", ["mail", "backup"], "write mail"), ("xyz", ["mail", "backup"], "use one of: backup, mail"),
    ("x", [], "use one of: (there is none)"), ("", ["mail"], "use one of: mail"),
])  # fmt: skip
def test_nearest(name: str, known: list[str], remedy: str) -> None:
    assert references.nearest(name, known) == remedy


def test_campus_is_whole() -> None:
    assert said(campus()) == []
