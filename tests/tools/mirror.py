"""A web server on the loopback interface that stands for the hosts of the official releases."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Mirror(ThreadingHTTPServer):
    """Serves `files`; keeps the paths asked for in `asked`; a path in `stuck` gets no answer until the end."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.stuck: set[str] = set()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def publish(self, archive: str, content: bytes, checksums: str, algorithm: str = "sha256", prefix: str = "") -> None:
        """Put an archive and its checksum file in place, in the form that `sha256sum` prints."""
        self.files[archive] = content
        self.files[checksums] = f"{hashlib.new(algorithm, content).hexdigest()}  {prefix}{archive}\n".encode()


class Handler(BaseHTTPRequestHandler):
    """Answers with a file, with 404, or not at all."""

    server: Mirror

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        self.server.asked.append(name)
        if name in self.server.stuck:
            self.server.over.wait(60)
            return
        content = self.server.files.get(name)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def running() -> Iterator[Mirror]:
    """A mirror that answers while the block runs."""
    with Mirror() as mirror:
        thread = threading.Thread(target=mirror.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield mirror
        finally:
            mirror.over.set()
            mirror.shutdown()


def archive(files: Mapping[str, str], *others: tarfile.TarInfo) -> bytes:
    """A .tar.gz of executables with the given contents, and of other members as they are."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
        for other in others:
            tar.addfile(other)
    return content.getvalue()
