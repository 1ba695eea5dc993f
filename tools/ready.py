"""What `make preview`, `up`, `destroy` and `pulumi` need from the person who types them, asked for all at once before anything else.

Run it as `python3 tools/ready.py COMMAND STACK`: exit code 2 with what is missing. Standard library only, and no syntax that
Python 3.7 cannot read, since it runs before set-up. It deliberately only looks whether a setting is there, not whether it is right.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Iterator, Mapping  # noqa: UP035 - what an older Python can read

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = "MAILSTEAD_ARGS"  # make hands ARGS over in it, since a shell would expand the $ of a resource's name
LOGGING_IN = ("preview", "up")  # the commands that look at the vCenter; the others have its login in the state
LOGIN = {"VSPHERE_SERVER": "vsphereServer", "VSPHERE_USER": "user", "VSPHERE_PASSWORD": "password"}
MEANT_FOR = {
    "VSPHERE_SERVER": "host name of the vCenter",
    "VSPHERE_USER": "who logs in there",
    "VSPHERE_PASSWORD": "that user's password",
}


def missing(command: str, stack: str, environment: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """What a command on a stack needs and hasn't got, in lines for a person; empty when it can start."""
    stacks = sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in (root / "stacks").glob("Pulumi.*.yaml"))
    if stack not in stacks:
        said = f"there is no stack named {stack!r}" if stack else f"which stack? Write for example: make {command} STACK=campus"
        known = f"The stacks are: {', '.join(stacks)} (stacks/Pulumi.NAME.yaml)."
        return [f"make {command}: {said}", known, "On a simulated vCenter, without any preparation: make demo"]
    lines = list(_arguments(environment)) if command == "pulumi" else []
    text = (root / "stacks" / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8", errors="replace")
    if _asks_for_a_passphrase(text, environment):
        lines.append("PULUMI_CONFIG_PASSPHRASE: encrypts the secrets in the state; or PULUMI_CONFIG_PASSPHRASE_FILE, a file with it")
    if command in LOGGING_IN:
        lines += _login(stack, text, environment)
    return [f"make {command}: not set, but needed:", *(f"  {line}" for line in lines), "docs/vcenter.md explains each."] if lines else []


def _login(stack: str, text: str, environment: Mapping[str, str]) -> Iterator[str]:
    for variable, key in LOGIN.items():
        if not environment.get(variable) and not re.search(rf"^\s+[\"']?vsphere:{key}[\"']?\s*:", text, re.MULTILINE):
            yield f"{variable}: {MEANT_FOR[variable]}; or vsphere:{key} in stacks/Pulumi.{stack}.yaml"


def _arguments(environment: Mapping[str, str]) -> Iterator[str]:
    try:
        words = shlex.split(environment.get(ARGUMENTS, ""))
    except ValueError as error:
        yield f"ARGS: what pulumi shall do; what is given can't be read ({error})"
    else:
        if not words:
            yield "ARGS: what pulumi shall do, such as ARGS='stack --show-ids'"


def _asks_for_a_passphrase(text: str, environment: Mapping[str, str]) -> bool:
    """Whether the engine will want one: unless it is set, or a key service or Pulumi's own service keeps the secrets."""
    if "PULUMI_CONFIG_PASSPHRASE" in environment or environment.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return False
    by_key_service = re.search(r"^secretsprovider:\s*(?!passphrase\b)\S", text, re.MULTILINE)
    return not by_key_service and not _backend(environment).startswith("http")


def _backend(environment: Mapping[str, str]) -> str:
    """Where the state is, by the settings that the engine reads in this order; empty where it was never told."""
    home = Path(environment.get("PULUMI_HOME") or Path(environment.get("HOME", "/"), ".pulumi"))
    try:
        logged_in = str(json.loads((home / "credentials.json").read_text(encoding="utf-8"))["current"])
    except (OSError, ValueError, KeyError, TypeError):
        logged_in = ""
    by_token = "https:" if environment.get("PULUMI_ACCESS_TOKEN") else ""
    return environment.get("PULUMI_BACKEND_URL") or logged_in or by_token


def main(command: str, stack: str) -> int:
    """Say what is missing; the exit code."""
    lines = missing(command, stack, os.environ)
    sys.stderr.writelines(f"{line}\n" for line in lines)
    return 2 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
