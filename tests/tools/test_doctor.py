"""The doctor: what set-up recorded is looked at again, told as data and as one table, and never repaired on the sly."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.tools.conftest import Program
from tools import catalog, doctor, versions
from tools.chain import Choice, Missing, Way

pytestmark = pytest.mark.usefixtures("machine")

SKIPPED = Missing("haproxy", ("found on PATH: no haproxy",), "apt install haproxy", required=False)


@pytest.fixture
def record(tmp_path: Path, program: Program) -> Path:
    """A record of a set-up that found the CLI on PATH and built the simulated vCenter."""
    pulumi = program("pulumi", versions.pin("pulumi"))
    vcsim = program("vcsim")
    file = tmp_path / "doctor.json"
    outcomes: list[Choice | Missing] = [
        Choice(catalog.PULUMI, versions.pin("pulumi"), str(pulumi), Way.PATH, "it fits"),
        Choice(catalog.VCSIM, "0.56.0", str(vcsim), Way.BUILD, "built [before]"),
        Missing(catalog.VSPHERE, ("official download: switched off", "built from Go modules: no Go"), "install it"),
        SKIPPED,
    ]
    doctor.record(outcomes, file)
    return file


def text(report: doctor.Report, width: int = 200) -> str:
    out = io.StringIO()
    doctor.render(report, Console(width=width, file=out))
    return out.getvalue()


def test_a_report_is_what_was_recorded_and_this_python(record: Path) -> None:
    report = doctor.inspect(record)
    assert [choice.tool for choice in report.choices] == ["Python", catalog.PULUMI, catalog.VCSIM]
    assert [missing.tool for missing in report.missing] == [catalog.VSPHERE]
    assert report.skipped == (SKIPPED,)
    assert json.loads(json.dumps(report.as_dict()))["missing"][0]["tried"][1] == "built from Go modules: no Go"


def test_a_tool_that_is_gone_is_missing(record: Path, machine: Path) -> None:
    (machine / "bin" / "vcsim").unlink()
    gone = {missing.tool: missing for missing in doctor.inspect(record).missing}[catalog.VCSIM]
    assert "chosen by set-up, but gone since" in gone.tried[0]
    assert gone.remedy == "Run: python3 tools/bootstrap.py"


def test_a_tool_that_has_been_replaced_by_an_older_one_is_missing(record: Path, program: Program) -> None:
    program("pulumi", "v3.1.0")
    old = {missing.tool: missing for missing in doctor.inspect(record).missing}[catalog.PULUMI]
    assert "is 3.1.0; wanted: 3.259.0" in old.tried[0]


def test_another_reason_is_no_change_but_another_version_place_or_way_is() -> None:
    def reported(*outcomes: Choice | Missing) -> doctor.Report:
        return doctor.Report(
            tuple(one for one in outcomes if isinstance(one, Choice)), tuple(one for one in outcomes if isinstance(one, Missing))
        )

    cli = Choice(catalog.PULUMI, "3.259.0", "/bin/pulumi", Way.BUILD, "built with Go 1.26")
    before = reported(cli, SKIPPED)
    assert not doctor.changed(before, reported(replace(cli, why="built before"), replace(SKIPPED, tried=())))
    others = [replace(cli, version="3.260.0"), replace(cli, path="/usr/bin/pulumi"), replace(cli, way=Way.PATH)]
    assert all(doctor.changed(before, reported(other, SKIPPED)) for other in others)
    assert doctor.changed(before, reported(cli))
    assert doctor.changed(before, reported(SKIPPED))


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"choices": [{"tool": 1}], "missing": [], "skipped": []}'])
def test_without_a_readable_record_everything_needed_is_missing(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "doctor.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    report = doctor.inspect(file)
    assert tuple(missing.tool for missing in report.missing) == catalog.REQUIRED
    assert {missing.tried for missing in report.missing} == {("set-up has not finished here",)}


def test_the_table_tells_tools_ways_and_reasons(record: Path) -> None:
    shown = text(doctor.inspect(record))
    for words in ("Pulumi CLI", "found on PATH: it fits", "built [before]", "missing", "no Go", "install it", "not here"):
        assert words in shown
    assert "~/bin/pulumi" in shown


def test_the_table_fits_a_narrow_terminal(record: Path) -> None:
    assert all(len(line) <= 80 for line in text(doctor.inspect(record), 80).splitlines())
