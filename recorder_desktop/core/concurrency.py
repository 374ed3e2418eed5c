"""Decides how many parts are in flight at once, from what the line and the store make of it.

The number climbs by doubling while the line gives more for it; a step that gained too little is given back. Then it
rests and looks whether half as many would do. From then on it tries more now and then, since lines change: half way
to where the climb ended, until that is next to it. The more a line's speed varies by itself, the more a step has to
gain. A store that asks for less or has trouble, or a part that timed out, halves the number. Pure arithmetic on what
it is told: touches neither clock nor network.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MAX_CEILING = 32
START = 4
"""Fills most lines, and is soon doubled where it does not."""
NEAR_START = 2
"""To a store on this computer. No line has to be filled: each part keeps a processor here and one there at work, and
more parts than processors are in each other's way."""

_GAIN = 0.05
"""What a step must gain to be kept; less is within what a steady line varies by itself."""
_BETTER, _WORSE = 0.25, -0.5
"""So far from the usual rate twice in a row, as a share of it: the line is another one now."""
_SURE = 3
"""Times the usual spread: no chance any more."""
_SPREAD_WEIGHT = 0.2
_REST_S = 15.0
"""From a step that was given back to the next try; doubles from try to try."""
_LONGEST_REST_S = 30.0
_LONGEST_REST_AFTER_HALVING_S = 120.0
_RESTORE_AFTER_S = 10.0
"""From a halving to the last number that went well."""
_CAREFUL = 3
"""Times the usual length: of measurements after the first climb has come to its end."""


class ConcurrencyController:
    """`limit` parts may be in flight, 1 to the ceiling. Told by sender threads, with instants of one monotonic clock.

    `on_change` is called when the limit is another, on the thread that told the reason, under no lock.
    """

    def __init__(self, ceiling: int = 8, start: int = START, on_change: Callable[[], None] = lambda: None) -> None:
        self._on_change = on_change
        self._lock = threading.Lock()
        # All below: guarded by _lock. `limit` is read without.
        self._ceiling = _checked(ceiling)
        self._limit = max(1, min(start, ceiling))
        self._window = _Window(self._limit, 1, settling_s=_SETTLE_S)
        self._is_starved = False
        self._trial: _Trial | None = None
        self._rate = 0.0  # usual bytes/s at this limit, outside trials; 0: not known yet
        self._drift = 0  # windows in a row that were better (above 0) or worse than usual
        self._good = self._limit  # the last limit that went well
        self._end: int | None = None  # the last climb ended at this limit: no gain, or the store asked for less
        self._is_careful = False  # the first climb is over: what follows gains less and is measured for longer
        self._is_sure = False  # fewer parts are known to be slower
        self._spread = 0.0  # how far a window's rate strays from the usual one, as a share of it
        self._restores_at: float | None = None  # when to go back to _good
        self._rest_s = _REST_S
        self._rests_until = 0.0
        self._spared_until = 0.0  # from being halved again for what was in flight before

    @property
    def limit(self) -> int:
        """How many parts may be in flight now."""
        return self._limit

    @property
    def ceiling(self) -> int:
        """How many may ever be."""
        return self._ceiling

    def moved(self, size_bytes: int, now: float) -> None:
        """Bytes of a part were handed to the network."""
        with self._lock:
            if self._is_starved:
                return
            window = self._window
            rate = window.moved(size_bytes, now)
        if rate is not None:
            with self._changing():
                if window is self._window:
                    self._measured(rate, now)

    def confirmed(self, size_bytes: int, now: float) -> None:
        """The store acknowledged a part."""
        del size_bytes, now  # counted by `moved`; here it matters that parts came through, and how many
        with self._lock:
            self._window.ended += 1

    def starved(self, now: float) -> None:
        """Less is in flight than allowed, since there is no more to send or a person set a limit: until all that is
        allowed is in flight, what moves says nothing."""
        del now
        with self._lock:
            self._is_starved = True

    def filled(self, now: float) -> None:
        """As much is in flight as allowed."""
        del now
        with self._lock:
            if self._is_starved:
                self._is_starved = False
                self._begin_window()

    def slowed(self, now: float) -> None:
        """The store asked for less: 503, SlowDown."""
        with self._changing():
            self._window.ended += 1
            if now >= self._spared_until:
                self._end = self._limit
                self._halve(now)

    def timed_out(self, now: float) -> None:
        """A part's bytes, or the answer to them, got stuck, or the store failed over them."""
        with self._changing():
            self._window.ended += 1
            if now >= self._spared_until:
                self._halve(now)

    def begin_with(self, limit: int) -> None:
        """Begin with so many in flight, since something is known of this line. Does nothing once bytes have moved."""
        with self._changing():
            if not self._window.has_moved and not self._rate and self._restores_at is None:
                self._limit = self._good = max(1, min(limit, self._ceiling))
                self._begin_window()

    def set_ceiling(self, ceiling: int) -> None:
        """Allow up to this many parts in flight from now on. Raises ValueError outside 1 to 32."""
        with self._changing():
            if self._limit == self._ceiling < _checked(ceiling):
                self._is_careful, self._rests_until = False, 0.0  # the climb goes on
            self._ceiling = _checked(ceiling)
            self._good = min(self._good, ceiling)
            if self._limit > ceiling:
                self._trial, self._rate = None, 0.0
                self._set(ceiling)

    # --- under the lock --------------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            before = self._limit
            yield
            is_other = self._limit != before
        if is_other:
            self._on_change()

    def _set(self, limit: int) -> None:
        leaving, self._limit = max(0, self._limit - limit), limit
        self._begin_window(leaving=leaving)

    def _begin_window(self, *, settles: bool = True, leaving: int = 0) -> None:
        # Small steps gain little: that is seen only in the long run.
        length = _CAREFUL if self._is_careful else 1
        # A store that is written to for the first time makes room before: more parts would seem better than that.
        settling_s = 0.0 if self._rate else _SETTLE_S
        self._window = _Window(self._limit, length, settles=settles, settling_s=settling_s, leaving=leaving)

    def _measured(self, rate: float, now: float) -> None:
        self._spared_until = now
        self._begin_window(settles=False)
        if self._restores_at is not None:
            self._restore(now)
        elif self._trial is not None:
            self._judge(self._trial, rate, now)
        else:
            self._watch(rate, now)

    def _judge(self, trial: _Trial, rate: float, now: float) -> None:
        self._trial = None
        if not trial.is_worth_it(self._limit, rate, self._spread):
            self._give_back(trial, now)
        else:
            self._keep(trial, rate, now)

    def _give_back(self, trial: _Trial, now: float) -> None:
        if self._limit < trial.back_to:
            self._is_sure = True
        else:
            self._end = self._limit
        self._is_careful, self._rate = True, trial.rate
        self._set(min(trial.back_to, self._ceiling))
        self._rest(now, _LONGEST_REST_S)

    def _keep(self, trial: _Trial, rate: float, now: float) -> None:
        self._good, self._rate, self._rest_s = self._limit, rate, _REST_S
        if self._limit < trial.back_to:
            self._is_sure = False
            # Against the rate before the first step down: many small losses are a large one.
            self._step_down(trial.rate)
        else:
            self._is_sure = trial.is_clear(self._limit, rate)
            self._step_up(now)

    def _watch(self, rate: float, now: float) -> None:
        strays = rate / self._rate - 1 if self._rate else 0.0
        drift = (strays > max(_BETTER, _SURE * self._spread)) - (strays < _WORSE)
        self._drift = self._drift + drift if drift * self._drift > 0 else drift
        self._spread += (min(1.0, abs(strays)) - self._spread) * _SPREAD_WEIGHT
        if abs(self._drift) >= 2:
            self._begin_anew(rate, now)
        elif not drift:  # once is chance
            self._rate = (self._rate + rate) / 2 if self._rate else rate
            if now < self._rests_until:
                return
            if self._is_careful and not self._is_sure and self._limit > 1:
                self._step_down(self._rate)
            else:
                self._step_up(now)

    def _begin_anew(self, rate: float, now: float) -> None:
        self._rate, self._drift, self._spread = rate, 0, 0.0
        self._end, self._is_careful, self._is_sure = None, False, False
        self._step_up(now)

    def _step_up(self, now: float) -> None:
        step = self._limit
        if self._end is not None and self._end > self._limit:
            step = min(step, max(1, self._limit // 8, (self._end - self._limit) // 2))
        else:
            self._end = None  # reached: what ended the climb is over
        if self._limit < self._ceiling:
            self._try(min(self._ceiling, self._limit + step), self._rate)
        elif not self._is_careful:
            self._is_careful = True
            self._rest(now, _LONGEST_REST_S)

    def _step_down(self, rate: float) -> None:
        """If fewer are as fast, each of them arrives sooner, and less is sent again after a crash."""
        self._try(max(1, self._limit // 2), rate)

    def _try(self, limit: int, rate: float) -> None:
        if limit != self._limit:
            self._trial = _Trial(self._limit, rate)
            self._set(limit)

    def _rest(self, now: float, longest_s: float) -> None:
        self._rests_until = now + self._rest_s
        self._rest_s = min(longest_s, self._rest_s * 2)

    def _halve(self, now: float) -> None:
        """Once for all parts that were in flight together: again only after a measurement, or a time without one."""
        self._spared_until = now + _LONGEST_GAP_S
        halved = max(1, self._limit // 2)
        if self._limit <= self._good:
            self._good = halved  # it does not go well any more
        self._trial, self._rate, self._drift = None, 0.0, 0
        self._restores_at = now + _RESTORE_AFTER_S
        self._rest(now, _LONGEST_REST_AFTER_HALVING_S)
        self._set(halved)

    def _restore(self, now: float) -> None:
        if self._restores_at is not None and now >= self._restores_at:
            self._restores_at = None
            self._set(self._good)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A step away from `back_to`, which moved `rate` bytes/s."""

    back_to: int
    rate: float

    def is_worth_it(self, limit: int, rate: float, spread: float) -> bool:
        """Whether a window at `limit` speaks for staying there."""
        if limit < self.back_to:
            return rate >= self.rate * (1 - max(_GAIN, spread))
        # One more on top of many gains little at best.
        gain = max(min(_GAIN, self._most(limit) / 2), _SURE * spread)
        return rate >= self.rate * (1 + gain)

    def is_clear(self, limit: int, rate: float) -> bool:
        """Whether it gained more than half of what can be gained."""
        return rate >= self.rate * (1 + self._most(limit) / 2)

    def _most(self, limit: int) -> float:
        return limit / self.back_to - 1


# --- measuring ---------------------------------------------------------------------------------------------------

_LONGEST_GAP_S = 10.0
"""Nothing moved for so long: there was nothing to send, or no network. That says nothing about a limit."""

_SETTLE_S = 1.0
"""New connections need several round trips to come up to speed, and fill their buffers at once."""
_WINDOW_S, _WINDOW_MOVES, _WINDOW_MOVES_A_PART = 1.5, 16, 4
"""The least that a measurement takes; on a thin line the moves make it longer."""
_QUICK_WINDOW_S, _QUICK_PARTS = 0.5, 8
"""Enough as well, when so many whole parts for each that may be in flight came through."""


class _Window:
    """The bytes that moved at one limit. settles: the limit is new, so the first while does not count; it lasts for
    `settling_s` at least, and until the `leaving` parts that are in flight beyond the limit have ended."""

    def __init__(
        self, limit: int, length: int, *, settles: bool = True, settling_s: float = 0.0, leaving: int = 0
    ) -> None:
        self.ended = 0  # parts that left the line, in this phase
        self._limit = limit
        self._length = length
        self._settles = settles
        self._settling_s = settling_s
        self._leaving = leaving
        self._is_settling = settles
        self._began = 0.0
        self._last = -_LONGEST_GAP_S - 1
        self._moves = 0
        self._bytes = 0

    @property
    def has_moved(self) -> bool:
        """Whether anything was told."""
        return self._last > -_LONGEST_GAP_S - 1

    def moved(self, size_bytes: int, now: float) -> float | None:
        """Count what moved until `now`; the rate in bytes/s once the window is complete."""
        gap_s, self._last = now - self._last, now
        if gap_s > _LONGEST_GAP_S:
            self._begin(now, is_settling=self._settles)
            return None
        self._moves += 1
        self._bytes += size_bytes
        elapsed_s = now - self._began
        if self._is_settling and self._has_settled(elapsed_s):
            self._begin(now, is_settling=False)
        return self._bytes / elapsed_s if self._is_complete(elapsed_s) else None

    def _begin(self, now: float, *, is_settling: bool) -> None:
        # Without what was told just now: it moved before.
        self._began, self._is_settling = now, is_settling
        self._moves = self._bytes = self.ended = 0

    def _has_settled(self, elapsed_s: float) -> bool:
        is_long = elapsed_s >= _SETTLE_S and self._moves >= 2 * self._limit
        has_passed = elapsed_s >= self._settling_s and self.ended >= 2 * self._limit
        return self.ended >= self._leaving and (is_long or has_passed)

    def _is_complete(self, elapsed_s: float) -> bool:
        if self._is_settling or elapsed_s < _QUICK_WINDOW_S * self._length:
            return False
        moves = max(_WINDOW_MOVES, _WINDOW_MOVES_A_PART * self._limit)
        is_long = elapsed_s >= _WINDOW_S * self._length and self._moves >= moves
        return is_long or self.ended >= _QUICK_PARTS * self._limit * self._length


def _checked(ceiling: int) -> int:
    if not 1 <= ceiling <= MAX_CEILING:
        raise ValueError(f"{ceiling} parts in flight: 1 to {MAX_CEILING} can be allowed")
    return ceiling
