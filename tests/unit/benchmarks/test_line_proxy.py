"""The line that the benchmarks model: it alters nothing and counts what arrives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3

from tests.benchmarks.line_proxy import Line, LineSample, LineShape, line
from tests.waiting import wait_for

SHAPE = LineShape(round_trip_s=0.02, rate_bytes_per_s=50e6, window_bytes=256 * 1024)
PART = bytes(range(256)) * 4096


class Store(BaseHTTPRequestHandler):
    """Answers a PUT with its body."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent."""


@pytest.fixture
def store_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_part_arrives_whole_and_is_counted(store_port: int, tmp_path: Path) -> None:
    with line(tmp_path, SHAPE, [store_port]) as passed, urllib3.PoolManager() as http:
        for _ in range(2):
            assert http.request("PUT", f"{passed.urls[0]}/part", body=PART).data == PART

        last = wait_for(lambda: _with_bytes(passed.samples(), 2 * len(PART)), "two parts")[0]

    assert (last.connections, last.most_at_once, last.broken) == (1, 1, 0)


def test_a_part_counts_that_waits_for_leave_to_be_sent(store_port: int, tmp_path: Path) -> None:
    with line(tmp_path, SHAPE, [store_port]) as passed, _dial(passed) as connection:
        connection.sendall(b"PUT /part HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert b"100 Continue" in connection.recv(1000)
        connection.sendall(b"part")

        last = wait_for(lambda: _with_bytes(passed.samples(), 4), "the part")[0]

    assert last.most_at_once == 1


def test_a_part_that_is_given_up_is_broken(store_port: int, tmp_path: Path) -> None:
    with line(tmp_path, SHAPE, [store_port]) as passed:
        with _dial(passed) as connection:
            connection.sendall(b"PUT /part HTTP/1.1\r\nHost: store\r\nContent-Length: 1000\r\n\r\n" + b"x" * 400)
            wait_for(lambda: _with_bytes(passed.samples(), 400), "what was sent of it")

        last = wait_for(lambda: [each for each in passed.samples() if each.broken], "a broken part")[0]

    assert last.part_bytes == 400


def _dial(passed: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(passed.urls[0]).port or 0))


def _with_bytes(samples: list[LineSample], part_bytes: int) -> list[LineSample]:
    return [sample for sample in samples if sample.part_bytes == part_bytes]
