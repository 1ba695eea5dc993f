"""Turns what goes wrong between here and vCenter into problems that say what to do, without any secret."""

import socket
import ssl
from typing import Any

from checks.vcenter.credentials import COMMANDS, PASSWORD, SERVER, USER, Credentials
from checks.vcenter.untyped import vim, vmodl
from config import Problem

_READ_ONLY_ROLE = "give it the role Read-only on the vCenter, propagating to what is below"


def explained(error: Exception, login: Credentials) -> Problem:
    """The problem behind an error of the network, of TLS or of vCenter."""
    if isinstance(error, vim.fault.InvalidLogin):
        rule = f"is refused by {login.server}: user or password is wrong"
        return Problem(f"vsphere:{PASSWORD}", f"the password of {login.user}", rule, f"run: {COMMANDS[PASSWORD]}")
    if isinstance(error, vim.fault.NotAuthenticated):  # a kind of NoPermission to vSphere
        remedy = "run it again; if it happens often, see the vCenter's limit of idle time and of sessions"
        return Problem(f"vsphere:{SERVER}", login.server, "ended the session while it was being asked", remedy)
    if isinstance(error, vim.fault.NoPermission):
        return Problem(f"vsphere:{USER}", login.user, f"may not {_lacking(error)} on {login.server}", _READ_ONLY_ROLE)
    if isinstance(error, vmodl.fault.ManagedObjectNotFound):
        what = f"{error.obj._GetMoId()} went away" if error.obj else "something went away"
        rule = f"changed while it was being asked: {what} (ManagedObjectNotFound)"
        return Problem(f"vsphere:{SERVER}", login.server, rule, "run it again when nobody changes it")
    return Problem(f"vsphere:{SERVER}", login.server, *_server(error, login))


def _lacking(error: Any) -> str:
    """What the user may not do: by the privilege, where vCenter names it."""
    if not error.privilegeId:
        return "look around"
    where = f" on {error.object._GetMoId()}" if error.object else ""
    return f"do what needs the {lacking(error, '')}{where}"


def lacking(error: Any, otherwise: str) -> str:
    """The privilege that is missing, as vCenter names it, else the one that is known to be needed."""
    return f"privilege {error.privilegeId or otherwise}"


def unreadable(properties: tuple[str, ...], name: str, login: Credentials) -> Problem:
    """The problem that the user may not read something of an object."""
    return Problem(
        f"vsphere:{USER}", login.user, f"may not read {', '.join(properties)} of {name} (privilege System.Read)", _READ_ONLY_ROLE
    )


_SERVER: tuple[tuple[type[Exception], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "has a certificate that can't be verified ({error.verify_message})",
        "trust its authority on this machine, or, on a network that you trust, export VSPHERE_ALLOW_UNVERIFIED_SSL=true",
    ),
    (ssl.SSLError, "does not speak TLS on port {login.port}", "check the port"),
    (socket.gaierror, "is a name that can't be resolved", "check its spelling and this machine's DNS"),
    (TimeoutError, "does not answer in time", "check that it runs and that no firewall is between"),
    (ConnectionRefusedError, "refuses connections on port {login.port}", "check that vCenter runs, and its port"),
    (OSError, "can't be reached ({error})", "check the network between this machine and it"),
    (vmodl.MethodFault, "answers with a fault ({kind}: {error.msg})", "see its events; it must be vCenter 7.0 or later"),
    (Exception, "answers, but not as a vCenter does ({error})", "check host and port; a vCenter that starts needs some minutes"),
)
"""What is wrong with the server, by the error that shows it; the first that fits is meant."""


def _server(error: Exception, login: Credentials) -> tuple[str, str]:
    rule, remedy = next((rule, remedy) for kind, rule, remedy in _SERVER if isinstance(error, kind))
    return rule.format(error=error, login=login, kind=type(error).__name__.rpartition(".")[2]), remedy
