"""The rights of a role are those of what is called, and of nothing else; nothing that is not on a list can be asked."""

from pathlib import Path
from typing import Any

import pytest

import checks.vcenter.session as edge
from checks import Credentials
from checks.files import CALLS as FILE_CALLS
from checks.files import files
from checks.ledger.last_line import INDEX_CALLS
from checks.privileges import EVERYBODY, LOOKING, READ, applying, looking, snapshots
from checks.site import CALLS as SITE_CALLS
from checks.site import settings
from checks.snapshots.operations import Asked, Kind, UnderWay, take
from checks.vcenter.allowed import PROPERTIES, forbidden
from checks.vcenter.look import CALLS as LOOK_CALLS
from checks.vcenter.look import look
from checks.vcenter.reading import read
from checks.vcenter.untyped import vim
from tests.checks.conftest import Start, site
from tests.checks.looks import platform
from tests.checks.stand import standing
from tests.checks.worlds import PLAN
from tests.test_vcenter_docs import PAGE, rows

DELETING = {"VirtualMachine.Config.RemoveDisk", "VirtualMachine.Inventory.Delete", "Folder.Delete"}


def names(rights: Any) -> set[str]:
    return {right.privilege for right in rights}


def test_looks_need_no_more_than_the_role_read_only_and_to_browse() -> None:
    assert names(looking()) == {READ, "Datastore.Browse"}


def test_snapshots_need_two_rights_more() -> None:
    more = names(snapshots()) - names(looking())
    assert more == {"VirtualMachine.State.CreateSnapshot", "VirtualMachine.State.RemoveSnapshot"}


def test_who_applies_can_delete_nothing_unless_the_data_is_disposable() -> None:
    keeper, whole = names(applying(disposable=False)), names(applying(disposable=True))
    assert whole - keeper == DELETING
    assert not [p for p in keeper if "Delete" in p or "RemoveDisk" in p or p.startswith("Datastore.File")]


def test_who_applies_has_just_what_the_page_on_vcenter_lists() -> None:
    """The page shortens: `.Memory` after `VirtualMachine.Config.CPUCount` is of the same group."""
    listed: set[str] = set()
    for _, privileges, _ in rows(PAGE.read_text(encoding="utf-8")):
        group = ""
        for name in privileges:
            listed.add(group + name if name.startswith(".") else name)
            group = group if name.startswith(".") else name.rpartition(".")[0]
    assert names(applying(disposable=True)) == listed - set(EVERYBODY)


@pytest.fixture
def asked(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[tuple[str, str]]:
    """Every property that all looks together ask for, on a site with everything that they look for."""
    seen: set[tuple[str, str]] = set()

    def noted(kind: type[Any], paths: Any, more: frozenset[str]) -> tuple[str, ...]:
        seen.update((kind.__name__, path) for path in paths)
        return forbidden(kind, paths, more)

    monkeypatch.setattr(edge, "forbidden", noted)
    with standing(start, PLAN) as stand:
        take(
            Asked(stand.login, platform(), PLAN, lambda _: None, tmp_path),
            "mta-1",
            "one",
            UnderWay(),
            Kind(24, memory=False, quiesce=False),
        )
        for ask in (read, look, settings):
            ask(stand.login, PLAN)
        more = PLAN.vms[0].model_copy(update={"name": "campus-new"})
        files(stand.login, PLAN.model_copy(update={"vms": (*PLAN.vms, more)}), look(stand.login, PLAN))
    return seen


def test_no_property_is_on_the_list_that_nobody_asks_for(asked: set[tuple[str, str]]) -> None:
    assert asked == {(kind, path) for kind, paths in PROPERTIES.items() for path in paths}


@pytest.mark.parametrize(
    ("kind", "path"),
    [(vim.VirtualMachine, "guest"), (vim.VirtualMachine, "config"), (vim.VirtualMachine, "config.extraConfig"), (vim.HostSystem, "vm")],
)
def test_a_property_that_is_not_on_the_list_is_never_asked_for(start: Start, kind: Any, path: str) -> None:
    assert forbidden(kind, ["name", path]) == (f"{kind.__name__}.{path}",)
    login: Credentials = start(site("campus"))
    with edge.session(login) as live:
        with pytest.raises(edge.NotReadOnly, match=path):
            live.of([(kind("x-1", None), [path])])
        with pytest.raises(edge.NotReadOnly, match=path):
            live.below(live.content.rootFolder, {kind: ["name", path]})


def test_a_part_of_what_is_listed_may_be_asked_for_and_the_whole_of_a_listed_part_not() -> None:
    assert forbidden(vim.Task, ["info", "info.state"]) == ()
    assert forbidden(vim.Datastore, ["summary"]) == ("vim.Datastore.summary",)
    assert forbidden(vim.VirtualMachine, ["runtime.question"], frozenset({"runtime.question"})) == ()


def test_a_derived_type_may_what_its_base_may() -> None:
    assert forbidden(vim.dvs.DistributedVirtualPortgroup, ["name"]) == ()
    assert forbidden(vim.dvs.DistributedVirtualPortgroup, ["config"]) == ("vim.dvs.DistributedVirtualPortgroup.config",)


def test_the_list_of_calls_is_that_of_the_looks() -> None:
    assert edge.READ_ONLY | LOOK_CALLS | INDEX_CALLS | SITE_CALLS | FILE_CALLS == LOOKING
    assert [name for name in sorted(LOOKING) if name.endswith("_Task")] == ["SearchDatastoreSubFolders_Task"], "which only reads"
