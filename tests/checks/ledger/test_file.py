"""Ledgers as files: whole or not at all, and every way in which one can be no ledger."""

import os
from pathlib import Path
from typing import Any

import pytest

import checks.ledger.file as files
from checks.ledger.file import load, others, store
from checks.ledger.identity import LedgerVm, record
from config import Problem, Refused
from tests.checks.looks import world

LEDGER = record(world(), "vcenter-1", None)


def refused(path: Path) -> Problem:
    with pytest.raises(Refused) as info:
        load(path)
    (problem,) = info.value.problems
    assert (problem.path, problem.value) == ("(ledger)", str(path))
    return problem


def test_what_is_stored_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "campus.json"
    assert load(path) is None
    store(path, LEDGER, None)
    assert load(path) == LEDGER
    newer = LEDGER.model_copy(update={"serial": 2})
    store(path, newer, LEDGER)
    assert load(path) == newer
    assert [f.name for f in path.parent.iterdir() if not f.name.startswith(".")] == ["campus.json"]


def test_who_has_not_read_what_is_there_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "campus.json"
    store(path, LEDGER, None)
    newer = LEDGER.model_copy(update={"serial": 2})
    for last in (None, newer):
        with pytest.raises(Refused, match="written by somebody else meanwhile"):
            store(path, newer, last)
    assert load(path) == LEDGER


def test_a_write_that_fails_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "campus.json"
    store(path, LEDGER, None)

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="No space left on device"):
        store(path, LEDGER.model_copy(update={"serial": 2}), LEDGER)
    assert load(path) == LEDGER


TEXT = LEDGER.model_dump_json(indent=1)
BAD = {
    "cut": (TEXT[: len(TEXT) // 2], "is no ledger"),
    "empty": ("", "is no ledger"),
    "list": ("[]", "is no ledger"),
    "merged": (f"<<<<<<< ours\n{TEXT}\n=======\n{TEXT}\n>>>>>>> theirs\n", "a merge could not make one (line 1)"),
    "format": (TEXT.replace('"format": 1', '"format": 2'), "another format than 1"),
    "key": (TEXT.replace('"serial"', '"cereal"'), "is no ledger (serial: Field required)"),
    "number": (TEXT.replace('"serial": 1', '"serial": "one"'), "is no ledger (serial:"),
}


@pytest.mark.parametrize(("text", "rule"), BAD.values(), ids=BAD)
def test_what_is_no_ledger_is_said_and_left(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "campus.json"
    path.write_text(text, encoding="utf-8")
    assert rule in refused(path).rule
    assert path.read_text(encoding="utf-8") == text


FIRST = LEDGER.vms[0]
AGAIN = FIRST.disks[0]
TWICE = {
    f"the VM {FIRST.name}": [FIRST, FIRST.model_copy(update={"instance_uuid": "other", "disks": ()})],
    f"the instance {FIRST.instance_uuid}": [FIRST, FIRST.model_copy(update={"name": "other", "disks": ()})],
    f"the disk {FIRST.name}/{AGAIN.label}": [FIRST.model_copy(update={"disks": (AGAIN, AGAIN.model_copy(update={"unit": 9}))})],
    f"unit {AGAIN.unit} of {FIRST.name}": [FIRST.model_copy(update={"disks": (AGAIN, AGAIN.model_copy(update={"label": "other"}))})],
}


@pytest.mark.parametrize(("what", "vms"), TWICE.items(), ids=TWICE)
def test_what_a_ledger_says_twice_is_refused(tmp_path: Path, what: str, vms: list[LedgerVm]) -> None:
    path = tmp_path / "campus.json"
    path.write_text(LEDGER.model_copy(update={"vms": tuple(vms)}).model_dump_json(), encoding="utf-8")
    with pytest.raises(Refused) as info:
        load(path)
    assert f"has {what} twice" in {p.rule.partition(":")[0] for p in info.value.problems}


def test_vms_of_which_no_instance_is_known_are_not_the_same(tmp_path: Path) -> None:
    path = tmp_path / "campus.json"
    unknown = LEDGER.model_copy(update={"vms": tuple(vm.model_copy(update={"instance_uuid": ""}) for vm in LEDGER.vms)})
    path.write_text(unknown.model_dump_json(), encoding="utf-8")
    assert load(path) == unknown


def test_the_ledger_of_another_site_is_refused_where_one_s_own_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "campus.json"
    store(path, LEDGER, None)
    assert load(path, "campus") == load(path) == LEDGER
    with pytest.raises(Refused, match="is the ledger of campus, not of lab"):
        load(path, "lab")


def test_binaries_folders_and_monsters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert refused(path).rule == "is no text"
    assert "can't be read" in refused(tmp_path).rule
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(files, "MAX_BYTES", len(TEXT))
    assert load(path) == LEDGER
    monkeypatch.setattr(files, "MAX_BYTES", len(TEXT) - 1)
    assert "larger than any ledger" in refused(path).rule


def test_the_other_ledgers_of_a_folder(tmp_path: Path) -> None:
    own = tmp_path / "campus.json"
    for name in ("campus.json", "lab.json"):
        store(tmp_path / name, LEDGER, None)
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("{}", encoding="utf-8")
    found, wrong = others(own)
    assert found == {"lab.json": LEDGER}
    assert [p.value for p in wrong] == [str(tmp_path / "notes.json")]
