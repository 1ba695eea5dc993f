"""The script that guests run: what it says of a queue, with stand-ins for Postfix and VMware Tools, and that Mailstead understands it."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.queues import Said
from checks.vcenter.queue_variable import VARIABLE

SCRIPT = Path(__file__).parents[2] / "tools" / "guest" / "mailstead-queue"
MESSAGE = '{"queue_name": "deferred", "queue_id": "4B"}'


def listening(pid: int) -> str:
    """What `ss` prints of a listener."""
    return f"""echo 'LISTEN 0 100 0.0.0.0:25 0.0.0.0:* users:(("master",pid={pid},fd=13))'"""


OWN = os.getpid()
"""Stands in for the running Postfix: a process that is there."""


def run(folder: Path, master: int = OWN, /, **programs: str) -> subprocess.CompletedProcess[str]:
    whole = {"postqueue": "exit 0", "postconf": f"echo {folder}", "postfix": "exit 0", "ss": listening(OWN)}
    whole |= {"vmware-rpctool": f'printf "%s" "$1" > {folder}/said'}
    (folder / "pid").mkdir()
    (folder / "pid" / "master.pid").write_text(f"{master:>12}\n", encoding="utf-8")
    for name, text in (whole | {name.replace("_", "-"): text for name, text in programs.items()}).items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}  # as cron sets it
    return subprocess.run([str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("programs", "queued", "accepting"),
    [
        ({}, 0, True),
        ({"postqueue": f"echo '{MESSAGE}'"}, 1, True),
        ({"postqueue": f"echo '{MESSAGE}'; echo '{MESSAGE}'; echo '{MESSAGE}'", "ss": "exit 0"}, 3, False),
        ({"ss": listening(OWN * 10)}, 0, False),  # another program, or another Postfix
        ({"postfix": "exit 1"}, 0, False),
        ({"postfix": "exit 1", "ss": "exit 1"}, 0, False),
    ],
)
def test_what_is_said_is_what_is_queued(tmp_path: Path, programs: dict[str, str], queued: int, accepting: bool) -> None:
    done = run(tmp_path, **programs)
    assert (done.returncode, done.stderr) == (0, "")
    command, variable, text = (tmp_path / "said").read_text(encoding="utf-8").split(" ", 2)
    said = Said.model_validate_json(text)
    assert (command, variable) == ("info-set", VARIABLE)
    assert (said.queued, said.accepting) == (queued, accepting)
    assert abs(datetime.now(UTC) - said.at) < timedelta(minutes=1)


def test_a_queue_that_can_t_be_read_is_not_called_empty(tmp_path: Path) -> None:
    assert run(tmp_path, postqueue="exit 69").returncode != 0
    assert not (tmp_path / "said").exists()


def test_a_server_that_keeps_users_mail_says_how_many_mailboxes_it_has(tmp_path: Path) -> None:
    assert run(tmp_path, mailstead_mailboxes="echo 12").returncode == 0
    said = Said.model_validate_json((tmp_path / "said").read_text(encoding="utf-8").split(" ", 2)[2])
    assert (said.mailboxes, said.accepting) == (12, True)


@pytest.mark.parametrize("broken", ["ss", "postconf", "master", "mailstead-mailboxes"])
def test_where_it_can_t_be_seen_whether_mail_is_taken_nothing_is_said(tmp_path: Path, broken: str) -> None:
    """No process has the number 0."""
    programs = {} if broken == "master" else {broken: "exit 1"}
    done = run(tmp_path, OWN if programs else 0, **programs)
    assert done.returncode != 0
    assert not (tmp_path / "said").exists()


def test_commands_are_found_where_cron_does_not_look(tmp_path: Path) -> None:
    done = run(tmp_path, postqueue='case ":$PATH:" in *:/usr/sbin:*) exit 0 ;; esac; exit 127')
    assert (done.returncode, done.stderr) == (0, "")
