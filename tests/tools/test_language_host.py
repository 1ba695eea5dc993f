"""Mailstead's own language host, spoken to as the engine speaks to it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from tests.tools.conftest import Program
from tools import versions

ROOT = Path(__file__).parents[2]
VENV = Path(sys.prefix)
Write = Callable[..., language_pb2.ProgramInfo]
# Stands for the SDK's own runner, which needs an engine: reads the flags and runs the program.
RUNNER = """
import json, os, sys, time
arguments = dict(zip(sys.argv[1:-1:2], sys.argv[2:-1:2]))
exec(compile(open(os.path.join(sys.argv[-1], "__main__.py")).read(), "program", "exec"))
"""


@dataclass(frozen=True)
class Host:
    """The host as a process of its own, and a connection to it."""

    stub: Any
    process: subprocess.Popen[bytes]
    output: Path

    def run(self, info: language_pb2.ProgramInfo, **more: Any) -> language_pb2.RunResponse:
        """Run a program to its end."""
        request = language_pb2.RunRequest(pwd=info.program_directory, project="p", stack="s", info=info, **more)
        answer: language_pb2.RunResponse = self.stub.Run(request)
        return answer


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A running host; whatever a test does to it, it must end by itself and without a traceback of its own."""
    (tmp_path / "runner").write_text(RUNNER, encoding="utf-8")
    command = [sys.executable, str(ROOT / "tools" / "language-host" / "host.py"), "--runner", str(tmp_path / "runner")]
    errors = tmp_path / "errors"
    with (
        errors.open("wb") as stream,
        subprocess.Popen([*command, "--tracing", "t:1", "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=stream) as process,
    ):
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Host(language_pb2_grpc.LanguageRuntimeStub(channel), process, errors)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert "host.py" not in errors.read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a program, and describes it as the engine does."""
    folder = tmp_path / "program"
    folder.mkdir()

    def make(program: str = "", **options: str) -> language_pb2.ProgramInfo:
        (folder / "__main__.py").write_text(program, encoding="utf-8")
        settings = struct_pb2.Struct()
        settings.update({"virtualenv": str(VENV)} | options)
        return language_pb2.ProgramInfo(root_directory=str(folder), program_directory=str(folder), entry_point=".", options=settings)

    return make


def until(holds: Callable[[], bool]) -> None:
    """Wait for what must come, without a measure of how fast."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it did not come within a minute"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"


def test_a_program_gets_its_venv_its_configuration_and_its_arguments(host: Host, write: Write, tmp_path: Path) -> None:
    told = tmp_path / "told"
    info = write(f"json.dump([arguments, dict(os.environ), os.getcwd(), sys.prefix], open({str(told)!r}, 'w'))")
    answer = host.run(info, config={"p:n": "7"}, configSecretKeys=["p:k"], dryRun=True, parallel=8, monitor_address="m:1")
    assert (answer.error, answer.bail) == ("", False)
    arguments, environment, folder, prefix = json.loads(told.read_text(encoding="utf-8"))
    assert arguments.items() >= {"--monitor": "m:1", "--engine": "127.0.0.1:1", "--dry_run": "true", "--parallel": "8"}.items()
    assert (folder, prefix, environment["VIRTUAL_ENV"]) == (info.program_directory, str(VENV), str(VENV))
    assert environment["PATH"].split(os.pathsep)[0] == str(VENV / "bin")
    assert json.loads(environment["PULUMI_CONFIG"]) == {"p:n": "7"}
    assert json.loads(environment["PULUMI_CONFIG_SECRET_KEYS"]) == ["p:k"]


@pytest.mark.parametrize(
    ("program", "error", "bail"),
    [
        ("sys.exit(3)", "Program exited with code 3", False),
        ("sys.exit(32)", "", True),
        ("import signal; os.kill(os.getpid(), signal.SIGKILL)", "Program exited with signal 9", False),
    ],
)
def test_how_a_program_failed_is_told_to_the_engine(program: str, error: str, bail: bool, host: Host, write: Write) -> None:
    answer = host.run(write(program))
    assert (answer.error, answer.bail) == (error, bail)


def test_what_a_program_prints_reaches_the_engine(host: Host, write: Write) -> None:
    host.run(write("print('to stdout'); print('to stderr', file=sys.stderr)"))
    assert host.process.stdout
    assert host.process.stdout.readline() == b"to stdout\n"
    assert host.output.read_text(encoding="utf-8") == "to stderr\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"virtualenv": "nowhere"}, "nowhere is not a virtual environment; run: pulumi install"),
        ({"toolchain": "uv"}, "toolchain 'uv' needs the official Pulumi release"),
    ],
)
def test_a_program_that_cannot_be_started_is_refused_in_words(options: dict[str, str], words: str, host: Host, write: Write) -> None:
    for call in (host.run, lambda info: host.stub.About(language_pb2.AboutRequest(info=info))):
        with pytest.raises(grpc.RpcError) as refused:
            call(write(**options))
        assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert words in refused.value.details()


def test_a_debugger_is_refused_in_words(host: Host, write: Write) -> None:
    assert "needs the official Pulumi release" in host.run(write("print('never run')"), attach_debugger=True).error


def test_the_host_tells_about_itself_and_the_programs_python(host: Host, write: Write) -> None:
    assert host.stub.GetPluginInfo(empty_pb2.Empty()).version == versions.pin("pulumi")
    about = host.stub.About(language_pb2.AboutRequest(info=write()))
    assert about.executable == str(VENV / "bin" / "python")
    assert about.version == ".".join(map(str, sys.version_info[:3]))


def test_the_provider_that_the_packages_need_is_told_with_its_version(host: Host, write: Write) -> None:
    answer = host.stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=write()))
    found = [(package.name, package.kind, package.version) for package in answer.packages]
    assert found == [("vsphere", "resource", versions.pin("pulumi-vsphere"))]


def test_dependencies_are_told_with_or_without_what_they_bring(host: Host, write: Write) -> None:
    def names(transitive: bool) -> set[str]:
        request = language_pb2.GetProgramDependenciesRequest(info=write(), transitiveDependencies=transitive)
        return {entry.name for entry in host.stub.GetProgramDependencies(request).dependencies}

    assert {"hypothesis", "pulumi", "grpcio"} <= names(transitive=True)
    assert "hypothesis" in names(transitive=False)
    assert not {"pulumi", "grpcio"} & names(transitive=False)


def test_dependencies_are_installed_into_a_venv_made_for_them(host: Host, write: Write, program: Program, tmp_path: Path) -> None:
    info = write(virtualenv="venv")
    python = program("python", body='echo "$@"; echo warned >&2', folder=tmp_path / "program" / "venv" / "bin")
    (tmp_path / "program" / "requirements.txt").write_text("rich\n", encoding="utf-8")
    request = language_pb2.InstallDependenciesRequest(info=info)
    said = b"".join(part.stdout + part.stderr for part in host.stub.InstallDependencies(request))
    assert b"-m pip install --disable-pip-version-check -r requirements.txt\n" in said
    assert b"warned\n" in said
    program("python", body="exit 2", folder=python.parent)
    with pytest.raises(grpc.RpcError, match="pip install: failed with exit code 2"):
        list(host.stub.InstallDependencies(request))


def test_a_plugin_in_python_is_run_and_heard(host: Host, write: Write) -> None:
    info = write("import os, sys; print(sys.argv[1], os.environ['K']); sys.exit('over')")
    request = language_pb2.RunPluginRequest(info=info, kind="resource", args=["127.0.0.1:1"], env=["K=a=b"])
    parts = list(host.stub.RunPlugin(request))
    assert b"".join(part.stdout for part in parts) == b"127.0.0.1:1 a=b\n"
    assert b"".join(part.stderr for part in parts) == b"over\n"
    assert parts[-1].exitcode == 1


SLEEP = "open({file!r}, 'w').write(str(os.getpid())); time.sleep(600)"


def sleeping(host: Host, write: Write, file: Path, before: str = "") -> tuple[Any, int]:
    """Start a program that sleeps: the pending call and the program's process."""
    info = write(before + SLEEP.format(file=str(file)))
    call = host.stub.Run.future(language_pb2.RunRequest(pwd=info.program_directory, info=info))
    until(lambda: file.exists() and bool(file.read_text(encoding="utf-8")))
    return call, int(file.read_text(encoding="utf-8"))


def test_a_cancelled_program_ends_and_no_other_is_started(host: Host, write: Write, tmp_path: Path) -> None:
    call, pid = sleeping(host, write, tmp_path / "pid")
    host.stub.Cancel(empty_pb2.Empty())
    assert call.result().bail
    assert not alive(pid)
    with pytest.raises(grpc.RpcError, match="the language host is stopping"):
        host.run(write("pass"))


def test_a_signal_ends_the_host_and_its_program(host: Host, write: Write, tmp_path: Path) -> None:
    call, pid = sleeping(host, write, tmp_path / "pid")
    host.process.send_signal(signal.SIGINT)
    assert host.process.wait(60) == 0
    assert not alive(pid)
    until(call.done)


def test_a_program_that_ignores_the_request_to_end_is_ended(host: Host, write: Write, tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    call, pid = sleeping(host, write, tmp_path / "pid", deaf)
    host.process.send_signal(signal.SIGTERM)
    assert host.process.wait(60) == 0
    assert not alive(pid)
    until(call.done)


def test_a_program_ends_when_the_engine_hangs_up(host: Host, write: Write, tmp_path: Path) -> None:
    call, pid = sleeping(host, write, tmp_path / "pid")
    call.cancel()
    until(lambda: not alive(pid))


def test_when_the_engine_is_gone_the_host_ends(tmp_path: Path) -> None:
    """A killed engine says no goodbye: its host must notice by itself."""
    host = [sys.executable, str(ROOT / "tools" / "language-host" / "host.py"), "--runner", "x", "127.0.0.1:1"]
    engine = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", engine, *host], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pid, port = int(process.stdout.readline()), int(process.stdout.readline())
        assert port > 0
        process.kill()
    until(lambda: not alive(pid))


def test_the_launcher_starts_the_checkouts_host_with_the_checkouts_python(tmp_path: Path, program: Program) -> None:
    checkout = tmp_path / "a checkout"
    program("python", body='for word in "$@"; do echo "$word"; done', folder=checkout / ".venv" / "bin")
    (checkout / ".tools" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "language-host" / "pulumi-language-python", checkout / ".tools" / "bin")
    launcher = checkout / ".tools" / "bin" / "pulumi-language-python"
    said = subprocess.run([launcher, "127.0.0.1:1"], cwd="/", capture_output=True, text=True, check=True).stdout.splitlines()
    assert Path(said[0]).resolve() == checkout / "tools" / "language-host" / "host.py"
    assert said[1:] == ["--runner", str(checkout / ".tools" / "bin" / "pulumi-language-python-exec"), "127.0.0.1:1"]
