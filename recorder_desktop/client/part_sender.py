"""The data path: PUTs parts to the store over pooled urllib3 connections. Implements core.ports.PartSender.

Over a plain connection the system sends straight out of the file; over TLS, bytes go out block by block from the
caller's buffer. A stall is "no byte accepted for so many seconds" (under TLS: not a quarter of a megabyte), never a
limit on the whole part, so a thin line has all the time it needs.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Generator, Mapping
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from recorder_desktop.client.answer_values import answer_from
from recorder_desktop.client.error_mapping import etag_of, store_errors
from recorder_desktop.client.network import USER_AGENT, connections_to, proxy_for
from recorder_desktop.core.errors import Interrupted
from recorder_desktop.core.model import SignedPart
from recorder_desktop.core.ports import PartBody, StopSignal

CONNECT_TIMEOUT_S = 10.0
STALL_TIMEOUT_S = 60.0
"""No byte taken by the network for this long: the connection is dead. TCP itself would wait a quarter of an hour."""
ANSWER_TIMEOUT_S = 120.0
"""From the last byte to the store's answer: it may have to write the part to several disks first."""

_ANSWER_LIMIT_BYTES = 64 * 1024
"""A store has little to say of a part: an ETag in the head, or why not in a few words of XML."""

_CAN_SEND_FILES = hasattr(os, "sendfile")

# The system's send buffer grows to megabytes. On a thin line those would count as sent minutes before they are, and
# the store's answer would seem to fail to come. So no more than this waits in it (Linux, macOS), or than one piece of
# the file: pieces are large only where the line takes them at once.
_MOST_UNSENT_BYTES = 256 * 1024
_CAN_BOUND_UNSENT = hasattr(socket, "TCP_NOTSENT_LOWAT")
_SOCKET_OPTIONS = list(HTTPConnection.default_socket_options)
if _CAN_BOUND_UNSENT:
    _SOCKET_OPTIONS.append((socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _MOST_UNSENT_BYTES))


class UrllibPartSender:
    """Sends parts; one instance serves every sender thread and keeps their connections."""

    def __init__(self, max_connections: int = 8, stall_timeout_s: float = STALL_TIMEOUT_S) -> None:
        self._max_connections = max_connections
        self._stall_timeout_s = stall_timeout_s
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str | None], urllib3.PoolManager] = {}  # guarded by _lock

    def send(self, signed: SignedPart, body: PartBody, stop: StopSignal) -> str:
        """Send a part and return the store's ETag as the header spells it. See core.ports.PartSender."""
        attempt = _Attempt(self._stall_timeout_s)
        withdraw = stop.on_stop(attempt.abandon)
        try:
            with store_errors(urlsplit(signed.url).hostname or "the store"):
                status, headers, answer = self._put(signed, body, attempt)
        except Exception as exc:
            if stop.is_set():
                raise Interrupted from exc
            raise
        finally:
            withdraw()
        return etag_of(status, headers, answer)

    def _put(self, signed: SignedPart, body: PartBody, attempt: _Attempt) -> tuple[int, Mapping[str, str], bytes]:
        _current.attempt = attempt
        with closing(_pieces(signed, body)) as pieces:
            way, target = self._way_to(signed.url)
            response = way.urlopen(
                "PUT",
                target,
                body=pieces,
                headers=_headers(signed, body),
                retries=False,
                redirect=False,
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=ANSWER_TIMEOUT_S),
                preload_content=False,
            )
            answer = answer_from(response, _ANSWER_LIMIT_BYTES)
        return answer.status, answer.headers, answer.body

    def _way_to(self, url: str) -> tuple[urllib3.PoolManager | HTTPConnectionPool, str]:
        """Whose urlopen() leads to `url`, and what to ask it for."""
        parts = urlsplit(url)
        proxy = proxy_for(url)
        # By scheme and proxy: what the system's settings say may change while this runs.
        way = (parts.scheme, proxy)
        with self._lock:
            if way not in self._pools:
                pool = connections_to(url, maxsize=self._max_connections, socket_options=_SOCKET_OPTIONS)
                pool.pool_classes_by_scheme = {"http": _PartHTTPPool, "https": _PartHTTPSPool}
                self._pools[way] = pool
        if proxy is not None:
            return self._pools[way], url
        # Its manager would spell the whole URL out anew, character by character: a fifth of what a small PUT takes.
        direct = self._pools[way].connection_from_url(f"{parts.scheme}://{parts.netloc}")
        return direct, f"{parts.path}?{parts.query}"

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()


def _headers(signed: SignedPart, body: PartBody) -> urllib3.HTTPHeaderDict:
    # Without a length urllib3 would send the body in chunks, which stores refuse.
    headers = urllib3.HTTPHeaderDict({"User-Agent": USER_AGENT, "Content-Length": str(body.size_bytes)})
    for name, value in signed.headers.items():
        headers[name] = value
    return headers


def _pieces(signed: SignedPart, body: PartBody) -> Generator[Any, None, None]:
    """What the connection's send() is given: places in the file where the system can send out of one."""
    # Not under TLS: the bytes have to be encrypted by us. Not on Windows: Python knows no TransmitFile.
    from_file = _CAN_SEND_FILES and signed.url.startswith("http:")
    yield from body.file_pieces() if from_file else body.blocks()


class _Attempt:
    """One PUT under way: the handle by which a stop reaches its socket."""

    def __init__(self, stall_timeout_s: float) -> None:
        self.stall_timeout_s = stall_timeout_s
        self._lock = threading.Lock()
        self._connection: HTTPConnection | None = None  # guarded by _lock
        self._abandoned = False  # guarded by _lock

    def hold(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._connection = connection
            if self._abandoned:
                raise ConnectionAbortedError("stopped before the first byte")

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            sock = self._connection.sock if self._connection else None
        if sock is not None:
            # The plain socket's shutdown: SSLSocket.shutdown would drop encryption under the sending thread.
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _CurrentAttempt(threading.local):
    attempt: _Attempt


_current = _CurrentAttempt()


class _PartConnectionMixin(HTTPConnection):
    """A connection that ties itself to the attempt of its thread and sends in bounded steps."""

    max_step_bytes = 1024 * 1024

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._attempt = _current.attempt
        if self.sock is None:
            self.connect()
        self._attempt.hold(self)
        self.timeout = self._attempt.stall_timeout_s  # set on the socket by urllib3, anew for every request
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if not isinstance(data, bytes | memoryview):
            if _CAN_BOUND_UNSENT:
                most_unsent = max(_MOST_UNSENT_BYTES, data.size_bytes)
                with suppress(OSError):  # a store that has hung up already is met by the sending
                    self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, most_unsent)
            data.send_to(self.sock)
            return
        # One send() at a time: a socket's timeout bounds a whole sendall(), which a thin line would exceed.
        left = memoryview(data)
        while left:
            try:
                left = left[self.sock.send(left[: self.max_step_bytes]) :]
            except ssl.SSLError as exc:
                # A store that says no closes early. After a broken pipe urllib3 reads the answer; TLS words it so.
                raise BrokenPipeError from exc


class _PartHTTPConnection(_PartConnectionMixin, HTTPConnection):
    pass


class _PartHTTPSConnection(_PartConnectionMixin, HTTPSConnection):
    # A send() under TLS takes all it is given, so the timeout bounds the whole of it: 4 KB/s are no stall.
    max_step_bytes = 256 * 1024


class _PartHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PartHTTPConnection


class _PartHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PartHTTPSConnection
