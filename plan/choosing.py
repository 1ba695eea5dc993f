"""Which LUN and which host each server gets whose stack names none.

LUNs with room for the server and its snapshots, and its role spread over fabrics, sites and LUNs; then hosts (`plan/hosts.py`).
What is chosen is written into the stack (`mailstead place STACK --write`) and stays there, so that a server added later moves nobody.
Deliberately moves no server whose place is written, and knows no risk but what sizing computes: `mailstead check` has the last word.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from config import Platform, Problem, parse, placing
from plan import hosts
from plan.assembly import draft, problems
from plan.bins import Bin, Item
from plan.model import Plan
from plan.packing import Packing, pack
from sizing import datastore, memory, snapshots
from sizing.model import total

_ROUNDS = 5  # sizes may depend on where servers are (storage.lost_fabric): so often a placement is sized again
_ROUNDING_GIB = 1 / 1024  # GiB; sums are rounded, and a LUN that is just large enough for one of them is for the other


class Chosen(NamedTuple):
    """Where servers without a LUN or a host go, and what is wrong with that."""

    luns: dict[str, str]
    """LUN by the path of the server."""
    hosts: dict[str, str]
    """Host by the path of the server."""
    plan: Plan
    problems: tuple[Problem, ...]
    """Why it may not be written: what no placement of these servers mends."""
    others: tuple[Problem, ...] = ()
    """What else is wrong with the platform then, and has nothing to do with who is where."""

    @property
    def values(self) -> dict[str, dict[str, str]]:
        """What each server is to say, by its path."""
        paths = dict.fromkeys((*self.luns, *self.hosts))
        by_key = {"lun": self.luns, "host": self.hosts}
        return {path: {key: chosen[path] for key, chosen in by_key.items() if path in chosen} for path in paths}


def choose(sections: Mapping[str, Any], *, with_hosts: bool = True) -> Chosen:
    """A LUN for each server of a stack's sections that names none, and, unless only these are asked for, a host likewise.

    Raises:
        Refused: the stack has other problems of form.
    """
    first = placing.first_host(sections)
    hostless = placing.lacking(sections, "host") if with_hosts and first else ()
    somewhere = placing.placed(sections, {path: {"host": first} for path in hostless if first})  # of no account for any size
    luns, platform, lacking = _luns(somewhere)
    plan = draft(platform)
    chosen = hosts.choose(plan, hostless)
    vms = tuple(vm.model_copy(update={"host": chosen.hosts.get(vm.path)}) if vm.path in hostless else vm for vm in plan.vms)
    plan = plan.model_copy(update={"vms": vms})
    if not luns and not chosen.hosts and not chosen.problems:
        return Chosen({}, {}, plan, ())
    wrong = problems(platform, plan)
    of_place = tuple(problem for problem in wrong if _is_of_place(problem))
    return Chosen(luns, chosen.hosts, plan, (*lacking, *chosen.problems, *of_place), tuple(p for p in wrong if p not in of_place))


def _luns(sections: Mapping[str, Any]) -> tuple[dict[str, str], Platform, tuple[Problem, ...]]:
    """A LUN by the path of each server that names none, the platform with these, and what room they lack."""
    paths = placing.lacking(sections, "lun")
    storage = sections.get("storage")
    known = storage.get("luns") if isinstance(storage, Mapping) else None
    if not paths or not isinstance(known, Mapping) or not known:
        return {}, parse(sections), ()
    luns = dict.fromkeys(paths, min(known))
    needs: dict[str, Item] = {}
    for _ in range(_ROUNDS):
        platform = _at(sections, luns)
        needs = _largest(needs, _items(platform))
        packed = _packed(platform, needs, paths)
        found = {path: packed.places[name] for path, name in _names(platform, paths).items()}
        if found == luns:
            break
        luns = found
    platform = _at(sections, luns)
    return luns, platform, _no_room(packed, paths, platform)


def _at(sections: Mapping[str, Any], luns: Mapping[str, str]) -> Platform:
    return parse(placing.placed(sections, {path: {"lun": lun} for path, lun in luns.items()}))


def _names(platform: Platform, paths: tuple[str, ...]) -> dict[str, str]:
    return {server.path: server.name for server in platform.servers if server.path in paths}


def _items(platform: Platform) -> dict[str, Item]:
    """What each server takes of a LUN, by its name."""
    plan = draft(platform)
    redundant = {*plan.redundant_roles}
    policy, overheads = platform.snapshots, platform.storage.overheads
    memories = memory.counted(platform)
    found = {}
    for server in platform.servers:
        has = memories[server.name]
        disks = tuple(disk for disk in plan.sizing.disks if disk.vm == server.name)
        beside = datastore.beside_disks_gib(has.value, server.node.memory_reservation_gib, overheads)
        always = sum(disk.counted.value for disk in disks) + beside
        burst = total(snapshots.of_vm(policy, overheads, disks, has).terms)
        found[server.name] = Item(server.name, always, burst, frozenset(redundant.intersection(server.roles)))
    return found


def _largest(first: Mapping[str, Item], second: Mapping[str, Item]) -> dict[str, Item]:
    """The larger need of each server, so that no round asks for less than the one before and the rounds end."""
    return {
        name: item._replace(size_gib=max(item.size_gib, old.size_gib), burst_gib=max(item.burst_gib, old.burst_gib))
        for name, item in second.items()
        for old in [first.get(name, item)]
    }


def _packed(platform: Platform, needs: Mapping[str, Item], paths: tuple[str, ...]) -> Packing:
    new = [needs[server.name] for server in platform.servers if server.path in paths]
    bins = []
    for name, lun in sorted(platform.storage.luns.items()):
        held = tuple(needs[server.name] for server in platform.servers if server.path not in paths and server.node.lun == name)
        bins.append(Bin(name, room_gib(platform, name), frozenset({str(lun.fabric), *([f"site {lun.site}"] if lun.site else [])}), held))
    found = pack(new, bins, platform.snapshots.concurrent_vms)
    assert found is not None  # noqa: S101 - only what must be apart can have no packing
    return found


def room_gib(platform: Platform, name: str) -> float:
    """What a LUN has room for beside VMFS and what it keeps free, GiB."""
    storage, lun = platform.storage, platform.storage.luns[name]
    usable_gib = min(lun.size_gib * (1 - storage.free_fraction), lun.physical_gib or lun.size_gib)
    return max(0.0, usable_gib - datastore.vmfs_gib(lun.size_gib, storage.overheads) - _ROUNDING_GIB)


def _no_room(packed: Packing, paths: tuple[str, ...], platform: Platform) -> tuple[Problem, ...]:
    """What is missing, once for all servers: how much, and on which fabric."""
    if not packed.missing_gib:
        return ()
    luns = platform.storage.luns
    fits = "doesn't fit" if len(paths) == 1 else "don't fit"
    lacks = packed.lacks(lambda lun: f"{lun} ({luns[lun].fabric})")
    rule = f"without a LUN {fits} on those there are: {lacks}, beside what stays free"
    path = paths[0] if len(paths) == 1 else "storage.luns"
    value = f"{len(paths)} server{'s' if len(paths) > 1 else ''}"
    return (Problem(path, value, rule, f"ask for larger LUNs as said below, or add one{packed.doubt}"),)


def _is_of_place(problem: Problem) -> bool:
    """Whether a problem concerns LUNs or hosts and who is on them."""
    return problem.path.startswith(("storage.", "vsphere.hosts.")) or problem.path.endswith((".lun", ".host"))
