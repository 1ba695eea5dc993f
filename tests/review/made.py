"""Previews made by hand: the shortest that show one thing."""

from typing import Any

from review import Preview
from review.disks import MACHINE
from review.preview import Step
from review.stateful import APART

STORE = "urn:pulumi:dev::mail::vsphere:index/virtualMachine:VirtualMachine::store"


def disk(label: str = "spool", **values: Any) -> dict[str, Any]:
    """A disk as the provider's state has it."""
    return {
        "label": label,
        "size": 400,
        "unitNumber": 1,
        "controllerType": "scsi",
        "keepOnRemove": False,
        "diskMode": "persistent",
    } | values


def step(op: str, kind: str, name: str, old: dict[str, Any] | None, new: dict[str, Any] | None, **more: Any) -> Step:
    """A step; `old` and `new` are inputs, None where there is none. Keys of the two states start with old_ or new_."""
    states = {}
    for key, inputs in (("old", old), ("new", new)):
        extra = {k.removeprefix(f"{key}_"): v for k, v in more.items() if k.startswith(f"{key}_")}
        states[f"{key}_state"] = None if inputs is None else {"type": kind, "custom": True, "inputs": inputs} | extra
    rest = {k: v for k, v in more.items() if not k.startswith(("old_", "new_"))}
    return Step.model_validate({"op": op, "urn": f"urn:pulumi:dev::mail::{kind}::{name}"} | states | rest)


def machine(op: str = "update", name: str = "store", old: Any = None, new: Any = None, **more: Any) -> Step:
    """A step of a VM; without disks it has one and keeps it."""
    before = None if op == "create" else {"name": name, "disks": [disk()]} | (old or {})
    after = None if op in ("delete", "delete-replaced") else {"name": name, "disks": [disk()]} | (new or {})
    return step(op, MACHINE, name, before, after, **{"old_id": f"id-{name}"} | more)


def apart(name: str, *members: str) -> Step:
    """A rule that keeps VMs on different hosts, unchanged."""
    values = {"name": name, "virtualMachineIds": [f"id-{member}" for member in members], "mandatory": True, "enabled": True}
    return step("same", APART, name, values, values)


def preview(*steps: Step, errors: tuple[str, ...] = (), hidden: int = 0) -> Preview:
    """A preview of the steps, and of more that stay and are not shown."""
    same = sum(step.op == "same" for step in steps) + hidden
    return Preview(steps=steps, change_summary={"same": same}, diagnostics=tuple({"message": e, "severity": "error"} for e in errors))
