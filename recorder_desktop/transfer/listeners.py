"""Who is told of events: on the thread that the event happened on, under no lock."""

from __future__ import annotations

import threading
from collections.abc import Callable

from recorder_desktop.core.events import Event


class Listeners:
    """Calls every listener for every event. Safe from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Replaced as a whole under _lock, never changed: whoever emits walks the one it found.
        self._listeners: dict[object, Callable[[Event], None]] = {}

    def emit(self, event: Event) -> None:
        """Tell all."""
        for listener in self._listeners.values():
            listener(event)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Tell `listener` from now on; returns the function that ends it."""
        ticket = object()
        with self._lock:
            self._listeners = {**self._listeners, ticket: listener}
        return lambda: self._end(ticket)

    def _end(self, ticket: object) -> None:
        with self._lock:
            self._listeners = {kept: listener for kept, listener in self._listeners.items() if kept is not ticket}
