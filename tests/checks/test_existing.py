"""What is there already under the names of what is to be made: refused where no state says that the stack has made it."""

from checks import existing
from checks.vcenter.inventory import Inventory, Machine
from config import Problem
from tests.checks.worlds import PLAN, WORLD, adopting, changed, datastore, with_datastore

FOLDER = PLAN.place.folder


def said(inventory: Inventory) -> list[Problem]:
    """What is there."""
    return list(existing(PLAN, inventory))


def machine(name: str, folder: str = FOLDER) -> Machine:
    """A VM."""
    return Machine(id=f"vm-{name}", name=name, folder=folder, disks=())


def test_nothing_of_the_plan_is_there() -> None:
    assert said(WORLD) == []
    assert said(changed(folders=("another",), machines=(machine("campus-mta-1", "another"),), rules=("another",))) == []


def test_a_folder_alone() -> None:
    (problem,) = said(changed(folders=(FOLDER,)))
    assert (problem.path, problem.value) == ("vsphere.folder", FOLDER)
    assert problem.rule.startswith("is there already, and nothing in this stack's state")
    assert "docs/edits.md, Coming back" in problem.remedy


def test_a_folder_names_five_of_its_vms() -> None:
    vms = tuple(machine(f"campus-{n}") for n in range(5))
    (problem,) = said(changed(folders=(FOLDER,), machines=vms))
    assert "with the VMs campus-0, campus-1, campus-2, campus-3, campus-4, and" in problem.rule
    (problem,) = said(changed(folders=(FOLDER,), machines=(*vms, machine("campus-5"), machine("other", "elsewhere"))))
    assert "campus-4 and 1 more, and" in problem.rule


def test_a_datastore_that_would_be_made_and_not_one_that_is_taken_over() -> None:
    inventory = with_datastore(WORLD, datastore(PLAN, "mail-fc"))
    (problem,) = said(inventory)
    assert (problem.path, problem.value) == ("storage.luns.mail-fc.naa", PLAN.datastore("mail-fc").naa)
    assert problem.remedy.endswith("or take it over with datastore: mail-fc")
    assert list(existing(adopting("mail-fc", "mail-fc"), inventory)) == []


def test_a_rule() -> None:
    (problem,) = said(changed(rules=("campus-scanner-apart", "theirs")))
    assert (problem.path, "campus-scanner-apart" in problem.rule) == ("vsphere.cluster", True)
