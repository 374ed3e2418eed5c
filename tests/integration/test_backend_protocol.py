"""HTTP itself, byte by byte: what a client may send that no library would, and the service goes on."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.integration.backend_client import Client, client, place
from tests.servers import BackendServer, StoreServer, backend, wait_until

_GOODBYE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendServer]:
    env = store_server.backend_env(f"protocol-{uuid.uuid4().hex}")
    with backend(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"GET /", b"x" * 60_000),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ", b"x" * 60_000),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"x: y\r\n" * 10_000),
        (
            b"POST /s3/uploads HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"x: y\r\n" * 10_000,
        ),
    ],
    ids=["line", "header", "headers", "trailers"],
)
def test_s14_a_request_that_does_not_end_is_cut_off(server: BackendServer, begin: bytes, more: bytes) -> None:
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(begin)
        with pytest.raises(ConnectionError):
            connection.sendall(more * 1000)


@pytest.mark.parametrize("framing", ["length", "chunked", "split"])
def test_an_offer_to_speak_http_2_is_passed_over_and_the_body_read(server: BackendServer, framing: str) -> None:
    url = urlsplit(server.url)
    body = json.dumps({"fileName": "a.mp4", "contentType": "video/mp4"}).encode()
    sent = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if framing == "chunked" else body
    length = "Transfer-Encoding: chunked" if framing == "chunked" else f"Content-Length: {len(body)}"
    head = (
        f"POST /s3/init-upload HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        f"Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n{length}\r\n"
        f"Content-Type: application/json\r\nAuthorization: {server.auth()['Authorization']}\r\n\r\n"
    ).encode()
    pieces = [head, sent[:9], sent[9:] + _GOODBYE] if framing == "split" else [head + sent + _GOODBYE]
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answers.startswith(b"HTTP/1.1 200 OK")
    assert b'"uploadId"' in answers
    assert answers.endswith(b'{"status":"ok"}')


def _exchange(server: BackendServer, sent: bytes) -> bytes:
    """Return all that the server answers until it hangs up."""
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_s01_a_trailer_is_no_header(server: BackendServer) -> None:
    body = b'{"name": "x"}'
    head = (
        b"POST /folders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    trailer = f"Authorization: {server.auth()['Authorization']}\r\n".encode()
    answer = _exchange(server, head + b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailer))
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    "sent",
    [
        b"CONNECT / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        (
            b"POST /s3/init-upload HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
            b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"
        ),
    ],
    ids=["path", "address", "authority", "encoding"],
)
def test_what_cannot_be_read_is_answered_with_400(server: BackendServer, sent: bytes) -> None:
    before = len(server.log())
    assert _exchange(server, sent).startswith(b"HTTP/1.1 400")
    assert "Traceback" not in server.log()[before:]


def test_any_number_of_offers_in_one_go_is_passed_over(server: BackendServer) -> None:
    offer = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert _exchange(server, offer * 2000 + _GOODBYE).count(b"HTTP/1.1 200 OK") == 2001


def test_a_client_that_goes_away_within_its_body_is_no_fault_here(server: BackendServer, alice: Client) -> None:
    before = len(server.log())
    url = urlsplit(server.url)
    head = (
        f"POST /s3/init-upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: {server.auth()['Authorization']}\r\nContent-Length: 100\r\n\r\n{{"
    )
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(head.encode())
    wait_until(lambda: '"route": null' in server.log()[before:], "the request's line in the log")
    assert "Traceback" not in server.log()[before:]


def test_a_request_that_is_no_http_is_answered_and_the_service_lives(server: BackendServer, alice: Client) -> None:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as raw:
        raw.sendall(b"\x16\x03\x01 not http\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
    assert alice.http.get("/recordings").status_code == 200


def _request(sign_in: str, path: str, body: dict[str, object], *more: str) -> tuple[bytes, bytes]:
    """Return the head and the body of a POST."""
    content = json.dumps(body).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: {sign_in}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode(), content


def _opened(server: BackendServer) -> tuple[dict[str, object], str]:
    """Return what names an upload that is at hand from now on, and the token, which is too."""
    with client(server) as alice:
        opened = place(alice.init(fileSize=100))
        assert alice.http.post("/s3/presign-url", json=opened | {"partNumber": 1}).status_code == 200
        return opened, alice.http.headers["Authorization"]


@pytest.mark.parametrize("size", [1, 50, 1_000_000])
def test_answers_come_in_the_order_of_their_requests_in_whatever_pieces_these_come(
    server: BackendServer, size: int
) -> None:
    upload, sign_in = _opened(server)
    asked = [
        ("/s3/presign-url", upload | {"partNumber": 2}),
        ("/s3/progress", upload | {"bytesConfirmed": 1}),
        ("/s3/presign-urls", upload | {"parts": [{"partNumber": 3}]}),
        ("/s3/presign-url", upload | {"partNumber": 4}),
        ("/s3/presign-url", upload | {"partNumber": 0}),
        ("/s3/progress", upload | {"bytesConfirmed": 101}),
        ("/s3/presign-url", upload | {"partNumber": 5}),
    ]
    sent = b"".join(b"".join(_request(sign_in, path, body)) for path, body in asked)
    sent += b"".join(_request(sign_in, "/s3/presign-url", upload | {"partNumber": 6}, "Connection: close"))
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(sent), size):
            connection.sendall(sent[at : at + size])
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    statuses = [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 204, 200, 200, 422, 422, 200, 200]
    numbers = [part.partition(b"partNumber=")[2][:1] for part in answers.split(b"HTTP/1.1 200")[1:]]
    assert numbers == [b"2", b"3", b"4", b"5", b"6"]


def test_a_server_that_stops_answers_the_request_whose_body_is_under_way(
    store_server: StoreServer, tmp_path: Path
) -> None:
    env = store_server.backend_env(f"protocol-{uuid.uuid4().hex}")
    with backend(env, tmp_path / "h", ["--create-bucket"]) as server:
        upload, sign_in = _opened(server)
        head, body = _request(sign_in, "/s3/presign-url", upload | {"partNumber": 2})
        url = urlsplit(server.url)
        with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
            connection.sendall(head)
            # Once this is answered, what was sent before has been read.
            assert _exchange(server, _GOODBYE).startswith(b"HTTP/1.1 200")
            server.process.ask_to_stop()
            wait_until(lambda: not _accepts(server), "the server to stop listening")
            connection.sendall(body)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


def _accepts(server: BackendServer) -> bool:
    url = urlsplit(server.url)
    try:
        socket.create_connection((url.hostname, url.port), timeout=1).close()
    except OSError:
        return False
    return True
