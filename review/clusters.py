"""Clusters, hosts and mounts: what an update takes from the VMs that run there.

What an update does is the provider's source (1.26.0). Disks leave vSAN by RemoveDiskMapping_Task without a mode of evacuation, on every
host of the cluster (resource_vsphere_compute_cluster.go, updateVsanDisks). A host leaves a cluster in maintenance, for which DRS moves its
VMs; a datastore is unmounted host by host.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from config.findings import Finding
from review.preview import Step, seen, texts
from review.rules import finding
from review.stateful import CLUSTER, HOST, called, titled

NAS = "vsphere:index/nasDatastore:NasDatastore"
_SWITCHES = {
    HOST: (("maintenance", False, "goes into maintenance"), ("connected", True, "is disconnected")),
    CLUSTER: (("haEnabled", True, "HA is switched off"), ("drsEnabled", True, "DRS is switched off")),
}
"""Properties that are switches, with the value that serves."""
_LISTED = {
    NAS: (("host no longer mounts it", "hosts no longer mount it"), "which hosts mount it is known only after apply"),
    CLUSTER: (("host leaves", "hosts leave"), "which hosts are in it is known only after apply"),
}
"""What becomes of hosts that are no longer in `hostSystemIds`: of one, of several, and of nobody knows which."""


def out_of_service(step: Step) -> Iterator[Finding]:
    """A host that stops to carry VMs or leaves, a cluster that no longer restarts or places them, a datastore that is unmounted."""
    if step.op != "update":
        return
    for key, fine, found in _SWITCHES.get(step.type, ()):
        unsaid = fine if step.type == HOST else False  # the provider's defaults
        if step.old.get(key, unsaid) is fine and step.new.get(key, unsaid) is (not fine):
            yield finding("out-of-service", titled(step), found, called(step))
    for found in _leaving(step):
        yield finding("out-of-service", titled(step), found, called(step))


def _leaving(step: Step) -> Iterator[str]:
    cluster = step.old.get("cluster")
    if step.type == HOST and cluster and not step.new.get("clusterManaged") and step.new.get("cluster") != cluster:
        yield "leaves its cluster"
    before, after = texts(step.old, "hostSystemIds"), step.new.get("hostSystemIds", [])
    if step.type not in _LISTED or not before:
        return
    (one, several), unseen = _LISTED[step.type]
    if not isinstance(after, list):
        yield unseen
    elif left := {*before} - {*texts(step.new, "hostSystemIds")}:
        yield f"{len(left)} {several if len(left) > 1 else one}"


def taken_apart(step: Step) -> Iterator[Finding]:
    """A cluster whose vSAN loses disks, or is switched off; what a program leaves out of it stays."""
    if step.type != CLUSTER or step.op != "update":
        return
    if step.old.get("vsanEnabled") is True and step.new.get("vsanEnabled", True) is not True:
        yield finding("vsan-taken-apart", titled(step), "vSAN is switched off", called(step))
    before, listed = _disks(step.old), step.new.get("vsanDiskGroups")
    if not before or listed is None:
        return
    if not isinstance(listed, list):
        yield finding("vsan-taken-apart", titled(step), "its vSAN disks are known only after apply", called(step))
    elif left := before - _disks(step.new):
        said = f"{len(left)} disks are" if len(left) > 1 else "1 disk is"
        yield finding("vsan-taken-apart", titled(step), f"{said} taken out of vSAN", called(step))


def _disks(values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The disks of each group of a cluster's, by the cache that they are behind."""
    listed = values.get("vsanDiskGroups")
    groups = [group for group in listed if isinstance(group, dict)] if isinstance(listed, list) else []
    caches = {(str(group.get("cache")), "") for group in groups if seen(group.get("cache"))}
    return caches | {(str(group.get("cache")), disk) for group in groups for disk in texts(group, "storages")}
