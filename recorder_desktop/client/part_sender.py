"""The data path: PUTs parts to the store. Implements core.ports.PartSender.

Over a plain connection the system sends straight out of the file; over TLS, bytes go out block by block from the
caller's buffer.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import LocationParseError

from recorder_desktop.client.answer_values import Answer
from recorder_desktop.client.error_mapping import etag_of, store_errors
from recorder_desktop.client.network import USER_AGENT
from recorder_desktop.client.put_exchange import Patience, head_of, host_of, put
from recorder_desktop.client.store_connections import StoreConnections, StorePool
from recorder_desktop.core.errors import Interrupted
from recorder_desktop.core.model import SignedPart
from recorder_desktop.core.ports import PartBody, StopSignal

STALL_TIMEOUT_S = 60.0
"""No byte taken by the network for this long: the connection is dead. TCP itself would wait a quarter of an hour."""
ANSWER_TIMEOUT_S = 120.0
"""From the last byte to the store's answer: it may have to write the part to several disks first."""

_ANSWER_LIMIT_BYTES = 64 * 1024
"""A store has little to say of a part: an ETag in the head, or why not in a few words of XML."""

_CAN_SEND_FILES = hasattr(os, "sendfile")

_ADDRESS = re.compile(r"[!-~]+")
"""What a request line can carry. Source: RFC 9112, 3.2."""


class StorePartSender:
    """Sends parts; one instance serves every sender thread and keeps their connections."""

    def __init__(self, max_connections: int = 8, stall_timeout_s: float = STALL_TIMEOUT_S) -> None:
        self._connections = StoreConnections(max_connections)
        self._stall_timeout_s = stall_timeout_s

    def send(self, signed: SignedPart, body: PartBody, stop: StopSignal) -> str:
        """Send a part and return the store's ETag as the header spells it. See core.ports.PartSender."""
        attempt = _Attempt()
        withdraw = stop.on_stop(attempt.abandon)
        try:
            with store_errors(urlsplit(signed.url).hostname or "the store"):
                answer = self._put(signed, body, attempt)
        except Exception as exc:
            if stop.is_set():
                raise Interrupted from exc
            raise
        finally:
            withdraw()
        return etag_of(answer.status, answer.headers, answer.body)

    def _put(self, signed: SignedPart, body: PartBody, attempt: _Attempt) -> Answer:
        pool = self._connections.on_the_way_to(signed.url)
        head = _head(signed, body, pool)
        patience = Patience(self._stall_timeout_s, ANSWER_TIMEOUT_S)
        with pool.lent(urlsplit(signed.url).scheme) as connection:
            with attempt.over(connection.sock), closing(_pieces(body, connection.sock)) as pieces:
                answer, leaves_open = put(connection.sock, head, pieces, patience, _ANSWER_LIMIT_BYTES)
            if not leaves_open:
                connection.close()
        return answer

    def close(self) -> None:
        """Close idle connections."""
        self._connections.close()


def _head(signed: SignedPart, body: PartBody, pool: StorePool) -> bytes:
    if not _ADDRESS.fullmatch(signed.url):
        raise LocationParseError("<masked>")
    parts = urlsplit(signed.url)
    # Without a length a body would have to go in chunks, which stores refuse.
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Content-Length": str(body.size_bytes)}
    headers |= signed.headers
    host, target = host_of(parts), f"{parts.path or '/'}?{parts.query}"
    if pool.forwarded(parts.scheme):
        return head_of(f"{parts.scheme}://{host}{target}", host, {**headers, **pool.proxy_headers})
    return head_of(target, host, headers)


def _pieces(body: PartBody, sock: Any) -> Generator[Any, None, None]:
    """What goes out: places in the file where the system can send out of one."""
    # Not under TLS, be it only to the proxy: the bytes have to be encrypted by us. Not on Windows: Python knows no
    # TransmitFile.
    from_file = _CAN_SEND_FILES and type(sock) is socket.socket
    yield from body.file_pieces() if from_file else body.blocks()


class _Attempt:
    """One PUT under way: the handle by which a stop reaches its socket."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sock: Any = None  # guarded by _lock
        self._abandoned = False  # guarded by _lock

    @contextmanager
    def over(self, sock: Any) -> Iterator[None]:
        """Have a stop cut this connection until the block ends: after that it may carry another upload's part."""
        with self._lock:
            if self._abandoned:
                raise ConnectionAbortedError("stopped before the first byte")
            self._sock = sock
        try:
            yield
        finally:
            with self._lock:
                self._sock = None

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            if self._sock is not None:
                # The plain socket's shutdown: SSLSocket.shutdown would drop encryption under the sending thread.
                # For TLS inside a proxy's TLS urllib3 has something of its own, with the socket inside.
                with suppress(OSError):
                    socket.socket.shutdown(getattr(self._sock, "socket", self._sock), socket.SHUT_RDWR)
