"""What a preflight says beside what the program's own check refuses, each at its limit and one step past it."""

from datetime import date, timedelta
from typing import Any

import pytest

from checks.preflight_report import Preflight, preflight_report
from checks.site import HostSetting, SiteSettings
from checks.snapshots.gate import Verdict
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm, Work
from checks.vcenter.inventory import Inventory
from config.findings import Finding, Level
from config.review import Waiver
from tests.checks.looks import NOW, held, live, platform, world
from tests.checks.worlds import PLAN, WORLD, with_lun

HOSTS = tuple(HostSetting(name=name, version="8.0.2", apd_handling=1, apd_timeout=140) for name in PLAN.place.hosts)
SETTINGS = SiteSettings(version="8.0.2", api="8.0.2.0", vcenter_uuid="v", drs=True, ha=True, component_protection=True, hosts=HOSTS)


def asked(there: World | None = None, inventory: Inventory = WORLD, settings: SiteSettings = SETTINGS) -> Preflight:
    return preflight_report(there or world(), inventory, settings)


def rules(answer: Preflight) -> dict[str, Level]:
    return {finding.rule: finding.level for finding in answer.findings}


def set_to(**changes: Any) -> dict[str, Level]:
    return rules(asked(settings=SETTINGS.model_copy(update=changes)))


def hosts(**changes: Any) -> dict[str, Level]:
    return set_to(hosts=(HOSTS[0].model_copy(update=changes), *HOSTS[1:]))


def test_a_site_as_it_should_be_has_nothing_against_an_apply() -> None:
    assert (asked().findings, asked().verdict) == ((), Verdict.YES)


@pytest.mark.hazard("H27", "live", "the program and preflight look at vCenter itself, not at the state")
def test_what_the_program_refuses_is_said_as_it_says_it() -> None:
    answer = asked(inventory=with_lun(WORLD, PLAN, "mail-fc", fabrics=("iscsi",)))
    (finding,) = answer.findings
    assert (finding.rule, finding.level, finding.subject) == ("refused-storage", Level.UNSAFE, "storage.luns.mail-fc.fabric")
    assert finding.found.startswith("fc is not how the hosts reach")
    assert finding.expected == "a stack that fits what vCenter has", "it is the stack's own value that is found wrong"
    assert finding.next_step == "Write iscsi"
    assert answer.verdict is Verdict.NO


GONE = [({"networks": ()}, "refused-network"), ({"hosts": ()}, "refused-place"), ({"template_names": ()}, "refused-server")]


@pytest.mark.parametrize(("path", "rule"), GONE)
def test_refusals_are_sorted_by_what_they_are_about(path: dict[str, Any], rule: str) -> None:
    assert rule in rules(asked(inventory=WORLD.model_copy(update=path)))


@pytest.mark.hazard("H7", "live", "preflight forbids that a disk grows under a snapshot")
def test_a_snapshot_is_a_warning_and_forbids_only_that_a_disk_grows() -> None:
    there = held(PLAN, "scanner-1", 1)
    assert rules(asked(world(scanner_1=there))) == {"snapshot-present": Level.WARNING}
    smaller = tuple(d.model_copy(update={"capacity_gib": d.capacity_gib - 1}) if d.unit else d for d in there["disks"])
    answer = asked(world(scanner_1=there | {"disks": smaller}))
    assert rules(answer) == {"snapshot-blocks-growth": Level.UNSAFE}
    assert "queue" in answer.findings[0].found


def test_a_disk_may_grow_where_no_snapshot_is() -> None:
    own = next(v for v in PLAN.vms if v.server == "scanner-1")
    smaller = tuple(d.model_copy(update={"capacity_gib": d.capacity_gib - 1}) for d in live(PLAN, own).disks)
    assert rules(asked(world(scanner_1={"disks": smaller}))) == {}


def test_deltas_without_a_snapshot_are_unsafe() -> None:
    found = rules(asked(world(scanner_1=held(PLAN, "scanner-1", 1) | {"snapshots": ()})))
    assert found == {"unconsolidated": Level.UNSAFE, "snapshot-present": Level.WARNING}


@pytest.mark.parametrize(
    ("what", "level"), [("CreateSnapshot_Task", Level.UNSAFE), ("com.x.Backup", Level.UNSAFE), ("AcquireTicket", Level.WARNING)]
)
def test_work_on_our_vms(what: str, level: Level) -> None:
    work = (Work(what=what, state="queued", who="", percent=None, started=None),)
    assert rules(asked(world(mta_1={"work": work}))) == {"busy": level}


def test_a_vm_that_a_backup_keeps_where_it_is() -> None:
    assert rules(asked(world(mta_1={"locked": True}))) == {"locked": Level.WARNING}


def theirs(**changes: Any) -> LiveVm:
    own = next(v for v in PLAN.vms if v.server == "scanner-1")
    return live(PLAN, own, **{"id": "vm-x", "folder": "theirs"} | changes)


def test_work_and_snapshots_of_other_vms_forbid_nothing() -> None:
    busy = Work(what="CreateSnapshot_Task", state="running", who="", percent=None, started=None)
    guest = theirs(name="guest", work=(busy,), **held(PLAN, "scanner-1", 80))
    assert rules(asked(world(None, guest))) == {"too-old": Level.WARNING, "overdue": Level.WARNING}
    assert rules(asked(world(scanner_1=held(PLAN, "scanner-1", 80))))["too-old"] is Level.UNSAFE


def test_a_datastore_that_fills_forbids_an_apply_whoever_fills_it() -> None:
    guest = theirs(name="guest", **held(PLAN, "scanner-1", 1))
    assert rules(asked(world(None, guest, free={"mail_iscsi": 1.0}))) == {"filling": Level.UNSAFE}


def test_a_vm_of_a_server_s_name_elsewhere_may_be_somebody_s() -> None:
    assert rules(asked(world(None, theirs()))) == {"foreign-vm": Level.NOTE}
    moved = world(scanner_1={"folder": "theirs"})
    assert rules(asked(moved)) == {"foreign-vm": Level.UNSAFE}
    assert "theirs/campus-scanner-1" in asked(moved).findings[0].subject


def test_a_vm_that_the_ledger_knows_moves_with_its_folder_and_is_looked_at_like_the_others() -> None:
    recorded = next(vm.instance_uuid for vm in world().look.vms if vm.name == "campus-scanner-1")
    moved = world(scanner_1={"folder": "theirs", "locked": True})
    answer = preflight_report(moved, WORLD, SETTINGS, recorded=(recorded,))
    assert rules(answer) == {"folder-differs": Level.NOTE, "locked": Level.WARNING}
    assert answer.verdict is Verdict.YES
    assert "in the folder theirs" in next(f.found for f in answer.findings if f.level is Level.NOTE)


@pytest.mark.hazard("H5", "live", "preflight calls a VM that can't be reached unsafe")
def test_a_vm_that_can_t_be_reached_would_be_made_a_second_time() -> None:
    answer = asked(world(scanner_1={"connected": False}))
    assert rules(answer) == {"unreachable": Level.UNSAFE}
    assert "a second one" in answer.findings[0].consequence


@pytest.mark.parametrize(("paths", "found"), [(1, {"single-path": Level.WARNING}), (2, {}), (4, {})])
def test_paths(paths: int, found: dict[str, Level]) -> None:
    assert rules(asked(inventory=with_lun(WORLD, PLAN, "mail-fc", paths=paths))) == found


@pytest.mark.parametrize(("version", "found"), [("5.81", {"old-vmfs": Level.WARNING}), ("6.0", {}), ("6.82", {}), ("10.1", {}), ("", {})])
def test_vmfs(version: str, found: dict[str, Level]) -> None:
    there = world()
    stores = tuple(s.model_copy(update={"vmfs": version}) if s.name == "mail-fc" else s for s in there.look.stores)
    assert rules(asked(there._replace(look=there.look.model_copy(update={"stores": stores})))) == found


@pytest.mark.parametrize(
    ("api", "found"), [("6.7.3", {"old-vcenter": Level.WARNING}), ("7.0", {}), ("7.0.3.0", {}), ("10.0", {}), ("", {})]
)
def test_vcenter(api: str, found: dict[str, Level]) -> None:
    assert set_to(api=api) == found


def test_hosts_of_two_versions() -> None:
    assert hosts(version="7.0.3") == {"mixed-hosts": Level.WARNING}
    assert hosts(version="") == {}


@pytest.mark.parametrize("changes", [{"drs": False}, {"ha": False, "component_protection": None}, {"component_protection": False}])
def test_what_the_cluster_does_when_something_is_lost(changes: dict[str, Any]) -> None:
    (rule,) = set_to(**changes)
    assert rule == {"drs": "drs-off", "ha": "ha-off", "component_protection": "component-protection-off"}[next(iter(changes))]


@pytest.mark.parametrize(
    ("told", "found", "rule"), [(True, True, None), (True, False, "drs-off"), (False, True, "drs-on"), (False, False, None)]
)
def test_drs_is_as_the_stack_says(told: bool, found: bool, rule: str | None) -> None:
    place = PLAN.place.model_copy(update={"drs": told})
    there = world()._replace(plan=PLAN.model_copy(update={"place": place}))
    answer = asked(there, settings=SETTINGS.model_copy(update={"drs": found}))
    assert rules(answer) == ({rule: Level.WARNING} if rule else {})


def placed(**hosts: str) -> dict[str, str]:
    """What is said of VMs on these hosts, without DRS, where the stack has scanner-1 on a, scanner-2 on b and the others nowhere."""
    told = {"scanner-1": "a", "scanner-2": "b"}
    vms = tuple(v.model_copy(update={"host": told.get(v.server)}) for v in PLAN.vms)
    plan = PLAN.model_copy(update={"place": PLAN.place.model_copy(update={"drs": False}), "vms": vms})
    changes: dict[str, Any] = {server: {"host": host} for server, host in hosts.items()}
    there = world(**changes)
    answer = asked(there._replace(plan=plan), settings=SETTINGS.model_copy(update={"drs": False}))
    assert {f.level for f in answer.findings} <= {Level.WARNING}
    return {f.subject: f.consequence for f in answer.findings if f.rule == "host-differs"}


@pytest.mark.hazard("H11", "live", "without DRS preflight tells each VM that is not on its host, and with whom of its role it shares one")
def test_without_drs_each_vm_is_on_its_host() -> None:
    assert placed(scanner_1="a", scanner_2="b", mta_1="c") == {}
    assert placed(scanner_1="", scanner_2="b") == {}, "vCenter does not say"
    (alone,) = placed(scanner_1="c", scanner_2="b").items()
    assert (alone[0], "foreseen with it elsewhere" in alone[1]) == ("campus-scanner-1", True)
    (both,) = placed(scanner_1="b", scanner_2="b").items()
    assert both == ("campus-scanner-1", "It shares the host with campus-scanner-2 (scanner): losing b takes both")


def test_with_drs_a_vm_may_be_on_any_host() -> None:
    assert rules(asked(world(scanner_1={"host": "anywhere"}))) == {}


def test_settings_that_are_unknown_are_no_finding() -> None:
    unknown = {"drs": None, "ha": None, "component_protection": None, "hosts": ()}
    assert set_to(**unknown) == {}
    assert hosts(apd_handling=None, apd_timeout=None) == {}


APD = [("handling", 0, "apd-handling-off"), ("timeout", 139, "apd-timeout-short"), ("timeout", 140, None), ("timeout", 300, None)]


@pytest.mark.parametrize(("setting", "value", "found"), APD)
def test_all_paths_down(setting: str, value: int, found: str | None) -> None:
    assert hosts(**{f"apd_{setting}": value}) == ({found: Level.WARNING} if found else {})


def test_what_may_not_be_read_is_said_with_the_privilege() -> None:
    answer = asked(settings=SETTINGS.model_copy(update={"unread": ("Misc.APDTimeout of esx-1 (privilege System.View)",)}))
    assert (rules(answer), answer.verdict) == ({"unread": Level.WARNING}, Verdict.YES)
    assert "System.View" in answer.findings[0].subject


def test_more_findings_are_judged_with_the_rest() -> None:
    more = Finding(Level.UNSAFE, "x", "s", "f", "e", "c", "n")
    answer = preflight_report(world(), WORLD, SETTINGS, (more,))
    assert (answer.findings, answer.verdict) == ((more,), Verdict.NO)


@pytest.mark.parametrize(("until", "level"), [(NOW.date(), Level.NOTE), (NOW.date() - timedelta(days=1), Level.UNSAFE)])
def test_what_the_stack_waives_by_name_is_a_note_until_its_day(until: date, level: Level) -> None:
    waiver = Waiver(what="campus-scanner-1", rule="unreachable", why="its host is in repair", who="Ada Lovelace", until=until)
    there = world(platform(review={"waivers": [waiver]}), scanner_1={"connected": False})
    (finding,) = asked(there).findings
    assert (finding.rule, finding.level) == ("unreachable", level)
    assert "Ada Lovelace" in finding.next_step


def test_a_waiver_of_another_name_lets_nothing_pass() -> None:
    waiver = Waiver(what="campus-scanner-2", rule="unreachable", why="its host is in repair", who="Ada Lovelace", until=NOW.date())
    found = rules(asked(world(platform(review={"waivers": [waiver]}), scanner_1={"connected": False})))
    assert found == {"unreachable": Level.UNSAFE, "waiver-unused": Level.NOTE}
