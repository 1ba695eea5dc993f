"""All that a look at vCenter says against an apply, as findings: what the program's own check refuses, and what it does not look for.

Deliberately judges nothing anew that `checks.compare` judges: its problems are shown as they are.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from checks.change_room import change_room
from checks.compare import compare
from checks.site import SiteSettings
from checks.snapshots.gate import Verdict, is_snapshot_work
from checks.snapshots.status import status
from checks.snapshots.world import World, planned
from checks.storage import ROUNDING_GIB
from checks.vcenter.chains import LiveVm
from checks.vcenter.inventory import Inventory, canonical
from checks.waivers import judged
from config import Problem
from config.base import Model
from config.findings import Finding, Level, ordered
from config.review import IN_PREVIEWS, IN_VCENTER, unused
from plan import Plan

OLDEST_API = (7, 0)  # of vCenter; the oldest that the provider supports
OLDEST_VMFS = 6  # the version that gives back what is deleted, and makes every delta SE-sparse; vSphere storage guide
LEAST_PATHS = 2  # to a LUN; with one, a cable takes its datastore away; vSphere storage guide
APD_SECONDS = 140  # s; vSphere's own timeout; with less a short failure of a switch stops VMs


class Preflight(Model):
    """Whether an apply may begin, as far as vCenter says."""

    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """No if anything is unsafe."""
        return Verdict.of(self.findings)


def preflight_report(
    world: World, inventory: Inventory, settings: SiteSettings, more: Iterable[Finding] = (), recorded: Collection[str] = ()
) -> Preflight:
    """Every finding, worst first; `more` are those of the ledger and of files, and `recorded` the instance UUIDs of the ledger's VMs."""
    problems = tuple(compare(world.plan, inventory))
    found = [
        *map(_refused, problems),
        *_snapshots(world),
        *_machines(world, recorded),
        *_placed(world),
        *change_room(world),
        *_paths(world, inventory),
        *_vmfs(world),
        *_versions(settings),
        *_drs(settings, told=world.plan.place.drs),
        *_storage_loss(settings),
        *more,
    ]
    review = world.platform.review
    said = [judged(one, review, world.look.at.date()) for one in found]
    return Preflight(findings=ordered([*said, *unused(review, found, IN_VCENTER - IN_PREVIEWS)]))


def nowhere(plan: Plan, inventory: Inventory) -> Preflight:
    """What is said where the plan's datacenter is not there, nor another that has its hosts: nothing more can be looked at."""
    return Preflight(findings=ordered([_refused(problem) for problem in compare(plan, inventory)]))


def _snapshots(world: World) -> Iterator[Finding]:
    """What status finds; of VMs that are not the plan's, what is unsafe there does not forbid an apply here."""
    own = {vm.name for vm in world.plan.vms} | {d.name for d in world.plan.datastores}
    for finding in status(world).findings:
        foreign = finding.level is Level.UNSAFE and not own.intersection(finding.names)
        yield replace(finding, level=Level.WARNING) if foreign else finding


_AREAS = {"vsphere": "place", "networks": "network", "storage": "storage"}


def _refused(problem: Problem) -> Finding:
    """What the program's own check refuses."""
    area = _AREAS.get(problem.path.partition(".")[0], "server")
    return Finding(
        Level.UNSAFE,
        f"refused-{area}",
        problem.path,
        f"{problem.value} {problem.rule}",
        "a stack that fits what vCenter has",
        "make preview and make up refuse this, and change nothing",
        problem.remedy[:1].upper() + problem.remedy[1:],
        (problem.path,),
    )


def _machines(world: World, recorded: Collection[str]) -> Iterator[Finding]:
    """VMs with the names of the plan's: whose they are, and what is going on with them."""
    for vm in world.look.vms:
        own = next((o for o in world.plan.vms if o.name == vm.name), None)
        if own is None:
            continue
        if not planned(world.plan, vm):
            if vm.instance_uuid not in recorded:
                yield _elsewhere(world, vm)
                continue
            said = f"is the stack's own, in the folder {vm.folder or '(none)'}", f"in {world.plan.place.folder}"
            consequence = "Where vsphere.folder was edited, up renames the folder with all that is in it"
            step = "Nothing, if that is meant; where a person has moved the VM, move it back"
            yield Finding(Level.NOTE, "folder-differs", vm.name, *said, consequence, step, (vm.name,))
        yield from _held(world, vm)
        yield from _busy(vm)
        if vm.locked:
            said = "vCenter is forbidden to move it", "free to move"
            consequence = "A backup program reads its disks, or has not undone its lock: an apply that changes or moves it breaks off"
            step = "Wait for the backup to end; if none runs, have the lock undone (vSphere: EnableMethods)"
            yield Finding(Level.WARNING, "locked", vm.name, *said, consequence, step, (vm.name,))
        if not vm.connected:
            said = "vCenter can't reach it (disconnected, inaccessible or orphaned)", "connected"
            consequence = "To the provider it is gone: a refresh drops it from the state, and the next up makes a second one"
            yield Finding(Level.UNSAFE, "unreachable", vm.name, *said, consequence, "Bring its host or datastore back first", (vm.name,))


def _placed(world: World) -> Iterator[Finding]:
    """Without DRS a VM stays where it was put, or where HA has restarted it: those that are not where the stack has them."""
    live = {vm.name: vm for vm in world.look.vms if planned(world.plan, vm) and vm.host}
    for own in world.plan.vms if not world.plan.place.drs else ():
        vm = live.get(own.name)
        if vm is None or own.host in (None, vm.host):
            continue
        beside = [
            f"{name} ({apart.role})"
            for apart in world.plan.apart
            for name in apart.vms
            if own.name in apart.vms and name != own.name and name in live and live[name].host == vm.host
        ]
        consequence = (
            f"It shares the host with {' and '.join(beside)}: losing {vm.host} takes both"
            if beside
            else "What the loss of a host leaves running was foreseen with it elsewhere (mailstead plan STACK --losses)"
        )
        step = f"Move it to {own.host} in vCenter, since nothing else does; or write host: {vm.host} for it, if check then agrees"
        yield Finding(Level.WARNING, "host-differs", own.name, f"is on {vm.host}", f"on {own.host}", consequence, step, (own.name,))


def _elsewhere(world: World, vm: LiveVm) -> Finding:
    both = world.in_place(vm.name) is not None
    return Finding(
        Level.NOTE if both else Level.UNSAFE,
        "foreign-vm",
        f"{vm.folder or '(no folder)'}/{vm.name}",
        "has the name of a server of the stack, in another folder",
        f"none, or in {world.plan.place.folder}",
        "It is not the stack's" if both else "If it is not the stack's, up makes a second VM of this name and address",
        "Rename it, if people could take one for the other"
        if both
        else "Rename it if it is not the stack's. If it is, and vsphere.folder was edited: take the edit back until a ledger is written",
        (vm.name,),
    )


def _held(world: World, vm: LiveVm) -> Iterator[Finding]:
    """No disk can grow while its VM has a snapshot."""
    if not vm.snapshots and not vm.deltas_gib:
        return
    own = next(o for o in world.plan.vms if o.name == vm.name)
    larger = [d.label for d in own.disks for live in vm.disks if live.unit == d.unit and live.capacity_gib < d.size_gib - ROUNDING_GIB]
    names = ", ".join(s.name for s in vm.snapshots) or "deltas that no snapshot has"
    if larger:
        consequence = "vSphere grows no disk with a snapshot: up stops half way, perhaps with the VM shut down"
        said = f"has snapshots ({names}), and its disks are to grow: {', '.join(larger)}", "no snapshot"
        yield Finding(Level.UNSAFE, "snapshot-blocks-growth", vm.name, *said, consequence, "Remove its snapshots first", (vm.name,))
    else:
        consequence = "Its disks can't grow, and a change made now may be undone by going back to it"
        said = f"has snapshots ({names}), {vm.deltas_gib:,.2f} GiB of deltas", "none during a change"
        yield Finding(
            Level.WARNING, "snapshot-present", vm.name, *said, consequence, "Remove what is not needed for the change", (vm.name,)
        )


def _busy(vm: LiveVm) -> Iterator[Finding]:
    for work in vm.work:
        level = Level.UNSAFE if is_snapshot_work(work) else Level.WARNING
        who = f" for {work.who}" if work.who else ""
        consequence = "An apply would meet it: vSphere refuses one of the two, perhaps half way"
        said = f"{work.what} is {work.state}{who}", "no task"
        yield Finding(level, "busy", vm.name, *said, consequence, "Wait for it to end, or hold backups during the apply", (vm.name,))


def _paths(world: World, inventory: Inventory) -> Iterator[Finding]:
    naas = {canonical(d.naa): d for d in world.plan.datastores}
    for lun in inventory.luns:
        store = naas.get(lun.naa)
        if store and 0 < lun.paths < LEAST_PATHS:
            said = f"{lun.paths} path over {' and '.join(lun.fabrics)}", f"{LEAST_PATHS} or more"
            consequence = "One cable, port or switch that fails takes the datastore and its VMs away"
            step = "Add paths by another adapter and switch, and rescan"
            yield Finding(Level.WARNING, "single-path", f"datastore {store.name}", *said, consequence, step, (store.name,))


def _vmfs(world: World) -> Iterator[Finding]:
    for store in world.look.stores:
        major = store.vmfs.partition(".")[0]
        if major.isdigit() and int(major) < OLDEST_VMFS:
            said = f"VMFS {store.vmfs}", f"VMFS {OLDEST_VMFS}"
            consequence = (
                "What snapshots leave is not given back to the array by itself, and deltas of disks up to 2 TB are of the older kind"
            )
            step = "Make a new datastore of VMFS 6 and move the VMs there: there is no upgrade in place"
            yield Finding(Level.WARNING, "old-vmfs", f"datastore {store.name}", *said, consequence, step, (store.name,))


def _versions(settings: SiteSettings) -> Iterator[Finding]:
    numbers = tuple(int(part) for part in settings.api.split(".")[:2] if part.isdigit())
    if numbers and numbers < OLDEST_API:
        said = f"version {settings.version}, API {settings.api}", f"API {'.'.join(map(str, OLDEST_API))} or newer"
        consequence = "The provider is made for newer ones: properties that it sets may be unknown"
        yield Finding(Level.WARNING, "old-vcenter", "vCenter", *said, consequence, "Upgrade it", ("vCenter",))
    versions = sorted({host.version for host in settings.hosts if host.version})
    if len(versions) > 1:
        said = f"versions {' and '.join(versions)}", "one version"
        consequence = "A VM whose hardware is made for the newer can't be restarted on the older"
        yield Finding(Level.WARNING, "mixed-hosts", "hosts", *said, consequence, "Finish the upgrade of the cluster", ("hosts",))
    for what in settings.unread:
        step = "Give it the role Read-only on the vCenter, propagating to what is below"
        yield Finding(Level.WARNING, "unread", what, "may not be read by this user", "read", "It was not checked", step, (what,))


def _drs(settings: SiteSettings, *, told: bool) -> Iterator[Finding]:
    """Whether the cluster has DRS as the stack says."""
    if settings.drs is False and told:
        consequence = "Rules that keep the members of a role apart are stored, and not enforced; a VM without a host is not made"
        step = "Turn DRS on; or write vsphere.drs: false, and let `mailstead place STACK --write` choose hosts"
        yield Finding(Level.WARNING, "drs-off", "cluster", "DRS is off", "on", consequence, step, ("cluster",))
    if settings.drs and not told:
        consequence = "It moves VMs, and no rule keeps it from putting the members of a role on one host"
        step = "Write vsphere.drs: true, and the rules are made"
        yield Finding(Level.WARNING, "drs-on", "cluster", "DRS is on", "off (vsphere.drs)", consequence, step, ("cluster",))


def _storage_loss(settings: SiteSettings) -> Iterator[Finding]:
    """What happens to VMs when all paths of their storage are down (APD), or the array says that it is gone for good (PDL)."""
    if settings.ha is False:
        consequence = "When a host fails, its VMs stay off until a person starts them"
        yield Finding(Level.WARNING, "ha-off", "cluster", "HA is off", "on", consequence, "Turn HA on", ("cluster",))
    if settings.ha and settings.component_protection is False:
        consequence = "A VM whose storage is lost hangs where it is, though another host may still reach it"
        said = "HA does not respond to APD and PDL (VM Component Protection is off)", "on"
        step = "Turn on the responses to PDL and APD in the cluster's HA settings"
        yield Finding(Level.WARNING, "component-protection-off", "cluster", *said, consequence, step, ("cluster",))
    for host in settings.hosts:
        if host.apd_handling == 0:
            consequence = "A host that has lost a datastore retries for ever, and may hang with all its VMs"
            said = "Misc.APDHandlingEnable is 0", "1"
            yield Finding(Level.WARNING, "apd-handling-off", host.name, *said, consequence, "Set it to 1", (host.name,))
        elif host.apd_timeout is not None and host.apd_timeout < APD_SECONDS:
            said = f"Misc.APDTimeout is {host.apd_timeout} s", f"{APD_SECONDS} s or more"
            consequence = "A short failure of a switch is taken for the loss of the datastore"
            yield Finding(Level.WARNING, "apd-timeout-short", host.name, *said, consequence, f"Set it to {APD_SECONDS}", (host.name,))
