"""A fresh simulated vCenter and a fresh stack for each story; all that a test starts ends with it, also when it fails."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.engine.editing import Edits, edited
from tests.engine.stage import Stage
from tools import simulator, workspace

PASSWORD = """p&ss <w>'"% ü\\"""
"""What XML, JSON, URLs and shells would each have to escape."""
TOOLS = ("pulumi", "pulumi-language-python", "pulumi-resource-vsphere", "vcsim")

Staged = Callable[..., Stage]


@pytest.fixture(scope="session")
def engine() -> None:
    """The engine's tools; without them the tests that need them are skipped, and say so."""
    missing = [name for name in TOOLS if not shutil.which(name, path=workspace.search_path())]
    if missing:
        pytest.skip(f"{', '.join(missing)}: not set up; run make setup")


@pytest.fixture(scope="module")
def staged(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    """Sets a stage: a vCenter for the site of a stack, and a workspace for the stack, each edited if the story says so."""
    with ExitStack() as running:

        def stage(stack: str, edits: Edits | None = None, site: Edits | None = None) -> Stage:
            folder = tmp_path_factory.mktemp(stack)
            inventory = edited(Path("stacks", "sites", f"{stack}.yaml"), folder / "site.yaml", site or {})
            server = running.enter_context(simulator.running(inventory, workspace.VCSIM, password=PASSWORD))
            work = workspace.create(folder / "work", stack, server.environment)
            made = Stage(work, server)
            made.edit(edits or {})
            return made

        yield stage
