"""The real programs that system tests need; without one a test is skipped, with the reason, and fails where CI is set."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

CHECKOUT = Path(__file__).parents[2]
PLACES = (str(CHECKOUT / ".tools" / "bin"), os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin")


def program(name: str, package: str) -> str:
    """The path of a program; skips the test where it is missing, and says which Debian package has it."""
    found = shutil.which(name, path=os.pathsep.join(PLACES))
    return found or unavailable(f"{name} is not installed (Debian package {package})")


def unavailable(reason: str) -> NoReturn:
    """Skip the running test for this reason, or fail it where CI is set: there nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
