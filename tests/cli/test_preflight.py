"""`preflight` as it is typed, on simulated vCenters."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.conftest import Start, site, start
from tests.checks.stand import Stand, administering, log_in, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

__all__ = ["start"]


@pytest.fixture(scope="module")
def campus(start: Start) -> Iterator[Stand]:
    with standing(start, PLAN) as made:
        made.snapshot("mta-1")
        yield made


def test_a_site_on_which_the_stack_stands_may_have_warnings(campus: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log_in(campus.login, monkeypatch)
    monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
    unrecorded = mailstead("preflight", "campus")
    assert f"the stack: has {len(PLAN.vms)} VMs and no ledger ({tmp_path / 'campus.json'})" in unrecorded.stdout
    assert unrecorded.exit_code == 3
    assert mailstead("ledger", "write", "campus").exit_code == 0
    result = mailstead("preflight", "campus")
    assert result.exit_code == 0
    assert result.stdout.startswith("YES: nothing that vCenter shows is against an apply of campus\n")
    assert "campus-mta-1: has snapshots (backup)" in result.stdout
    assert "version 6.5.0" in result.stdout


def test_data(campus: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log_in(campus.login, monkeypatch)
    monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
    assert mailstead("ledger", "write", "campus").exit_code == 0
    data = json.loads(mailstead("preflight", "campus", "--json").stdout)
    assert data["verdict"] == "yes"
    assert {f["rule"] for f in data["findings"]} >= {"old-vcenter", "snapshot-present"}


def test_an_empty_site_may_be_applied_to(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    with administering(start(site("campus")), PLAN) as stand:
        log_in(stand.login, monkeypatch)
        assert mailstead("preflight", "campus").exit_code == 0


def test_a_vm_of_somebody_with_a_server_s_name_is_said_and_forbids(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    described = site("campus")
    described["datastores"] += [{"name": d.name, "lun": d.naa} for d in PLAN.datastores]
    with administering(start(described), PLAN) as stand:
        log_in(stand.login, monkeypatch)
        stand.make(PLAN.vms[0], stand.datacenter.vmFolder.CreateFolder("theirs"))
        result = mailstead("preflight", "campus")
    assert result.exit_code == 3
    assert result.stdout.startswith("NO: 1 thing must change before campus is applied\n")
    assert f"theirs/{PLAN.vms[0].name}: has the name of a server of the stack" in result.stdout


def test_what_the_program_refuses_forbids_and_who_can_t_ask_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    described = site("campus")
    described["networks"] = ["mail-2"]
    with administering(start(described), PLAN) as stand:
        log_in(stand.login, monkeypatch)
        refused = mailstead("preflight", "campus")
        monkeypatch.setenv("VSPHERE_PASSWORD", "wrong")
        unknown = mailstead("preflight", "campus", "--json")
    assert refused.exit_code == 3
    assert "networks.mail.port_group: mail is no network" in refused.stdout
    assert "→ Write mail-2" in refused.stdout
    assert (unknown.exit_code, json.loads(unknown.stdout)["verdict"]) == (1, "unknown")
