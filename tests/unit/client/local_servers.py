"""Real servers on free ports of 127.0.0.1: one that answers requests, one whose connections follow a script."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any, TypeVar

Script = Callable[[socket.socket, threading.Event], None]
"""What a server does with a connection; the event is set when the test is over."""


class LocalServer(ThreadingTCPServer):
    """Ends with its block, whatever its connections are doing. `accepted`: every connection so far."""

    daemon_threads = False

    def __init__(self, handler: type[BaseRequestHandler], tls: ssl.SSLContext | None = None) -> None:
        self.accepted: list[socket.socket] = []
        self.failures: list[BaseException | None] = []
        self.over = threading.Event()
        self._tls = tls
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._tls is not None:
            # The handshake comes with the first read, on the connection's own thread.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.accepted.append(connection)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what many of these tests are about; anything else is a mistake in the test."""
        if not isinstance(sys.exception(), OSError):
            self.failures.append(sys.exception())

    def end_connections(self) -> None:
        for connection in self.accepted:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


S = TypeVar("S", bound=LocalServer)


@contextmanager
def running(server: S) -> Iterator[S]:
    """Serve until the block ends; fails if a connection's own code failed."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.end_connections()
        server.server_close()
    assert not server.failures, server.failures


# --- a server that answers ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """What arrived. Header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class AnsweringServer(LocalServer):
    """Gives its answers in turn, the last one again and again, and keeps what it `received`."""

    def __init__(self, answers: tuple[Answer, ...], tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Request] = []
        self._answers = answers
        self._lock = threading.Lock()
        super().__init__(_AnsweringHandler, tls)

    def answer_to(self, request: Request) -> Answer:
        with self._lock:
            self.received.append(request)
            return self._answers[min(len(self.received), len(self._answers)) - 1]


class _AnsweringHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one go: two small writes wait 40 ms for each other
    server: AnsweringServer

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.answer_to(Request(self.command, self.path, headers, body))
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_CONNECT = answer  # noqa: N815 - the base class looks for these

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def answering(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[AnsweringServer]:
    """Yield a server that gives these answers."""
    with running(AnsweringServer(answers, tls)) as server:
        yield server


# --- a server that misbehaves ------------------------------------------------------------------------------------


class _NarrowServer(LocalServer):
    """Its connections hold little between client and server, so that a client soon feels how fast it reads."""

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)  # loopback's own is 64 KiB
        super().server_bind()


@contextmanager
def scripted(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[LocalServer]:
    """Yield a server that runs `script` for each connection and closes it afterwards."""

    class Handler(BaseRequestHandler):
        server: LocalServer

        def handle(self) -> None:
            script(self.request, self.server.over)

    with running(_NarrowServer(Handler, tls)) as server:
        yield server


def read_head(connection: socket.socket) -> bytes:
    """Read up to the empty line that ends a request's head, and not a byte further."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError("the client left")
        head += byte
    return head


def read_body(connection: socket.socket, size_bytes: int) -> bytes:
    """Read a body of this size."""
    body = bytearray()
    while len(body) < size_bytes:
        block = connection.recv(min(64 * 1024, size_bytes - len(body)))
        if not block:
            raise ConnectionError("the client left")
        body += block
    return bytes(body)


def answer_bytes(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} Answer", f"Content-Length: {len(body)}", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
