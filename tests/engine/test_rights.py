"""What the engine's provider really calls needs no right beyond those of the role for it, and none to delete."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

import pytest
from pyVmomi import pbm
from pyVmomi.VmomiSupport import GetWsdlMethod

from checks.privileges import EVERYBODY, READ, applying
from checks.vcenter.untyped import vim
from tests.engine.conftest import Staged
from tests.engine.stage import Stage
from tests.engine.test_edits import BASE, SITE
from tests.engine.test_last_line import larger
from tests.engine.test_lifecycle import GROWN
from tests.sim import sim
from tests.test_vcenter_docs import ROWS

DELETING = {
    "Destroy_Task", "UnregisterVM", "UnregisterAndDestroy_Task", "RemoveDatastore", "DeleteVirtualDisk_Task", "DeleteDatastoreFile_Task",
    "DeleteFile", "DeleteVStorageObject_Task", "RemoveSnapshot_Task", "RemoveAllSnapshots_Task", "RevertToSnapshot_Task",
}  # fmt: skip
"""Every call by which a VM, a disk, a file or what was written since a snapshot goes."""


def wsdl(call: str) -> str:
    """The name that a call of the page on vCenter has on the wire."""
    root: Any = pbm if call.startswith("pbm.") else vim
    name: str = reduce(getattr, call.removeprefix("pbm.").split("."), root).info.wsdlName
    return name


def ask(stage: Stage, what: str) -> dict[str, Any]:
    """A call of the simulator's own."""
    return sim(stage.server.address, stage.server.user, stage.server.password, what)


def unlisted(called: Iterable[str], listed: set[str], allowed: set[str]) -> dict[str, str]:
    """Calls that the page does not list, whose privilege is not one of those that are allowed, by name."""
    privileges = {name: GetWsdlMethod("urn:vim25", name).info.privId for name in called if name not in listed}  # type: ignore[no-untyped-call]
    return {name: privilege for name, privilege in privileges.items() if privilege not in {None, *EVERYBODY, READ, *allowed}}


def test_all_that_up_edits_and_destroy_call_is_on_the_page_and_in_the_role(staged: Staged) -> None:
    stage = staged("demo", site={"luns.0.size_gib": 200})
    before = set(ask(stage, "calls")["calls"])
    stage.work.must("up", "--yes", "--skip-preview")
    stage.edit(GROWN)
    stage.work.must("up", "--yes", "--skip-preview")
    stage.work.must("destroy", "--yes", "--skip-preview")
    called = set(ask(stage, "calls")["calls"]) - before
    listed = {wsdl(call) for call, _, _ in ROWS if call}
    assert {"CloneVM_Task", "ReconfigVM_Task", "Destroy_Task", "CreateVmfsDatastore", "RemoveDatastore"} <= called & listed
    assert unlisted(called, listed, {right.privilege for right in applying(disposable=True)}) == {}
    assert unlisted({"CreateVApp"}, listed, set()), "so that one which is not listed would be found"


@pytest.mark.hazard("H1", "engine", "an apply with the role that may delete nothing works, and calls nothing that deletes")
def test_a_platform_that_keeps_its_mail_is_applied_and_edited_without_any_right_to_delete(staged: Staged) -> None:
    stage = staged("campus", BASE | larger(4), SITE)
    for call in DELETING:
        ask(stage, f"deny?what={call}&privilege=Nobody.Has")
    stage.up("--skip-preview")
    stage.edit(larger(5))
    stage.up("--skip-preview")
    assert stage.work.changes() == {}
    assert DELETING & set(ask(stage, "calls")["calls"]) == set()
