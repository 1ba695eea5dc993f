"""What the commands that look at a vCenter share: the login, durations, refusals."""

import re
from dataclasses import replace
from pathlib import Path

import typer
import yaml

import checks
import config
from cli import show
from cli.stacks import load, located
from config.problems import shown
from plan import Plan, draft

_VSPHERE = "vsphere:"
_HOURS = {"": 1.0, "h": 1.0, "m": 1 / 60, "d": 24.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([hmd]?)")


class Stack:
    """A stack as a command that looks at its vCenter needs it; what can't be used ends the command."""

    def __init__(self, name: str) -> None:
        self.path = located(name)
        self.platform = load(self.path)

    @property
    def plan(self) -> Plan:
        """Its plan, whether or not it may stand: what exists is looked at all the same."""
        return draft(self.platform)

    def login(self) -> checks.Credentials:
        """The login: from the environment, or from what the stack file has in clear.

        Raises:
            Refused: something is missing or malformed.
        """
        try:
            return checks.credentials(_clear(self.path))
        except config.Refused as refused:
            raise config.Refused(map(_exported, refused.problems)) from None


def _clear(path: Path) -> dict[str, str]:
    """The stack file's `vsphere:` keys that are not encrypted."""
    keys = yaml.safe_load(path.read_text(encoding="utf-8")).get("config", {})
    found = {key.removeprefix(_VSPHERE): value for key, value in keys.items() if str(key).startswith(_VSPHERE)}
    return {key: str(value).lower() if isinstance(value, bool) else value for key, value in found.items() if isinstance(value, str | bool)}


def _exported(problem: config.Problem) -> config.Problem:
    """Outside the engine nobody can decrypt what the stack file has."""
    if problem.path != f"{_VSPHERE}password" or problem.value != "nothing":
        return problem
    return replace(problem, rule="is given in VSPHERE_PASSWORD", remedy="export it: what a stack file has is encrypted for the engine")


def refused(stack: Stack, problems: tuple[config.Problem, ...], *, as_json: bool) -> typer.Exit:
    """Says why a question can't be answered; the exit that follows."""
    placed = config.Refused(config.located(problems, config.read(stack.path))).problems
    if as_json:
        show.data({"verdict": "unknown", "problems": [problem.as_dict() for problem in placed]})
    else:
        show.problems(placed)
    return typer.Exit(1)


def hours(text: str) -> float:
    """A duration such as 24h, 90m, 3d or 24, in hours; anything else is a usage error."""
    match = _DURATION.fullmatch(text.strip())
    if not match:
        raise typer.BadParameter(f"{shown(text)} is no duration; write for example 24h, 90m or 2d")
    return float(match[1]) * _HOURS[match[2]]
