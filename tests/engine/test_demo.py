"""`mailstead demo`, as a newcomer runs it: the whole way, and nothing that leads astray or stays behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import workspace
from tools.paths import ROOT

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The demo, run once; what it makes in passing goes below a folder of the test."""
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"PATH": workspace.search_path(), "TMPDIR": str(folder)}
    command = [sys.executable, "-c", "from cli.main import app; app()", "demo"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert [path.name for path in folder.glob("mailstead-demo-*")] == []
    return done


def test_it_goes_the_whole_way(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.returncode == 0, demo.stdout + demo.stderr
    steps = ["1. What the stack", "2. What is refused", "3. pulumi up", "4. What exists now", "5. A second preview", "6. pulumi destroy"]
    assert [step for step in steps if step not in demo.stdout] == []
    assert "changes: none" in demo.stdout


def test_it_advises_nothing_that_would_delete_the_stack_s_file(demo: subprocess.CompletedProcess[str]) -> None:
    """The engine's own advice, typed in the checkout, does just that."""
    assert "pulumi stack rm" not in demo.stdout + demo.stderr
    assert (ROOT / "stacks" / "Pulumi.demo.yaml").is_file()


def test_what_the_vcenter_says_and_what_the_plan_says_are_told_apart(demo: subprocess.CompletedProcess[str]) -> None:
    header = next(line for line in demo.stdout.splitlines() if "free GiB" in line)
    assert [cell.strip().partition(":")[0] for cell in header.strip("┃").split("┃")] == ["name", "vCenter", "vCenter", "vCenter", "plan"]


def test_the_pages_that_it_names_are_there(demo: subprocess.CompletedProcess[str]) -> None:
    last = demo.stdout.rpartition("The same program on your vCenter")[2]
    pages = [word.strip("():,;") for word in last.split() if "docs/" in word]
    assert pages == ["docs/vcenter.md", "docs/stack.md"]
    assert all(Path(ROOT, page).is_file() for page in pages)
