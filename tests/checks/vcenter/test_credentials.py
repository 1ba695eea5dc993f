"""Where the login comes from, and what is said when it is not there; the password is never shown."""

from collections.abc import Mapping

import pytest

from checks import credentials
from config import Problem, Refused

CONFIG = {"vsphereServer": "vc.example", "user": "me", "password": "p&<ss", "allowUnverifiedSsl": "true"}
ENVIRONMENT = {
    "VSPHERE_SERVER": "192.0.2.5:8443",
    "VSPHERE_USER": "you",
    "VSPHERE_PASSWORD": "other",
    "VSPHERE_ALLOW_UNVERIFIED_SSL": "0",
}


def refused(config: Mapping[str, str], environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems of a login."""
    with pytest.raises(Refused) as info:
        credentials(config, environment)
    return info.value.problems


def test_the_stacks_own_keys_come_first() -> None:
    login = credentials(CONFIG, ENVIRONMENT)
    assert (login.server, login.user, login.password.get_secret_value(), login.allow_unverified_ssl) == ("vc.example", "me", "p&<ss", True)


def test_the_environment_fills_what_the_stack_leaves_out() -> None:
    login = credentials({"user": "me", "password": ""}, ENVIRONMENT)
    assert (login.server, login.user, login.password.get_secret_value(), login.allow_unverified_ssl) == (
        "192.0.2.5:8443", "me", "other", False,
    )  # fmt: skip


def test_certificates_are_verified_unless_told_otherwise() -> None:
    assert not credentials({k: v for k, v in CONFIG.items() if k != "allowUnverifiedSsl"}, {}).allow_unverified_ssl


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [
        ("vc.example", "vc.example", 443),
        ("vc.example:8443", "vc.example", 8443),
        ("192.0.2.5:1", "192.0.2.5", 1),
        ("[2001:db8::5]:65535", "2001:db8::5", 65535),
        ("[2001:db8::5]", "2001:db8::5", 443),
    ],
)
def test_host_and_port(server: str, host: str, port: int) -> None:
    login = credentials(CONFIG | {"vsphereServer": server}, {})
    assert (login.host, login.port) == (host, port)


LONG = "x" * 63


@pytest.mark.parametrize("server", [
    "https://vc.example/sdk", "vc.example:0", "vc.example:65536", "vc.example:x", "two hosts", "vc/sdk", "vc\n",
    "vc..example", ".example", "..", f"{LONG}x.example", f"vc.{LONG}x",
])  # fmt: skip
def test_a_server_that_is_no_server(server: str) -> None:
    (problem,) = refused(CONFIG | {"vsphereServer": server}, {})
    assert (problem.path, problem.value) == ("vsphere:vsphereServer", "this value")


@pytest.mark.parametrize("server", ["vc.example.", f"{LONG}.example", "vc", "vc-1_a.example"])
def test_a_server_whose_name_dns_can_have(server: str) -> None:
    assert credentials(CONFIG | {"vsphereServer": server}, {}).host == server
    assert server.encode("idna"), "what a socket does with the name"


@pytest.mark.parametrize("key", ["user", "password"])
@pytest.mark.parametrize("extra", ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\udcff", "\ufffe"])
def test_what_no_login_can_have_is_said_before_vcenter_is_asked(key: str, extra: str) -> None:
    """XML can't carry most of it, and the provider sends it as it is."""
    (problem,) = refused(CONFIG | {key: f"secret{extra}word"}, {})
    assert (problem.path, problem.value) == (f"vsphere:{key}", "this value")
    assert problem.remedy.startswith("run: make pulumi STACK=NAME ARGS='config set ")
    assert "secret" not in str(problem).replace("--secret", "")


def test_a_password_of_all_else_is_a_password() -> None:
    odd = "pÄ 文 😀 <&>'\"\\"
    assert credentials(CONFIG | {"password": odd}, {}).password.get_secret_value() == odd


def test_all_that_is_missing_is_said_at_once_with_the_command_that_sets_it() -> None:
    problems = refused({}, {})
    assert [p.path for p in problems] == ["vsphere:password", "vsphere:user", "vsphere:vsphereServer"]
    assert problems[0].remedy == "run: make pulumi STACK=NAME ARGS='config set --secret vsphere:password'"
    assert "VSPHERE_PASSWORD" in problems[0].rule


def test_a_flag_that_is_neither_yes_nor_no() -> None:
    (problem,) = refused(CONFIG | {"allowUnverifiedSsl": "maybe"}, {})
    assert (problem.path, problem.value) == ("vsphere:allowUnverifiedSsl", "this value")


@pytest.mark.parametrize("server", ["me:Geheim", "me:Geheim@vc.example", "Geheim@vc.example", "https://me:Geheim@vc.example", "Geheim&"])
def test_a_password_in_the_wrong_place_is_not_shown(server: str) -> None:
    problems = refused(CONFIG | {"vsphereServer": server, "allowUnverifiedSsl": "Geheim"}, {})
    assert len(problems) == 2
    assert "Geheim" not in "\n".join(map(str, problems))


def test_the_password_is_not_in_any_text() -> None:
    login = credentials(CONFIG, {})
    assert "p&<ss" not in f"{login} {login!r} {vars(login)}"
    problems = refused(CONFIG | {"vsphereServer": "me:p&<ss@vc.example", "allowUnverifiedSsl": "p"}, {})
    assert "p&<ss" not in "\n".join(map(str, problems))
