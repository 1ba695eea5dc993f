"""In which order the members of a role are changed."""

import pytest

from components.pool import changed_before
from config import Role
from plan import Apart


def rule(role: Role, *vms: str) -> Apart:
    """A rule that keeps VMs apart."""
    return Apart(name=f"{role}-apart", role=role, vms=vms)


def numbered(count: int) -> Apart:
    """A rule over so many scanners."""
    return rule(Role.SCANNER, *(f"scanner-{n:04}" for n in range(count)))


def most_at_a_time(apart: Apart) -> int:
    """How many members are changed together, if each change takes equally long."""
    before, turn = changed_before([apart]), dict[str, int]()
    for vm in sorted(apart.vms):
        turn[vm] = 1 + max((turn[earlier] for earlier in before.get(vm, set())), default=0)
    return max(list(turn.values()).count(n) for n in turn.values())


def test_of_two_members_the_second_waits_for_the_first() -> None:
    assert changed_before([rule(Role.SCANNER, "scanner-2", "scanner-1")]) == {"scanner-2": {"scanner-1"}}


@pytest.mark.parametrize(("members", "together"), [(2, 1), (3, 1), (19, 1), (20, 2), (29, 2), (900, 90)])
def test_one_in_ten_at_most_changes_at_a_time(members: int, together: int) -> None:
    assert most_at_a_time(numbered(members)) == together


@pytest.mark.parametrize("members", [2, 3, 19, 20, 21, 39, 900])
@pytest.mark.hazard("H10", "engine", "members of a role are changed by turns")
def test_at_any_moment_one_member_runs_however_long_each_change_takes(members: int) -> None:
    """A VM that is being changed has all that it waits for behind it: with every member being changed, nobody waited."""
    waiting = changed_before([numbered(members)])
    assert len(waiting) == members - max(1, members // 10)


def test_the_longest_wait_is_for_nineteen_changes() -> None:
    """So that a role of hundreds is not one queue."""
    for members in (19, 20, 199, 900):
        before = changed_before([numbered(members)])
        deepest: dict[str, int] = {}
        for vm in sorted(numbered(members).vms):
            deepest[vm] = 1 + max((deepest[earlier] for earlier in before.get(vm, set())), default=0)
        assert max(deepest.values()) <= 19


def test_a_vm_of_two_roles_waits_in_both_and_nobody_waits_in_a_circle() -> None:
    directory = rule(Role.DIRECTORY, "mta-2", "mailbox-1", "mta-1")
    before = changed_before([rule(Role.MTA, "mta-2", "mta-1", "mta-3"), directory])
    assert before == {"mta-2": {"mta-1"}, "mta-3": {"mta-2"}, "mta-1": {"mailbox-1"}}
    assert all(earlier < later for later, names in before.items() for earlier in names)
