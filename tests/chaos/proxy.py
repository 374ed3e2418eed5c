"""A stand-in for the network in front of a store or a server: passes HTTP on, counts it, and fails as it is told.

Without faults not a byte is altered, the Host header included: it is the host that the client used and signed, and a
store checks the signature against what it receives. So a backend can sign URLs for it (S3_PUBLIC_ENDPOINT_URL), and a
desktop can take it for its server (RECORDER_SERVER).
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader
from urllib.parse import unquote, urlsplit

from tests.chaos.faults import DropAnswer, Fault, Flip, Replace, Reset, Stall, Throttle

BLOCK_BYTES = 64 * 1024
RECEIVE_BUFFER_BYTES = 256 * 1024
"""Small, so that what is on its way is with the client or in the target, hardly ever in between."""
_LOOK_EVERY_S = 0.05
_GO_ON = b"HTTP/1.1 100 "


@contextmanager
def chaos_proxy(target_url: str, rate_bytes_per_s: float | None = None, port: int = 0) -> Iterator[ChaosProxy]:
    """Run a proxy in front of `target_url` until the block ends."""
    proxy = ChaosProxy(target_url, rate_bytes_per_s, port)
    try:
        yield proxy
    finally:
        proxy.close()


class Injected:
    """A fault that waits for its requests. `hits`: how many it has met."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.hits = 0  # guarded by the proxy's lock
        self.is_lifted = False
        self._seen = 0  # guarded by the proxy's lock

    def lift(self) -> None:
        """Let requests pass from now on."""
        self.is_lifted = True

    def meets(self, method: str, target: str) -> bool:
        """Count a request; whether the fault happens to it."""
        if self.is_lifted or not self.fault.is_for(method, target):
            return False
        self._seen += 1
        is_due = self._seen > self.fault.skip and (self.fault.times is None or self.hits < self.fault.times)
        self.hits += is_due
        return is_due


class ChaosProxy:
    """Listens on 127.0.0.1 at `url`.

    rate_bytes_per_s: how fast request bodies flow, over all connections together; None: as fast as they can. May be
    changed at any time. on_hit is told of every fault that happens, in words.
    """

    def __init__(self, target_url: str, rate_bytes_per_s: float | None = None, port: int = 0) -> None:
        target = urlsplit(target_url)
        self._target_address = (target.hostname or "", target.port or 80)
        self._line = _Line(rate_bytes_per_s)
        self.on_hit: Callable[[str], None] = lambda _words: None
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._is_cut = False  # guarded by _lock
        self._faults: list[Injected] = []  # guarded by _lock
        self._put_bytes: Counter[str] = Counter()  # by the object's path; guarded by _lock
        self._open: dict[threading.Thread, _Link] = {}  # guarded by _lock
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept, name="proxy", daemon=True)
        self._acceptor.start()

    @property
    def rate_bytes_per_s(self) -> float | None:
        """How fast request bodies flow, all together."""
        return self._line.rate_bytes_per_s

    @rate_bytes_per_s.setter
    def rate_bytes_per_s(self, rate: float | None) -> None:
        self._line.rate_bytes_per_s = rate

    # --- faults --------------------------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> Injected:
        """Let this happen from now on. Of several that are meant for a request, the first injected happens."""
        injected = Injected(fault)
        with self._lock:
            self._faults.append(injected)
        return injected

    def cut(self) -> None:
        """Cut the line: reset every connection, and every one that is tried until `mend`."""
        with self._lock:
            self._is_cut = True
            links = list(self._open.values())
        for link in links:
            link.reset()

    def mend(self) -> None:
        """Let connections through again."""
        with self._lock:
            self._is_cut = False

    # --- counting ------------------------------------------------------------------------------------------------

    def put_bytes(self, bucket: str, key: str) -> int:
        """How many bytes of PUT bodies reached the target for one object, every attempt counted."""
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
        for link in open_now.values():
            link.drop()
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
                with self._lock:
                    if self._is_cut:
                        raise ConnectionAbortedError
                target = socket.create_connection(self._target_address)
            except OSError:  # the target is down: so is the line to it
                client.close()
                continue
            link = _Link(client, target)
            thread = threading.Thread(target=self._serve, args=(link,), name="proxy-requests", daemon=True)
            with self._lock:
                self._open[thread] = link
            thread.start()

    def _serve(self, link: _Link) -> None:
        answers = threading.Thread(target=self._pass_answers, args=(link,), name="proxy-answers", daemon=True)
        answers.start()
        with link.client, link.target:
            with suppress(OSError), link.client.makefile("rb") as requests:
                while self._pass_request(requests, link):
                    pass
            # The client said its last word, or was killed: the target learns just that, and may still answer.
            with suppress(OSError):
                link.target.shutdown(socket.SHUT_WR)
            answers.join()
        with self._lock:
            del self._open[threading.current_thread()]

    # --- requests ------------------------------------------------------------------------------------------------

    def _pass_request(self, requests: BufferedReader, link: _Link) -> bool:
        """Pass one request on; False when there is none, or only part of one."""
        head = _read_head(requests)
        if head is None:
            return False
        fault = self._fault_for(head)
        if isinstance(fault, Replace) and not fault.is_asked:
            requests.read(head.body_bytes)
            link.client.sendall(fault.answer(is_last=False))
            return True
        link.fault = fault
        link.target.sendall(head.raw)
        return self._pass_body(requests, link, head, fault)

    def _fault_for(self, head: _Head) -> Fault | None:
        with self._lock:
            met = next((each for each in self._faults if each.meets(head.method, head.target)), None)
        if met is None:
            return None
        self.on_hit(f"{type(met.fault).__name__}: {head.method} {head.path}")
        return met.fault

    def _pass_body(self, requests: BufferedReader, link: _Link, head: _Head, fault: Fault | None) -> bool:
        own_line = _Line(fault.rate_bytes_per_s if isinstance(fault, Throttle) else None)
        at, stop_at = 0, _stop_at(fault, head)
        while at < head.body_bytes or at == stop_at:
            if at == stop_at:
                stop_at = None
                if not self._hold_up(link, fault):
                    return False
                continue
            block = requests.read1(min((head.body_bytes if stop_at is None else stop_at) - at, BLOCK_BYTES))
            if not block:
                return False
            for line in (own_line, self._line):
                self._closing.wait(line.take(len(block)))
            link.target.sendall(_flipped(block, at, fault))
            at += len(block)
            if head.method == "PUT":
                with self._lock:
                    self._put_bytes[head.path] += len(block)
        return True

    def _hold_up(self, link: _Link, fault: Fault | None) -> bool:
        """Reset or stall; whether the connection goes on afterwards."""
        if isinstance(fault, Reset):
            link.reset()
            return False
        assert isinstance(fault, Stall)
        until = None if fault.for_s is None else time.monotonic() + fault.for_s
        while not self._closing.wait(_LOOK_EVERY_S):
            if link.is_given_up():
                return False
            if until is not None and time.monotonic() > until:
                link.fault = None
                return True
        return False

    # --- answers -------------------------------------------------------------------------------------------------

    def _pass_answers(self, link: _Link) -> None:
        with suppress(OSError):
            while block := link.target.recv(BLOCK_BYTES):
                go_on, answer = _split_go_on(block)
                link.client.sendall(go_on)
                if not answer:
                    continue
                if isinstance(link.fault, Replace):
                    link.client.sendall(link.fault.answer(is_last=True))
                if isinstance(link.fault, Replace | DropAnswer):
                    break
                while isinstance(link.fault, Stall) and not self._closing.wait(_LOOK_EVERY_S):
                    if link.is_given_up():
                        break
                link.client.sendall(answer)
        # The target hung up, or the client no longer listens: either way nothing more can come.
        link.drop()


# --- one connection ------------------------------------------------------------------------------------------------


@dataclass
class _Link:
    """A client's connection and the one to the target. fault: what happens to the request under way."""

    client: socket.socket
    target: socket.socket
    fault: Fault | None = None
    _is_reset: bool = False

    def drop(self) -> None:
        """End both sides in order."""
        for side in (self.target,) if self._is_reset else (self.client, self.target):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End the client's side with a reset, the target's in order."""
        self._is_reset = True
        with suppress(OSError):
            # With a zero linger closing sends RST, where a shutdown would say goodbye first. Whoever owns the
            # descriptor closes it, once it is woken.
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(OSError):
            self.client.shutdown(socket.SHUT_RD)
        with suppress(OSError):
            self.target.shutdown(socket.SHUT_RDWR)

    def is_given_up(self) -> bool:
        """Whether the client has hung up, even with bytes of its request unread."""
        poll = select.poll()
        with suppress(OSError, ValueError):
            poll.register(self.client, select.POLLRDHUP)
            return bool(poll.poll(0))
        return True


@dataclass
class _Line:
    """How fast bytes may pass; None: as fast as they can."""

    rate_bytes_per_s: float | None
    _free_at: float = 0.0  # monotonic; guarded by _lock
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, count: int) -> float:
        """Take `count` bytes; how many seconds they are on their way."""
        rate = self.rate_bytes_per_s
        if rate is None:
            return 0.0
        with self._lock:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + count / rate
            return self._free_at - now


@dataclass(frozen=True)
class _Head:
    raw: bytes
    method: str
    target: str  # path and query as they were sent
    body_bytes: int

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])


def _read_head(requests: BufferedReader) -> _Head | None:
    lines = [requests.readline()]
    while lines[-1] not in (b"\r\n", b""):
        lines.append(requests.readline())
    if not lines[-1]:
        return None
    method, target, _version = lines[0].decode("ascii").split(" ")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
    assert b"transfer-encoding" not in fields, "this proxy reads bodies of a declared length only"
    return _Head(b"".join(lines), method, target, int(fields.get(b"content-length", b"0")))


def _stop_at(fault: Fault | None, head: _Head) -> int | None:
    return min(fault.after_bytes, head.body_bytes) if isinstance(fault, Reset | Stall) else None


def _flipped(block: bytes, at: int, fault: Fault | None) -> bytes:
    if not isinstance(fault, Flip) or not at <= fault.at_byte < at + len(block):
        return block
    changed = bytearray(block)
    changed[fault.at_byte - at] ^= 1
    return bytes(changed)


def _split_go_on(block: bytes) -> tuple[bytes, bytes]:
    """Part what only says to go on ("100 Continue") from the answer proper."""
    if not block.startswith(_GO_ON):
        return b"", block
    head, end, rest = block.partition(b"\r\n\r\n")
    return head + end, rest
