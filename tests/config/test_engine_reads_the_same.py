"""The engine itself reads every stack, and every value of the table of unquoted values, as this package does."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from config import read
from tests.config.described import STACKS
from tests.config.test_scalars import READ
from tools.paths import BIN

PULUMI = BIN / "pulumi"
TABLE = "config:\n" + "".join(f"  mailstead:case-{i}: {{ value: {text} }}\n" for i, text in enumerate(READ) if "," not in text)

pytestmark = pytest.mark.skipif(not PULUMI.exists(), reason="the Pulumi CLI is not set up here (make setup)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a stack whose file a test writes."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "state").mkdir()
    (folder / "Pulumi.yaml").write_text("name: mailstead\nruntime: python\n", encoding="utf-8")
    pulumi(folder, "stack", "init", "one")
    return folder


def pulumi(folder: Path, *words: str) -> str:
    """What a `pulumi` command prints in the folder, with a state of its own."""
    own = {
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "for a test",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    done = subprocess.run([str(PULUMI), *words], cwd=folder, env=os.environ | own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_read_by_the_engine(folder: Path, text: str) -> dict[str, Any]:
    """The `mailstead:` keys of a stack file with the text, as a program gets them."""
    (folder / "Pulumi.one.yaml").write_text(text, encoding="utf-8")
    found = json.loads(pulumi(folder, "config", "--json", "--stack", "one"))
    return {key.removeprefix("mailstead:"): json.loads(entry["value"]) for key, entry in found.items() if key.startswith("mailstead:")}


@pytest.mark.parametrize("path", sorted(STACKS.glob("Pulumi.*.yaml")), ids=lambda path: path.stem)
def test_stack(path: Path, folder: Path) -> None:
    assert as_read_by_the_engine(folder, path.read_text(encoding="utf-8")) == read(path).sections


def test_unquoted_values(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "table.yaml"
    path.write_text(TABLE, encoding="utf-8")
    assert read(path).problems == ()
    engine = as_read_by_the_engine(folder, TABLE)
    assert len(engine) > len(READ) * 0.9
    assert engine == read(path).sections
