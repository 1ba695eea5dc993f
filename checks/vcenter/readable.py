"""Objects of which something may not be read: refused where they are needed, or where nobody can tell whether they are."""

from collections.abc import Container, Mapping
from types import MappingProxyType

from checks.vcenter import facts
from checks.vcenter.credentials import Credentials
from checks.vcenter.faults import unreadable
from checks.vcenter.session import Found
from checks.vcenter.untyped import vim
from config import Refused

_TELLING = frozenset({"name", "parent"})  # properties that say which object it is: what can't be told is taken to be needed


def readable(found: list[Found], login: Credentials, needed: Container[str]) -> list[Found]:
    """What can be read in full.

    Raises:
        Refused: something may not be read of an object of a needed name, of a VM folder, or of what can't be told from one.
    """
    problems = [unreadable(one.denied, facts.name(one) or one.id, login) for one in found if one.denied and _decides(one, needed)]
    if problems:
        raise Refused(problems)
    return [one for one in found if not one.denied]


def whole(found: list[Found], login: Credentials, called: Mapping[str, str] = MappingProxyType({})) -> list[Found]:
    """Objects of which all can be read; `called` are the names of some, by id.

    Raises:
        Refused: something may not be read.
    """
    denied = [unreadable(one.denied, called.get(one.id) or facts.name(one), login) for one in found if one.denied]
    if denied:
        raise Refused(denied)
    return found


def _decides(one: Found, needed: Container[str]) -> bool:
    return bool(_TELLING & {*one.denied}) or one.is_a(vim.Folder) or facts.name(one) in needed
