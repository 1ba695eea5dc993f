"""Executables built from the Go modules in `tools/`, kept in the cache under a hash of all that decides them."""

import collections
import hashlib
import platform
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import golang, paths
from tools.chain import Choice, Found, Missing, NotOpen
from tools.progress import console, step

DEADLINE_SECONDS = 40 * 60  # six times the longest build seen on 2 cores: only a hang reaches it


@dataclass(frozen=True)
class GoBuild:
    """One executable: the module folder it comes from, what in it to build, and what that costs."""

    folder: Path
    package: str
    executable: str
    version: str
    disk_gib: float
    usual: str
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def linker_flags(self) -> str:
        """No debug tables (a third of the size), and the values that the program's own release build stamps in."""
        return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in self.variables)])

    def key(self) -> str:
        """A hash over the sources, the recipe and the platform: equal keys mean equal executables."""
        recipe = (self.package, self.linker_flags, platform.system(), platform.machine())
        total = hashlib.sha256("\0".join(recipe).encode())
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.name.endswith(("_test.go", ".md")):
                total.update(f"\0{path.relative_to(self.folder)}\0".encode() + path.read_bytes())
        return total.hexdigest()[:16]

    def target(self) -> Path:
        """The folder in the cache that holds this very build."""
        return paths.cache_dir() / "builds" / f"{self.folder.name}-{self.key()}"


def build(recipe: GoBuild, compiler: Choice | Missing) -> Found:
    """The executable from the cache, or built into it; NotOpen saying what stopped the build."""
    target = recipe.target()
    why = "built before from the same sources"
    waiting = f"Waiting for another set-up that builds {recipe.executable} …"
    with paths.lock(paths.cache_dir() / "locks" / f"{target.name}.lock", lambda: console.print(waiting)):
        if not target.exists():
            go = golang.Go(compiler)
            for folder in (paths.cache_dir(), *go.cache_folders()):
                golang.need_space(folder, recipe.disk_gib, "the build")
            title = f"Building {recipe.executable} {recipe.version} (usually {recipe.usual})"
            with step(title) as note, paths.published(target) as staging:
                _compile(recipe, go, staging / recipe.executable, note)
            why = f"built with Go {go.version}"
    return Found(recipe.version, (target / recipe.executable,), why)


def _compile(recipe: GoBuild, go: golang.Go, output: Path, note: Callable[[str], None]) -> None:
    """Run `go build`, counting packages as they are done; NotOpen with the compiler's last lines when it fails."""
    command = [str(go.executable), "build", "-v", "-trimpath", "-buildvcs=false"]
    command += ["-ldflags", recipe.linker_flags, "-o", str(output), recipe.package]
    last: collections.deque[str] = collections.deque(maxlen=8)
    done = fetched = 0
    with subprocess.Popen(
        command, cwd=recipe.folder, env=go.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as child:
        watchdog = threading.Timer(DEADLINE_SECONDS, child.kill)
        watchdog.daemon = True
        watchdog.start()
        for line in child.stderr or ():
            last.append(line.strip())
            fetched += line.startswith("go: downloading")
            done += not line.startswith("go: ")
            note(f"{fetched} modules fetched, {done} packages compiled")
        watchdog.cancel()
    if child.returncode:
        raise NotOpen(f"go build failed: {' | '.join(last) or f'exit code {child.returncode}'}")
