"""Simulated vCenters, each for one site."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import yaml
from pyVmomi.SoapAdapter import SoapStubAdapter

from checks import Credentials, credentials
from tools import simulator
from tools.paths import BIN, ROOT

PASSWORD = "a&b<c>\"d'"
Start = Callable[[dict[str, Any]], Credentials]


def site(name: str) -> dict[str, Any]:
    """The simulated site of a stack."""
    text = (ROOT / "stacks" / "sites" / f"{name}.yaml").read_text(encoding="utf-8")
    described: dict[str, Any] = yaml.safe_load(text)
    return described


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a simulated vCenter for a site; all end with the tests."""
    binary = BIN / "vcsim"
    if not binary.is_file():
        pytest.skip("the simulated vCenter is not built: run make setup")
    with ExitStack() as running:

        def one(described: dict[str, Any]) -> Credentials:
            inventory = tmp_path_factory.mktemp("site") / "site.yaml"
            inventory.write_text(yaml.safe_dump(described), encoding="utf-8")
            made = running.enter_context(simulator.running(inventory, binary, password=PASSWORD))
            return credentials({}, made.environment)

        yield one


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The vSphere methods that are called from now on."""
    names: set[str] = set()
    invoke = SoapStubAdapter.InvokeMethod

    def noted(stub: Any, mo: Any, info: Any, args: Any, outer: Any = None) -> Any:
        names.add(info.wsdlName)
        return invoke(stub, mo, info, args, outer)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(SoapStubAdapter, "InvokeMethod", noted)
    return names


@pytest.fixture(scope="session")
def vcenter(start: Start) -> Credentials:
    """The vCenter of the stack campus, with nothing of the platform on it."""
    return start(site("campus"))
