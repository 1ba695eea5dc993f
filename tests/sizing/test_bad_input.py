"""What a stack may not say of mail and sizes: refused with path, value, rule and remedy; at the limit it is taken."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from cli.main import app
from config import Refused, locate
from plan import draft, problems
from sizing.spool import overpromised
from tests.sizing.platforms import platform

KEPT = ["log_archive.retention_days", "gateway.quarantine_days", "gateway.audit_log_days", "gateway.log_days", "spool.junk_days"]
"""What is removed once a day at most, so that something of it is always there."""
OFF = ["spool.deleted_days", "spool.redo_log_days"]
"""What a mailbox server can do without: deleted messages that come back, and redo logs beside the current one."""
PAST = [
    *((path, value) for path in KEPT for value in (0, 0.99, -1, 36_501)),
    ("flow.busy_hour_share", 1.01),
    ("flow.busy_hour_share", -0.01),
    ("flow.busy_hour_share", 0.0416),
    ("storage.free_fraction", 1),
    ("storage.free_fraction", 1.2),
    ("flow.messages_per_day", -1),
    ("flow.growth_per_year", float("nan")),
    ("spool.quota_gib", 0),
    ("snapshots.hold_hours", 73),
    ("gateway.junk_share", 1.01),
    ("spool.kept_share", 1.01),
    ("spool.mean_mailbox_gib", 1.001),
    ("spool.mean_mailbox_gib", -1),
    *((path, -1) for path in OFF),
]
AT = [
    *((path, value) for path in KEPT for value in (1, 36_500)),
    *((path, 0) for path in OFF),
    ("flow.busy_hour_share", 1),
    ("flow.busy_hour_share", 1 / 24),
    ("storage.free_fraction", 0.95),
    ("snapshots.hold_hours", 72),
    ("gateway.junk_share", 0),
    ("gateway.junk_share", 1),
    ("spool.mean_mailbox_gib", 0),
    ("spool.mean_mailbox_gib", 1),
]


@pytest.mark.parametrize(("path", "value"), PAST)
def test_past_a_limit_is_refused(path: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        platform({path: value})
    (problem,) = refused.value.problems
    assert problem.path == path
    assert problem.value
    assert problem.rule
    assert problem.remedy


@pytest.mark.parametrize(("path", "value"), AT)
def test_at_a_limit_is_taken(path: str, value: Any) -> None:
    platform({path: value})


def test_users_whose_quotas_do_not_fit_on_the_disk_are_refused() -> None:
    """100 users of 1 GiB need 151 GiB with all that lies beside the mailboxes."""
    paths = {}
    for gib in (150, 151):
        stack = platform({"spool.mailboxes.mailbox-1.disks_gib": {"mail": gib}})
        paths[gib] = [problem.path for problem in problems(stack, draft(stack))]
    assert "spool.mailboxes.mailbox-1.disks_gib.mail" in paths[150]
    assert "spool.mailboxes.mailbox-1.disks_gib.mail" not in paths[151]


BAD = [
    ("flow", "busy_hour_share", 1.01, "1.01 is not a share from 0 to 1; write 20 % as 0.20"),
    ("storage", "free_fraction", 1, "1 is not a fraction from 0 to below 1; write 20 % as 0.20"),
    ("log_archive", "retention_days", 0, "0 is less than a day, and nothing is removed more often than once a day; write 1 or more"),
    ("spool", "mean_mailbox_gib", 1.5, "1.5 is more than the quota of 1 GiB, which no mailbox exceeds; write the mean of all mailboxes"),
]


@pytest.mark.parametrize(("section", "key", "value", "told"), BAD)
@pytest.mark.parametrize("command", [["check"], ["plan"], ["size", "--report", "out.html", "--csv", "out"]])
def test_bad_input_is_told_exits_1_and_writes_nothing(  # noqa: PLR0913, PLR0917 - one parameter a part of the case
    command: list[str], section: str, key: str, value: float, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = yaml.safe_load(locate("demo").read_text(encoding="utf-8"))
    content["config"][f"mailstead:{section}"][key] = value
    stack = tmp_path / "Pulumi.demo.yaml"
    stack.write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, [command[0], str(stack), *command[1:]])

    assert done.exit_code == 1
    assert f"{section}.{key}: {told}" in done.stderr
    assert list(tmp_path.iterdir()) == [stack]


@pytest.mark.parametrize("command", ["check", "plan", "size"])
def test_quotas_that_do_not_fit_are_told_with_the_terms_and_write_nothing(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = yaml.safe_load(locate("demo").read_text(encoding="utf-8"))
    content["config"]["mailstead:spool"]["mailboxes"]["mailbox-1"]["disks_gib"] = {"mail": 200}  # as much as 200 quotas of 1 GiB
    stack = tmp_path / "Pulumi.demo.yaml"
    stack.write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, [command, str(stack)])

    (problem,) = [line for line in (done.stdout + done.stderr).splitlines() if "spool.mailboxes.mailbox-1.disks_gib.mail: 200 is" in line]
    assert done.exit_code == 1
    assert "GiB too small for what the disk must hold (mailboxes 199.75 + Junk 0.25 + whitespace of one day " in problem
    assert "or more, or leave it out" in problem
    assert list(tmp_path.iterdir()) == [stack]


FILES = ["--report", "out.html", "--csv", "out"]


def demo(tmp_path: Path, **spool: Any) -> Path:
    """The stack demo, whose 200 users have 1 GiB each, with a mail disk that is declared and other keys of its spool."""
    content = yaml.safe_load(locate("demo").read_text(encoding="utf-8"))
    mail = spool.pop("mail")
    content["config"]["mailstead:spool"]["mailboxes"]["mailbox-1"]["disks_gib"] = {"mail": mail}
    content["config"]["mailstead:spool"] |= spool
    content["config"]["mailstead:scenarios"] = {"twice": {"quota_factor": 2}}
    path = tmp_path / "Pulumi.demo.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("changes", [{"mail": 199}, {"mail": 200, "users": 201}, {"mail": 200, "quota_gib": 1.01}])
@pytest.mark.parametrize("command", [["size", *FILES], ["size", *FILES, "--what-if", "twice"], ["size", *FILES, "--json"]])
def test_quotas_beyond_the_disk_contradict_it_and_nothing_is_written(
    command: list[str], changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = demo(tmp_path, **changes)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [command[0], str(stack), *command[1:]])
    assert (done.exit_code, done.stdout) == (1, "")
    told = f"spool.mailboxes.mailbox-1.disks_gib.mail: {changes['mail']} is less than the quotas of its users, "
    assert done.stderr.count(told) == 1
    assert list(tmp_path.iterdir()) == [stack]


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"mail": 200}, []),
        ({"mail": 303}, ["--what-if", "twice"]),
        ({"mail": 100, "sized_by": "fill", "mean_mailbox_gib": 0.3}, []),
    ],
)
def test_what_is_only_too_small_is_written_with_its_problems(
    changes: dict[str, Any], options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quotas of just the disk, of a scenario, and by fill: the planner must see what these need."""
    stack = demo(tmp_path, **changes)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["size", str(stack), *FILES, *options])
    assert done.exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Pulumi.demo.yaml", "out", "out.html"]
    assert "GiB too small for what the disk must hold" in (tmp_path / "out" / "problems.csv").read_text(encoding="utf-8")


def test_quotas_contradict_a_disk_from_one_step_past_it() -> None:
    """100 users of 1 GiB on one server; on two, each has its half, rounded up."""
    one = "spool.mailboxes.mailbox-1.disks_gib"
    assert [len(list(overpromised(platform({one: {"mail": gib}})))) for gib in (99, 100, 101)] == [1, 0, 0]
    assert list(overpromised(platform())) == []
    node = platform().spool.mailboxes["mailbox-1"].model_dump(mode="json", exclude_defaults=True)
    two = {"mailbox-1": {**node, "disks_gib": {"mail": 50}}, "mailbox-2": {**node, "address": "192.0.2.99", "disks_gib": {"mail": 49}}}
    assert [problem.path for problem in overpromised(platform({"spool.mailboxes": two}))] == ["spool.mailboxes.mailbox-2.disks_gib.mail"]
    assert len(list(overpromised(platform({"spool.mailboxes": two, "spool.users": 101})))) == 2
