"""BIND's own checker takes the rendered zone, reads the same records from it, and objects to what the rules refuse."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from plan import service_rules, zone
from plan.zone import Record, RecordType
from tests.plan.described import described
from tests.system.daemons import program

FATAL = ["-k", "fail", "-m", "fail", "-M", "fail", "-n", "fail", "-r", "fail", "-S", "fail"]
"""Makes an error of what is otherwise a warning: names, MX targets that are addresses or aliases, glue, duplicates."""


def _check(folder: Path, changes: dict[str, Any], *options: str) -> subprocess.CompletedProcess[str]:
    checker = program("named-checkzone", "bind9-utils")
    platform = described(changes)
    file = folder / "zone"
    file.write_text(zone.render(platform), encoding="utf-8")
    command = [checker, *options, *FATAL, platform.dns.zone, str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"site.domain": "mail.campus.example"},
        {"balancers.listeners.mailbox.host": "smtp", "balancers.listeners.mailbox.address": "192.0.2.102"},
        {"dns.contact": "dns-admin", "dns.ttl_seconds": 60, "dns.serial": 2**32 - 1},
    ],
    ids=["whole", "domain below the zone", "shared name", "own contact"],
)
def test_the_zone_is_whole(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert list(service_rules.check(described(changes))) == []
    done = _check(tmp_path, changes, "-i", "full")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "OK"


def test_a_name_server_elsewhere_needs_no_address(tmp_path: Path) -> None:
    changes = {"dns.name_servers": {"ns1.campus.example": "192.0.2.2", "ns.isp.example": None}}
    done = _check(tmp_path, changes, "-i", "local")  # full would ask the internet for the other zone
    assert done.returncode == 0, done.stdout + done.stderr


def test_bind_reads_the_records_that_were_meant(tmp_path: Path) -> None:
    done = _check(tmp_path, {}, "-i", "full", "-D", "-o", "-")
    assert done.returncode == 0, done.stderr
    read = [line.split(None, 4) for line in done.stdout.splitlines() if line and line[0] not in ";$"]
    meant = zone.zone(described())
    soa = f"{meant.primary} {meant.contact} {meant.serial} 3600 900 1209600 3600"
    assert [data for _, _, _, kind, data in read if kind == "SOA"] == [soa]
    records = [Record(owner=owner, type=RecordType(kind), data=data) for owner, _, _, kind, data in read if kind != "SOA"]
    assert sorted(records, key=str) == sorted(meant.records, key=str)
    assert {ttl for _, ttl, *_ in read} == {"3600"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"dns.name_servers": {"ns1.campus.example": None}}, "has no address records"),
        ({"site.domain": "other.example"}, "ignoring out-of-zone data"),
    ],
    ids=["no glue", "domain outside the zone"],
)
def test_bind_objects_to_what_the_rules_refuse(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    assert list(service_rules.check(described(changes)))
    done = _check(tmp_path, changes, "-i", "full")
    assert complaint in done.stdout + done.stderr
