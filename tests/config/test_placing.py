"""Servers without a LUN or a host are found, and the edit that names one changes nothing else of the file."""

from pathlib import Path
from typing import get_args, get_origin

import pytest
import yaml

from config import placing, read
from config.base import Model
from config.platform import Platform
from config.roles import Node
from tests.config.described import CAMPUS, campus

TEXT = """\
# the head
config:
  mailstead:gateway:
    control_center: { address: 192.0.2.20 } # of the gateway
    scanners:
      scanner-1:
        # why it is here
        address: 192.0.2.21
        disks_gib: { queue: 70 }
      scanner-2: { lun: mail-fc, address: 192.0.2.22 }
      "scanner-3": {address: 192.0.2.23,
                    cpus: 2}
"""
CHOSEN = {
    "gateway.control_center": {"lun": "a", "host": "esx-1.demo.example"}, "gateway.scanners.scanner-1": {"lun": "b", "host": "esx 2"},
    "gateway.scanners.scanner-2": {"host": "3"}, "gateway.scanners.scanner-3": {"lun": "c"},
}  # fmt: skip
WRITTEN = """\
# the head
config:
  mailstead:gateway:
    control_center: { lun: a, host: esx-1.demo.example, address: 192.0.2.20 } # of the gateway
    scanners:
      scanner-1:
        # why it is here
        lun: b
        host: "esx 2"
        address: 192.0.2.21
        disks_gib: { queue: 70 }
      scanner-2: { host: "3", lun: mail-fc, address: 192.0.2.22 }
      "scanner-3": {lun: c, address: 192.0.2.23,
                    cpus: 2}
"""


def test_every_kind_of_server_is_looked_at() -> None:
    """One that a model adds and this list does not have would never be placed."""
    found = {f"{name}.{key}" for name, field in Platform.model_fields.items() for key in _nodes(field.annotation)}
    assert found == {*placing.ONE, *placing.MANY}


def _nodes(section: object) -> list[str]:
    if not (isinstance(section, type) and issubclass(section, Model)):
        return []
    return [key for key, field in section.model_fields.items() if Node in (field.annotation, *_of_mapping(field.annotation))]


def _of_mapping(annotation: object) -> tuple[object, ...]:
    return get_args(annotation) if get_origin(annotation) is dict else ()


def test_servers_without_a_lun_are_found_and_given_one() -> None:
    sections = campus()
    assert placing.lacking(sections, "lun") == ()
    del sections["gateway"]["scanners"]["scanner-2"]["lun"], sections["log_archive"]["node"]["lun"]
    assert placing.lacking(sections, "lun") == ("log_archive.node", "gateway.scanners.scanner-2")
    placed = placing.placed(sections, {"log_archive.node": {"lun": "logs-iscsi"}, "gateway.scanners.scanner-2": {"lun": "mail-fc"}})
    assert placed == campus()
    assert "lun" not in sections["log_archive"]["node"]


@pytest.mark.parametrize(
    "sections", [{}, {"gateway": None}, {"gateway": {"scanners": [], "control_center": 3}}, {"spool": {"mtas": {"a": None}}}]
)
def test_what_is_no_server_is_left_to_the_models(sections: dict[str, object]) -> None:
    assert placing.lacking(sections, "host") == ()


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_luns_and_hosts_are_written(newline: str, mark: str) -> None:
    assert placing.written(mark + TEXT.replace("\n", newline), CHOSEN) == mark + WRITTEN.replace("\n", newline)


@pytest.mark.parametrize(("name", "spelled"), [("10", '"10"'), ("1e3", '"1e3"'), ("mail-fc", "mail-fc"), ("a: b", '"a: b"')])
def test_a_name_that_looks_like_something_else_is_written_in_quotes(name: str, spelled: str) -> None:
    text = "config:\n  mailstead:log_archive:\n    node: { address: 192.0.2.40 }\n"
    assert f"{{ lun: {spelled}, address" in placing.written(text, {"log_archive.node": {"lun": name}})


@pytest.mark.parametrize(
    ("hosts", "first"),
    [(["a", "b"], "a"), ([{"name": "c", "site": "north"}], "c"), ([], None), ("a", None), ([{"site": "north"}], None), ([3], None)],
)
def test_the_first_host_is_found_however_it_is_written(hosts: object, first: str | None) -> None:
    assert placing.first_host({"vsphere": {"hosts": hosts}}) == first
    assert placing.first_host({"vsphere": hosts}) is None


def test_a_stack_that_is_written_says_what_was_placed(tmp_path: Path) -> None:
    sections = campus()
    paths = "gateway.control_center", "spool.mailboxes.mailbox-1", "balancers.nodes.balancer-2"
    chosen = {path: {"lun": "mail-fc", "host": "esx-1: the first, 'new' {one}"} for path in paths}
    for path in chosen:
        section, *steps = path.split(".")
        node = sections[section]
        for step in steps:
            node = node[step]
        del node["lun"]
    bare = tmp_path / "Pulumi.bare.yaml"
    bare.write_text(yaml.safe_dump({"config": {f"mailstead:{key}": value for key, value in sections.items()}}), encoding="utf-8")
    bare.write_text(placing.written(bare.read_text(encoding="utf-8"), chosen), encoding="utf-8")

    assert dict(read(bare).sections) == placing.placed(read(CAMPUS).sections, chosen)
