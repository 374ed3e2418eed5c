"""The RequestCounts port in memory, for tests of the services. Passes the same contract suite as the real ones."""

from __future__ import annotations

import threading

from backend.errors import CatalogueUnavailable


class MemoryRequestCounts:
    """Keeps counts in a dictionary. ``down`` makes every call fail as an outage would."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int], int] = {}
        self.down = False
        self._lock = threading.Lock()

    def count_requests(self, who: str, minute: int, count: int) -> int:
        if self.down:
            raise CatalogueUnavailable("The database cannot be reached.")
        with self._lock:
            self.counts[who, minute] = self.counts.get((who, minute), 0) + count
            return self.counts[who, minute]
