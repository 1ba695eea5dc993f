"""The first half of set-up: a virtual environment from nothing but a bare python3, then `python -m tools.setup`.

Run it as `python3 tools/bootstrap.py`. Standard library only, and no syntax that Python 3.7 cannot read, so that an
older Python gets one clear line instead of a SyntaxError. It never touches a Python outside `.venv`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
CONSTRAINTS = "constraints.txt"
TOOLS_MISSING = 3  # the exit code of tools.setup when the venv is whole but not every tool could be had


class StepFailed(Exception):
    """A step ended with an error; its text is all that a person needs to see."""


def say(text: str, end: str = "\n") -> None:
    """Show a line at once, also where the output is a log."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def missing_python() -> str:
    """What this Python lacks to carry on, as one line for a person, or an empty string."""
    major, minor = sys.version_info[:2]
    here = f"Python {major}.{minor} ({sys.executable})"
    if (major, minor) < OLDEST:
        return f"Mailstead needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {here}."
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return f"{here} cannot make virtual environments. On Debian or Ubuntu: apt install python{major}.{minor}-venv"
    return ""


def run(what: str, *command: str | Path, cwd: Path) -> None:
    """Run one step, saying what it is and how long it took; raise StepFailed with its output when it fails."""
    say(f"{what} …", end=" " if sys.stdout.isatty() else "\n")
    started = time.monotonic()
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise StepFailed(f"{done.stdout.decode(errors='replace').rstrip()}\n{what}: failed (the reason is above).")
    say(f"done in {time.monotonic() - started:.0f} s")


class Venv:
    """`.venv` of a checkout and the two notes that say how far earlier runs got."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.installed = self.folder / "mailstead-installed"
        self.unfinished = root / ".tools" / "venv-unfinished"

    def is_sound(self) -> bool:
        """Whether there is a venv that no run left half-made and whose Python still starts and has pip."""
        if self.unfinished.exists() or not self.python.exists():
            return False
        probe = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST})"
        return subprocess.run([self.python, "-c", probe], stderr=subprocess.DEVNULL, check=False).returncode == 0

    def make(self) -> None:
        """Create the venv anew unless it is sound: pip would believe what a killed pip left behind to be whole."""
        if not self.is_sound():
            self.unfinished.touch()
            shutil.rmtree(self.folder, ignore_errors=True)
            run("Creating .venv", sys.executable, "-m", "venv", self.folder, cwd=self.root)
            self.unfinished.unlink()

    def install(self) -> None:
        """Bring in the pinned packages and this project itself, only when a file that names them has changed."""
        state = self.wanted()
        if self.installed.exists() and self.installed.read_text(encoding="ascii") == state:
            return
        self.unfinished.touch()
        try:
            self._pip()
        except StepFailed:
            self.unfinished.unlink()  # pip undoes what it could not finish, so this venv is as sound as before
            raise
        self.installed.write_text(state, encoding="ascii")
        self.unfinished.unlink()

    def wanted(self) -> str:
        """One hash over the files that say what to install; an absent file counts as empty."""
        total = hashlib.sha256()
        for name in (*REQUIREMENTS, CONSTRAINTS, "pyproject.toml"):
            path = self.root / name
            total.update(name.encode() + b"\0" + (path.read_bytes() if path.exists() else b""))
        return total.hexdigest()

    def _pip(self) -> None:
        pip = (self.python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet")
        files = [word for name in REQUIREMENTS for word in ("-r", name)]
        run("Installing Python packages", *pip, *files, "-c", CONSTRAINTS, cwd=self.root)
        if (self.root / "pyproject.toml").exists():
            run("Installing the mailstead command", *pip, "--no-deps", "--editable", self.root, cwd=self.root)


def main() -> int:
    """Make the venv, then hand over to `tools.setup` in it, all under one lock; return the exit code."""
    parser = argparse.ArgumentParser(description="Bring everything here that Mailstead needs; instant when it is here.")
    help_text = "exit with 0 when only the engine's tools are missing: what needs no engine works"
    parser.add_argument("--keep-going", action="store_true", help=help_text)
    keep_going = parser.parse_args().keep_going
    problem = missing_python()
    if problem:
        say(problem)
        return 1
    sys.path[0] = str(ROOT)
    from tools import paths  # noqa: PLC0415 (only a Python known to be new enough can read it)

    with paths.lock(paths.STATE / "setup.lock", lambda: say("Another set-up is at work here; waiting …")):
        venv = Venv()
        try:
            venv.make()
            venv.install()
        except StepFailed as failure:
            say(str(failure))
            return 1
        except OSError as error:  # a full disk, a folder that may not be written
            say(f"Set-up stopped: {error.filename or 'a file'}: {error.strerror}. Run it again when that is mended.")
            return 1
        code = subprocess.run([venv.python, "-m", "tools.setup"], cwd=ROOT, check=False).returncode
        return 0 if keep_going and code == TOOLS_MISSING else code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
