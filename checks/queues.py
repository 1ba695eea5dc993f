"""Whether a server may go: its own word on the mail that it has queued, which it leaves in vCenter with the time.

A guest writes one variable (docs/draining.md); vCenter shows it to whoever may read the VM, so that nobody logs in at
the guest. What is not said, can't be read or is old counts as mail. Deliberately judges only servers with a disk for a queue.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, Field

from checks.chains import LiveVm
from checks.ledger import Ledger, LedgerVm, softened
from checks.queue_variable import VARIABLE
from checks.room import World
from checks.snapshots import CLOCK_SKEW
from config.base import Model
from config.findings import Finding, Level, ordered
from sizing.units import show

MAX_AGE = timedelta(minutes=15)  # the timer writes every 5 minutes; two missed ones are excused, a third is not
QUEUE = "queue"  # label of the disk that a server queues mail on


class Said(Model, strict=True):
    """What a server says of its queue; nothing is taken for a number, a flag or a time that is none."""

    queued: int = Field(ge=0)
    """Messages, deferred and held ones too."""
    accepting: bool
    """Whether it still takes mail from others."""
    at: AwareDatetime


def queues(vm: LedgerVm) -> bool:
    """Whether a server has a disk for a queue."""
    return any(disk.label == QUEUE for disk in vm.disks)


def leaving(ledger: Ledger, world: World) -> tuple[Finding, ...]:
    """Servers that the ledger knows, vCenter has and the plan has no more, with mail or without a word on it."""
    wanted = {vm.name for vm in world.plan.vms}
    gone = [known for known in ledger.vms if known.name not in wanted]
    live = {vm.instance_uuid: vm for vm in world.look.vms}
    found = [finding for known in gone for finding in may_go(known, live.get(known.instance_uuid), world.look.at)]
    return ordered(softened(found, world.plan))


def may_go(known: LedgerVm, live: LiveVm | None, now: datetime) -> Iterator[Finding]:
    """Why a server may not go yet; `now` is by vCenter's clock."""
    if not queues(known):
        return
    said = _said(live.queue) if live else None
    age = now - said.at if said else MAX_AGE
    if live is None:
        found, rule = "can't be seen, nor what is queued on it", "queue-unknown"
    elif said is None:
        why = "can't be understood" if live.queue else "is not set"
        found, rule = f"does not say what is queued on it ({VARIABLE} {why})", "queue-unknown"
    elif age > MAX_AGE or -age > CLOCK_SKEW:
        when = f"{show(round(abs(age).total_seconds() / 60))} minutes {'old' if age > MAX_AGE else 'in the future'}"
        found, rule = f"what it says of its queue is {when}", "queue-unknown"
    elif said.queued:
        found, rule = f"{said.queued:,} messages are queued on it", "queue-not-empty"
    elif said.accepting:
        found, rule = "its queue is empty, but it still takes mail", "not-drained"
    else:
        return
    yield Finding(
        Level.UNSAFE,
        rule,
        known.name,
        found,
        f"an empty queue, no mail taken, said within {show(MAX_AGE.total_seconds() / 60)} minutes",
        "What is queued on it is mail that somebody sent and nobody will receive",
        "Drain it (docs/draining.md); where it has no mail for certain, waive it in the stack by its name",
        (known.name,),
    )


def _said(text: str) -> Said | None:
    try:
        whole = json.loads(text, object_pairs_hook=_once)
        written = isinstance(whole.get("at"), str) and "T" in whole["at"]  # pydantic reads seconds since 1970 from a text too
        return Said.model_validate_json(text) if written else None
    except (ValueError, AttributeError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says each thing once: of two counts nobody can know which one holds."""
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise ValueError("a key is there twice")
    return whole
