"""Files that a program puts on datastores, moves or deletes, and that are disks."""

from typing import Any

import pytest

from config.findings import Level
from config.review import Review
from review import judge
from review.preview import UNKNOWN, Step
from review.stateful import FILE, VIRTUAL_DISK
from tests.review.made import disk, machine, preview, step
from tests.review.test_gate import TODAY

ISO = {"destinationFile": "iso/a.iso", "datastore": "mail", "sourceFile": "a.iso"}
SPOOL = "store/store_1.vmdk"


def store(**values: Any) -> Step:
    return machine("same", old={"disks": [disk(path=SPOOL)]}, new={"disks": [disk()]}, old_outputs={"disks": [disk(path=SPOOL) | values]})


def named(name: str) -> Step:
    """A datastore, whose name files are put by and whose id disks."""
    values = {"name": name}
    return step("same", "vsphere:index/vmfsDatastore:VmfsDatastore", name, values, values, old_id=f"id-{name}")


def file(op: str, old: Any = None, new: Any = None, **more: Any) -> Step:
    before = None if op == "create" else ISO | (old or {})
    return step(op, FILE, "f", before, None if op == "delete" else ISO | (new or {}), **more)


def found(*steps: Step) -> list[tuple[str, Level]]:
    files = [f for f in judge(preview(*steps), Review(), TODAY).findings if f.subject.startswith("File")]
    return [(f.rule, f.level) for f in files if f.rule not in ("replaced", "deleted")]


@pytest.mark.parametrize("op", ["create", "update", "replace"])
@pytest.mark.parametrize(
    "path", [SPOOL, f"/{SPOOL}", f"[mail] {SPOOL}", "store/store_1-flat.vmdk", "Store/Store_1.VMDK", "store/store_1-000001.vmdk"]
)
def test_a_file_is_not_put_over_a_disk_of_a_vm(op: str, path: str) -> None:
    assert ("file-overwritten", Level.UNSAFE) in found(store(), file(op, new={"destinationFile": path}))


def test_what_another_file_is_put_over() -> None:
    lone = {"vmdkPath": SPOOL, "datastore": "mail"}
    assert found(step("same", VIRTUAL_DISK, "d", lone, lone), file("create", new={"destinationFile": SPOOL})) == [
        ("file-overwritten", Level.UNSAFE)
    ]
    assert found(store(), file("create", new={"destinationFile": "store/store_2.vmdk"})) == []
    assert found(store(), file("update", new={"createDirectories": True})) == []
    assert found(store(), file("create")) == []


@pytest.mark.parametrize(
    ("datastore", "of_the_disk", "count"),
    [
        ("mail", "id-mail", 1),
        ("logs", "id-mail", 0),
        ("mail", None, 1),
        ("/campus-dc/datastore/mail", "id-mail", 1),
        ("else", "id-mail", 0),
        ("mail", UNKNOWN, 1),
    ],
)
def test_a_file_of_another_datastore_is_another_file(datastore: str, of_the_disk: str | None, count: int) -> None:
    put = file("create", new={"destinationFile": SPOOL, "datastore": datastore})
    assert len(found(named("mail"), named("logs"), store(datastoreId=of_the_disk), put)) == count


@pytest.mark.parametrize("change", [
    {"destinationFile": "old/spool.vmdk"}, {"destinationFile": "old/spool.iso"}, {"datastore": "logs"}, {"datacenter": "south"},
    {"destinationFile": UNKNOWN},
])  # fmt: skip
@pytest.mark.parametrize("there", ["mail/spool.vmdk", "mail/SPOOL.VMDK"])
def test_a_disk_s_file_is_not_moved_away(change: dict[str, Any], there: str) -> None:
    there_ = {"destinationFile": there, "datacenter": "north"}
    assert ("file-moved", Level.UNSAFE) in found(file("update", there_, there_ | change))


def test_what_is_moved_to_where_a_disk_may_be_is_unsafe() -> None:
    """The provider moves with force: it asks nobody for what is there."""
    assert found(file("update", new={"destinationFile": "else/else.vmdk"})) == [("file-moved", Level.UNSAFE)]
    assert found(file("update", new={"destinationFile": "iso/b.iso"})) == []
    assert found(file("update", {"destinationFile": "a.vmdk"}, {"destinationFile": "a.vmdk"})) == []


@pytest.mark.parametrize("op", ["create", "update"])
def test_where_a_file_goes_must_be_seen(op: str) -> None:
    assert found(file(op, new={"destinationFile": UNKNOWN})) == [("disks-unseen", Level.UNSAFE)]


def test_a_disk_s_file_is_known_in_upper_case() -> None:
    (gone,) = judge(preview(file("delete", {"destinationFile": "mail/SPOOL.VMDK"})), Review(), TODAY).findings
    assert (gone.rule, gone.level) == ("deleted", Level.UNSAFE)


def test_a_file_that_is_put_there_for_a_vm_to_attach_is_no_finding() -> None:
    extra = disk("extra", attach=True, unitNumber=2, path="images/new.vmdk")
    put = file("create", new={"destinationFile": "images/new.vmdk"})
    assert found(put, machine("create", new={"disks": [disk(), extra]})) == []
    assert found(put, machine("update", new={"disks": [disk(), extra]})) == []
