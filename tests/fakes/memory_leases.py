"""The Leases port in memory."""

from __future__ import annotations

import threading
from datetime import datetime


class MemoryLeases:
    """Shared by all services that are given the same one."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, datetime]] = {}
        self.reports: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        with self._lock:
            other, held_until = self.held.get(name, (holder, now))
            free = other == holder or held_until <= now
            if free:
                self.held[name] = (holder, until)
            return free

    def report(self, name: str, holder: str, found: int, until: datetime) -> None:
        with self._lock:
            if name in self.held:
                self.reports[name] = found
            if self.held.get(name, ("", until))[0] == holder:
                self.held[name] = (holder, until)

    def found(self, name: str) -> int | None:
        return self.reports.get(name)
