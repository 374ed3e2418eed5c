"""Holds all sender threads together to one speed: a token bucket with a queue in front of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from recorder_desktop.core.stop_token import StopToken

MAX_PIECE_BYTES = 4 * 1024 * 1024
"""Large enough that the cost of a piece vanishes."""
MIN_PIECE_BYTES = 4 * 1024
"""Below this a system call costs more than the bytes it moves."""

_PIECES_PER_S = 10
_BURST_S = 0.25
"""What may be saved up while nobody sends. It also makes up for threads that wake late."""
_WORTH_WAITING_S = 1e-6
"""Less is the rounding of numbers: added to a clock's reading it may change nothing, so waiting would never end."""


class Grant(NamedTuple):
    """Bytes that may go now, and whether the limit had them wait."""

    size_bytes: int
    has_waited: bool


class RateLimiter:
    """At most so many bytes a second for everybody who takes from it; whoever came first goes first.

    Unlimited, `take` costs a comparison and no lock.
    """

    def __init__(self, limit_bytes_per_s: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._bucket: _Bucket | None = None  # None: unlimited. Replaced under _lock; take() looks at it without
        self._turns: deque[threading.Condition] = deque()  # those who wait, the next first; guarded by _lock
        self.set_limit(limit_bytes_per_s)

    def set_limit(self, limit_bytes_per_s: int | None) -> None:
        """Let this many bytes a second go from now on, None for as many as the line takes.

        It holds at once, for threads that wait just now too. Raises ValueError for a limit below 1.
        """
        checked_limit(limit_bytes_per_s)
        with self._lock:
            if limit_bytes_per_s is None:
                self._bucket = None
            elif self._bucket is None:
                self._bucket = _Bucket(limit_bytes_per_s, self._clock())
            else:
                self._bucket.change(limit_bytes_per_s, self._clock())
            self._wake_next()

    def piece_bytes(self) -> int:
        """The most that goes at a time: a tenth of a second's worth, 4 KiB to 4 MiB."""
        bucket = self._bucket
        if bucket is None:
            return MAX_PIECE_BYTES
        return max(MIN_PIECE_BYTES, min(MAX_PIECE_BYTES, bucket.limit // _PIECES_PER_S))

    def take(self, most_bytes: int, stop: StopToken) -> Grant:
        """Return when bytes may go, and how many: no more than is a piece under the limit of that moment.

        Raises Interrupted soon after `stop`; nothing is taken then.
        """
        stop.check()
        if self._bucket is None:
            return Grant(min(most_bytes, MAX_PIECE_BYTES), has_waited=False)
        with self._lock:
            count, pause_s = self._try(most_bytes)
        if pause_s == 0:
            return Grant(count, has_waited=False)
        turn = threading.Condition(self._lock)
        withdraw = stop.on_stop(lambda: self._wake(turn))
        try:
            return Grant(self._wait(turn, most_bytes, stop), has_waited=True)
        finally:
            withdraw()

    def _wait(self, turn: threading.Condition, most_bytes: int, stop: StopToken) -> int:
        with self._lock:
            self._turns.append(turn)
            try:
                while True:
                    stop.check()
                    # Asked anew each time: whoever waits while the limit falls shall not hold up the others.
                    count, pause_s = self._try(most_bytes, turn)
                    if pause_s == 0:
                        return count
                    turn.wait(pause_s)
            finally:
                self._turns.remove(turn)
                self._wake_next()

    def _try(self, most_bytes: int, turn: threading.Condition | None = None) -> tuple[int, float | None]:
        """How many bytes may go, and after what pause: 0, and they are taken; None, and it is another one's turn."""
        if self._turns and self._turns[0] is not turn:
            return 0, None
        count = min(most_bytes, self.piece_bytes())
        return count, 0.0 if self._bucket is None else self._bucket.take(count, self._clock())

    def _wake(self, turn: threading.Condition) -> None:
        with self._lock:
            turn.notify()

    def _wake_next(self) -> None:
        if self._turns:
            self._turns[0].notify()


def checked_limit(bytes_per_s: int | None) -> int | None:
    """The same limit. Raises ValueError for one below 1."""
    if bytes_per_s is not None and bytes_per_s < 1:
        raise ValueError(f"a limit of {bytes_per_s} bytes a second lets nothing through")
    return bytes_per_s


class _Bucket:
    """The arithmetic: fills at `limit` bytes/s up to a quarter of a second's worth. Not thread-safe."""

    def __init__(self, limit: int, now: float) -> None:
        self.limit = limit
        self._level = 0.0  # bytes that may go; below 0 after a take that was larger than the bucket
        self._filled_at = now

    def change(self, limit: int, now: float) -> None:
        """Fill at another speed from now on."""
        self._fill(now)
        if self._level < 0:
            # A higher limit pays a debt sooner, a lower one in the same time: no hour of waiting for one piece.
            self._level = max(self._level, self._level * limit / self.limit)
        self.limit = limit
        self._level = min(self._level, self._capacity())

    def take(self, count: int, now: float) -> float:
        """Take `count` bytes and return 0, or take nothing and return the seconds until it is worth asking again."""
        self._fill(now)
        # More than the bucket holds goes once it is full, and is paid for afterwards.
        pause_s = (min(count, self._capacity()) - self._level) / self.limit
        if pause_s > _WORTH_WAITING_S:
            return pause_s
        self._level -= count
        return 0.0

    def _capacity(self) -> float:
        return self.limit * _BURST_S

    def _fill(self, now: float) -> None:
        self._level = min(self._capacity(), self._level + (now - self._filled_at) * self.limit)
        self._filled_at = now
