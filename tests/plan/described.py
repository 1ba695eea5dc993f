"""A platform as a stack describes it, whole and right, for tests to change one thing of."""

from copy import deepcopy
from typing import Any

from config import Platform, parse

_BLANK = {"kind": "blank"}

SECTIONS: dict[str, Any] = {
    "site": {"name": "campus", "domain": "campus.example"},
    "vsphere": {"datacenter": "dc", "cluster": "mail", "hosts": ["esx-1", "esx-2"], "folder": "mail"},
    "networks": {"mail": {"port_group": "mail", "cidr": "192.0.2.0/24", "gateway": "192.0.2.1"}},
    "storage": {"luns": {"all": {"naa": "naa.60003ff44dc75adc0000000000000001", "size_gib": 4000, "fabric": "fc"}}},
    "flow": {"messages_per_day": 1000},
    "gateway": {
        "source": _BLANK,
        "scan_seconds_per_message": 0.2,
        "control_center": {"address": "192.0.2.20", "lun": "all"},
        "scanners": {"scanner-1": {"address": "192.0.2.21", "lun": "all"}, "scanner-2": {"address": "192.0.2.22", "lun": "all"}},
    },
    "spool": {
        "source": _BLANK,
        "mtas": {"mta-1": {"address": "192.0.2.31", "lun": "all"}},
        "mailboxes": {"mailbox-1": {"address": "192.0.2.32", "lun": "all"}},
        "users": 100,
        "quota_gib": 1,
    },
    "directory": {"master": "mta-1", "replicas": ["mailbox-1"], "entries": 1000},
    "balancers": {
        "source": _BLANK,
        "nodes": {"balancer-1": {"address": "192.0.2.11", "lun": "all"}, "balancer-2": {"address": "192.0.2.12", "lun": "all"}},
        "access_rows": 2,
        "listeners": {
            "inbound": {"service": "inbound", "host": "mx", "address": "192.0.2.100", "ports": [25], "pool": "scanner"},
            "relay": {"service": "outbound-open", "host": "relay", "address": "192.0.2.101", "ports": [25], "pool": "scanner"},
            "submission": {
                "service": "outbound-authenticated", "host": "smtp", "address": "192.0.2.102", "ports": [465, 587], "pool": "mta",
            },
            "mailbox": {"service": "mailbox", "host": "mail", "address": "192.0.2.103", "ports": [443, 993, 995], "pool": "mailbox"},
            "directory": {"service": "directory", "host": "ldap", "address": "192.0.2.104", "ports": [389, 636], "pool": "directory"},
        },
    },
    "log_archive": {"source": _BLANK, "node": {"address": "192.0.2.40", "lun": "all"}},
    "dns": {
        "zone": "campus.example",
        "serial": 2026112401,
        "name_servers": {"ns1.campus.example": "192.0.2.2", "ns2.campus.example": "192.0.2.3"},
    },
    "access": {"enforced_by": "gateway", "devices": ["198.51.100.0/25", "198.51.100.128/25", "203.0.113.7/32"]},
}  # fmt: skip


def described(changes: dict[str, Any] | None = None) -> Platform:
    """The platform with some of its keys changed, each by its dotted path; `...` removes a key."""
    sections = deepcopy(SECTIONS)
    for path, value in (changes or {}).items():
        *steps, last = path.split(".")
        section = sections
        for step in steps:
            section = section[step]
        if value is ...:
            del section[last]
        else:
            section[last] = value
    return parse(sections)
