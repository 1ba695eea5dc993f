"""Runs Postfix on loopback with a configuration and a queue of its own, and asks the script that guests run what it says of it."""

import os
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checks.queues import Said
from checks.vcenter.queue_variable import VARIABLE
from tests.system.balancer import awaited, free_port
from tests.system.daemons import CHECKOUT, program, unavailable

SCRIPT = CHECKOUT / "tools" / "guest" / "mailstead-queue"
PATIENCE_SECONDS = 60.0  # s that one command may take
LOOPBACK = "127.0.0.1"
MESSAGE = "From: ada@campus.example\nTo: charles@away.example\nSubject: Notes\n\nSee you at 7.\n"

# Users and groups that every Linux has, for an unpacked package adds none. The environment hands on where its libraries are.
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
command_directory = {commands}
sendmail_path = {commands}/sendmail
daemon_directory = {daemon_directory}
shlib_directory = {shlib_directory}
meta_directory = {meta_directory}
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH
mail_owner = daemon
setgid_group = mail
default_privs = nobody
myhostname = mta-1.campus.example
mydestination =
alias_maps =
alias_database =
inet_interfaces = {loopback}
inet_protocols = ipv4
relayhost = [{loopback}]:{relay}
disable_dns_lookups = yes
smtpd_peername_lookup = no
"""
MASTER = """
{loopback}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
retry unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Mta:
    """A server with Postfix; whatever it relays goes to a port on which nobody listens until `next_hop` does."""

    folder: Path
    commands: Path
    port: int
    relay: int

    @property
    def log(self) -> str:
        """What Postfix logged."""
        file = self.folder / "log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def tried(self, *command: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """A command on the server, however it ends: first word a program's path, or the name of one of Postfix'."""
        path = f"{self.folder / 'bin'}:{self.commands}:/usr/bin:/bin"
        environment = {"PATH": path, "MAIL_CONFIG": str(self.folder / "etc")}
        whole = [str(self.commands / command[0]), *command[1:]]  # a path that begins with / stays itself
        return subprocess.run(
            whole, env=environment, input=said, capture_output=True, text=True, timeout=PATIENCE_SECONDS, cwd=self.folder, check=False
        )

    def run(self, *command: str, said: str = "") -> str:
        """What a command prints; it must succeed."""
        done = self.tried(*command, said=said)
        assert done.returncode == 0, f"{command}: {done.stderr}\n{self.log}"
        return done.stdout

    def said(self) -> tuple[int, bool]:
        """What the script says now: how many messages are queued, and whether mail is accepted."""
        spoken = self.folder / "said"
        spoken.unlink(missing_ok=True)
        self.run(str(SCRIPT))
        command, variable, text = spoken.read_text(encoding="utf-8").split(" ", 2)
        assert (command, variable) == ("info-set", VARIABLE)
        said = Said.model_validate_json(text)
        return said.queued, said.accepting

    def await_said(self, queued: int, accepting: bool) -> None:
        """Wait until the script says this."""
        awaited(
            lambda: "so" if self.said() == (queued, accepting) else None,
            lambda: f"it says {self.said()}: {self.run('postqueue', '-p')}\n{self.log}",
        )

    def queues(self) -> dict[str, str]:
        """Each queued message's identifier, and the queue it is in."""
        lines = self.run("postqueue", "-p").splitlines()
        heads = [line.split()[0] for line in lines if line[:1].isalnum() and "Mail queue" not in line]
        marks = {"*": "active", "!": "hold"}
        return {head.rstrip("*!"): marks.get(head[-1], "deferred") for head in heads}

    def await_queues(self, *wanted: str) -> None:
        """Wait until the messages are in these queues, one each."""
        awaited(lambda: "so" if sorted(self.queues().values()) == sorted(wanted) else None, lambda: f"{self.queues()}\n{self.log}")

    def send(self) -> None:
        """A message by SMTP."""
        with smtplib.SMTP(LOOPBACK, self.port, timeout=PATIENCE_SECONDS) as client:
            client.sendmail("ada@campus.example", ["charles@away.example"], MESSAGE)

    def listens(self) -> bool:
        """Whether it takes connections from the network."""
        return _open(self.port)

    @contextmanager
    def next_hop(self) -> Iterator[None]:
        """A server that takes every message, where this one relays to."""
        command = [str(self.commands / "smtp-sink"), "-u", "daemon", f"{LOOPBACK}:{self.relay}", "100"]
        with subprocess.Popen(command, env={"MAIL_CONFIG": str(self.folder / "etc")}) as process:
            try:
                awaited(lambda: "so" if _open(self.relay) else None, lambda: "the next hop does not listen")
                yield
            finally:
                process.kill()


def _open(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), PATIENCE_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True


def _written(mta: Mta) -> None:
    """Its configuration, and a stand-in for VMware Tools that keeps what it is told."""
    unpacked = mta.commands.parent / "root"
    root = unpacked if unpacked.is_dir() else Path("/")
    built_in = ("daemon_directory", "shlib_directory", "meta_directory")
    asked = subprocess.run(
        [mta.commands / "postconf", "-d", "-h", *built_in], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    places = {name: root / place.lstrip("/") for name, place in zip(built_in, asked.stdout.split(), strict=True)}
    for name in ("etc", "bin", "queue"):
        (mta.folder / name).mkdir()
    values = {"folder": mta.folder, "commands": mta.commands, "loopback": LOOPBACK, "port": mta.port, "relay": mta.relay} | places
    (mta.folder / "etc" / "main.cf").write_text(MAIN.format_map(values).lstrip(), encoding="utf-8")
    (mta.folder / "etc" / "master.cf").write_text(MASTER.format_map(values).lstrip(), encoding="utf-8")
    tool = mta.folder / "bin" / "vmware-rpctool"
    tool.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {mta.folder}/said\n', encoding="utf-8")
    tool.chmod(0o755)


@contextmanager
def running() -> Iterator[Mta]:
    """A server that takes mail and can't pass it on, until the block ends."""
    commands = Path(program("postconf", "postfix")).resolve().parent
    if os.geteuid() != 0:
        unavailable("Postfix starts as root only")
    with tempfile.TemporaryDirectory(prefix="postfix-") as folder:  # short: a socket's path has 108 characters at most
        Path(folder).chmod(0o755)  # Postfix' own user must reach its queue
        mta = Mta(Path(folder), commands, free_port(LOOPBACK), free_port(LOOPBACK))
        _written(mta)
        mta.run("postfix", "start")
        try:
            awaited(lambda: "so" if mta.listens() else None, lambda: f"Postfix does not listen\n{mta.log}")
            yield mta
        finally:
            mta.tried("postfix", "stop")  # by its own queue's pid file; fails where a test has stopped it
