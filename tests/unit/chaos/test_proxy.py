from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import pytest

from tests.chaos.__main__ import BadFault, parse_fault
from tests.chaos.faults import DropAnswer, Fault, Flip, Replace, Reset, Stall, Throttle
from tests.chaos.proxy import ChaosProxy, chaos_proxy
from tests.unit.client.local_servers import Answer, AnsweringServer, answering
from tests.waiting import wait_for

BODY = bytes(range(256)) * 1000


@pytest.fixture
def target() -> Iterator[AnsweringServer]:
    with answering(Answer(200, b"honest")) as server:
        yield server


@pytest.fixture
def proxy(target: AnsweringServer) -> Iterator[ChaosProxy]:
    with chaos_proxy(target.url) as running:
        yield running


def connected(url: str, timeout_s: float = 10.0) -> closing[HTTPConnection]:
    return closing(HTTPConnection(url.removeprefix("http://"), timeout=timeout_s))


def put(proxy: ChaosProxy, connection: HTTPConnection | None = None) -> bytes:
    with nullcontext(connection) if connection else connected(proxy.url) as used:
        used.request("PUT", "/bucket/key?partNumber=1", BODY)
        return used.getresponse().read()


def test_without_a_fault_everything_passes_as_it_is_and_is_counted(
    proxy: ChaosProxy, target: AnsweringServer
) -> None:
    with connected(proxy.url) as connection:
        assert [put(proxy, connection) for _ in range(3)] == [b"honest"] * 3
    assert [request.body for request in target.received] == [BODY] * 3
    assert target.received[0].headers["host"] == proxy.url.removeprefix("http://")
    wait_for(lambda: proxy.all_put_bytes() == 3 * len(BODY), "all bytes to be counted")
    assert proxy.put_bytes("bucket", "key") == 3 * len(BODY)


def test_a_dropped_answer_belongs_to_a_request_that_was_carried_out(
    proxy: ChaosProxy, target: AnsweringServer
) -> None:
    dropped = proxy.inject(DropAnswer(method="PUT", skip=1))
    assert put(proxy) == b"honest"
    with pytest.raises(RemoteDisconnected):
        put(proxy)
    assert put(proxy) == b"honest"
    assert (dropped.hits, len(target.received)) == (1, 3)


def test_a_reset_comes_after_that_byte_and_the_target_never_sees_the_rest(
    proxy: ChaosProxy, target: AnsweringServer
) -> None:
    proxy.inject(Reset(after_bytes=1000, target="partNumber=1"))
    with pytest.raises(ConnectionError):
        put(proxy)
    assert put(proxy) == b"honest"
    # The answer may be here before the last bytes were counted.
    wait_for(lambda: proxy.all_put_bytes() == 1000 + len(BODY), "all bytes to be counted")


def test_a_stall_holds_the_connection_open_and_lets_go_in_time(proxy: ChaosProxy) -> None:
    proxy.inject(Stall(after_bytes=1000, for_s=0.3))
    began = time.monotonic()
    assert put(proxy) == b"honest"
    assert time.monotonic() - began >= 0.3


def test_a_client_that_gives_up_a_stalled_request_is_noticed(proxy: ChaosProxy) -> None:
    proxy.inject(Stall())
    with connected(proxy.url, timeout_s=0.2) as connection, pytest.raises(TimeoutError):
        put(proxy, connection)
    wait_for(proxy.is_idle, "the end of the connection")


def test_a_throttled_body_takes_its_time(proxy: ChaosProxy) -> None:
    proxy.inject(Throttle(rate_bytes_per_s=len(BODY) / 0.3))
    began = time.monotonic()
    assert put(proxy) == b"honest"
    assert time.monotonic() - began >= 0.3


def test_one_bit_is_flipped(proxy: ChaosProxy, target: AnsweringServer) -> None:
    proxy.inject(Flip(at_byte=100_000))
    put(proxy)
    (request,) = target.received
    assert [at for at, (was, is_) in enumerate(zip(BODY, request.body, strict=True)) if was != is_] == [100_000]


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_replaced_answer_comes_with_or_without_asking(
    proxy: ChaosProxy, target: AnsweringServer, is_asked: bool
) -> None:
    proxy.inject(Replace(status=503, body=b"busy", is_asked=is_asked))
    with connected(proxy.url) as connection:
        connection.request("PUT", "/bucket/key", BODY)
        answer = connection.getresponse()
        assert (answer.status, answer.read(), len(target.received)) == (503, b"busy", is_asked)
        assert put(proxy, connection) == b"honest"


def test_a_cut_line_resets_what_is_open_and_refuses_until_it_is_mended(proxy: ChaosProxy) -> None:
    with connected(proxy.url) as connection:
        put(proxy, connection)
        proxy.cut()
        with pytest.raises(ConnectionError):
            put(proxy, connection)
    with pytest.raises(ConnectionError):
        put(proxy)
    proxy.mend()
    assert put(proxy) == b"honest"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("drop POST /s3/complete-upload", DropAnswer(method="POST", target="/s3/complete-upload")),
        ("reset:1000000 put times=3 skip=1", Reset(after_bytes=1_000_000, method="PUT", times=3, skip=1)),
        ("stall:10,2.5 times=all", Stall(after_bytes=10, for_s=2.5, times=None)),
        ("throttle:5000", Throttle(rate_bytes_per_s=5000)),
        ("flip:7", Flip(at_byte=7)),
        ("answer:200,<html>", Replace(status=200, body=b"<html>")),
        ("replace:502", Replace(status=502, is_asked=True)),
    ],
)
def test_faults_are_written_in_words(words: str, fault: Fault) -> None:
    assert parse_fault(words) == fault


@pytest.mark.parametrize("words", ["explode", "throttle", "drop skip=many", "answer:x"])
def test_what_is_no_fault_is_refused(words: str) -> None:
    with pytest.raises(BadFault):
        parse_fault(words)


def test_by_hand_it_says_where_it_listens_and_what_happened(target: AnsweringServer) -> None:
    command = [sys.executable, "-m", "tests.chaos", target.url, "--fault", "answer:503 PUT"]
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split(" ")[0]
            with connected(url) as connection:
                connection.request("PUT", "/bucket/key", BODY)
                assert connection.getresponse().status == 503
            assert process.stdout.readline() == "Replace: PUT /bucket/key\n"
        finally:
            process.terminate()
