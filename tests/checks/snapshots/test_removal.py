"""Which snapshots may be removed where a datastore is nearly full: never all refused, and the first is named."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import checks.snapshots.operations as acting
from checks.snapshots.gate import Verdict
from checks.snapshots.operations import Asked, UnderWay, remove
from checks.snapshots.removal import removable, removals
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm, Work
from config import Growth
from config.findings import Level, unsafe
from tests.checks.conftest import Start
from tests.checks.looks import STEP_GIB, held, platform, world
from tests.checks.stand import physics, standing
from tests.checks.worlds import PLAN

HELPER = 0.15 * 90 * 4 / 24
"""GiB that a scanner writes in the 4 h of a consolidation."""
ISCSI = 0.15 * 90 * 4 / 24, 0.02 * 34 * 4 / 24
"""The same of scanner-1 and balancer-1, which share a datastore."""


def vm(there: World, server: str) -> LiveVm:
    return next(v for v in there.look.vms if v.name == f"campus-{server}")


def said(there: World, server: str) -> list[tuple[str, Level]]:
    return [(f.rule, f.level) for f in removable(there, vm(there, server))]


@pytest.mark.parametrize(
    ("less", "on", "expected"),
    [(0.0, True, []), (0.01, True, [("no-room", Level.WARNING)]), (0.01, False, []),
     (HELPER - 2 * STEP_GIB, True, [("no-room", Level.WARNING)]),
     (HELPER - 1.99 * STEP_GIB, True, [("no-room", Level.UNSAFE)]), (HELPER, False, [])],
)  # fmt: skip
def test_a_removal_needs_room_for_what_is_written_meanwhile_and_its_first_step_to_begin(
    less: float, on: bool, expected: list[tuple[str, Level]]
) -> None:
    """Of a VM alone on its datastore that has snapshots: waiting would only let it write the same to its delta."""
    there = world(scanner_2=held(PLAN, "scanner-2", 1) | {"on": on}, free={"mail_fc": HELPER - less})
    assert said(there, "scanner-2") == expected


def test_one_that_can_not_even_begin_is_to_be_shut_down() -> None:
    (finding,) = removable(there := world(scanner_2=held(PLAN, "scanner-2", 1), free={"mail_fc": 0.0}), vm(there, "scanner-2"))
    assert finding.level is Level.UNSAFE
    assert finding.next_step.startswith("Shut campus-scanner-2 down first")


def two(free_gib: float, **scanner: Any) -> World:
    """Two VMs with snapshots on one datastore."""
    deltas = {"scanner_1": held(PLAN, "scanner-1", 1, deltas_gib=5.0) | scanner, "balancer_1": held(PLAN, "balancer-1", 1, deltas_gib=1.0)}
    return world(None, free={"mail_iscsi": free_gib}, **deltas)


def test_what_others_would_consolidate_later_is_no_reason_to_refuse() -> None:
    """Each has room for what both write meanwhile: if their consolidations were counted too, they would forbid one another."""
    there = two(sum(ISCSI))
    assert said(there, "scanner-1") == said(there, "balancer-1") == []
    assert sum(ISCSI) < 2 * sum(ISCSI)


def test_where_it_does_not_fit_the_one_that_takes_least_goes_first_and_is_named() -> None:
    there = two(sum(ISCSI) - 0.01)
    assert said(there, "balancer-1") == [("no-room", Level.WARNING)]
    (finding,) = removable(there, vm(there, "scanner-1"))
    assert finding.level is Level.UNSAFE
    first = "Remove first: mailstead snapshot remove STACK --vm campus-balancer-1 --name snapshot-balancer-1-0"
    assert finding.next_step == f"{first} (it takes {ISCSI[1]:,.2f} GiB and gives 1.00 back); then this one"


def test_one_that_is_off_writes_nothing_and_goes_before_all() -> None:
    there = two(ISCSI[1] - 0.01, on=False)
    store = there.look.store("mail-iscsi")
    assert store
    assert [one.name for one in removals(there, store)] == ["campus-scanner-1", "campus-balancer-1"]
    assert [level for _, level in said(there, "balancer-1")] == [Level.UNSAFE]
    assert unsafe(removable(there, vm(there, "scanner-1"))) == ()


def test_deltas_that_no_snapshot_has_are_consolidated_first_by_hand() -> None:
    there = world(
        None,
        free={"mail_iscsi": 0.3},
        scanner_1=held(PLAN, "scanner-1", 1),
        balancer_1=held(PLAN, "balancer-1", 1) | {"snapshots": ()},
    )
    (finding,) = removable(there, vm(there, "scanner-1"))
    assert finding.next_step.startswith("Have the disks of campus-balancer-1 consolidated first, in vCenter")


def test_a_thin_disk_takes_blocks_before_its_deltas_are_gone() -> None:
    def of(unallocated: float) -> World:
        whole = held(PLAN, "scanner-2", 1, deltas_gib=4.0)
        thin = tuple(d.model_copy(update={"unallocated_gib": unallocated}) for d in whole["disks"])
        return world(scanner_2=whole | {"disks": thin, "on": False}, free={"mail_fc": 6.0})

    assert said(of(3.0), "scanner-2") == []
    assert said(of(3.1), "scanner-2") == [("no-room", Level.WARNING)]
    assert said(of(90.0), "scanner-2") == [("no-room", Level.WARNING)], "no more than its deltas, 2 × 4 GiB"


def test_no_removal_begins_while_another_task_is_at_the_chain_and_none_waits_for_one_that_is_under_way() -> None:
    work = (Work(what="RemoveSnapshot_Task", state="running", who="backup", percent=5, started=None),)
    there = two(sum(ISCSI) - 0.01)
    busy = held(PLAN, "balancer-1", 1) | {"work": work}
    both = world(None, free={"mail_iscsi": sum(ISCSI) - 0.01}, scanner_1=held(PLAN, "scanner-1", 1), balancer_1=busy)
    assert said(both, "balancer-1")[0] == ("busy", Level.UNSAFE)
    assert [level for _, level in said(both, "scanner-1")] == [Level.WARNING]
    assert [level for _, level in said(there, "scanner-1")] == [Level.UNSAFE]


def test_two_vms_that_are_each_on_two_datastores_do_not_wait_for_one_another() -> None:
    """On one of them the first would take least, on the other the second: there is one order for both."""

    def split(server: str, system: str, queue: str) -> dict[str, Any]:
        whole = held(PLAN, server, 1, deltas_gib=3.0)
        tops = [f"[{store}] {server}/{i}-000001.vmdk" for i, store in enumerate((system, queue))]
        return whole | {"disks": tuple(d.model_copy(update={"top": top}) for d, top in zip(whole["disks"], tops, strict=True))}

    small = {"mail_iscsi": 0.5, "mail_fc": 0.5}
    there = world(
        None, free=small, scanner_1=split("scanner-1", "mail-iscsi", "mail-fc"), scanner_2=split("scanner-2", "mail-fc", "mail-iscsi")
    )
    levels = {server: {level for _, level in said(there, server)} for server in ("scanner-1", "scanner-2")}
    assert levels == {"scanner-1": {Level.WARNING}, "scanner-2": {Level.UNSAFE}}


SERVERS = ("scanner_1", "balancer_1", "control_center")


@given(
    st.floats(min_value=0, max_value=20),
    st.lists(st.tuples(st.booleans(), st.floats(min_value=0.1, max_value=60)), min_size=3, max_size=3),
    st.sampled_from(list(Growth)),
)
def test_there_is_always_one_that_may_begin_or_that_may_once_it_is_off(
    free_gib: float, vms: list[tuple[bool, float]], growth: Growth
) -> None:
    """Whatever is free, however large the deltas are and whoever runs."""
    described = platform(snapshots={"growth": growth})
    changes = {
        server: held(PLAN, server.replace("_", "-"), 1, deltas_gib=gib) | {"on": on} for server, (on, gib) in zip(SERVERS, vms, strict=True)
    }
    there = world(described, free={"mail_iscsi": free_gib}, **changes)
    names = [server.replace("_", "-") for server in SERVERS]
    against = {name: unsafe(removable(there, vm(there, name))) for name in names}
    free_to_go = [name for name in names if not against[name]]
    shut_down = [name for name in names if any(f.next_step.startswith(f"Shut campus-{name} down first") for f in against[name])]
    assert free_to_go or shut_down
    for name, on in product(shut_down, [False]):
        off = world(
            described, free={"mail_iscsi": free_gib}, **changes | {name.replace("-", "_"): changes[name.replace("-", "_")] | {"on": on}}
        )
        assert unsafe(removable(off, vm(off, name))) == ()


def test_two_vms_on_a_nearly_full_datastore_get_rid_of_their_snapshots(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a site where time passes: the first frees room, then the second fits, and nothing has stopped."""
    monkeypatch.setattr(acting, "POLL_SECONDS", 0.01)
    with standing(start, PLAN, **physics(PLAN)) as stand:
        stand.start("scanner-2", "balancer-2")
        stand.snapshot("scanner-2", "one")
        stand.snapshot("balancer-2", "two")
        asked = Asked(stand.login, platform(), PLAN, lambda _: stand.pass_time(0.25), tmp_path)
        while asked.world().look.store("mail-fc").free_gib > 1.5:  # type: ignore[union-attr]
            stand.pass_time(2)
        refused = remove(asked, "scanner-2", "one", UnderWay(), 24)
        assert (refused.begun, refused.verdict) == (False, Verdict.NO)
        assert "Remove first: mailstead snapshot remove STACK --vm campus-balancer-2" in refused.findings[0].next_step
        assert remove(asked, "balancer-2", "two", UnderWay(), 24).verdict is Verdict.YES
        assert remove(asked, "scanner-2", "one", UnderWay(), 24).verdict is Verdict.YES
        after = asked.world().look
    assert [v.name for v in after.vms if v.snapshots or v.deltas_gib] == []
