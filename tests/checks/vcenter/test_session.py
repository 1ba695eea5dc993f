"""Servers that are not there, do not answer or are something else; and the list of what may be called."""

import socket
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine
from types import SimpleNamespace
from typing import Any
from xml.parsers.expat import ExpatError

import pytest

import checks.vcenter.session as edge
from checks import Credentials, credentials
from checks.vcenter.faults import explained, unreadable
from checks.vcenter.untyped import vim, vmodl
from config import Problem, Refused

PASSWORD = "never&shown"


def login(server: str) -> Credentials:
    """A login at a server."""
    return credentials({"vsphereServer": server, "user": "me", "password": PASSWORD, "allowUnverifiedSsl": "true"}, {})


def refused(server: str) -> Problem:
    """The one problem of a session."""
    with pytest.raises(Refused) as info, edge.session(login(server)):
        pytest.fail("there is a session")
    (problem,) = info.value.problems
    assert (problem.path, problem.value) == ("vsphere:vsphereServer", server)
    assert PASSWORD not in str(problem)
    return problem


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def address(server: socket.socket) -> str:
    """Host and port."""
    return f"127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_never_answers_does_not_hang_us(listening: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "CONNECT_SECONDS", 0.2)
    assert refused(address(listening)).rule == "does not answer in time"


def test_the_time_to_wait_is_bounded() -> None:
    assert 0 < edge.CONNECT_SECONDS <= 10
    assert 0 < edge.ANSWER_SECONDS <= 120


def test_a_port_where_nothing_listens(listening: socket.socket) -> None:
    server = address(listening)
    listening.close()
    assert "refuses connections" in refused(server).rule


def test_a_name_that_nobody_knows() -> None:
    assert "can't be resolved" in refused("nowhere.invalid").rule


FAULTS: list[tuple[Exception, str, str]] = [
    (TimeoutError(), "vsphere:vsphereServer", "does not answer in time"),
    (ssl.SSLError("wrong version number"), "vsphere:vsphereServer", "does not speak TLS on port 443"),
    (OSError(113, "No route to host"), "vsphere:vsphereServer", "No route to host"),
    (BadStatusLine("hello"), "vsphere:vsphereServer", "not as a vCenter does"),
    (ExpatError("syntax error"), "vsphere:vsphereServer", "not as a vCenter does"),
    (vmodl.fault.NotSupported(msg="too old"), "vsphere:vsphereServer", "NotSupported: too old"),
    (vim.fault.InvalidLogin(), "vsphere:password", "user or password is wrong"),
    (vim.fault.NoPermission(), "vsphere:user", "may not look around"),
    (vim.fault.NoPermission(privilegeId="Datastore.Browse"), "vsphere:user", "may not do what needs the privilege Datastore.Browse on vc"),
    (vim.fault.NotAuthenticated(privilegeId="System.View"), "vsphere:vsphereServer", "ended the session"),
]


@pytest.mark.parametrize(("error", "path", "said"), FAULTS, ids=[f"{type(error).__name__}-{said}" for error, _, said in FAULTS])
def test_each_failure_says_where_to_look(error: Exception, path: str, said: str) -> None:
    problem = explained(error, login("vc.example"))
    assert (problem.path, said in problem.rule, bool(problem.remedy)) == (path, True, True)


def test_what_may_not_be_read_names_the_role_that_is_needed() -> None:
    problem = unreadable(("config",), "esx-1", login("vc.example"))
    assert (problem.path, problem.value, problem.rule) == ("vsphere:user", "me", "may not read config of esx-1 (privilege System.Read)")
    assert "Read-only" in problem.remedy


@pytest.mark.parametrize("method", ["Destroy_Task", "PowerOnVM_Task", "CreateVmfsDatastore", "RescanAllHba", "RetrieveProperties"])
def test_a_method_that_is_not_on_the_list_is_never_sent(method: str) -> None:
    stub = edge.ReadOnlyStub(host="127.0.0.1", port=1)  # type: ignore[no-untyped-call]
    with pytest.raises(edge.NotReadOnly, match=method):
        stub.InvokeMethod(None, SimpleNamespace(wsdlName=method), ())


def test_the_list_holds_nothing_that_changes_a_thing() -> None:
    """A new entry is a decision: each but login, logout and views needs no more than a Read-only role."""
    assert {
        "RetrieveServiceContent", "Login", "Logout", "CreateContainerView", "DestroyView",
        "RetrievePropertiesEx", "ContinueRetrievePropertiesEx", "RetrieveDiskPartitionInfo",
    } == edge.READ_ONLY  # fmt: skip


class Broken:
    """A collector that fails, and a view that notes its end."""

    destroyed = False

    def RetrievePropertiesEx(self, *_: Any) -> Any:  # noqa: N802
        raise TimeoutError

    def CreateContainerView(self, *_: Any, **__: Any) -> Any:  # noqa: N802
        view: Any = vim.view.ContainerView("view-1", None)
        object.__setattr__(view, "DestroyView", self.end)
        return view

    def end(self) -> None:
        """The view is destroyed."""
        self.destroyed = True


def test_a_view_is_destroyed_when_reading_it_fails() -> None:
    broken = Broken()
    live = edge.Session(SimpleNamespace(viewManager=broken, propertyCollector=broken))
    with pytest.raises(TimeoutError):
        live.below(vim.Folder("group-1", None), {vim.Datacenter: ["name"]})
    assert broken.destroyed


class StorageSystem:
    """A host's storage that has tables."""

    def __init__(self, tables: list[Any]) -> None:
        self.tables = tables

    def RetrieveDiskPartitionInfo(self, paths: list[str]) -> list[Any]:  # noqa: N802
        """The tables of the devices asked for."""
        return [table for table in self.tables if table.deviceName in paths]


def test_partition_tables_are_by_device() -> None:
    table: Any = vim.host.DiskPartitionInfo
    live = edge.Session(SimpleNamespace())
    some = StorageSystem([table(deviceName="/dev/a"), table(deviceName="/dev/b")])
    assert list(live.partitions(some, ("/dev/b",))) == ["/dev/b"]


@pytest.mark.parametrize("error", [TypeError("a str"), AttributeError("no name"), KeyError("x"), ValueError("no number")])
def test_an_answer_that_can_t_be_read_is_a_refusal_and_no_traceback(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    content = SimpleNamespace(sessionManager=SimpleNamespace(Login=lambda *_: None, Logout=lambda: None))
    monkeypatch.setattr(vim.ServiceInstance, "RetrieveContent", lambda _: content)
    with pytest.raises(Refused, match="not as a vCenter does"), edge.session(login("vcenter.example")):
        raise error
