"""`size` with scenarios, as a page and as files: what is shown, and that a file is whole or as it was."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import config
from cli import report as reporting
from cli.main import app
from sizing import compare, size, what_if
from sizing.__main__ import command
from sizing.report.model import month_of, with_shares
from tests.cli.test_stacks import BAD, mailstead
from tests.sizing.report.reports import SMALL, read, report

SCENARIOS = {
    "more-mail": {"title": "30 % more mail", "messages_factor": 1.3},
    "keep": {"title": "logs for 3 years", "retention_days": 1095},
    "longer": {"retention_days": 2000},
    "smaller": {"messages_factor": 0.9},
    "iscsi-down": {"fabric_down": "iscsi"},
    "fc-down": {"fabric_down": "fc"},
}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A stack file with scenarios, and a LUN for logs that just suffices as described."""
    content: dict[str, Any] = yaml.safe_load(config.locate("campus").read_text(encoding="utf-8"))
    need = next(store for store in size(config.load(config.locate("campus"))).datastores if store.lun == "logs-iscsi")
    content["config"]["mailstead:storage"]["luns"]["logs-iscsi"]["size_gib"] = need.smallest_gib
    content["config"].pop("mailstead:risk", None)  # a hundred thousand futures for each call are not what is tested here
    content["config"]["mailstead:scenarios"] = SCENARIOS
    path = tmp_path / "Pulumi.imagined.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def left(folder: Path) -> list[str]:
    """What is in a folder but the stack."""
    return sorted(path.name for path in folder.iterdir() if path.name != "Pulumi.imagined.yaml")


def test_scenarios_stand_side_by_side_each_alone_and_all_together(stack: Path) -> None:
    result = mailstead("size", str(stack), "--what-if", "more-mail", "--what-if", "keep")
    assert result.exit_code == 1
    for title in ("as described", "30 % more mail", "logs for 3 years", "30 % more mail and logs for 3 years"):
        assert title in result.stdout
    outcomes = compare(config.load(stack), ("more-mail", "keep")).outcomes
    logs = [next(s.required_gib for s in o.sizing.datastores if s.lun == "logs-iscsi") for o in outcomes]
    assert f"{logs[0]:,.1f} │" in result.stdout
    assert f"{logs[1]:,.1f} ! │" in result.stdout
    assert "storage.luns.logs-iscsi.size_gib: " in result.stderr


def test_a_scenario_that_fits_exits_0(stack: Path) -> None:
    assert mailstead("size", str(stack), "--what-if", "smaller").exit_code == 0


@pytest.mark.parametrize("names", [["iscsi-down"], ["smaller", "iscsi-down"]])
def test_a_scenario_that_stops_roles_names_each_and_exits_1(stack: Path, names: list[str]) -> None:
    """Everything fits, and still no mail is delivered: the table says so, and so does the exit code."""
    result = mailstead("size", str(stack), *(word for name in names for word in ("--what-if", name)))
    assert result.exit_code == 1
    assert [line.partition(": iscsi ")[2].partition(";")[0] for line in result.stderr.splitlines()[:-1]] == [
        f"stops the role {role}: losing that fabric leaves no server of it" for role in ("control-center", "log-archive", "mta")
    ]
    line = stack.read_text(encoding="utf-8").splitlines().index("      fabric_down: iscsi") + 1
    assert all(f"Pulumi.imagined.yaml:{line}: scenarios.iscsi-down.fabric_down: " in told for told in result.stderr.splitlines()[:-1])


def test_a_lost_mailbox_server_is_told_as_what_it_is(stack: Path) -> None:
    result = mailstead("size", str(stack), "--what-if", "fc-down")
    assert result.exit_code == 1
    assert "fc stops the role mailbox: losing that fabric takes mail that no other server has; accept" in result.stderr
    assert result.stderr.endswith("\n1 problem\n")


def test_a_page_tells_which_roles_stop(stack: Path, tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    assert mailstead("size", str(stack), "--what-if", "fc-down", "--report", str(page)).exit_code == 1
    assert "stops the role mailbox" in read(page.read_text(encoding="utf-8")).text


def test_scenarios_as_data_are_the_comparison(stack: Path) -> None:
    result = mailstead("size", str(stack), "--what-if", "iscsi-down", "--json")
    made = compare(config.load(stack), ("iscsi-down",)).model_dump(mode="json")
    assert json.loads(result.stdout)["outcomes"] == with_shares(made)["outcomes"]


def test_one_disk_is_shown_under_the_scenario(stack: Path) -> None:
    result = mailstead("size", str(stack), "--what-if", "keep", "--disk", "log-archive/archive", "--json")
    need = next(d for d in size(what_if(config.load(stack), "keep")).disks if d.label == "archive")
    assert json.loads(result.stdout)["disks"] == [with_shares(need.model_dump(mode="json"))]


@pytest.mark.parametrize(("stack_name", "told"), [("given", "mor is not one of more-mail, keep"), ("campus-test", "mor is not")])
def test_an_unknown_scenario_is_a_usage_error(stack: Path, stack_name: str, told: str) -> None:
    result = mailstead("size", str(stack) if stack_name == "given" else stack_name, "--what-if", "mor")
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())


def test_scenarios_that_contradict_are_refused_and_nothing_is_written(stack: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out.html")
    result = mailstead("size", str(stack), "--what-if", "keep", "--what-if", "longer", "--report", out)
    assert result.exit_code == 1
    assert "scenarios.longer.retention_days: 2000 is not what scenarios.keep.retention_days sets" in result.stderr
    assert left(tmp_path) == []


def test_page_and_files_are_written_with_the_numbers_of_json(stack: Path, tmp_path: Path) -> None:
    page, folder = tmp_path / "out.html", tmp_path / "tables"
    result = mailstead("size", str(stack), "--report", str(page), "--csv", str(folder))
    assert result.exit_code == 0
    assert left(tmp_path) == ["out.html", "tables"]
    assert sorted(result.stdout.splitlines()) == sorted(f"wrote {path}" for path in (page, *folder.iterdir()))
    sizes = json.loads(mailstead("size", str(stack), "--json").stdout)
    found = read(page.read_text(encoding="utf-8")).scripts["data"]
    assert found["sizing"] == {key: sizes[key] for key in ("disks", "memory", "datastores")}
    assert found["scanning"] == sizes["scanning"]
    assert found["stack"] == "imagined"
    assert [outcome["scenarios"] for outcome in found["comparison"]["outcomes"]] == [[], *([name] for name in SCENARIOS)]
    first = (folder / "datastores.csv").read_text(encoding="utf-8").splitlines()[1].split(",")
    assert float(first[2]) == sizes["datastores"][0]["required_gib"]


def test_a_page_of_a_refused_platform_tells_its_problems_and_exits_1(tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    assert mailstead("size", "campus-2013", "--report", str(page)).exit_code == 1
    assert "4 problems" in read(page.read_text(encoding="utf-8")).text


def test_a_page_under_scenarios_compares_each_and_all(stack: Path, tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    assert mailstead("size", str(stack), "--what-if", "more-mail", "--what-if", "keep", "--report", str(page)).exit_code == 1
    found = read(page.read_text(encoding="utf-8")).scripts["data"]
    assert found["scenarios"] == ["more-mail", "keep"]
    assert [o["scenarios"] for o in found["comparison"]["outcomes"]] == [[], ["more-mail"], ["keep"], ["more-mail", "keep"]]
    assert found["sizing"] == found["comparison"]["outcomes"][-1]["sizing"]


def test_a_bad_stack_writes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "Pulumi.imagined.yaml"
    bad.write_text(BAD, encoding="utf-8")
    assert mailstead("size", str(bad), "--report", str(tmp_path / "out.html"), "--csv", str(tmp_path / "tables")).exit_code == 1
    assert left(tmp_path) == []


@pytest.mark.parametrize("option", ["--report", "--csv"])
def test_a_place_that_is_not_there_is_told_by_its_name(tmp_path: Path, option: str) -> None:
    place = tmp_path / "nowhere" / "out"
    result = mailstead("size", "campus", option, str(place))
    assert (result.exit_code, result.stderr) == (1, f"{place} can't be written: No such file or directory\n")
    assert left(tmp_path) == []


@pytest.mark.parametrize("option", ["--report", "--csv"])
def test_a_pipe_or_a_device_is_refused_and_stays_one(tmp_path: Path, option: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = mailstead("size", "campus", option, str(tmp_path / "pipe"))
    assert (result.exit_code, result.stderr) == (1, f"{tmp_path / 'pipe'} can't be written: it is neither a file nor a folder\n")
    assert (tmp_path / "pipe").is_fifo()
    assert left(tmp_path) == ["pipe"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("option", ["--report", "--csv"])
def test_a_write_that_fails_half_way_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, failure: BaseException
) -> None:
    """The first file is cut short, as by a full disk or Ctrl-C."""
    write_text = Path.write_text

    def cut_short(path: Path, text: str, **options: Any) -> int:
        write_text(path, text[:20], encoding="utf-8")
        raise failure

    place = tmp_path / "out"
    before = _there_before(place, option)
    monkeypatch.setattr(Path, "write_text", cut_short)
    result = CliRunner().invoke(app, ["size", "campus", option, str(place)])
    monkeypatch.undo()
    assert result.exit_code != 0
    assert left(tmp_path) == ["out"]
    assert before.read_text(encoding="utf-8") == "before"


def _there_before(place: Path, option: str) -> Path:
    if option == "--csv":
        place.mkdir()
    kept = place / "datastores.csv" if option == "--csv" else place
    kept.write_text("before", encoding="utf-8")
    return kept


def test_a_file_that_was_there_is_replaced_and_others_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "datastores.csv").write_text("before", encoding="utf-8")
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    assert mailstead("size", "campus", "--csv", str(folder)).exit_code == 0
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert (folder / "datastores.csv").read_text(encoding="utf-8").startswith("datastore,")
    assert left(tmp_path) == ["tables"]


def test_a_file_is_made_like_any_other(tmp_path: Path) -> None:
    """Not readable by its owner alone, as temporary files are."""
    plain = tmp_path / "plain"
    plain.touch()
    mailstead("size", "campus", "--csv", str(tmp_path / "tables"))
    assert (tmp_path / "tables" / "disks.csv").stat().st_mode == plain.stat().st_mode


def test_python_m_sizing_does_the_same() -> None:
    result = CliRunner().invoke(command, ["campus", "--datastore", "mail-fc"])
    assert (result.exit_code, result.stdout) == (0, mailstead("size", "campus", "--datastore", "mail-fc").stdout)


def test_contents_of_a_comparison_are_the_report_s(stack: Path) -> None:
    platform = config.load(stack)
    assert reporting.side_by_side(platform, []) == compare(platform)
    assert len(reporting.side_by_side(platform, ["keep", "keep"]).outcomes) == 2


def test_scenarios_as_data_say_how_sure_whether_scanners_keep_up_and_what_is_wrong() -> None:
    """Of the platform under all that are named."""
    told = json.loads(mailstead("size", "campus", "--what-if", "bad-week", "--json").stdout)
    assert list(told) == ["outcomes", "scanning", "filling", "notes", "risk", "problems"]
    assert told["scanning"] == told["outcomes"][-1]["scanning"]
    needs = (*told["risk"]["disks"], *told["risk"]["datastores"])
    short = {need["path"] for need in needs if need["need_gib"] > need["provisioned_gib"]}
    planned = told["outcomes"][-1]["sizing"]["datastores"]
    short |= {f"storage.luns.{need['lun']}.size_gib" for need in planned if need["required_gib"] > need["declared_gib"]}
    short.add("storage.luns.logs-iscsi.size_gib")  # large enough as planned, not with the archive's disk as the risk asks for it
    assert len(short) == len(told["problems"]) == 13
    assert sorted(short) == sorted(problem["path"] for problem in told["problems"])
    terms = [term for outcome in told["outcomes"] for disk in outcome["sizing"]["disks"] for term in disk["terms"]]
    assert all(0 <= term["share"] <= 1 for term in terms)


def test_scenarios_on_the_terminal_say_what_they_count_and_what_risk_finds() -> None:
    shown = mailstead("size", "campus", "--what-if", "bad-week").stdout
    words = " ".join(shown.split())
    assert "too small if all goes as planned (risk is not counted here)" in words
    assert "the busy hour needs 4 at 0.2 s a message" in shown
    assert shown.count("of the futures, too often from 20") == 11


def test_what_fills_too_often_is_told_with_its_month() -> None:
    found = report(SMALL).risk
    years = tuple(year.model_copy(update={"need_gib": 9e3}) for year in found.disks[0].years)
    need = found.disks[0].model_copy(update={"months_left": 7, "years": years})
    lines = list(reporting.how_sure(found.model_copy(update={"disks": (need,), "datastores": ()}), date(2026, 11, 24)))
    assert ", too often from 2027-06, in 7 months" in lines[1]
    assert len(lines) == 2


def test_scanners_are_judged(tmp_path: Path) -> None:
    content: dict[str, Any] = yaml.safe_load(config.locate("demo").read_text(encoding="utf-8"))
    for seconds, code, told in ((0.001, 0, "Scanners keep up: "), (600, 1, "Too few scanner cores: ")):
        content["config"]["mailstead:gateway"]["scan_seconds_per_message"] = seconds
        path = tmp_path / "Pulumi.demo.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        result = mailstead("size", str(path))
        assert (result.exit_code, told in result.stdout) == (code, True)


def test_months_are_those_after_the_day_that_is_named() -> None:
    assert [month_of(date(2026, 11, 24), months) for months in (0, 1, 2, 14, None)] == ["2026-11", "2026-12", "2027-01", "2028-01", None]
    assert month_of(date(2027, 12, 31), 1) == "2028-01"

    found = json.loads(
        mailstead("size", "campus", "--what-if", "bad-week", "--as-of", "2026-11-24", "--disk", "mta-1/queue", "--json").stdout
    )
    (need,) = found["risk"]["disks"]
    assert found["risk"]["as_of"] == "2026-11-24"
    assert need["months_left"] is not None
    assert need["too_often_from"] == month_of(date(2026, 11, 24), need["months_left"])
    assert need["half_by"] == month_of(date(2026, 11, 24), need["months_until_full"])


def test_a_day_that_is_none_is_a_usage_error() -> None:
    assert mailstead("size", "campus", "--as-of", "2026-02-30").exit_code == 2
