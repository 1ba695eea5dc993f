"""A host is its name, or a mapping with it; anything else is refused where it stands."""

import pytest

from config import parse
from config.vsphere import Host
from tests.config.described import changed, said

NEITHER = "is neither a host's name nor a mapping with it; write the name as vCenter shows it, in quotes if it is a number"


def test_a_name_and_a_mapping_with_only_it_are_the_same() -> None:
    hosts = parse(changed(vsphere__hosts=["esx-1", {"name": "esx-2"}, {"name": "esx-3"}])).vsphere.hosts
    assert hosts == [Host(name="esx-1"), Host(name="esx-2"), Host(name="esx-3")]


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        (3, f"vsphere.hosts.1: 3 {NEITHER}"),
        (["esx-2"], f"vsphere.hosts.1: a list of 1 {NEITHER}"),
        (" esx-2", 'vsphere.hosts.1: " esx-2" has blanks around it; write the name as vCenter shows it'),
        ({"nam": "esx-2", "name": "esx-2"}, "vsphere.hosts.1.nam: nam is not a known key; write name"),
        ({"name": "esx-2", "site": "North"},
         "vsphere.hosts.1.site: North is not a name of lower-case letters, digits and inner hyphens, 1 to 63 long; "
         "write for example scanner-1"),
        ({"name": "esx-2", "memory_gib": "64 GB"},
         "vsphere.hosts.1.memory_gib: 64 GB carries a unit, and sizes are bare numbers of GiB; write 60 (64 GB is 59.6 GiB), "
         "or 64 if vSphere shows it, whose GB is binary"),
    ],
)  # fmt: skip
def test_what_is_no_host_is_refused(host: object, problem: str) -> None:
    assert said(changed(vsphere__hosts=["esx-1", host, "esx-3"])) == [problem]


@pytest.mark.parametrize(("spare", "problems"), [(0, 0), (1, 0), (2, 1), (-1, 1), (True, 1)])
def test_one_host_may_be_to_spare_or_none(spare: object, problems: int) -> None:
    assert len(said(changed(vsphere__spare_hosts=spare))) == problems
