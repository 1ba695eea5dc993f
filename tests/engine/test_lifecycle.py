"""The life of the stack demo on the real engine and provider: up, grow, refresh, destroy; and its password never shows."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest

from tests.engine.conftest import PASSWORD, Staged
from tests.engine.stage import VM, Stage

GROWN = {"storage.luns.mail-iscsi.size_gib": 200, "spool.mtas.mta-1.disks_gib": {"queue": 9}}


@pytest.fixture(scope="module")
def stage(staged: Staged) -> Stage:
    """The demo's site, with an array that has presented more than the stack asked for."""
    return staged("demo", site={"luns.0.size_gib": 200})


def test_the_life_of_a_stack(stage: Stage) -> None:
    """Every `up` is followed by an empty preview, growing a disk updates one VM in place, and destroy leaves nothing."""
    before = stage.look()
    stage.work.must("up", "--yes")
    made = stage.look()
    assert set(made.vms) == {f"demo-{name}" for name in SERVERS}
    assert made.datastores - before.datastores == {"mail-iscsi", "mail-fc"}
    assert made.folders - before.folders == {"mail-demo"}
    assert made.rules["demo-scanner-apart"] == {"demo-scanner-1", "demo-scanner-2"}
    assert {path for disks in made.vms.values() for path in disks} == made.disks - before.disks
    assert stage.work.changes() == {}

    stage.edit(GROWN)
    assert stage.steps() == {"demo-mta-1": "update"}
    stage.work.must("up", "--yes")
    grown = stage.look()
    assert grown.vms == made.vms | {"demo-mta-1": grown.vms["demo-mta-1"]}
    assert sorted(grown.vms["demo-mta-1"].values()) == [1, 9, 21]
    assert set(grown.vms["demo-mta-1"]) == set(made.vms["demo-mta-1"])
    assert stage.work.changes() == {}

    assert "unchanged" in stage.work.must("refresh", "--yes", "--expect-no-changes")
    assert stage.work.changes() == {}

    stage.work.must("destroy", "--yes")
    assert stage.look() == before
    assert stage.resources() == {}


SERVERS = ("balancer-1", "balancer-2", "control-center", "log-archive", "mailbox-1", "mta-1", "scanner-1", "scanner-2")


@pytest.mark.hazard("H26", "engine", "no secret in state, output or log")
def test_the_password_is_nowhere(stage: Stage) -> None:
    """Neither plain nor in any usual encoding: not in the state or its history, not in what any command printed."""
    written = dict(_written(stage.work.folder))
    assert any(VM.encode() in text for text in written.values()), "the state's history is among what is searched"
    for form in _forms(PASSWORD):
        assert [str(path) for path, text in written.items() if form in text] == [], form


def _written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Everything that the engine, the program and their plugins have written into the workspace."""
    return ((path, path.read_bytes()) for path in folder.rglob("*") if path.is_file())


def _forms(secret: str) -> set[bytes]:
    encoded = secret.encode()
    texts = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], escape(secret), repr(secret)[1:-1]}
    texts |= {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    # Go's JSON escapes &, < and > too.
    texts |= {text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e") for text in texts}
    # Base64 of the secret wherever it stands in a longer text: without what its neighbours change.
    inner = {base64.b64encode(b"x" * shift + encoded)[4:-4].decode() for shift in range(3)}
    return {text.encode() for text in texts | inner}
