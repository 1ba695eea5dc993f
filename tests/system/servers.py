"""Tiny servers on loopback that speak just enough of a protocol to be found healthy, and remember who connected."""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"  # PROXY protocol v2, 2.2
PROXY_TCP4 = b"\x21\x11"  # version 2, command PROXY; TCP over IPv4
PATIENCE_SECONDS = 30.0  # s that a client waits for a word
SILENCE_SECONDS = 180.0  # s that a server lets a client be silent: longer than clients wait, so that only others can cut them off


@dataclass(frozen=True)
class Script:
    """What a server says first, and what it answers to whatever it is sent; an empty answer or SMTP's 221 ends it."""

    greeting: bytes
    answer: Callable[[bytes], bytes]


def smtp(name: str) -> Script:
    """An SMTP server that greets with its name, and answers line by line as servers do."""
    replies = {b"EHLO": b"250-%s\r\n250 SIZE\r\n" % name.encode(), b"QUIT": b"221 bye\r\n"}

    def answer(said: bytes) -> bytes:
        return b"".join(replies.get(line[:4].upper(), b"500 what?\r\n") for line in said.split(b"\n")[:-1])

    return Script(f"220 {name} ESMTP\r\n".encode(), answer)


def ldap(name: str) -> Script:
    """An LDAP server that lets everybody bind, and says its name as the diagnostic message (RFC 4511, 4.2.2)."""
    result = b"\x0a\x01\x00\x04\x00\x04" + bytes([len(name)]) + name.encode()
    message = b"\x02\x01\x01\x61" + bytes([len(result)]) + result
    return Script(b"", lambda said: b"\x30" + bytes([len(message)]) + message if said.startswith(b"\x30") else b"")


IMAP = Script(b"* OK ready\r\n", lambda said: b"* BYE\r\n" if b"LOGOUT\r\n" in said else b"* BAD\r\n")
POP3 = Script(b"+OK ready\r\n", lambda said: b"+OK bye\r\n" if said == b"QUIT\r\n" else b"-ERR\r\n")
HTTP = Script(b"", lambda said: b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n" if said.startswith(b"GET / ") else b"")


def stuck(greeting: bytes, reply: bytes) -> Script:
    """A server that says the same to everything; an empty reply hangs up, which a bare connection check takes for health."""

    def answer(said: bytes) -> bytes:
        return reply

    return Script(greeting, answer)


@dataclass
class Server:
    """A scripted server on one address; a context manager that ends what it started.

    With `proxy` it takes nobody at their word who doesn't send a PROXY protocol v2 header first, as a pool must.
    """

    address: tuple[str, int]
    script: Script
    proxy: bool = False
    tls: ssl.SSLContext | None = None
    clients: list[str] = field(default_factory=list)
    """Who connected, as the server sees it: the PROXY header's word, or the connection's own; health checks left out."""

    def __enter__(self) -> Self:
        self._listening = socket.create_server(self.address)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Accept no more connections."""
        try:
            self._listening.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # stopped already
        self._listening.close()
        self._thread.join(PATIENCE_SECONDS)

    def _accept(self) -> None:
        while True:
            try:
                connection, (peer, _) = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection, peer), daemon=True).start()

    def _serve(self, connection: socket.socket, peer: str) -> None:
        try:
            with connection:
                connection.settimeout(SILENCE_SECONDS)
                client = _proxied(connection) if self.proxy else peer
                self.clients += [client] if client else []
                if self.tls:
                    with self.tls.wrap_socket(connection, server_side=True) as secured:
                        self._converse(secured)
                else:
                    self._converse(connection)
        except OSError:
            return  # the other side hung up, or sent no PROXY header: as a real server, say nothing and go on

    def _converse(self, connection: socket.socket) -> None:
        connection.sendall(self.script.greeting)
        while said := connection.recv(4096):
            answer = self.script.answer(said)
            connection.sendall(answer)
            if not answer or b"221 " in answer:
                return


def _proxied(connection: socket.socket) -> str | None:
    """The client's address from a PROXY v2 header; None for a health check, which speaks for itself (LOCAL)."""
    header = _exactly(connection, 16)
    if not header.startswith(PROXY_SIGNATURE):
        raise ConnectionError("no PROXY protocol header")
    addresses = _exactly(connection, int.from_bytes(header[14:16], "big"))
    return socket.inet_ntoa(addresses[:4]) if header[12:14] == PROXY_TCP4 else None


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise ConnectionError("hung up inside a header")
        data += more
    return data
