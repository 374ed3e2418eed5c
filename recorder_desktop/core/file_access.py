"""Which of the threads that read files waits for its drive, and since when."""

from __future__ import annotations

import time


class FileAccess:
    """What one thread is at with files: a context around every call that may wait for a drive.

    Written by that thread alone, or by the one that hears of its work elsewhere while it waits for that; read by the
    one that watches, without a lock: it costs the hot path nothing.
    """

    def __init__(self) -> None:
        self._since: float | None = None  # monotonic

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._since = None

    def waits_s(self, now: float) -> float:
        """How long the drive has been waited for."""
        since = self._since
        return 0.0 if since is None else now - since

    def told(self, waits_s: float) -> None:
        """Whoever works for this thread has been waiting for so long."""
        self._since = time.monotonic() - waits_s if waits_s else None
