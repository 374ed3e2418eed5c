"""Sends HTTP requests at a steady rate, whether or not earlier ones were answered, from a process of its own.

Latency counts from the instant at which a request was due, so that a server that stands still cannot slow down those
who ask and look fast by it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_SETTLE_S = 20.0
"""How long the last answers are waited for."""


@dataclass(frozen=True)
class Load:
    """What came of it. latencies_s: sorted. ended_s: from the first request's instant to the last answer."""

    latencies_s: Sequence[float]
    failed: int
    ended_s: float

    def percentile_ms(self, share: float) -> float:
        """The latency that this share of the requests did not exceed."""
        return self.latencies_s[min(len(self.latencies_s) - 1, int(len(self.latencies_s) * share))] * 1000


@dataclass(frozen=True)
class Call:
    """A POST with its JSON body."""

    path: str
    token: str
    body: dict[str, Any]


def send_at(
    server: str, calls: Sequence[Call], rate_per_s: float, seconds: float, connections: int, core: int
) -> Load:
    """Send calls in turn over kept connections, from a process on this processor core; return what came of it."""
    order = {
        "server": server,
        "requests": [_request(server, call) for call in calls],
        "rate": rate_per_s,
        "seconds": seconds,
        "connections": connections,
    }
    command = ["taskset", "--cpu-list", str(core), sys.executable, "-m", "tests.benchmarks.open_loop"]
    done = subprocess.run(
        command, input=json.dumps(order), cwd=_ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    found = json.loads(done.stdout)
    return Load(found["latencies"], found["failed"], found["ended"])


def _request(server: str, call: Call) -> str:
    body = json.dumps(call.body)
    head = (
        f"POST {call.path} HTTP/1.1\r\nHost: {server.rpartition('/')[2]}\r\nAuthorization: Bearer {call.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head + body


class _Loop:
    """The requests that are due, and the connections that are free to send them."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = requests
        self._due: deque[tuple[float, bytes]] = deque()
        # In turn, as so many desktops would: one that is never used the server hangs up.
        self._free: deque[_Connection] = deque()
        self.latencies_s: list[float] = []
        self.failed = 0

    async def run(self, rate_per_s: float, seconds: float) -> float:
        total = int(rate_per_s * seconds)
        began = time.perf_counter()
        for number in range(total):
            due = began + number / rate_per_s
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            self._due.append((due, self._requests[number % len(self._requests)]))
            self._send()
        give_up = time.perf_counter() + _SETTLE_S
        while len(self.latencies_s) + self.failed < total and time.perf_counter() < give_up:
            await asyncio.sleep(0.005)
        self.failed = total - len(self.latencies_s)
        return time.perf_counter() - began

    def freed(self, connection: _Connection) -> None:
        self._free.append(connection)
        self._send()

    def _send(self) -> None:
        while self._due and self._free:
            self._free.popleft().send(*self._due.popleft())


class _Connection(asyncio.Protocol):
    """One kept connection, one request at a time."""

    def __init__(self, loop: _Loop) -> None:
        self._loop = loop
        self._due = 0.0
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop.freed(self)

    def send(self, due: float, request: bytes) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, separator, body = self._got.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self._got = b""
        if head.startswith(b"HTTP/1.1 20"):
            self._loop.latencies_s.append(time.perf_counter() - self._due)
        else:
            self._loop.failed += 1
        self._loop.freed(self)


def _length(head: bytes) -> int:
    """How long the body is; a 204 has none and does not say so."""
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)


async def _main(order: dict[str, Any]) -> dict[str, Any]:
    loop = _Loop([request.encode() for request in order["requests"]])
    host, _, port = order["server"].rpartition("/")[2].partition(":")
    running = asyncio.get_running_loop()
    for _ in range(order["connections"]):
        await running.create_connection(lambda: _Connection(loop), host, int(port))
    ended = await loop.run(order["rate"], order["seconds"])
    return {"latencies": sorted(loop.latencies_s), "failed": loop.failed, "ended": ended}


if __name__ == "__main__":
    json.dump(asyncio.run(_main(json.load(sys.stdin))), sys.stdout)
