"""Contracts over all components: type tokens, signatures, outputs. A changed token or name remakes what carries it."""

import dataclasses
import inspect
import typing
from collections.abc import Callable

import pulumi
import pytest

import config
from components.datastore import Datastore
from components.mail_platform import MailPlatform
from components.parts import Balancers, Gateway, LogArchive, Spool
from components.pool import Pool
from components.vm import Vm
from tests.components.conftest import Applied

TOKENS = {
    Balancers: "mailstead:balancers:Balancers",
    Datastore: "mailstead:storage:Datastore",
    Gateway: "mailstead:gateway:Gateway",
    LogArchive: "mailstead:logs:LogArchive",
    MailPlatform: "mailstead:platform:MailPlatform",
    Spool: "mailstead:spool:Spool",
}
Apply = Callable[[config.Platform], Applied]


def _components(root: type[object] = pulumi.ComponentResource) -> set[type[object]]:
    below: set[type[object]] = {c for c in root.__subclasses__() if c.__module__.startswith("components")}
    return below | {deeper for c in below for deeper in _components(c)}


def test_the_table_of_tokens_is_complete() -> None:
    assert _components() - {Pool} == set(TOKENS)


def test_type_tokens_are_frozen(apply: Apply, campus: config.Platform) -> None:
    resources = apply(campus).recording.resources

    assert {args.typ for args in resources if args.typ.startswith("mailstead:")} == set(TOKENS.values())


@pytest.mark.parametrize("component", [*TOKENS, Vm], ids=lambda c: c.__name__)
def test_the_signature_is_name_args_opts(component: type) -> None:
    parameters = inspect.signature(component.__init__).parameters  # type: ignore[misc]

    assert list(parameters) == ["self", "name", "args", "opts"]
    args = typing.get_type_hints(component.__init__)["args"]  # type: ignore[misc]
    assert dataclasses.is_dataclass(args)
    assert vars(args)["__dataclass_params__"].frozen


def test_logical_names_are_frozen(apply: Apply, campus: config.Platform) -> None:
    assert sorted(args.name for args in apply(campus).recording.resources) == sorted(
        [
            "campus",
            "campus-folder",
            *2 * [f"campus-{lun}" for lun in ("logs-iscsi", "mail-fc", "mail-iscsi", "spool-fc", "spool-iscsi")],
            *("campus-gateway", "campus-spool", "campus-balancers", "campus-log-archive-vms"),
            *(f"campus-{role}-apart" for role in ("balancer", "directory", "scanner")),
            *(f"campus-{server}" for server in ("balancer-1", "balancer-2", "control-center", "log-archive")),
            *(f"campus-{server}" for server in ("mailbox-1", "mta-1", "scanner-1", "scanner-2")),
        ]
    )


def test_outputs_are_ids_and_files_and_never_whole_resources(apply: Apply, campus: config.Platform) -> None:
    outputs = apply(campus).outputs

    assert outputs["datastore_ids"]["mail-fc"] == "campus-mail-fc-id"
    assert outputs["vm_ids"]["campus-mta-1"] == "campus-mta-1-id"
    assert sorted(outputs["files"]) == ["access.list", "campus.example.zone", "haproxy.cfg"]
    assert all(isinstance(value, str) for group in outputs.values() for value in group.values())
