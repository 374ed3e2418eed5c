"""A line and a store in simulated time: what a number of parts in flight would come to."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Protocol

KB, MB, MIB = 10**3, 10**6, 1024 * 1024
TICK_S = 0.05


class Controller(Protocol):
    """What decides on the number, as the senders see it."""

    @property
    def limit(self) -> int: ...
    def moved(self, size_bytes: int, now: float) -> None: ...
    def confirmed(self, size_bytes: int, now: float) -> None: ...
    def slowed(self, now: float) -> None: ...


@dataclass
class Fixed:
    """A number that stays."""

    limit: int

    def moved(self, size_bytes: int, now: float) -> None: ...
    def confirmed(self, size_bytes: int, now: float) -> None: ...
    def slowed(self, now: float) -> None: ...


@dataclass(frozen=True)
class Line:
    """capacity: bytes/s of all connections together by (seconds, connections). window_rate: bytes/s of one connection
    at best, its window over the round trip. takes: parts in flight above which the store answers SlowDown, by
    seconds. noise: how far the capacity strays from tick to tick.
    """

    capacity: Callable[[float, int], float]
    rtt_s: float = 0.1
    window_rate: float = 1 * MB
    takes: Callable[[float], int] = lambda _: 1000
    part_bytes: int = 5 * MIB
    noise: float = 0.1


@dataclass
class _Connection:
    """Sends one part: `delivered` went over the line, `handed` is in the computer's buffer or beyond."""

    rate: float
    delivered: float = 0.0
    handed: int = 0
    answers_at: float | None = None
    refused: bool = False


PIECE_BYTES = 64 * 1024
BUFFER_BYTES = 256 * 1024


@dataclass
class Simulation:
    """Runs parts over a line as the senders do: a new one whenever fewer than `limit` are in flight."""

    line: Line
    controller: Controller
    now: float = 0.0
    delivered: list[float] = field(default_factory=list)  # bytes, tick by tick
    limits: list[int] = field(default_factory=list)  # tick by tick
    slow_downs: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(7)
        self._connections: list[_Connection] = []
        self._warm = 0  # connections that stand open

    def run(self, until_s: float) -> Simulation:
        """Let time pass up to `until_s`."""
        while self.now < until_s:
            self.now += TICK_S
            self._start_parts()
            self.delivered.append(self._send())
            self._hear_answers()
            self.limits.append(self.controller.limit)
        return self

    def rate(self, since_s: float, until_s: float) -> float:
        """Mean bytes/s that arrived between two instants."""
        return sum(self.delivered[round(since_s / TICK_S) : round(until_s / TICK_S)]) / (until_s - since_s)

    def changes(self, since_s: float, until_s: float) -> int:
        """How often the limit was another than the tick before."""
        seen = self.limits[round(since_s / TICK_S) : round(until_s / TICK_S)]
        return sum(one != other for one, other in pairwise(seen))

    def _start_parts(self) -> None:
        while len(self._connections) < self.controller.limit:
            is_warm = self._warm > len(self._connections)
            slow_start = 14 * KB / self.line.rtt_s
            connection = _Connection(self.line.window_rate if is_warm else min(slow_start, self.line.window_rate))
            self._connections.append(connection)
            self._warm = max(self._warm, len(self._connections))
            if len(self._connections) > self.line.takes(self.now):
                connection.refused = True
                connection.answers_at = self.now + self.line.rtt_s

    def _send(self) -> float:
        sending = [each for each in self._connections if each.answers_at is None]
        wanted = sum(each.rate for each in sending)
        strays = 1 + self._random.uniform(-self.line.noise, self.line.noise)
        share = min(1.0, self.line.capacity(self.now, len(sending)) * strays / wanted) if wanted else 0.0
        before = sum(each.delivered for each in sending)
        for each in sending:
            each.delivered = min(self.line.part_bytes, each.delivered + each.rate * share * TICK_S)
            each.rate = min(self.line.window_rate, each.rate * 2 ** (TICK_S / self.line.rtt_s))
            self._hand_over(each)
            if each.delivered >= self.line.part_bytes:
                each.answers_at = self.now + self.line.rtt_s
        return sum(each.delivered for each in sending) - before

    def _hand_over(self, connection: _Connection) -> None:
        room = min(self.line.part_bytes, int(connection.delivered) + BUFFER_BYTES)
        while connection.handed < self.line.part_bytes:
            piece = min(PIECE_BYTES, self.line.part_bytes - connection.handed)
            if connection.handed + piece > room:
                break
            connection.handed += piece
            self.controller.moved(piece, self.now)

    def _hear_answers(self) -> None:
        for each in [each for each in self._connections if each.answers_at is not None]:
            if each.answers_at is not None and each.answers_at <= self.now:
                self._connections.remove(each)
                if each.refused:
                    self.slow_downs += 1
                    self.controller.slowed(self.now)
                else:
                    self.controller.confirmed(self.line.part_bytes, self.now)


def best_fixed(line: Line, ceiling: int, since_s: float, until_s: float) -> float:
    """What the best of all fixed numbers up to `ceiling` reaches between two instants, in bytes/s."""
    return max(_fixed(line, limit, since_s, until_s) for limit in range(1, ceiling + 1))


@cache
def _fixed(line: Line, limit: int, since_s: float, until_s: float) -> float:
    return Simulation(line, Fixed(limit)).run(until_s).rate(since_s, until_s)
