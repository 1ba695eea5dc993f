"""What a look finds where everything stands as a plan has it, for tests to change one thing of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import config
from checks.snapshots.world import World
from checks.vcenter.chains import Chain, LiveSnapshot, LiveVm, Look, Store
from config import Platform
from plan import Plan, draft
from plan import Vm as PlannedVm

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STEP_GIB = 16 / 1024


def platform(stack: str = "campus", **sections: Any) -> Platform:
    """The platform of a stack, with some sections changed; without a risk, so that tests count with what is planned."""
    loaded = config.load(config.locate(stack))
    changed = {name: getattr(loaded, name).model_copy(update=values) for name, values in sections.items()}
    return loaded.model_copy(update={"risk": None} | changed)


def vm(plan: Plan, server: str, **changes: Any) -> LiveVm:
    """A VM of the plan that runs, without snapshots."""
    own = next(v for v in plan.vms if v.server == server)
    return live(plan, own, **changes)


def live(plan: Plan, own: PlannedVm, **changes: Any) -> LiveVm:
    """The same by the plan's own value."""
    store = plan.datastore(own.lun).name
    disks = tuple(
        Chain(
            key=2000 + disk.unit,
            unit=disk.unit,
            uuid=f"uuid-{own.name}-{disk.label}",
            base=f"[{store}] {own.name}/{disk.label}.vmdk",
            top=f"[{store}] {own.name}/{disk.label}.vmdk",
            capacity_gib=disk.size_gib,
        )
        for disk in own.disks
    )
    whole: dict[str, Any] = {"id": f"vm-{own.name}", "name": own.name, "folder": plan.place.folder, "bios_uuid": f"bios-{own.name}"}
    whole |= {"instance_uuid": f"instance-{own.name}", "on": True, "connected": True, "memory_gib": own.memory_gib}
    return LiveVm(**whole | {"swap_gib": own.memory_gib - own.memory_reservation_gib, "home": store, "disks": disks} | changes)


def stores(platform: Platform, plan: Plan, **free: float) -> tuple[Store, ...]:
    """The plan's datastores, with the free space that is left when all VMs run, or that is given with _ for -."""
    made = []
    for need in plan.sizing.datastores:
        taken = sum(t.gib for t in need.terms if t.name in ("disks", "VM swap", "VMX swap", "VM logs and NVRAM", "VMFS"))
        left = free.get(need.lun.replace("-", "_"), need.declared_gib - taken)
        made.append(
            Store(
                id=f"datastore-{need.lun}",
                name=need.name,
                capacity_gib=need.declared_gib,
                free_gib=left,
                accessible=True,
                in_maintenance=False,
                vmfs="6.82",
            )
        )
    return tuple(made)


def world(changed: Platform | None = None, *others: LiveVm, free: dict[str, float] | None = None, **changes: dict[str, Any]) -> World:
    """Everything as planned; `changes` of a VM by its server, with _ for -."""
    described = changed or platform()
    plan = draft(described)
    vms = [live(plan, own, **changes.get(own.server.replace("-", "_"), {})) for own in plan.vms]
    ordered = tuple(sorted((*vms, *others), key=lambda v: v.name))
    return World(described, plan, Look(server="vcenter.example", at=NOW, stores=stores(described, plan, **free or {}), vms=ordered))


def held(plan: Plan, server: str, *ages_hours: float, deltas_gib: float = STEP_GIB) -> dict[str, Any]:
    """What a VM has when it has snapshots of these ages, the last delta of each disk as large as given."""
    made = tuple(
        LiveSnapshot(
            id=f"snapshot-{server}-{i}",
            name=f"backup-{i}",
            description="",
            created=NOW - timedelta(hours=age),
            depth=i,
            size_gib=deltas_gib,
            memory=False,
        )
        for i, age in enumerate(ages_hours)
    )
    older = (STEP_GIB,) * (len(ages_hours) - 1)
    disks = tuple(
        disk.model_copy(update={"deltas_gib": (*older, deltas_gib), "top": disk.top.replace(".vmdk", f"-00000{len(made)}.vmdk")})
        for disk in vm(plan, server).disks
    )
    return {"snapshots": made, "disks": disks}
