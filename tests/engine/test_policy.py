"""The policy pack in the real engine: it refuses what breaks a rule before anything is made, and lets what keeps them all pass."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.engine.conftest import Staged
from tests.engine.looking import contents
from tools import simulator, workspace
from tools.simulator import Simulator
from tools.workspace import Workspace

PACK = str(Path("policy").absolute())
PROGRAM = Path(__file__).parent / "careless"
VIOLATION = re.compile(r"^ +- \[(\w+)\]  ([a-z-]+)  \(.*: (\S+)\)$", re.MULTILINE)
STORES = {"store-iscsi": {"size_gib": 150, "fabric": "iscsi"}, "store-fc": {"size_gib": 560, "fabric": "fc"}}
SITE: dict[str, Any] = {
    "snapshot-headroom": {"datastores": STORES},
    "thin-overcommit": {"datastores": STORES},
    "fabric-spread": {"datastores": STORES},
    "host-spread": {"hosts": 3},
    "exact-provider-pin": {"versions": ["4.18.2"]},
}
MANDATORY = {"keep-on-remove", "protect-stateful", "exact-provider-pin", "snapshot-headroom", "fabric-spread", "host-spread"}
ADVISORY = {"no-memory-snapshots", "thin-overcommit", "out-of-sight"}


@dataclass(frozen=True)
class Asked:
    """What the engine said of a program under the pack."""

    done: CompletedProcess[str]

    @property
    def refused(self) -> bool:
        return self.done.returncode != 0

    @property
    def violations(self) -> set[tuple[str, str]]:
        """Levels and rules of all findings."""
        return {(level, rule) for level, rule, _ in VIOLATION.findall(self.done.stdout)}

    def where(self, rule: str) -> list[str]:
        return sorted(name for _, found, name in VIOLATION.findall(self.done.stdout) if found == rule)


@dataclass(frozen=True)
class Program:
    """The careless program, on a simulated vCenter of its own."""

    work: Workspace
    server: Simulator

    def asked(self, *words: str, sound: bool, config: dict[str, Any] | None = None) -> Asked:
        """A call of the engine with the pack."""
        Path(self.work.environment["CARELESS_INPUTS"]).write_text(json.dumps({"sound": sound}), encoding="utf-8")
        file = self.work.folder / "policies.json"
        file.write_text(json.dumps(SITE if config is None else config), encoding="utf-8")
        return Asked(self.work.run(*words, "--policy-pack", PACK, "--policy-pack-config", str(file)))


@pytest.fixture(scope="module")
def program(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("careless")
    with ExitStack() as running:
        server = running.enter_context(simulator.running(Path("stacks/sites/demo.yaml"), workspace.VCSIM))
        made = workspace.create(folder / "work", "demo", server.environment, program=PROGRAM)
        yield Program(replace(made, environment={**made.environment, "CARELESS_INPUTS": str(folder / "inputs.json")}), server)


def test_a_program_that_breaks_every_rule_is_refused_and_warned(program: Program) -> None:
    found = program.asked("preview", sound=False)
    assert found.refused
    assert found.violations == {("mandatory", rule) for rule in MANDATORY} | {("advisory", rule) for rule in ADVISORY}
    assert found.where("keep-on-remove") == ["mx-1", "mx-2"]
    assert found.where("protect-stateful") == ["mx-1", "mx-2", "store-fc", "store-iscsi"]
    assert "store-iscsi: 150 is 2,256.12 GiB too small for its disks and their snapshots: (disks 1,620.00 + " in found.done.stdout
    assert "store-iscsi: 1,620 GiB may come to lie on it, 10.8 times the 150 GiB that are there" in found.done.stdout
    assert "mx-1/spool, 800 GiB: keepOnRemove is not true" in found.done.stdout
    assert "provider vcenter: 4.18.1 is none of the versions that were tried: 4.18.2" in found.done.stdout


def test_levels_are_the_sites_to_choose(program: Program) -> None:
    levels = {rule: {**SITE.get(rule, {}), "enforcementLevel": "advisory"} for rule in MANDATORY - {"protect-stateful"}}
    found = program.asked("preview", sound=False, config=levels | {"protect-stateful": "disabled", "thin-overcommit": "disabled"})
    assert not found.refused
    assert found.violations == {("advisory", rule) for rule in MANDATORY | ADVISORY - {"thin-overcommit"} if rule != "protect-stateful"}


def test_what_a_single_resource_breaks_stops_an_up_without_preview_before_it_is_made(program: Program) -> None:
    before = contents(program.server)
    found = program.asked("up", "--yes", "--skip-preview", sound=False)
    assert found.refused
    assert {rule for _, rule in found.violations} & {"exact-provider-pin", "protect-stateful"}
    after = contents(program.server)
    assert (after.vms, after.datastores, after.disks) == (before.vms, before.datastores, before.disks)


def test_a_wrong_configuration_is_said_by_path_and_remedy(program: Program) -> None:
    found = program.asked("preview", sound=True, config=SITE | {"host-spread": {"hosts": 0, "host": 3}})
    assert found.refused
    assert "host-spread.hosts: 0 is too small; write 1 or more" in found.done.stdout
    assert "host-spread.host: host is not a known key; write hosts" in found.done.stdout
    assert ("mandatory", "host-spread") in found.violations


def test_a_sound_program_passes_and_its_datastores_are_measured_once_they_are_there(program: Program) -> None:
    quiet = {("advisory", "out-of-sight")}
    for words in (("preview",), ("up", "--yes"), ("preview",)):
        found = program.asked(*words, sound=True)
        assert (found.done.returncode, found.violations) == (0, quiet), found.done.stdout
    without = program.asked("preview", sound=True, config={})
    assert not without.refused
    assert without.violations == {("advisory", rule) for rule in ("out-of-sight", "fabric-spread", "host-spread")}
    assert "mx: which fabric carries store-fc, store-iscsi" in without.done.stdout
    tight = program.asked("preview", sound=True, config={"snapshot-headroom": {"free_fraction": 0.6}})
    assert tight.refused
    assert tight.where("snapshot-headroom") == ["store-iscsi"]


@pytest.mark.parametrize("stack", ["demo", "campus-test", "campus"])
def test_mailsteads_own_stacks_pass_without_a_finding(staged: Staged, stack: str) -> None:
    stage = staged(stack)
    found = Asked(stage.work.run("preview", "--policy-pack", PACK))
    assert (found.done.returncode, found.violations) == (0, set()), found.done.stdout
    assert "✅ mailstead@v0.1.0" in found.done.stdout


def test_an_up_of_mailsteads_own_passes_too_and_so_does_the_next_preview(staged: Staged) -> None:
    stage = staged("demo")
    for words in (("up", "--yes"), ("preview", "--expect-no-changes")):
        found = Asked(stage.work.run(*words, "--policy-pack", PACK))
        assert (found.done.returncode, found.violations) == (0, set()), found.done.stdout
