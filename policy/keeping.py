"""Rules that one resource keeps or breaks by itself: so the engine asks about them before it makes or changes it."""

import re

from config.findings import Level
from config.problems import Problem
from config.roles import SYSTEM
from config.storage import LOSING_MODES
from policy.findings import Breach, Found, Unseen
from policy.resources import Resource
from policy.settings import Disks, Settings, Versions
from review.disks import MACHINE, Disk, disks
from review.preview import UNKNOWN
from review.rules import finding
from review.stateful import KINDS, PROVIDER, SNAPSHOT

_EXACT = re.compile(r"\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")


def keeps_its_disks(resource: Resource, settings: Disks) -> Found:
    """Every disk of a VM but a system disk beside others outlives the VM and any edit of it, and keeps what is written to it.

    A review's `disk-unguarded` and `disk-mode`.
    """
    if resource.type != MACHINE:
        return
    listed = disks(resource.title, dict(resource.values))
    if not listed:
        why = "the labels of its disks are known only after the apply" if listed is None else "it lists no disks, and is made with some"
        yield Unseen(f"{resource.title}: {why}")
        return
    for disk in _data(listed, settings.system, own=resource.own):
        if disk.values.get("keepOnRemove") == UNKNOWN:
            yield Unseen(f"{disk.title}: whether keepOnRemove is true is known only after the apply")
        elif not disk.kept:
            said = finding("disk-unguarded", disk.title, "keepOnRemove is not true", disk.names)
            yield Breach(said, (*disk.names, resource.title, resource.name), resource.urn)
        if disk.values.get("diskMode") == UNKNOWN:
            yield Unseen(f"{disk.title}: its disk mode, which may forget what is written, is known only after the apply")
        elif disk.values.get("diskMode") in LOSING_MODES:
            forgets = finding("disk-mode", disk.title, f"disk mode {disk.values['diskMode']}", disk.names)
            yield Breach(forgets, disk.names, resource.urn)


def _data(listed: tuple[Disk, ...], system: list[str], *, own: bool) -> tuple[Disk, ...]:
    """The disks that are not their VM's system disk. A VM's only disk holds its data too, unless its label says that it does not."""
    if system or own:
        return tuple(disk for disk in listed if disk.label not in {*system, *([SYSTEM] if own else [])})
    if len(listed) == 1:
        return listed
    first = next((disk for disk in listed if not disk.values.get("unitNumber")), None)
    return tuple(disk for disk in listed if disk is not first)


def is_protected(resource: Resource, _settings: Settings) -> Found:
    """What holds mail is protected (a review's stateful types, those that are unsafe to lose)."""
    kind = KINDS.get(resource.type)
    if kind is None or kind.level is not Level.UNSAFE or resource.protect:
        return
    said = Problem(
        f"{resource.type.rpartition(':')[2]} {resource.title}",
        "protect",
        f"is not set, so that the engine refuses neither its deletion nor its replacement: {kind.lost}",
        "set protect, and retain_on_delete with it, from the first create on",
    )
    yield Breach(said, (resource.title, resource.name), resource.urn)


def takes_no_memory_snapshot(resource: Resource, _settings: Settings) -> Found:
    """No snapshot holds the memory too (a review's `memory-snapshot`)."""
    if resource.type != SNAPSHOT:
        return
    title = resource.text("snapshotName") or resource.name
    if resource.values.get("memory") is True:
        said = finding("memory-snapshot", f"VirtualMachineSnapshot {title}", "the memory is written too", (title, resource.name))
        yield Breach(said, said.names, resource.urn)
    elif resource.values.get("memory") == UNKNOWN:
        yield Unseen(f"VirtualMachineSnapshot {title}: whether it holds the memory is known only after the apply")


def pins_its_provider(resource: Resource, settings: Versions) -> Found:
    """The provider's version is exact, and one that was tried (provider 2.14 broke cloning for those who took what came)."""
    if resource.type != PROVIDER:
        return
    version, path, names = resource.text("version"), f"provider {resource.name}", (resource.name,)
    if not _EXACT.fullmatch(version):
        rule = "is no exact version: whichever plugin is installed is used, and an upgrade comes unasked"
        exact = f"such as {settings.versions[-1]}" if settings.versions else "as three numbers"
        yield Breach(Problem(path, version or "nothing", rule, f"set the provider's version, {exact}"), names, resource.urn)
    elif settings.versions and version not in settings.versions:
        rule = f"is none of the versions that were tried: {', '.join(settings.versions)}"
        remedy = "pin one of these, or try it on a stack that may break and add it to versions"
        yield Breach(Problem(path, version, rule, remedy), (version, *names), resource.urn)
