"""A long or thin line on this computer: passes TCP on after a while, no faster than it may, and counts parts.

A process of its own, so that what it costs is not the measuring process's: `python -m tests.benchmarks.line_proxy
JSON`; a sample a line on standard output. It needs neither root nor a kernel module, unlike network namespaces with
netem, which not every kernel has.

What it models, each direction by itself: one bottleneck of a certain rate with a short queue that all connections
share fairly; the time on the way; and for every connection a window of bytes that are not yet acknowledged, which
starts small, doubles every round trip up to a limit, and starts anew after a rest, as TCP's does. A connection is
opened in one round trip. It loses nothing: a full queue makes senders wait.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.servers import ServerProcess, clean_env, free_ports, wait_until

FIRST_WINDOW_BYTES = 10 * 1460
REST_S = 0.2
"""What a connection may rest beyond a round trip before its window starts anew: the least timeout of Linux."""
SAMPLE_EVERY_S = 0.1
_RECEIVE_BUFFER_BYTES = 32 * 1024
"""Small, so that what an uploader has handed over is on the line, not in between."""
_GO_ON = b"100 Continue\r\n\r\n"


@dataclass(frozen=True)
class LineShape:
    """rate: of each direction, over all connections. window: the most that a connection has on its way."""

    round_trip_s: float = 0.0
    rate_bytes_per_s: float = 1e9
    window_bytes: int = 1 << 20
    queue_s: float = 0.1

    @property
    def block_bytes(self) -> int:
        """How much passes at a time: at most some five milliseconds of the line."""
        return int(min(16 * 1024, max(1460, self.rate_bytes_per_s * 0.005)))


@dataclass(frozen=True)
class LineSample:
    """The line at an instant (monotonic seconds).

    part_bytes: bytes of PUT bodies that have arrived. most_at_once: the most PUTs that were under way together.
    broken: PUTs that the uploader gave up before their answer. connections: opened so far.
    """

    at: float
    part_bytes: int
    most_at_once: int
    broken: int
    connections: int


@dataclass(frozen=True)
class Line:
    """A running line; `urls` are the near ends of its targets, in their order."""

    urls: Sequence[str]
    log: Path

    def samples(self) -> list[LineSample]:
        """All samples so far."""
        lines = self.log.read_text().split("\n")[:-1]  # the last may be half written
        return [LineSample(**json.loads(line)) for line in lines]


@contextmanager
def line(folder: Path, shape: LineShape, target_ports: Sequence[int]) -> Iterator[Line]:
    """Run a line to ports of 127.0.0.1, which need not listen yet, until the block ends."""
    near_ports = free_ports(len(target_ports))
    log = folder / f"line-{near_ports[0]}.log"
    told = json.dumps({"shape": asdict(shape), "routes": list(zip(near_ports, target_ports, strict=True))})
    root = Path(__file__).resolve().parents[2]
    process = ServerProcess([sys.executable, "-m", "tests.benchmarks.line_proxy", told], root, clean_env(), log)
    process.start()
    try:
        wait_until(lambda: process.alive() and log.read_text().endswith("\n"), "the line")
        yield Line([f"http://127.0.0.1:{port}" for port in near_ports], log)
    finally:
        process.terminate()


# --- the process -----------------------------------------------------------------------------------------------


class _Direction:
    """The bottleneck of one direction."""

    def __init__(self, shape: LineShape) -> None:
        self._shape = shape
        self._free_at = 0.0
        self._turn = asyncio.Lock()  # first come, first served

    async def send(self, count: int) -> float:
        """Take `count` bytes when the queue has room for them; returns when they will arrive."""
        async with self._turn:
            await _sleep_until(self._free_at - self._shape.queue_s)
            self._free_at = max(time.monotonic(), self._free_at) + count / self._shape.rate_bytes_per_s
            return self._free_at + self._shape.round_trip_s / 2


class _Window:
    """What one connection may have on its way in one direction."""

    def __init__(self) -> None:
        self._limit = FIRST_WINDOW_BYTES
        self._on_the_way = 0
        self._last_sent_at = time.monotonic()
        self._acknowledged = asyncio.Event()

    async def room(self, shape: LineShape) -> int:
        """Return how many bytes may be sent, as soon as it is any."""
        while self._on_the_way >= self._limit:
            self._acknowledged.clear()
            await self._acknowledged.wait()
        rested_s = time.monotonic() - self._last_sent_at
        if not self._on_the_way and rested_s > shape.round_trip_s + REST_S:
            self._limit = FIRST_WINDOW_BYTES
        return self._limit - self._on_the_way

    def sent(self, count: int) -> None:
        self._on_the_way += count
        self._last_sent_at = time.monotonic()

    def acknowledged(self, count: int, shape: LineShape) -> None:
        self._on_the_way -= count
        self._limit = min(self._limit + count, max(shape.window_bytes, FIRST_WINDOW_BYTES))
        self._acknowledged.set()


class _Road:
    """One direction of one connection."""

    def __init__(
        self, shape: LineShape, direction: _Direction, writer: StreamWriter, on_arrived: Callable[[bytes], None]
    ) -> None:
        self._shape = shape
        self._direction = direction
        self._writer = writer
        self._on_arrived = on_arrived
        self._window = _Window()
        self._on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def carry(self, reader: StreamReader) -> None:
        """Carry everything that comes, until it ends. Raises OSError where one side has gone."""
        try:
            async with asyncio.TaskGroup() as both_ends:
                both_ends.create_task(self._take(reader))
                both_ends.create_task(self._deliver())
        except* OSError as group:
            raise group.exceptions[0] from group

    async def _take(self, reader: StreamReader) -> None:
        data = b"anything"
        while data:
            room = await self._window.room(self._shape)
            data = await reader.read(min(self._shape.block_bytes, room))
            self._window.sent(len(data))
            self._on_the_way.put_nowait((await self._direction.send(len(data)), data))

    async def _deliver(self) -> None:
        while True:
            arrives_at, data = await self._on_the_way.get()
            await _sleep_until(arrives_at)
            if not data:
                return
            self._on_arrived(data)
            self._writer.write(data)
            await self._writer.drain()
            asyncio.get_running_loop().call_later(
                self._shape.round_trip_s / 2, self._window.acknowledged, len(data), self._shape
            )


class _PartMeter:
    """Follows the requests of one connection, as far as they have arrived."""

    def __init__(self, line: _LineProxy) -> None:
        self._line = line
        self._head = b""
        self._body_left = 0
        self._is_part = False

    def arrived(self, data: bytes) -> None:
        """Bytes from the uploader have arrived."""
        while data:
            if self._body_left:
                count = min(self._body_left, len(data))
                self._body_left -= count
                self._line.part_bytes += count if self._is_part else 0
                data = data[count:]
                continue
            head, end, rest = (self._head + data).partition(b"\r\n\r\n")
            self._head, data = (b"", rest) if end else (head, b"")
            if end:
                self._begin(head)

    def answered(self, data: bytes) -> None:
        """The store's answer has arrived; one that comes before the body is whole ends the request as well."""
        if not data.endswith(_GO_ON):
            self._end()

    def closed(self) -> None:
        """The uploader hung up."""
        if self._is_part:
            self._line.broken += 1
        self._end()

    def _end(self) -> None:
        if self._is_part:
            self._line.at_once -= 1
            self._is_part = False

    def _begin(self, head: bytes) -> None:
        request, *fields = head.decode("latin-1").split("\r\n")
        lengths = [field.partition(":")[2] for field in fields if field.lower().startswith("content-length:")]
        self._body_left = int(lengths[0]) if lengths else 0
        self._is_part = request.startswith("PUT ")
        if self._is_part:
            self._line.at_once += 1
            self._line.most_at_once = max(self._line.most_at_once, self._line.at_once)


class _LineProxy:
    """All connections of the line, and what was counted of them."""

    def __init__(self, shape: LineShape) -> None:
        self._shape = shape
        self._up = _Direction(shape)
        self._down = _Direction(shape)
        self.part_bytes = 0
        self.at_once = 0
        self.most_at_once = 0
        self.broken = 0
        self.connections = 0

    async def serve(self, routes: Sequence[tuple[int, int]]) -> None:
        """Pass everything on until the process is ended."""
        for near_port, target_port in routes:
            near = socket.create_server(("127.0.0.1", near_port), backlog=128)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            await asyncio.start_server(self._accepting(target_port), sock=near, limit=self._shape.block_bytes)
        while True:
            print(json.dumps(asdict(self._sample())), flush=True)
            await asyncio.sleep(SAMPLE_EVERY_S)

    def _sample(self) -> LineSample:
        return LineSample(time.monotonic(), self.part_bytes, self.most_at_once, self.broken, self.connections)

    def _accepting(self, target_port: int) -> Callable[[StreamReader, StreamWriter], Awaitable[None]]:
        async def accept(reader: StreamReader, writer: StreamWriter) -> None:
            self.connections += 1
            with suppress(OSError):
                await self._connect(reader, writer, target_port)
            writer.close()

        return accept

    async def _connect(self, reader: StreamReader, writer: StreamWriter, target_port: int) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target_port)
        await asyncio.sleep(self._shape.round_trip_s)
        meter = _PartMeter(self)

        async def up() -> None:
            with suppress(OSError):
                await _Road(self._shape, self._up, far_writer, meter.arrived).carry(reader)
            meter.closed()
            far_writer.close()

        async def down() -> None:
            with suppress(OSError):
                await _Road(self._shape, self._down, writer, meter.answered).carry(far_reader)
            writer.close()

        await asyncio.gather(up(), down())


async def _sleep_until(instant: float) -> None:
    left_s = instant - time.monotonic()
    if left_s > 0:
        await asyncio.sleep(left_s)


def main() -> None:
    """Run the line that the only argument describes."""
    told = json.loads(sys.argv[1])
    asyncio.run(_LineProxy(LineShape(**told["shape"])).serve(told["routes"]))


if __name__ == "__main__":
    main()
