"""Which datastore each disk of a program is on, as far as the program tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from policy.resources import Resource
from policy.settings import Datastore
from review.disks import MACHINE, Disk, disks
from review.preview import UNKNOWN
from sizing.units import gib_from_mib

STORES = ("vsphere:index/vmfsDatastore:VmfsDatastore", "vsphere:index/nasDatastore:NasDatastore")
_COMPUTED = "<computed>"  # what the provider's preview writes for a disk's datastore, whether it is unsaid or only unknown as yet


class Placed(NamedTuple):
    """A disk of a VM on its datastore."""

    vm: Resource
    disk: Disk
    store: str
    """URN of a datastore that the program makes, else a managed object id; empty where neither can be seen."""
    sure: bool = True
    """Whether the preview tells; else it may be the VM's own datastore."""


@dataclass(frozen=True)
class Places:
    """The VMs of a program, and the datastores that they need."""

    vms: tuple[Resource, ...]
    disks: tuple[Placed, ...]
    homes: Mapping[str, str]
    """Datastore of each VM's own files, by the VM's URN; empty where it can't be seen."""
    made: Mapping[str, Resource]
    """Datastores that the program makes, by URN."""

    def title(self, store: str) -> str:
        """A datastore as people call it."""
        return self.made[store].title if store in self.made else store

    def names(self, store: str) -> tuple[str, ...]:
        """What a configuration or a waiver may call a datastore by."""
        made = self.made.get(store)
        return tuple(filter(None, (made.title, made.name, made.text("id")))) if made else (store,)

    def said(self, store: str, configured: Mapping[str, Datastore]) -> Datastore:
        """What the configuration says of a datastore."""
        return next((configured[name] for name in self.names(store) if name in configured), Datastore())

    def size_gib(self, store: str, configured: Mapping[str, Datastore]) -> float | None:
        """Size of a datastore as configured, else as the provider reports it; None where neither says."""
        capacity = self.made[store].number("capacity") if store in self.made else None
        return self.said(store, configured).size_gib or (gib_from_mib(capacity) if capacity else None)

    def stores(self) -> list[str]:
        """Datastores that hold something of a VM which is not Mailstead's own, sorted by title."""
        used = {placed.store for placed in self.disks if not placed.vm.own} | {self.homes[vm.urn] for vm in self.vms if not vm.own}
        return sorted(used - {""}, key=self.title)

    def of_vm(self, vm: Resource) -> frozenset[str]:
        """All datastores that a VM needs; one that can't be seen is an empty text."""
        stores = [placed.store for placed in self.disks if placed.vm is vm]
        return frozenset({self.homes[vm.urn], *(stores or [""])})


def of(resources: Iterable[Resource]) -> Places:
    """The places of a program's VMs."""
    resources = tuple(resources)
    vms = tuple(resource for resource in resources if resource.type == MACHINE)
    made = {resource.urn: resource for resource in resources if resource.type in STORES}
    urns = {resource.text("id"): urn for urn, resource in made.items() if resource.text("id")}
    homes = {vm.urn: _store(vm.text("datastoreId"), urns) or _only(vm, "datastoreId", made) for vm in vms}
    placed = (_placed(vm, disk, homes[vm.urn], made, urns) for vm in vms for disk in disks(vm.title, dict(vm.values)) or ())
    return Places(vms, tuple(placed), homes, made)


def _store(identity: str, urns: Mapping[str, str]) -> str:
    return "" if identity == _COMPUTED else urns.get(identity, identity)


def _only(vm: Resource, key: str, made: Mapping[str, Resource]) -> str:
    """The one datastore that a property of a VM is made from."""
    found = [urn for urn in vm.needs.get(key, ()) if urn in made]
    return found[0] if len(found) == 1 else ""


def _placed(vm: Resource, disk: Disk, home: str, made: Mapping[str, Resource], urns: Mapping[str, str]) -> Placed:
    value = disk.values.get("datastoreId")
    if isinstance(value, str) and value not in ("", UNKNOWN, _COMPUTED):
        return Placed(vm, disk, _store(value, urns))
    if value in (UNKNOWN, _COMPUTED) and any(urn in made for urn in vm.needs.get("disks", ())):
        store = _only(vm, "disks", made)
        return Placed(vm, disk, store, sure=bool(store) and home in ("", store))
    return Placed(vm, disk, "" if value == UNKNOWN else home)
