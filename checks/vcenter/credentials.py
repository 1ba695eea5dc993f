"""Who logs in where: the provider's own configuration keys and environment variables, so that one setting serves both."""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from config import Problem, Refused

SERVER, USER, PASSWORD, UNVERIFIED = "vsphereServer", "user", "password", "allowUnverifiedSsl"
_VARIABLES = {
    SERVER: "VSPHERE_SERVER",
    USER: "VSPHERE_USER",
    PASSWORD: "VSPHERE_PASSWORD",
    UNVERIFIED: "VSPHERE_ALLOW_UNVERIFIED_SSL",
}
_SET = "make pulumi STACK=NAME ARGS='config set {}'"  # with the engine, the backend and the stack that make uses
COMMANDS = {
    SERVER: _SET.format("vsphere:vsphereServer vcenter.campus.example"),
    USER: _SET.format("vsphere:user mailstead@vsphere.local"),
    PASSWORD: _SET.format("--secret vsphere:password"),
    UNVERIFIED: _SET.format("vsphere:allowUnverifiedSsl false"),
}
_SERVER = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(:(?P<port>[0-9]{1,5}))?")
_HTTPS = 443
_MAX_LABEL = 63  # characters between two dots of a name; RFC 1035, 2.3.4
_UNSENT = frozenset({"Cc", "Cs"})  # categories of control characters and of halves of characters: no login has them, nor XML 1.0, 2.2
_NONE = frozenset("\ufffe\uffff")  # code points that are no characters; XML 1.0, 2.2
# What the provider takes for a yes or a no: Go, strconv.ParseBool.
_YES, _NO = frozenset({"1", "t", "T", "TRUE", "true", "True"}), frozenset({"0", "f", "F", "FALSE", "false", "False"})


@dataclass(frozen=True)
class Credentials:
    """A login at a vCenter. Its text never shows the password."""

    server: str
    """Host name or address, with `:port` if it is not 443."""
    user: str
    password: SecretStr
    allow_unverified_ssl: bool

    @property
    def host(self) -> str:
        """The server without its port; an IPv6 address without brackets."""
        match = _SERVER.fullmatch(self.server)
        return match["host"].strip("[]") if match else self.server

    @property
    def port(self) -> int:
        """The server's port."""
        match = _SERVER.fullmatch(self.server)
        return int(match["port"] or _HTTPS) if match else _HTTPS


def credentials(config: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> Credentials:
    """The login from Pulumi's `vsphere:` keys (given without that prefix, secrets in clear), else from VSPHERE_… variables.

    Raises:
        Refused: something is missing or malformed; names the command that sets it. A malformed value is never shown: it
            may be a password in the wrong place.
    """
    given = {key: config.get(key) or environment.get(variable, "") for key, variable in _VARIABLES.items()}
    found = [
        Problem(f"vsphere:{key}", "nothing", f"is given, nor in {_VARIABLES[key]}", f"run: {COMMANDS[key]}")
        for key in (SERVER, USER, PASSWORD)
        if not given[key]
    ]
    found += _malformed(given)
    if found:
        raise Refused(found)
    return Credentials(given[SERVER], given[USER], SecretStr(given[PASSWORD]), given[UNVERIFIED] in _YES)


def _malformed(given: Mapping[str, str]) -> Iterator[Problem]:
    if given[SERVER] and not _is_server(given[SERVER]):
        rule = "is not a host name or address with an optional port"
        yield Problem(f"vsphere:{SERVER}", "this value", rule, "write for example vcenter.campus.example or 192.0.2.5:8443")
    for key in (USER, PASSWORD):
        if any(unicodedata.category(character) in _UNSENT or character in _NONE for character in given[key]):
            rule = "has a line break or another character in it that no login can have"
            yield Problem(f"vsphere:{key}", "this value", rule, f"run: {COMMANDS[key]}")
    if given[UNVERIFIED] not in {"", *_YES, *_NO}:
        yield Problem(f"vsphere:{UNVERIFIED}", "this value", "is not a yes or a no", "write true or false")


def _is_server(text: str) -> bool:
    match = _SERVER.fullmatch(text)
    if not match or not 0 < int(match["port"] or _HTTPS) < 2**16:
        return False
    labels = match["host"].removesuffix(".").split(".")
    return match["host"].startswith("[") or all(0 < len(label) <= _MAX_LABEL for label in labels)  # else IDNA refuses the name
