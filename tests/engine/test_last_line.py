"""The hook as the last line: what somebody changes in vCenter after preflight is met by no step, also where nobody looks at a preview."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.engine.conftest import Staged
from tests.engine.editing import GONE
from tests.engine.looking import attach, detach, say_queue, unregister
from tests.engine.stage import Stage
from tests.engine.test_edits import BASE, DIRECTORY_GIB, MTA_1, MTA_2, SITE
from tools.paths import VENV

VM, LEAVING, ARCHIVE = "campus-mta-1", "campus-scanner-2", "campus-log-archive"
WITHOUT = {"gateway.scanners.scanner-2": GONE}


def larger(cpus: int) -> dict[str, object]:
    """An edit of the VM that is harmless by itself; two of its disks are of one size, so that no comparison of sizes tells them apart."""
    return {"spool.mtas": {"mta-1": {**MTA_1, "cpus": cpus, "disks_gib": {"queue": DIRECTORY_GIB}}, "mta-2": MTA_2}}


@pytest.fixture(scope="module")
def applied(staged: Staged) -> Stage:
    """A campus that has been applied, and recorded as `make up` does."""
    stage = staged("campus", BASE | larger(4), SITE)
    assert "in no ledger" not in stage.up("--skip-preview"), "of a VM that is made there is nothing to compare"
    return stage


def up(stage: Stage) -> tuple[int, str]:
    """An apply without a preview."""
    done = stage.work.run("up", "--yes", "--skip-preview")
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    return done.returncode, text


def refused(stage: Stage, edits: dict[str, object], name: str = VM) -> str:
    """What a refused apply says; vCenter is as it was."""
    before = stage.look()
    with stage.edited(edits):
        code, text = up(stage)
    assert code != 0, text
    assert f"refused, and {name} was not touched" in text, text
    assert stage.look() == before
    return text


@contextmanager
def taken_off(stage: Stage, file: str) -> Iterator[None]:
    """A disk off the VM, behind the engine's back; put back in the end."""
    device = detach(stage.server, VM, file)
    yield
    attach(stage.server, VM, device)


def test_what_is_as_recorded_is_changed(applied: Stage) -> None:
    with applied.edited(larger(5)):
        code, text = up(applied)
    assert code == 0, text
    assert "1 updated" in text


@pytest.mark.hazard("H5", "engine", "a hook compares each VM with the ledger in the moment before the provider is called")
def test_a_disk_that_is_taken_off_behind_the_engine_s_back_stops_the_update(applied: Stage) -> None:
    with taken_off(applied, sorted(applied.look().vms[VM])[1]):
        assert f"{VM}/queue: is not on its VM" in refused(applied, larger(6))
    with applied.edited(larger(6)):
        assert up(applied)[0] == 0


@pytest.mark.hazard("H12", "engine", "disks that were swapped after preflight stop the update of their VM")
def test_disks_that_are_swapped_behind_the_engine_s_back_stop_the_update(applied: Stage) -> None:
    swap(applied)
    assert "is at unit" in refused(applied, larger(7))
    swap(applied)


def swap(stage: Stage) -> None:
    """Two disks of the VM get one another's units."""
    first, second = (detach(stage.server, VM, file) for file in sorted(stage.look().vms[VM])[1:3])
    first.unitNumber, second.unitNumber = second.unitNumber, first.unitNumber
    for device in (first, second):
        attach(stage.server, VM, device)


@pytest.mark.hazard("H1", "engine", "a disk that the state calls otherwise after a refresh is not exchanged for a blank one")
def test_a_disk_that_a_refresh_has_relabelled_stays_and_the_page_s_way_out_works(applied: Stage, tmp_path: Path) -> None:
    """docs/ledger.md, When it says no: whether the disk is back before the refresh or after it."""
    with applied.edited(larger(6)):
        assert up(applied)[0] == 0
    queue = sorted(applied.look().vms[VM])[1]
    with taken_off(applied, queue):
        applied.work.must("refresh", "--yes")
    assert "the engine's state does not have it" in refused(applied, larger(6))
    applied.work.must("refresh", "--yes")
    assert labels(applied) == ["system", "orphaned_disk_0", "directory"]
    said = refused(applied, larger(6))
    assert f"{VM}/queue: the engine's state calls it orphaned_disk_0" in said
    assert "write queue for orphaned_disk_0" in said
    state = tmp_path / "state.json"
    applied.work.must("stack", "export", "--file", str(state))
    state.write_text(state.read_text(encoding="utf-8").replace('"orphaned_disk_0"', '"queue"'), encoding="utf-8")
    applied.work.must("stack", "import", "--file", str(state))
    assert labels(applied) == ["system", "queue", "directory"]
    with applied.edited(larger(6)):
        assert applied.work.changes() == {}
        assert up(applied)[0] == 0
    assert queue in applied.look().vms[VM]


def labels(stage: Stage) -> list[str]:
    """What the state calls the VM's disks, by unit."""
    listed = stage.resources()[VM]["outputs"]["disks"]
    return [disk["label"] for disk in sorted(listed, key=lambda disk: disk["unitNumber"])]


@pytest.mark.hazard("H5", "engine", "without a ledger no VM with mail data is changed, until one is written")
def test_without_a_readable_ledger_nothing_with_mail_data_is_changed_until_one_is_written(applied: Stage, tmp_path: Path) -> None:
    """As after its loss, or on another machine that does not share it."""
    elsewhere = applied.having({"MAILSTEAD_LEDGERS": str(tmp_path)})
    (tmp_path / "campus.json").write_text("{", encoding="utf-8")
    assert "is no ledger" in refused(elsewhere, larger(8))
    (tmp_path / "campus.json").unlink()
    said = refused(elsewhere, larger(8))
    assert f"{VM}: is in no ledger" in said
    assert "then: mailstead ledger write STACK" in said
    preflight(elsewhere, code=3)
    elsewhere.record()
    preflight(elsewhere, code=0)
    with applied.edited(larger(8)):
        assert up(elsewhere)[0] == 0


@pytest.mark.hazard("H13", "live", "`make up` asks a server that leaves for its queue; the VM itself stays in vCenter and runs on")
def test_a_server_goes_when_it_says_that_it_is_drained_and_is_not_made_twice(applied: Stage) -> None:
    with applied.edited(larger(8)):
        assert up(applied)[0] == 0
        with applied.edited(larger(8) | WITHOUT):
            assert "does not say what is queued" in preflight(applied, code=3)
            say(applied, queued=3)
            assert "3 messages are queued" in preflight(applied, code=3)
            say(applied, queued=0)
            preflight(applied, code=0)
            applied.work.must("state", "unprotect", applied.resources()[LEAVING]["urn"], "--yes")
            code, text = up(applied)
        assert code == 0, text
        assert LEAVING not in applied.resources()
        assert LEAVING in applied.look().vms
        again = refused(applied, {}, LEAVING)
    assert "is there already" in again
    assert "bring its state back" in again


@pytest.mark.hazard("H5", "engine", "a VM with mail data that left the inventory and the state is not made a second time")
def test_a_vm_that_the_ledger_has_is_made_anew_only_once_that_is_accepted(applied: Stage) -> None:
    unregister(applied.server, ARCHIVE)
    applied.work.must("refresh", "--yes")
    assert ARCHIVE not in applied.resources()
    said = refused(applied, larger(8), ARCHIVE)
    assert "Register it again from its .vmx" in said
    ledger(applied, "write", "--accept")
    with applied.edited(larger(8)):
        code, said = up(applied)
    assert "vm-gone" not in said
    assert ARCHIVE in applied.look().vms, (code, said)


def ledger(stage: Stage, *asked: str) -> None:
    """A command of the ledger that must succeed."""
    command = [str(VENV / "bin" / "mailstead"), "ledger", *asked, str(stage.work.stack_file)]
    subprocess.run(command, env=dict(stage.work.environment), check=True, stdout=subprocess.DEVNULL)


def preflight(stage: Stage, code: int) -> str:
    """What preflight says, and its exit code is that."""
    command = [str(VENV / "bin" / "mailstead"), "preflight", str(stage.work.stack_file)]
    done = subprocess.run(command, env=dict(stage.work.environment), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def say(stage: Stage, queued: int) -> None:
    """What the leaving server says of its queue."""
    said = {"queued": queued, "accepting": False, "at": datetime.now(UTC).isoformat()}
    say_queue(stage.server, LEAVING, json.dumps(said))
