"""Knows when uploads leave time for work that can wait."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

QUIET_S = 2.0


class Quiet:
    """It is quiet when nothing has disturbed it in this process for a while. Any thread may call."""

    def __init__(self, quiet_s: float = QUIET_S, now: Callable[[], float] = time.monotonic) -> None:
        self._quiet_s = quiet_s
        self._now = now
        self._disturbed_at = -math.inf

    def disturb(self) -> None:
        """Note that an upload has ended just now: others may follow."""
        self._disturbed_at = self._now()

    def wait(self, patience_s: float, stopping: threading.Event) -> None:
        """Return when it is quiet, when that has taken too long, and at the end."""
        latest = self._now() + patience_s
        while (pause_s := min(self._disturbed_at + self._quiet_s, latest) - self._now()) > 0:
            if stopping.wait(pause_s):
                return
