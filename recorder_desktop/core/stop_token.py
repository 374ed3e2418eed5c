"""Tells the threads that work on one upload to let go."""

from __future__ import annotations

import threading
from collections.abc import Callable

from recorder_desktop.core.errors import Interrupted


class StopToken:
    """Set once, never reset. Implements core.ports.StopSignal."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._actions: dict[object, Callable[[], None]] = {}  # guarded by _lock

    def set(self) -> None:
        """Ask everybody to let go, and run the registered actions on this thread."""
        with self._lock:
            self._event.set()
            actions = list(self._actions.values())
            self._actions.clear()
        for action in actions:
            action()

    def is_set(self) -> bool:
        """Whether to let go."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Interrupted when it is time to let go."""
        if self._event.is_set():
            raise Interrupted

    def wait(self, timeout_s: float) -> None:
        """Sleep, but not past the stop; then check()."""
        self._event.wait(timeout_s)
        self.check()

    def on_stop(self, action: Callable[[], None]) -> Callable[[], None]:
        """Register an action; returns the function that withdraws it. Runs it at once if already stopped."""
        ticket = object()
        with self._lock:
            stopped = self._event.is_set()
            if not stopped:
                self._actions[ticket] = action
        if stopped:
            action()
        return lambda: self._withdraw(ticket)

    def _withdraw(self, ticket: object) -> None:
        with self._lock:
            self._actions.pop(ticket, None)
