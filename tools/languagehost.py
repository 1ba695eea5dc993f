"""The Python language host: the official one beside its CLI, or Mailstead's own, started through a launcher.

Our host needs the virtual environment of its checkout, so it stays in the checkout; only the two scripts of Pulumi's SDK
that it hands programs to come from the cache that all checkouts share.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from tools import commands, golang, paths
from tools.chain import Choice, Found, Missing, NotOpen, Way
from tools.progress import console, step

SDK = "github.com/pulumi/pulumi/sdk/v3"
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
DOWNLOAD_SECONDS = 300


def bundled(cli: Choice | Missing, names: Sequence[str]) -> Found:
    """The host that came with an official CLI: beside its real file, or beside the name under which PATH has it."""
    if isinstance(cli, Missing) or cli.way == Way.BUILD:
        raise NotOpen("there is no official Pulumi CLI here")
    beside = Path(cli.path).resolve().parent
    found = tuple(beside / name for name in names)
    if not all(path.exists() for path in found):
        found = tuple(path for path in map(paths.which, names) if path is not None)
    if len(found) != len(names):
        raise NotOpen(f"{beside} does not have all of {', '.join(names)}")
    return Found(cli.version, found, "made for this very CLI")


def ours(module: Path, version: str, compiler: Choice | Missing) -> Found:
    """Mailstead's own host for CLIs that come without one."""
    folder = paths.cache_dir() / "builds" / f"{module.name}-{version}"
    waiting = "Waiting for another set-up that fetches Pulumi's Python scripts …"
    with paths.lock(paths.cache_dir() / "locks" / f"{folder.name}.lock", lambda: console.print(waiting)):
        if not folder.exists():
            go = golang.Go(compiler)
            with step(f"Fetching the scripts of Pulumi's Python SDK {version}"), paths.published(folder) as staging:
                _copy_scripts(go, module, staging)
    scripts = (folder / Path(script).name for script in SCRIPTS)
    return Found(version, (module / "pulumi-language-python", *scripts), "Mailstead's own, runs with this checkout's .venv")


def _copy_scripts(go: golang.Go, module: Path, target: Path) -> None:
    command = [str(go.executable), "mod", "download", "-json", SDK]
    answer = json.loads(commands.run(command, env=go.environment(), cwd=module, seconds=DOWNLOAD_SECONDS))
    for script in SCRIPTS:
        copy = target / Path(script).name
        shutil.copyfile(Path(answer["Dir"]) / script, copy)
        copy.chmod(0o755)
