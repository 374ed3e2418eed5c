"""Parts over real connections to servers that take them, refuse them, stall, reset and lie."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from select import select

import pytest

from recorder_desktop.client import part_sender, put_exchange, store_connections
from recorder_desktop.client.part_sender import StorePartSender
from recorder_desktop.core.errors import (
    ErrorKind,
    FileChanged,
    Interrupted,
    Offline,
    PartRejected,
    Refused,
    SlowDown,
    TransientFailure,
    UploadError,
    UploadGone,
    UrlRefused,
)
from recorder_desktop.core.file_access import FileAccess
from recorder_desktop.core.model import PartRange, SignedPart
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.pace import Unpaced
from recorder_desktop.data_path.part_body import FilePartBody
from tests.unit.client.certificates import SelfSigned, self_signed
from tests.unit.client.local_servers import (
    Answer,
    LocalServer,
    answer_bytes,
    answering,
    read_body,
    read_head,
    scripted,
)
from tests.waiting import wait_for

KIB = 1024
MIB = 1024 * 1024
ENOUGH = 64 * MIB
"""More than all buffers between a client and a server hold."""
DEADLINE_S = 8.0
STORED = Answer(headers={"ETag": '"9b2c"'})


class MemoryBody:
    """Bytes in blocks."""

    def __init__(self, data: bytes, block_size_bytes: int = 256 * KIB) -> None:
        self.size_bytes = len(data)
        self._data = memoryview(data)
        self._step = block_size_bytes

    def blocks(self) -> Iterator[memoryview]:
        for start in range(0, self.size_bytes, self._step):
            yield self._data[start : start + self._step]


class EndlessBody:
    """The same block over and over, so that a large part costs no memory."""

    size_bytes = ENOUGH

    def blocks(self) -> Iterator[memoryview]:
        block = memoryview(bytes(MIB))
        for _ in range(self.size_bytes // MIB):
            yield block


class VanishingBody(MemoryBody):
    """Its file becomes shorter while it is read."""

    def blocks(self) -> Iterator[memoryview]:
        yield next(iter(super().blocks()))
        raise FileChanged("It became shorter. Retry.")


class MemoryPiece:
    """Implements core.ports.FilePiece over bytes."""

    def __init__(self, block: memoryview) -> None:
        self.size_bytes = len(block)
        self._left = block

    def send_to(self, sock: socket.socket, stall_s: float) -> None:
        moved_at = time.monotonic()
        while self._left:
            try:
                self._left = self._left[sock.send(self._left) :]
                moved_at = time.monotonic()
            except BlockingIOError:
                if time.monotonic() >= moved_at + stall_s:
                    raise TimeoutError from None


class ToldBody:
    """Implements core.ports.PartBody over another body's blocks; `on_sent` is told what was handed over."""

    def __init__(self, body: MemoryBody | EndlessBody, on_sent: Callable[[int], None]) -> None:
        self.size_bytes = body.size_bytes
        self._body = body
        self._on_sent = on_sent

    def blocks(self) -> Iterator[memoryview]:
        for block in self._body.blocks():
            yield block
            self._on_sent(len(block))

    def file_pieces(self) -> Iterator[MemoryPiece]:
        for block in self._body.blocks():
            yield MemoryPiece(block)
            self._on_sent(len(block))


@pytest.fixture
def sender() -> Iterator[StorePartSender]:
    with closing(StorePartSender()) as made:
        yield made


@pytest.fixture
def background() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as threads:
        yield threads


def signed(server: LocalServer, **headers: str) -> SignedPart:
    return SignedPart(f"{server.url}/bucket/talk.mp4?partNumber=1&X-Amz-Signature=abc123", headers, 3600)


def send(
    sender: StorePartSender,
    part: SignedPart,
    body: MemoryBody | EndlessBody,
    stop: StopToken | None = None,
    on_sent: Callable[[int], None] = lambda _count: None,
) -> str:
    return sender.send(part, ToldBody(body, on_sent), stop or StopToken())


def failure(answer: Future[str]) -> BaseException:
    """What a part in the background failed with, within the deadline."""
    raised = answer.exception(DEADLINE_S)
    assert raised is not None, answer.result()
    return raised


# --- a part that arrives -----------------------------------------------------------------------------------------


def test_the_etag_comes_back_as_the_header_spells_it(sender: StorePartSender) -> None:
    with answering(STORED) as store:
        assert send(sender, signed(store), MemoryBody(b"part")) == '"9b2c"'


@pytest.mark.parametrize("size_bytes", [0, 1, 256 * KIB, MIB + 17])
def test_the_bytes_arrive_exactly_under_their_length_and_never_in_chunks(
    sender: StorePartSender, size_bytes: int
) -> None:
    data = os.urandom(size_bytes)
    with answering(STORED) as store:
        send(sender, signed(store), MemoryBody(data))
    (request,) = store.received
    assert request.body == data
    assert request.headers["content-length"] == str(size_bytes)
    assert "transfer-encoding" not in request.headers


def test_the_part_goes_to_the_signed_address_with_the_signed_headers_and_no_amazon_header_of_its_own(
    sender: StorePartSender,
) -> None:
    headers = {"content-length": "4", "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=", "Content-MD5": "abc=="}
    with answering(STORED) as store:
        send(sender, SignedPart(f"{store.url}/b/k%2Fey?X-Amz-Signature=a%2Bb", headers, 3600), MemoryBody(b"part"))
    (request,) = store.received
    assert (request.method, request.path) == ("PUT", "/b/k%2Fey?X-Amz-Signature=a%2Bb")
    assert request.headers["content-md5"] == "abc=="
    assert [name for name in request.headers if name.startswith("x-amz-")] == ["x-amz-checksum-crc64nvme"]
    assert "authorization" not in request.headers


def test_progress_tells_every_block_and_in_all_the_whole_part(sender: StorePartSender) -> None:
    counts: list[int] = []
    with answering(STORED) as store:
        send(sender, signed(store), MemoryBody(bytes(600 * KIB)), on_sent=counts.append)
    assert counts == [256 * KIB, 256 * KIB, 88 * KIB]


def test_parts_in_a_row_share_one_connection(sender: StorePartSender, wire: ssl.SSLContext | None) -> None:
    with answering(STORED, tls=wire) as store:
        for number in range(5):
            send(sender, signed(store), MemoryBody(bytes(number)))
        assert len(store.received) == 5
        assert len(store.accepted) == 1


def test_a_refused_part_leaves_its_connection_for_the_next_one(sender: StorePartSender) -> None:
    with answering(Answer(503), STORED) as store:
        with pytest.raises(SlowDown):
            send(sender, signed(store), MemoryBody(b"part"))
        send(sender, signed(store), MemoryBody(b"part"))
        assert len(store.accepted) == 1


def test_a_connection_that_the_store_closed_meanwhile_is_replaced(sender: StorePartSender) -> None:
    closed = threading.Semaphore(0)

    def one_answer_only(connection: socket.socket, _over: threading.Event) -> None:
        read_head(connection)
        read_body(connection, 4)
        connection.sendall(answer_bytes(200, ETag='"9b2c"'))
        connection.shutdown(socket.SHUT_WR)
        closed.release()

    with scripted(one_answer_only) as store:
        for _ in range(2):
            assert send(sender, signed(store), MemoryBody(b"part")) == '"9b2c"'
            assert closed.acquire(timeout=DEADLINE_S)
        assert len(store.accepted) == 2


# --- a line that is slow, dead or cut ----------------------------------------------------------------------------


def hold_still(connection: socket.socket, over: threading.Event) -> None:
    read_head(connection)
    over.wait()


def test_f23_a_store_that_stops_reading_is_a_stall(
    background: ThreadPoolExecutor, wire: ssl.SSLContext | None
) -> None:
    with closing(StorePartSender(stall_timeout_s=0.3)) as sender, scripted(hold_still, wire) as store:
        error = failure(background.submit(send, sender, signed(store), EndlessBody()))
    assert isinstance(error, TransientFailure)
    assert error.code == "stalled"


def test_f23_a_store_that_never_answers_is_a_stall(
    background: ThreadPoolExecutor, sender: StorePartSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_sender, "ANSWER_TIMEOUT_S", 0.3)
    with scripted(hold_still) as store:
        error = failure(background.submit(send, sender, signed(store), MemoryBody(b"part")))
    assert isinstance(error, TransientFailure)
    assert error.code == "stalled"


def test_f24_a_very_slow_reader_is_no_stall(wire: ssl.SSLContext | None) -> None:
    size_bytes, stall_timeout_s = 12 * MIB, 0.8
    started = time.monotonic()
    handed_over_at: list[float] = []

    def trickle(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        for _ in range(16):
            over.wait(0.1)
            read_body(connection, size_bytes // 16)
        connection.sendall(answer_bytes(200, ETag='"9b2c"'))

    # One block, so that a limit on all of it would be noticed.
    body = MemoryBody(bytes(size_bytes), size_bytes)
    with closing(StorePartSender(stall_timeout_s=stall_timeout_s)) as sender, scripted(trickle, wire) as store:
        etag = send(sender, signed(store), body, on_sent=lambda _count: handed_over_at.append(time.monotonic()))
    assert etag == '"9b2c"'
    assert handed_over_at[0] - started > stall_timeout_s, "the block was taken too soon to tell anything"


def test_f24_a_pause_within_the_stall_timeout_is_no_stall_however_long_connecting_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_connections, "CONNECT_TIMEOUT_S", 0.2)

    def pause_once(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        over.wait(0.6)
        read_body(connection, 4 * MIB)
        connection.sendall(answer_bytes(200, ETag='"9b2c"'))

    with closing(StorePartSender(stall_timeout_s=20.0)) as sender, scripted(pause_once) as store:
        assert send(sender, signed(store), MemoryBody(bytes(4 * MIB))) == '"9b2c"'


def reset(connection: socket.socket) -> None:
    # Closing without lingering makes the kernel send a reset.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.socket.close(connection)


def test_f22_a_reset_in_the_middle_of_a_part_is_tried_again(
    sender: StorePartSender, wire: ssl.SSLContext | None
) -> None:
    def reset_mid_part(connection: socket.socket, _over: threading.Event) -> None:
        read_head(connection)
        read_body(connection, MIB)
        reset(connection)

    with scripted(reset_mid_part, wire) as store, pytest.raises(TransientFailure) as caught:
        send(sender, signed(store), EndlessBody())
    assert caught.value.code == "connection_trouble"


def test_f22_a_connection_that_ends_without_an_answer_is_tried_again(
    sender: StorePartSender, wire: ssl.SSLContext | None
) -> None:
    def hang_up(connection: socket.socket, _over: threading.Event) -> None:
        read_head(connection)
        read_body(connection, 4)

    with scripted(hang_up, wire) as store, pytest.raises(TransientFailure) as caught:
        send(sender, signed(store), MemoryBody(b"part"))
    assert caught.value.code == "connection_trouble"


def test_f30_tls_records_damaged_on_the_way_are_tried_again(sender: StorePartSender, trusted: SelfSigned) -> None:
    def garble(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        os.write(connection.fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        over.wait()

    with scripted(garble, trusted.server_context()) as store, pytest.raises(TransientFailure) as caught:
        send(sender, signed(store), MemoryBody(b"part"))
    assert caught.value.code == "connection_trouble"


def test_an_answer_that_is_not_http_is_tried_again(sender: StorePartSender) -> None:
    def babble(connection: socket.socket, _over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(b"220 mail.example.org ESMTP\r\n")

    with scripted(babble) as store, pytest.raises(TransientFailure):
        send(sender, signed(store), MemoryBody(b""))


def test_f26_a_refused_connection_means_offline(sender: StorePartSender) -> None:
    with scripted(hold_still) as store:
        part = signed(store)
    with pytest.raises(Offline) as caught:
        send(sender, part, MemoryBody(b"part"))
    assert "127.0.0.1" in caught.value.message


def test_a_broken_part_is_not_continued_on_the_same_connection(sender: StorePartSender) -> None:
    with answering(STORED) as store:
        with pytest.raises(FileChanged):
            send(sender, signed(store), VanishingBody(bytes(MIB)))
        assert send(sender, signed(store), MemoryBody(b"part")) == '"9b2c"'
        assert len(store.accepted) == 2
    assert b"part" in [request.body for request in store.received]


# --- answers other than yes --------------------------------------------------------------------------------------

DENIED = answer_bytes(403, b"<Error><Code>AccessDenied</Code></Error>", Connection="close")


def test_f32_an_early_403_followed_by_a_close_is_a_refused_url_and_no_network_error(
    sender: StorePartSender, wire: ssl.SSLContext | None
) -> None:
    def deny(connection: socket.socket, _over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(DENIED)

    with scripted(deny, wire) as store:
        for _ in range(10):
            with pytest.raises(UrlRefused):
                send(sender, signed(store), EndlessBody())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(403, b"<Error><Code>AccessDenied</Code></Error>"), UrlRefused),
        (Answer(400, b"<Error><Code>BadDigest</Code></Error>"), PartRejected),
        (Answer(404, b"<Error><Code>NoSuchUpload</Code></Error>"), UploadGone),
        (Answer(503, b"<Error><Code>SlowDown</Code></Error>", {"Retry-After": "600"}), SlowDown),
        (Answer(500, b"oops"), TransientFailure),
    ],
)
def test_a_refusal_is_sorted_by_what_the_store_says_and_asked_for_only_once(
    sender: StorePartSender, answer: Answer, error: type[UploadError]
) -> None:
    with answering(answer) as store, pytest.raises(error):
        send(sender, signed(store), MemoryBody(b"part"))
    assert len(store.received) == 1


@pytest.mark.parametrize("headers", [{}, {"ETag": ""}, {"ETag": '""'}])
def test_f31_an_answer_without_an_etag_does_not_count(sender: StorePartSender, headers: dict[str, str]) -> None:
    with answering(Answer(200, headers=headers)) as store, pytest.raises(Offline) as caught:
        send(sender, signed(store), MemoryBody(b"part"))
    assert caught.value.code == "captive_portal"


def test_f27_a_sign_in_page_is_not_success(sender: StorePartSender) -> None:
    page = Answer(200, b"<html>Welcome to the hotel</html>", {"Content-Type": "text/html"})
    with answering(page) as portal, pytest.raises(Offline) as caught:
        send(sender, signed(portal), MemoryBody(b"part"))
    assert caught.value.code == "captive_portal"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_f27_a_redirect_is_never_followed(sender: StorePartSender, status: int) -> None:
    with (
        answering(STORED) as elsewhere,
        answering(Answer(status, headers={"Location": f"{elsewhere.url}/sign-in"})) as portal,
    ):
        with pytest.raises(Offline) as caught:
            send(sender, signed(portal), MemoryBody(b"part"))
        assert elsewhere.accepted == []
        assert len(portal.received) == 1
    assert caught.value.code == "captive_portal"


def test_s24_no_error_shows_the_presigned_url(sender: StorePartSender) -> None:
    with scripted(lambda _connection, _over: None) as store:
        part = signed(store)
        with pytest.raises(TransientFailure) as caught:
            send(sender, part, MemoryBody(b"part"))
    assert "abc123" not in caught.value.message + repr(caught.value) + repr(caught.value.__cause__) + repr(part)


# --- letting go --------------------------------------------------------------------------------------------------


def test_a_stop_in_the_middle_of_a_part_interrupts_it(
    background: ThreadPoolExecutor, sender: StorePartSender, wire: ssl.SSLContext | None
) -> None:
    stop, moved = StopToken(), threading.Event()

    def read_a_little(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        read_body(connection, 2 * MIB)
        over.wait()

    with scripted(read_a_little, wire) as store:
        answer = background.submit(send, sender, signed(store), EndlessBody(), stop, lambda _count: moved.set())
        assert moved.wait(DEADLINE_S)
        stop.set()
        assert isinstance(failure(answer), Interrupted)


def test_a_stop_while_the_store_thinks_interrupts(
    background: ThreadPoolExecutor, sender: StorePartSender, wire: ssl.SSLContext | None
) -> None:
    stop, arrived = StopToken(), threading.Event()

    def think(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        read_body(connection, 4)
        arrived.set()
        over.wait()

    with scripted(think, wire) as store:
        answer = background.submit(send, sender, signed(store), MemoryBody(b"part"), stop)
        assert arrived.wait(DEADLINE_S)
        stop.set()
        assert isinstance(failure(answer), Interrupted)


def test_a_stop_before_the_start_sends_nothing(sender: StorePartSender) -> None:
    stop = StopToken()
    stop.set()
    with answering(STORED) as store, pytest.raises(Interrupted):
        send(sender, signed(store), MemoryBody(b"part"), stop)
    assert store.received == []


def test_a_stop_after_the_answer_leaves_the_connection_to_the_next_part(sender: StorePartSender) -> None:
    stop = StopToken()
    with answering(STORED) as store:
        send(sender, signed(store), MemoryBody(b"part"), stop)
        stop.set()
        send(sender, signed(store), MemoryBody(b"part"))
        assert len(store.accepted) == 1


class LateStop(StopToken):
    """One that comes when the store has answered already."""

    def on_stop(self, action: Callable[[], None]) -> Callable[[], None]:
        return action


def test_a_stop_that_crosses_the_answer_spares_the_connection_that_others_use_by_now(sender: StorePartSender) -> None:
    with answering(STORED) as store:
        send(sender, signed(store), MemoryBody(b"part"), LateStop())
        send(sender, signed(store), MemoryBody(b"part"))
        assert len(store.accepted) == 1


def test_a_stop_of_one_part_leaves_the_others_alone(background: ThreadPoolExecutor, sender: StorePartSender) -> None:
    stop, go_on = StopToken(), threading.Event()

    def wait_then_answer(connection: socket.socket, _over: threading.Event) -> None:
        read_head(connection)
        read_body(connection, 4)
        assert go_on.wait(DEADLINE_S)
        connection.sendall(answer_bytes(200, ETag='"9b2c"'))

    with scripted(wait_then_answer) as store:
        stopped = background.submit(send, sender, signed(store), MemoryBody(b"part"), stop)
        other = background.submit(send, sender, signed(store), MemoryBody(b"part"))
        wait_for(lambda: len(store.accepted) == 2, "both parts under way")
        stop.set()
        assert isinstance(failure(stopped), Interrupted)
        go_on.set()
        assert other.result(DEADLINE_S) == '"9b2c"'


# --- trust -------------------------------------------------------------------------------------------------------


def test_f29_a_self_signed_certificate_stops_the_upload_before_a_byte_of_it(
    sender: StorePartSender, certificate: SelfSigned
) -> None:
    with answering(STORED, tls=certificate.server_context()) as store, pytest.raises(Refused) as caught:
        send(sender, signed(store), MemoryBody(b"part"))
    assert (caught.value.code, caught.value.kind) == ("tls_untrusted", ErrorKind.FATAL)
    assert store.received == []


def test_f29_a_certificate_in_ssl_cert_file_is_trusted(sender: StorePartSender, trusted: SelfSigned) -> None:
    with answering(STORED, tls=trusted.server_context()) as store:
        assert send(sender, signed(store), MemoryBody(b"part")) == '"9b2c"'


def test_f29_a_trusted_certificate_of_another_host_is_refused(
    sender: StorePartSender, trusted: SelfSigned, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = self_signed(tmp_path, "other.example.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.certificate))
    with answering(STORED, tls=other.server_context()) as store, pytest.raises(Refused) as caught:
        send(sender, signed(store), MemoryBody(b"part"))
    assert caught.value.code == "tls_untrusted"


# --- proxies -----------------------------------------------------------------------------------------------------


def test_s25_loopback_goes_around_the_proxy_and_never_reads_netrc(
    sender: StorePartSender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login alice password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with answering(Answer(502)) as proxy, answering(STORED) as store:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert send(sender, signed(store), MemoryBody(b"part")) == '"9b2c"'
        assert proxy.accepted == []
    assert "authorization" not in store.received[0].headers


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_f28_a_proxy_that_wants_a_password_is_named_plainly(
    sender: StorePartSender, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with answering(Answer(407, headers={"Proxy-Authenticate": "Basic"})) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        with pytest.raises(Refused) as caught:
            send(sender, SignedPart(f"{scheme}://store.example.test/b/k", {}, 3600), MemoryBody(b"part"))
    assert caught.value.code == "proxy_password"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_f28_the_password_in_the_proxys_address_is_sent(
    sender: StorePartSender, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with answering(Answer(407)) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://alice:p%40ss@127.0.0.1:{proxy.port}")
        with pytest.raises(Refused):
            send(sender, SignedPart(f"{scheme}://store.example.test/b/k", {}, 3600), MemoryBody(b"part"))
    (request,) = proxy.received
    assert request.headers["proxy-authorization"] == f"Basic {b64encode(b'alice:p@ss').decode()}"


def test_a_part_goes_through_a_proxys_tunnel_and_the_password_stays_with_the_proxy(
    sender: StorePartSender, monkeypatch: pytest.MonkeyPatch, trusted: SelfSigned, tmp_path: Path
) -> None:
    store = self_signed(tmp_path, "store.example.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(store.certificate))
    heads: list[bytes] = []

    def tunnel(connection: socket.socket, _over: threading.Event) -> None:
        heads.append(read_head(connection))
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with store.server_context().wrap_socket(connection, server_side=True) as inside:
            heads.append(read_head(inside))
            assert read_body(inside, 4) == b"part"
            inside.sendall(answer_bytes(200, ETag='"9b2c"'))

    with scripted(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://alice:secret@127.0.0.1:{proxy.port}")
        part = SignedPart("https://store.example.test/b/k", {}, 3600)
        assert send(sender, part, MemoryBody(b"part")) == '"9b2c"'
    assert heads[0].startswith(b"CONNECT store.example.test:443 ")
    assert b"proxy-authorization" not in heads[1].lower()


def test_a_file_goes_encrypted_to_a_proxy_that_is_reached_under_tls(
    sender: StorePartSender, monkeypatch: pytest.MonkeyPatch, trusted: SelfSigned, tmp_path: Path
) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(data := os.urandom(300 * KIB))
    with answering(STORED, tls=trusted.server_context()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        part = SignedPart("http://alice@Store.Example.test:80/b/k?partNumber=1", {}, 3600)
        assert sender.send(part, file_body(path, PartRange(1, 0, len(data))), StopToken()) == '"9b2c"'
    (request,) = proxy.received
    assert request.body == data
    assert (request.path, request.headers["host"]) == (
        "http://store.example.test/b/k?partNumber=1",
        "store.example.test",
    )


def test_a_stop_reaches_a_part_under_tls_inside_a_proxys_tls(
    background: ThreadPoolExecutor,
    sender: StorePartSender,
    monkeypatch: pytest.MonkeyPatch,
    trusted: SelfSigned,
    tmp_path: Path,
) -> None:
    store_certificate = self_signed(tmp_path, "store.example.test")
    both = tmp_path / "both.crt"
    both.write_bytes(trusted.certificate.read_bytes() + store_certificate.certificate.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(both))
    stop, arrived = StopToken(), threading.Event()

    def think(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        arrived.set()
        over.wait()

    with scripted(think, store_certificate.server_context()) as store:

        def tunnel(connection: socket.socket, _over: threading.Event) -> None:
            assert isinstance(connection, ssl.SSLSocket)
            read_head(connection)
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            with socket.create_connection(("127.0.0.1", store.port)) as onward:
                while True:
                    waiting = [connection] if connection.pending() else select([connection, onward], [], [])[0]
                    for source in waiting:
                        if not (data := source.recv(64 * KIB)):
                            return
                        (onward if source is connection else connection).sendall(data)

        with scripted(tunnel, trusted.server_context()) as proxy:
            monkeypatch.setenv("https_proxy", proxy.url)
            part = SignedPart("https://store.example.test/b/k", {}, 3600)
            answer = background.submit(send, sender, part, MemoryBody(b"part"), stop)
            assert arrived.wait(DEADLINE_S), answer.exception(0)
            stop.set()
            assert isinstance(failure(answer), Interrupted)


def test_a_proxy_that_cannot_be_reached_means_offline(
    sender: StorePartSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(hold_still) as gone:
        monkeypatch.setenv("HTTP_PROXY", gone.url)
    with pytest.raises(Offline):
        send(sender, SignedPart("http://store.example.test/b/k", {}, 3600), MemoryBody(b"part"))


def test_a_proxy_of_an_unusable_kind_is_named_plainly(
    sender: StorePartSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(Refused) as caught:
        send(sender, SignedPart("http://store.example.test/b/k", {}, 3600), MemoryBody(b"part"))
    assert caught.value.code == "proxy_unusable"


# --- out of a file -----------------------------------------------------------------------------------------------


def file_body(path: Path, part: PartRange) -> FilePartBody:
    return FilePartBody(path, part, memoryview(bytearray(64 * KIB)), Unpaced())


def test_a_part_goes_from_its_place_in_the_file_to_a_plain_store(sender: StorePartSender, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(data := os.urandom(3 * MIB + 17))
    part = PartRange(2, MIB, 2 * MIB + 17)
    with answering(STORED) as store:
        sender.send(signed(store), file_body(path, part), StopToken())
    assert store.received[0].body == data[MIB:]


def test_f11_a_file_that_became_shorter_is_noticed_while_it_is_sent(sender: StorePartSender, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(bytes(MIB))
    with answering(STORED) as store, pytest.raises(FileChanged):
        sender.send(signed(store), file_body(path, PartRange(1, 0, 2 * MIB)), StopToken())


def test_f23_a_store_that_stops_reading_out_of_a_file_is_a_stall_and_the_drive_is_not_blamed(
    background: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(put_exchange, "_LONGEST_WAIT_S", 0.05)
    path, access = tmp_path / "talk.mp4", FileAccess()
    path.touch()
    os.truncate(path, ENOUGH)
    body = FilePartBody(path, PartRange(1, 0, ENOUGH), memoryview(bytearray(64 * KIB)), Unpaced(), access)
    waited_s = 0.0
    with closing(StorePartSender(stall_timeout_s=2.0)) as sender, scripted(hold_still) as store:
        answer = background.submit(sender.send, signed(store), body, StopToken())
        while not answer.done():
            waited_s = max(waited_s, access.waits_s(time.monotonic()))
            time.sleep(0.01)
        error = failure(answer)
    assert isinstance(error, TransientFailure)
    assert error.code == "stalled"
    assert waited_s < 1.5, "the network's wait counted as the drive's"


def test_a_stop_in_the_middle_of_a_part_out_of_a_file_interrupts_it(
    background: ThreadPoolExecutor, sender: StorePartSender, tmp_path: Path
) -> None:
    path, stop, reading = tmp_path / "talk.mp4", StopToken(), threading.Event()
    path.touch()
    os.truncate(path, ENOUGH)

    def read_a_little(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        read_body(connection, 2 * MIB)
        reading.set()
        over.wait()

    with scripted(read_a_little) as store:
        answer = background.submit(sender.send, signed(store), file_body(path, PartRange(1, 0, ENOUGH)), stop)
        assert reading.wait(DEADLINE_S)
        stop.set()
        assert isinstance(failure(answer), Interrupted)
