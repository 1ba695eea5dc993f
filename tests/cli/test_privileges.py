"""`privileges` as it is typed."""

import json

import pytest

from tests.cli.test_stacks import mailstead


@pytest.mark.parametrize(
    ("options", "role", "has", "lacks"),
    [
        ((), "mailstead-check", "System.Read", "VirtualMachine.State.CreateSnapshot"),
        (("--snapshots",), "mailstead-snapshots", "VirtualMachine.State.RemoveSnapshot", "VirtualMachine.Interact.PowerOn"),
        (("--apply",), "mailstead-apply", "VirtualMachine.Interact.PowerOn", "VirtualMachine.Inventory.Delete"),
        (("--apply", "--snapshots"), "mailstead-apply", "VirtualMachine.State.CreateSnapshot", "VirtualMachine.Config.RemoveDisk"),
        (("--apply", "--disposable"), "mailstead-apply", "VirtualMachine.Inventory.Delete", "VirtualMachine.State.CreateSnapshot"),
    ],
)
def test_each_role_has_what_it_needs_and_no_more(options: tuple[str, ...], role: str, has: str, lacks: str) -> None:
    result = mailstead("privileges", *options)
    command = result.stdout.splitlines()[-1].split()
    assert result.exit_code == 0
    assert command[:3] == ["govc", "role.create", role]
    assert has in command
    assert lacks not in command
    data = json.loads(mailstead("privileges", *options, "--json").stdout)
    assert sorted({right["privilege"] for right in data}) == command[3:]


def test_only_an_apply_deletes() -> None:
    assert mailstead("privileges", "--disposable").exit_code == 2
