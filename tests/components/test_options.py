"""What protects mail data: the pure functions, entry by entry."""

import pytest

from components import options
from plan import Disk

MAIL = Disk(label="queue", unit=1, size_gib=70, mail_data=True)
MADE_ONCE = ["clone", "ovfDeploy", "guestId", "firmware", "scsiType", "hostSystemId", "datacenterId"]
SYSTEM = Disk(label="system", unit=0, size_gib=20, mail_data=False)


@pytest.mark.hazard("H2", "engine", "what a VM was made from is looked at once; it is protected and retained from the first")
def test_a_vm_is_protected_and_retained_and_never_remade_from_its_template() -> None:
    made = options.virtual_machine(disposable=False)

    assert made.protect is True
    assert made.retain_on_delete is True
    assert made.ignore_changes == MADE_ONCE


def test_a_datastore_and_a_folder_are_protected_and_retained() -> None:
    for made in (options.datastore(disposable=False), options.stateful(disposable=False)):
        assert made.protect is True
        assert made.retain_on_delete is True


@pytest.mark.parametrize("disposable", [True, False])
def test_a_datastore_is_not_remade_because_another_host_comes_first(disposable: bool) -> None:
    assert options.datastore(disposable=disposable).ignore_changes == ["hostSystemId"]


def test_disposable_data_is_not_protected_but_a_vm_is_still_not_remade() -> None:
    vm, datastore = options.virtual_machine(disposable=True), options.datastore(disposable=True)

    assert not vm.protect
    assert not vm.retain_on_delete
    assert vm.ignore_changes == MADE_ONCE
    assert not datastore.protect
    assert not datastore.retain_on_delete


@pytest.mark.parametrize(
    ("disk", "disposable", "kept"),
    [(MAIL, False, True), (MAIL, True, False), (SYSTEM, False, False), (SYSTEM, True, False)],
)
@pytest.mark.hazard("H1", "engine", "every disk with mail data is kept when it leaves its VM")
def test_only_mail_data_outlives_its_vm_and_only_where_it_is_not_disposable(disk: Disk, disposable: bool, kept: bool) -> None:
    assert options.keep_on_remove(disk, disposable=disposable) is kept


@pytest.mark.parametrize("entry", [*options.KEEP, *options.MADE_ONCE, *options.FORMATTED_ONCE], ids=lambda entry: entry.option)
def test_every_option_has_a_reason(entry: options.Protection) -> None:
    assert len(entry.reason.split()) >= 8
