"""Runs HAProxy on loopback with a rendered configuration, and asks it what it thinks of its servers."""

import csv
import itertools
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import Platform
from plan import access, haproxy, rendering
from plan.haproxy import Balancing
from tests.plan.described import described
from tests.system.daemons import program

PATIENCE_SECONDS = 60.0  # s until something that must happen has happened

FIRST_PORT, END_PORT = 10_000, 32_000  # below what Linux gives to whoever asks for any port (from 32,768)
_drawn = itertools.count()

ON_LOOPBACK: dict[str, Any] = {
    "networks.mail.cidr": "127.77.0.0/24",
    "networks.mail.gateway": "127.77.0.1",
    "gateway.control_center.address": "127.77.0.20",
    "gateway.scanners.scanner-1.address": "127.77.0.21",
    "gateway.scanners.scanner-2.address": "127.77.0.22",
    "spool.mtas.mta-1.address": "127.77.0.31",
    "spool.mailboxes.mailbox-1.address": "127.77.0.32",
    "balancers.nodes.balancer-1.address": "127.77.0.11",
    "balancers.nodes.balancer-2.address": "127.77.0.12",
    "log_archive.node.address": "127.77.0.40",
}
"""The platform's servers at addresses that every Linux machine has."""


def on_loopback(listener: dict[str, Any], changes: dict[str, Any] | None = None) -> Platform:
    """The platform on loopback with this one listener, named service, at 127.77.0.100."""
    listener = {"host": "service", "address": "127.77.0.100"} | listener
    return described(ON_LOOPBACK | {"balancers.listeners": {"service": listener}} | (changes or {}))


def free_port(*addresses: str) -> int:
    """A TCP port that is free on all these addresses, and that nobody else is handed by the kernel before it is used."""
    for _ in range(100):
        port = FIRST_PORT + (os.getpid() * 1000 + next(_drawn)) % (END_PORT - FIRST_PORT)  # test runners side by side begin far apart
        try:
            for address in addresses:
                socket.create_server((address, port)).close()
        except OSError:
            continue
        return port
    raise AssertionError(f"no port is free on all of {addresses}")


@dataclass(frozen=True)
class Balancer:
    """A running HAProxy."""

    control: Path

    def command(self, text: str) -> str:
        """What HAProxy answers to a command on its control socket."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_SECONDS)
            connection.connect(str(self.control))
            connection.sendall(f"{text}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def answer(self) -> str | None:
        """What it says of itself; nothing before it serves, and then all its ports are open."""
        try:
            return self.command("show info")
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    def states(self) -> dict[str, tuple[str, str]]:
        """Each server's state (UP, DOWN, …) and the result of its last health check (L7OK, L4CON, …)."""
        rows = csv.DictReader(self.command("show stat").removeprefix("# ").splitlines())
        return {row["svname"]: (row["status"], row["check_status"]) for row in rows if row["svname"] not in ("FRONTEND", "BACKEND")}

    def await_state(self, server: str, state: str) -> str:
        """Wait until a server is in a state after a health check; the result of that check."""

        def reached() -> str | None:
            found, check = self.states()[server]
            return check if found == state and check and not check.startswith("*") and check != "INI" else None

        return awaited(reached, lambda: f"{server} did not become {state}: {self.states()}")


def awaited(reached: Callable[[], str | None], complaint: Callable[[], str]) -> str:
    """Ask until there is an answer; fails with the complaint when patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if answer := reached():
            return answer
        time.sleep(0.05)
    raise AssertionError(complaint())


def written(config: Balancing, devices: str, folder: Path) -> Path:
    """The configuration as the balancers have it, but for places and privileges of a test, and checks without long waits."""
    text = rendering.render("haproxy.cfg.j2", config=config)
    for there, here in (
        ("    chroot /var/lib/haproxy\n", ""),
        ("    user haproxy\n    group haproxy\n", ""),
        ("/run/haproxy/admin.sock", str(folder / "control")),
        ("inter 10s fastinter 2s downinter 5s", "inter 200ms fastinter 100ms downinter 100ms"),
        ("timeout check 10s", "timeout check 3s"),
    ):
        assert there in text or (config.privileged and "user" in there), f"the template has no {there!r} to replace"
        text = text.replace(there, here)
    text = text.replace(f"/etc/haproxy/{config.access_file}", str(folder / config.access_file))
    (folder / config.access_file).write_text(devices, encoding="utf-8")
    (folder / "haproxy.cfg").write_text(text, encoding="utf-8")
    return folder / "haproxy.cfg"


def check(file: Path) -> subprocess.CompletedProcess[str]:
    """What HAProxy says of a configuration."""
    command = [program("haproxy", "haproxy"), "-c", "-f", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def running(platform: Platform, change: Callable[[Balancing], Balancing] = lambda config: config) -> Iterator[Balancer]:
    """HAProxy with the configuration of a platform, until the block ends."""
    executable = program("haproxy", "haproxy")
    with tempfile.TemporaryDirectory(prefix="haproxy-") as folder:  # short: a control socket's path has 108 characters at most
        file = written(change(haproxy.balancing(platform)), access.render(platform.access), Path(folder))
        with Path(folder, "log").open("w+", encoding="utf-8") as log:
            process = subprocess.Popen([executable, "-db", "-f", str(file)], stdout=log, stderr=log)
            try:
                made = Balancer(Path(folder, "control"))
                awaited(lambda: "ended" if process.poll() is not None else made.answer(), lambda: "HAProxy opened no control socket")
                assert process.poll() is None, Path(folder, "log").read_text(encoding="utf-8")
                yield made
            finally:
                process.terminate()
                try:
                    process.wait(PATIENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
