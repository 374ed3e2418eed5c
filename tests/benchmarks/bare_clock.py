"""How late a process comes that does nothing but sleep: what the computer itself makes everyone wait."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.loop_probe import TICK_MS, lateness_ms, share_of


class BareClock:
    """Sleeps for as long as the probe's timer does, again and again, in a process that is otherwise at rest."""

    def __init__(self) -> None:
        self._woke_at: list[float] = []  # monotonic

    @contextmanager
    def running(self) -> Iterator[None]:
        """Note each waking while the block runs."""
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def between(self, began: float, ended: float) -> tuple[float, float]:
        """How late it woke between two instants, in milliseconds: 99 in 100 times at most, and at most."""
        woke_at = [instant for instant in self._woke_at if began <= instant <= ended]
        late = sorted(each for first, second in itertools.pairwise(woke_at) for each in lateness_ms(second - first))
        return share_of(late, 0.99), late[-1]

    def _run(self, over: threading.Event) -> None:
        while not over.is_set():
            time.sleep(TICK_MS / 1000)
            self._woke_at.append(time.monotonic())
