"""Tests that show a guard which is not taken away under them: on the real engine, over days of an incident, or none of Mailstead's own."""

from tests.mutations.removal import CHECKS, PARTS, PLAN, REVIEW

_ENGINE, _STORY = "tests/engine", "tests/incident/test_story.py"
ELSEWHERE = {
    f"{_ENGINE}/test_review.py::test_a_label_that_is_dropped_destroys_and_the_gate_says_so_before": (
        f"{REVIEW}/test_disks.py::test_a_disk_that_is_dropped_is_destroyed"
    ),
    f"{_ENGINE}/test_review.py::test_two_peers_that_restart_together_are_unsafe": (
        f"{REVIEW}/test_restarts.py::test_two_peers_in_no_order_are_unsafe"
    ),
    f"{_ENGINE}/test_last_line.py::test_a_disk_that_is_taken_off_behind_the_engine_s_back_stops_the_update": (
        f"{CHECKS}/ledger/test_last_line.py::test_what_changes_between_two_steps_of_one_run_is_seen_by_one_session"
    ),
    f"{_ENGINE}/test_last_line.py::test_a_disk_that_a_refresh_has_relabelled_stays_and_the_page_s_way_out_works": (
        f"{CHECKS}/ledger/test_last_line_state.py::test_a_recorded_disk_that_the_state_calls_otherwise_is_refused"
    ),
    f"{_ENGINE}/test_last_line.py::test_a_vm_that_the_ledger_has_is_made_anew_only_once_that_is_accepted": (
        f"{CHECKS}/ledger/test_last_line_state.py::test_a_vm_whose_mail_data_the_ledger_has_is_not_made_anew"
    ),
    f"{_ENGINE}/test_last_line.py::test_disks_that_are_swapped_behind_the_engine_s_back_stop_the_update": (
        f"{CHECKS}/ledger/test_identity.py::test_disks_that_have_swapped_their_units"
    ),
    f"{_ENGINE}/test_last_line.py::test_a_server_goes_when_it_says_that_it_is_drained_and_is_not_made_twice": (
        f"{CHECKS}/test_queues.py::test_a_server_that_leaves_the_stack_is_asked_and_one_that_stays_is_not"
    ),
    f"{_ENGINE}/test_last_line.py::test_without_a_readable_ledger_nothing_with_mail_data_is_changed_until_one_is_written": (
        f"{CHECKS}/ledger/test_last_line.py::test_a_vm_with_mail_data_that_no_ledger_knows_is_not_changed"
    ),
    f"{_ENGINE}/test_make.py::test_the_ledger_speaks_before_a_preview_and_its_no_is_the_preview_s": (
        f"{CHECKS}/ledger/test_identity.py::test_a_vm_of_the_plan_that_no_ledger_has"
    ),
    f"{_ENGINE}/test_restart.py::test_groups_rules_and_restart_priorities_are_made_kept_and_taken_down": (
        f"{PARTS}/test_restart.py::test_vms_should_run_where_their_luns_are"
    ),
    f"{_ENGINE}/test_edits.py::test_no_edit_costs_mail_data": (
        f"{PARTS}/test_options.py::test_only_mail_data_outlives_its_vm_and_only_where_it_is_not_disposable"
    ),
    f"{_ENGINE}/test_hosts.py::test_vms_come_up_on_their_hosts_and_an_edit_moves_none": (
        f"{PARTS}/test_sources.py::test_a_vm_is_made_on_the_host_that_it_is_assigned_whatever_it_is_made_from"
    ),
    f"{_STORY}::test_as_sized_snapshots_are_held_and_consolidated_while_all_run": (
        f"{PLAN}/test_invariants.py::test_a_lun_is_refused_one_gib_below_its_need_and_not_at_it"
    ),
    f"{_STORY}::test_without_iscsi_2013_has_no_scanner_and_the_sized_platform_has_one": (
        f"{PLAN}/test_survival.py::test_a_role_on_one_fabric_is_refused"
    ),
}
"""Tests that show on the real engine, or over days of an incident, what another test shows of the same guard."""

NOT_OURS = {
    f"{_ENGINE}/test_rights.py::test_a_platform_that_keeps_its_mail_is_applied_and_edited_without_any_right_to_delete": (
        "vCenter itself refuses what a role may not"
    ),
    f"{_ENGINE}/test_interrupted.py::test_an_interrupted_up_is_continued_by_the_next_one_which_is_alone": "the lock is the engine's",
    f"{_ENGINE}/test_interrupted.py::test_a_killed_up_is_repaired_by_what_the_page_says": "a page, typed by a person",
    f"{_ENGINE}/test_lifecycle.py::test_the_password_is_nowhere": "that nothing writes a secret is no function to take away",
    "tests/tools/test_versions.py::test_python_and_go_agree_on_the_engine_and_the_provider": "it compares files, and is the guard itself",
}
"""Tests of what no function of Mailstead's guards, and why that is so."""
