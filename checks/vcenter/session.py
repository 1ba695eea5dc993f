"""One read-only session with a vCenter: log in, look, log out. What can't be done becomes a `Refused`, never a traceback.

The only file that calls vCenter. Everything pyVmomi returns is untyped; `checks.vcenter.reading` turns it into values.
"""

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import Any
from xml.parsers.expat import ExpatError

from pyVmomi.SoapAdapter import SoapStubAdapter

from checks.vcenter.allowed import forbidden
from checks.vcenter.credentials import Credentials
from checks.vcenter.faults import explained
from checks.vcenter.untyped import vim, vmodl
from config import Refused

CONNECT_SECONDS = 5.0  # s; to reach a server and agree on TLS; a campus round trip takes milliseconds
ANSWER_SECONDS = 60.0  # s; for vCenter to go on with an answer; a busy one takes seconds
API_VERSION = "vim.version.v7_0"  # the oldest that the provider supports, understood by all later ones
TASK_SECONDS = 0.2  # s; between two looks at a task that only reads
PAGE = 1000  # objects in one answer; the rest follows by a token

READ_ONLY = frozenset(
    {
        "RetrieveServiceContent",
        "Login",
        "Logout",
        "CreateContainerView",
        "DestroyView",
        "RetrievePropertiesEx",
        "ContinueRetrievePropertiesEx",
        "RetrieveDiskPartitionInfo",
    }
)
"""Every method that a look calls, unless its session names more. A view lives in our own session and changes nothing else."""

UNANSWERED = (OSError, HTTPException, ExpatError, vmodl.MethodFault)
"""What the network, TLS and vCenter itself raise."""
ODD = (TypeError, AttributeError, LookupError, ValueError)
"""What pyVmomi and reading raise where an answer is not of the form that it must have."""

_collector: Any = vmodl.query.PropertyCollector


class NotReadOnly(Exception):
    """What is on no list was about to be called or read: a fault of this program."""


class ReadOnlyStub(SoapStubAdapter):
    """A connection that refuses every method that is not on its list, before anything is sent."""

    allowed = READ_ONLY

    def InvokeMethod(self, mo: Any, info: Any, args: Any, outerStub: Any = None) -> Any:  # noqa: N802, N803
        if info.wsdlName not in self.allowed:
            raise NotReadOnly(info.wsdlName)
        return super().InvokeMethod(mo, info, args, outerStub)  # type: ignore[no-untyped-call]

    def GetConnection(self) -> Any:  # noqa: N802
        connection = super().GetConnection()  # type: ignore[no-untyped-call]
        connection.sock.settimeout(ANSWER_SECONDS)
        return connection


@dataclass(frozen=True)
class Found:
    """An object with the properties that were asked for and that it has."""

    object: Any
    properties: Mapping[str, Any]
    denied: tuple[str, ...]
    """Properties that the user may not read."""

    @property
    def id(self) -> str:
        """Managed object id."""
        return str(self.object._GetMoId())

    def is_a(self, kind: type[Any]) -> bool:
        """Whether the object is of a type or of one derived from it."""
        return isinstance(self.object, kind)

    def get(self, name: str, default: Any = None) -> Any:
        """A property, or the default where it is unset."""
        return self.properties.get(name, default)


@dataclass(frozen=True)
class Session:
    """A session that is logged in."""

    content: Any
    reads: frozenset[str] = frozenset()
    """Properties that it may read beside those of the list."""

    def below(self, container: Any, properties: Mapping[type[Any], Sequence[str]]) -> list[Found]:
        """Every object of the given types below a container, with the given properties."""
        view = self.content.viewManager.CreateContainerView(container, list(properties), recursive=True)
        try:
            step = _collector.TraversalSpec(name="view", path="view", skip=False, type=vim.view.ContainerView)
            return self._retrieve([self._filter([_collector.ObjectSpec(obj=view, skip=True, selectSet=[step])], properties)])
        finally:
            view.DestroyView()

    def of(self, wanted: Iterable[tuple[Any, Sequence[str]]]) -> list[Found]:
        """The given objects, each with its own properties."""
        filters = [self._filter([_collector.ObjectSpec(obj=item)], {type(item): names}) for item, names in wanted]
        return self._retrieve(filters) if filters else []

    def still(self, wanted: Iterable[tuple[Any, Sequence[str]]]) -> tuple[list[Found], list[str]]:
        """Like `of`, and the ids of those that went away meanwhile: a site does not hold still."""
        left, gone = list(wanted), list[str]()
        while True:
            try:
                return self.of(left), gone
            except vmodl.fault.ManagedObjectNotFound as fault:
                missing = fault.obj._GetMoId() if fault.obj else ""
                fewer = [(ref, names) for ref, names in left if ref._GetMoId() != missing]
                if len(fewer) == len(left):
                    raise
                left = fewer
                gone.append(missing)

    def partitions(self, storage_system: Any, device_paths: Sequence[str]) -> dict[str, Any]:
        """The partition tables that a host reads from its devices, by device path."""
        return {table.deviceName: table for table in storage_system.RetrieveDiskPartitionInfo(list(device_paths))}

    def done(self, task: Any) -> Any:
        """What came of a task, when it has ended; its fault is raised."""
        while True:
            (found,) = self.of([(task, ["info"])])
            info = found.get("info")
            if info.state == "success":
                return info.result
            if info.state == "error":
                raise info.error
            time.sleep(TASK_SECONDS)

    def refresh(self, datastore: Any) -> None:
        """Have the free space of a datastore counted now; one that just went away has none to count."""
        with suppress(vim.fault.HostConfigFault, vmodl.fault.ManagedObjectNotFound):
            datastore.RefreshDatastore()

    def of_uuids(self, datacenter: Any, uuids: Mapping[str, bool]) -> list[Any]:
        """The VMs of a datacenter that have one of these UUIDs, each with whether it is that of an instance, else of a BIOS."""
        index = self.content.searchIndex
        return [vm for uuid, of_instance in uuids.items() for vm in index.FindAllByUuid(datacenter, uuid, True, of_instance)]

    def children(self, folders: Iterable[Any], name: str) -> list[Any]:
        """The VMs of a name directly in folders."""
        escaped = name.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")  # as vCenter does
        found = [self.content.searchIndex.FindChild(folder, escaped) for folder in folders]
        return [item for item in found if isinstance(item, vim.VirtualMachine)]

    def now(self) -> datetime:
        """What time it is by the server's clock."""
        time: datetime = vim.ServiceInstance("ServiceInstance", self.content.rootFolder._stub).CurrentTime()
        return time

    def _retrieve(self, filters: list[Any]) -> list[Found]:
        collector = self.content.propertyCollector
        page = collector.RetrievePropertiesEx(filters, _collector.RetrieveOptions(maxObjects=PAGE))
        found: list[Found] = []
        while page is not None:
            found += map(as_found, page.objects)
            page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None
        return found

    def _filter(self, objects: list[Any], properties: Mapping[type[Any], Sequence[str]]) -> Any:
        unlisted = [path for kind, names in properties.items() for path in forbidden(kind, names, self.reads)]
        if unlisted:
            raise NotReadOnly(", ".join(unlisted))
        wanted = [_collector.PropertySpec(type=kind, all=False, pathSet=list(names)) for kind, names in properties.items()]
        return _collector.FilterSpec(objectSet=objects, propSet=wanted)


def as_found(content: Any) -> Found:
    """What vCenter answered about one object. A session that has ended is raised: it is no missing right, though vSphere derives it so."""
    ended = next((p.fault for p in content.missingSet if isinstance(p.fault, vim.fault.NotAuthenticated)), None)
    if ended:
        raise ended
    return Found(
        object=content.obj,
        properties={p.name: p.val for p in content.propSet},
        denied=tuple(sorted(p.path for p in content.missingSet if isinstance(p.fault, vim.fault.NoPermission))),
    )


@contextmanager
def session(credentials: Credentials, more: frozenset[str] = frozenset(), reads: frozenset[str] = frozenset()) -> Iterator[Session]:
    """A session with the vCenter, logged out in the end whatever happens.

    `more` are methods that it may call beside `READ_ONLY`, `reads` are properties beside those of `checks.vcenter.allowed`.

    Raises:
        Refused: the server can't be reached or trusted, or refuses the login or what is asked of it.
    """
    stub = ReadOnlyStub(
        host=credentials.host,
        port=credentials.port,
        version=API_VERSION,
        sslContext=_tls(verify=not credentials.allow_unverified_ssl),
        httpConnectionTimeout=CONNECT_SECONDS,
    )  # type: ignore[no-untyped-call]
    stub.allowed = READ_ONLY | more
    try:
        content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
        content.sessionManager.Login(credentials.user, credentials.password.get_secret_value())
        try:
            yield Session(content, reads)
        finally:
            with suppress(*UNANSWERED, *ODD):
                content.sessionManager.Logout()
    except (*UNANSWERED, *ODD) as error:
        raise Refused([explained(error, credentials)]) from None
    finally:
        stub.DropConnections()  # type: ignore[no-untyped-call]


def _tls(*, verify: bool) -> ssl.SSLContext:
    if verify:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
