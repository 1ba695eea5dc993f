"""Whether a server may go: its own word on the mail that it has queued, which it leaves in vCenter with the time.

A guest writes one variable (docs/draining.md); vCenter shows it to whoever may read the VM, so that nobody logs in at
the guest. What is not said, can't be read or is old counts as mail. A server that keeps users' mail is asked for their mailboxes: it goes
when all have moved. Deliberately judges only servers with a disk for one of the two.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, Field

from checks.ledger.identity import Ledger, LedgerVm, softened
from checks.snapshots.gate import CLOCK_SKEW
from checks.snapshots.world import World
from checks.vcenter.chains import LiveVm
from checks.vcenter.queue_variable import VARIABLE
from config.base import Model
from config.findings import Finding, Level, ordered
from sizing.units import show

MAX_AGE = timedelta(minutes=15)  # the timer writes every 5 minutes; two missed ones are excused, a third is not
QUEUE = "queue"  # label of the disk that a server queues mail on
MAIL = "mail"  # label of the disk that a server keeps users' mail on


class Said(Model, strict=True):
    """What a server says of its queue; nothing is taken for a number, a flag or a time that is none."""

    queued: int = Field(ge=0)
    """Messages, deferred and held ones too."""
    accepting: bool
    """Whether it still takes mail from others."""
    at: AwareDatetime
    mailboxes: int | None = Field(default=None, ge=0)
    """Users whose mail lies on it; None where it does not say."""


def leaving(ledger: Ledger, world: World) -> tuple[Finding, ...]:
    """Servers that the ledger knows, vCenter has and the plan has no more, with mail or without a word on it."""
    wanted = {vm.name for vm in world.plan.vms}
    gone = [known for known in ledger.vms if known.name not in wanted]
    live = {vm.instance_uuid: vm for vm in world.look.vms}
    found = [finding for known in gone for finding in may_go(known, live.get(known.instance_uuid), world.look.at)]
    return ordered(softened(found, world.plan))


def may_go(known: LedgerVm, live: LiveVm | None, now: datetime) -> Iterator[Finding]:
    """Why a server may not go yet; `now` is by vCenter's clock."""
    labels = {disk.label for disk in known.disks}
    if not labels & {QUEUE, MAIL}:
        return
    said, unheard = _heard(live, now)
    if QUEUE in labels:
        yield from _queue(known.name, said, unheard)
    if MAIL in labels:
        yield from _mailboxes(known.name, said, unheard)


def _heard(live: LiveVm | None, now: datetime) -> tuple[Said | None, str]:
    """What a server says, or why nothing can be made of it."""
    if live is None:
        return None, "it can't be seen"
    said = _said(live.queue)
    if said is None:
        return None, f"{VARIABLE} {'can not be understood' if live.queue else 'is not set'}"
    age = now - said.at
    if age > MAX_AGE or -age > CLOCK_SKEW:
        when = "old" if age > MAX_AGE else "in the future"
        return None, f"what it says is {show(round(abs(age).total_seconds() / 60))} minutes {when}"
    return said, ""


def _queue(name: str, said: Said | None, unheard: str) -> Iterator[Finding]:
    if said is None:
        found, rule = f"does not say what is queued on it ({unheard})", "queue-unknown"
    elif said.queued:
        found, rule = f"{said.queued:,} messages are queued on it", "queue-not-empty"
    elif said.accepting:
        found, rule = "its queue is empty, but it still takes mail", "not-drained"
    else:
        return
    expected = f"an empty queue, no mail taken, said within {show(MAX_AGE.total_seconds() / 60)} minutes"
    step = f"Drain it (docs/draining.md); where it has no mail for certain, waive it in the stack: what: {name} and rule: {rule}"
    yield Finding(
        Level.UNSAFE, rule, name, found, expected, "What is queued on it is mail that somebody sent and nobody will receive", step, (name,)
    )


def _mailboxes(name: str, said: Said | None, unheard: str) -> Iterator[Finding]:
    if said is None or said.mailboxes is None:
        found, rule = f"does not say whose mail it keeps ({unheard or 'it says nothing of mailboxes'})", "mailboxes-unknown"
    elif said.mailboxes:
        found, rule = f"{said.mailboxes:,} users have their mailboxes on it", "mailboxes-there"
    else:
        return
    expected = f"no mailbox, said within {show(MAX_AGE.total_seconds() / 60)} minutes"
    step = f"Move them (docs/draining.md, Mailboxes); where none is on it for certain, waive it in the stack: what: {name} and rule: {rule}"
    yield Finding(Level.UNSAFE, rule, name, found, expected, "Whoever has a mailbox on it loses sight of all mail", step, (name,))


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
