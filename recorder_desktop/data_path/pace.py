"""How much of a part goes out at a time, and when it may go."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from recorder_desktop.core.ports import Tally
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.rate_limit import MAX_PIECE_BYTES, RateLimiter

FIRST_PIECE_BYTES = 64 * 1024
"""On a line of which nothing is known: progress moves from the first second on the thinnest one."""
MOST_AT_FIRST_BYTES = 1024 * 1024
"""What an attempt begins with at most where the last one went well: the line may have become another one."""
_QUICK_S, _SLOW_S = 0.02, 0.25
"""A piece that the network took sooner is followed by a larger one, one that took longer by a smaller one."""
_STEP = 4


class Pace(Protocol):
    """Decides when bytes may go, and is told that they went."""

    def take(self, most_bytes: int) -> int:
        """Return when bytes may go, and how many: one to `most_bytes`. Raises Interrupted soon after a stop."""

    def handed_over(self, size_bytes: int) -> None:
        """The network has taken these bytes."""


class Unpaced:
    """Implements Pace for bytes that go nowhere."""

    def take(self, most_bytes: int) -> int:
        """As many as fit, at once."""
        return min(most_bytes, MAX_PIECE_BYTES)

    def handed_over(self, size_bytes: int) -> None:
        """Nobody counts."""


class AttemptPace:
    """Implements Pace for one attempt at a part: keeps to the limit, tells what goes out, and sends pieces as large
    as the line takes quickly. A piece costs tens of microseconds whatever its size, so a fast line wants large ones;
    on a thin line only small ones show that something moves.
    """

    def __init__(
        self,
        stop: StopToken,
        limiter: RateLimiter,
        tally: Tally,
        first_piece_bytes: int = FIRST_PIECE_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stop = stop
        self._limiter = limiter
        self._tally = tally
        self._clock = clock
        self._piece_bytes = first_piece_bytes
        self._began = 0.0

    @property
    def next_first_piece_bytes(self) -> int:
        """What the next attempt on this line may begin with."""
        return min(self._piece_bytes, MOST_AT_FIRST_BYTES)

    def take(self, most_bytes: int) -> int:
        """Return when the limit lets bytes go, and how many. Raises Interrupted soon after the attempt's stop."""
        granted = self._limiter.take(min(most_bytes, self._piece_bytes), self._stop)
        self._began = self._clock()
        if granted.has_waited:
            self._tally.waited()
        return granted.size_bytes

    def handed_over(self, size_bytes: int) -> None:
        """Count bytes that the network has taken."""
        took_s = self._clock() - self._began
        # Less than a whole piece, the rest of a part or what a limit allows, may only have filled a buffer.
        if took_s < _QUICK_S and size_bytes >= self._piece_bytes:
            self._piece_bytes = min(_STEP * self._piece_bytes, MAX_PIECE_BYTES)
        elif took_s > _SLOW_S:
            self._piece_bytes = max(self._piece_bytes // _STEP, FIRST_PIECE_BYTES)
        self._tally.moved(size_bytes)
