"""Who logs in where: the provider's own configuration keys and environment variables, so that one setting serves both."""

import re
from collections.abc import Mapping
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
COMMANDS = {
    SERVER: "pulumi config set vsphere:vsphereServer vcenter.campus.example",
    USER: "pulumi config set vsphere:user mailstead@vsphere.local",
    PASSWORD: "pulumi config set --secret vsphere:password",
    UNVERIFIED: "pulumi config set vsphere:allowUnverifiedSsl false",
}
_SERVER = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(:(?P<port>[0-9]{1,5}))?")
_HTTPS = 443
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


def credentials(config: Mapping[str, str], environment: Mapping[str, str]) -> Credentials:
    """The login from Pulumi's `vsphere:` keys (given without that prefix, secrets in clear), else from VSPHERE_… variables.

    Raises:
        Refused: something is missing or malformed; names the command that sets it, never the password.
    """
    given = {key: config.get(key) or environment.get(variable, "") for key, variable in _VARIABLES.items()}
    found = [
        Problem(f"vsphere:{key}", "nothing", f"is given, nor in {_VARIABLES[key]}", f"run: {COMMANDS[key]}")
        for key in (SERVER, USER, PASSWORD)
        if not given[key]
    ]
    match = _SERVER.fullmatch(given[SERVER])
    if given[SERVER] and not (match and 0 < int(match["port"] or _HTTPS) < 2**16):
        rule = "is not a host name or address with an optional port"
        found.append(Problem(f"vsphere:{SERVER}", _safe(given[SERVER]), rule, "write for example vcenter.campus.example or 192.0.2.5:8443"))
    if given[UNVERIFIED] not in {"", *_YES, *_NO}:
        found.append(Problem(f"vsphere:{UNVERIFIED}", given[UNVERIFIED], "is not a yes or a no", "write true or false"))
    if found:
        raise Refused(found)
    return Credentials(given[SERVER], given[USER], SecretStr(given[PASSWORD]), given[UNVERIFIED] in _YES)


def _safe(server: str) -> str:
    """The text without what stands before an @, which may be a password."""
    return server.rpartition("@")[2]
