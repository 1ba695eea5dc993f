"""`snapshot check|status` as backup jobs and monitoring call them, on a simulated vCenter."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import Result

from checks.snapshots.status import DeltaRow, SnapshotRow, Status, StoreRow
from cli import prometheus
from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, log_in, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

__all__ = ["start"]


@pytest.fixture(scope="module")
def campus(start: Start) -> Iterator[Stand]:
    with standing(start, PLAN) as made:
        made.snapshot("mta-1", 'nightly "full"')
        yield made


@pytest.fixture
def stand(campus: Stand, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """The campus, and the login in the environment."""
    log_in(campus.login, monkeypatch)
    return campus


def snapshot(*arguments: str) -> Result:
    return mailstead("snapshot", *arguments)


@pytest.mark.parametrize("vm", ["scanner-1", "campus-scanner-1"])
def test_yes_is_exit_0_and_says_with_what_room(stand: Stand, vm: str) -> None:
    result = snapshot("check", "campus", "--vm", vm)
    assert result.exit_code == 0
    assert result.stdout.startswith("YES: a snapshot of campus-scanner-1 may be taken now and held for 24 h")
    assert re.search(r"^datastore mail-iscsi: [0-9.]+ GiB free, [0-9.]+ GiB needed", result.stdout, re.MULTILINE)


def test_no_is_exit_3_and_says_why(stand: Stand) -> None:
    result = snapshot("check", "campus", "--vm", "mta-1")
    assert result.exit_code == 3
    assert result.stdout.startswith("NO: no snapshot of campus-mta-1 may be taken now")
    assert 'has 1 snapshot (nightly "full")' in result.stdout


def test_what_can_t_be_told_is_exit_1(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    assert snapshot("check", "campus", "--vm", "scanner-7").exit_code == 1
    monkeypatch.setenv("VSPHERE_PASSWORD", "wrong")
    refused = snapshot("check", "campus", "--vm", "scanner-1")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "user or password is wrong" in refused.stderr
    data = json.loads(snapshot("check", "campus", "--vm", "scanner-1", "--json").stdout)
    assert (data["verdict"], data["problems"][0]["path"]) == ("unknown", "vsphere:password")


def test_the_answer_as_data(stand: Stand) -> None:
    yes, no = (json.loads(snapshot("check", "campus", "--vm", vm, "--json").stdout) for vm in ("scanner-1", "mta-1"))
    assert (yes["verdict"], yes["vm"], yes["hold_hours"], yes["findings"]) == ("yes", "campus-scanner-1", 24, [])
    assert {"datastore", "free_gib", "need_gib", "left_gib", "kept_gib", "terms", "hours_to_full", "capacity_gib"} == set(yes["rooms"][0])
    assert (no["verdict"], [f["rule"] for f in no["findings"]], no["findings"][0]["level"]) == ("no", ["too-many"], "unsafe")


@pytest.mark.parametrize(("hold", "hours"), [("1h", 1), ("36", 36), ("90m", 1.5), ("3d", 72), (" 24 h ", 24), ("72h", 72)])
def test_a_hold_is_hours_minutes_or_days(stand: Stand, hold: str, hours: float) -> None:
    assert json.loads(snapshot("check", "campus", "--vm", "scanner-1", "--hold", hold, "--json").stdout)["hold_hours"] == hours


@pytest.mark.parametrize("hold", ["73h", "4d", "59m", "0", "-1h", "a day", "", "nan", "1e1"])
def test_a_hold_that_no_snapshot_should_have_is_a_usage_error(hold: str) -> None:
    assert snapshot("check", "campus", "--vm", "scanner-1", "--hold", hold).exit_code == 2


def test_a_login_that_is_missing_is_asked_for_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVER", "USER", "PASSWORD"):
        monkeypatch.delenv(f"VSPHERE_{name}", raising=False)
    result = snapshot("status", "campus")
    assert result.exit_code == 1
    assert "vsphere:password: nothing is given in VSPHERE_PASSWORD; export it" in result.stderr


def test_a_login_may_stand_in_the_stack_file(stand: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = f"  vsphere:vsphereServer: {stand.login.server}\n  vsphere:user: user\n  vsphere:allowUnverifiedSsl: true\n"
    keys += "  vsphere:password:\n    secure: v1:abc\n"
    file = tmp_path / "Pulumi.campus.yaml"
    file.write_text(
        Path("stacks/Pulumi.campus.yaml").read_text(encoding="utf-8").replace("config:\n", f"config:\n{keys}"), encoding="utf-8"
    )
    for name in ("SERVER", "USER", "ALLOW_UNVERIFIED_SSL"):
        monkeypatch.delenv(f"VSPHERE_{name}")
    assert snapshot("check", str(file), "--vm", "scanner-1").exit_code == 0


def test_status_lists_what_there_is(stand: Stand) -> None:
    result = snapshot("status", "campus")
    assert result.exit_code == 0
    assert re.search(r'^snapshot nightly "full" of campus-mta-1: 0.0 h old', result.stdout, re.MULTILINE)
    assert "datastore spool-iscsi: " in result.stdout
    assert json.loads(snapshot("status", "campus", "--json").stdout)["snapshots"][0]["vm"] == "campus-mta-1"


def test_status_keeps_its_look_to_measure_by(stand: Stand, tmp_path: Path) -> None:
    file = tmp_path / "last.json"
    assert snapshot("status", "campus", "--last", str(file)).exit_code == 0
    assert Status.model_validate_json(file.read_text(encoding="utf-8")).snapshots
    assert snapshot("status", "campus", "--last", str(file)).exit_code == 0
    assert [f.name for f in tmp_path.iterdir()] == ["last.json"]


def test_a_file_that_is_no_look_is_not_replaced(stand: Stand, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine", encoding="utf-8")
    assert snapshot("status", "campus", "--last", str(file)).exit_code == 2
    assert file.read_text(encoding="utf-8") == "mine"


def test_metrics_and_data_exclude_each_other() -> None:
    assert snapshot("status", "campus", "--json", "--prometheus").exit_code == 2


def parsed(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample, as Prometheus's own library for Python reads it; none is there twice, which a collector refuses."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    read = {(sample.name, frozenset(sample.labels.items())): float(sample.value) for sample in samples}
    assert len(read) == len(samples)
    return read


AT = datetime(2026, 11, 24, tzinfo=UTC)


def test_metrics_are_in_prometheus_s_text_format(stand: Stand) -> None:
    result = snapshot("status", "campus", "--prometheus")
    families = list(text_string_to_metric_families(result.stdout))
    assert result.exit_code == 0
    assert result.stdout.endswith("\n")
    assert {family.type for family in families} == {"gauge"}
    assert all(family.documentation for family in families)
    assert len({family.name for family in families}) == len(families) == 10
    samples = parsed(result.stdout)
    assert len(samples) > 20
    assert {value for name, labels in samples for key, value in labels if key == "snapshot"} == {'nightly "full"'}


@given(st.text(st.characters(codec="utf-8"), max_size=8), st.text(st.characters(codec="utf-8"), max_size=8))
def test_whatever_things_are_called_the_text_is_valid_and_says_it(vm: str, name: str) -> None:
    """Also two of one name."""
    made = SnapshotRow(vm=vm, snapshot=name, id="snapshot-1", created=AT, age_hours=1, size_gib=1, memory=False)
    found = filled(made, made.model_copy(update={"id": "snapshot-2"}))
    delta = found.deltas[0].model_copy(update={"vm": vm, "disk": name})
    twice = found.model_copy(update={"deltas": (delta, delta.model_copy(update={"file": "other"})), "unconsolidated": (vm, vm)})
    samples = parsed(prometheus.text(twice))
    ages = [dict(labels) for metric, labels in samples if metric == "mailstead_snapshot_age_seconds"]
    assert [(of["vm"], of["snapshot"]) for of in ages] == [(vm, name)] * 2
    assert samples["mailstead_vm_unconsolidated", frozenset({("vm", vm)})] == 2


@pytest.mark.parametrize(
    ("name", "written"), [('a"b', r"a\"b"), ("a\\b", r"a\\b"), ("a\nb", r"a\nb"), ("日本", "日本"), ("a{}=,", "a{}=,")]
)
def test_labels_are_escaped(name: str, written: str) -> None:
    made = SnapshotRow(vm=name, snapshot="s", created=AT, age_hours=1, size_gib=1, memory=False)
    line = next(x for x in prometheus.text(filled(made)).splitlines() if x.startswith("mailstead_snapshot_age_seconds"))
    assert f'vm="{written}"' in line
    assert line.endswith(" 3600.0")
    assert name in {dict(labels).get("vm") for _, labels in parsed(prometheus.text(filled(made)))}


def filled(*made: SnapshotRow) -> Status:
    store = StoreRow(datastore="d", capacity_gib=2, free_gib=1, gib_per_hour=1, hours_to_full=0.5, vms_with_snapshots=1)
    delta = DeltaRow(
        vm="v", disk="queue", file="f", datastore="d", files=1, size_gib=1, active_gib=1, gib_per_hour=3600, measured=True, bound_gib=5
    )
    rows = {"stores": (store, store.model_copy(update={"datastore": "e", "hours_to_full": None})), "deltas": (delta,)}
    return Status(server="s", at=AT, snapshots=made, unconsolidated=("v",), findings=(), **rows)


def test_units_are_bytes_and_seconds_and_never_is_infinity() -> None:
    lines = prometheus.text(filled()).splitlines()
    assert 'mailstead_datastore_full_seconds{datastore="d"} 1800.0' in lines
    assert 'mailstead_datastore_full_seconds{datastore="e"} +Inf' in lines
    assert f'mailstead_delta_growth_bytes_per_second{{vm="v",disk="queue",datastore="d",file="f"}} {float(2**30)}' in lines
    assert 'mailstead_vm_unconsolidated{vm="v"} 1' in lines
    assert f"mailstead_snapshot_look_timestamp_seconds {AT.timestamp()}" in lines
