"""What a story plays on: a stack, and the vCenter that it is for."""

import subprocess
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from tests.engine.editing import Edits, edited
from tests.engine.looking import Contents, contents
from tools.paths import VENV
from tools.simulator import Simulator
from tools.workspace import Workspace

VM = "vsphere:index/virtualMachine:VirtualMachine"
RULE = "vsphere:index/computeClusterVmAntiAffinityRule:ComputeClusterVmAntiAffinityRule"
STATEFUL = frozenset({VM, "vsphere:index/vmfsDatastore:VmfsDatastore", "vsphere:index/folder:Folder"})
"""Types of what mail data lies in."""


@dataclass(frozen=True)
class Stage:
    """A stack in a workspace, and its simulated vCenter."""

    work: Workspace
    server: Simulator

    def edit(self, edits: Edits) -> None:
        """Edit the stack's file, given paths below its `mailstead:` keys."""
        file = self.work.stack_file
        edited(file, file, {f"config.mailstead:{path}": value for path, value in edits.items()})

    @contextmanager
    def edited(self, edits: Edits) -> Iterator["Stage"]:
        """The stack with edits that are taken back in the end."""
        file = self.work.stack_file
        before = file.read_text(encoding="utf-8")
        self.edit(edits)
        try:
            yield self
        finally:
            file.write_text(before, encoding="utf-8")

    def having(self, environment: Mapping[str, str]) -> "Stage":
        """The same with other environment variables."""
        return replace(self, work=replace(self.work, environment={**self.work.environment, **environment}))

    def up(self, *flags: str) -> str:
        """Apply and record, as `make up` does; what the apply said."""
        said = self.work.must("up", "--yes", *flags)
        self.record()
        return said

    def record(self) -> None:
        """Write the ledger of what is there; a change of a VM with mail data that no ledger knows is refused."""
        command = [str(VENV / "bin" / "mailstead"), "ledger", "write", str(self.work.stack_file)]
        subprocess.run(command, env=dict(self.work.environment), check=True, stdout=subprocess.DEVNULL)

    def look(self) -> Contents:
        """What is on the vCenter now."""
        return contents(self.server)

    def steps(self) -> dict[str, str]:
        """What a preview would do to each resource that does not stay, by logical name."""
        return steps(self.work.preview())

    def resources(self) -> dict[str, dict[str, Any]]:
        """The state's resources by logical name."""
        deployment = self.work.state()["deployment"]
        return {resource["urn"].rpartition("::")[2]: resource for resource in deployment.get("resources", [])}


def steps(preview: Mapping[str, Any], kinds: Container[str] | None = None) -> dict[str, str]:
    """The operation on each resource that does not stay, by logical name; only resources of some types, if given."""
    shown = ((step["urn"].split("::"), step["op"]) for step in preview["steps"] if step["op"] != "same")
    return {name: op for (*_, kind, name), op in shown if kinds is None or kind.rpartition("$")[2] in kinds}
