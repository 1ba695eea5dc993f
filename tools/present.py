"""Tools that this machine already has: on PATH or among Pulumi's plugins, in a version that fits."""

import os
from pathlib import Path

from tools import commands, paths, versions
from tools.chain import Found, NotOpen


def on_path(program: str, option: str, wanted: str) -> Found:
    """A program on PATH whose `option` prints a fitting version."""
    path = paths.which(program)
    if path is None:
        raise NotOpen(f"no {program}")
    version = fitting(path, option, wanted)
    return Found(version, (path,), f"{version} fits the pinned {wanted}")


def in_plugin_folder(kind: str, program: str, wanted: str) -> Found:
    """The newest fitting plugin that the engine installed for this user before."""
    plugins = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    folders = [folder for folder in plugins.glob(f"{kind}-v*") if versions.fits(folder.name, wanted)]
    for folder in sorted(folders, key=lambda folder: versions.parse(folder.name) or (), reverse=True):
        if os.access(folder / program, os.X_OK):
            version = fitting(folder / program, "-version", wanted)
            return Found(version, (folder / program,), f"{version} fits the pinned {wanted}")
    raise NotOpen(f"none that fits {wanted} in {plugins}")


def fitting(program: Path, option: str, wanted: str) -> str:
    """The version that a program says it has; NotOpen when it says none or one that does not fit."""
    answer = commands.run([str(program), option], env={"PULUMI_SKIP_UPDATE_CHECK": "true"})
    found = versions.parse(answer)
    if found is None:
        raise NotOpen(f"{program} does not tell its version")
    version = ".".join(map(str, found))
    if not versions.fits(version, wanted):
        raise NotOpen(f"{program} is {version}; wanted: {wanted} or newer of the same major version")
    return version
