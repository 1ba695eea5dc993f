"""The page on vCenter names the privileges that the calls declare, and leaves out none of Mailstead's own calls."""

import re
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import pbm

from checks.vcenter.session import READ_ONLY
from checks.vcenter.untyped import vim

PAGE = Path(__file__).parents[1] / "docs" / "vcenter.md"
OF_ANYBODY = ("System.Anonymous", "System.View")  # what whoever is logged in and sees the object may do


def rows(text: str) -> list[tuple[str, list[str], str]]:
    """Of each row of the table of rights: the call, its privileges, and where they are from."""
    table = text.partition("<!-- rights -->\n")[2].partition("<!-- /rights -->")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table if line]
    return [(call.strip("`"), re.findall(r"`([\w.]+)`", privilege), source) for call, _, privilege, _, source in cells]


def declared(call: str) -> str | None:
    """The privilege that a call declares; a path from `vim`, or from `pbm` where it begins with it."""
    owner, _, method = call.rpartition(".")
    root: Any = pbm if owner.startswith("pbm.") else vim
    kind = reduce(getattr, owner.removeprefix("pbm.").split("."), root)
    privilege: str | None = getattr(kind, method).info.privId
    return privilege


ROWS = rows(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", [row for row in ROWS if row[0]], ids=lambda row: row[0])
def test_a_privilege_is_the_one_that_the_call_declares(row: tuple[str, list[str], str]) -> None:
    """Where it declares none, since it depends on what is asked, the page says where else it is from."""
    call, privileges, source = row
    found = declared(call)
    assert (found is not None) == (source == "API")
    if found is not None:
        assert privileges == [found]
    assert privileges


def test_mailstead_s_own_calls_need_what_the_page_says() -> None:
    every = (vim.ServiceInstance, vim.SessionManager, vim.view.ViewManager, vim.view.View, vim.host.StorageSystem)
    own = {info.wsdlName: info.privId for kind in every for info in kind._methodInfo.values() if info.wsdlName in READ_ONLY}
    assert len(own) >= 6
    named = {call.rpartition(".")[2] for call, _, _ in ROWS}
    assert {name for name, privilege in own.items() if privilege not in OF_ANYBODY} <= named


def test_a_wrong_privilege_would_be_found() -> None:
    page = "<!-- rights -->\n| call |\n|---|\n| `Folder.CreateFolder` | x | `Folder.Delete` | y | API |\n<!-- /rights -->\n"
    assert rows(page) == [("Folder.CreateFolder", ["Folder.Delete"], "API")]
    assert declared("Folder.CreateFolder") == "Folder.Create"
