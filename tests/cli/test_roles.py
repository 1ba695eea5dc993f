"""A server that is given another role, as an edit of the stack: the name stays, and with it the VM, its system and what it queued."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from checks.ledger.last_line import LastLine
from config.findings import Level
from plan import draft
from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, log_in, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

__all__ = ["start"]

STACK = Path("stacks", "Pulumi.campus.yaml")
DAY = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@pytest.fixture(scope="module")
def campus(start: Start) -> Iterator[Stand]:
    with standing(start, PLAN) as made:
        yield made


@pytest.fixture
def stand(campus: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stand:
    """The campus as it was applied, with its ledger."""
    log_in(campus.login, monkeypatch)
    monkeypatch.setenv("MAILSTEAD_LEDGERS", str(tmp_path))
    assert mailstead("ledger", "write", "campus").exit_code == 0
    return campus


def edited(folder: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    whole = yaml.safe_load(STACK.read_text(encoding="utf-8"))
    sections = {key.removeprefix("mailstead:"): value for key, value in whole["config"].items()}
    edit(sections)
    whole["config"] = {f"mailstead:{key}": value for key, value in sections.items()}
    path = folder / "Pulumi.campus.yaml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return path


def exchanged(now: dict[str, Any]) -> None:
    """A scanner and an MTA change places, each with its address and disks as it has them."""
    scanners, mtas = now["gateway"]["scanners"], now["spool"]["mtas"]
    mtas["scanner-2"] = scanners.pop("scanner-2") | {"cpus": 6}
    scanners["mta-1"] = mtas.pop("mta-1") | {"disks_gib": {"queue": 70}}
    now["directory"] = {"master": "mailbox-1", "entries": 20000}


def one_way(now: dict[str, Any]) -> None:
    """A scanner becomes an MTA: its VM has a queue already, at the unit at which an MTA's is."""
    now["spool"]["mtas"]["scanner-2"] = now["gateway"]["scanners"].pop("scanner-2") | {"cpus": 6}


def promoted(now: dict[str, Any]) -> None:
    """A balancer becomes a scanner: a queue is added to it."""
    now["gateway"]["scanners"]["balancer-2"] = now["balancers"]["nodes"].pop("balancer-2")


def findings(command: str, stack: Path) -> tuple[int, dict[str, str]]:
    """The exit code, and whom a role was taken from or given to, with what is said of it."""
    result = mailstead(*command.split(), str(stack), "--json")
    found = json.loads(result.stdout)["findings"]
    return result.exit_code, {f["subject"]: f["found"] for f in found if (f["rule"], f["level"]) == ("role-changed", "unsafe")}


@pytest.mark.parametrize(
    ("edit", "whose"),
    [
        (exchanged, {"campus-scanner-2": "is mta", "campus-mta-1": "is scanner"}),
        (one_way, {"campus-scanner-2": "is mta"}),
        (promoted, {"campus-balancer-2": "is scanner"}),
    ],
)
def test_roles_that_change_on_vms_that_stand_are_refused(
    stand: Stand, tmp_path: Path, edit: Callable[[dict[str, Any]], None], whose: dict[str, str]
) -> None:
    stack = edited(tmp_path, edit)
    for command in ("preflight", "ledger check"):
        code, found = findings(command, stack)
        assert code == 3
        assert {name: text[: len(whose[name])] for name, text in found.items()} == whose
    platform = config.load(stack)
    line = LastLine(platform, draft(platform), stand.login, tmp_path / "campus.json")
    for name in whose:
        disks = {"system": 0, "queue": 1, "directory": 3}
        step = next(f for f in line.before_update(name, disks, dict.fromkeys(disks, "")) if f.rule == "role-changed")
        assert (step.level, step.subject) == (Level.UNSAFE, name)
    refused = mailstead("ledger", "write", str(stack))
    assert refused.exit_code == 3, "what was recorded is not replaced by what is meant"


def waived(now: dict[str, Any]) -> None:
    promoted(now)
    waiver = {"what": "campus-balancer-2", "rule": "role-changed", "why": "made anew by hand", "who": "operations", "until": DAY}
    now["review"] = {"waivers": [waiver]}


def test_one_who_has_made_the_server_anew_by_hand_waives_it_by_name_or_records_it(stand: Stand, tmp_path: Path) -> None:
    stack = edited(tmp_path, waived)
    for command in ("preflight", "ledger check"):
        assert findings(command, stack)[1] == {}
    stack = edited(tmp_path, promoted)
    assert mailstead("ledger", "write", str(stack), "--accept").exit_code == 0
    assert findings("ledger check", stack)[1] == {}


def renamed(now: dict[str, Any]) -> None:
    now["gateway"]["scanners"]["scanner-b"] = now["gateway"]["scanners"].pop("scanner-2")


def test_a_server_that_is_renamed_in_the_stack_is_told_that_it_would_be_a_new_vm(stand: Stand, tmp_path: Path) -> None:
    result = mailstead("preflight", str(edited(tmp_path, renamed)))
    assert "campus-scanner-2: scanner-2 left the stack, and scanner-b is new" in result.stdout
    assert "If that is a rename, put the name back: scanner-2" in result.stdout
    assert "left the stack" not in mailstead("preflight", "campus").stdout
