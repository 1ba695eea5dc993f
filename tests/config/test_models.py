"""The models: frozen, deaf to unknown keys, documented, with defaults that obey their own rules; and the servers they name."""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import config
from config import Platform, Role, load, parse
from config.base import Model
from config.roles import DISK_LABELS, SYSTEM, Node
from config.servers import servers
from config.storage import SnapshotPolicy
from config.types import Text
from config.vsphere import Source
from sizing import size
from tests.config.described import CAMPUS, campus, changed, problems, said

MODULES = [importlib.import_module(f"config.{module.name}") for module in pkgutil.iter_modules(config.__path__)]


def defined(kind: type) -> list[Any]:
    """The classes of a kind that the package defines."""
    found = {c for m in MODULES for c in vars(m).values() if isinstance(c, type) and issubclass(c, kind) and c.__module__ == m.__name__}
    return sorted(found - {Model}, key=lambda c: c.__name__)


MODELS = defined(BaseModel)
FIELDS = [(model, name) for model in MODELS for name in model.model_fields]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_model_is_frozen_and_deaf_to_unknown_keys(model: type[BaseModel]) -> None:
    assert issubclass(model, Model)
    assert model.model_config.get("frozen") is True
    assert model.model_config.get("extra") == "forbid"
    assert model.__doc__


def test_frozen_means_what_it_says() -> None:
    platform = load(CAMPUS)
    for owner, name in ((platform, "site"), (platform.spool, "users"), (platform.spool.mtas["mta-1"], "lun")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(owner, name, getattr(owner, name))


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=[f"{model.__name__}.{name}" for model, name in FIELDS])
def test_default_obeys_the_rules_of_its_field(model: type[BaseModel], name: str) -> None:
    field = model.model_fields[name]
    if field.is_required():
        return
    adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    default = field.get_default(call_default_factory=True, validated_data={})
    assert adapter.dump_json(adapter.validate_python(default)) == adapter.dump_json(default)


@pytest.mark.parametrize("choices", defined(StrEnum), ids=lambda choices: choices.__name__)
def test_choices_are_names_that_a_stack_can_say(choices: type[StrEnum]) -> None:
    for choice in choices:
        assert choice == choice.lower()
        assert "_" not in choice


def kinds() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every kind of source with what it needs."""
    union: Any = Source.__origin__  # type: ignore[attr-defined]
    for model in union.__args__:
        needs = {name: "x" for name, field in model.model_fields.items() if name != "kind" and field.is_required()}
        yield str(model.model_fields["kind"].annotation.__args__[0]), needs


@pytest.mark.parametrize(("kind", "needs"), list(kinds()))
def test_source_of_a_kind_takes_what_it_needs_and_nothing_else(kind: str, needs: dict[str, Any]) -> None:
    source = parse(changed(spool__source={"kind": kind, **needs})).spool.source
    assert (source.kind, source.model_dump(include=set(needs))) == (kind, needs)
    for name in needs:
        (problem,) = problems(changed(spool__source={"kind": kind, **needs, name: 5}))
        assert (problem.path, problem.rule) == (f"spool.source.{name}", "is not text")
        (problem,) = problems(changed(spool__source={"kind": kind, **{n: v for n, v in needs.items() if n != name}}))
        assert (problem.path, problem.value, problem.rule) == (f"spool.source.{name}", "nothing", "is given")
    (problem,) = problems(changed(spool__source={"kind": kind, **needs, "other": "x"}))
    assert (problem.path, problem.rule) == ("spool.source.other", "is not a known key")


def test_servers_come_in_the_order_of_sections_and_names() -> None:
    platform = load(CAMPUS)
    assert [(s.name, s.path) for s in platform.servers] == [
        ("control-center", "gateway.control_center"),
        ("scanner-1", "gateway.scanners.scanner-1"),
        ("scanner-2", "gateway.scanners.scanner-2"),
        ("mta-1", "spool.mtas.mta-1"),
        ("mailbox-1", "spool.mailboxes.mailbox-1"),
        ("balancer-1", "balancers.nodes.balancer-1"),
        ("balancer-2", "balancers.nodes.balancer-2"),
        ("log-archive", "log_archive.node"),
    ]
    assert {s.name: s.source.kind for s in platform.servers}["scanner-1"] == platform.gateway.source.kind
    assert {s.name: s.node for s in platform.servers}["mta-1"] == platform.spool.mtas["mta-1"]


def test_directory_adds_a_role_and_a_disk_to_its_members() -> None:
    by_name = {s.name: s for s in parse(changed(directory__replicas=[], **{"spool__mailboxes__mailbox-1__disks_gib": {}})).servers}
    assert by_name["mta-1"].roles == (Role.MTA, Role.DIRECTORY)
    assert by_name["mta-1"].labels == ("system", "directory", "queue")
    assert by_name["mailbox-1"].roles == (Role.MAILBOX,)
    assert by_name["mailbox-1"].labels == ("system", "mail")


def test_servers_of_some_sections_only() -> None:
    platform = load(CAMPUS)
    assert list(servers(None, None, None, None, None)) == []
    (archive,) = servers(None, None, None, None, platform.log_archive)
    assert (archive.name, archive.roles, archive.labels) == ("log-archive", (Role.LOG_ARCHIVE,), ("system", "archive"))
    spool = {s.name: s.roles for s in servers(None, platform.spool, None, None, None)}
    assert spool == {"mta-1": (Role.MTA,), "mailbox-1": (Role.MAILBOX,)}


def test_every_role_has_a_system_disk_first_and_labels_that_differ() -> None:
    assert set(DISK_LABELS) == set(Role)
    for labels in DISK_LABELS.values():
        assert labels[0] == SYSTEM
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("field", "good", "bad"), [
    ("hold_hours", (1, 24, 72), (72.1, 0.99, 0, -1)), ("per_disk", (1, 31), (0, 32)), ("concurrent_vms", (1, 8), (0, -1, 1.5)),
    ("growth", ("rate", "worst"), ("RATE", "")), ("memory", (True, False), ("yes", 1)), ("consolidate_hours", (0.5, 8760), (8761, 0.49, 0)),
    ("change_per_day", ({}, {"scanner": 0.1}, {"mta": 0.001}), ({"scaner": 0.1}, {"scanner": -1}, {"mta": 0.00099}, {"mta": 0}, [])),
])  # fmt: skip
def test_snapshot_policy(field: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    for value in good:
        assert SnapshotPolicy.model_validate({field: value}).model_dump(mode="json")[field] == value
    for value in bad:
        with pytest.raises(ValidationError):
            SnapshotPolicy.model_validate({field: value})


def test_snapshots_can_be_few_but_never_none() -> None:
    """2013 could be had again by one key that keeps no room; the least policy there is still keeps some for every VM."""
    least = {"snapshots": {"hold_hours": 1, "concurrent_vms": 1, "change_per_day": dict.fromkeys(Role, 0.001), "consolidate_hours": 0.5}}
    for need in size(parse({**changed(storage__free_fraction=0.05), **least})).datastores:
        assert sum(term.gib for term in need.terms if term.name.startswith("deltas of ")) > 0.015  # a delta's first step: 16 MiB
        assert need.required_gib > need.need_gib
    rules = {
        p.path: str(p)
        for p in problems(
            changed(snapshots__hold_hours=0, snapshots__consolidate_hours=0, snapshots__change_per_day={"mta": 0}, storage__free_fraction=0)
        )
    }
    assert rules == {
        "snapshots.hold_hours": "snapshots.hold_hours: 0 is shorter than any snapshot lives, even if none is planned; write 1 or more",
        "snapshots.consolidate_hours": "snapshots.consolidate_hours: 0 is shorter than any consolidation takes, and the VM writes "
        "meanwhile; write 0.5 or more",
        "snapshots.change_per_day.mta": "snapshots.change_per_day.mta: 0 is less than a running system rewrites in a day; "
        "write 0.001 or more, as measured",
        "storage.free_fraction": "storage.free_fraction: 0 leaves less than any LUN needs free; write 0.05 or more, 0.2 as a rule",
    }


@pytest.mark.parametrize("path", ["gateway__source", "spool__source"])
def test_password_in_a_url_is_refused_and_not_repeated(path: str) -> None:
    url = "https://reader:s3cret/@ls0@files.example/gateway.ova"
    (problem,) = problems(changed(**{path: {"kind": "ovf", "url": url, "network": "VM Network"}}))
    assert str(problem) == (
        f"{path.replace('__', '.')}.url: https://…@files.example/gateway.ova has a user or a password in it; "
        "write the URL without, and let the file be read without one, or use a local copy"
    )
    elsewhere = said(changed(**{path: {"kind": "template", "template": 5, "url": url}, "site__name": url, "networks__mail__cidr": url}))
    assert len(elsewhere) == 4
    assert not any("s3cret" in message or "reader" in message for message in elsewhere)


def test_pool_ports_are_one_for_each_port() -> None:
    (problem,) = problems(changed(balancers__listeners__submission__pool_ports=[10465]))
    assert (problem.value, problem.rule) == ("a list of 1", "is not one for each of its 2 ports")
    assert problem.remedy == "give as many as ports, or leave it out"


PAST: list[tuple[str, Any]] = [
    ("networks", {}), ("vsphere__hosts", []), ("vsphere__guest_wait_minutes", 61), ("flow__planning_years", 31),
    ("gateway__scanners", {}), ("spool__mtas", {}), ("spool__mailboxes", {}), ("spool__users", 0), ("directory__entries", 0),
    ("balancers__nodes", {}), ("balancers__listeners__inbound__ports", []), ("balancers__listeners__inbound__pool_ports", [1, 2]),
    ("log_archive__compression_ratio", 0.99), ("log_archive__node__cpus", 769), ("log_archive__node__cpus", 0),
    ("storage__free_fraction", 0.0499), ("storage__free_fraction", 0), ("vsphere__folder", "mail/"), ("log_archive__node__memory_gib", 4.1),
    ("dns__name_servers", {}), ("dns__serial", 0), ("dns__serial", 2**32), ("dns__ttl_seconds", 59), ("dns__ttl_seconds", 604_801),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), PAST)
def test_one_step_past_a_limit_of_the_description(path: str, value: Any) -> None:
    assert path.replace("__", ".") in [problem.path for problem in problems(changed(**{path: value}))]


@pytest.mark.parametrize("values", [
    {"balancers__listeners__submission__pool_ports": [10465, 10587]}, {"vsphere__guest_wait_minutes": 60}, {"dns__serial": 2**32 - 1},
    {"dns__serial": 1}, {"dns__ttl_seconds": 60}, {"dns__ttl_seconds": 604_800}, {"spool__users": 1}, {"flow__planning_years": 30},
    {"log_archive__compression_ratio": 1}, {"log_archive__node__cpus": 768}, {"balancers__listeners": {}, "balancers__access_rows": 0},
    {"dns__name_servers": {"ns.other.example": None}}, {"storage__free_fraction": 0.05}, {"log_archive__node__memory_gib": 4.00390625},
])  # fmt: skip
def test_at_a_limit_of_the_description(values: dict[str, Any]) -> None:
    assert problems(changed(**values)) == ()


def test_model_says_what_it_is_when_built_by_hand() -> None:
    node = Node(address="192.0.2.1", lun="mail-fc")
    assert (node.network, node.cpus, node.memory_gib, node.disks_gib) == ("mail", 4, 4, {})
    assert TypeAdapter(Text).validate_python("a") == "a"
    assert set(Platform.model_fields) >= set(campus())
