"""`check`, `plan` and `size` as they are typed: output, exit codes, and never a traceback."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

BAD = """\
config:
  mailstead:site: { name: Bad Name, domain: nodots }
  mailstead:storage:
    luns:
      a: { naa: naa.60003ff44dc75adc0000000000000001, size_gib: 90GB, fabric: iscsi }
    free_fraktion: 0.2
"""


def mailstead(*arguments: str) -> Result:
    """Run the command; anything but an exit is a defect."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize("stack", ["campus", "campus-test", "demo"])
def test_a_sound_stack_has_no_problems(stack: str) -> None:
    result = mailstead("check", stack)

    assert (result.exit_code, result.stdout) == (0, f"{stack}: no problems\n")


def test_the_platform_of_2013_is_refused_with_its_numbers_and_lines() -> None:
    result = mailstead("check", "campus-2013")

    assert result.exit_code == 1
    assert "140.54 GiB; ask for ≥ 141 GiB" in result.stderr
    assert "iscsi carries every scanner (scanner-1, scanner-2)" in result.stderr
    assert result.stderr.endswith("4 problems\n")
    assert all(line.startswith("stacks/Pulumi.campus-2013.yaml:") for line in result.stderr.splitlines()[:-1])


def test_check_gives_its_problems_as_data() -> None:
    result = mailstead("check", "campus-2013", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [p["path"] for p in found][-1] == "gateway.scanners.scanner-2.lun"
    assert set(found[0]) == {"path", "value", "rule", "remedy", "file", "line"}
    assert all(p["line"] > 0 for p in found)
    assert json.loads(mailstead("check", "campus", "--json").stdout) == []


def test_size_as_data_has_every_term_with_its_formula_and_source() -> None:
    result = mailstead("size", "campus", "--json")

    sizes = json.loads(result.stdout)
    assert result.exit_code == 0
    assert len(sizes["disks"]) == 16
    for disk in sizes["disks"]:
        assert {"vm", "label", "gib", "datastore", "terms"} <= set(disk)
        assert disk["gib"] >= sum(term["gib"] for term in disk["terms"])
        assert all(term["name"] and term["formula"] and term["source"] for term in disk["terms"])
    for store in sizes["datastores"]:
        assert {"name", "fabric", "declared_gib", "required_gib", "free_fraction", "hours_to_full"} <= set(store)
        assert store["required_gib"] <= store["declared_gib"]


def test_size_shows_the_lun_of_2013_no_hour_from_full_and_exits_1() -> None:
    result = mailstead("size", "campus-2013")

    assert result.exit_code == 1
    assert "datastore scanner-1 (iscsi): 90 GiB declared, 140.5 GiB required" in result.stdout
    assert "forgotten snapshots fill it: after 0.0 h" in result.stdout
    assert "4 problems" in result.stderr


def test_plan_shows_what_will_exist() -> None:
    result = mailstead("plan", "campus")

    assert result.exit_code == 0
    for shown in ("campus-scanner-2", "192.0.2.22", "queue 70", "mail-fc", "campus-scanner-apart", "kept whatever happens"):
        assert shown in result.stdout


def test_plan_as_data_and_a_generated_file_are_exact() -> None:
    plan = json.loads(mailstead("plan", "demo", "--json").stdout)

    assert plan["disposable"] is True
    assert mailstead("plan", "demo", "--file", "haproxy.cfg").stdout == plan["files"]["haproxy.cfg"]


@pytest.mark.parametrize("command", ["check", "plan", "size"])
def test_a_bad_stack_yields_every_problem_at_once(tmp_path: Path, command: str) -> None:
    file = tmp_path / "Pulumi.bad.yaml"
    file.write_text(BAD)

    result = mailstead(command, str(file))

    assert result.exit_code == 1
    assert "90GB carries a unit" in result.stderr
    assert "write 84" in result.stderr
    assert "write free_fraction" in result.stderr
    assert "Bad Name" in result.stderr
    assert "gateway: nothing is given" in result.stderr


@pytest.mark.parametrize("command", ["check", "plan", "size"])
def test_an_unknown_stack_is_a_usage_error_that_lists_the_known(command: str) -> None:
    result = mailstead(command, "campuss")

    assert result.exit_code == 2
    assert "campus-2013" in result.stderr


@pytest.mark.parametrize("arguments", [["check"], ["sim", "start", "nowhere"]])
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert mailstead(*arguments).exit_code == 2


@pytest.mark.parametrize("name", ["nothing", ""])
@pytest.mark.parametrize("arguments", [["plan", "demo", "--file"], ["size", "demo", "--disk"], ["size", "demo", "--datastore"]])
def test_what_is_not_there_is_a_usage_error_that_lists_what_is(arguments: list[str], name: str) -> None:
    """Also nothing at all: an empty shell variable must not show everything instead."""
    result = mailstead(*arguments, name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert " is not one of " in " ".join(result.stderr.replace("│", " ").split())


def test_size_as_data_has_the_share_of_each_term() -> None:
    sizes = json.loads(mailstead("size", "campus", "--json").stdout)

    for need in (*sizes["disks"], *sizes["datastores"], *sizes["memory"]):
        assert sum(term["share"] for term in need["terms"]) == pytest.approx(1, abs=1e-5)
        assert all(term["share"] == pytest.approx(term["gib"] / need["need_gib"]) for term in need["terms"])


def test_size_as_data_says_how_sure_whether_scanners_keep_up_and_what_is_wrong() -> None:
    """What the page says and the terminal; `risk` where the stack states one."""
    sure, told = (json.loads(mailstead("size", stack, "--json").stdout) for stack in ("campus", "campus-2013"))

    assert list(sure) == list(told) == ["disks", "memory", "datastores", "scanning", "filling", "notes", "risk", "problems"]
    assert (sure["problems"], told["risk"]) == ([], None)
    assert told["problems"] == json.loads(mailstead("check", "campus-2013", "--json").stdout)
    assert (sure["scanning"]["cores_needed"], sure["scanning"]["cores_left"], sure["scanning"]["cores_declared"]) == (3, 4, 8)
    assert [need["name"] for need in sure["risk"]["datastores"]] == [store["name"] for store in sure["datastores"]]
    assert [need["name"] for need in sure["risk"]["disks"]] == [f"{disk['vm']} {disk['label']}" for disk in sure["disks"]]
    keys = {"need_gib", "error_gib", "fill_probability", "months_left", "sensitivity"}
    assert all(keys <= set(need) for need in (*sure["risk"]["datastores"], *sure["risk"]["disks"]))


def test_one_size_as_data_has_its_own_risk_only() -> None:
    found = json.loads(mailstead("size", "campus", "--disk", "scanner-1/queue", "--datastore", "mail-fc", "--json").stdout)["risk"]

    assert [need["name"] for need in (*found["disks"], *found["datastores"])] == ["scanner-1 queue", "mail-fc"]


def test_size_shows_shares_scanners_and_how_sure_it_is() -> None:
    shown = mailstead("size", "campus").stdout
    one = mailstead("size", "campus", "--datastore", "mail-fc").stdout

    assert "┃ for " in one
    assert "│ 81.6% │" in one  # 124 ÷ 151.89 GiB
    assert "Scanners keep up: 4 of 8 scanner cores are left when one is lost, and the busy hour needs 3 at 0.2 s" in shown
    assert "Mailboxes are sized by quota: " in shown
    assert "memory of scanner-1: 4 GiB declared, " in shown
    assert "Scanners" not in one
    assert "memory of" not in one
    assert "each must last in 99 of 100.\nAll that is shown here lasts. Nearest to its size:\n  mailbox-1 mail: needs 18,2" in shown
    assert "  mail-fc: needs 180.3 ± 0.2 GiB of 200, fills in 0.09% of the futures; measure first: write rate\n" in one


def test_a_size_that_is_certain_is_nothing_to_measure() -> None:
    assert mailstead("size", "campus", "--disk", "mailbox-1/system").stdout.endswith("\nAll that is shown here lasts.\n")


def test_size_says_nothing_of_a_risk_that_is_not_stated() -> None:
    assert "How sure" not in mailstead("size", "demo").stdout
