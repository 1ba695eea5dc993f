"""The command as a whole: its subcommands, each loaded only when it is typed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import config
from cli.main import HOMES, app

MAILSTEAD = (str(Path(sys.executable).with_name("mailstead")),)


def test_help_names_every_subcommand_and_what_it_does() -> None:
    lines = CliRunner().invoke(app, ["--help"]).output.splitlines()
    for name in HOMES:
        assert any(line.lstrip("│ ").startswith(f"{name} ") and len(line.split()) > 4 for line in lines), name


@pytest.mark.parametrize("name", HOMES)
def test_every_subcommand_can_be_loaded(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert f"{name} " in result.output


def test_what_is_no_subcommand_is_a_usage_error() -> None:
    result = CliRunner().invoke(app, ["chek"])
    assert (result.exit_code, "No such command" in result.output) == (1, True)


def test_flow_loads_neither_vcenters_library_nor_sql_builders() -> None:
    asked = "import sys, cli.main, cli.flow; print(*{'pyVmomi', 'ibis', 'pandas', 'altair', 'scipy'} & sys.modules.keys())"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


@pytest.mark.parametrize("arguments", [("check", "demo"), ("size", "demo", "--json"), ("plan", "demo")])
def test_output_that_can_t_be_written_is_said_in_one_line(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run([*MAILSTEAD, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "the output can't be written: No space left on device\n")


def test_a_sign_that_the_output_s_encoding_lacks_ends_nothing() -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run([*MAILSTEAD, "size", "demo"], capture_output=True, text=True, check=False, env=plain)
    assert (ended.returncode, ended.stderr, "? (1 ? 0.2)" in ended.stdout) == (0, "", True)


def test_what_a_stack_says_is_shown_as_it_stands(tmp_path: Path) -> None:
    """Not with the signs that rich makes of `:100:` and `:smile:`."""
    text = config.locate("demo").read_text(encoding="utf-8").replace("fabric: fc", "fabric: ':smile:'")
    filler = "#\n" * (99 - len(text.splitlines()))
    path = tmp_path / "stack.yaml"
    path.write_text(f"{text}{filler}  mailstead:dta: {{}}\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(path)]).stderr
    assert f"{path}:100: dta: dta is not a known key" in said
    assert ".fabric: :smile: is not one of the choices" in said
