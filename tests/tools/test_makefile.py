"""What a person types: `make` asks for what it needs before it does anything, hands on what is typed, and points at the pages."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = {"PULUMI_CONFIG_PASSPHRASE": "secret", "VSPHERE_SERVER": "vcenter", "VSPHERE_USER": "me", "VSPHERE_PASSWORD": "secret"}


def make(*words: str, folder: Path = ROOT, variables: Mapping[str, str] = MappingProxyType({})) -> subprocess.CompletedProcess[str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "VSPHERE_", "MAKE", "STACK", "ARGS"))}
    return subprocess.run(["make", *words], cwd=folder, env=own | dict(variables), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", ["preview", "up", "destroy", "pulumi"])
def test_make_asks_before_it_does_anything(target: str, tmp_path: Path) -> None:
    """In a folder that has nothing but these files: set-up would fail there, and is not begun."""
    for name in ("Makefile", "tools/ready.py", "stacks/Pulumi.campus.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for words in ((), ("STACK=campus",)):
        done = make(target, *words, folder=tmp_path, variables={"HOME": str(tmp_path)})
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"make {target}: {'not set' if words else 'which stack?'}")


def test_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = text.partition(".PHONY:")[2].splitlines()[0].split()
    listed = [line.split()[0] for line in make("help").stdout.splitlines()]
    assert listed == phony
    assert listed == re.findall(r"^([a-z]+):(?!=)", text, re.MULTILINE)


def with_engine(folder: Path, script: str, *words: str, mailstead: str = "exit 0") -> subprocess.CompletedProcess[str]:
    """Run make for the demo with a stand-in for the engine, and for what set-up has made."""
    for name, text in {"pulumi": f'[ "$1" = whoami ] || [ "$2" = select ] || {script}', "mailstead": mailstead}.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    own = ["SETUP=true", f"BIN={folder}", f"PATH={folder}:{os.environ['PATH']}", "STACK=demo"]
    return make(*words, *own, variables=NEEDED)


@pytest.mark.parametrize(
    "given", ["stack --show-ids", "state unprotect urn:pulumi:s::p::a:b:C$d:e:F::n", "config set k 'two words'", 'x "$HOME" $(pwd) *']
)
def test_arguments_reach_pulumi_as_they_are_typed(given: str, tmp_path: Path) -> None:
    """Dollar signs, quotes and stars: neither make nor the shell makes anything of them."""
    done = with_engine(tmp_path, 'for word in "$@"; do echo "<$word>"; done', "pulumi", f"ARGS={given}")
    assert done.stdout.splitlines() == [f"<{word}>" for word in (*shlex.split(given), "--stack", "demo")], done.stderr


@pytest.mark.parametrize(("target", "page"), [("up", "docs/interrupted.md"), ("up", "docs/edits.md"), ("destroy", "docs/edits.md")])
def test_what_the_engine_refuses_is_explained_by_a_page(target: str, page: str, tmp_path: Path) -> None:
    done = with_engine(tmp_path, "exit 255", target)
    assert done.returncode == 2
    assert page in done.stderr
    assert (ROOT / page).is_file()


@pytest.mark.parametrize(("verdict", "applied"), [(0, True), (2, True), (3, False), (1, False)])
def test_up_applies_only_what_the_review_lets_pass(verdict: int, applied: bool, tmp_path: Path) -> None:
    engine = f'echo "$@" >> {tmp_path}/calls; [ "$1" != preview ] || echo seen'
    reviewed = f'[ "$1" != review ] || {{ grep -q seen "$2" && exit {verdict}; }}'
    done = with_engine(tmp_path, f"{{ {engine}; }}", "up", "FLAGS=--yes --skip-preview --target urn", mailstead=reviewed)
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert "preview --stack demo --json --show-sames --target urn" in calls
    assert ("up --stack demo --yes --skip-preview --target urn" in calls) is applied
    assert (done.returncode == 0) is applied
    assert ("docs/review.md" in done.stderr) is not applied


def test_after_a_destroy_it_is_said_what_the_engine_s_advice_would_delete(tmp_path: Path) -> None:
    done = with_engine(tmp_path, "exit 0", "destroy")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("stacks/Pulumi.demo.yaml stays.")
    assert "--preserve-config" in (ROOT / "docs" / "stack.md").read_text(encoding="utf-8")
