"""Python language host for the Pulumi engine, for machines that have the CLI but not the official release bundle.

The engine starts `pulumi-language-python ENGINE_ADDRESS` (which runs this file), reads a port from the first line of its
standard output, and speaks LanguageRuntime gRPC to it: run this program, which packages does it need, install them, stop.

Deliberately left to the official host: generating code (`pulumi convert`, `pulumi package add`), poetry and uv, and
debuggers. A program's virtual environment is the `virtualenv` option of Pulumi.yaml, as with the official host.
"""

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any

os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"  # only other programs are started from here, and gRPC warns about forks

import grpc
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import language_pb2 as messages
from pulumi.runtime.proto import language_pb2_grpc, plugin_pb2

ALREADY_REPORTED = 32  # the SDK's exit code for "the user has been told, just stop"
STOP_SECONDS = 3  # the engine kills the whole process group after 5
WATCH_SECONDS = 1

# Run by the program's own interpreter, whose packages these are.
ABOUT = "import json, platform, sys; print(json.dumps({'executable': sys.executable, 'version': platform.python_version()}))"
DEPENDENCIES = """
import json, re
from importlib import metadata
def plain(name): return re.sub(r'[-_.]+', '-', name).lower()
found = {plain(d.metadata['Name']): d for d in metadata.distributions()}
needed = {plain(re.match(r'[\\w.-]+', r)[0]) for d in found.values() for r in d.requires or () if not re.search(r'extra\\s*==', r)}
print(json.dumps([{'name': n, 'version': d.version, 'direct': n not in needed} for n, d in sorted(found.items())]))
"""
PACKAGES = """
import json
from importlib import metadata
for d in metadata.distributions():
    if any(r.startswith('pulumi') for r in d.requires or ()):
        for f in d.files or ():
            if f.name == 'pulumi-plugin.json':
                plugin = json.loads(f.read_text())
                if plugin.get('resource'):
                    name = plugin.get('name') or d.metadata['Name'].removeprefix('pulumi-').removeprefix('pulumi_')
                    plugin = {'name': name, 'version': plugin.get('version') or d.version, 'server': plugin.get('server', '')}
                    print(json.dumps(plugin))
"""


class Children:
    """The programs at work; all are stopped when the engine cancels, ends, or vanishes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self.stopped = threading.Event()

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a program in our own process group, so that the engine's last resort reaches it too."""
        with self._lock:
            if self.stopped.is_set():
                raise OSError("the language host is stopping")
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
            self._running.add(child)
            return child

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        """Its exit code, once it has ended."""
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        return code

    def stop(self) -> None:
        """Ask every program to end, and end those that do not."""
        with self._lock:
            self.stopped.set()
            running = list(self._running)
        for child in running:
            child.terminate()
        for child in running:
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def options_of(info: messages.ProgramInfo) -> Mapping[str, Any]:
    """The `runtime.options` of Pulumi.yaml."""
    found: Mapping[str, Any] = MessageToDict(info.options)
    return found


def venv_of(info: messages.ProgramInfo) -> Path | None:
    """The program's virtual environment, if Pulumi.yaml names one."""
    named = options_of(info).get("virtualenv")
    return Path(info.root_directory, named) if named else None


def interpreter(info: messages.ProgramInfo, context: grpc.ServicerContext) -> str:
    """The Python that runs the program; the call is refused with what to do when there is none."""
    toolchain = options_of(info).get("toolchain", "pip")
    if toolchain != "pip":
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"toolchain {toolchain!r} needs the official Pulumi release")
    venv = venv_of(info)
    if venv is None:
        return os.environ.get("PULUMI_PYTHON_CMD") or "python3"
    python = venv / "bin" / "python"
    if not python.exists():
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{venv} is not a virtual environment; run: pulumi install")
    return str(python)


def environment(info: messages.ProgramInfo, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program: its virtual environment activated, plus `extra`."""
    base = dict(os.environ)
    venv = venv_of(info)
    if venv:
        base.pop("PYTHONHOME", None)
        base |= {"VIRTUAL_ENV": str(venv), "PATH": f"{venv / 'bin'}{os.pathsep}{base.get('PATH', os.defpath)}"}
    return base | dict(extra)


def ask(python: str, script: str, context: grpc.ServicerContext) -> str:
    """What a short script prints in the program's interpreter."""
    try:
        done = subprocess.run([python, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{python}: {error.strerror}")
    if done.returncode:
        context.abort(grpc.StatusCode.INTERNAL, f"{python}: {done.stderr.strip()}")
    return done.stdout


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """The calls that the engine makes."""

    def __init__(self, engine: str, runner: str, children: Children) -> None:
        self.engine = engine
        self.runner = runner
        self.children = children

    def GetPluginInfo(self, _request: Any, _context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def About(self, request: messages.AboutRequest, context: grpc.ServicerContext) -> messages.AboutResponse:  # noqa: N802
        return messages.AboutResponse(**json.loads(ask(interpreter(request.info, context), ABOUT, context)))

    def GetProgramDependencies(  # noqa: N802
        self, request: messages.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> messages.GetProgramDependenciesResponse:
        found = json.loads(ask(interpreter(request.info, context), DEPENDENCIES, context))
        wanted = [entry for entry in found if request.transitiveDependencies or entry["direct"]]
        entries = [messages.DependencyInfo(name=entry["name"], version=entry["version"]) for entry in wanted]
        return messages.GetProgramDependenciesResponse(dependencies=entries)

    def GetRequiredPackages(  # noqa: N802
        self, request: messages.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> messages.GetRequiredPackagesResponse:
        lines = ask(interpreter(request.info, context), PACKAGES, context).splitlines()
        packages = [plugin_pb2.PackageDependency(kind="resource", **json.loads(line)) for line in lines]
        return messages.GetRequiredPackagesResponse(packages=packages)

    def InstallDependencies(  # noqa: N802
        self, request: messages.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[messages.InstallDependenciesResponse]:
        info = request.info
        venv = venv_of(info)
        steps = [[sys.executable, "-m", "venv", str(venv)]] if venv and not (venv / "bin" / "python").exists() else []
        python = str(venv / "bin" / "python") if venv else interpreter(info, context)
        if Path(info.program_directory, "requirements.txt").exists():
            steps.append([python, "-m", "pip", "install", "--disable-pip-version-check", "-r", "requirements.txt"])
        for step in steps:
            child = self._start(context, step, info.program_directory, environment(info, {}), piped=True)
            for name, chunk in streams(child):
                yield messages.InstallDependenciesResponse(**{name: chunk})
            if code := self.children.wait(child):
                context.abort(grpc.StatusCode.INTERNAL, f"{' '.join(step[:4])}: failed with exit code {code}")

    def Run(self, request: messages.RunRequest, context: grpc.ServicerContext) -> messages.RunResponse:  # noqa: N802
        if request.attach_debugger:
            return messages.RunResponse(error="attaching a debugger needs the official Pulumi release")
        info = request.info
        flags = {
            "--monitor": request.monitor_address,
            "--engine": self.engine,
            "--project": request.project,
            "--stack": request.stack,
            "--pwd": request.pwd,
            "--root_directory": info.root_directory,
            "--organization": request.organization,
            "--parallel": str(request.parallel),
            "--dry_run": "true" if request.dryRun else "",
        }
        words = [word for flag, value in flags.items() if value for word in (flag, value)]
        program = os.path.join(info.program_directory, info.entry_point or ".")  # noqa: PTH118 (keeps "DIR/." as it is)
        command = [interpreter(info, context), "-u", self.runner, *words, program, *request.args]
        config = {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        code = self.children.wait(self._start(context, command, request.pwd, environment(info, config)))
        if code == 0:
            return messages.RunResponse()
        if code == ALREADY_REPORTED or self.children.stopped.is_set():
            return messages.RunResponse(bail=True)
        return messages.RunResponse(error=f"Program exited with {'signal' if code < 0 else 'code'} {abs(code)}")

    def RunPlugin(  # noqa: N802
        self, request: messages.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[messages.RunPluginResponse]:
        """Run a policy pack (kind "analyzer") or another plugin that is a Python program; it ends when the engine hangs up."""
        info = request.info
        what = ["-m", "pulumi.policy", *request.args, info.program_directory]
        if request.kind != "analyzer":
            what = [info.program_directory, *request.args]
        extra = dict(entry.split("=", 1) for entry in request.env)
        command = [interpreter(info, context), "-u", *what]
        child = self._start(context, command, info.program_directory, environment(info, extra), piped=True)
        for name, chunk in streams(child):
            yield messages.RunPluginResponse(**{name: chunk})
        yield messages.RunPluginResponse(exitcode=self.children.wait(child))

    def Cancel(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.children.stop()
        return type(request)()  # an Empty for an Empty

    def _start(
        self, context: grpc.ServicerContext, command: list[str], cwd: str, env: dict[str, str], *, piped: bool = False
    ) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE if piped else None
        try:
            child = self.children.start(command, cwd=cwd, env=env, stdout=pipe, stderr=pipe)
        except OSError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{command[0]}: {error.strerror or error}")
            raise
        context.add_callback(child.terminate)  # the engine may hang up before the program has ended
        return child


def streams(child: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """What a program prints, as it comes: ("stdout" or "stderr", bytes), until it has closed both."""
    chunks: queue.Queue[tuple[str, bytes]] = queue.Queue()

    def pump(name: str, stream: Any) -> None:
        while chunk := stream.read1(1 << 16):
            chunks.put((name, chunk))
        chunks.put((name, b""))

    for name in ("stdout", "stderr"):
        threading.Thread(target=pump, args=(name, getattr(child, name)), daemon=True).start()
    still_open = 2
    while still_open:
        name, chunk = chunks.get()
        if chunk:
            yield name, chunk
        else:
            still_open -= 1


def main() -> int:
    """Serve the engine until it says goodbye (a signal) or is gone (another parent process)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", required=True, help="the SDK's pulumi-language-python-exec")
    parser.add_argument("words", nargs="+", help="what the engine says; its gRPC address comes last")
    arguments, _flags = parser.parse_known_args()
    engine = os.getppid()
    children, over = Children(), threading.Event()

    def goodbye(_signal: int, _frame: FrameType | None) -> None:
        over.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, goodbye)
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", -1)])
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(arguments.words[-1], arguments.runner, children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not over.wait(WATCH_SECONDS) and os.getppid() == engine:
        pass
    children.stop()
    server.stop(grace=1).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
