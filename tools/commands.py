"""Running another program for its answer."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.chain import NotOpen

ANSWER_SECONDS = 60


def run(command: list[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None, seconds: float = ANSWER_SECONDS) -> str:
    """What a command prints on standard output, stripped; `env` is added to this process's environment.

    Raises NotOpen with the command's last word when it cannot be started, fails, or takes longer than `seconds`.
    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotOpen(f"{name} gave no answer within {seconds:g} s") from None
    except OSError as error:
        raise NotOpen(f"{name} cannot be started: {error.strerror}") from error
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        raise NotOpen(f"{name}: {words[-1]}")
    return done.stdout.strip()
