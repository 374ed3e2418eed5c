"""One PUT over a socket pair, with a store that answers in every way that HTTP knows."""

from __future__ import annotations

import errno
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from recorder_desktop.client.answer_values import Answer
from recorder_desktop.client.put_exchange import Patience, head_of, host_of, put

PATIENCE = Patience(stall_s=5.0, answer_s=5.0)
HEAD = head_of("/bucket/talk.mp4?partNumber=1", "store.example.org", {"Content-Length": "4"})
LIMIT_BYTES = 1000


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        yield ours, theirs


def exchange(ends: tuple[socket.socket, socket.socket], *pieces: bytes) -> tuple[Answer, bool]:
    """A PUT to a store that has sent these pieces, one at a time, and hung up."""
    ours, theirs = ends

    def answer() -> None:
        for piece in pieces:
            theirs.sendall(piece)
        theirs.shutdown(socket.SHUT_WR)

    telling = threading.Thread(target=answer)
    telling.start()
    try:
        return put(ours, HEAD, [b"part"], PATIENCE, LIMIT_BYTES)
    finally:
        telling.join()


# --- the head ----------------------------------------------------------------------------------------------------


def test_the_head_names_target_and_host_and_ends_with_an_empty_line() -> None:
    assert HEAD == (
        b"PUT /bucket/talk.mp4?partNumber=1 HTTP/1.1\r\nHost: store.example.org\r\nContent-Length: 4\r\n\r\n"
    )


def test_of_two_headers_of_one_name_the_later_one_counts() -> None:
    head = head_of(
        "/k", "store.example.org", {"Content-Length": "4", "content-length": "5", "HOST": "signed.example"}
    )
    assert head.lower().count(b"content-length") == head.lower().count(b"host: ") == 1
    assert b"content-length: 5\r\n" in head
    assert b"HOST: signed.example\r\n" in head


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://store.example.org", "store.example.org"),
        ("https://Store.Example.org:443", "store.example.org"),
        ("http://store.example.org:80", "store.example.org"),
        ("http://store.example.org:443", "store.example.org:443"),
        ("https://alice:secret@store.example.org:9000", "store.example.org:9000"),
        ("http://[2001:DB8::1]", "[2001:db8::1]"),
        ("http://[2001:db8::1]:8333", "[2001:db8::1]:8333"),
    ],
)
def test_the_host_is_spelled_as_it_was_signed(origin: str, host: str) -> None:
    url = f"{origin}/bucket/talk.mp4?X-Amz-Signature=abc"
    assert host_of(urlsplit(url)) == host
    assert S3SigV4QueryAuth(None, "s3", "us-east-1").headers_to_sign(AWSRequest("PUT", url))["host"] == host


def test_what_is_sent_is_the_head_and_the_body(ends: tuple[socket.socket, socket.socket]) -> None:
    exchange(ends, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert ends[1].recv(1000) == HEAD + b"part"


# --- answers -----------------------------------------------------------------------------------------------------


YES = b"HTTP/1.1 200 OK\r\nETag: 9b\r\n"


@pytest.mark.parametrize(
    ("told", "body", "leaves_open"),
    [
        (YES + b"Content-Length: 3\r\n\r\nyes", b"yes", True),
        (YES + b"Connection: close\r\nContent-Length: 3\r\n\r\nyes", b"yes", False),
        (YES.replace(b"1.1", b"1.0") + b"Content-Length: 3\r\n\r\nyes", b"yes", False),
        (YES + b"Transfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n", b"yes", True),
        (YES + b"\r\nyes", b"yes", False),
        (YES.replace(b"200 OK", b"204 No Content") + b"\r\n", b"", True),
    ],
    ids=["with a length", "then closed", "HTTP/1.0", "in chunks", "to the end", "without a body"],
)
@pytest.mark.parametrize("is_torn", [False, True], ids=["at once", "byte by byte"])
def test_an_answer_is_read_to_its_end_however_that_is_marked(
    ends: tuple[socket.socket, socket.socket], told: bytes, body: bytes, leaves_open: bool, is_torn: bool
) -> None:
    answer, is_open = exchange(ends, *([bytes([byte]) for byte in told] if is_torn else [told]))
    assert answer.status in {200, 204}
    assert (answer.headers.get("ETag"), answer.body, is_open) == ("9b", body, leaves_open)


@pytest.mark.parametrize("connection", [b"", b"Connection: close\r\n"], ids=["kept", "closed"])
@pytest.mark.parametrize("excess", [b"HTTP/1.1 500 Oops\r\n\r\n", b"babble"])
def test_a_connection_with_bytes_too_many_carries_nothing_more(
    ends: tuple[socket.socket, socket.socket], connection: bytes, excess: bytes
) -> None:
    answer, leaves_open = exchange(ends, YES + connection + b"Content-Length: 3\r\n\r\nyes" + excess)
    assert (answer.status, answer.headers.get("ETag"), answer.body, leaves_open) == (200, "9b", b"yes", False)


def test_what_comes_behind_the_body_is_no_header(ends: tuple[socket.socket, socket.socket]) -> None:
    answer, _ = exchange(ends, YES + b"Transfer-Encoding: chunked\r\n\r\n0\r\nETag: wrong\r\n\r\n")
    assert answer.headers.get("ETag") == "9b"


def test_an_interim_answer_is_not_the_answer(ends: tuple[socket.socket, socket.socket]) -> None:
    answer, leaves_open = exchange(
        ends, b"HTTP/1.1 100 Continue\r\nETag: wrong\r\n\r\n", YES + b"Content-Length: 0\r\n\r\n"
    )
    assert (answer.status, answer.headers.get("etag"), leaves_open) == (200, "9b", True)


@pytest.mark.parametrize(
    "cut_off",
    [
        b"",
        YES,
        YES + b"Content-Length: 3\r\n\r\nye",
        YES + b"Transfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"220 mail.example.org ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nyes",
    ],
)
def test_an_answer_that_is_cut_off_or_no_http_counts_as_none(
    ends: tuple[socket.socket, socket.socket], cut_off: bytes
) -> None:
    with pytest.raises(OSError, match="answer"):
        exchange(ends, cut_off)


def test_of_an_endless_answer_only_the_beginning_is_kept(ends: tuple[socket.socket, socket.socket]) -> None:
    answer, leaves_open = exchange(ends, b"HTTP/1.1 500 Oops\r\n\r\n" + b"x" * 3 * LIMIT_BYTES)
    assert (answer.status, answer.body[:900], leaves_open) == (500, b"x" * 900, False)
    assert len(answer.body) <= LIMIT_BYTES


@pytest.mark.parametrize("told", [YES + b"X: y\r\n" * LIMIT_BYTES, b"HTTP/1.1 100 Continue\r\n\r\n" * LIMIT_BYTES])
def test_an_answer_that_never_gets_to_the_point_is_not_waited_for(
    ends: tuple[socket.socket, socket.socket], told: bytes
) -> None:
    with pytest.raises(ConnectionAbortedError, match="no end"):
        exchange(ends, told)


def test_a_yes_to_a_part_that_was_not_sent_to_its_end_is_no_yes(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(YES + b"Content-Length: 0\r\n\r\n")
    theirs.shutdown(socket.SHUT_RD)
    with pytest.raises(BrokenPipeError):
        put(ours, HEAD, [b"part"], PATIENCE, LIMIT_BYTES)


def test_a_no_to_a_part_that_was_not_sent_to_its_end_is_heard(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno!")
    theirs.shutdown(socket.SHUT_RD)
    answer, leaves_open = put(ours, HEAD, [b"part"], PATIENCE, LIMIT_BYTES)
    assert (answer.status, answer.body, leaves_open) == (403, b"no!", False)


class Cut:
    """A place in a file that cannot be sent."""

    size_bytes = 4

    def __init__(self, error: OSError) -> None:
        self._error = error

    def send_to(self, _sock: socket.socket, _stall_s: float) -> None:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(errno.ECONNRESET, "Linux"),
        ConnectionAbortedError(errno.ECONNABORTED, "Windows"),
        OSError(errno.EPROTOTYPE, "macOS"),
        ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "TLS"),
    ],
    ids=str,
)
def test_a_no_is_heard_however_the_system_words_that_the_store_hung_up(
    ends: tuple[socket.socket, socket.socket], error: OSError
) -> None:
    ours, theirs = ends
    theirs.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    answer, leaves_open = put(ours, HEAD, [Cut(error)], PATIENCE, LIMIT_BYTES)
    assert (answer.status, leaves_open) == (403, False)


def test_a_drive_that_fails_is_no_reason_to_wait_for_an_answer(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(OSError, match="drive"):
        put(ends[0], HEAD, [Cut(OSError(errno.EIO, "drive"))], PATIENCE, LIMIT_BYTES)
