"""The replays themselves."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import config
import plan as planning
from config.roles import Role
from config.storage import Fabric
from incident import figures, platforms
from incident.model import Event, Fabrics, Forgotten, Moment, Replay, State, Stop, Story
from incident.vcenter import Impossible, Vcenter, opened
from sizing.units import HOURS_PER_DAY
from tools import simulator, workspace

_GATEWAY = (Role.CONTROL_CENTER, Role.SCANNER)


def story() -> Story:
    """All of it, on one simulated vCenter after the other.

    Raises:
        SimulatorError: the simulated vCenter can't be started.
        Impossible: it refuses what it should not.
        Refused: a stack can't be read, or the vCenter can't be asked.
    """
    built, sized = platforms.described(platforms.AS_BUILT), platforms.described(platforms.AS_SIZED)
    running, refused = platforms.barely_running(built), _refusal(built)
    with made(platforms.AS_BUILT, running) as (vcenter, plan):
        full, recovered = filled(vcenter, plan), rescued(vcenter, plan)
    with made(platforms.AS_SIZED, sized) as (vcenter, plan):
        replayed = held(vcenter, plan)
    with made(platforms.AS_SIZED, sized) as (vcenter, plan):
        left = forgotten(vcenter, plan, sized)
    fabrics = []
    for stack, platform in ((platforms.AS_BUILT, running), (platforms.AS_SIZED, sized)):
        with made(stack, platform) as (vcenter, plan):
            fabrics.append(lost(vcenter, plan, Fabric.ISCSI))
    return Story(
        refused=refused,
        full=full,
        full_stops=_stops(plan=planning.draft(running), platform=running, events=full.events, only=_GATEWAY),
        recovered=recovered,
        held=replayed,
        forgotten=left,
        fabrics=tuple(fabrics),
    )


@contextmanager
def made(stack: str, platform: config.Platform) -> Iterator[tuple[Vcenter, planning.Plan]]:
    """A simulated vCenter on which a platform runs that nobody has checked, and its plan."""
    plan = planning.draft(platform)
    with tempfile.TemporaryDirectory(prefix="mailstead-incident-") as folder:
        path = platforms.written(platforms.site(stack, platform, plan), Path(folder))
        with simulator.running(path, workspace.VCSIM) as server, opened(server) as vcenter:
            vcenter.make(plan)
            yield vcenter, plan


def _refusal(platform: config.Platform) -> str:
    try:
        with made(platforms.AS_BUILT, platform):
            pass
    except Impossible as refusal:
        return str(refusal)
    raise Impossible(f"{platforms.AS_BUILT} runs on LUNs of just its disks' size")


def filled(vcenter: Vcenter, plan: planning.Plan) -> Replay:
    """Backup takes a snapshot of each VM of the gateway; minute by minute, until none of them runs any more."""
    gateway = names(plan, *_GATEWAY)
    moments, events = [vcenter.look()], list[Event]()
    vcenter.snapshot(gateway)
    moments.append(vcenter.look())
    while any(moments[-1].vms[vm] is State.RUNS for vm in gateway) and vcenter.hour < figures.HELD_HOURS:
        events += vcenter.advance(figures.TICK_HOURS)
        moments.append(vcenter.look())
    return Replay(stack=plan.site, scanners=tuple(names(plan, Role.SCANNER)), moments=tuple(moments), events=tuple(events))


def rescued(vcenter: Vcenter, plan: planning.Plan) -> bool:
    """The way out without other space: scanners are powered off, which frees their swap, consolidated, and started again."""
    scanners = names(plan, Role.SCANNER)
    vcenter.stop(scanners)
    vcenter.remove_snapshots(scanners)
    vcenter.advance(figures.RESCUE_HOURS)
    vcenter.start(scanners)
    vcenter.advance(figures.RESCUE_HOURS)
    return _running(vcenter.look(), scanners) == scanners


def held(vcenter: Vcenter, plan: planning.Plan) -> Replay:
    """A snapshot of every VM, held as long as any should be, and consolidated while mail goes on; hour by hour."""
    everyone = [vm.name for vm in plan.vms]
    moments, events = [vcenter.look()], list[Event]()
    vcenter.snapshot(everyone)
    for _ in range(figures.HELD_HOURS):
        events += vcenter.advance(1)
        moments.append(vcenter.look())
    vcenter.remove_snapshots(everyone)
    while _merged(events) < set(everyone) and vcenter.hour < figures.HELD_HOURS + figures.SETTLING_HOURS:
        events += vcenter.advance(1)
        moments.append(vcenter.look())
    return Replay(stack=plan.site, scanners=tuple(names(plan, Role.SCANNER)), moments=tuple(moments), events=tuple(events))


def forgotten(vcenter: Vcenter, plan: planning.Plan, platform: config.Platform) -> Forgotten:
    """A snapshot of every VM that nobody removes, beside what sizing says of it."""
    vcenter.snapshot(vm.name for vm in plan.vms)
    moments, events = [vcenter.look()], list[Event]()
    while vcenter.hour < figures.FORGOTTEN_HOURS:
        events += vcenter.advance(figures.FORGOTTEN_STEP_HOURS)
        moments.append(vcenter.look())
    return Forgotten(moments=tuple(moments), stops=_stops(plan, platform, events, tuple(Role)))


def lost(vcenter: Vcenter, plan: planning.Plan, fabric: Fabric) -> Fabrics:
    """A fabric goes and comes back: which servers of each role are left meanwhile."""
    vcenter.fabric(fabric, lost=True)
    vcenter.advance(figures.LOST_HOURS)
    meanwhile = vcenter.look()
    vcenter.fabric(fabric, lost=False)
    roles = {role: names(plan, role) for role in Role}
    return Fabrics(
        stack=plan.site,
        fabric=fabric,
        roles={role: (len(_running(meanwhile, vms)), len(vms)) for role, vms in roles.items() if vms},
        back=set(vcenter.look().vms.values()) == {State.RUNS},
    )


def names(plan: planning.Plan, *roles: Role) -> list[str]:
    """The VMs that have one of the roles."""
    return [vm.name for vm in plan.vms if set(vm.roles) & set(roles)]


def _running(moment: Moment, vms: list[str]) -> list[str]:
    return [vm for vm in vms if moment.vms[vm] is State.RUNS]


def _merged(events: list[Event]) -> set[str]:
    return {event.vm for event in events if event.what == "consolidated"}


def _stops(plan: planning.Plan, platform: config.Platform, events: Sequence[Event], only: tuple[Role, ...]) -> tuple[Stop, ...]:
    """What came of each datastore that carries VMs of the roles, beside what sizing says of it."""
    luns = {vm.lun for vm in plan.vms if set(vm.roles) & set(only)}
    found = []
    for need in plan.sizing.datastores:
        if need.lun in luns:
            stunned = [event for event in events if event.what == "stunned" and event.datastore == need.name]
            found.append(
                Stop(
                    datastore=need.name,
                    lun_gib=need.declared_gib,
                    vms=tuple(event.vm for event in stunned),
                    predicted_hours=need.hours_to_full,
                    replayed_hours=min((event.hour for event in stunned), default=None),
                    tolerance_hours=_tolerance(platform, plan, need.lun, need.hours_to_full),
                )
            )
    return tuple(found)


def _tolerance(platform: config.Platform, plan: planning.Plan, lun: str, predicted: float | None) -> float:
    """A share of the hours foretold, a step of the clock, and as long as it takes to write one step of each delta."""
    disks = [disk for disk in plan.sizing.disks if disk.lun == lun]
    per_hour = sum(disk.written_per_day.gib for disk in disks) / HOURS_PER_DAY
    steps = platform.storage.overheads.delta_quantum_gib * len(disks)
    return figures.ACCURACY * (predicted or 0.0) + figures.TICK_HOURS + (steps / per_hour if per_hour else 0.0)
