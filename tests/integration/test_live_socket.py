"""The WebSocket of live progress: who may listen, and when a connection ends."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.integration.backend_client import client, place
from tests.integration.live_watcher import address, closed, watching
from tests.servers import BackendServer, StoreServer, backend, backend_program, wait_until


@pytest.fixture(scope="module")
def server(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendServer]:
    env = store_server.backend_env(f"socket-{uuid.uuid4().hex}") | {"CORS_ORIGINS": "https://team.example"}
    with backend(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


def test_the_token_may_come_as_the_first_message(server: BackendServer) -> None:
    with watching(server, user="") as watcher:
        watcher.connection.send(json.dumps({"type": "auth", "token": server.token()}))
        assert isinstance(watcher.snapshot(), list)


@pytest.mark.parametrize(
    "first", ["", "{", "[]", '{"type":"auth"}', '{"type":"auth","token":7}', '{"type":"auth","token":"x"}', b"\x00"]
)
def test_a_first_message_that_is_no_sign_in_ends_the_connection(server: BackendServer, first: str | bytes) -> None:
    with watching(server, user="") as watcher:
        watcher.connection.send(first)
        assert closed(watcher.connection) == 4401


def test_silence_ends_the_connection(server: BackendServer) -> None:
    with watching(server, user="") as watcher:
        assert closed(watcher.connection) == 4401


@pytest.mark.parametrize("header", ["Bearer x", "Basic YTpi", "Bearer", ""])
def test_s01_a_bad_header_ends_the_connection(server: BackendServer, header: str) -> None:
    with connect(address(server), additional_headers={"Authorization": header}, proxy=None) as connection:
        assert closed(connection) == 4401


def test_a_token_that_runs_out_ends_the_connection_unless_a_newer_one_came(server: BackendServer) -> None:
    soon = int(time.time()) + 2
    with watching(server, user="") as left, watching(server, user="") as renewed:
        for watcher in (left, renewed):
            watcher.connection.send(json.dumps({"type": "auth", "token": server.token(exp=soon)}))
            watcher.snapshot()
        renewed.connection.send(json.dumps({"type": "auth", "token": server.token()}))
        assert closed(left.connection) == 4401
        with client(server) as alice:
            renewed.upload(alice.init(fileSize=1)["uploadId"])
        renewed.connection.send(json.dumps({"type": "auth", "token": server.token("bob")}))
        assert closed(renewed.connection) == 4401


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "https://team.example.evil.test", "http://127.0.0.1"]
)
def test_s18_pages_of_other_origins_are_refused(server: BackendServer, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, watching(server, origin=origin):
        pass
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["code"] == "origin_refused"


def test_pages_of_this_host_and_of_configured_origins_may_listen(server: BackendServer) -> None:
    for origin in (server.url, "https://team.example"):
        with watching(server, origin=origin) as watcher:
            watcher.snapshot()


def test_s17_a_foreign_host_is_refused(server: BackendServer) -> None:
    foreign = address(server).replace("127.0.0.1", "evil.test")
    reached = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
    with pytest.raises(InvalidStatus) as refused, connect(foreign, sock=reached, proxy=None):
        pass
    assert refused.value.response.status_code == 400


def test_so_many_connections_of_one_user_and_no_more(server: BackendServer) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(watching(server, "carol")).snapshot()
        with watching(server, "carol") as one_more:
            assert closed(one_more.connection) == 1013
        with watching(server, "dave") as somebody_else:
            somebody_else.snapshot()
    with watching(server, "carol") as again:
        again.snapshot()


def test_no_token_is_written_to_the_log(server: BackendServer) -> None:
    token = server.token("erin")
    with watching(server, user="") as watcher:
        watcher.connection.send(json.dumps({"type": "auth", "token": token}))
        watcher.snapshot()
    assert token not in server.log()


def test_a_connection_that_ends_is_one_line_in_the_log(server: BackendServer) -> None:
    before = len(server.log())
    with watching(server) as watcher:
        watcher.snapshot()
    wait_until(lambda: '"WEBSOCKET"' in server.log()[before:], "the connection's line in the log")
    ended = json.loads(next(line for line in server.log()[before:].splitlines() if '"WEBSOCKET"' in line))
    assert (ended["route"], ended["status"]) == ("/ws/progress", 101)
    with client(server) as somebody:
        somebody.http.get("/recordings")  # whatever follows the line has been written by then
    assert "Traceback" not in server.log()[before:]


def test_a_server_that_stops_says_goodbye_and_waits_for_nobody_who_does_not_read(
    store_server: StoreServer, tmp_path: Path
) -> None:
    env = store_server.backend_env(f"stop-{uuid.uuid4().hex}")
    with backend(env, tmp_path / "h", ["--create-bucket"]) as server, watching(server) as watcher:
        watcher.snapshot()
        with stuck_reader(server):
            server.process.ask_to_stop()
            assert closed(watcher.connection) == 1001
            assert server.process.wait() == 0
        assert "still" not in server.log().lower()


def test_every_worker_of_one_server_tells_what_any_of_them_did(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env(f"workers-{uuid.uuid4().hex}")
    with (
        backend_program(env, tmp_path / "h", ["--create-bucket", "--workers", "2"]) as server,
        client(server) as alice,
        contextlib.ExitStack() as stack,
    ):
        # Connections are taken by whichever worker is quicker: of eight, both have some.
        watchers = [stack.enter_context(watching(server)) for _ in range(8)]
        for watcher in watchers:
            watcher.snapshot()
        opened = alice.init(fileSize=1000)
        assert alice.http.post("/s3/progress", json=place(opened) | {"bytesConfirmed": 7}).status_code == 204
        for watcher in watchers:
            watcher.upload(opened["uploadId"], bytesConfirmed=7)
        server.process.ask_to_stop()
        assert {closed(watcher.connection) for watcher in watchers} == {1001}


@contextlib.contextmanager
def stuck_reader(server: BackendServer) -> Iterator[None]:
    """A signed-in watcher that takes nothing from its line, until the server can send it no more."""
    host, port = "127.0.0.1", int(server.url.rpartition(":")[2])
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect((host, port))
        line.sendall(
            (
                f"GET /ws/progress HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\n"
                f"Authorization: Bearer {server.token()}\r\n\r\n"
            ).encode()
        )
        assert line.recv(12) == b"HTTP/1.1 101"
        yield
