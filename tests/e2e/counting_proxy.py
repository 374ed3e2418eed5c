"""A stand-in for the network between desktop and store: passes HTTP on unchanged, counts it, and can be a thin line.

It is for the data path: the backend signs URLs for it (S3_PUBLIC_ENDPOINT_URL) and reaches the store itself directly
(S3_ENDPOINT_URL). Not a byte is altered, the Host header included: it is the host that the client used and signed,
and the store checks the signature against what it receives.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from urllib.parse import unquote, urlsplit

BLOCK_BYTES = 64 * 1024
RECEIVE_BUFFER_BYTES = 256 * 1024
"""Small, so that what is on its way is with the client or in the store, hardly ever in between."""


@contextmanager
def counting_proxy(store_url: str, rate_bytes_per_s: float | None = None) -> Iterator[CountingProxy]:
    """Run a proxy in front of the store at `store_url` until the block ends."""
    proxy = CountingProxy(store_url, rate_bytes_per_s)
    try:
        yield proxy
    finally:
        proxy.close()


class CountingProxy:
    """Listens on 127.0.0.1 at `url`.

    rate_bytes_per_s: how fast request bodies flow, over all connections together; None: as fast as they can. May be
    changed at any time.
    """

    def __init__(self, store_url: str, rate_bytes_per_s: float | None = None) -> None:
        store = urlsplit(store_url)
        self._store_address = (store.hostname or "", store.port or 80)
        self.rate_bytes_per_s = rate_bytes_per_s
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._put_bytes: Counter[str] = Counter()  # by the object's path; guarded by _lock
        self._line_free_at = 0.0  # monotonic; guarded by _lock
        self._open: dict[threading.Thread, tuple[socket.socket, socket.socket]] = {}  # guarded by _lock
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept, name="proxy", daemon=True)
        self._acceptor.start()

    def put_bytes(self, bucket: str, key: str) -> int:
        """How many bytes of PUT bodies reached the store for one object, every attempt counted."""
        with self._lock:
            return self._put_bytes[f"/{bucket}/{key}"]

    def all_put_bytes(self) -> int:
        """The same over all objects."""
        with self._lock:
            return self._put_bytes.total()

    def is_idle(self) -> bool:
        """Whether nobody is connected, so that nothing is on its way any more."""
        with self._lock:
            return not self._open

    def close(self) -> None:
        """Drop every connection and return when all threads have ended."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            open_now = dict(self._open)
        for client, store in open_now.values():
            _drop(client)
            _drop(store)
        for thread in open_now:
            thread.join()

    # --- connections ---------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:  # closing
                return
            try:
                store = socket.create_connection(self._store_address)
            except OSError:  # the store is down: so is the line to it
                client.close()
                continue
            thread = threading.Thread(target=self._serve, args=(client, store), name="proxy-requests", daemon=True)
            with self._lock:
                self._open[thread] = (client, store)
            thread.start()

    def _serve(self, client: socket.socket, store: socket.socket) -> None:
        answers = threading.Thread(target=_pass_answers, args=(store, client), name="proxy-answers", daemon=True)
        answers.start()
        with client, store:
            with suppress(OSError), client.makefile("rb") as requests:
                while self._pass_request(requests, store):
                    pass
            # The client said its last word, or was killed: the store learns just that, and may still answer.
            with suppress(OSError):
                store.shutdown(socket.SHUT_WR)
            answers.join()
        with self._lock:
            del self._open[threading.current_thread()]

    def _pass_request(self, requests: BufferedReader, store: socket.socket) -> bool:
        """Pass one request on; False when there is none, or only part of one."""
        head = _read_head(requests)
        if head is None:
            return False
        store.sendall(head.raw)
        left = head.body_bytes
        while left:
            block = requests.read1(min(left, BLOCK_BYTES))
            if not block:
                return False
            self._wait_for_the_line(len(block))
            store.sendall(block)
            left -= len(block)
            if head.method == "PUT":
                with self._lock:
                    self._put_bytes[head.path] += len(block)
        return True

    def _wait_for_the_line(self, count: int) -> None:
        rate = self.rate_bytes_per_s
        if rate is None:
            return
        with self._lock:
            now = time.monotonic()
            begins = max(now, self._line_free_at)
            ends = self._line_free_at = begins + count / rate
        self._closing.wait(ends - now)


@dataclass(frozen=True)
class _Head:
    raw: bytes
    method: str
    path: str
    body_bytes: int


def _read_head(requests: BufferedReader) -> _Head | None:
    lines = [requests.readline()]
    while lines[-1] not in (b"\r\n", b""):
        lines.append(requests.readline())
    if not lines[-1]:
        return None
    method, target, _version = lines[0].decode("ascii").split(" ")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
    assert b"transfer-encoding" not in fields, "this proxy reads bodies of a declared length only"
    path = unquote(target.partition("?")[0])
    return _Head(b"".join(lines), method, path, int(fields.get(b"content-length", b"0")))


def _pass_answers(store: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while block := store.recv(BLOCK_BYTES):
            client.sendall(block)
    # The store hung up, or the client no longer listens; either way the other side's next word would be the last.
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _drop(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
