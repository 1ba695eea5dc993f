"""`make up`, `make preview` and `make destroy` as a person types them, in a copy of the checkout with a home of its own."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import PASSWORD
from tools import simulator, workspace
from tools.paths import ROOT

STACK = "demo"
SITE = ROOT / "stacks" / "sites" / f"{STACK}.yaml"

Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def make(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Runs `make` in the copy; set-up is left out, since the copy borrows what this checkout's made."""
    folder = tmp_path_factory.mktemp("make")
    checkout = folder / "checkout"
    _copy(checkout)
    with simulator.running(SITE, workspace.VCSIM, password=PASSWORD) as server:
        own = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "VSPHERE_", "MAKE"))}
        environment = own | server.environment | {"HOME": str(folder), "PULUMI_CONFIG_PASSPHRASE": "of the test"}

        def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
            command = ["make", "-o", "setup", *words]
            return subprocess.run(command, cwd=checkout, env=environment | variables, capture_output=True, text=True, check=False)

        yield run


def _copy(checkout: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    for made in (".venv", ".tools"):
        (checkout / made).symlink_to(ROOT / made)


def test_a_stack_comes_up_stays_and_goes_with_its_state_in_the_checkout(make: Make) -> None:
    up = make("up", f"STACK={STACK}", "FLAGS=--yes --skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "demo: no problems" in up.stdout

    preview = make("preview", f"STACK={STACK}", "FLAGS=--expect-no-changes")
    assert preview.returncode == 0, preview.stdout + preview.stderr

    destroy = make("destroy", f"STACK={STACK}", "FLAGS=--yes --skip-preview")
    assert destroy.returncode == 0, destroy.stdout + destroy.stderr
    assert "23 deleted" in destroy.stdout


def test_a_refused_stack_never_reaches_the_engine(make: Make) -> None:
    up = make("up", "STACK=campus-2013", "FLAGS=--yes")

    assert up.returncode != 0
    assert "141 GiB" in up.stderr
    assert "Updating" not in up.stdout


def test_a_backend_that_was_chosen_is_used(make: Make, tmp_path: Path) -> None:
    preview = make("preview", f"STACK={STACK}", PULUMI_BACKEND_URL=tmp_path.as_uri())

    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert list(tmp_path.glob(f".pulumi/stacks/mailstead/{STACK}.json*"))
