"""`review` as it is typed: exit codes, data, waivers of a stack, and never a traceback."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cli.main import app

PREVIEWS = Path("tests/review/previews")
UNTIL = str(datetime.now(UTC).date() + timedelta(days=30))
DROPPED = str(PREVIEWS / "unsafe-label-dropped.json")


@pytest.fixture
def waiving(tmp_path: Path) -> Path:
    """The demo stack with its data kept, and a waiver of the dropped disk that outlives this test."""
    whole = yaml.safe_load(Path("stacks/Pulumi.demo.yaml").read_text(encoding="utf-8"))
    del whole["config"]["mailstead:data"]
    waiver = {"what": "store/spool", "why": "moved to the new store", "who": "Ada", "rule": "disk-destroyed", "until": UNTIL}
    whole["config"]["mailstead:review"] = {"waivers": [waiver]}
    file = tmp_path / "Pulumi.waiving.yaml"
    file.write_text(yaml.safe_dump(whole), encoding="utf-8")
    return file


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["review", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_exit_codes(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.json"
    nothing.write_text('{"steps": []}', encoding="utf-8")
    assert typed(str(nothing))[0] == 0
    assert typed(str(tmp_path / "none.json"))[0] == 1
    assert typed(str(PREVIEWS / "safe-disk-grown.json"))[0] == 2
    assert typed(DROPPED)[0] == 3


@pytest.mark.parametrize(
    "slip",
    [(), ("",), (DROPPED, DROPPED), (DROPPED, "--stak", "demo"), (DROPPED, "--stack"), (DROPPED, "--stack", "no-such-stack"), ("tests",)],
)
def test_a_slip_of_typing_is_never_taken_for_changes_that_may_be_applied(slip: tuple[str, ...]) -> None:
    code, out, err = typed(*slip)
    assert (code, out) == (1, "")
    assert "Error" in err


@pytest.mark.parametrize("slip", [("reveiw", DROPPED), ("--stak", "review", DROPPED), ("review",)])
def test_nor_is_a_slip_before_the_subcommand(slip: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, slip).exit_code == 1


def test_the_verdict_comes_first() -> None:
    _, out, _ = typed(DROPPED)
    assert out.startswith("UNSAFE: do not apply (1 update)\n")
    assert "DESTROYS DATA" in out


def test_data_has_the_findings_and_the_verdict() -> None:
    code, out, _ = typed(DROPPED, "--json")
    said = json.loads(out)
    assert (code, said["verdict"], said["operations"]) == (3, "unsafe", {"same": 2, "update": 1})
    assert said["findings"][0]["names"] == ["store/spool", "df158511-a62f-57d5-8806-9c6f9b68f8a4"]


def test_a_waiver_of_the_stack_lets_it_pass(waiving: Path) -> None:
    code, out, _ = typed(DROPPED, "--stack", str(waiving))
    assert code == 2
    assert f"Waived by Ada until {UNTIL}: moved to the new store" in out


def test_disposable_data_may_go() -> None:
    assert typed(DROPPED, "--stack", "demo")[0] == 2


def test_what_is_no_preview_is_said_in_one_line(tmp_path: Path) -> None:
    cut = tmp_path / "cut.json"
    cut.write_bytes(Path(DROPPED).read_bytes()[:5000])
    code, out, err = typed(str(cut))
    assert (code, out) == (1, "")
    assert err == f"{cut} is cut short; write it anew with: pulumi preview --json --show-sames\n"


@pytest.mark.parametrize(("day", "why"), [("2020-01-01", "is past"), ("9999-12-31", "is more than 366 days ahead")])
def test_check_refuses_a_waiver_that_does_not_hold(waiving: Path, day: str, why: str) -> None:
    waiving.write_text(waiving.read_text(encoding="utf-8").replace(UNTIL, day), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(waiving)])
    assert result.exit_code == 1
    assert f"review.waivers[0].until: {day} {why}: the waiver of store/spool does not hold" in result.stderr
    assert typed(DROPPED, "--stack", str(waiving))[0] == 3


@pytest.mark.parametrize("depth", [100, 1_000, 5_000, 20_000, 100_000])
def test_nesting_ends_in_an_answer(tmp_path: Path, depth: int) -> None:
    """Both states are nested, so that they are compared too."""
    whole = json.loads(Path(DROPPED).read_text(encoding="utf-8"))
    for state in ("oldState", "newState"):
        whole["steps"][-1][state]["inputs"]["annotation"] = "NESTED"
    deep = tmp_path / "deep.json"
    deep.write_text(json.dumps(whole).replace('"NESTED"', "[" * depth + "]" * depth), encoding="utf-8")
    code, _, err = typed(str(deep))
    assert (code, err.partition(";")[0].strip()) in ((3, ""), (1, f"{deep} is no preview: it is nested too deeply"))
