"""Every property that a look reads, denied one after the other: the privilege is named, or nothing of the answer hangs on it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from typer.testing import Result

from checks.vcenter.allowed import PROPERTIES
from tests.checks.conftest import Start, start
from tests.checks.stand import Stand, log_in, physics, standing
from tests.checks.worlds import PLAN
from tests.cli.test_stacks import mailstead

__all__ = ["start"]

ALL = sorted(f"{kind.removeprefix('vim.')}.{path}" for kind, paths in PROPERTIES.items() for path in paths)
COMMANDS = (
    ("preflight", "campus"),
    ("ledger", "check", "campus"),
    ("snapshot", "status", "campus"),
    ("snapshot", "check", "campus", "--vm", "scanner-1"),
)


class Site(NamedTuple):
    """A site as it was applied, and each command's answer where everything may be read."""

    stand: Stand
    before: list[Result]


@pytest.fixture(scope="module")
def site(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With a snapshot, and VMs that are off."""
    with standing(start, PLAN, **physics(PLAN)) as stand, pytest.MonkeyPatch.context() as patch:
        log_in(stand.login, patch)
        patch.setenv("MAILSTEAD_LEDGERS", str(tmp_path_factory.mktemp("ledgers")))
        stand.snapshot("mta-1")
        assert mailstead("ledger", "write", "campus").exit_code == 0
        yield Site(stand, asked())


def asked() -> list[Result]:
    return [mailstead(*command, "--json") for command in COMMANDS]


def lasting(result: Result) -> Any:
    """The answer, without when it was asked for, and without warnings that name what could not be read."""
    data = json.loads(result.stdout)
    for of in (data, *data.get("snapshots", ())):
        for moment in ("at", "asked_at", "age_hours"):
            of.pop(moment, None)
    data["findings"] = [f for f in data["findings"] if f["rule"] != "unread" or "(privilege System.Read)" not in f["subject"]]
    return data


@pytest.mark.parametrize("what", ALL)
def test_what_may_not_be_read_is_named_or_changes_no_answer(site: Site, what: str) -> None:
    assert [result.exit_code for result in site.before] == [0, 0, 0, 0]
    site.stand.sim(f"deny?what={quote(what)}&privilege=System.Read")
    try:
        after = asked()
    finally:
        site.stand.sim(f"deny?what={quote(what)}")
    for command, was, now in zip(COMMANDS, site.before, after, strict=True):
        if now.exit_code == 1:
            said = json.loads(now.stdout)["problems"]
            assert all(problem["path"] == "vsphere:user" and "(privilege System.Read)" in problem["rule"] for problem in said), (
                command,
                said,
            )
            assert any(what.partition(".")[2] in problem["rule"] for problem in said), (command, said)
        else:
            assert (now.exit_code, lasting(now)) == (was.exit_code, lasting(was)), command
