"""VMDKs where servers are yet to be made, on a simulated vCenter."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyVim.task import WaitForTask

from checks.files import Files, Left, files, foreign
from checks.vcenter.look import look
from checks.vcenter.untyped import vim
from config.findings import Level
from plan import Plan
from tests.checks.conftest import Start
from tests.checks.looks import world
from tests.checks.stand import Stand, standing
from tests.checks.worlds import PLAN

NEW = ("campus-new", "campus-newer")


@pytest.fixture(scope="module")
def stand(start: Start) -> Iterator[Stand]:
    """The campus, and VMDKs in folders of all kinds."""
    with standing(start, PLAN) as made:
        for folder in ("campus-new", "campus-newest", "backup/campus-new", "campus-mta-1"):
            for store in ("mail-fc", "spool-iscsi"):
                name = f"[{store}] {folder}"
                try:
                    made.content.fileManager.MakeDirectory(name, made.datacenter, createParentDirectories=True)
                except vim.fault.FileAlreadyExists:
                    assert folder == "campus-mta-1"
                spec = vim.VirtualDiskManager.FileBackedVirtualDiskSpec(diskType="thin", adapterType="lsiLogic", capacityKb=2**20)
                how = {"name": f"{name}/left.vmdk", "datacenter": made.datacenter, "spec": spec}
                WaitForTask(made.content.virtualDiskManager.CreateVirtualDisk_Task(**how))  # type: ignore[no-untyped-call]
        yield made


def wanting(*names: str) -> Plan:
    """The plan with servers that are yet to be made."""
    more = tuple(PLAN.vms[0].model_copy(update={"name": name}) for name in names)
    return PLAN.model_copy(update={"vms": (*PLAN.vms, *more)})


@pytest.mark.hazard("H5", "live", "preflight tells by name a VMDK that lies where a server is to be made")
def test_a_disk_in_the_folder_that_a_server_would_get_is_told_on_every_datastore_of_the_stack(stand: Stand) -> None:
    """And none in a folder of a similar name, further below, or of a server that stands."""
    found = files(stand.login, wanting(*NEW), look(stand.login, PLAN))
    assert [(one.file, one.vm) for one in found.left] == [
        ("[mail-fc] campus-new/left.vmdk", "campus-new"),
        ("[spool-iscsi] campus-new/left.vmdk", "campus-new"),
    ]
    assert found.unread == ()


def test_where_every_server_stands_nothing_is_searched(stand: Stand, called: set[str]) -> None:
    seen = look(stand.login, PLAN)
    called.clear()
    assert files(stand.login, PLAN, seen) == Files()
    assert called == set()


def test_what_is_said_of_a_disk_that_was_left_and_of_one_that_another_vm_has() -> None:
    theirs = world().look.vms[0].disks[0].base
    found = Files(left=(Left(file="[d] x/x.vmdk", vm="x", size_gib=30.25), Left(file=theirs, vm="x", size_gib=0.001)), unread=("it",))
    left, owned, unread = foreign(world(), found)
    assert (left.found, left.level, left.names) == (
        "is there already, and no VM of the stack has it, 30.25 GiB",
        Level.UNSAFE,
        ("[d] x/x.vmdk", "x"),
    )
    assert owned.found == f"is a disk of {world().look.vms[0].name}"
    assert (unread.rule, unread.level) == ("unread", Level.WARNING)


@pytest.mark.parametrize("gone", ["mail-fc", None])
def test_a_datastore_that_is_not_accessible_is_not_searched(stand: Stand, gone: str | None) -> None:
    seen: Any = look(stand.login, PLAN)
    stores = tuple(s.model_copy(update={"accessible": s.name != gone}) for s in seen.stores)
    found = files(stand.login, wanting(*NEW), seen.model_copy(update={"stores": stores}))
    assert len(found.left) == (1 if gone else 2)
