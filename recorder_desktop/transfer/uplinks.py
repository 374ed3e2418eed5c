"""How fast bytes go to each destination: measured while uploading, remembered between runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from recorder_desktop.core.ports import UploadStore
from recorder_desktop.core.progress import RateMeter

WORTH_KNOWING_S = 3.0
"""A shorter stretch says more about buffers than about the line."""


class Uplinks:
    """The rate of each destination over all its uploads. Safe to use from every thread."""

    def __init__(self, store: UploadStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._meters: dict[str, RateMeter] = {}  # guarded by _lock
        self._known = store.uplinks()  # guarded by _lock

    def moved(self, destination: str, size_bytes: int) -> None:
        """Bytes went out to `destination`."""
        with self._lock:
            meter = self._meters.get(destination)
            if meter is None:
                meter = self._meters[destination] = RateMeter(self._clock)
            meter.add(size_bytes)

    def rate(self, destination: str) -> float | None:
        """The last known rate in bytes/s, None for a destination that never took bytes for long enough."""
        with self._lock:
            return self._known.get(destination)

    def note(self, destination: str, began: float) -> None:
        """Remember the present rate at the end of a stretch of sending that began at `began` (monotonic)."""
        if self._clock() - began < WORTH_KNOWING_S:
            return
        with self._lock:
            meter = self._meters.get(destination)
            rate = meter.bytes_per_s() if meter is not None else 0.0
            if rate <= 0:
                return
            before = self._known.get(destination, rate)
            # Half of what was known before: one bad quarter of an hour says little about a line.
            self._known[destination] = known = (rate + before) / 2
        self._store.keep_uplink(destination, known)
