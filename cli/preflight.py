"""`preflight`: may an apply begin, as far as vCenter says?"""

from typing import Any

import typer

import config
from checks import Inventory, read
from checks.files import files, foreign
from checks.ledger.file import names
from checks.preflight_report import Preflight, nowhere, preflight_report
from checks.queues import leaving
from checks.renames import renames
from checks.site import settings
from checks.snapshots.gate import Verdict
from cli import ledger as ledgers
from cli import live, show
from cli.stacks import Json
from cli.stacks import Stack as Name
from config.findings import as_text, unsafe
from plan import Plan

_SAID = {
    Verdict.YES: "YES: nothing that vCenter shows is against an apply of {stack}",
    Verdict.NO: "NO: {count} thing{s} must change before {stack} is applied",
}


def preflight(stack: Name, as_json: Json = False) -> None:
    """Say what in vCenter is against an apply: found, expected, consequence, next step. Exit 0: nothing, 3: something, 1: can't be told."""
    described = live.Stack(stack)
    try:
        answer = _asked(described)
    except config.Refused as refused:
        raise live.refused(described, refused.problems, as_json=as_json) from None
    if as_json:
        show.data(_data(answer))
    else:
        count = len(unsafe(answer.findings))
        show.line(_SAID[answer.verdict].format(stack=stack, count=count, s="" if count == 1 else "s"))
        show.raw(as_text(answer.findings))
    raise typer.Exit(answer.verdict)


def _asked(stack: live.Stack) -> Preflight:
    login, plan = stack.login(), stack.plan
    inventory = read(login, plan)
    there = _there(plan, inventory)
    if there is None:
        return nowhere(plan, inventory)
    ledger = ledgers.loaded(stack)
    world, site = ledgers.world(stack, ledger, there)._replace(plan=plan), settings(login, there)
    recorded = ledgers.against(world, site.vcenter_uuid, ledgers.place(stack), ledger, [])
    if ledger:
        recorded = (*recorded, *leaving(ledger, world), *renames(ledger, world))
    found = foreign(world, files(login, there, world.look))
    return preflight_report(world, inventory, site, (*recorded, *found), names(ledger))


def _there(plan: Plan, inventory: Inventory) -> Plan | None:
    """The plan in the datacenter that was looked in; None where there was none."""
    if [d.name for d in inventory.datacenters].count(plan.place.datacenter) == 1:
        return plan
    place = plan.place.model_copy(update={"datacenter": inventory.looked_in})
    return plan.model_copy(update={"place": place}) if inventory.looked_in else None


def _data(answer: Preflight) -> dict[str, Any]:
    return {"verdict": answer.verdict.name.lower(), "findings": [finding.as_dict() for finding in answer.findings]}
