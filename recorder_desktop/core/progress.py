"""Speed and time left from bytes and instants; and one upload's live byte counts."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

_WINDOW_S = 6.0
_SAMPLE_EVERY_S = 0.25


class RateMeter:
    """Bytes a second over the last few seconds. Not thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()  # (start of a quarter second, bytes in it)
        self._since = 0.0

    def add(self, size_bytes: int) -> None:
        """Count bytes that moved now."""
        now = self._clock()
        self._forget_before(now - _WINDOW_S)
        if not self._samples:
            self._since = now
        if self._samples and now - self._samples[-1][0] < _SAMPLE_EVERY_S:
            start, counted = self._samples.pop()
            self._samples.append((start, counted + size_bytes))
        else:
            self._samples.append((now, size_bytes))

    def bytes_per_s(self) -> float:
        """The mean over the window, or over the time since bytes began to move if that is shorter."""
        now = self._clock()
        self._forget_before(now - _WINDOW_S)
        if not self._samples:
            return 0.0
        # Under half a second a mean says nothing yet: the socket's buffer takes the first bytes at once.
        span_s = max(0.5, min(_WINDOW_S, now - self._since))
        return sum(counted for _, counted in self._samples) / span_s

    def _forget_before(self, instant: float) -> None:
        while self._samples and self._samples[0][0] < instant:
            self._samples.popleft()


class LiveProgress:
    """One upload's bytes as they move: told by sender threads, read by whoever shows them."""

    def __init__(self, confirmed_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._confirmed = confirmed_bytes  # guarded by _lock
        self._in_flight: dict[int, int] = {}  # part number to bytes sent; guarded by _lock
        self._meter = RateMeter(clock)  # guarded by _lock

    def sent(self, part_number: int, size_bytes: int) -> None:
        """Bytes of a part were handed to the network."""
        with self._lock:
            self._in_flight[part_number] = self._in_flight.get(part_number, 0) + size_bytes
            self._meter.add(size_bytes)

    def dropped(self, part_number: int) -> None:
        """A part's attempt is over without an ETag: its bytes no longer count."""
        with self._lock:
            self._in_flight.pop(part_number, None)

    def confirmed(self, part_number: int, total_bytes: int) -> None:
        """A part is confirmed and durable; `total_bytes` are now confirmed in all."""
        with self._lock:
            self._in_flight.pop(part_number, None)
            self._confirmed = max(self._confirmed, total_bytes)

    def reset(self, confirmed_bytes: int) -> None:
        """Start again from this many confirmed bytes."""
        with self._lock:
            self._confirmed = confirmed_bytes
            self._in_flight.clear()

    def in_flight(self) -> dict[int, int]:
        """Bytes sent but not confirmed, by part number."""
        with self._lock:
            return dict(self._in_flight)

    def read(self, size_bytes: int) -> tuple[int, int, float, float | None]:
        """Confirmed bytes, bytes in flight, bytes/s, and seconds left for a file of `size_bytes`."""
        with self._lock:
            in_flight = min(sum(self._in_flight.values()), size_bytes - self._confirmed)
            rate = self._meter.bytes_per_s()
            left = max(0, size_bytes - self._confirmed - in_flight)
            return self._confirmed, in_flight, rate, left / rate if rate > 0 else None
