"""Which VMs an update restarts, and in which order: two that stand in for one another must not be down together.

Which properties restart a VM is the provider's documented list (virtual_machine, "Virtual machine reboot"). The members of a role are
told by the anti-affinity rules of the preview: VMs that are kept apart are kept apart for this.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from config.findings import Finding
from plan.spread import at_a_time
from review.disks import MACHINE
from review.preview import REPLACED, Preview, Step, texts
from review.rules import finding
from review.stateful import APART

RESTARTING = frozenset({
    "alternateGuestName", "cpuHotAddEnabled", "cpuHotRemoveEnabled", "cpuPerformanceCountersEnabled", "efiSecureBootEnabled", "eptRviMode",
    "enableDiskUuid", "enableLogging", "extraConfig", "firmware", "guestId", "hardwareVersion", "hvMode", "memoryHotAddEnabled",
    "nestedHvEnabled", "numCoresPerSocket", "pciDeviceIds", "runToolsScriptsAfterPowerOn", "runToolsScriptsAfterResume",
    "runToolsScriptsBeforeGuestReboot", "runToolsScriptsBeforeGuestShutdown", "runToolsScriptsBeforeGuestStandby", "swapPlacementPolicy",
    "toolsUpgradePolicy", "vbsEnabled", "vvtdEnabled", "vtpm",
})  # fmt: skip
"""Properties any change of which restarts the VM."""
DISK_RESTARTING = ("controllerType", "unitNumber", "diskMode", "writeThrough", "diskSharing")
"""The same, of a disk."""
NOISE = frozenset({"eptRviMode", "hvMode", "syncTimeWithHost"})
"""Properties that the provider may show as changed for ever, with nothing asked for (pulumi-vsphere issue 472)."""


def restarted(preview: Preview) -> Iterator[Finding]:
    """A finding for each VM that restarts, and one for each role whose members do so together."""
    steps = preview.steps
    why = {step.urn: _reasons(step) for step in steps if step.type == MACHINE and step.op == "update"}
    restarting = {step.urn: step for step in steps if why.get(step.urn)}
    down = restarting | _gone(steps)
    peers = _peers(steps)
    for step in restarting.values():
        found = f"restarts because of {', '.join(why[step.urn])}"
        yield finding("restart", f"VirtualMachine {step.title}", found, (step.title, step.name))
    by_urn = {step.urn: step for step in sorted(steps, key=lambda step: step.new_state is not None)}
    after = {urn: _all_before(by_urn[urn], by_urn) for urn in down}
    for rule, members in sorted(peers.items()):
        of_it = [down[urn] for urn in members if urn in down]
        if len(of_it) > 1 and any(step.op != "delete" for step in of_it):
            yield _together(rule, of_it, after, at_a_time(len(members)))
    if preview.hidden and len(down) > 1 and any(step.op != "delete" for step in down.values()):
        found = f"{len(down)} VMs restart or go, and what stays as it is was not shown"
        yield finding("peers-unseen", "the stack", found, ("peers-unseen",))


def _gone(steps: tuple[Step, ...]) -> dict[str, Step]:
    """VMs that stop for good, or until another stands in their place; one that is retained runs on."""
    going = [step for step in steps if step.type == MACHINE and step.op in REPLACED | {"delete"}]
    return {step.urn: step for step in going if not (step.op == "delete" and step.old_state and step.old_state.retain_on_delete)}


def noise(step: Step) -> Iterator[Finding]:
    """Properties that show as changed though nothing was asked for."""
    if step.changed and step.changed <= NOISE and not any(step.new.get(key) for key in NOISE):
        found = f"{', '.join(sorted(step.changed))} differ with nothing asked for"
        yield finding("noise", f"VirtualMachine {step.title}", found, (step.title, step.name))


def _together(rule: str, down: list[Step], after: Mapping[str, frozenset[str]], most: int) -> Finding:
    """The finding on members of a role that restart in one apply: by turns, or together; `most` of them may at a time."""
    urns = {step.urn for step in down}
    turn: dict[str, int] = {}
    turns: dict[int, list[str]] = {}
    for step in sorted(down, key=lambda step: (len(after[step.urn] & urns), step.title)):
        turn[step.urn] = max((turn[earlier] + 1 for earlier in after[step.urn] & urns), default=0)
        turns.setdefault(turn[step.urn], []).append(step.title)
    order = " → ".join(", ".join(turn) for turn in turns.values())
    names = (rule,)
    if max(map(len, turns.values())) <= most:
        return finding("rolling-restart", f"role {rule}", f"restarts by turns: {order}", names)
    alone = " → ".join(sorted(step.title for step in down))
    found = f"{len(down)} members restart or go in one apply, {max(map(len, turns.values()))} of them at a time"
    return finding("peers-restart", f"role {rule}", found, names, order=alone)


def _reasons(step: Step) -> tuple[str, ...]:
    old, new = step.old, step.new
    found = {key for key in step.changed & RESTARTING if _differs(old, new, key) and not (key == "extraConfig" and _quiet(new))}
    if "memory" in step.changed and _grows_cold(old, new, "memory", "memoryHotAddEnabled", ""):
        found.add("memory")
    if "numCpus" in step.changed and _grows_cold(old, new, "numCpus", "cpuHotAddEnabled", "cpuHotRemoveEnabled"):
        found.add("numCpus")
    found |= {f"disks.{key}" for key in DISK_RESTARTING if _disk_differs(old, new, key)}
    if "networkInterfaces" in step.changed and _cards(old, new):
        found.add("networkInterfaces")
    return tuple(sorted(found))


def _quiet(new: Mapping[str, Any]) -> bool:
    return new.get("extraConfigRebootRequired") is False


def _differs(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> bool:
    return (new.get(key) or None) != (old.get(key) or None) and not (key in NOISE and not new.get(key))


def _grows_cold(old: Mapping[str, Any], new: Mapping[str, Any], key: str, hot_add: str, hot_remove: str) -> bool:
    """Whether a size changes in a way that the running VM does not take."""
    before, after = old.get(key), new.get(key)
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return before != after
    allowed = hot_add if after > before else hot_remove
    return after != before and old.get(allowed) is not True


def _disk_differs(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> bool:
    before = {str(d.get("label")): d.get(key) for d in _listed(old, "disks")}
    after = {str(d.get("label")): d.get(key) for d in _listed(new, "disks")}
    return any(None not in (before[label], after[label]) and before[label] != after[label] for label in before.keys() & after.keys())


def _cards(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    before, after = _listed(old, "networkInterfaces"), _listed(new, "networkInterfaces")
    return len(after) < len(before) or any(a.get("adapterType") != b.get("adapterType") for a, b in zip(before, after, strict=False))


def _listed(values: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = values.get(key)
    return [value for value in found if isinstance(value, dict)] if isinstance(found, list) else []


def _peers(steps: tuple[Step, ...]) -> dict[str, frozenset[str]]:
    """URNs of the VMs that each anti-affinity rule names, now or after the apply."""
    urns = {step.old_state.id: step.urn for step in steps if step.type == MACHINE and step.old_state}
    rules = [step for step in steps if step.type == APART]
    ids = {step.title: [*texts(step.old, "virtualMachineIds"), *texts(step.new, "virtualMachineIds")] for step in rules}
    return {title: frozenset(urns[i] for i in named if i in urns) for title, named in ids.items()}


def _all_before(step: Step, steps: Mapping[str, Step]) -> frozenset[str]:
    """URNs of everything that a step waits for, near and far."""
    seen: set[str] = set()
    waiting = list(step.new_state.dependencies) if step.new_state else []
    while waiting:
        urn = waiting.pop()
        state = steps[urn].new_state if urn in steps and urn not in seen else None
        seen.add(urn)
        waiting += state.dependencies if state else ()
    return frozenset(seen)
