"""Resources made by hand: the shortest that show one thing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from policy.findings import Breach, Found, Unseen
from policy.places import STORES
from policy.resources import PLATFORM, Resource
from review.disks import MACHINE
from review.stateful import APART

TODAY = date(2026, 11, 24)


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::mail::{kind}::{name}"


Needs = Mapping[str, tuple[str, ...]]


def resource(kind: str, name: str, /, protect: bool = False, needs: Needs | None = None, **values: Any) -> Resource:
    """A resource of a program that is not Mailstead's."""
    return Resource(urn(kind, name), kind, name, values, protect, needs=needs or {})


def disk(label: str, size: float = 100, unit: int = 1, **values: Any) -> dict[str, Any]:
    """A disk as the provider's preview has it."""
    return {"label": label, "size": float(size), "unitNumber": float(unit), "thinProvisioned": True} | values


def vm(name: str, *disks: dict[str, Any], store: str = "ds-1", needs: Needs | None = None, **values: Any) -> Resource:
    """A VM of 4 GiB; without disks it has a spool of 100 GiB."""
    told: dict[str, Any] = {"name": name, "id": f"id-{name}", "memory": 4096.0, "datastoreId": store}
    told["disks"] = list(disks) or [disk("spool")]
    return resource(MACHINE, name, needs=needs, **(told | values))


def own(name: str, **values: Any) -> Resource:
    """A VM of Mailstead's own platform."""
    made = vm(name, **values)
    return Resource(urn(f"{PLATFORM}$mailstead:spool:Spool${MACHINE}", name), MACHINE, name, made.values)


def store(name: str, identity: str = "", /, **values: Any) -> Resource:
    """A VMFS datastore that the program makes."""
    return resource(STORES[0], name, **{"name": name, "id": identity} | values)


def apart(name: str, /, *members: str, **values: Any) -> Resource:
    """A rule that keeps VMs on different hosts."""
    told: dict[str, Any] = {"name": name, "virtualMachineIds": [f"id-{member}" for member in members], "mandatory": True, "enabled": True}
    return resource(APART, name, **(told | values))


def said(found: Found) -> list[str]:
    """The breaches as text."""
    return [str(one.said) for one in found if isinstance(one, Breach)]


def unseen(found: Found) -> list[str]:
    return [one.text for one in found if isinstance(one, Unseen)]
