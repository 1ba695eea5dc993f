"""`make up`, `make preview` and `make destroy` as a person types them, in a copy of the checkout with a home of its own."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.engine.conftest import PASSWORD
from tests.engine.looking import set_mode
from tools import simulator, workspace
from tools.paths import ROOT

STACK, KEPT = "demo", "campus"
SITE = ROOT / "stacks" / "sites" / f"{STACK}.yaml"

Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy."""
    folder = tmp_path_factory.mktemp("make") / "checkout"
    _copy(folder)
    return folder


@pytest.fixture(scope="module")
def make(engine: None, checkout: Path) -> Iterator[Make]:
    """Runs `make` in the copy; set-up is left out, since the copy borrows what this checkout's made."""
    with simulator.running(SITE, workspace.VCSIM, password=PASSWORD) as server:
        own = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "VSPHERE_", "MAKE", "MAILSTEAD_"))}
        environment = own | server.environment | {"HOME": str(checkout.parent), "PULUMI_CONFIG_PASSPHRASE": "of the test"}

        def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
            command = ["make", "SETUP=true", *words]
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


def test_what_the_first_call_writes_into_a_stack_file_and_what_a_copy_of_it_needs(make: Make, checkout: Path) -> None:
    """The engine's salt, and nothing that a person says there; a copy has the original's passphrase until the salt is taken out."""
    file, copy = checkout / "stacks" / "Pulumi.campus-test.yaml", checkout / "stacks" / "Pulumi.copied.yaml"
    before = file.read_text(encoding="utf-8")
    assert make("pulumi", "STACK=campus-test", "ARGS=stack").returncode == 0
    after = file.read_text(encoding="utf-8")
    (salt,) = re.findall(r"^encryptionsalt: v1:.+\n", after, re.MULTILINE)
    assert yaml.safe_load(after) == yaml.safe_load(before) | yaml.safe_load(salt)
    assert re.findall("#.*", after) == re.findall("#.*", before) != []

    copy.write_text(after, encoding="utf-8")
    assert "incorrect passphrase" in make("pulumi", "STACK=copied", "ARGS=stack", PULUMI_CONFIG_PASSPHRASE="another").stderr
    copy.write_text(after.replace(salt, ""), encoding="utf-8")
    assert make("pulumi", "STACK=copied", "ARGS=stack", PULUMI_CONFIG_PASSPHRASE="another").returncode == 0


def test_a_stack_comes_up_stays_and_goes_with_its_state_and_ledger_in_the_checkout(make: Make, checkout: Path) -> None:
    up = make("up", f"STACK={STACK}", "FLAGS=--yes --skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "demo: no problems" in up.stdout
    assert "YES: nothing that vCenter shows is against an apply of demo" in up.stdout
    assert "Changes, none of them known to be unsafe (" in up.stdout
    ledger = checkout / ".mailstead" / "ledgers" / f"{STACK}.json"
    recorded = json.loads(ledger.read_text(encoding="utf-8"))["vms"]
    assert all(vm["disks"] and vm["instance_uuid"] for vm in recorded)
    assert len(recorded) > 3

    preview = make("preview", f"STACK={STACK}", "FLAGS=--expect-no-changes")
    assert preview.returncode == 0, preview.stdout + preview.stderr

    destroy = make("destroy", f"STACK={STACK}", "FLAGS=--yes --skip-preview")
    assert destroy.returncode == 0, destroy.stdout + destroy.stderr
    assert "23 deleted" in destroy.stdout
    assert json.loads(ledger.read_text(encoding="utf-8"))["vms"] == []


@pytest.fixture
def kept(make: Make) -> Iterator[tuple[Make, simulator.Simulator]]:
    """`make` for a stack that keeps its mail data, and the vCenter of its own that it is on."""
    with simulator.running(SITE.with_name(f"{KEPT}.yaml"), workspace.VCSIM, password=PASSWORD) as server:

        def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
            return make(*words, f"STACK={KEPT}", **(server.environment | variables))

        yield run, server


def refused(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """That the last line of a call of make ended with exit code 3, and what it said."""
    text = done.stdout + done.stderr
    assert (done.returncode, "Error 3" in done.stderr) == (2, True), text
    assert [one for one in said if one not in text] == [], text


@pytest.mark.hazard("H5", "live", "`make preview` and `make up` refuse what no ledger knows, and what is at another vCenter")
def test_the_ledger_speaks_before_a_preview_and_its_no_is_the_preview_s(kept: tuple[Make, simulator.Simulator], checkout: Path) -> None:
    """A platform that keeps its mail: up and up again; then without its ledger, which is as on a machine that does not share it."""
    run, server = kept
    ledger = checkout / ".mailstead" / "ledgers" / f"{KEPT}.json"
    first = run("preview")
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"{KEPT}: nothing is recorded yet ({ledger})" in first.stdout

    ledger.parent.mkdir(parents=True, exist_ok=True)
    other = {"format": 1, "site": KEPT, "vcenter_uuid": "another", "serial": 7, "written": "2026-11-24T00:00:00Z", "vms": []}
    ledger.write_text(json.dumps(other), encoding="utf-8")
    said = f"{KEPT}: disks are NOT as recorded ({ledger}, number 7 of 2026-11-24", "ledger: was written of the vCenter another"
    refused(run("preview"), *said, "Previewing update", "make up would refuse this")
    refused(run("up", "FLAGS=--yes"), "was written of the vCenter another")
    ledger.unlink()

    for _ in range(2):
        up = run("up", "FLAGS=--yes --skip-preview")
        assert up.returncode == 0, up.stdout + up.stderr
        assert f"{KEPT}: recorded" in up.stdout
    again = run("preview", "FLAGS=--expect-no-changes")
    assert again.returncode == 0, again.stdout + again.stderr
    assert f"{KEPT}: disks are as recorded ({ledger}, number 2 of" in again.stdout

    ledger.unlink()
    set_mode(server, f"{KEPT}-mta-1", 1, "independent_nonpersistent")
    refused(run("preview"), "VMs and no ledger", "then: mailstead ledger write STACK", "LOSES MAIL", "make up would refuse this")
    refused(run("up", "FLAGS=--yes"), "VMs and no ledger", "LOSES MAIL")
    assert not ledger.exists()


def test_a_refused_stack_never_reaches_the_engine(make: Make) -> None:
    up = make("up", "STACK=campus-2013", "FLAGS=--yes")

    assert up.returncode != 0
    assert "141 GiB" in up.stderr
    assert "Updating" not in up.stdout


def test_a_backend_that_was_chosen_is_used(make: Make, tmp_path: Path) -> None:
    preview = make("preview", f"STACK={STACK}", PULUMI_BACKEND_URL=tmp_path.as_uri())

    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert list(tmp_path.glob(f".pulumi/stacks/mailstead/{STACK}.json*"))
