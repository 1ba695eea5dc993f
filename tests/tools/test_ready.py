"""What a person must give before `make` begins: everything that is missing at once, and nothing that is not needed."""

import ast
from pathlib import Path

import pytest

from tools import ready

PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "secret"}
LOGIN = {"VSPHERE_SERVER": "vcenter", "VSPHERE_USER": "me", "VSPHERE_PASSWORD": "secret"}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """The file of the stack `campus`, one of two in a checkout."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.test.yaml").touch()
    file = tmp_path / "stacks" / "Pulumi.campus.yaml"
    file.write_text("config:\n  mailstead:vsphere: { datacenter: dc }\n", encoding="utf-8")
    return file


def named(lines: list[str]) -> list[str]:
    """The settings that are said to be missing."""
    return [line.strip().partition(":")[0] for line in lines if line.startswith("  ")]


def missing(command: str, stack: Path, environment: dict[str, str]) -> list[str]:
    return named(ready.missing(command, "campus", {"HOME": str(stack.parent)} | environment, stack.parents[1]))


@pytest.mark.parametrize("command", ["preview", "up", "destroy", "pulumi"])
@pytest.mark.parametrize(("name", "said"), [("", "which stack?"), ("nowhere", "there is no stack named 'nowhere'")])
def test_without_a_stack_the_known_ones_are_listed(command: str, name: str, said: str, stack: Path) -> None:
    lines = ready.missing(command, name, {}, stack.parents[1])
    assert lines[0].startswith(f"make {command}: {said}")
    assert "The stacks are: campus, test (" in lines[1]


def test_all_that_is_missing_is_said_at_once(stack: Path) -> None:
    assert missing("up", stack, {}) == ["PULUMI_CONFIG_PASSPHRASE", *LOGIN]
    assert missing("preview", stack, PASSPHRASE | {"VSPHERE_USER": ""}) == list(LOGIN)
    assert missing("up", stack, LOGIN) == ["PULUMI_CONFIG_PASSPHRASE"]
    assert missing("up", stack, PASSPHRASE | LOGIN) == []


def test_who_only_reads_the_state_needs_no_login(stack: Path) -> None:
    assert missing("destroy", stack, PASSPHRASE) == []
    assert missing("destroy", stack, LOGIN) == ["PULUMI_CONFIG_PASSPHRASE"]


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_what_the_stack_file_says_is_not_asked_for(stack: Path, quote: str) -> None:
    """A secret too: it is under `secure:` below its key. Another key of that name, or a comment, is none."""
    with stack.open("a", encoding="utf-8") as file:
        file.write(f"  {quote}vsphere:user{quote}: me\n  vsphere:password:\n    secure: v1:x\n  # vsphere:vsphereServer: x\n")
    assert missing("up", stack, PASSPHRASE) == ["VSPHERE_SERVER"]


@pytest.mark.parametrize(
    ("environment", "text", "asked"),
    [
        ({"PULUMI_CONFIG_PASSPHRASE": ""}, "", False),  # the engine takes it for an empty passphrase
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "file"}, "", False),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": ""}, "", True),
        ({}, "secretsprovider: awskms://alias/mail\n", False),
        ({}, "secretsprovider: passphrase\n", True),
        ({"PULUMI_BACKEND_URL": "https://pulumi.example"}, "", False),
        ({"PULUMI_BACKEND_URL": "file:///srv/state"}, "", True),
        ({"PULUMI_BACKEND_URL": "file:///srv/state", "PULUMI_ACCESS_TOKEN": "x"}, "", True),
        ({"PULUMI_ACCESS_TOKEN": "x"}, "", False),
    ],
)
def test_a_passphrase_is_asked_for_only_where_one_keeps_the_secrets(
    environment: dict[str, str], text: str, asked: bool, stack: Path
) -> None:
    with stack.open("a", encoding="utf-8") as file:
        file.write(text)
    assert missing("up", stack, LOGIN | environment) == (["PULUMI_CONFIG_PASSPHRASE"] if asked else [])


@pytest.mark.parametrize(
    ("text", "asked"),
    [('{"current": "https://api.pulumi.example"}', False), ('{"current": "file://~"}', True), ("{", True), ("[]", True)],
)
def test_where_one_is_logged_in_is_looked_up(text: str, asked: bool, stack: Path) -> None:
    (stack.parent / ".pulumi").mkdir()
    (stack.parent / ".pulumi" / "credentials.json").write_text(text, encoding="utf-8")
    assert missing("up", stack, LOGIN) == (["PULUMI_CONFIG_PASSPHRASE"] if asked else [])


@pytest.mark.parametrize(
    ("arguments", "asked"), [("", True), ("  ", True), ("stack 'x", True), ("cancel", False), ("state unprotect 'urn:a$b c'", False)]
)
def test_pulumi_is_told_what_to_do(arguments: str, asked: bool, stack: Path) -> None:
    assert missing("pulumi", stack, PASSPHRASE | {ready.ARGUMENTS: arguments}) == (["ARGS"] if asked else [])


def test_an_older_python_can_read_it() -> None:
    ast.parse(Path(ready.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))
