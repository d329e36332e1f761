"""A real HTTP server on a free loopback port that plays a message gateway: it remembers what it is told, and can misbehave."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.raw))


# What a gateway does with a call: a status and a JSON object or bytes; None hangs up without a word.
Answer = tuple[int, Any] | None


@dataclass
class Gateway:
    """The server, what it heard, and how it answers: `answers` by path, otherwise a plain yes."""

    port: int
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Callable[[Call], Answer]] = field(default_factory=dict)
    # Further headers of the answer, by path.
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def says(self, path: str, answer: Answer) -> None:
        self.answers[path] = lambda call: answer


class _Handler(BaseHTTPRequestHandler):
    gateway: Gateway

    def do_GET(self) -> None:
        self._take(b"")

    def do_POST(self) -> None:
        self._take(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _take(self, raw: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        call = Call(self.command, parts.path, query, dict(self.headers.items()), raw)
        self.gateway.calls.append(call)
        answer = self.gateway.answers.get(parts.path, lambda call: (200, {}))(call)
        if answer is None:
            self.close_connection = True
            return
        status, said = answer
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        # Whoever asked may have lost patience.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in self.gateway.headers.get(parts.path, {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Not to the tests' output."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    known = Gateway(port=server.server_address[1])
    _Handler.gateway = known
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()
