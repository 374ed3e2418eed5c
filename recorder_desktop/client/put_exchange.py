"""One PUT over an open connection: the head and the body go out, and the store's answer comes back.

HTTP/1.1 without a general client's tables, since there is one request that a desktop makes by the million; the answer
is read by llhttp. A stall is "no byte accepted for so many seconds" (under TLS: not a quarter of a megabyte), never a
limit on the whole body, so a thin line has all the time it needs.
"""

from __future__ import annotations

import errno
import socket
import ssl
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from recorder_desktop.client.answer_values import Answer

_PIECE_BYTES = 16 * 1024
_STEP_BYTES = 256 * 1024
"""A send() under TLS takes all it is given, so the timeout bounds the whole of it: 4 KB/s are no stall."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

_LONGEST_WAIT_S = 5.0
"""Within one call that sends out of a file: far less than what a drive is given to answer."""

# The system's send buffer grows to megabytes. On a thin line those would count as sent minutes before they are, and
# the store's answer would seem to fail to come. So no more than this waits in it (Linux, macOS), or than one piece of
# the file: pieces are large only where the line takes them at once.
_MOST_UNSENT_BYTES = 256 * 1024
_CAN_BOUND_UNSENT = hasattr(socket, "TCP_NOTSENT_LOWAT")
SOCKET_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    *(((socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _MOST_UNSENT_BYTES),) if _CAN_BOUND_UNSENT else ()),
)
"""Of every connection that parts are sent over."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a store may take no byte, and how many it may take to answer after the last one."""

    stall_s: float
    answer_s: float


def host_of(parts: SplitResult) -> str:
    """The Host of an address, as it is signed: in small letters, without a user, and without the scheme's own port.

    Source: `_host_from_url` of botocore.auth. To spell it otherwise costs a 403.
    """
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    return host if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{parts.port}"


def head_of(target: str, host: str, headers: Mapping[str, str]) -> bytes:
    """The head of a PUT. Names and values are ones that a request can carry; of two headers of one name, however that
    is spelled, the later one counts.
    """
    lines = {name.lower(): f"{name}: {value}\r\n" for name, value in ({"Host": host} | dict(headers)).items()}
    return f"PUT {target} HTTP/1.1\r\n{''.join(lines.values())}\r\n".encode("ascii")


def put(
    sock: socket.socket, head: bytes, pieces: Iterable[Any], patience: Patience, limit_bytes: int
) -> tuple[Answer, bool]:
    """Send a PUT and return the answer, and whether the connection may carry another one.

    pieces: blocks of bytes, or places in a file (core.ports.FilePiece). limit_bytes: so much of the answer is read,
    head and all. Raises OSError, TimeoutError among them, when the connection breaks, is silent for too long or
    speaks something else, and whatever `pieces` raises.
    """
    sock.settimeout(patience.stall_s)
    cut_short = None
    try:
        _send(sock, memoryview(head))
        _send_body(sock, pieces, patience.stall_s)
    except OSError as exc:
        if not _is_cut(exc):
            raise
        cut_short = exc  # a store that says no need not read to the end: its answer may be here already
    sock.settimeout(patience.answer_s)
    try:
        answer = _Answering(limit_bytes).read(sock)
    except OSError as exc:
        if cut_short is None:
            raise
        raise cut_short from exc
    if cut_short is not None and answer.status < 300:
        raise cut_short  # nobody can have stored what was not sent
    return answer.to_keep(), answer.leaves_open and cut_short is None


def _is_cut(error: OSError) -> bool:
    # macOS says EPROTOTYPE of a connection that is being taken down at this moment.
    return isinstance(error, ConnectionError | ssl.SSLError) or error.errno == errno.EPROTOTYPE


def _send_body(sock: socket.socket, pieces: Iterable[Any], stall_s: float) -> None:
    most_unsent = 0
    for piece in pieces:
        if isinstance(piece, bytes | memoryview):
            _send(sock, memoryview(piece))
            continue
        # Each of these settings is made with Python's lock held while the system may have packets to see to.
        if not most_unsent:
            _let_system_wait(sock, stall_s)
        if most_unsent != max(_MOST_UNSENT_BYTES, piece.size_bytes):
            most_unsent = max(_MOST_UNSENT_BYTES, piece.size_bytes)
            if _CAN_BOUND_UNSENT:
                with suppress(OSError):  # a store that has hung up already is met by the sending
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, most_unsent)
        piece.send_to(sock, stall_s)


def _let_system_wait(sock: socket.socket, stall_s: float) -> None:
    """Have a call that sends return when all is taken, or after some seconds.

    Where a socket has a timeout, Python asks for leave to send before it does: for each megabyte three calls, as many
    turns of its lock, and a line that runs dry meanwhile.
    """
    seconds, fraction = divmod(min(stall_s, _LONGEST_WAIT_S), 1)
    with suppress(OSError):  # as below
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", int(seconds), int(fraction * 1e6)))
    sock.settimeout(None)


def _send(sock: socket.socket, left: memoryview) -> None:
    """One send() at a time: a socket's timeout bounds a whole sendall(), which a thin line would exceed."""
    while left:
        left = left[sock.send(left[:_STEP_BYTES]) :]


class _Answering:
    """Reads one answer; httptools calls the methods whose names begin with `on_`.

    Attributes:
        leaves_open: the connection may carry another request.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.leaves_open = False
        self._limit_bytes = limit_bytes
        self._parser = HttpResponseParser(self)
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = b""
        self._has_head = False
        self._is_whole = False
        self._may_go_on = False
        self._has_more = False  # bytes that belong to no request of ours

    @property
    def status(self) -> int:
        """The status code."""
        return self._status

    def read(self, sock: socket.socket) -> _Answering:
        """Read to the answer's end or limit. Raises OSError when it is cut off, is not HTTP or does not come."""
        left_bytes = self._limit_bytes
        while not self._is_whole and left_bytes > 0:
            data = sock.recv(_PIECE_BYTES)
            left_bytes -= len(data)
            if not data:
                if self._has_head and not self._has_length():
                    return self  # it ends with the connection
                raise ConnectionResetError("the connection ended without a whole answer")
            self._take(data)
        if not self._has_head:
            raise ConnectionAbortedError("the answer has no end")
        self.leaves_open = self._is_whole and self._may_go_on and not self._has_more
        return self

    def to_keep(self) -> Answer:
        """The answer as it came; of a body that is too long its beginning."""
        return Answer(self._status, _AnyCase(self._headers), self._body[: self._limit_bytes])

    def _take(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as exc:
            if not self._is_whole:
                raise ConnectionAbortedError("the answer is not HTTP") from exc
            self._has_more = True

    # --- httptools -----------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A status line is about to come."""
        self._has_more = self._is_whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, or a trailer, which is none."""
        if not self._has_head:
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The head is whole."""
        if not self._has_head:
            self._status = self._parser.get_status_code()
            self._has_head = self._status >= 200

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        if not self._is_whole:
            self._body += data

    def on_message_complete(self) -> None:
        """The answer is whole, or an interim one that says "go on"."""
        if self._has_head:
            self._is_whole = True
            self._may_go_on = self._parser.should_keep_alive()
        else:
            self._headers.clear()

    # -----------------------------------------------------------------------------------------------------------

    def _has_length(self) -> bool:
        return "content-length" in self._headers or "transfer-encoding" in self._headers


class _AnyCase(dict[str, str]):
    """Headers by name, however that is spelled. Made of lower-case names."""

    def get(self, name: str, default: Any = None) -> Any:
        """The header of that name."""
        return super().get(name.lower(), default)
