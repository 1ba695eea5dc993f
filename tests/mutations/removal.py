"""Takes one guard away at a time, and runs the test that shows it: the test must fail.

A guard is a function; it is taken away by giving it the code of one that finds nothing, so that whoever has imported it is met too. Run
as a program of its own, since nothing else may run without its guards.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def finds_nothing(*_args: Any, **_more: Any) -> Any:
    """No finding, no problem, no resource."""
    return iter(())


def is_empty(*_args: Any, **_more: Any) -> Any:
    """Nothing to wait for."""
    return {}


def is_false(*_args: Any, **_more: Any) -> Any:
    """Not kept."""
    return False


def as_it_is(value: Any) -> Any:
    """Taken as it is written."""
    return value


def says_nothing(*_args: Any, **_more: Any) -> Any:
    """No option; `pulumi` is the name in the module of the guard."""
    return pulumi.ResourceOptions()  # type: ignore[name-defined] # noqa: F821


REVIEW, POLICY, CHECKS, PARTS, PLAN = "tests/review", "tests/policy", "tests/checks", "tests/components", "tests/plan"
GUARDS: dict[str, tuple[str, Callable[..., Any]]] = {
    f"{REVIEW}/test_disks.py::test_a_disk_that_is_dropped_is_destroyed": ("review.disks:_dropped", finds_nothing),
    f"{REVIEW}/test_disks.py::test_a_disk_that_is_relabelled_is_destroyed_and_the_new_label_named": (
        "review.disks:_dropped",
        finds_nothing,
    ),
    f"{REVIEW}/test_disks.py::test_an_edit_of_a_disk": ("review.disks:_changed", finds_nothing),
    f"{REVIEW}/test_gate.py::test_previews_of_the_official_plugin": ("review.stateful:replaced", finds_nothing),
    f"{REVIEW}/test_restarts.py::test_two_peers_in_no_order_are_unsafe": ("review.restarts:_together", finds_nothing),
    f"{REVIEW}/test_stateful.py::test_a_delete_before_the_replacement_is_said": ("review.stateful:replaced", finds_nothing),
    f"{REVIEW}/test_stateful.py::test_retain_in_the_same_change_does_not_count": ("review.stateful:replaced", finds_nothing),
    f"{REVIEW}/test_stateful.py::test_a_snapshot_replaced_by_its_text_is_unsafe": ("review.stateful:replaced", finds_nothing),
    f"{REVIEW}/test_stateful.py::test_a_rule_that_keeps_less_apart": ("review.stateful:weakened", finds_nothing),
    f"{REVIEW}/test_stateful.py::test_another_vcenter_knows_nothing_of_what_was_made": ("review.stateful:elsewhere", finds_nothing),
    f"{REVIEW}/test_stateful.py::test_a_delete_is_found_at_the_level_of_its_type": ("review.stateful:deleted", finds_nothing),
    f"{REVIEW}/test_attacks.py::test_what_a_refresh_no_longer_finds_is_not_made_anew": ("review.stateful:gone", finds_nothing),
    f"{REVIEW}/test_changed_elsewhere.py::test_another_version_of_the_provider_is_said": ("review.stateful:upgraded", finds_nothing),
    f"{REVIEW}/test_changed_elsewhere.py::test_another_vm_that_answers_to_the_uuid_is_found_by_a_refresh": (
        "review.stateful:gone",
        finds_nothing,
    ),
    f"{POLICY}/test_apart.py::test_a_fabric_that_carries_a_role_is_refused_and_two_fabrics_pass": (
        "policy.apart:survives_a_fabric",
        finds_nothing,
    ),
    f"{POLICY}/test_room.py::test_a_datastore_suffices_at_its_need_and_not_a_gib_below": ("policy.room:has_headroom", finds_nothing),
    f"{POLICY}/test_room.py::test_thin_disks_may_come_to_as_much_as_is_allowed": ("policy.room:is_not_overcommitted", finds_nothing),
    f"{POLICY}/test_keeping.py::test_a_data_disk_is_kept_or_refused": ("policy.keeping:keeps_its_disks", finds_nothing),
    f"{POLICY}/test_keeping.py::test_what_is_unsafe_to_lose_must_be_protected": ("policy.keeping:is_protected", finds_nothing),
    f"{POLICY}/test_keeping.py::test_the_provider_s_version_is_exact_and_was_tried": ("policy.keeping:pins_its_provider", finds_nothing),
    f"{CHECKS}/test_queues.py::test_a_server_that_leaves_the_stack_is_asked_and_one_that_stays_is_not": (
        "checks.queues:may_go",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_identity.py::test_disks_that_have_swapped_their_units": ("checks.ledger.identity:_disks", finds_nothing),
    f"{CHECKS}/snapshots/test_modes.py::test_a_disk_that_forgets_what_is_written_is_unsafe_and_one_that_snapshots_leave_out_a_warning": (
        "checks.snapshots.modes:modes",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_identity.py::test_a_vm_that_was_restored_under_its_name": ("checks.ledger.identity:_vms", finds_nothing),
    f"{CHECKS}/ledger/test_identity.py::test_a_vm_that_is_gone_would_be_made_anew_with_empty_disks": (
        "checks.ledger.identity:_vms",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_identity.py::test_a_copy_with_the_same_bios_uuid": ("checks.ledger.identity:_twins", finds_nothing),
    f"{CHECKS}/ledger/test_last_line.py::test_a_step_that_drops_relabels_or_moves_a_recorded_disk_is_refused": (
        "checks.ledger.last_line:_dropped",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_last_line_state.py::test_a_recorded_disk_that_the_state_calls_otherwise_is_refused": (
        "checks.ledger.last_line:_misstated",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_last_line_state.py::test_a_vm_whose_mail_data_the_ledger_has_is_not_made_anew": (
        "checks.ledger.last_line:LastLine._create",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_last_line.py::test_a_vm_with_mail_data_that_no_ledger_knows_is_not_changed": (
        "checks.ledger.last_line:LastLine._unrecorded",
        finds_nothing,
    ),
    f"{CHECKS}/test_change_room.py::test_of_a_thin_lun_it_is_what_the_array_has_left": ("checks.change_room:change_room", finds_nothing),
    f"{CHECKS}/test_files.py::test_a_disk_in_the_folder_that_a_server_would_get_is_told_on_every_datastore_of_the_stack": (
        "checks.files:_left",
        finds_nothing,
    ),
    "tests/cli/test_operate.py::test_a_removal_that_is_killed_in_the_middle_is_told_by_the_next_status_until_it_is_over": (
        "checks.snapshots.status:_left",
        finds_nothing,
    ),
    f"{CHECKS}/test_preflight_report.py::test_without_drs_each_vm_is_on_its_host": ("checks.preflight_report:_placed", finds_nothing),
    f"{CHECKS}/test_preflight_report.py::test_what_the_program_refuses_is_said_as_it_says_it": ("checks.storage:compare", finds_nothing),
    f"{CHECKS}/test_preflight_report.py::test_a_snapshot_is_a_warning_and_forbids_only_that_a_disk_grows": (
        "checks.preflight_report:_held",
        finds_nothing,
    ),
    f"{CHECKS}/test_preflight_report.py::test_a_vm_that_can_t_be_reached_would_be_made_a_second_time": (
        "checks.preflight_report:_machines",
        finds_nothing,
    ),
    f"{CHECKS}/test_disks.py::test_a_role_that_moves_would_leave_its_data_behind": ("checks.disks:compare", finds_nothing),
    f"{CHECKS}/test_disks.py::test_servers_that_swap_roles_are_refused_for_every_disk_that_would_go": (
        "checks.disks:compare",
        finds_nothing,
    ),
    f"{PARTS}/test_options.py::test_a_vm_is_protected_and_retained_and_never_remade_from_its_template": (
        "components.options:_kept",
        says_nothing,
    ),
    f"{PARTS}/test_options.py::test_only_mail_data_outlives_its_vm_and_only_where_it_is_not_disposable": (
        "components.options:keep_on_remove",
        is_false,
    ),
    f"{PARTS}/test_mail_platform.py::test_each_disk_has_its_label_unit_and_size_and_mail_data_is_kept": (
        "components.vm:_disks",
        finds_nothing,
    ),
    f"{PARTS}/test_mail_platform.py::test_every_redundant_role_has_a_mandatory_rule_over_its_vms": (
        "pulumi_vsphere:ComputeClusterVmAntiAffinityRule.__init__",
        finds_nothing,
    ),
    f"{PARTS}/test_pool.py::test_at_any_moment_one_member_runs_however_long_each_change_takes": (
        "components.pool:changed_before",
        is_empty,
    ),
    f"{PARTS}/test_restart.py::test_vms_should_run_where_their_luns_are": ("components.restart:home", finds_nothing),
    "tests/config/test_types.py::test_size_with_a_unit_is_converted": ("config.types:gib", as_it_is),
    f"{PLAN}/test_invariants.py::test_a_lun_is_refused_one_gib_below_its_need_and_not_at_it": ("plan.invariants:too_small", finds_nothing),
    f"{PLAN}/test_invariants.py::test_a_thin_lun_is_refused_when_the_array_keeps_less_than_its_need": (
        "plan.invariants:unbacked",
        finds_nothing,
    ),
    f"{PLAN}/test_survival.py::test_a_role_at_one_site_is_refused_and_at_two_is_not": ("plan.spread:at_one_site", finds_nothing),
    f"{PLAN}/test_survival.py::test_a_role_on_one_datastore_is_refused_once_and_sent_to_another_fabric": (
        "plan.spread:on_one_datastore",
        finds_nothing,
    ),
    f"{PLAN}/test_survival.py::test_a_role_on_one_fabric_is_refused": ("plan.spread:on_one_fabric", finds_nothing),
    f"{PLAN}/test_survival.py::test_as_many_hosts_as_members_is_refused_with_what_happens_then": (
        "plan.spread:none_to_spare",
        finds_nothing,
    ),
    f"{PLAN}/test_survival.py::test_fewer_hosts_than_members_is_refused": ("plan.spread:too_few_hosts", finds_nothing),
    f"{PLAN}/test_survival.py::test_memory_holds_all_vms_also_without_the_largest_host": ("plan.survival:memory_lacking", finds_nothing),
    f"{PLAN}/test_hosts.py::test_a_host_at_another_site_than_the_lun_is_refused": (
        "plan.hosts:starts_at_the_site_of_its_lun",
        finds_nothing,
    ),
    f"{PLAN}/test_hosts.py::test_the_memory_of_a_host_holds_what_is_assigned_to_it_to_the_last_gib": (
        "plan.hosts:memory_holds_what_starts_there",
        finds_nothing,
    ),
    f"{PLAN}/test_hosts.py::test_two_members_on_one_host_are_refused_with_a_host_that_is_free": (
        "plan.hosts:members_start_on_different_hosts",
        finds_nothing,
    ),
    f"{PLAN}/test_hosts.py::test_without_drs_the_others_hold_a_lost_host_s_vms_beside_their_own": (
        "plan.survival:_memory_lacking_as_assigned",
        finds_nothing,
    ),
    f"{PLAN}/test_losses.py::test_the_campus_without_any_one_thing": ("plan.losses:_without", finds_nothing),
    f"{PLAN}/test_service_rules.py::test_a_breach_is_named": ("plan.service_rules:the_access_list_fits", finds_nothing),
    f"{POLICY}/test_apart.py::test_one_host_more_than_members_is_needed_unless_none_is_to_spare": (
        "policy.apart:survives_a_host",
        finds_nothing,
    ),
    f"{CHECKS}/test_queues.py::test_a_server_that_keeps_users_mail_goes_when_it_says_that_nobody_s_is_left": (
        "checks.queues:may_go",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_identity.py::test_a_server_is_what_it_was_made_as": ("checks.ledger.identity:_role", finds_nothing),
    f"{CHECKS}/snapshots/test_operations.py::test_a_snapshot_whose_room_is_no_longer_proven_is_taken_back": (
        "checks.snapshots.operations:_taken_back",
        finds_nothing,
    ),
    f"{CHECKS}/snapshots/test_operations.py::test_a_snapshot_is_taken_says_until_when_and_is_removed_with_its_deltas": (
        "checks.snapshots.operations:_merging",
        is_false,
    ),
    f"{CHECKS}/snapshots/test_operations.py::test_a_consolidation_that_has_not_ended_is_not_passed_over": (
        "checks.snapshots.operations:_left",
        finds_nothing,
    ),
    f"{CHECKS}/snapshots/test_room.py::test_a_snapshot_of_another_vm_ends_with_the_policy_and_a_forgotten_one_takes_its_whole_disks": (
        "checks.snapshots.room:_others",
        finds_nothing,
    ),
    f"{CHECKS}/snapshots/test_room.py::test_a_thin_lun_has_no_more_than_the_array": ("checks.snapshots.room:usable_gib", is_empty),
}
"""Which guard each test shows, and what is there instead of it."""

TWINS: dict[str, tuple[str, Callable[..., Any]]] = {
    f"{CHECKS}/ledger/test_last_line.py::test_what_changes_between_two_steps_of_one_run_is_seen_by_one_session": (
        "checks.ledger.identity:_disks",
        finds_nothing,
    ),
    f"{CHECKS}/ledger/test_identity.py::test_a_vm_of_the_plan_that_no_ledger_has": ("checks.ledger.identity:_unrecorded", finds_nothing),
    f"{PARTS}/test_sources.py::test_a_vm_is_made_on_the_host_that_it_is_assigned_whatever_it_is_made_from": (
        "components.sources:inputs",
        is_empty,
    ),
}
"""The same, of tests beside those that the page names: each shows the guard of one on the real engine."""


@contextmanager
def without(guard: str, instead: Callable[..., Any]) -> Iterator[None]:
    """Everything as it is, but for one function."""
    module, _, path = guard.partition(":")
    function: Any = import_module(module)
    for name in path.split("."):
        function = getattr(function, name)
    assert isinstance(function, FunctionType)
    assert isinstance(instead, FunctionType)
    code = function.__code__
    function.__code__ = instead.__code__
    try:
        yield
    finally:
        function.__code__ = code


def run(test: str) -> int:
    """pytest's exit code for one test: 0 passed, 1 failed, else it was not run."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return int(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(ROOT / test)]))


def main() -> None:
    """Each test with its guard and without, as JSON."""
    codes = {}
    for test, (guard, instead) in (GUARDS | TWINS).items():
        with_guard = run(test)
        with without(guard, instead):
            codes[test] = with_guard, run(test)
    sys.stdout.write(json.dumps(codes))


if __name__ == "__main__":
    main()
