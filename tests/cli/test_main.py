"""The command as a whole: its subcommands, each loaded only when it is typed."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import HOMES, app


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
    assert (result.exit_code, "No such command" in result.output) == (2, True)


def test_flow_loads_neither_vcenters_library_nor_sql_builders() -> None:
    asked = "import sys, cli.main, cli.flow; print(*{'pyVmomi', 'ibis', 'pandas', 'altair', 'scipy'} & sys.modules.keys())"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
