"""The simulated vCenter as a process: started once, found again, ended; never another process than ours."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools import simulator
from tools.simulator import Simulator, SimulatorError

FAKE = """#!{python}
import os, signal, sys, time
site = open(sys.argv[sys.argv.index("-inventory") + 1]).read().strip()
if site == "bad":
    print("site.yaml:3: luns[0].size_gib: -1: must be between 1 and 65536", file=sys.stderr)
    print("site.yaml:4: nets: x: unknown key", file=sys.stderr)
    sys.exit(1)
if site == "secrets":
    print("site.yaml: (file): " + "secret " * 1000 + ": must be YAML", file=sys.stderr)
    sys.exit(1)
if site == "broken":
    print("cannot listen: address in use", file=sys.stderr)
    sys.exit(3)
if site == "silent":
    time.sleep(60)
if site == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(os.environ["TMPDIR"] + "/disk", "w").close()
print("https://127.0.0.1:4711/sdk", flush=True)
print(os.environ["VCSIM_USER"], os.environ["VCSIM_PASSWORD"], file=sys.stderr, flush=True)
time.sleep(60)
"""


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """A stand-in that behaves as the site file's text says: what is tested here is the handling of a process."""
    path = tmp_path / "vcsim"
    path.write_text(FAKE.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site file that the stand-in accepts."""
    path = tmp_path / "site.yaml"
    path.write_text("good", encoding="utf-8")
    return path


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose simulator ends with the test."""
    yield tmp_path / "state"
    simulator.stop(tmp_path / "state")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_starts_and_tells_where_it_is(binary: Path, site: Path, state: Path) -> None:
    made = simulator.start(site, binary, state, user="admin", password="p&ss")
    assert made == Simulator("127.0.0.1:4711", "admin", "p&ss", made.pid, str(site), made.inventory)
    assert made.url == "https://127.0.0.1:4711/sdk"
    assert made.environment["VSPHERE_SERVER"] == "127.0.0.1:4711"
    assert made.environment["VSPHERE_PASSWORD"] == "p&ss"
    assert alive(made.pid)


def test_is_found_again(binary: Path, site: Path, state: Path) -> None:
    assert simulator.status(state) is None
    made = simulator.start(site, binary, state)
    assert simulator.status(state) == made


def test_second_start_returns_the_first(binary: Path, site: Path, state: Path) -> None:
    assert simulator.start(site, binary, state) == simulator.start(site, binary, state)


def test_starts_at_the_same_time_make_one(binary: Path, site: Path, state: Path) -> None:
    made: list[Simulator] = []
    threads = [threading.Thread(target=lambda: made.append(simulator.start(site, binary, state))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len({one.pid for one in made}) == 1


def test_fails_for_another_site_while_one_runs(binary: Path, site: Path, state: Path, tmp_path: Path) -> None:
    made = simulator.start(site, binary, state)
    other = tmp_path / "other.yaml"
    other.write_text("good", encoding="utf-8")
    with pytest.raises(SimulatorError, match=rf"already runs \(process {made.pid}\): stop it first"):
        simulator.start(other, binary, state)
    assert simulator.status(state) == made


def test_fails_for_a_site_file_that_was_edited_since(binary: Path, site: Path, state: Path) -> None:
    made = simulator.start(site, binary, state)
    site.write_text(f"{site.read_text(encoding='utf-8')}\n# edited", encoding="utf-8")
    with pytest.raises(SimulatorError, match=rf"is not as it was when its simulator \(process {made.pid}\) started: stop it first"):
        simulator.start(site, binary, state)
    assert simulator.status(state) == made


def test_stop_ends_it_and_its_files(binary: Path, site: Path, state: Path) -> None:
    made = simulator.start(site, binary, state)
    assert (state / "datastores" / "disk").exists()
    assert simulator.stop(state) is True
    assert not alive(made.pid)
    assert sorted(path.name for path in state.iterdir()) == ["simulator.lock", "simulator.log"]
    assert simulator.stop(state) is False


def test_stop_insists(binary: Path, site: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "STOP_SECONDS", 0.3)
    site.write_text("stubborn", encoding="utf-8")
    made = simulator.start(site, binary, state)
    assert simulator.stop(state) is True
    assert not alive(made.pid)


def test_one_that_another_run_started_is_ended_too(binary: Path, site: Path, state: Path) -> None:
    command = "import sys; from pathlib import Path; from tools import simulator; simulator.start(*map(Path, sys.argv[1:]))"
    subprocess.run([sys.executable, "-c", command, site, binary, state], cwd=Path(__file__).parents[2], check=True)
    made = simulator.status(state)
    assert made is not None
    assert simulator.stop(state) is True
    assert simulator._identity(made.pid) == ""


@pytest.mark.parametrize(("found", "gone"), [("123 vcsim", False), ("123 ", False), ("", True), ("124 vcsim", True), ("124 ", True)])
def test_one_that_is_ending_is_still_there(found: str, gone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "_identity", lambda _: found)
    assert simulator._gone(os.getppid(), "123 vcsim") is gone


def test_stop_without_a_folder_is_no_error(tmp_path: Path) -> None:
    assert simulator.stop(tmp_path / "nowhere") is False
    assert not (tmp_path / "nowhere").exists()


def test_a_dead_one_is_noticed_and_replaced(binary: Path, site: Path, state: Path) -> None:
    first = simulator.start(site, binary, state)
    os.kill(first.pid, 9)
    os.waitpid(first.pid, 0)
    assert simulator.status(state) is None
    second = simulator.start(site, binary, state)
    assert second.pid != first.pid
    assert simulator.status(state) == second


def test_another_process_with_the_recorded_number_is_left_alone(binary: Path, site: Path, state: Path) -> None:
    simulator.start(site, binary, state)
    record = json.loads((state / "simulator.json").read_text(encoding="utf-8"))
    simulator.stop(state)
    with subprocess.Popen(["/bin/sleep", "60"]) as innocent:
        (state / "simulator.json").write_text(json.dumps(record | {"pid": innocent.pid}), encoding="utf-8")
        assert simulator.status(state) is None
        assert simulator.stop(state) is False
        assert innocent.poll() is None
        innocent.kill()


def test_a_damaged_record_is_an_error_that_says_what_to_do(state: Path) -> None:
    state.mkdir()
    (state / "simulator.json").write_text("{", encoding="utf-8")
    with pytest.raises(SimulatorError, match="is not a record of a simulator: delete it"):
        simulator.status(state)
    (state / "simulator.json").unlink()


def test_a_refused_site_lists_what_is_wrong(binary: Path, site: Path, state: Path) -> None:
    site.write_text("bad", encoding="utf-8")
    with pytest.raises(SimulatorError, match="2 things in this site file must change") as caught:
        simulator.start(site, binary, state)
    assert caught.value.details[1] == "site.yaml:4: nets: x: unknown key"
    assert simulator.status(state) is None


def test_a_file_that_is_no_site_is_not_shown_whole(binary: Path, site: Path, state: Path) -> None:
    site.write_text("secrets", encoding="utf-8")
    with pytest.raises(SimulatorError, match="1 thing in this site file must change") as caught:
        simulator.start(site, binary, state)
    (line,) = caught.value.details
    assert line.startswith("site.yaml: (file): secret")
    assert len(line) == simulator.LINE + 1


def test_an_early_end_is_told_in_its_own_words(binary: Path, site: Path, state: Path) -> None:
    site.write_text("broken", encoding="utf-8")
    with pytest.raises(SimulatorError, match="ended with code 3: cannot listen: address in use"):
        simulator.start(site, binary, state)


def test_waiting_is_bounded_and_leaves_no_process(binary: Path, site: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "START_SECONDS", 0.5)
    spawned: list[subprocess.Popen[bytes]] = []
    spawn = simulator._spawn

    def remembered(*args: Any) -> subprocess.Popen[bytes]:
        spawned.append(spawn(*args))
        return spawned[-1]

    monkeypatch.setattr(simulator, "_spawn", remembered)
    site.write_text("silent", encoding="utf-8")
    with pytest.raises(SimulatorError, match="was not ready after"):
        simulator.start(site, binary, state)
    assert spawned[0].returncode is not None


def test_a_missing_binary_is_told(site: Path, state: Path, tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match=r"there is no simulator at .*: run make setup"):
        simulator.start(site, tmp_path / "none", state)


def test_the_record_is_for_its_owner_only(binary: Path, site: Path, state: Path) -> None:
    simulator.start(site, binary, state)
    assert (state / "simulator.json").stat().st_mode & 0o077 == 0


def test_block_ends_it_whatever_happens(binary: Path, site: Path) -> None:
    seen: list[Simulator] = []

    def failing() -> None:
        with simulator.running(site, binary) as made:
            seen.append(made)
            assert alive(made.pid)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert not alive(seen[0].pid)
