"""`mailstead place`: what it prints and writes, and that a refusal writes nothing; `mailstead plan --losses`."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import config
from cli.main import app
from config.roles import Node

DEMO = Path("stacks", "Pulumi.demo.yaml")


def run(*arguments: object) -> Result:
    """A call of the command line."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """The demo without the LUN of one scanner and one balancer."""
    text = DEMO.read_text(encoding="utf-8")
    for address in ("192.0.2.22", "192.0.2.12"):
        assert f"{address}, lun: mail-fc" in text
        text = text.replace(f"{address}, lun: mail-fc", address)
    file = tmp_path / "Pulumi.bare.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_missing_lun_is_a_problem_with_the_command_that_mends_it(stack: Path) -> None:
    result = run("check", stack)
    assert result.exit_code == 1
    assert "balancers.nodes.balancer-2.lun: nothing is given" in result.output
    assert "`mailstead place STACK --write` chooses one" in result.output


def test_without_write_nothing_is_written(stack: Path) -> None:
    before = stack.read_bytes()
    result = run("place", stack)
    assert result.exit_code == 0
    assert "nothing is written" in result.output
    assert stack.read_bytes() == before
    chosen = json.loads(run("place", stack, "--json").output)
    assert {path: values["lun"] for path, values in chosen.items() if "lun" in values} == {
        "gateway.scanners.scanner-2": "mail-fc", "balancers.nodes.balancer-2": "mail-fc",
    }  # fmt: skip
    assert {path for path, values in chosen.items() if "host" in values} == {server.path for server in config.load(DEMO).servers}
    only = json.loads(run("place", stack, "--luns-only", "--json").output)
    assert only == {"gateway.scanners.scanner-2": {"lun": "mail-fc"}, "balancers.nodes.balancer-2": {"lun": "mail-fc"}}


def test_what_is_written_is_the_stack_as_it_was_with_its_luns(stack: Path) -> None:
    stack.chmod(0o640)
    result = run("place", stack, "--write", "--luns-only")
    assert (result.exit_code, "written into" in result.output) == (0, True)
    assert config.load(stack) == config.load(DEMO)
    assert stack.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in stack.parent.iterdir()] == [stack.name]
    again = stack.read_bytes()
    result = run("place", stack, "--write", "--luns-only")
    assert (result.exit_code, "every server names its LUN, nothing is left to choose" in result.output) == (0, True)
    assert stack.read_bytes() == again


def test_hosts_are_written_and_stay_when_a_server_is_added(stack: Path) -> None:
    assert run("place", stack, "--write").exit_code == 0
    placed = config.load(stack)
    assert all(server.node.host for server in placed.servers)
    assert [_without_host(server.node) for server in placed.servers] == [_without_host(s.node) for s in config.load(DEMO).servers]
    result = run("place", stack, "--write")
    assert (result.exit_code, "every server names its LUN and its host, nothing is left to choose" in result.output) == (0, True)
    assert json.loads(run("place", stack, "--json").output) == {}
    text = stack.read_text(encoding="utf-8")
    text = text.replace("    mtas:\n", "    mtas:\n      mta-0: { address: 192.0.2.39 }\n")
    stack.write_text(text.replace("size_gib: 560", "size_gib: 900"), encoding="utf-8")
    assert run("place", stack, "--write").exit_code == 0
    assert config.load(stack).spool.mtas["mta-0"].host not in (None, placed.spool.mtas["mta-1"].host)
    assert [server.node for server in config.load(stack).servers if server.name != "mta-0"] == [server.node for server in placed.servers]


def _without_host(node: Node) -> Node:
    return node.model_copy(update={"host": None})


def test_what_check_refuses_beside_luns_is_said_at_once(stack: Path) -> None:
    text = stack.read_text(encoding="utf-8")
    third = "scanner-1: { address: 192.0.2.21, lun: mail-iscsi }\n      scanner-3: { address: 192.0.2.23 }"
    text = text.replace("scanner-1: { address: 192.0.2.21, lun: mail-iscsi }", third).replace("size_gib: 150", "size_gib: 300")
    stack.write_text(text, encoding="utf-8")
    result = run("place", stack, "--write")
    assert result.exit_code == 0
    assert "mailstead check will still refuse: vsphere.hosts: 3 hosts can keep 3 scanner servers apart" in result.output
    assert run("check", stack).exit_code == 1


def test_without_room_it_is_said_by_line_and_nothing_is_written(stack: Path) -> None:
    stack.write_text(stack.read_text(encoding="utf-8").replace("size_gib: 560", "size_gib: 90"), encoding="utf-8")
    before = stack.read_bytes()
    result = run("place", stack, "--write")
    assert result.exit_code == 1
    assert "2 servers without a LUN don't fit on those there are: " in result.output
    assert f"{stack}:" in result.output.replace("\n", "")
    assert stack.read_bytes() == before


def test_what_no_line_can_be_added_to_is_left_as_it_was(stack: Path) -> None:
    text = stack.read_text(encoding="utf-8").replace(
        "scanner-2: { address: 192.0.2.22 }", "scanner-2:\n        ? address\n        : 192.0.2.22"
    )
    stack.write_text(text, encoding="utf-8")
    result = run("place", stack, "--write")
    assert (result.exit_code, "gateway.scanners.scanner-2.lun: mail-fc can't be written" in result.output) == (1, True)
    assert stack.read_text(encoding="utf-8") == text
    assert [path.name for path in stack.parent.iterdir()] == [stack.name]


def test_a_file_that_is_no_stack_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "Pulumi.broken.yaml"
    broken.write_text("config: [", encoding="utf-8")
    result = run("place", broken, "--write")
    assert result.exit_code == 1
    assert "can't be read as YAML" in result.output
    assert broken.read_text(encoding="utf-8") == "config: ["


def test_a_link_to_a_stack_stays_a_link(stack: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "real.yaml"
    target.parent.mkdir()
    shutil.move(stack, target)
    stack.symlink_to(target)
    assert run("place", stack, "--write", "--luns-only").exit_code == 0
    assert stack.is_symlink()
    assert config.load(target) == config.load(DEMO)


def test_losses_as_text_and_as_data() -> None:
    text = run("plan", "campus", "--losses").output
    assert "fabric iscsi" in text
    assert "Virtual machines" not in text
    assert "When one thing is lost" in run("plan", "campus").output
    found = json.loads(run("plan", "campus", "--losses", "--json").output)
    assert found["losses"] == json.loads(run("plan", "campus", "--json").output)["losses"]
    assert [loss["domain"] for loss in found["losses"]] == ["host", *["datastore"] * 6, "fabric", "fabric"]


def test_losses_name_every_host_once_vms_are_assigned(stack: Path) -> None:
    assert "any one of 3 hosts" in run("plan", "demo", "--losses").output
    assert run("place", stack, "--write").exit_code == 0
    text = " ".join(run("plan", stack, "--losses").output.split())
    assert "any one of 3 hosts" in text
    assert [f"host esx-{n}.demo.example" in text for n in (1, 2, 3)] == [True] * 3
    assert "DRS may have moved them since, within the rules" in text
    assert "esx-1.demo.example" in run("plan", stack).output
    stack.write_text(stack.read_text(encoding="utf-8").replace("cluster: mail\n", "cluster: mail\n    drs: false\n"), encoding="utf-8")
    text = run("plan", stack).output
    assert "any one of" not in text
    assert "host esx-1.demo.example" in text
    assert "Kept on different hosts, by where the stack puts them" in text
