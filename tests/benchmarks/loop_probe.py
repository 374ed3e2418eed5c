"""Measures how long an event loop keeps waiting what arrives: painting, Python's lock and its collector included."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from PySide6.QtCore import QObject, Qt, QTimer

TICK_MS = 5


@dataclass(frozen=True)
class Waits:
    """How long an event waited for its turn, in milliseconds, over `seconds` from `began` (monotonic) on.

    own_ms: the most processor time that the loop's own thread took between two ticks, so what other processes and
    threads had of it does not count. collecting_ms: the longest pause of Python's garbage collector. cpu_s: processor
    time of the whole process.
    """

    began: float
    seconds: float
    cpu_s: float
    median_ms: float
    p99_ms: float
    longest_ms: float
    own_ms: float
    collecting_ms: float

    def as_dict(self) -> dict[str, float]:
        """The figures by name, for JSON."""
        return asdict(self)


class LoopProbe(QObject):
    """A timer that should come every five milliseconds, and notes by how much it came late."""

    def __init__(self) -> None:
        super().__init__()
        self._late_ms: list[float] = []
        self._own_ms = 0.0
        self._collecting_ms = 0.0
        self._collecting_since = 0.0
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def begin(self) -> None:
        """Forget what was measured and measure from now on."""
        self._late_ms, self._own_ms, self._collecting_ms = [], 0.0, 0.0
        self._began, self._cpu_began_s = time.monotonic(), time.process_time()
        self._last, self._last_own_s = self._began, time.thread_time()
        gc.callbacks.append(self._note_collecting)
        self._timer.start()

    def end(self) -> Waits:
        """What was found since `begin`; nothing ticks after it."""
        self._tick()
        self._timer.stop()
        gc.callbacks.remove(self._note_collecting)
        late = sorted(self._late_ms)
        return Waits(
            began=self._began,
            seconds=time.monotonic() - self._began,
            cpu_s=time.process_time() - self._cpu_began_s,
            median_ms=share_of(late, 0.5),
            p99_ms=share_of(late, 0.99),
            longest_ms=late[-1],
            own_ms=self._own_ms,
            collecting_ms=self._collecting_ms,
        )

    def _tick(self) -> None:
        now, own_s = time.monotonic(), time.thread_time()
        self._own_ms = max(self._own_ms, (own_s - self._last_own_s) * 1000)
        self._late_ms.extend(lateness_ms(now - self._last))
        self._last, self._last_own_s = now, own_s

    def _note_collecting(self, phase: str, _info: dict[str, int]) -> None:
        now = time.monotonic()
        if phase == "start":
            self._collecting_since = now
        else:
            self._collecting_ms = max(self._collecting_ms, (now - self._collecting_since) * 1000)


def lateness_ms(since_last_s: float) -> Iterator[float]:
    """How long what arrived since the last tick had to wait.

    Whatever would have arrived meanwhile waited as well: without it, one long wait would count as little as one tick.
    """
    late_ms = since_last_s * 1000 - TICK_MS
    while late_ms > 0:
        yield late_ms
        late_ms -= TICK_MS
    yield 0.0


def share_of(ordered: Sequence[float], share: float) -> float:
    """The value that this share of `ordered`, 0 to 1, does not pass."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
