"""`flow` and `backtest` as they are typed."""

import tempfile
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from cli import flow as commands
from cli import show
from sizing.flow import VERSION, reading
from tests.sizing.flow.logs import log, message

app = typer.Typer()
app.command()(commands.flow)
app.command()(commands.backtest)


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A log of nine messages."""
    return log(tmp_path / "mail.log", [line for i in range(9) for line in message(f"A{i}", 2048, f"Mar  2 1{i}:00:00")])


def run(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


def test_flow_shows_and_writes(mail: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    exit_code, said = run("flow", mail, "-o", tmp_path / "flow.yaml")
    assert (exit_code, "of 9 messages, too few to rely on it" in said) == (0, True)
    assert yaml.safe_load((tmp_path / "flow.yaml").read_text())["flow"]["mean_message_kib"] == 2
    assert [path.name for path in tmp_path.iterdir() if path != mail] == ["flow.yaml"]


@pytest.mark.parametrize("words", [["flow", "nothing.log"], ["backtest", "nothing.log"]])
def test_what_cannot_be_read_is_a_problem_and_nothing_is_written(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    monkeypatch.setattr(show, "problems", lambda found: said.extend(map(str, found)))
    assert run(*words, *(["-o", "flow.yaml"] if words[0] == "flow" else []))[0] == 1
    assert said == ["nothing.log: the file can't be read (No such file or directory); name log files, or a pattern in quotes"]
    assert list(tmp_path.iterdir()) == []


def test_backtest_of_a_short_log_is_a_problem(mail: Path) -> None:
    assert run("backtest", mail)[0] == 1


def test_backtest_reads_a_flow_file_of_its_version_instead_of_the_logs(mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(show, "problems", lambda found: said.extend(map(str, found)))
    measured = tmp_path / "flow.yaml"
    run("flow", mail, "-o", measured)
    assert run("backtest", measured)[0] == 1
    measured.write_text(measured.read_text().replace(f"version: {VERSION}", "version: 1"))
    assert run("backtest", measured)[0] == 1
    too_short, another_version = said
    assert "0 full days are too few" in too_short
    assert f"flow.yaml: version: 1 is not the version of flow files that is read here, {VERSION}" in another_version


def test_stopped_by_the_user_leaves_nothing(mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "_judged", stopped)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert run("flow", mail, "-o", tmp_path / "flow.yaml")[0] == 130
    assert list(tmp_path.iterdir()) == [mail]


def test_a_folder_that_no_engine_writes_to_is_a_usage_error(mail: Path, tmp_path: Path) -> None:
    assert run("flow", mail, "--scratch", tmp_path)[0] == 2
