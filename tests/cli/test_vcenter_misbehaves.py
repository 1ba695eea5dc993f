"""Commands against a simulated vCenter that changes, ends sessions, denies calls or has another clock: a clear word, and nothing changed.

What happens in the middle of a command happens there by vSphere's own calls, from an administrator's session, right before one of the
command's calls is sent; each such moment is tried in turn.
"""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pyVim.task import WaitForTask
from pyVmomi.SoapAdapter import SoapStubAdapter
from typer.testing import Result

import checks.snapshots.operations as acting
from checks.vcenter.session import ReadOnlyStub
from checks.vcenter.untyped import vim
from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, log_in, physics, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

__all__ = ["start"]

ASKING = ("preflight", "campus"), ("ledger", "check", "campus"), ("snapshot", "status", "campus")
CHECK = ("snapshot", "check", "campus", "--vm", "scanner-1")


@pytest.fixture(scope="module")
def campus(start: Start) -> Iterator[Stand]:
    with standing(start, PLAN, **physics(PLAN)) as made:
        yield made


@pytest.fixture(autouse=True)
def stand(campus: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stand:
    """The campus with a ledger, the login in the environment, and no patience between two looks at a task."""
    log_in(campus.login, monkeypatch)
    monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
    monkeypatch.setattr(acting, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(acting, "RETRY_SECONDS", 0.01)
    assert mailstead("ledger", "write", "campus", "--accept").exit_code == 0
    return campus


def _nothing() -> None:
    pass


class Moments:
    """Counts a command's calls, and does something right before one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent, self.at, self.act = 0, -1, _nothing
        real: Any = SoapStubAdapter.InvokeMethod

        def invoke(stub: Any, mo: Any, info: Any, args: Any, outer: Any = None) -> Any:
            if isinstance(stub, ReadOnlyStub):
                self.sent += 1
                if self.sent == self.at:
                    self.act()
            return real(stub, mo, info, args, outer)

        monkeypatch.setattr(SoapStubAdapter, "InvokeMethod", invoke)

    def every(self, command: Callable[[], Any], step: int = 1) -> range:
        """The moments of a command, or one of `step` of them where it has many."""
        calls = self.count(command)
        assert calls > 5 * step
        return range(1, calls + 1, step)

    def count(self, command: Callable[[], Any]) -> int:
        """How many calls a command sends."""
        self.sent, self.at = 0, -1
        command()
        return self.sent

    def before(self, number: int, act: Callable[[], None], command: Callable[[], Result]) -> Result:
        """The command, with something done right before one of its calls."""
        self.sent, self.at, self.act = 0, number, act
        return command()


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    return Moments(monkeypatch)


def done(task: Any) -> Any:
    WaitForTask(task)  # type: ignore[no-untyped-call]
    return task.info.result


def guest(stand: Stand) -> Any:
    """Somebody's VM on a datastore of the stack."""
    files = vim.vm.FileInfo(vmPathName=f"[{PLAN.datastore('mail-iscsi').name}]")
    config = vim.vm.ConfigSpec(name="somebody-s", memoryMB=1024, guestId="ubuntu64Guest", files=files)
    return done(stand.datacenter.vmFolder.CreateVM_Task(config, stand.pool))


@pytest.mark.parametrize("command", [*ASKING, CHECK], ids=" ".join)
def test_a_vm_that_goes_away_at_whatever_moment_ends_nothing(stand: Stand, moments: Moments, command: tuple[str, ...]) -> None:
    for number in moments.every(lambda: mailstead(*command), 2):
        vm = guest(stand)
        result = moments.before(number, lambda vm=vm: done(vm.Destroy_Task()), lambda: mailstead(*command))  # type: ignore[misc]
        assert result.exit_code == 0, (number, result.output)


def test_one_of_the_stack_that_goes_away_is_told_at_whatever_moment(stand: Stand, moments: Moments) -> None:
    own = next(v for v in PLAN.vms if v.server == "balancer-2")
    for number in moments.every(lambda: mailstead("preflight", "campus"), 5):
        gone = lambda: done(stand.vm("balancer-2").Destroy_Task())  # noqa: E731
        result = moments.before(number, gone, lambda: mailstead("preflight", "campus", "--json"))
        said = json.loads(result.stdout)
        assert result.exit_code in {0, 3}, (number, result.output)
        assert (result.exit_code == 3) is ("vm-gone" in {f["rule"] for f in said["findings"]})
        stand.make(own)
        mailstead("ledger", "write", "campus", "--accept")


def test_a_host_that_is_taken_away_in_the_middle_is_a_clear_word(start: Start, monkeypatch: pytest.MonkeyPatch, moments: Moments) -> None:
    """From a site with nothing on it, so that a host may go; a few moments of all."""
    with standing(start, PLAN.model_copy(update={"vms": ()})) as stand:
        log_in(stand.login, monkeypatch)
        calls = moments.count(lambda: mailstead("preflight", "campus"))
        hosts = [host for host in stand.datacenter.hostFolder.childEntity[0].host if not host.vm]
        assert len(hosts) > 1
        for number, host in zip((calls // 4, calls // 2), hosts, strict=False):
            result = moments.before(number, lambda host=host: done(host.Destroy_Task()), lambda: mailstead("preflight", "campus"))  # type: ignore[misc]
            assert result.exit_code in {0, 1, 3}
            assert result.exit_code != 1 or "changed while it was being asked" in result.stderr, result.output


def ended(stand: Stand) -> None:
    """vCenter ends every session but the administrator's."""
    manager = stand.content.sessionManager
    others = [session.key for session in manager.sessionList if session.key != manager.currentSession.key]
    if others:
        manager.TerminateSession(others)


@pytest.mark.parametrize("command", [*ASKING, CHECK], ids=" ".join)
def test_a_session_that_ends_at_whatever_moment_is_said(stand: Stand, moments: Moments, command: tuple[str, ...]) -> None:
    said = 0
    for number in moments.every(lambda: mailstead(*command), 2):
        result = moments.before(number, lambda: ended(stand), lambda: mailstead(*command))
        assert result.exit_code in {0, 1}, (number, result.output)
        if result.exit_code:
            said += 1
            assert "ended the session while it was being asked; run it again" in result.stderr, (number, result.output)
    assert said > 3


def has_snapshot(stand: Stand) -> bool:
    """Whether the VM on which they are tried has one; pyVmomi has no attribute for what a server leaves out."""
    return getattr(stand.vm("mta-1"), "snapshot", None) is not None


def test_a_session_that_ends_while_a_snapshot_is_made_is_opened_again_or_said(stand: Stand, moments: Moments) -> None:
    def take() -> Result:
        return mailstead("snapshot", "take", "campus", "--vm", "mta-1", "--name", "nightly")

    calls, again = moments.every(take, 3), 0
    stand.clear("mta-1")
    stand.pass_time(1)
    for number in calls:
        result = moments.before(number, lambda: ended(stand), take)
        there = has_snapshot(stand)
        assert result.exit_code in {0, 1}, (number, result.output)
        if result.exit_code:
            assert "ended the session" in result.stderr
            assert not there or "vCenter goes on with it: CreateSnapshot_Task of campus-mta-1" in result.stderr, (number, result.output)
        else:
            again += "ended" not in result.stderr and there
        stand.clear("mta-1")
        stand.pass_time(1)
    assert again


DENIED = {
    "CreateContainerView": "System.View",
    "CurrentTime": "System.View",
    "RefreshDatastore": "System.Read",
    "RetrievePropertiesEx": "System.View",
    "VirtualMachine.layoutEx": "System.Read",
    "VirtualMachine.config.hardware.device": "System.Read",
    "VirtualMachine.runtime.powerState": "System.Read",
    "Datastore.summary.freeSpace": "System.Read",
    "HostSystem.config.storageDevice.scsiLun": "System.Read",
    "Datacenter.vmFolder": "System.Read",
}


@pytest.mark.parametrize(("what", "privilege"), DENIED.items())
def test_a_right_that_is_missing_is_named_and_nothing_is_told_without_it(stand: Stand, what: str, privilege: str) -> None:
    stand.sim(f"deny?what={what}&privilege={privilege}")
    try:
        results = {command: mailstead(*command) for command in (*ASKING, CHECK)}
    finally:
        stand.sim(f"deny?what={what}")
    assert mailstead("preflight", "campus").exit_code == 0
    for command, result in results.items():
        if "scsiLun" in what and command[0] != "preflight":
            assert result.exit_code == 0, "hosts are nothing to it"
        else:
            assert result.exit_code == 1, (command, result.output)
            assert privilege in result.stderr, (command, result.output)
            assert result.stdout == ""


@pytest.mark.parametrize(
    ("what", "privilege", "unread"),
    [
        ("QueryOptions", "System.View", "Misc.APDTimeout of esx-1.campus.example (privilege System.View)"),
        ("HostSystem.summary.config.product", "System.Read", "summary.config.product of esx-1.campus.example (privilege System.Read)"),
        ("SearchDatastoreSubFolders_Task", "Datastore.Browse", "the files of datastore mail-fc (privilege Datastore.Browse)"),
    ],
)
def test_a_right_that_is_missing_for_what_does_not_decide_is_a_warning(stand: Stand, what: str, privilege: str, unread: str) -> None:
    own = next(v for v in PLAN.vms if v.server == "balancer-2")
    done(stand.vm("balancer-2").Destroy_Task())
    mailstead("ledger", "write", "campus", "--accept")
    stand.sim(f"deny?what={what}&privilege={privilege}")
    try:
        result = mailstead("preflight", "campus", "--json")
    finally:
        stand.sim(f"deny?what={what}")
        stand.make(own)
    findings = json.loads(result.stdout)["findings"]
    assert result.exit_code == 0
    assert unread in {f["subject"] for f in findings if (f["rule"], f["level"]) == ("unread", "warning")}


@pytest.mark.parametrize(
    ("command", "call", "privilege"),
    [
        ("take", "CreateSnapshot_Task", "VirtualMachine.State.CreateSnapshot"),
        ("remove", "RemoveSnapshot_Task", "VirtualMachine.State.RemoveSnapshot"),
    ],
)
def test_who_may_not_take_or_remove_a_snapshot_is_told_the_privilege(stand: Stand, command: str, call: str, privilege: str) -> None:
    if command == "remove":
        stand.snapshot("mta-1", "nightly")
    before = has_snapshot(stand)
    stand.sim(f"deny?what={call}&privilege={privilege}")
    try:
        result = mailstead("snapshot", command, "campus", "--vm", "mta-1", "--name", "nightly")
    finally:
        stand.sim(f"deny?what={call}")
    assert (result.exit_code, f"needs the privilege {privilege} on " in result.stderr) == (1, True), result.output
    assert has_snapshot(stand) is before
    stand.clear("mta-1")
    stand.pass_time(1)


def status(*more: str) -> Any:
    return json.loads(mailstead("snapshot", "status", "campus", "--json", *more).stdout)


def test_ages_are_by_vcenter_s_clock_whatever_time_it_is_here(stand: Stand) -> None:
    """The site's clock goes on by days while this machine's stands still."""
    stand.start("mta-1")
    stand.snapshot("mta-1", "old")
    ages = []
    for _ in range(3):
        found = status()
        ages.append(found["snapshots"][0]["age_hours"])
        stand.pass_time(40)
    assert [round(later - earlier) for earlier, later in pairwise(ages)] == [40, 40]
    assert (found["verdict"], {f["rule"] for f in found["findings"]} >= {"too-old", "overdue", "clock-skew"}) == ("no", True)
    apart = next(f for f in found["findings"] if f["rule"] == "clock-skew")
    assert apart["subject"].startswith("vCenter ")
    assert "ahead of this machine's" in apart["found"]
    done(stand.vm("mta-1").PowerOffVM_Task())
    stand.clear("mta-1")
    stand.pass_time(30)


@pytest.mark.parametrize(("minutes", "said"), [(4, False), (30, True), (-30, False)])
def test_hosts_whose_clocks_are_ahead_make_snapshots_from_the_future(stand: Stand, minutes: int, said: bool) -> None:
    """One that is behind only makes them older, which is the careful side."""
    stand.sim(f"clock?hosts_ahead_minutes={minutes}")
    try:
        stand.snapshot("mta-1", "new")
        found = status()
    finally:
        stand.sim("clock?hosts_ahead_minutes=0")
        stand.clear("mta-1")
        stand.pass_time(1)
    assert found["snapshots"][0]["age_hours"] == pytest.approx(max(0.0, -minutes / 60), abs=0.05)
    ahead = [f for f in found["findings"] if f["rule"] == "clock-skew" and f["subject"] == "campus-mta-1, snapshot new"]
    assert bool(ahead) is said
    assert all("by NTP" in f["next_step"] for f in ahead)
