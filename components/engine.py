"""What the engine hands to the program: the stack's configuration, with secrets opened."""

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pulumi

from config import Decrypted, Problem

SAID_ALREADY = 32  # exit code by which the language host knows that a program has told the user why it ends


@dataclass(frozen=True)
class StackInputs:
    """The configuration of the running stack."""

    root: Path
    """The project's folder."""
    file: Path
    """The stack's file, where its configuration usually comes from."""
    sections: Mapping[str, Any]
    """The project's own keys, as parsed JSON; of one that holds a secret only that it does."""
    vsphere: Mapping[str, str] = field(repr=False)
    """The `vsphere:` keys, secrets in clear: for logging in, never for showing."""


def stack_inputs() -> StackInputs:
    """The running stack's configuration, by namespace."""
    values = pulumi.runtime.config.get_config_env()
    project = pulumi.get_project()
    secret = set(pulumi.runtime.config.get_config_secret_keys_env())
    own = {
        key.removeprefix(f"{project}:"): Decrypted() if key in secret else _parsed(text)
        for key, text in values.items()
        if key.startswith(f"{project}:")
    }
    vsphere = {key.removeprefix("vsphere:"): text for key, text in values.items() if key.startswith("vsphere:")}
    root = Path(pulumi.runtime.get_root_directory())
    return StackInputs(root, root / "stacks" / f"Pulumi.{pulumi.get_stack()}.yaml", own, vsphere)


def refuse(problems: Iterable[Problem]) -> NoReturn:
    """End the program with its problems as the engine's errors, and without a traceback."""
    found = list(problems)
    lines = "\n".join(map(str, found))
    pulumi.log.error(f"refused, and nothing was changed:\n{lines}\n{len(found)} problem{'' if len(found) == 1 else 's'}")
    sys.exit(SAID_ALREADY)


async def refuse_at_first(vcenter: pulumi.ProviderResource, problems: Iterable[Problem]) -> None:
    """Refuse for problems that are none once the stack was applied: a preview that finds nothing of it in its state ends here.

    A provider has an id from its first update on, whatever became of the rest of that update; until then a preview has a
    placeholder for it. An update itself can't tell, since it makes the provider first.
    """
    found = list(problems)
    if found and await vcenter.id.future(with_unknowns=True) == pulumi.runtime.rpc.UNKNOWN:
        refuse(found)


async def registrations_begun() -> None:
    """Wait until every registration has begun: the last thing that a program does.

    Where none has, the SDK waits for all outputs again after each one, which takes quadratic time: a third of a preview of
    1,000 VMs (pulumi 3.259, `wait_for_rpcs` in runtime/stack.py).
    """
    await asyncio.sleep(0)


def _parsed(text: str) -> Any:
    """A structured value arrives as JSON, a plain one as its text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
