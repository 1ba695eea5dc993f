"""Files that two VMs would have."""

from typing import Any

import pytest

from config.findings import Level
from config.review import Review
from review import judge
from review.preview import UNKNOWN, Step
from review.sharing import shared
from tests.review.made import disk, machine, preview
from tests.review.test_gate import TODAY

FILE = "store/store_1.vmdk"


def attaching(path: str = FILE, op: str = "create", **values: Any) -> Step:
    extra = disk("extra", attach=True, unitNumber=2, path=path) | values
    return machine(op, name="mx", new={"disks": [disk(), extra]})


def store(op: str = "same", new: Any = None, old_retain_on_delete: bool = False, **values: Any) -> Step:
    """A VM with a file of its own, whose path only the provider knows."""
    there = {"name": "store", "disks": [disk(path=FILE, keepOnRemove=True) | values]}
    return machine(op, old={"disks": [disk()]}, new=new, old_outputs=there, old_retain_on_delete=old_retain_on_delete)


@pytest.mark.parametrize("op", ["create", "update", "replace", "import"])
def test_a_file_that_another_vm_has_is_not_attached(op: str) -> None:
    (finding,) = [f for f in judge(preview(store(), attaching(op=op)), Review(), TODAY).findings if f.rule == "disk-shared"]
    assert (finding.level, finding.names) == (Level.UNSAFE, ("mx/extra",))
    assert finding.found == "is attached, and store/spool is the same file"


def test_two_vms_of_one_preview_do_not_attach_one_file() -> None:
    second = attaching().model_copy(update={"urn": attaching().urn + "-2"})
    assert len(list(shared(preview(attaching(), second)))) == 2


@pytest.mark.parametrize(
    ("there", "attached", "count"),
    [
        (store(), attaching("[mail] store/store_1.vmdk"), 1),
        (store(), attaching("store/store_2.vmdk"), 0),
        (store(), attaching(UNKNOWN), 0),
        (store(), attaching(attach=False), 0),
        (store(datastoreId="a"), attaching(datastoreId="a"), 1),
        (store(datastoreId="a"), attaching(), 1),
        (store(datastoreId="a"), attaching(datastoreId=UNKNOWN), 1),
        (store(datastoreId="a"), attaching(datastoreId="b"), 0),
        (store("update", new={"disks": []}), attaching(), 0),
        (store("update"), attaching(), 1),
        (store("delete"), attaching(), 0),
        (store("delete", old_retain_on_delete=True), attaching(), 1),
        (store("delete-replaced", old_retain_on_delete=True), attaching(), 1),
        (store("delete", old_retain_on_delete=True, path="store/store_9.vmdk"), attaching(), 0),
    ],
)
def test_what_is_the_same_file_and_who_has_it(there: Step, attached: Step, count: int) -> None:
    assert len(list(shared(preview(there, attached)))) == count


def test_what_was_attached_before_is_no_news() -> None:
    extra = {"disks": [disk(), disk("extra", attach=True, unitNumber=2, path=FILE)]}
    assert list(shared(preview(store(), machine(name="mx", old=extra, new=extra)))) == []


def test_a_vm_that_is_replaced_and_runs_on_shares_with_the_new_one() -> None:
    extra = {"disks": [disk("extra", attach=True, unitNumber=2, path=FILE)]}
    for retained, count in ((True, 1), (False, 0)):
        replaced = machine("replace", old=extra, new=extra, old_retain_on_delete=retained)
        assert len(list(shared(preview(replaced)))) == count


@pytest.mark.parametrize("path", ["Store/STORE_1.vmdk", "store/store_1-flat.vmdk", "store/store_1-000002.vmdk"])
def test_a_file_is_known_by_each_of_its_parts(path: str) -> None:
    assert len(list(shared(preview(store(), attaching(path))))) == 1
