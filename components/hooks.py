"""Hooks: what the engine runs in the moment before it makes or changes a VM. None of them runs in a preview.

Deliberately decides nothing: whoever looks at vCenter is handed in, and what it finds unsafe fails the step before the provider is called.
None before a delete: a VM that is let go of stays in vCenter and runs on, and `pulumi destroy` would need the program, which protects anew.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import pulumi

from config.findings import Finding, as_text, unsafe

Disks = Mapping[str, int | None]
"""Units of disks by label."""
Stated = Mapping[str, str]
"""UUIDs of disks by label, as the engine's state has them; empty where it has none."""


class LastLine(Protocol):
    """Says what is against a step on a VM, by the VM's name."""

    def before_create(self, name: str) -> Sequence[Finding]:
        """What is against making it."""

    def before_update(self, name: str, disks: Disks | None, stated: Stated | None) -> Sequence[Finding]:
        """What is against leaving it with these disks, where the state has those; None where they can't be seen."""


class StepRefused(Exception):
    """A step that must not be made; its text is all that the user is told."""


def binding(last_line: Callable[[], LastLine], *, disposable: bool) -> pulumi.ResourceHookBinding:
    """The hooks of every VM of a program: one binding for all, since a hook's name is for one function.

    `last_line` makes what is asked, once, before the first step. Of disposable data only what is made is looked at: what may be
    destroyed is no reason to refuse.
    """
    line = cache(last_line)
    create = _hook("vm-is-new", line, lambda asked, args: asked.before_create(_named(args.new_inputs, args)))
    if disposable:
        return pulumi.ResourceHookBinding(before_create=[create])
    update = _hook(
        "vm-is-as-recorded",
        line,
        lambda asked, args: asked.before_update(_named(args.old_outputs, args), disks(args.new_inputs), stated(args.old_outputs)),
    )
    return pulumi.ResourceHookBinding(before_create=[create], before_update=[update])


def _hook(
    name: str, line: Callable[[], LastLine], judge: Callable[[LastLine, pulumi.ResourceHookArgs], Sequence[Finding]]
) -> pulumi.ResourceHook:
    """A hook whose name is a contract: the state has it."""

    async def judged(args: pulumi.ResourceHookArgs) -> None:
        found = await asyncio.to_thread(judge, line(), args)  # so that steps go on side by side
        wrong = unsafe(found)
        if wrong:
            raise StepRefused(f"refused, and {args.name} was not touched:\n{as_text(wrong)}")
        if found:
            pulumi.log.warn(as_text(found))

    return pulumi.ResourceHook(f"mailstead:{name}", judged)


def _named(values: Mapping[str, Any] | None, args: pulumi.ResourceHookArgs) -> str:
    """The VM's name in vCenter."""
    name = (values or {}).get("name")
    return name if isinstance(name, str) else args.name


def disks(values: Mapping[str, Any] | None) -> Disks | None:
    """The disks that inputs list, units by label; None where a label or the list can't be seen."""
    listed = _labelled(values)
    return None if listed is None else {label: _unit(entry.get("unitNumber")) for label, entry in listed.items()}


def stated(values: Mapping[str, Any] | None) -> Stated | None:
    """The disks that outputs list, UUIDs by label; None where a label or the list can't be seen."""
    listed = _labelled(values)
    return None if listed is None else {label: _text(entry.get("uuid")) for label, entry in listed.items()}


def _labelled(values: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, Any]] | None:
    listed = (values or {}).get("disks")
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return None
    known = [entry for entry in listed if isinstance(entry, Mapping) and isinstance(entry.get("label"), str)]
    return {entry["label"]: entry for entry in known} if len(known) == len(listed) else None


def _unit(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
